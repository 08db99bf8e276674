"""Places of components in a table, as written in mapping files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from sdmxmig.primitives.places import parse_cell

Kind = Literal["header", "row", "section", "column", "beside", "above", "cell", "sheet", "file", "joined"]
ROW_KINDS: tuple[Kind, ...] = ("section", "column")
"""Lines that describe rows."""
COLUMN_KINDS: tuple[Kind, ...] = ("header", "row")
"""Lines that describe columns."""
LINE_KINDS: tuple[Kind, ...] = ("header", "section", "column")
"""Lines that may form a component together."""
BLOCK_KINDS: tuple[Kind, ...] = ("sheet", "file", "cell", "above")
"""Sources common to all figures of a block."""
LABELLED_KINDS: tuple[Kind, ...] = ("column", "row", "beside")
"""The places that are found by their label; columns may be counted instead."""
JOIN_SIGN = " + "

COUNT, ANY = re.compile(r"[1-9][0-9]?"), re.compile(r".+")
REST: dict[str, re.Pattern[str]] = {
    "header": COUNT,
    "section": re.compile(r"(?:[1-9][0-9]?)?"),
    "above": COUNT,
    "column": ANY,
    "row": ANY,
    "beside": ANY,
    "cell": re.compile(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}"),
    "sheet": re.compile(""),
    "file": re.compile(""),
}
JOINABLE_SOURCE = re.compile(r"(?:header|section|above) \d+|column .+|cell \w+|section|sheet|file")
PLACES_HINT = (
    "Write “header 2”, “column 1”, “column Source”, “row Source”, “section”, “section 2”, “sheet”, “file”, "
    "“cell B2”, “above 1”, “beside 1” or “beside Note”; lines that tell it together as “header 1 + header 2”."
)
JOIN_HINT = (
    "Join headers, columns and sections, with each other or with “sheet”, “file”, “above 1” or “cell B2”: "
    "“header 1 + header 2”, “column Year + column Month”, “above 1 + column 1”."
)


class SourceError(ValueError):
    """A text that is not a place in a table."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """The place of a component: ``header 2``, ``column Name``, ``beside 1``, ``sheet`` and others.

    Places have a `number` or `name`; ``sheet``, ``file`` and ``section`` may have neither. `together` are parts of a
    ``joined`` place.
    """

    kind: Kind
    number: int | None = None
    name: str = ""
    together: tuple[Source, ...] = ()

    def __str__(self) -> str:
        if self.is_joined:
            return JOIN_SIGN.join(map(str, self.together))
        return f"{self.kind} {self.name if self.number is None else self.number}".rstrip()

    def __repr__(self) -> str:
        return f"parse_source({str(self)!r})"

    @property
    def is_joined(self) -> bool:
        return self.kind == "joined"

    @property
    def parts(self) -> tuple[Source, ...]:
        return self.together or (self,)

    @property
    def is_named(self) -> bool:
        return self.kind in LABELLED_KINDS and self.number is None

    @property
    def is_line(self) -> bool:
        return self.kind in LINE_KINDS

    @property
    def is_of_block(self) -> bool:
        return self.kind in BLOCK_KINDS

    @property
    def is_of_columns(self) -> bool:
        return self.kind in COLUMN_KINDS

    @property
    def may_be_carried(self) -> bool:
        return any(part.kind == "header" or (part.kind == "column" and not part.is_named) for part in self.parts)

    @property
    def line(self) -> Source:
        return Source("section", 1) if self == Source("section") else self

    @property
    def cell(self) -> tuple[int, int]:
        return parse_cell(self.name)


def parse_source(text: str) -> Source:
    """Parse a place of a mapping file; raise `SourceError` for an unknown place or an invalid combination.

    >>> parse_source("column  Name").name, parse_source("header 1 + column 2").parts
    ('Name', (parse_source('header 1'), parse_source('column 2')))
    """
    written = " ".join(text.split())
    texts = written.split(JOIN_SIGN)
    if len(texts) == 1:
        return parse_place(written)
    parts = tuple(parse_joinable_source(part) for part in texts)
    if not any(part.is_line for part in parts):
        raise SourceError(f"“{written}” gives all figures the same value.", JOIN_HINT)
    return Source("joined", together=parts)


def parse_joinable_source(text: str) -> Source:
    if not JOINABLE_SOURCE.fullmatch(text):
        raise SourceError(f"The content of “{text}” cannot be combined with other places for a component.", JOIN_HINT)
    return parse_place(text)


def parse_place(text: str) -> Source:
    kind, _, detail = text.partition(" ")
    if kind not in REST or not REST[kind].fullmatch(detail):
        raise SourceError(f"“{text}” is not a place in a table.", PLACES_HINT)
    if detail.isdecimal() and kind != "row":  # a row is found by its label, which may be a year
        return Source(cast("Kind", kind), int(detail))
    return Source(cast("Kind", kind), name=detail)
