"""Workbooks with changed cells; all else is byte-identical.

Saved results of dependent formulas are removed and recalculated on opening. Elements of parts are found in constant
memory; other members of the archive are copied compressed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import KW_ONLY, dataclass, field
from html import escape
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

from sdmxmig.conversion.tables.xlsx import parse_part, relations
from sdmxmig.conversion.tables.xlsx_lanes import cut
from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.files import SAVE_AGAIN_HINT, SAVE_XLSX_HINT
from sdmxmig.io.intake.xml import strip_namespace
from sdmxmig.io.workbooks import clean_text
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.reporting.outputs.formula_precedents import FormulaCell, list_dependents
from sdmxmig.sdmx.model.tables import Cell

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
ELEMENTS_BEFORE_CALC = ("sheets", "functionGroups", "externalReferences", "definedNames")
Edit = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Patched:
    content: bytes
    formulas: tuple[tuple[str, Cell], ...]
    _: KW_ONLY
    emptied: tuple[tuple[str, Cell], ...] = ()


def patch(
    name: str,
    content: bytes,
    cells: Mapping[tuple[str, Cell], str],
    *,
    kept_as_text: Collection[tuple[str, Cell]] = frozenset(),
) -> Patched:
    """Write texts into cells by sheet, row and column; deterministic.

    Numbers in `kept_as_text` stay texts. Styles and formulas are kept. Raises `InputError` for damaged files and
    unknown sheets.
    """
    archive = Archive(content, name)
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    sheets = index_sheet_parts(archive, main)
    texts_by_sheet: dict[str, dict[Cell, Written]] = {}
    for (sheet, cell), text in cells.items():
        if sheet not in sheets:
            raise InputError(
                f"There is no sheet “{sheet}” in the workbook.", Place(name), "Check the names of its sheets."
            )
        is_number = NUMBER.fullmatch(text) is not None and (sheet, cell) not in kept_as_text
        texts_by_sheet.setdefault(sheet, {})[cell] = Written(text, is_number)
    finders = {
        sheet: find_spans(archive.chunks(member), Place(name, sheet), [row for row, _ in texts_by_sheet.get(sheet, ())])
        for sheet, member in sorted(sheets.items())
        if cells
    }
    edits: dict[str, list[Edit]] = {}
    formulas: list[tuple[str, Cell]] = []
    for sheet in sorted(texts_by_sheet):
        edits[sheet], formula_cells = plan_sheet_edits(finders[sheet], texts_by_sheet[sheet])
        formulas += [(sheet, cell) for cell in formula_cells]
    written = {at for at in cells if at not in formulas}
    emptied = remove_stale_results(finders, edits, written) if written else []
    again = Archive(content, name)  # unpacked bytes are counted again
    changed: dict[str, Iterable[bytes]] = {
        sheets[sheet]: apply_edits(again.chunks(sheets[sheet]), own) for sheet, own in edits.items()
    }
    if emptied:
        changed[main] = (set_recalculation(again.read(main), Place(name)),)
    return Patched(repack_archive(again, content, changed), tuple(formulas), emptied=tuple(emptied))


def find_spans(chunks: Iterable[bytes], place: Place, rows: Iterable[int]) -> SpanFinder:
    keep = frozenset({"sheetData", "row", "c"})
    return SpanFinder(place, keep, sorted(set(rows)), sheet=place.sheet).read(chunks)


def remove_stale_results(
    finders: Mapping[str, SpanFinder], edits: dict[str, list[Edit]], written: Collection[tuple[str, Cell]]
) -> list[tuple[str, Cell]]:
    formulas = [formula for finder in finders.values() for formula in finder.formulas]
    stale = {(formula.sheet, formula.cell) for formula in list_dependents(written, formulas, finders.keys())}
    emptied = []
    for sheet, finder in finders.items():
        results = [result for result in finder.results if (sheet, result[0]) in stale]
        emptied += [(sheet, cell) for cell, _, _ in results]
        if results:
            edits.setdefault(sheet, []).extend((start, end, b"") for _, start, end in results)
    return emptied


def index_sheet_parts(archive: Archive, main: str) -> dict[str, str]:
    linked = {relation.id: relation.target for relation in relations(archive, main) if relation.kind == "worksheet"}
    parts = {}
    for sheet in parse_part(archive, main).iter():
        if strip_namespace(str(sheet.tag)) == "sheet":
            attributes = {strip_namespace(str(name)): str(value) for name, value in sheet.attrib.items()}
            if attributes.get("id") in linked:
                parts[attributes.get("name", "")] = linked[attributes["id"]]
    return parts


def plan_sheet_edits(spans: SpanFinder, texts: Mapping[Cell, Written]) -> tuple[list[Edit], list[Cell]]:
    by_row: dict[int, dict[int, Written]] = {}
    for (row, column), text in sorted(texts.items()):
        by_row.setdefault(row, {})[column] = text
    if not spans.outermost:
        raise InputError("The sheet has no cells.", spans.place, SAVE_XLSX_HINT)
    data = spans.outermost[0]
    prefix = data.name.rpartition("sheetData")[0]
    rows = {int(row.attributes["r"]): row for row in data.children}
    if len(rows) < len(data.children) or any(has_one_cell_twice(row) for row in data.children):
        raise InputError("The sheet contains a cell twice.", spans.place, SAVE_XLSX_HINT)
    edits: list[Edit] = []
    formula_cells: list[Cell] = []
    for number, cells in by_row.items():
        if number in rows:
            edits += plan_row_edits(rows[number], cells, formula_cells, prefix)
            continue
        inner = b"".join(build_cell_bytes(prefix, (number, column), text, "") for column, text in cells.items())
        at = spans.behind.get(number, data.close)
        edits.append((at, at, b"".join((f'<{prefix}row r="{number}">'.encode(), inner, f"</{prefix}row>".encode()))))
    return expand_empty_element(data, edits), formula_cells


def has_one_cell_twice(row: ElementSpan) -> bool:
    return len({span.attributes["r"] for span in row.children}) < len(row.children)


def plan_row_edits(
    row: ElementSpan, cells: Mapping[int, Written], formula_cells: list[Cell], prefix: str
) -> list[Edit]:
    number = int(row.attributes["r"])
    present = {parse_cell(span.attributes["r"])[1]: span for span in row.children}
    edits: list[Edit] = []
    for column, text in cells.items():
        old = present.get(column)
        if old and old.has_formula:
            formula_cells.append((number, column))
            continue
        style = (old or row).attributes.get("s", "")
        replacement = build_cell_bytes(prefix, (number, column), text, style)
        behind = min((span.start for at, span in present.items() if at > column), default=row.close)
        edits.append((old.start, old.end, replacement) if old else (behind, behind, replacement))
    return expand_empty_element(row, edits)


def expand_empty_element(span: ElementSpan, edits: list[Edit]) -> list[Edit]:
    if not (edits and span.is_empty):
        return edits
    inner = b"".join(replacement for _, _, replacement in edits)
    return [(span.inside - len(b"/>"), span.inside, b">" + inner + f"</{span.name}>".encode())]


def apply_edits(chunks: Iterable[bytes], edits: Sequence[Edit]) -> Iterator[bytes]:
    """Replace byte ranges, chunk by chunk.

    >>> b"".join(apply_edits([b"abc", b"def"], [(2, 4, b"-"), (6, 6, b".")]))
    b'ab-ef.'
    """
    waiting = sorted(edits, key=lambda edit: edit[0])[::-1]
    at = gone = 0
    for chunk in chunks:
        end = at + len(chunk)
        while waiting and waiting[-1][0] < end:
            start, stop, replacement = waiting.pop()
            yield chunk[max(gone - at, 0) : start - at]
            yield replacement
            gone = stop
        yield chunk[max(gone - at, 0) :]
        at = end
    yield from (replacement for _, _, replacement in reversed(waiting))


def set_recalculation(content: bytes, place: Place) -> bytes:
    spans = SpanFinder(place, frozenset({"calcPr", *ELEMENTS_BEFORE_CALC})).read([content]).outermost
    old = next((span for span in spans if span.name.endswith("calcPr")), None)
    setting = b' fullCalcOnLoad="1"'
    if old:
        tag = re.sub(rb"\sfullCalcOnLoad\s*=\s*(\"[^\"]*\"|'[^']*')", b"", content[old.start : old.inside])
        end = len(b"/>") if old.is_empty else len(b">")
        return b"".join(apply_edits([content], [(old.start, old.inside, tag[:-end] + setting + tag[-end:])]))
    behind = max(span.end for span in spans)
    prefix = spans[0].name.rpartition(":")[0]
    name = f"{prefix}:calcPr" if prefix else "calcPr"
    return b"".join(apply_edits([content], [(behind, behind, f"<{name}".encode() + setting + b"/>")]))


def build_cell_bytes(prefix: str, at: Cell, written: Written, style: str) -> bytes:
    styled = f' s="{escape(style, quote=False)}"' if style else ""
    head = f'<{prefix}c r="{format_cell(*at)}"{styled}'
    if not written.text:
        return f"{head}/>".encode()
    if written.is_number:
        return f"{head}><{prefix}v>{written.text}</{prefix}v></{prefix}c>".encode()
    text = escape(clean_text(written.text), quote=False)
    inner = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
    return f'{head} t="inlineStr">{inner}</{prefix}c>'.encode()


LOCAL_HEADER_BYTES = 30


def repack_archive(archive: Archive, content: bytes, changed: Mapping[str, Iterable[bytes]]) -> bytes:
    """Replace members of an archive; the others stay packed. Raises `InputError` for overlapping members."""
    members = sorted(archive.directory, key=lambda info: info.header_offset)
    ends = [*(info.header_offset for info in members[1:]), archive.directory_at]
    written = io.BytesIO(content[: members[0].header_offset])
    written.seek(0, io.SEEK_END)
    with zipfile.ZipFile(written, "w") as target:
        for info, end in zip(members, ends, strict=True):
            if info.header_offset + LOCAL_HEADER_BYTES + info.compress_size > end:
                place = Place(archive.name, key=info.filename)
                raise InputError("A member of the archive is damaged.", place, SAVE_AGAIN_HINT)
            if info.filename in changed:
                with target.open(copy_member_info(info), "w") as member:
                    for chunk in changed[info.filename]:
                        member.write(chunk)
                continue
            moved = copy(info)
            moved.header_offset = written.seek(target.start_dir)
            written.write(memoryview(content)[info.header_offset : end])
            target.start_dir = written.tell()
            target.filelist.append(moved)
        names = [info.filename for info in archive.directory]
        target.filelist.sort(key=lambda info: names.index(info.filename))
        target.comment = archive.comment
    return written.getvalue()


def copy_member_info(old: zipfile.ZipInfo) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(old.filename, old.date_time)
    for fact in ("create_system", "create_version", "internal_attr", "external_attr", "comment"):
        setattr(info, fact, getattr(old, fact))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


TAG = re.compile(rb"""<[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>""")
ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet[\s/>]")
DATA_DEPTH = 2
"""Number of open elements around rows: the sheet, and its data."""
MAX_TAG_BYTES = 16 << 20
MAX_FORMULA_LENGTH = 1 << 15
MAX_FORMULAS = 1_000_000
"""Maximum number of formulas on a sheet, and of spans of elements in memory."""
UNREADABLE_MARK = "\0"
NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class ElementSpan:
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

    `outermost` elements are not nested; `behind` is the next row; `formulas` and `results` are those of the `sheet`.
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
        self._passing: SkippedRows | None = None
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
        self._passing = SkippedRows(prefix)
        for piece in cut(self._with(head, source), b"<" + prefix + b"row ", b"</" + prefix + b"sheetData"):
            last = self._find_next_row(piece)
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

    def _find_next_row(self, piece: bytes) -> int:
        if self._passing is None or self._depth != DATA_DEPTH:
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
        if len(self._window) > MAX_TAG_BYTES:
            raise self._damaged()

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError) as error:
            raise self._damaged() from error

    def _damaged(self) -> InputError:
        return InputError("A part of the workbook is damaged.", self.place, SAVE_XLSX_HINT)

    def _refuse(self, *_: object) -> None:
        raise InputError("The workbook has a DOCTYPE, which no workbook needs.", self.place, SAVE_XLSX_HINT)

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise InputError(f"The workbook is written as {encoding}, not as UTF-8.", self.place, SAVE_XLSX_HINT)

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
            self._column = parse_cell(attributes["r"])[1] if "r" in attributes else self._column + 1
            attributes["r"] = format_cell(self._row, self._column)
        elif kind == "f":
            self._begin_formula(attributes)
        elif kind == "v":
            self._result = (at, inside if is_empty else 0)
        if self._text is not None and kind != "f":
            self._text.append(UNREADABLE_MARK)
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
        if len(self.formulas) >= MAX_FORMULAS:
            message = f"The sheet has more than {MAX_FORMULAS:,} formulas."
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
        is_read = len(text) <= MAX_FORMULA_LENGTH and UNREADABLE_MARK not in text
        attributes: Mapping[str, Any] = self._formula or NO_ATTRIBUTES
        cell = (self._row, self._column)
        text = text if is_read else UNREADABLE_MARK
        self.formulas.append(FormulaCell(self.sheet, cell, text=text, attributes=attributes))


class SkippedRows:
    """Row numbers in a part of a sheet that needs no further reading."""

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
