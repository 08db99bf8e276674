"""The `structures` part of a data message: components by level with their values, and columns by its indices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from operator import itemgetter
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.sdmx.formats.faults import Faults, report_fault
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import read_path
from sdmxmig.sdmx.formats.shapes import find_text_type
from sdmxmig.sdmx.model.artefacts import Item, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

LEVEL_MEMBERS = ("dataSet", "dimensionGroup", "series", "observation")
UNDETERMINED = "und"
"""The language tag (BCP 47) for an undetermined language."""

Cell = Any
"""A text, a list of texts, or a list of languages with texts."""


@dataclass(frozen=True, slots=True)
class ListedComponent:
    """A component as a message lists it: its level and possible values.

    `values` are the texts for indices, or None if the data hold values; `nested` replaces it for other than plain
    texts. `codes` are the coded values. `path` leads to an attribute of reference metadata, whose `id` is internal.
    """

    id: str
    role: str
    _: KW_ONLY
    level: str
    node: Node
    values: pl.Series | None = None
    nested: tuple[Cell, ...] | None = None
    codes: Mapping[str, Item] = field(default_factory=dict)
    default: str | None = None
    position: int | None = None
    path: tuple[str, ...] = ()

    @property
    def is_indexed(self) -> bool:
        return self.values is not None or self.nested is not None


@dataclass(frozen=True, slots=True)
class Listing:
    node: Node
    components: tuple[ListedComponent, ...]
    says_measures: bool
    annotations: int

    def of(self, role: str, level: str = "") -> list[ListedComponent]:
        return [component for component in self.components if component.role == role and level in ("", component.level)]


def read_listing(node: Node, language: str) -> Listing:
    """Read an element of `structures` (2.x) or the `structure` (1.0); raise `InputError` with its place."""
    components: list[ListedComponent] = []
    for role, name in (("dimension", "dimensions"), ("measure", "measures"), ("attribute", "attributes")):
        part = node.get(name, dict)
        if part is None:
            if role == "dimension":
                raise node.wrong("The dimensions are not listed.", "A data message lists its components.")
            continue
        for level in LEVEL_MEMBERS:
            components.extend(read_listed_component(node, role, level, language) for node in part.elements(level))
    names: set[str] = set()
    for component in components:
        if component.id in names:
            raise component.node.wrong(f"“{component.id}” is listed twice.")
        names.add(component.id)
    return Listing(
        node,
        tuple(components),
        says_measures=node.get("measures", dict) is not None,
        annotations=len(node.elements("annotations")),
    )


def read_listed_component(node: Node, role: str, level: str, language: str) -> ListedComponent:
    name = node.text("id")
    if not name:
        raise node.wrong("A component has no id.")
    path = read_path(node) if role == "attribute" else ()
    if path:
        return ListedComponent(f"{level}: {'.'.join(path)}", role, level=level, node=node, path=path)
    position = node.get("keyPosition", int)
    default = node.value.get("default")
    if default is not None and type(default) not in (str, int):
        raise node.at("default").wrong("The default must be a text.")
    parts: dict[str, Any] = {}
    if node.get("values", list) is not None:
        parts = read_listed_values(node, language)
    default_text = None if default is None else str(default)
    return ListedComponent(
        name, role, level=level, node=node, default=default_text, position=position.value if position else None, **parts
    )


def read_listed_values(component: Node, language: str) -> dict[str, Any]:
    cells: list[Cell] = []
    codes: dict[str, Item] = {}
    array = component.get("values", list)
    assert array is not None  # noqa: S101 - the caller has seen it
    for index, entry in enumerate(array.value):
        node = Node(entry, array.file, pointer=f"{array.pointer}/{index}")
        if entry is None:
            cells.append(None)
            continue
        code = node.of(dict).text("id")
        if code:
            cells.append(code)
            name, about = (Text.of(node.languages(f"{word}s", word, language)) for word in ("name", "description"))
            codes[code] = Item(code, name, description=about, parent=node.text("parent"))
        elif "value" in entry:
            cells.append(get_plain_value(entry["value"], node.at("value")))
        elif "values" in entry:
            cells.append(get_plain_value(entry["values"], node.at("values")))
        elif "name" in entry:  # an uncoded attribute of SDMX-JSON 1.0
            cells.append(node.text("name"))
        else:
            raise node.wrong("A value has neither an id nor a value.")
    if any(type(cell) is list for cell in cells):
        return {"nested": tuple(cells), "codes": codes}
    return {"values": pl.Series(cells, dtype=pl.String), "codes": codes}


def get_plain_value(value: Any, node: Node) -> Cell:
    kind = type(value)
    if value is None or kind is str:
        return value
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is dict:
        if not all(type(text) is str for text in value.values()):
            raise node.wrong("A text in several languages has a text for each.")
        return [{"language": language, "text": text} for language, text in value.items()] or None
    cells = [get_plain_value(element, node.at(index)) for index, element in enumerate(value)]
    if any(type(cell) is list and cell and type(cell[0]) is not dict for cell in cells):
        raise node.wrong("An attribute of data cannot contain arrays within arrays.")
    return [cell for cell in cells if cell is not None] or None


def walk(rows: Sequence[list[Any]], width: int) -> Iterator[list[Any]]:
    lengths = set(map(len, rows))
    if lengths - {width}:
        padding = [ABSENT_NODE] * width
        rows = [row + padding[len(row) :] if len(row) < width else row for row in rows]
    for index in range(width):
        yield list(map(itemgetter(index), rows))


class OmittedValue:
    """Marks a component after the end of an array."""

    __slots__ = ()


ABSENT_NODE = OmittedValue()


MISSING_TEXTS = ("NaN", "#N/A")
"""Codes for intentionally missing values, allowed instead of an index."""

PlaceOf = Callable[[int], Node]


def find_column_type(component: Component) -> pl.DataType:
    single: pl.DataType = find_text_type() if component.is_multilingual else pl.String()
    return pl.List(single) if component.is_array else single


def is_plain(component: Component) -> bool:
    return not (component.is_array or component.is_multilingual)


def read_column(
    listed: ListedComponent,
    component: Component,
    cells: Sequence[Any],
    place_of: PlaceOf,
    *,
    defaults: bool,
    faults: Faults | None = None,
) -> pl.Series:
    """Convert a column of a message to a column of a dataset; `place_of` locates a row.

    Omitted trailing values are the default if `defaults` is set. Raises `InputError` with its place for an invalid
    index or value, or records the fault and leaves the value out.
    """

    def read(row: int, cell: Any) -> Cell:
        try:
            return shape_value(component, read_cell(listed, cell, place_of(row)), place_of, row)
        except InputError as error:
            report_fault(faults, error)
            return None

    kinds = set(map(type, cells))
    absent = None
    if OmittedValue in kinds:
        kinds = kinds - {OmittedValue} | {type(None)}
        if defaults and listed.default is not None:
            absent = pl.Series([cell is ABSENT_NODE for cell in cells], dtype=pl.Boolean)
        cells = [None if cell is ABSENT_NODE else cell for cell in cells]
    quick = read_quick_column(listed, cells, kinds) if is_plain(component) else None
    if quick is None:
        quick = pl.Series([read(row, cell) for row, cell in enumerate(cells)], dtype=find_column_type(component))
    if absent is not None and absent.any():
        default = pl.Series([shape_value(component, listed.default, place_of, 0)], dtype=quick.dtype)
        frame = pl.DataFrame({"given": quick, "absent": absent})
        quick = frame.select(pl.when("absent").then(pl.lit(default)).otherwise("given").alias("given"))["given"]
    return quick.alias(component.id)


def read_quick_column(listed: ListedComponent, cells: Sequence[Any], kinds: set[type]) -> pl.Series | None:
    """Convert a column of a common type without checking each cell; return None for others."""
    if listed.values is not None and kinds <= {int, type(None)}:
        count = listed.values.len()
        try:
            indices = pl.Series(cells, dtype=pl.Int64)
        except (OverflowError, TypeError, pl.exceptions.PolarsError):
            return None  # an index beyond all numbers is found when cells are read one by one
        return listed.values.gather(indices) if indices.drop_nulls().is_between(0, count - 1).all() else None
    if listed.is_indexed:
        return None
    if kinds <= {str, type(None)}:
        return pl.Series(cells, dtype=pl.String)
    if kinds <= {str, int, type(None)}:
        return pl.Series([str(cell) if type(cell) is int else cell for cell in cells], dtype=pl.String)
    return None


def build_range_error(listed: ListedComponent, index: int, node: Node) -> InputError:
    entries = listed.nested if listed.nested is not None else listed.values
    count = len(entries) if entries is not None else 0
    return node.wrong(f"{listed.id} has {count} values, but this is index {index}.", "Indices count from 0.")


def read_cell(listed: ListedComponent, value: Any, node: Node) -> Cell:
    if not listed.is_indexed:
        return get_plain_value(value, node)
    if value is None or value in MISSING_TEXTS:
        return value
    if type(value) is list:
        cells = [read_cell(listed, element, node.at(index)) for index, element in enumerate(value)]
        return [cell for cell in cells if cell is not None] or None
    if type(value) is not int:
        hint = f"The values of {listed.id} are listed, so the data must contain their indices."
        raise node.wrong(f"“{value}” is not an index.", hint)
    entries = listed.nested if listed.nested is not None else listed.values
    if entries is None or not 0 <= value < len(entries):
        raise build_range_error(listed, value, node)
    return entries[value]


def shape_value(component: Component, cell: Cell, place_of: PlaceOf, row: int) -> Cell:
    if cell is None:
        return None
    values = cell if type(cell) is list and type(cell[0]) is not dict else [cell]
    if component.is_multilingual:
        values = [[{"language": UNDETERMINED, "text": value}] if type(value) is str else value for value in values]
    elif any(type(value) is list for value in values):
        values = [value[0]["text"] if type(value) is list and len(value) == 1 else value for value in values]
        if any(type(value) is list for value in values):
            hint = "Its structure does not allow several languages."
            raise place_of(row).wrong(f"{component.id} has several languages.", hint)
    if component.is_array:
        return values
    if len(values) > 1:
        raise place_of(row).wrong(f"{component.id} has {len(values)} values.", "Its structure allows only one.")
    return values[0]


def read_key_columns(
    keys: Sequence[str], dimensions: Sequence[ListedComponent], place_of: PlaceOf, faults: Faults | None
) -> tuple[dict[str, pl.Series], list[bool] | None]:
    """Split keys such as ``0:3:1`` into one column of indices per dimension.

    Raises `InputError` for malformed keys and invalid indices, or records the fault and leaves the key out; the second
    result marks the readable keys.
    """
    count, series = len(dimensions), pl.Series(keys, dtype=pl.String)
    if not count or not series.len():
        return {dimension.id: pl.Series(dimension.id, [], dtype=pl.UInt32) for dimension in dimensions}, None
    sound = series.str.contains(build_key_pattern(count))
    for row in (~sound).arg_true():
        hint = f"They are those of {', '.join(dimension.id for dimension in dimensions)}."
        report_fault(faults, place_of(row).wrong(f"The key “{keys[row]}” is not made of {count} indices.", hint))
    split = series.filter(sound).str.split_exact(":", count - 1).struct.unnest().cast(pl.UInt32)
    columns = dict(zip((dimension.id for dimension in dimensions), split.iter_columns(), strict=True))
    rows = sound.arg_true()
    within = pl.repeat(value=True, n=rows.len(), eager=True)
    for dimension in dimensions:
        beyond = columns[dimension.id] >= read_dimension_values(dimension).len()
        for place in beyond.arg_true():
            report_fault(
                faults, build_range_error(dimension, int(columns[dimension.id][place]), place_of(int(rows[place])))
            )
        within &= ~beyond
    if rows.len() == series.len() and within.all():
        return columns, None
    right = set(rows.filter(within))
    return {name: column.filter(within) for name, column in columns.items()}, [row in right for row in range(len(keys))]


def build_key_pattern(count: int) -> str:
    return rf"^[0-9]{{1,9}}(?::[0-9]{{1,9}}){{{count - 1}}}$"


def read_dimension_values(listed: ListedComponent) -> pl.Series:
    if listed.values is None or listed.values.null_count():
        raise listed.node.wrong(f"The values of the dimension {listed.id} are not listed.")
    return listed.values


def find_component(listed: ListedComponent, components: dict[str, Component], flow: str) -> Component:
    component = components.get(listed.id)
    role = "dimension" if component and component.role == "time" else component.role if component else ""
    if component is None or role != listed.role:
        names_of_role = [
            component.id
            for component in components.values()
            if component.role.replace("time", "dimension") == listed.role
        ]
        hint = did_you_mean(listed.id, names_of_role)
        raise listed.node.at("id").wrong(f"{flow} has no {listed.role} “{listed.id}”.", hint)
    return component


INDEX = pl.UInt32
NoteNumbers = pl.DataFrame
"""Row numbers (``row``) with numbers of annotations (``note``) in the message."""


def note_numbers(pairs: Iterable[tuple[int, int]]) -> NoteNumbers | None:
    rows = list(pairs)
    return pl.DataFrame(rows, schema={"row": INDEX, "note": INDEX}, orient="row") if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReading:
    """A dataset being read: its position, listing and structure.

    `names` are the components by listed id; unknown ones are left out. `observation` is the order of an observation's
    array: measures, then attributes. `language` is the default language. `reported` are the listed attributes of
    reference metadata with their paths; their columns hold JSON.
    """

    node: Node
    listing: Listing
    flow: Flow
    names: Mapping[str, Component]
    action: str
    observation: tuple[ListedComponent, ...]
    fixed: tuple[str, ...]
    version: str
    language: str
    faults: Faults | None = None
    reported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def structure(self) -> DataStructure:
        return self.flow.structure

    @property
    def defaults(self) -> bool:
        return self.action != "D"

    def decode_codes(self, codes: pl.DataFrame) -> pl.DataFrame:
        listed = {component.id: component for component in self.listing.of("dimension")}
        names = [name for name in self.structure.key if name in codes.columns]
        if not codes.height:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        columns = [read_dimension_values(listed[name]).gather(codes[name]).alias(name) for name in names]
        return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


@dataclass(frozen=True, slots=True)
class DatasetPiece:
    """Some observations and series of a dataset.

    `codes` has a column of indices per dimension, `columns` the values at observations. `parents` gives the series of
    each observation, or None if flat; `heads` and `attributes` describe the series. `notes` and `head_notes` link rows
    of `codes` and `heads` to annotations (`NoteNumbers`).
    """

    codes: pl.DataFrame
    columns: Mapping[str, pl.Series]
    _: KW_ONLY
    parents: pl.Series | None = None
    heads: pl.DataFrame | None = None
    attributes: Mapping[str, pl.Series] | None = None
    notes: NoteNumbers | None = None
    head_notes: NoteNumbers | None = None

    @property
    def height(self) -> int:
        return self.codes.height

    def cut(self, size: int) -> list[DatasetPiece]:
        """Cut into pieces of at most `size` observations; empty series come with the next piece, or last."""
        if self.height <= size:
            return [self]
        return [self._slice(start, min(size, self.height - start)) for start in range(0, self.height, size)]

    def _slice(self, start: int, count: int) -> DatasetPiece:
        codes = self.codes.slice(start, count)
        columns = {name: column.slice(start, count) for name, column in self.columns.items()}
        notes = slice_notes(self.notes, start, count)
        if self.parents is None or self.heads is None:
            return DatasetPiece(codes, columns, notes=notes)
        is_last = start + count == self.height
        first_head = min(int(self.parents[start]), int(self.parents[start - 1]) + 1) if start else 0
        end = self.heads.height if is_last else int(self.parents[start + count - 1]) + 1
        attributes = {
            name: column.slice(first_head, end - first_head) for name, column in (self.attributes or {}).items()
        }
        parents = self.parents.slice(start, count) - first_head
        heads, head_notes = (
            self.heads.slice(first_head, end - first_head),
            slice_notes(self.head_notes, first_head, end - first_head),
        )
        return DatasetPiece(
            codes, columns, parents=parents, heads=heads, attributes=attributes, notes=notes, head_notes=head_notes
        )


def slice_notes(notes: NoteNumbers | None, start: int, count: int) -> NoteNumbers | None:
    if notes is None:
        return None
    selected = notes.filter(pl.col("row").is_between(start, start + count - 1))
    return selected.with_columns(pl.col("row") - start) if selected.height else None
