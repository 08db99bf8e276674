"""What artefacts of any kind say of their status and source, and in which file each of them was declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sdmxmig.catalogue.folders import first_of_each, search_path
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation

STATUS, SOURCE = "STATUS", "SOURCE"
"""The annotations that hold status and source where a kind of artefact has no field for them."""


def noted(annotations: Iterable[Annotation], type_: str) -> str:
    """The text of the first annotation of this type, else its title, else nothing."""
    return next(
        (
            str(annotation.text) or annotation.title or annotation.value
            for annotation in annotations
            if annotation.type == type_
        ),
        "",
    )


def status_of(described: object) -> str:
    """The status of an artefact, an item or a node: ``verified``, ``candidate`` or ``national``; empty if unsaid."""
    return str(getattr(described, "status", "")) or noted(getattr(described, "annotations", ()), STATUS)


def source_of(described: object) -> str:
    """Where an artefact, an item or a node says that it comes from."""
    source = getattr(described, "source", "")
    return source if isinstance(source, str) and source else noted(getattr(described, "annotations", ()), SOURCE)


def declared_files(workspace: Path | None = None) -> Mapping[tuple[str, str], Path]:
    """All files with declarations by the name of their folder and their own; those of the workspace win."""
    paths: dict[tuple[str, str], Path] = {}
    for top in ("codelists", "structures"):
        for suffix in (".csv", ".toml"):
            for path in first_of_each(search_path(top, workspace), suffix).values():
                paths[path.parent.name, path.name] = path
    return paths


def file_of(place: Place | None, agency: str, files: Mapping[tuple[str, str], Path]) -> Path | None:
    """The file in which something of an agency was declared; None for what no file declares."""
    if place is None:
        return None
    if (agency, place.file) in files:
        return files[agency, place.file]
    return next((path for (_, name), path in files.items() if name == place.file), None)
