"""SDMX-JSON data messages 1.0, 2.0 and 2.1 to datasets, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from sdmxmig.formats.sdmx_json.data_cells import column_type, is_plain, known_component, read_column
from sdmxmig.formats.sdmx_json.data_facts import (
    Fact,
    check_rest,
    described_dimensions,
    group_facts,
    groups_of,
    spread,
    widened,
)
from sdmxmig.formats.sdmx_json.data_flows import flow_of, references, refers_to
from sdmxmig.formats.sdmx_json.data_listing import UNDETERMINED, Listing, listing_of, walk
from sdmxmig.formats.sdmx_json.data_nodes import Node
from sdmxmig.formats.sdmx_json.data_rows import Rows, rows_of
from sdmxmig.formats.sdmx_json.data_versions import PROPERTIES
from sdmxmig.frames import origins_frame
from sdmxmig.intake.files import read_limited
from sdmxmig.intake.json import parse_json
from sdmxmig.model.artefacts import Component, DataStructure
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.references import Ref

BLOCK = 200_000
ACTIONS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D"}
EXTENSION = re.compile(r"x-([A-Za-z_]+)")


def read_data(name: str, stream: BinaryIO, flows: Mapping[str, Flow], version: str = "2.1") -> Iterator[Dataset]:
    """Read a data message; `name` is the file's, for messages, `version` the one that it is said to be.

    Data of a dataflow that is not among `flows` come with the structure that the message describes. Numbers keep their
    digits. Attributes come to the level of the structure wherever the message shows them; what an array leaves away is
    the default that the message names. Annotations have no place in a dataset: their indices are checked only.
    Yields blocks of at most 200,000 observations, the first one of a dataset with all series.

    Raises `InputError` with a JSON pointer, or with line and column, for everything that is wrong with the message.
    """
    root = Node(parse_json(read_limited(stream, name), name), name).of(dict, "A message")
    yield from datasets_of(root, flows, version)


def datasets_of(root: Node, flows: Mapping[str, Flow], version: str) -> Iterator[Dataset]:
    """The datasets of a parsed message, in blocks."""
    language = main_language(root)
    structures, datasets = parts_of(root, version)
    read: dict[int, tuple[Listing, Mapping[str, Ref]]] = {}
    for node in datasets:
        index = node.get("structure", int)
        number = index.value if index is not None else 0
        if not 0 <= number < len(structures):
            raise (index or node).wrong(f"There is no structure number {number}.", "Numbers count from 0.")
        if number not in read:
            read[number] = listing_of(structures[number], language), references(structures[number])
        listing, refs = read[number]
        flow = flow_of(listing, refs or references(node), flows, language)
        yield from dataset_of(node, listing, flow, refers_to(refs), version)


def main_language(root: Node) -> str:
    """The language of texts that stand alone: the first that the message says it has."""
    meta = root.get("meta", dict)
    languages = meta.elements("contentLanguages", str) if meta is not None else []
    return languages[0].value if languages else UNDETERMINED


def parts_of(root: Node, version: str) -> tuple[list[Node], list[Node]]:
    """The structures and the datasets of a message; raises `InputError` if it is no data message of this version."""
    data = root.get("data", dict)
    if data is None and ("dataSets" in root.value or "structure" in root.value):
        data = root  # drafts of 1.0 have no “data”
    if data is None or not {"dataSets", "structures", "structure"} & set(data.value):
        errors = [f"{one.value.get('code', '')} {one.text('title')}".strip() for one in root.elements("errors")]
        if errors:
            raise root.at("errors").wrong(f"The message holds errors and no data: {'; '.join(errors)}.")
        holds = ", ".join(sorted(data.value)) if data is not None else ""
        raise root.at("data").wrong("This is no data message.", f"It holds {holds}." if holds else "")
    old = "structure" in data.value and "structures" not in data.value
    if old != (version == "1.0") and ("structure" in data.value or "structures" in data.value):
        hint = f"Read it as {'sdmx-json-1.0' if old else 'sdmx-json-2.0 or sdmx-json-2.1'}."
        raise data.wrong(f"This is not SDMX-JSON {version}.", hint)
    if old:
        found = data.get("structure", dict)
        return [found] if found is not None else [], data.elements("dataSets")
    return data.elements("structures"), data.elements("dataSets")


@dataclass(frozen=True, slots=True)
class Reading:
    """One dataset while it is read: where it stands, what its message lists, and the structure of its dataflow."""

    node: Node
    listing: Listing
    flow: Flow
    names: Mapping[str, Component]
    action: str

    @property
    def structure(self) -> DataStructure:
        """The structure of the dataflow."""
        return self.flow.structure

    @property
    def defaults(self) -> bool:
        """Whether what an array leaves away is the default; in a deletion it is nothing."""
        return self.action != "D"


def dataset_of(node: Node, listing: Listing, flow: Flow, said: Ref | None, version: str) -> Iterator[Dataset]:
    """The blocks of one dataset."""
    components = {one.id: one for one in flow.structure.components}
    names = {one.id: known_component(one, components, flow.id) for one in listing.components}
    reading = Reading(node, listing, flow, names, action_of(node, version))
    rows = rows_of(node, listing, flow.structure)
    facts = [*dataset_facts(reading), *rows.series_facts(names, defaults=reading.defaults)]
    groups = groups_of(node, listing, flow.structure, names)
    facts += group_facts(groups, listing, names, flow.structure, defaults=reading.defaults)
    attributes, partial = of_dataset(reading, facts)
    properties = properties_of(node)
    deleted = [group.key for group in groups if reading.action == "D" and not any(c is not None for c in group.cells)]
    for start in range(0, max(rows.height, 1), BLOCK):
        observations, lifted = block_of(reading, rows, facts, start)
        if start == 0 and deleted:
            more = pl.DataFrame(deleted, schema=dict.fromkeys(flow.structure.key, pl.String))
            observations = pl.concat([observations, more], how="diagonal")
        series = series_of(reading, rows, [*facts, *lifted]) if start == 0 else empty_series(reading.structure)
        own = dict(partial) if start == 0 else {}
        for fact in lifted:
            add_partial(reading, own, fact)
        yield Dataset(
            flow, observations, series, attributes, origins_frame(), reading.action, own, properties, said, start > 0
        )


def action_of(node: Node, version: str) -> str:
    """The action of a dataset as SDMX's letter; one that is not said is a merge in 2.1, information before."""
    action = node.text("action")
    if not action:
        return "M" if version == "2.1" else "I"
    if action not in ACTIONS:
        raise node.at("action").wrong(f"“{action}” is no action.", f"It is one of {', '.join(ACTIONS)}.")
    return ACTIONS[action]


