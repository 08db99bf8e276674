"""Statements of a PC-Axis file, its cube of variables, and its notes by cell.

Source: Statistics Sweden, PC-Axis file format specification, version 2013.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import product, zip_longest
from math import prod

from sdmxmig.conversion.tables.readers import CELL_LIMIT, NOTE_LIMIT
from sdmxmig.io.intake.files import SAVE_AGAIN_HINT
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Cell

STATEMENT_HEAD = re.compile(
    r"\s*(?P<keyword>[A-Za-z][A-Za-z0-9_-]*)\s*(?:\[\s*(?P<language>[^\]\s]*)\s*\])?\s*"
    r'(?:\((?P<keys>(?:[^")]++|"[^"]*+"){0,20000}+)\))?\s*=',
)
STATEMENT_PART = re.compile(r'"[^"]*"|[^";,()]+|[,()]')
QUOTED_STRING = re.compile(r'"([^"]*)"')
STATEMENT_LIMIT = 200_000
VALUE_LIMIT = 1_000_000
"""Maximum number of values of a statement, and of pieces of a value."""
TIME_LIST = re.compile(r'TLIST\s*\(\s*([AHTQMWD])1?\s*(?:,\s*"?(\d{1,8})"?\s*-\s*"?(\d{1,8})"?)?\s*\)', re.IGNORECASE)
STEPS_BY_FREQUENCY = {"A": (0, 0), "H": (1, 2), "T": (1, 3), "Q": (1, 4), "M": (2, 12), "W": (2, 52)}
PERIOD_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class PxStatement:
    keyword: str
    language: str
    _: KW_ONLY
    keys: tuple[str, ...]
    values: tuple[str, ...]
    line: int


def parse_statements(name: str, text: str) -> tuple[list[PxStatement], int]:
    every_statement: list[PxStatement] = []
    at, line, counted = 0, 1, 0
    while head := STATEMENT_HEAD.match(text, at):
        begin = head.start("keyword")
        line, counted = line + text.count("\n", counted, begin), begin
        keyword = head["keyword"].upper()
        if keyword == "DATA":
            return every_statement, head.end()
        values, at = _read_values(text, head.end())
        if at < 0 or len(every_statement) == STATEMENT_LIMIT:
            hint = "A statement ends with a semicolon, a text with a quotation mark."
            raise InputError(f"The statement {keyword} has no end, or is very long.", Place(name, line=line), hint)
        keys = tuple(QUOTED_STRING.findall(head["keys"] or ""))
        every_statement.append(PxStatement(keyword, head["language"] or "", keys=keys, values=values, line=line))
    trailing = text[at : at + 200].strip()
    line += text.count("\n", counted, at) + 1
    if trailing:
        raise InputError(
            f"This is not a statement of PC-Axis: “{trailing[:40]}”.", Place(name, line=line), SAVE_AGAIN_HINT
        )
    raise InputError("The PC-Axis file has no DATA.", Place(name, line=line), SAVE_AGAIN_HINT)


def select_own_statements(every_statement: Sequence[PxStatement]) -> list[PxStatement]:
    """Return statements in the file's own language, preferring those that do not name it.

    >>> language = PxStatement("LANGUAGE", "", keys=(), values=("sv",), line=1)
    >>> title, other = (PxStatement("TITLE", code, keys=(), values=("Folk",), line=2) for code in ("sv", "en"))
    >>> select_own_statements([language, title, other]) == [language, title]
    True
    """
    language = next((statement.values[0] for statement in every_statement if statement.keyword == "LANGUAGE"), "")
    unnamed = {(statement.keyword, statement.keys) for statement in every_statement if not statement.language}
    return [
        statement
        for statement in every_statement
        if not statement.language
        or (statement.language == language and (statement.keyword, statement.keys) not in unnamed)
    ]


def _read_values(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """Return the values of a statement and the start of the next; -1 if unfinished or long."""
    values: list[str] = []
    parts: list[str] = []
    depth = 0
    while part := STATEMENT_PART.match(text, at):
        at = part.end()
        if "=" in part[0] and not part[0].startswith('"'):
            return (), -1
        if part[0] == "," and not depth:
            values.append(_join_value(parts))
            parts = []
            continue
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        parts.append(part[0])
        if max(len(values), len(parts)) > VALUE_LIMIT:
            return (), -1
    if text[at : at + 1] != ";":
        return (), -1
    return (*values, _join_value(parts)), at + 1


def _join_value(parts: list[str]) -> str:
    texts = [part for part in parts if not part.isspace()]
    if all(part.startswith('"') for part in texts):
        return "".join(part[1:-1] for part in texts)
    return "".join(parts).strip()


def list_periods(timeval: PxStatement) -> tuple[str, ...]:
    """Return the periods of a time variable from TIMEVAL, listed or as a span.

    >>> list_periods(PxStatement("TIMEVAL", "", keys=("year",), values=('TLIST(Q1,"20233"-"20241")',), line=1))
    ('20233', '20234', '20241')
    """
    span = TIME_LIST.match(timeval.values[0])
    if span is None or not span[2]:
        return tuple(value for value in timeval.values[1:] if value)
    if span[1].upper() == "D":
        return _list_days(span[2], span[3])
    digits, parts = STEPS_BY_FREQUENCY[span[1].upper()]
    first, last = (_compute_ordinal(end, digits, parts) for end in (span[2], span[3]))
    ordinals = range(first, min(last, first + PERIOD_LIMIT) + 1)
    if not parts:
        return tuple(str(year) for year in ordinals)
    return tuple(f"{ordinal // parts}{ordinal % parts + 1:0{digits}}" for ordinal in ordinals)


def _list_days(first: str, last: str) -> tuple[str, ...]:
    try:
        begin, end = (dt.date.fromisoformat(day) for day in (first, last))
    except ValueError:
        return ()
    count = min((end - begin).days + 1, PERIOD_LIMIT)
    return tuple((begin + dt.timedelta(days=number)).strftime("%Y%m%d") for number in range(count))


def _compute_ordinal(period: str, digits: int, parts: int) -> int:
    if not parts:
        return int(period)
    return int(period[:-digits] or 0) * parts + int(period[-digits:]) - 1


FORM_KEYWORDS = frozenset({"STUB", "HEADING", "VALUES", "CODES", "TIMEVAL", "KEYS"})


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    values: tuple[str, ...]
    _: KW_ONLY
    codes: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.codes:
            yield f"CODES({self.name})", self.codes
        yield self.name, self.values


@dataclass(frozen=True, slots=True)
class Cube:
    """The shape of the data; `titles` are in the first rows, and `keys`: CODES or VALUES name the rows."""

    stub: tuple[Variable, ...]
    heading: tuple[Variable, ...]
    _: KW_ONLY
    titles: tuple[str, ...]
    contents: str
    keys: tuple[str, ...] = ()

    @property
    def head_rows(self) -> int:
        return len(self.titles) + max(1, sum(len(list(variable.lines())) for variable in self.heading))

    @property
    def head_columns(self) -> int:
        return max(1, sum(len(list(variable.lines())) for variable in self.stub))

    @property
    def height(self) -> int:
        return prod(len(variable.values) for variable in self.stub)

    @property
    def width(self) -> int:
        return prod(len(variable.values) for variable in self.heading)


def build_cube(name: str, statements: Sequence[PxStatement]) -> Cube:
    """Determine the shape of the data; raise `InputError` if contradictory or too large."""
    by_keys = _select_form_statements(name, statements)

    def listed(keyword: str) -> tuple[str, ...]:
        return tuple(value for value in by_keys[(keyword,)].values if value) if (keyword,) in by_keys else ()

    def variable(title: str) -> Variable:
        values = by_keys.get(("VALUES", title))
        codes = by_keys.get(("CODES", title))
        timeval = by_keys.get(("TIMEVAL", title))
        times = list_periods(timeval) if timeval else ()
        texts = values.values if values else codes.values if codes else times
        if not any(texts):
            raise InputError(f"The variable “{title}” has no VALUES.", Place(name), SAVE_AGAIN_HINT)
        if codes and len(codes.values) != len(texts):
            message = f"The variable “{title}” has {len(texts)} VALUES and {len(codes.values)} CODES."
            raise InputError(message, Place(name, line=codes.line), SAVE_AGAIN_HINT)
        labels = codes.values if codes else times
        fits = len(labels) == len(texts) and labels != texts
        return Variable(title, texts, codes=labels if fits else ())

    stub, heading = (tuple(variable(title) for title in listed(keyword)) for keyword in ("STUB", "HEADING"))
    if not stub and not heading:
        raise InputError("The file names no variables in STUB or HEADING.", Place(name), SAVE_AGAIN_HINT)
    titles = [variable.name for variable in (*stub, *heading)]
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        raise InputError(f"STUB and HEADING name “{twice}” twice.", Place(name), SAVE_AGAIN_HINT)
    keys = tuple(by_keys[("KEYS", variable.name)].values[0] for variable in stub if ("KEYS", variable.name) in by_keys)
    if keys and len(keys) != len(stub):
        raise InputError("The file has KEYS for some variables of STUB only.", Place(name), SAVE_AGAIN_HINT)
    said = {keyword: " ".join(listed(keyword)) for keyword in ("CONTENTS", "TITLE", "UNITS")}
    cube = Cube(
        stub,
        heading,
        titles=tuple(filter(None, (said["TITLE"], said["UNITS"]))),
        contents=said["CONTENTS"] or "DATA",
        keys=tuple(key.upper() for key in keys),
    )
    size = (cube.height + cube.head_rows) * (cube.width + cube.head_columns)
    if size > CELL_LIMIT:
        raise InputError(f"The file has more than {CELL_LIMIT} cells.", Place(name), "Split it.")
    return cube


def _select_form_statements(name: str, statements: Sequence[PxStatement]) -> dict[tuple[str, ...], PxStatement]:
    by_keys: dict[tuple[str, ...], PxStatement] = {}
    for statement in statements:
        first = by_keys.setdefault((statement.keyword, *statement.keys), statement)
        if statement.keyword in FORM_KEYWORDS and first.values != statement.values:
            about = "".join(f" of “{key}”" for key in statement.keys)
            conflict = f"{statement.keyword}{about} (first in line {first.line})"
            message = f"The file contains two different {conflict}."
            raise InputError(message, Place(name, line=statement.line), SAVE_AGAIN_HINT)
    return by_keys


CELL_KEYWORDS = frozenset({"CELLNOTE", "CELLNOTEX", "DATANOTECELL", "ATTRIBUTES"})
LABEL_KEYWORDS = frozenset({"NOTE", "NOTEX", "VALUENOTE", "VALUENOTEX", "DATANOTE"})
NEXT_NOTE, NEXT_LINE = "##", "#"
ANY_VALUE = "*"
WHOLE = (1, 1)
"""The cell for statements about the whole table."""
Positions = Mapping[str, Sequence[int]]


def attach_notes(cube: Cube, in_own_language: Sequence[PxStatement]) -> dict[Cell, tuple[str, ...]]:
    """Attach notes to cells; notes on very many cells go to the first cell."""
    places = {variable.name: map_positions(variable) for variable in (*cube.stub, *cube.heading)}
    notes: dict[Cell, list[str]] = {}
    remaining = NOTE_LIMIT
    for statement in in_own_language:
        if statement.keyword in CELL_KEYWORDS:
            cells = _find_cells(cube, places, statement.keys, remaining) or [WHOLE]
        elif statement.keyword in LABEL_KEYWORDS:
            cells = [_find_label_cell(cube, places, statement.keys)]
        else:
            continue
        remaining -= len(cells)
        for text in split_note(statement, in_own_language):
            for cell in cells:
                notes.setdefault(cell, []).append(text)
    return {cell: tuple(texts) for cell, texts in notes.items()}


def split_note(note: PxStatement, in_own_language: Sequence[PxStatement]) -> list[str]:
    r"""Return the texts of a note statement, attributes with names.

    >>> split_note(PxStatement("NOTE", "", keys=(), values=("Estimated.#Rounded.##Revised",), line=1), [])
    ['Estimated.\nRounded.', 'Revised']
    """
    if note.keyword == "ATTRIBUTES":
        of = {
            statement.keyword: statement.values
            for statement in in_own_language
            if statement.keyword in ("ATTRIBUTE-ID", "ATTRIBUTE-TEXT")
        }
        names = of.get("ATTRIBUTE-TEXT") or of.get("ATTRIBUTE-ID", ())
        pairs = zip_longest(names, note.values, fillvalue="")
        return [f"{name}: {value}".removeprefix(": ") for name, value in pairs if value]
    text = " ".join(note.values)
    parts = (part.replace(NEXT_LINE, "\n").strip() for part in text.split(NEXT_NOTE))
    return [part for part in parts if part]


def map_positions(variable: Variable) -> Positions:
    by_text: dict[str, list[int]] = {}
    for at, value in enumerate(variable.values):
        by_text.setdefault(value, []).append(at)
    by_code = {code: [at] for at, code in enumerate(variable.codes)}
    return {**by_code, **by_text}


def _find_label_cell(cube: Cube, places: Mapping[str, Positions], keys: Sequence[str]) -> Cell:
    if not keys:
        return WHOLE
    line = len(cube.titles)
    for variable in cube.heading:
        line += len(list(variable.lines()))
        if variable.name == keys[0]:
            place = _find_first_place(cube.heading, variable, places[variable.name], keys)
            named = line < cube.head_rows or not cube.stub
            return (line, cube.head_columns + place if place else 1) if place or named else WHOLE
    line = 0
    for variable in cube.stub:
        line += len(list(variable.lines()))
        if variable.name == keys[0]:
            return cube.head_rows + _find_first_place(cube.stub, variable, places[variable.name], keys), line
    return WHOLE


def _find_first_place(variables: Sequence[Variable], variable: Variable, places: Positions, keys: Sequence[str]) -> int:
    if len(keys) < 2 or keys[1] not in places:
        return 0
    faster = variables[variables.index(variable) + 1 :]
    return 1 + places[keys[1]][0] * prod(len(faster_variable.values) for faster_variable in faster)


def _find_cells(cube: Cube, places: Mapping[str, Positions], keys: Sequence[str], most: int) -> list[Cell]:
    """Return the cells of numbers named by keys; none if they are all cells or more than `most`."""
    variables = (*cube.stub, *cube.heading)
    if len(keys) != len(variables) or all(key == ANY_VALUE for key in keys):
        return []
    named_positions = [
        range(len(variable.values)) if key == ANY_VALUE else places[variable.name].get(key, ())
        for variable, key in zip(variables, keys, strict=True)
    ]
    if prod(len(positions) for positions in named_positions) > most:
        return []
    cells = []
    for chosen in product(*named_positions):
        n = 0
        for place, variable in zip(chosen, variables, strict=True):
            n = n * len(variable.values) + place
        cells.append((cube.head_rows + 1 + n // cube.width, cube.head_columns + 1 + n % cube.width))
    return cells
