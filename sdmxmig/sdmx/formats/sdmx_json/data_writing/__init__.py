"""Datasets to SDMX-JSON data messages by block; datasets wait in a file, since values are listed first."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import BinaryIO, cast

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import Layout, UniformBlocks
from sdmxmig.sdmx.formats.dataset_notes import group_notes_by_part
from sdmxmig.sdmx.formats.sdmx_json.data_writing.body import JsonDatasetBody
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan, plan_flow, to_json, write_structure
from sdmxmig.sdmx.formats.sdmx_json.headers import write_errors, write_meta
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS, JsonVersion
from sdmxmig.sdmx.formats.shapes import build_series_table, convert_to_text, split_partial_tables
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header

IN_MEMORY, PIECE = 1 << 26, 1 << 20


def write_data(datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout, version: str) -> None:
    """Write datasets as one message, as series or flat; `continues` marks further blocks of a dataset.

    Datasets of one dataflow share a description. Null is ``null``, numbers keep their digits, intentionally missing
    values are text. Series appear in order of first appearance.

    Raises `SdmxmigError` if there is no dataset, and for an unknown dimension or column, duplicate observations or
    series, and incomplete keys.
    """
    dialect = VERSIONS[version]
    if isinstance(datasets, UniformBlocks) and datasets.values is not None and not dialect.lists_all:
        write_at_once(datasets, header, stream, layout=layout, dialect=dialect)
        return
    originals: dict[Ref, DataStructure] = {}
    datasets = record_structures(datasets, originals)
    if dialect.lists_all:
        datasets = convert_to_three_levels(datasets, layout)
    plans: dict[tuple[Ref, Ref, Ref | None], FlowPlan] = {}
    numbers: dict[tuple[Ref, Ref, Ref | None], list[int]] = {}
    waiting_bodies: list[tuple[int, JsonDatasetBody]] = []
    count = 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        waiting = cast("BinaryIO", spool)
        for blocks in group_blocks(datasets):
            first_block = next(blocks)
            key = (first_block.flow.dataflow.ref, first_block.flow.structure.ref, first_block.refers_to)
            if key not in plans:
                plans[key] = plan_flow(first_block.flow, first_block.refers_to, layout, dialect)
            body = JsonDatasetBody(plans[key], list(plans).index(key), first_block, waiting, is_first=count == 0)
            body.add(first_block)
            for block in blocks:
                body.add(block)
            dataset_count = body.close()
            if body.waits_at is not None:
                waiting_bodies.append((body.waits_at, body))
            numbers.setdefault(key, []).extend(range(count, count + dataset_count))
            count += dataset_count
        if not count:
            raise SdmxmigError("There is no dataset to write.", hint="Give at least one.")
        followed = [(plan, numbers[key]) for key, plan in plans.items()]
        stream.write(write_beginning(followed, header, layout, dialect, originals=originals))
        spool.seek(0)
        for place, body in waiting_bodies:
            copy(waiting, stream, place - waiting.tell())
            stream.write(body.write_trailer().encode())
        shutil.copyfileobj(waiting, stream, PIECE)
        stream.write(write_end(header, layout))


def write_at_once(
    datasets: UniformBlocks, header: Header, stream: BinaryIO, *, layout: Layout, dialect: JsonVersion
) -> None:
    """Write one dataset whose values are known beforehand, without a temporary file.

    Raises `SdmxmigError` if there is no dataset or it differs from its description; the message is then incomplete.
    """
    blocks = iter(datasets)
    first_block = next(blocks, None)
    if first_block is None:
        raise SdmxmigError("There is no dataset to write.", hint="Give at least one.")
    plan = plan_flow(first_block.flow, first_block.refers_to, layout, dialect)
    for name, listed in plan.values.items():
        listed.learn((datasets.values or {}).get(name, ()))
    counts = {name: len(listed.known) for name, listed in plan.values.items()}
    stream.write(write_beginning([(plan, [0])], header, layout, dialect, originals={}))
    body = JsonDatasetBody(plan, 0, first_block, stream, is_first=True)
    for block in chain([first_block], blocks):
        body.add(block)
    has_more = {name: len(listed.known) for name, listed in plan.values.items()} != counts
    if body.close() != 1 or body.waits_at is not None or has_more or plan.notes:
        raise SdmxmigError(f"The data of {plan.flow.id} differ from the data whose values were declared.")
    stream.write(write_end(header, layout))


def record_structures(datasets: Iterable[Dataset], structures: dict[Ref, DataStructure]) -> Iterator[Dataset]:
    """Yield datasets and note their structures; raise `SdmxmigError` if two of one name differ in components."""
    for dataset in datasets:
        structure = dataset.flow.structure
        noted_structure = structures.setdefault(structure.ref, structure)
        if noted_structure.components != structure.components:
            message = f"Two datasets have the structure {structure.ref.short}, with different components."
            hint = "Write them as two messages, or read both with the same structure."
            raise SdmxmigError(message, Place(dataset.flow.id), hint)
        yield dataset


def write_beginning(
    plans: Iterable[tuple[FlowPlan, list[int]]],
    header: Header,
    layout: Layout,
    dialect: JsonVersion,
    *,
    originals: Mapping[Ref, DataStructure],
) -> bytes:
    """Build the message up to its datasets; raise `SdmxmigError` for more dataflows than the version allows."""
    followed = list(plans)
    structures = [write_structure(plan, numbers, originals) for plan, numbers in followed]
    if dialect.lists_all and len(followed) > 1:
        flows = ", ".join(plan.flow.id for plan, _ in followed)
        raise SdmxmigError(f"A message of SDMX-JSON 1.0 has one dataflow, but these data have {flows}.")
    languages = {language for plan, _ in followed for language in plan.languages}
    meta = write_meta(header, languages, dialect, layout.language)
    root = f'"$schema":{to_json(dialect.schema)},\n' if dialect.schema_in_root else ""
    described = ",\n".join(map(to_json, structures))
    named = f'"structure":{described}' if dialect.lists_all else f'"structures":[{described}]'
    return f'{{{root}"meta":{to_json(meta)},\n"data":{{{named},\n"dataSets":['.encode()


def write_end(header: Header, layout: Layout) -> bytes:
    notes = write_errors(header.notes, layout.language)
    errors = ',\n"errors":' + to_json(notes) if notes else ""
    return f"\n]}}{errors}}}\n".encode()


def copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0:
        piece = source.read(min(count, PIECE))
        target.write(piece)
        count -= len(piece)


def group_blocks(datasets: Iterable[Dataset]) -> Iterator[Iterator[Dataset]]:
    """Group blocks by dataset; read each group to its end before the next."""
    source = iter(datasets)
    following = next(source, None)

    def blocks() -> Iterator[Dataset]:
        nonlocal following
        while following is not None:
            current, following = following, next(source, None)
            yield current
            if following is None or not following.continues:
                return

    while following is not None:
        yield blocks()


VERSION_HINT = "Write SDMX-JSON 2.0, where that has a place."
Dims = tuple[str, ...]


def convert_to_three_levels(datasets: Iterable[Dataset], layout: Layout) -> Iterator[Dataset]:
    """Move all attributes to the dataset, series or observations.

    Attributes of key parts come with or before their first block. Raises `SdmxmigError` for content that this version
    lacks: multiple values, several measures or none, reports, deletions of key parts, attributes of any dimension
    value, and series and attributes without observations.
    """
    waiting: dict[Dims, pl.DataFrame] = {}
    unused: dict[Dims, pl.DataFrame] = {}
    for block in datasets:
        if not block.continues:
            refuse_unused(unused)
            waiting, unused = {}, {}
        structure = block.flow.structure
        at_series = structure.time is not None and layout.dimension_at_observation == structure.time.id
        check(block, at_series=at_series)
        for dims, frame in split_partial_tables(block).items():
            if dims:
                if any(frame[name].null_count() for name in dims):
                    raise build_refusal(block, f"an attribute of any value of one of {', '.join(dims)}")
                for kept in (waiting, unused):
                    kept[dims] = pl.concat([kept[dims], frame], how="diagonal") if dims in kept else frame
        series = build_series_table(block)
        names = [component.id for component in (*structure.measures, *structure.attributes("observation"))]
        observations = convert_to_text(block, block.observations, structure.key, names)
        if at_series:
            of_periods = {dims: frame for dims, frame in waiting.items() if layout.dimension_at_observation in dims}
            observations = add_attributes(observations, of_periods)
            series = add_attributes(join_all_series(series, observations, structure), waiting)
        else:
            own = {structure.series_key: series} if series.height else {}
            refuse_unused(find_unused(own, observations))
            observations, series = add_attributes(observations, {**own, **waiting}), pl.DataFrame()
        for rows in (series, observations):
            unused |= find_unused(unused, rows)
        whole = {dims: frame for dims, frame in block.partial.items() if not dims}
        flow = replace(block.flow, structure=move_attributes(structure, at_series=at_series))
        yield replace(block, flow=flow, observations=observations, series=series, partial=whole)
    refuse_unused(unused)


def find_unused(frames: dict[Dims, pl.DataFrame], rows: pl.DataFrame) -> dict[Dims, pl.DataFrame]:
    return {
        dims: frame.join(rows, on=list(dims), how="anti", nulls_equal=True)
        for dims, frame in frames.items()
        if set(dims) <= set(rows.columns)
    }


def refuse_unused(frames: dict[Dims, pl.DataFrame]) -> None:
    for dims, frame in frames.items():
        if frame.height:
            part = ".".join(frame.select(dims).row(0))
            raise SdmxmigError(
                f"SDMX-JSON 1.0 has no place for {part} without observations in this layout.", hint=VERSION_HINT
            )


def join_all_series(series: pl.DataFrame, observations: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    key = list(structure.series_key)
    if not key:
        return series
    keys = observations.select(key).unique(maintain_order=True)
    others = keys.join(series, on=key, how="anti", nulls_equal=True, maintain_order="left") if series.height else keys
    return pl.concat([series, others], how="diagonal") if series.width else others


def add_attributes(rows: pl.DataFrame, by_part_of_key: dict[Dims, pl.DataFrame]) -> pl.DataFrame:
    for dims, frame in by_part_of_key.items():
        if not set(dims) <= set(rows.columns):
            continue
        unrepeated = frame.unique(subset=list(dims), keep="last", maintain_order=True)
        rows = rows.join(unrepeated, on=list(dims), how="left", nulls_equal=True, maintain_order="left", suffix="#")
        twice = [name for name in rows.columns if name.endswith("#")]
        rows = rows.with_columns(pl.coalesce(name[:-1], name).alias(name[:-1]) for name in twice).drop(twice)
    return rows


def move_attributes(structure: DataStructure, *, at_series: bool) -> DataStructure:
    def at_level(component: Component) -> Component:
        if component.role != "attribute" or component.attachment in ("dataset", "observation"):
            return component
        is_of_period = structure.time is not None and structure.time.id in structure.list_described(component)
        level = "series" if at_series and not is_of_period else "observation"
        return replace(component, attachment=level, group="", dimensions=())

    return replace(structure, components=tuple(map(at_level, structure.components)))


def check(block: Dataset, *, at_series: bool) -> None:
    structure, key = block.flow.structure, list(block.flow.structure.key)
    places = ((), structure.key, *([structure.series_key] if at_series else []))
    if any(part not in places for part in group_notes_by_part(block)):
        raise build_refusal(block, "a note on a part of the key")
    if len(structure.measures) != 1:
        raise build_refusal(block, "several measures" if structure.measures else "observations without a measure")
    if block.reports is not None and block.reports.height:
        raise build_refusal(block, "reports on data")
    frames = [block.observations, block.series, *block.partial.values()]
    for name in dict.fromkeys(name for frame in frames for name, kind in frame.schema.items() if kind == pl.List):
        raise build_refusal(block, f"the several values of {name}")
    there = [name for name in key if name in block.observations.columns]
    if block.action == "D" and block.observations.select(pl.any_horizontal(pl.col(there).is_null()).any()).item():
        raise build_refusal(block, "the deletion of a part of the key")


def build_refusal(block: Dataset, what: str) -> SdmxmigError:
    return SdmxmigError(f"SDMX-JSON 1.0 cannot contain {what} of {block.flow.id}.", hint=VERSION_HINT)
