"""The columns of SDMX-CSV: which a structure has, and what the header of a file says of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import InputError, did_you_mean, nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.formats.sdmx_csv.versions import (
    ACTION,
    DATAFLOW,
    KEYS,
    LABEL,
    STRUCTURE,
    STRUCTURE_ID,
    STRUCTURE_NAME,
)
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

LEVELS = ("observation", "series", "dimensions", "group", "dataset")
HEADER = re.compile(r"(?P<id>[^\[\]:]+)(?:\[(?P<languages>[^\[\]]*)\])?(?:: (?P<label>.*))?", re.DOTALL)
FIRST = re.compile(rf"(?P<name>{STRUCTURE}|{DATAFLOW})(?:\[(?P<inner>.)\])?")
PATH = re.compile(r"[A-Za-z0-9_@$\-]+(\[\])?(\.[A-Za-z0-9_@$\-]+(\[\])?)+(\[[^\[\]]*\])?")
"""The path of an attribute of reference metadata below another one, such as ``CONTACT[].NAME[en;fr]``."""
SHORT = 3
"""Names of so few letters are alike by chance; so are names whose lengths differ as much."""
FIXED = (DATAFLOW, STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION, *KEYS)


def components(structure: DataStructure) -> list[Component]:
    """The columns of a structure: its key, measures, and attributes from the observation upwards."""
    attributes = [component for level in LEVELS for component in structure.attributes(level)]
    return [*structure.dimensions, *structure.measures, *attributes]


def reach(structure: DataStructure, attribute: Component) -> tuple[str, ...]:
    """The dimensions that an attribute describes, in key order; none for one of the whole dataset."""
    whole = {"dataset": (), "observation": structure.key, "series": structure.series_key}
    if attribute.attachment in whole:
        return whole[attribute.attachment]
    named = set(attribute.dimensions)
    if attribute.attachment == "group":
        named |= {name for group in structure.groups if group.id == attribute.group for name in group.dimensions}
    return tuple(name for name in structure.key if name in named)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the header has it: its place from 0, its id, and how values stand in it.

    `labelled` columns hold ``code: name``; `languages` is None in a column of single values, else the languages that
    its values may be in, none for several values without a language.
    """

    index: int
    id: str
    _: KW_ONLY
    labelled: bool = False
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The first record of a file: the columns that say something, by id; `inner` stands between values in a field."""

    name: str
    texts: tuple[str, ...]
    _: KW_ONLY
    columns: dict[str, Column]
    inner: str = ""
    reported: frozenset[str] = frozenset()
    """The ids of attributes of reference metadata that its structures use; their columns are not among `columns`."""
    loose: bool = False
    """Whether a structure names a metadata structure: then further columns with brackets are such attributes too."""

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def place(self, index: int) -> Place:
        """Where a column's header is, from its place counted from 0."""
        return Place(self.name, line=1, column=index + 1)


def parse_header(
    name: str,
    texts: Sequence[str],
    component_ids: Collection[str],
    *,
    reported: Collection[str] = (),
    loose: bool = False,
    faults: Faults | None = None,
) -> TableHeader:
    """Read the header of the file `name`; `component_ids` are the ids of components that the data may have.

    The columns of `reported` attributes of reference metadata are left to `reported_columns`, and if the data are
    `loose` (`TableHeader.loose`) all that are no component and have brackets.

    Columns that are no component are the sender's own, which the standard allows, and are left out. If there is a
    column STRUCTURE_NAME, the column behind each component holds its names.

    Raises `InputError` for a column that stands twice, and for brackets where they cannot be; with `faults` it leaves
    such columns out.
    """
    first_match = FIRST.match(texts[0])
    inner = (first_match["inner"] or "") if first_match else ""
    has_names = any(text == STRUCTURE_NAME for text in texts)
    header = TableHeader(name, tuple(texts), columns={}, inner=inner, reported=frozenset(reported), loose=loose)
    is_names = False
    for index, text in enumerate(texts):
        column = first_column(text) if index == 0 else None
        try:
            column = column or column_of(header, index, text, component_ids)
        except InputError as error:
            fault(faults, error)
        if is_names and (column is None or column.id in header or text in texts[index + 1 :]):
            is_names = False
            continue
        is_names = False
        if column is None:
            continue
        if column.id in header:
            fault(faults, InputError(f"The column “{column.id}” stands twice.", header.place(index)))
            continue
        header.columns[column.id] = column
        is_names = has_names and column.id not in FIXED
    return header


def first_column(text: str) -> Column:
    """The first column, whose name may carry the character between values."""
    return Column(0, text.partition("[")[0].partition(LABEL)[0])


def column_of(header: TableHeader, index: int, text: str, component_ids: Collection[str]) -> Column | None:
    """The column that a header names; None if it is the sender's own."""
    match = HEADER.fullmatch(text)
    if match and (match["id"] in component_ids or match["id"] in FIXED):
        languages = match["languages"]
        if languages is None:
            return Column(index, match["id"], labelled=match["label"] is not None)
        if not header.inner:
            hint = "Several values in a field need it: write STRUCTURE[;] with the character that stands between them."
            raise InputError("The first column does not say what stands between values.", header.place(index), hint)
        split = tuple(language.strip() for language in languages.split(header.inner) if language.strip())
        return Column(index, match["id"], labelled=match["label"] is not None, languages=split)
    named = text.partition(LABEL)[0]
    is_reported = header.loose or named.partition("[")[0] in header.reported or PATH.fullmatch(named)
    if ("[" in text or "]" in text) and not is_reported:
        base = text.partition("[")[0]
        raise InputError(f"“{text}” is no column of this data.", header.place(index), did_you_mean(base, component_ids))
    return None


def refuse_misspelt(
    header: TableHeader, structure: DataStructure, component_ids: Collection[str], faults: Faults | None = None
) -> None:
    """Refuse a column that looks like a component which the header lacks: it would be passed over as the sender's own.

    Attributes of reference metadata are none: they have their own columns.
    """
    lacking = [component.id for component in components(structure) if component.id not in header]
    used = {column.index for column in header.columns.values()}
    names_follow = STRUCTURE_NAME in header
    for index, text in enumerate(header.texts):
        title = text.partition(LABEL)[0]
        if index in used or title in component_ids or (names_follow and index - 1 in used):
            continue
        if title.partition("[")[0] in header.reported or (STRUCTURE in header and PATH.fullmatch(title)):
            continue
        alike = [name for name in lacking if len(name) > SHORT and abs(len(name) - len(title)) < SHORT]
        if nearest(title, alike):
            hint = did_you_mean(title, alike)
            fault(faults, InputError(f"“{text}” is no column of this data.", header.place(index), hint))
