"""Status, source and file of artefacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sdmxmig.catalogue.folders import first_of_each, search_path
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset

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


DEFINED = ("INDICATOR", "ITEM")
TEXT_STATUS = "TEXT_STATUS"


def with_text_statuses(dataset: Dataset) -> Dataset:
    """Add the status of texts to a dataset, as a code of CL_IND_STATUS."""
    if TEXT_STATUS not in dataset.flow.structure:
        return dataset
    dimension = next(name for name in DEFINED if name in dataset.flow.structure)
    statuses = {item.id: item.status.upper() for item in dataset.flow.codelist(dimension) or () if item.status}
    declared = pl.col(dimension).cast(pl.String).replace_strict(statuses, default=None, return_dtype=pl.String)
    stated = [pl.col(TEXT_STATUS)] if TEXT_STATUS in dataset.observations.columns else []
    observations = dataset.observations.with_columns(pl.coalesce(*stated, declared).alias(TEXT_STATUS))
    return replace(dataset, observations=observations)