def properties_of(node: Node) -> dict[str, str]:
    """What a message says of the dataset itself, by the names of SDMX."""
    found = {SDMX: node.text(name) for name, SDMX in PROPERTIES.items()}
    for name, value in node.value.items():
        extension = EXTENSION.fullmatch(name)
        if extension and type(value) is str:
            found[extension[1]] = value
    return {name: value for name, value in found.items() if value}


def dataset_facts(reading: Reading) -> Iterator[Fact]:
    """The attributes that stand at the level of the dataset."""
    attributes = reading.listing.of("attribute", "dataSet")
    found = reading.node.get("attributes", list)
    if found is None and not (reading.defaults and any(one.default for one in attributes)):
        return
    where = found or reading.node.at("attributes")
    cells = list(found.value) if found is not None else []
    check_rest(where, cells, len(attributes), reading.listing)
    for index, (one, column) in enumerate(zip(attributes, walk([cells], len(attributes)), strict=False)):
        component = reading.names[one.id]

        def place(_: int, index: int = index) -> Node:
            return where.at(index)

        values = read_column(one, component, column, place, defaults=reading.defaults)
        if values[0] is not None:
            yield Fact(component, (), pl.DataFrame([values]), where.at(index))


def of_dataset(reading: Reading, facts: list[Fact]) -> tuple[dict[str, str], dict[tuple[str, ...], pl.DataFrame]]:
    """The attributes of the dataset, and those of groups and parts of the key."""
    attributes: dict[str, str] = {}
    partial: dict[tuple[str, ...], pl.DataFrame] = {}
    for fact in facts:
        if fact.component.attachment == "dataset" and is_plain(fact.component):
            found = spread(fact, (), pl.DataFrame())
            attributes.update(zip([fact.component.id], found[fact.component.id].to_list(), strict=False))
        else:
            add_partial(reading, partial, fact)
    return attributes, partial


