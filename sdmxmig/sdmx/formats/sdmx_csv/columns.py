"""The columns of SDMX-CSV and the content of a field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean, find_nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, convert_to_surplus, report_fault
from sdmxmig.sdmx.formats.shapes import choose_type
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION = "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"
DATAFLOW = "DATAFLOW"
SERIES_KEY, OBS_KEY = "SERIES_KEY", "OBS_KEY"
KEYS = (SERIES_KEY, OBS_KEY)

KEY_COLUMNS = {"none": (), "series": (SERIES_KEY,), "obs": (OBS_KEY,), "both": KEYS}
TIME_FORMATS = ("original", "normalized")

DELETE, MERGE = "D", "M"
DISABLED_VALUE = "~"
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
    """Check whether attributes may have their own rows, without an observation."""

    @property
    def name(self) -> str:
        return f"SDMX-CSV {self.id}"


def _map_to_itself(actions: str) -> dict[str, str]:
    return {action: action for action in actions}


LABEL_CHOICES = ("id", "name", "both")
LEADING_COLUMNS = (STRUCTURE, STRUCTURE_ID, ACTION)
V1_0 = CsvVersion(
    "1.0",
    DATAFLOW,
    leading=(DATAFLOW,),
    default_action="I",
    actions=_map_to_itself("I"),
    labels=("id", "both"),
    own_rows=False,
)
V2_0 = CsvVersion(
    "2.0",
    STRUCTURE,
    leading=LEADING_COLUMNS,
    default_action="I",
    actions=_map_to_itself("IAMRD"),
    labels=LABEL_CHOICES,
    own_rows=True,
)
V2_1 = CsvVersion(
    "2.1",
    STRUCTURE,
    leading=LEADING_COLUMNS,
    default_action=MERGE,
    actions=_map_to_itself("MRD") | dict.fromkeys("IA", MERGE),
    labels=LABEL_CHOICES,
    own_rows=True,
)


LEVEL_ORDER = ("observation", "series", "dimensions", "group", "dataset")
HEADER = re.compile(r"(?P<id>[^\[\]:]+)(?:\[(?P<languages>[^\[\]]*)\])?(?:: (?P<label>.*))?", re.DOTALL)
FIRST_CELL = re.compile(rf"(?P<name>{STRUCTURE}|{DATAFLOW})(?:\[(?P<inner>.)\])?")
ATTRIBUTE_PATH = re.compile(r"[A-Za-z0-9_@$\-]+(\[\])?(\.[A-Za-z0-9_@$\-]+(\[\])?)+(\[[^\[\]]*\])?")
"""The path of a nested attribute of reference metadata, such as ``CONTACT[].NAME[en;fr]``."""
REPORTED_ELSEWHERE = "Ask for reference metadata in SDMX-ML or SDMX-JSON."
MAX_SHORT = 3
"""Names up to this length, or differing this much in length, are not compared for misspelling."""
FIXED_COLUMNS = (DATAFLOW, STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION, *KEYS)


def list_components(structure: DataStructure) -> list[Component]:
    attributes = [component for level in LEVEL_ORDER for component in structure.attributes(level)]
    return [*structure.dimensions, *structure.measures, *attributes]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the header: its 0-based index, id and form of values.

    `labelled` columns hold ``code: name``. `languages` is None for single values, empty for several values without
    language.
    """

    index: int
    id: str
    labelled: bool = False
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHeader:
    """The header of a file: its known columns by id, and the separator `inner` between values in a field."""

    name: str
    texts: tuple[str, ...]
    columns: dict[str, Column]
    inner: str = ""
    reported: list[int] = field(default_factory=list)
    """The indices of columns of reference metadata, which are left out."""

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def place(self, index: int) -> Place:
        return Place(self.name, line=1, column=index + 1)


