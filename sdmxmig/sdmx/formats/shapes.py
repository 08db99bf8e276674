"""The columns of a dataset, and checks of them before writing."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.frames import is_distinct
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component, DataStructure


def find_text_type() -> pl.List:
    return pl.List(pl.Struct({"language": pl.String, "text": pl.String}))


def choose_type(component: Component) -> pl.DataType:
    if component.is_multilingual:
        return find_text_type()
    return pl.List(pl.String) if component.is_array else pl.String()


def choose_observation_dimension(structure: DataStructure, requested: str) -> str:
    return ALL_DIMENSIONS if structure.key == (requested,) else requested


def list_observation_ids(structure: DataStructure) -> list[str]:
    time = [structure.time.id] if structure.time else []
    return [*time, *(c.id for c in (*structure.measures, *structure.attributes("observation")))]


def split_tables(dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return observations and unique series as text columns.

    Raises `SdmxmigError` for unknown or misplaced columns, missing dimensions, numeric columns, and contradictory
    series attributes.
    """
    structure, key = dataset.flow.structure, list(dataset.flow.structure.series_key)
    attribute_ids = {component.id for component in structure.attributes("dataset")}
    for name in dataset.attributes:
        if name not in attribute_ids:
            raise SdmxmigError(f"{name} is not an attribute of datasets of {dataset.flow.id}.")
    observations = convert_to_text(dataset, dataset.observations, list(structure.key), list_observation_ids(structure))
    series = build_series_table(dataset)
    if key and is_distinct(series, key):
        return observations, series
    series = series.unique(maintain_order=True)
    twice = series.filter(series.select(key).is_duplicated())
    if twice.height:
        named = ".".join(value or "" for value in twice.select(key).row(0))
        raise SdmxmigError(f"The series {named} of {dataset.flow.id} occurs twice, with different attributes.")
    return observations, series


def build_series_table(dataset: Dataset) -> pl.DataFrame:
    """Return the series of a dataset as text columns; none if time is the only dimension."""
    structure, frame = dataset.flow.structure, dataset.series
    if structure.series_key:
        names = [component.id for component in structure.attributes("series")]
        return convert_to_text(dataset, frame, structure.series_key, names)
    attribute_names = [name for name in frame.columns if frame[name].null_count() < frame.height]
    if attribute_names:
        message = (
            f"{', '.join(attribute_names)} of {dataset.flow.id} cannot describe a series: time is the only dimension."
        )
        raise SdmxmigError(message, hint="Let the attribute describe the whole dataset.")
    return frame.clear().select()


def split_partial_tables(dataset: Dataset) -> dict[tuple[str, ...], pl.DataFrame]:
    structure = dataset.flow.structure
    attributes = [component.id for component in structure.attributes()]
    text_frames = {}
    for dimensions, frame in dataset.partial.items():
        for name in dimensions:
            if name not in structure.key:
                raise SdmxmigError(f"{name} is not a dimension of {dataset.flow.id}.")
        text_frames[dimensions] = convert_to_text(dataset, frame, dimensions, attributes)
    return text_frames


def convert_to_text(dataset: Dataset, frame: pl.DataFrame, key: Sequence[str], others: Sequence[str]) -> pl.DataFrame:
    if not frame.width:
        frame = pl.DataFrame(schema=dict.fromkeys(key, pl.String))
    for name in key:
        if name not in frame.columns:
            raise SdmxmigError(f"A table of {dataset.flow.id} has no column {name}.")
    single = []
    for name, kind in frame.schema.items():
        if name not in (*key, *others):
            raise SdmxmigError(f"{name} has no place in a table of {dataset.flow.id} with {', '.join(key)}.")
        if isinstance(kind, pl.List) and name not in key and is_several(kind):
            continue
        if kind not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            hint = "Give the values as text, so that they keep their digits."
            raise SdmxmigError(f"{name} of {dataset.flow.id} is a column of {kind}, not of text.", hint=hint)
        if kind != pl.String:
            single.append(name)
    return frame.with_columns(pl.col(single).cast(pl.String)) if single else frame


def is_several(kind: pl.DataType) -> bool:
    return kind in (pl.List(pl.String), find_text_type(), pl.List(pl.Null))


def list_several_columns(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if is_several(kind)]
