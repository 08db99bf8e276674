"""Positions of elements in workbook parts, in constant memory.

Irrelevant rows are skipped quickly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

from sdmxmig.conversion.tables.xlsx_strings import cut
from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.formula_precedents import FormulaCell
from sdmxmig.sdmx.model.tables import Cell

TAG = re.compile(rb"""<[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>""")
ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet[\s/>]")
INSIDE_DATA = 2
"""How many elements are open where rows stand: the sheet, and its data."""
LONGEST_TAG = 16 << 20
"""Maximum bytes without a tag."""
LONGEST_FORMULA = 1 << 15
MOST_FORMULAS = 1_000_000
"""So many formulas a sheet may have, and so many spans of elements are held."""
UNREADABLE = "\0"
NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class ElementSpan:
    """The position of an element: start tag and end."""

    name: str
    attributes: dict[str, str]
    _: KW_ONLY
    start: int
    inside: int
    is_empty: bool
    end: int = 0
    close: int = 0
    children: list[ElementSpan] = field(default_factory=list)
    has_formula: bool = False


class SpanFinder:
    """Finds elements of a part.

    `outermost` are not nested; `behind` is the next row; `formulas` and `results` concern the `sheet`.
    """

    def __init__(self, place: Place, keep: frozenset[str], rows: Sequence[int] = (), *, sheet: str = "") -> None:
        self.place, self.keep, self.rows, self.sheet = place, keep, frozenset(rows), sheet
        self.outermost: list[ElementSpan] = []
        self.behind: dict[int, int] = {}
        self.results: list[tuple[Cell, int, int]] = []
        self.formulas: list[FormulaCell] = []
        self._waiting = sorted(rows, reverse=True)
        self._open: list[ElementSpan] = []
        self._row = self._column = self._depth = 0
        self._formula: dict[str, str] = {}
        self._text: list[str] | None = None
        self._result = (0, 0)
        self._is_calculated = False
        self._window, self._window_at, self._skipped, self._event = b"", 0, 0, 0
        self._passing: RowsPassed | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.XmlDeclHandler = self._declared

    def read(self, chunks: Iterable[bytes]) -> SpanFinder:
        source = iter(chunks)
        head = next(source, b"")
        root = ROOT.search(head)
        prefix = root[1] + b":" if root and root[1] else b""
        self._passing = RowsPassed(prefix)
        for piece in cut(self._with(head, source), b"<" + prefix + b"row ", b"</" + prefix + b"sheetData"):
            last = self._row_behind(piece)
            if last:
                self._row, self._skipped = last, self._skipped + len(piece)
            else:
                self._feed(piece)
        self._parse(b"", last=True)
        return self

    @staticmethod
    def _with(head: bytes, source: Iterable[bytes]) -> Iterable[bytes]:
        yield head
        yield from source

    def _row_behind(self, piece: bytes) -> int:
        if self._passing is None or self._depth != INSIDE_DATA:
            return self._noted(piece)
        numbers = self._passing.numbers(piece)
        is_wanted = not numbers or (self._waiting and max(numbers) > self._waiting[-1])
        if is_wanted or not self.rows.isdisjoint(numbers):
            return self._noted(piece)
        return numbers[-1]

    def _noted(self, piece: bytes) -> int:
        if b"<!" in piece or piece.count(b"<?") > piece[:5].count(b"<?xml"):
            self._passing = None
        return 0

    def _feed(self, piece: bytes) -> None:
        self._window += piece
        self._parse(piece, last=False)
        done = self._event - self._window_at
        if done > 0:
            self._window, self._window_at = self._window[done:], self._event
        if len(self._window) > LONGEST_TAG:
            raise self._damaged()

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError) as error:
            raise self._damaged() from error

    def _damaged(self) -> InputError:
        return InputError("A part of the workbook is damaged.", self.place, SAVE_XLSX)

    def _refuse(self, *_: object) -> None:
        raise InputError("The workbook has a DOCTYPE, which no workbook needs.", self.place, SAVE_XLSX)

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise InputError(f"The workbook is written as {encoding}, not as UTF-8.", self.place, SAVE_XLSX)

    def _tag(self) -> tuple[int, int, bool]:
        self._event = self._parser.CurrentByteIndex
        tag = TAG.match(self._window, self._event - self._window_at)
        if tag is None:
            raise self._damaged()
        at = self._event + self._skipped
        return at, at + len(tag[0]), tag[0].endswith(b"/>")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        at, inside, is_empty = self._tag()
        self._depth += 1
        if kind == "row":
            self._begin_row(attributes, at)
        elif kind == "c":
            self._is_calculated = False
            self._column = cell_position(attributes["r"])[1] if "r" in attributes else self._column + 1
            attributes["r"] = cell_name(self._row, self._column)
        elif kind == "f":
            self._begin_formula(attributes)
        elif kind == "v":
            self._result = (at, inside if is_empty else 0)
        if self._text is not None and kind != "f":
            self._text.append(UNREADABLE)
        if kind in self.keep and (kind not in ("row", "c") or self._row in self.rows):
            span = ElementSpan(name, attributes, start=at, inside=inside, is_empty=is_empty)
            (self._open[-1].children if self._open else self.outermost).append(span)
            self._open.append(span)

    def _begin_row(self, attributes: dict[str, str], at: int) -> None:
        self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        attributes["r"] = str(self._row)
        while self._waiting and self._waiting[-1] < self._row:
            self.behind[self._waiting.pop()] = at

    def _begin_formula(self, attributes: dict[str, str]) -> None:
        self._is_calculated, self._formula, self._text = True, attributes, []
        self._parser.CharacterDataHandler = self._text.append
        if self._open:
            self._open[-1].has_formula = True
        if len(self.formulas) >= MOST_FORMULAS:
            message = f"The sheet has more than {MOST_FORMULAS:,} formulas."
            raise InputError(message, self.place, "Change it in a spreadsheet program.")

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        self._depth -= 1
        if kind == "f" and self._text is not None:
            self._end_formula("".join(self._text))
        elif kind == "v" and self._is_calculated:
            start, end = self._result
            self.results.append(((self._row, self._column), start, end or self._tag()[1]))
        if not self._open or self._open[-1].name != name:
            return
        span = self._open.pop()
        span.close, span.end = (span.inside, span.inside) if span.is_empty else self._tag()[:2]

    def _end_formula(self, text: str) -> None:
        self._text = self._parser.CharacterDataHandler = None
        is_read = len(text) <= LONGEST_FORMULA and UNREADABLE not in text
        attributes: Mapping[str, Any] = self._formula or NO_ATTRIBUTES
        cell = (self._row, self._column)
        text = text if is_read else UNREADABLE
        self.formulas.append(FormulaCell(self.sheet, cell, text=text, attributes=attributes))


class RowsPassed:
    """The row numbers of a piece of a sheet that needs no further reading."""

    def __init__(self, prefix: bytes) -> None:
        self._row, self._end = b"<" + prefix + b'row r="', b"</" + prefix + b"row>"
        self._number = re.compile(re.escape(self._row) + rb'([1-9]\d{0,6})"')
        self._marks = (b"<!", b"<?", b"<" + prefix + b"f", b":f" if not prefix else b"<f")

    def numbers(self, piece: bytes) -> list[int]:
        if not piece.startswith(self._row) or any(mark in piece for mark in self._marks):
            return []
        numbers = [int(number) for number in self._number.findall(piece)]
        are_all = piece.count(b"row") == len(numbers) + piece.count(self._end)
        return numbers if are_all else []