def parse_header(
    name: str,
    texts: Sequence[str],
    component_ids: Collection[str],
    *,
    reported_ids: Collection[str] = (),
    loose: bool = False,
    faults: Faults | None = None,
) -> TableHeader:
    """Parse the header of the file `name`.

    Ignores columns that are not components, as the standard allows. With a column STRUCTURE_NAME, each component is
    followed by a column of names.

    Raises `InputError` for duplicate columns, misplaced brackets and reference metadata (attributes of `reported_ids`,
    paths, and if `loose` all other columns with brackets), or records the fault and leaves the column out.
    """
    first_match = FIRST_CELL.match(texts[0])
    inner = (first_match["inner"] or "") if first_match else ""
    has_names = any(text == STRUCTURE_NAME for text in texts)
    header = TableHeader(name=name, texts=tuple(texts), columns={}, inner=inner)
    is_names = False
    for index, text in enumerate(texts):
        column = Column(0, text.partition("[")[0].partition(LABEL)[0]) if index == 0 else None
        try:
            column = column or find_column(header, index, text, component_ids)
            if column is None:
                refuse_unreadable(header, index, text, component_ids, reported_ids=reported_ids, loose=loose)
        except InputError as error:
            report_fault(faults, error)
        if is_names and (column is None or column.id in header or text in texts[index + 1 :]):
            is_names = False
            continue
        is_names = False
        if column is None:
            continue
        if column.id in header:
            report_fault(faults, InputError(f"The column “{column.id}” occurs twice.", header.place(index)))
            continue
        header.columns[column.id] = column
        is_names = has_names and column.id not in FIXED_COLUMNS
    return header


def find_column(header: TableHeader, index: int, text: str, component_ids: Collection[str]) -> Column | None:
    match = HEADER.fullmatch(text)
    if match and (match["id"] in component_ids or match["id"] in FIXED_COLUMNS):
        languages = match["languages"]
        if languages is None:
            return Column(index, match["id"], labelled=match["label"] is not None)
        if not header.inner:
            hint = "Several values in a field need it: write STRUCTURE[;] with the character that separates them."
            raise InputError("The first column does not name the separator of values.", header.place(index), hint)
        split = tuple(language.strip() for language in languages.split(header.inner) if language.strip())
        return Column(index, match["id"], labelled=match["label"] is not None, languages=split)
    return None


def refuse_unreadable(
    header: TableHeader,
    index: int,
    text: str,
    component_ids: Collection[str],
    *,
    reported_ids: Collection[str],
    loose: bool,
) -> None:
    """Reject columns of reference metadata, and columns with brackets that are neither these nor components."""
    named = text.partition(LABEL)[0]
    top, bracket, _ = named.partition("[")
    is_of_2 = STRUCTURE in header
    if is_of_2 and (top in reported_ids or ATTRIBUTE_PATH.fullmatch(named) or (loose and bracket)):
        header.reported.append(index)
        message = f"“{text}” is a column of reference metadata, which are not read from SDMX-CSV."
        raise convert_to_surplus(InputError(message, header.place(index), REPORTED_ELSEWHERE))
    if "[" in text or "]" in text:
        hint = did_you_mean(text.partition("[")[0], sorted(component_ids))
        raise InputError(f"“{text}” is not a column of this data.", header.place(index), hint)


def refuse_misspelt(
    header: TableHeader, structure: DataStructure, component_ids: Collection[str], faults: Faults | None
) -> None:
    lacking = [component.id for component in list_components(structure) if component.id not in header]
    used = {column.index for column in header.columns.values()}
    names_follow = STRUCTURE_NAME in header
    for index, text in enumerate(header.texts):
        title = text.partition(LABEL)[0]
        if index in used or index in header.reported or title in component_ids or (names_follow and index - 1 in used):
            continue
        alike = [name for name in lacking if len(name) > MAX_SHORT and abs(len(name) - len(title)) < MAX_SHORT]
        if find_nearest(title, alike):
            hint = did_you_mean(title, alike)
            report_fault(faults, InputError(f"“{text}” is not a column of this data.", header.place(index), hint))


