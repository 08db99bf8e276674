"""Statements of a PC-Axis file.

Source: Statistics Sweden, PC-Axis file format specification, version 2013.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.io.intake.files import SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

HEAD = re.compile(
    r"\s*(?P<keyword>[A-Za-z][A-Za-z0-9_-]*)\s*(?:\[\s*(?P<language>[^\]\s]*)\s*\])?\s*"
    r'(?:\((?P<keys>(?:[^")]++|"[^"]*+"){0,20000}+)\))?\s*=',
)
PART = re.compile(r'"[^"]*"|[^";,()]+|[,()]')
STRING = re.compile(r'"([^"]*)"')
STATEMENT_LIMIT = 200_000
VALUE_LIMIT = 1_000_000
"""So many values a statement may have, and one of them so many pieces."""
SPAN = re.compile(r'TLIST\s*\(\s*([AHTQMWD])1?\s*(?:,\s*"?(\d{1,8})"?\s*-\s*"?(\d{1,8})"?)?\s*\)', re.IGNORECASE)
STEPS = {"A": (0, 0), "H": (1, 2), "T": (1, 3), "Q": (1, 4), "M": (2, 12), "W": (2, 52)}
PERIOD_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class PxStatement:
    """A keyword with language (empty: default), keys, values and line."""

    keyword: str
    language: str
    _: KW_ONLY
    keys: tuple[str, ...]
    values: tuple[str, ...]
    line: int


def statements(name: str, text: str) -> tuple[list[PxStatement], int]:
    """Parse the statements before the data, and locate the data.

    Raises `InputError` with the line.
    """
    every_statement: list[PxStatement] = []
    at, line, counted = 0, 1, 0
    while head := HEAD.match(text, at):
        begin = head.start("keyword")
        line, counted = line + text.count("\n", counted, begin), begin
        keyword = head["keyword"].upper()
        if keyword == "DATA":
            return every_statement, head.end()
        values, at = _values(text, head.end())
        if at < 0 or len(every_statement) == STATEMENT_LIMIT:
            hint = "A statement ends with a semicolon, a text with a quotation mark."
            raise InputError(f"The statement {keyword} has no end, or is very long.", Place(name, line=line), hint)
        keys = tuple(STRING.findall(head["keys"] or ""))
        every_statement.append(PxStatement(keyword, head["language"] or "", keys=keys, values=values, line=line))
    trailing = text[at : at + 200].strip()
    line += text.count("\n", counted, at) + 1
    if trailing:
        raise InputError(f"This is no statement of PC-Axis: “{trailing[:40]}”.", Place(name, line=line), SAVE_AGAIN)
    raise InputError("The PC-Axis file has no DATA.", Place(name, line=line), SAVE_AGAIN)


def own_statements(every_statement: Sequence[PxStatement]) -> list[PxStatement]:
    """The statements in the file's own language, which need not name it; of two about the same, those that do not.

    >>> language = PxStatement("LANGUAGE", "", keys=(), values=("sv",), line=1)
    >>> title, other = (PxStatement("TITLE", code, keys=(), values=("Folk",), line=2) for code in ("sv", "en"))
    >>> own_statements([language, title, other]) == [language, title]
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


def _values(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The values of a statement that begin here, and the start of the next; -1 without an end or if it is long."""
    values: list[str] = []
    parts: list[str] = []
    depth = 0
    while part := PART.match(text, at):
        at = part.end()
        if "=" in part[0] and not part[0].startswith('"'):
            return (), -1
        if part[0] == "," and not depth:
            values.append(_value(parts))
            parts = []
            continue
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        parts.append(part[0])
        if max(len(values), len(parts)) > VALUE_LIMIT:
            return (), -1
    if text[at : at + 1] != ";":
        return (), -1
    return (*values, _value(parts)), at + 1


def _value(parts: list[str]) -> str:
    texts = [part for part in parts if not part.isspace()]
    if all(part.startswith('"') for part in texts):
        return "".join(part[1:-1] for part in texts)
    return "".join(parts).strip()


def periods_of(timeval: PxStatement) -> tuple[str, ...]:
    """The periods of a time variable, as the statement TIMEVAL lists them or spans them.

    >>> periods_of(PxStatement("TIMEVAL", "", keys=("year",), values=('TLIST(Q1,"20233"-"20241")',), line=1))
    ('20233', '20234', '20241')
    """
    span = SPAN.match(timeval.values[0])
    if span is None or not span[2]:
        return tuple(value for value in timeval.values[1:] if value)
    if span[1].upper() == "D":
        return _days(span[2], span[3])
    digits, parts = STEPS[span[1].upper()]
    first, last = (_ordinal(end, digits, parts) for end in (span[2], span[3]))
    ordinals = range(first, min(last, first + PERIOD_LIMIT) + 1)
    if not parts:
        return tuple(str(year) for year in ordinals)
    return tuple(f"{ordinal // parts}{ordinal % parts + 1:0{digits}}" for ordinal in ordinals)


def _days(first: str, last: str) -> tuple[str, ...]:
    try:
        begin, end = (dt.date.fromisoformat(day) for day in (first, last))
    except ValueError:
        return ()
    count = min((end - begin).days + 1, PERIOD_LIMIT)
    return tuple((begin + dt.timedelta(days=number)).strftime("%Y%m%d") for number in range(count))


def _ordinal(period: str, digits: int, parts: int) -> int:
    if not parts:
        return int(period)
    return int(period[:-digits] or 0) * parts + int(period[-digits:]) - 1
