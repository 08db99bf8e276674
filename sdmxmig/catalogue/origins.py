"""Status, source and file of artefacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sdmxmig.catalogue.folders import first_of_each, search_path
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation

STATUS, SOURCE = "STATUS", "SOURCE"


def noted(annotations: Iterable[Annotation], type_: str) -> str:
    return next(
        (
            str(annotation.text) or annotation.title or annotation.value
            for annotation in annotations
            if annotation.type == type_
        ),
        "",
    )


def status_of(described: object) -> str:
    return str(getattr(described, "status", "")) or noted(getattr(described, "annotations", ()), STATUS)


def source_of(described: object) -> str:
    source = getattr(described, "source", "")
    return source if isinstance(source, str) and source else noted(getattr(described, "annotations", ()), SOURCE)


def declared_files(workspace: Path | None = None) -> Mapping[tuple[str, str], Path]:
    paths: dict[tuple[str, str], Path] = {}
    for top in ("codelists", "structures"):
        for suffix in (".csv", ".toml"):
            for path in first_of_each(search_path(top, workspace), suffix).values():
                paths[path.parent.name, path.name] = path
    return paths


def file_of(place: Place | None, agency: str, files: Mapping[tuple[str, str], Path]) -> Path | None:
    if place is None:
        return None
    if (agency, place.file) in files:
        return files[agency, place.file]
    return next((path for (_, name), path in files.items() if name == place.file), None)