class SeveralValuesError(ValueError):
    """A field holds several values where the structure allows one."""


def has_codes(component: Component) -> bool:
    return component.is_coded or component.role in ("dimension", "time")


def read_cells(cells: pl.Series, component: Component, column: Column, inner: str) -> pl.Series:
    """Parse the fields of a component; raise `SeveralValuesError` for several values where one is allowed."""
    kind = choose_type(component)
    if kind == pl.String and not column.labelled and column.languages is None:
        return cells
    distinct = cells.drop_nulls().unique()
    read: Callable[[str], Any] = _build_reader(component, column, inner)
    values = pl.Series("value", [read(cell) for cell in distinct], dtype=kind)
    if kind == pl.String:
        return cells.replace_strict(distinct, values, return_dtype=pl.String)
    table = pl.DataFrame({"cell": distinct, "value": values})
    joined = pl.DataFrame({"cell": cells}).join(table, on="cell", how="left", maintain_order="left")
    return joined["value"]


def _build_reader(component: Component, column: Column, inner: str) -> Callable[[str], Any]:
    unlabelled: Callable[[str], str] = _clean_cell
    if column.labelled:
        unlabelled = _strip_label if has_codes(component) else _strip_repeated_label

    def read(cell: str) -> Any:
        if component.is_multilingual:
            return _split_languages(cell, column.languages, inner)
        if column.languages is None:
            return [unlabelled(cell)] if component.is_array else unlabelled(cell)
        values = [None if part is None else unlabelled(part) for part in split(cell, inner)]
        if component.is_array:
            return values
        if len(values) > 1:
            raise SeveralValuesError(cell)
        return values[0]

    return read


def _clean_cell(cell: str) -> str:
    return cell


def _strip_label(cell: str) -> str:
    return cell.partition(LABEL)[0]


def _strip_repeated_label(cell: str) -> str:
    """Remove the label of an uncoded value, which some senders repeat: ``1: 1``."""
    half, odd = divmod(len(cell) - len(LABEL), 2)
    is_repeated = not odd and half >= 0 and cell[half : half + len(LABEL)] == LABEL
    return cell[:half] if is_repeated and cell[:half] == cell[half + len(LABEL) :] else cell


def split(cell: str, inner: str) -> list[str | None]:
    """Split a field into values; a quoted value may contain the separator.

    >>> split('a;"b;c";;d', ";")
    ['a', 'b;c', None, 'd']
    """
    values: list[str | None] = []
    position = 0
    while True:
        if cell.startswith('"', position):
            end = position + 1
            while (end := cell.find('"', end)) >= 0 and cell.startswith('""', end):
                end += 2
            if end < 0 or not (end + 1 == len(cell) or cell.startswith(inner, end + 1)):
                end = -1
            else:
                values.append(cell[position + 1 : end].replace('""', '"'))
                position = end + 1
        else:
            end = -1
        if end < 0:
            stop = cell.find(inner, position)
            stop = len(cell) if stop < 0 else stop
            values.append(cell[position:stop] or None)
            position = stop
        if position >= len(cell):
            return values
        position += 1


def _split_languages(cell: str, languages: Sequence[str] | None, inner: str) -> list[dict[str, str | None]]:
    if languages is None:
        return [{"language": None, "text": cell}]
    texts: list[dict[str, str | None]] = []
    for text_set in split(cell, inner):
        parts = split(text_set or "", inner)
        named = [part is not None and part.partition(":")[0] in languages and ":" in part for part in parts]
        for part in parts if all(named) else [text_set]:
            language, colon, text = (part or "").partition(":")
            if colon and language in languages:
                texts.append({"language": language, "text": text})
            else:
                texts.append({"language": None, "text": part or ""})
    return texts


def join(values: Iterable[str | None], inner: str) -> str:
    return inner.join("" if value is None else quote_part(value, inner) for value in values)


