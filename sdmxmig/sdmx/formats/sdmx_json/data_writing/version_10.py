"""Data in SDMX-JSON 1.0: one structure, three levels, and listed attribute values.

Attributes of groups and partial keys are repeated at their series, or at observations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.formats.dataset_notes import by_part
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import described_dimensions
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan, dimension, head, links, texts, values_part
from sdmxmig.sdmx.formats.sdmx_json.versions import ID
from sdmxmig.sdmx.formats.shapes import as_text, partial_tables, series_table
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

HINT = "Write SDMX-JSON 2.0, where that has a place."
Dims = tuple[str, ...]


def with_three_levels(datasets: Iterable[Dataset], layout: Layout) -> Iterator[Dataset]:
    """Move all attributes to the dataset, series or observations.

    Attributes of key parts come with or before their first block. Raises `SdmxmigError` for what this version lacks:
    multiple values, several measures or none, reports, deletions of key parts, attributes of any dimension value, and
    attributes without series or observation.
    """
    waiting: dict[Dims, pl.DataFrame] = {}
    for block in datasets:
        waiting = waiting if block.continues else {}
        structure = block.flow.structure
        at_series = structure.time is not None and layout.dimension_at_observation == structure.time.id
        check(block, at_series=at_series)
        for dims, frame in partial_tables(block).items():
            if dims:
                check_part(block, frame, dims)
                waiting[dims] = pl.concat([waiting[dims], frame], how="diagonal") if dims in waiting else frame
        series = series_table(block)
        names = [component.id for component in (*structure.measures, *structure.attributes("observation"))]
        observations = as_text(block, block.observations, structure.key, names)
        if at_series:
            of_periods = {dims: frame for dims, frame in waiting.items() if layout.dimension_at_observation in dims}
            observations = described(observations, of_periods)
            series = described(every_series(series, observations, structure), waiting)
        else:
            own = {structure.series_key: series} if series.width > len(structure.series_key) and series.height else {}
            observations, series = described(observations, {**own, **waiting}), pl.DataFrame()
            if block.series.height and not block.observations.height:
                raise refusal(block, "series without observations beside another dimension")
        whole = {dims: frame for dims, frame in block.partial.items() if not dims}
        flow = replace(block.flow, structure=moved(structure, at_series=at_series))
        yield replace(block, flow=flow, observations=observations, series=series, partial=whole)


def every_series(series: pl.DataFrame, observations: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    key = list(structure.series_key)
    if not key:
        return series
    keys = observations.select(key).unique(maintain_order=True)
    others = keys.join(series, on=key, how="anti", nulls_equal=True, maintain_order="left") if series.height else keys
    return pl.concat([series, others], how="diagonal") if series.width else others


def described(rows: pl.DataFrame, by_part_of_key: dict[Dims, pl.DataFrame]) -> pl.DataFrame:
    for dims, frame in by_part_of_key.items():
        if not set(dims) <= set(rows.columns):
            continue
        unrepeated = frame.unique(subset=list(dims), keep="last", maintain_order=True)
        rows = rows.join(unrepeated, on=list(dims), how="left", nulls_equal=True, maintain_order="left", suffix="#")
        twice = [name for name in rows.columns if name.endswith("#")]
        rows = rows.with_columns(pl.coalesce(name[:-1], name).alias(name[:-1]) for name in twice).drop(twice)
    return rows


def moved(structure: DataStructure, *, at_series: bool) -> DataStructure:
    def at_level(component: Component) -> Component:
        if component.role != "attribute" or component.attachment in ("dataset", "observation"):
            return component
        is_of_period = structure.time is not None and structure.time.id in described_dimensions(component, structure)
        level = "series" if at_series and not is_of_period else "observation"
        return replace(component, attachment=level, group="", dimensions=())

    return replace(structure, components=tuple(map(at_level, structure.components)))


def check(block: Dataset, *, at_series: bool) -> None:
    """Refuse what the version has no place for."""
    structure, key = block.flow.structure, list(block.flow.structure.key)
    places = ((), structure.key, *([structure.series_key] if at_series else []))
    if any(part not in places for part in by_part(block)):
        raise refusal(block, "a note on a part of the key")
    if len(structure.measures) != 1:
        raise refusal(block, "several measures" if structure.measures else "observations without a measure")
    if block.reports is not None and block.reports.height:
        raise refusal(block, "reports on data")
    frames = [block.observations, block.series, *block.partial.values()]
    for name in dict.fromkeys(name for frame in frames for name, kind in frame.schema.items() if kind == pl.List):
        raise refusal(block, f"the several values of {name}")
    there = [name for name in key if name in block.observations.columns]
    if block.action == "D" and block.observations.select(pl.any_horizontal(pl.col(there).is_null()).any()).item():
        raise refusal(block, "the deletion of a part of the key")


def check_part(block: Dataset, frame: pl.DataFrame, dims: Dims) -> None:
    if frame.select(pl.any_horizontal(pl.col(dims).is_null()).any()).item():
        raise refusal(block, f"an attribute of any value of one of {', '.join(dims)}")


def refusal(block: Dataset, what: str) -> SdmxmigError:
    return SdmxmigError(f"SDMX-JSON 1.0 cannot hold {what} of {block.flow.id}.", hint=HINT)


def structure_10(plan: FlowPlan, original: DataStructure) -> dict[str, object]:
    structure, dataflow = plan.flow.structure, plan.flow.dataflow
    name = dataflow.name or structure.name or Text.of(en=dataflow.ref.id)
    members: dict[str, object] = {**texts(plan, "name", name), **texts(plan, "description", dataflow.description)}
    members["links"] = links(plan)
    levels = {"series": plan.series, "observation": plan.observation}
    members["dimensions"] = {
        "dataSet": [],
        **{level: [dimension_10(plan, structure[name]) for name in names] for level, names in levels.items()},
    }
    members["attributes"] = {
        level: [attribute_10(plan, component, original) for component in plan.at(level)]
        for level in ("dataSet", "series", "observation")
    }
    return members


def dimension_10(plan: FlowPlan, component: Component) -> dict[str, object]:
    for value in plan.values[component.id].known:
        if not ID.fullmatch(value):
            message = f"SDMX-JSON 1.0 cannot hold “{value}” as a value of {component.id}."
            raise SdmxmigError(message, hint="It allows letters, digits, _, @, $ and -.")
    written = dimension(plan, component, plan.flow.structure.key.index(component.id))
    members = {name: value for name, value in written.items() if name not in ("format", "values")}
    return {**members, "values": [named(value) for value in listed(written)]}


def listed(written: dict[str, object]) -> list[dict[str, object]]:
    values = written.get("values", [])
    assert isinstance(values, list)  # noqa: S101 - made by us
    return values


def named(value: dict[str, object]) -> dict[str, object]:
    return {"id": value["value"], "name": value["value"]} if "value" in value else value


def attribute_10(plan: FlowPlan, component: Component, original: DataStructure) -> dict[str, object]:
    before = original[component.id]
    relationship: dict[str, object] = {"dimensions": list(described_dimensions(before, original))}
    if before.attachment == "observation":
        relationship = {"primaryMeasure": original.measure.id}
    elif before.attachment == "dataset":
        relationship = {"none": {}}
    values = [{"name": value["value"]} if "value" in value else value for value in listed(values_part(plan, component))]
    return {**head(plan, component), "relationship": relationship, "values": values}
