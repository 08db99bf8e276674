"""The columns of SDMX-CSV: those of a structure and those in a file's header."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import InputError, did_you_mean, nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION = "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"
DATAFLOW = "DATAFLOW"
SERIES_KEY, OBS_KEY = "SERIES_KEY", "OBS_KEY"
KEYS = (SERIES_KEY, OBS_KEY)

KEY_COLUMNS = {"none": (), "series": (SERIES_KEY,), "obs": (OBS_KEY,), "both": KEYS}
TIMES = ("original", "normalized")

DELETE, MERGE = "D", "M"
SWITCHED_OFF = "~"
"""Marks a dimension that an attribute does not describe; in deletions it differs from an empty field."""

KINDS = {"dataflow": "Dataflow", "datastructure": "DataStructure", "dataprovision": "ProvisionAgreement"}

DELIMITERS = ",;|\t^~#!$%&*/\\<>=?@'"
"""Possible delimiters: characters that the first column name cannot contain."""

LABEL = ": "


@dataclass(frozen=True, slots=True)
class CsvVersion:
    """A version of SDMX-CSV.

    `actions` maps each action to its equivalents on reading and writing; without an action column, rows have
    `default_action`. `labels` are the supported ways to show names.
    """

    id: str
    first: str
    _: KW_ONLY
    leading: tuple[str, ...]
    default_action: str
    actions: dict[str, str]
    labels: tuple[str, ...]
    own_rows: bool
    """Whether attributes may have their own rows, without an observation."""

    @property
    def name(self) -> str:
        return f"SDMX-CSV {self.id}"


def _same(actions: str) -> dict[str, str]:
    return {action: action for action in actions}


LABELS = ("id", "name", "both")
LEADING = (STRUCTURE, STRUCTURE_ID, ACTION)
V1_0 = CsvVersion(
    "1.0", DATAFLOW, leading=(DATAFLOW,), default_action="I", actions=_same("I"), labels=("id", "both"), own_rows=False
)
V2_0 = CsvVersion(
    "2.0", STRUCTURE, leading=LEADING, default_action="I", actions=_same("IAMRD"), labels=LABELS, own_rows=True
)
V2_1 = CsvVersion(
    "2.1",
    STRUCTURE,
    leading=LEADING,
    default_action=MERGE,
    actions=_same("MRD") | dict.fromkeys("IA", MERGE),
    labels=LABELS,
    own_rows=True,
)


LEVELS = ("observation", "series", "dimensions", "group", "dataset")
HEADER = re.compile(r"(?P<id>[^\[\]:]+)(?:\[(?P<languages>[^\[\]]*)\])?(?:: (?P<label>.*))?", re.DOTALL)
FIRST = re.compile(rf"(?P<name>{STRUCTURE}|{DATAFLOW})(?:\[(?P<inner>.)\])?")
PATH = re.compile(r"[A-Za-z0-9_@$\-]+(\[\])?(\.[A-Za-z0-9_@$\-]+(\[\])?)+(\[[^\[\]]*\])?")
"""The path of a nested attribute of reference metadata, such as ``CONTACT[].NAME[en;fr]``."""
SHORT = 3
"""Names up to this length, or differing this much in length, are not compared for misspelling."""
FIXED = (DATAFLOW, STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION, *KEYS)


def components(structure: DataStructure) -> list[Component]:
    attributes = [component for level in LEVELS for component in structure.attributes(level)]
    return [*structure.dimensions, *structure.measures, *attributes]


def reach(structure: DataStructure, attribute: Component) -> tuple[str, ...]:
    whole = {"dataset": (), "observation": structure.key, "series": structure.series_key}
    if attribute.attachment in whole:
        return whole[attribute.attachment]
    named = set(attribute.dimensions)
    if attribute.attachment == "group":
        named |= {name for group in structure.groups if group.id == attribute.group for name in group.dimensions}
    return tuple(name for name in structure.key if name in named)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the header: its 0-based index, id and form of values.

    `labelled` columns hold ``code: name``. `languages` is None for single values, empty for several values without
    language.
    """

    index: int
    id: str
    _: KW_ONLY
    labelled: bool = False
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The header of a file: its known columns by id, and the separator `inner` between values in a field."""

    name: str
    texts: tuple[str, ...]
    _: KW_ONLY
    columns: dict[str, Column]
    inner: str = ""
    reported: frozenset[str] = frozenset()
    """Ids of reference metadata attributes that its structures use; these are not in `columns`."""
    loose: bool = False
    """Whether further columns with brackets are attributes of reference metadata."""

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def place(self, index: int) -> Place:
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
    """Parse the header of the file `name`.

    Leaves the columns of `reported` attributes, and if `loose` all other columns with brackets, to `reported_columns`.
    Ignores columns that are not components, as the standard allows. With a column STRUCTURE_NAME, each component is
    followed by a column of names.

    Raises `InputError` for duplicate columns and misplaced brackets, or records the fault and leaves the column out.
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
    return Column(0, text.partition("[")[0].partition(LABEL)[0])


def column_of(header: TableHeader, index: int, text: str, component_ids: Collection[str]) -> Column | None:
    """Return the column that a header names, or None if it is not a component."""
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
    """Reject a column that looks like a misspelt component missing from the header."""
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