def quote_part(value: str, inner: str) -> str:
    if value and inner not in value and not value.startswith('"'):
        return value
    return '"' + value.replace('"', '""') + '"'


def write_cells(
    values: pl.Series,
    component: Component,
    names: Mapping[str, str] | None,
    languages: Sequence[str] | None,
    inner: str,
) -> pl.Series:
    """Write the values of a component as fields.

    `names` are the names of its codes, or None to hide them; `languages` is None for single values.

    Raises `SdmxmigError` for values that could not be read back.
    """
    if values.dtype == pl.String and languages is None and names is None:
        return values
    if values.dtype == pl.Null:
        return values.cast(pl.String)
    labelled = _build_labeller(component, names)

    def write(value: Any) -> str | None:
        if value is None or (isinstance(value, pl.Series) and value.is_empty()):
            return None
        if isinstance(value, str):
            return labelled(value) if languages is None else join([labelled(value)], inner)
        if value.dtype == pl.String:
            return join([None if text is None else labelled(text) for text in value], inner)
        return write_languages(component.id, value.to_list(), languages or (), inner)

    if values.dtype == pl.String:
        distinct = values.drop_nulls().unique()
        fields = pl.Series([write(text) for text in distinct], dtype=pl.String)
        return values.replace_strict(distinct, fields, return_dtype=pl.String)
    return pl.Series(values.name, [write(value) for value in values], dtype=pl.String)


def _build_labeller(component: Component, names: Mapping[str, str] | None) -> Callable[[str], str]:
    if names is None:
        return _clean_cell

    def of_code(value: str) -> str:
        if LABEL in value:
            hint = "Write the ids alone."
            raise SdmxmigError(
                f"“{value}” of {component.id} could not be distinguished from a code with its name.", hint=hint
            )
        return f"{value}{LABEL}{names[value]}" if value in names else value

    def of_text(value: str) -> str:
        return f"{value}{LABEL}{value}" if _strip_repeated_label(value) != value else value

    return of_code if has_codes(component) else of_text


def write_languages(name: str, texts: Sequence[Mapping[str, str | None]], languages: Sequence[str], inner: str) -> str:
    """Write texts in several languages as one field; raise `SdmxmigError` if they could not be read back."""
    expected = [{"language": text["language"], "text": text["text"] or ""} for text in texts]
    sets: list[list[str]] = []
    used_languages: set[str | None] = set()
    for entry in expected:
        if entry["language"] in used_languages or not sets:
            sets.append([])
            used_languages = set()
        used_languages.add(entry["language"])
        sets[-1].append(entry["text"] or "" if entry["language"] is None else f"{entry['language']}:{entry['text']}")
    plain = join((text for text_set in sets for text in text_set), inner)
    in_sets = inner.join('"' + join(text_set, inner).replace('"', '""') + '"' for text_set in sets)
    for cell in (plain, in_sets) if len(sets) == 1 else (in_sets,):
        if _split_languages(cell, languages, inner) == expected:
            return cell
    message = f"“{expected[0]['text']}” of {name} could not be distinguished from texts with their languages."
    raise SdmxmigError(message, hint="State the language of each text.")


def find_first_day(text: str) -> str:
    """Return the first day of a period; moments and other texts stay unchanged.

    >>> find_first_day("2014-Q2"), find_first_day("2014-01-15/P1M"), find_first_day("2014-01-15T12:00:00")
    ('2014-04-01', '2014-01-15', '2014-01-15T12:00:00')
    """
    start, slash, _ = text.partition("/")
    period = periods.parse(start)
    if period is not None:
        return period.first_day.isoformat()
    return start if slash and is_moment(start) else text


def is_moment(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def find_first_days(values: pl.Series) -> pl.Series:
    distinct = values.drop_nulls().unique()
    days = pl.Series([find_first_day(text) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, days, default=None, return_dtype=pl.String)