def add_partial(reading: Reading, partial: dict[tuple[str, ...], pl.DataFrame], fact: Fact) -> None:
    """Add an attribute to those of its part of the key, if it describes one."""
    if fact.component.attachment in ("series", "observation"):
        return
    wanted = described_dimensions(fact.component, reading.structure)
    finer = set(wanted) <= set(fact.dimensions)
    table = spread(fact, wanted, pl.DataFrame()) if finer else widened(fact, wanted)
    before = partial.get(wanted)
    if before is None:
        partial[wanted] = table
    elif not wanted:
        partial[wanted] = pl.concat([before, table], how="horizontal")
    elif fact.component.id in before.columns:
        partial[wanted] = pl.concat([before, table], how="diagonal").unique(subset=wanted, maintain_order=True)
    else:
        partial[wanted] = before.join(
            table, on=list(wanted), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right"
        )


def block_of(reading: Reading, rows: Rows, facts: list[Fact], start: int) -> tuple[pl.DataFrame, list[Fact]]:
    """One block of observations, and the attributes in it that describe something larger."""
    structure = reading.structure
    keys = rows.keys(start, BLOCK)
    columns = rows.columns(reading.names, start, BLOCK, defaults=reading.defaults)
    own = {component.id for component in (*structure.measures, *structure.attributes("observation"))}
    lifted = [
        Fact(reading.names[name], structure.key, keys.with_columns(column), rows.node)
        for name, column in columns.items()
        if name not in own
    ]
    observations = keys.with_columns(column for name, column in columns.items() if name in own)
    for fact in facts:
        if fact.component.attachment == "observation":
            table = spread(fact, structure.key, keys)
            observations = observations.join(
                table, on=list(structure.key), how="left", nulls_equal=True, maintain_order="left"
            )
    return complete(observations, structure, own), lifted


def complete(table: pl.DataFrame, structure: DataStructure, wanted: set[str]) -> pl.DataFrame:
    """A table of observations with all columns of the structure in its order."""
    others = [one for one in structure.components if one.id in wanted]
    absent = [pl.lit(None, column_type(one)).alias(one.id) for one in others if one.id not in table.columns]
    return table.with_columns(absent).select(*structure.key, *(one.id for one in others))


def empty_series(structure: DataStructure) -> pl.DataFrame:
    """A table of series without rows."""
    own = {one.id: column_type(one) for one in structure.attributes("series")}
    return pl.DataFrame(schema={**dict.fromkeys(structure.series_key, pl.String), **own})


def series_of(reading: Reading, rows: Rows, facts: list[Fact]) -> pl.DataFrame:
    """All series of a dataset with their attributes."""
    structure, keys = reading.structure, list(reading.structure.series_key)
    found = rows.series_keys()
    tables = [spread(fact, keys, found) for fact in facts if fact.component.attachment == "series"]
    found = pl.concat([found, *(table.select(keys) for table in tables)]).unique(maintain_order=True)
    for table in tables:
        name = table.columns[-1]
        more = table.rename({name: f"{name} more"})  # an attribute may be told at two levels
        found = found.join(more, on=keys, how="left", nulls_equal=True, maintain_order="left")
        both = [one for one in (name, f"{name} more") if one in found.columns]
        found = found.with_columns(pl.coalesce(both).alias(name)).drop(f"{name} more")
    return pl.concat([empty_series(structure), found], how="diagonal")
