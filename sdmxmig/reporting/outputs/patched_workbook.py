"""Workbooks with changed cells; all else is kept, and other rows and parts are byte-identical.

Saved results of dependent formulas are removed and recalculated on opening. Rows are found in constant memory; other
members of the archive are copied compressed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import KW_ONLY, dataclass
from itertools import chain
from types import MappingProxyType
from typing import cast

from lxml import etree

from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.conversion.tables.xlsx import parse_part, relations
from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.files import MIB, SAVE_AGAIN_HINT, SAVE_XLSX_HINT
from sdmxmig.io.intake.xml import SAFE_OPTIONS, strip_namespace
from sdmxmig.io.workbooks import clean_text
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.sdmx.model.tables import Cell

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
ELEMENTS_BEFORE_CALC = ("sheets", "functionGroups", "externalReferences", "definedNames")


NewText = tuple[str, bool]
"""The new text of a cell, and whether it is a number."""


@dataclass(frozen=True, slots=True)
class PatchedWorkbook:
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
) -> PatchedWorkbook:
    """Write texts into cells by sheet, row and column; deterministic.

    Numbers in `kept_as_text` stay texts. Styles and formulas are kept. Raises `InputError` for damaged files and
    unknown sheets.
    """
    archive = Archive(content, name)
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    parts = index_sheet_parts(archive, main)
    if unknown := sorted({sheet for sheet, _ in cells} - parts.keys()):
        message = f"There is no sheet “{unknown[0]}” in the workbook."
        raise InputError(message, Place(name), "Check the names of its sheets.")
    sheets = {sheet: Sheet(archive, parts[sheet], Place(name, sheet)) for sheet in sorted(parts) if cells}
    formulas = {(sheet, formula.cell): formula for sheet in sheets for formula in sheets[sheet].formulas}
    written = {at: text for at, text in cells.items() if at not in formulas}
    stale = list_dependents(written, list(formulas.values()), sheets.keys()) if written else []
    emptied = sorted(at for at in ((each.sheet, each.cell) for each in stale) if at[1] in sheets[at[0]].results)
    again = Archive(content, name)  # unpacked bytes are counted again
    changed: dict[str, Iterable[bytes]] = {}
    for sheet in {at[0]: None for at in (*written, *emptied)}:
        texts = {
            cell: (text, NUMBER.fullmatch(text) is not None and (sheet, cell) not in kept_as_text)
            for (of_sheet, cell), text in written.items()
            if of_sheet == sheet
        }
        emptied_cells = [cell for of_sheet, cell in emptied if of_sheet == sheet]
        changed[parts[sheet]] = sheets[sheet].write(again, texts, emptied_cells)
    if emptied:
        changed[main] = (set_recalculation(archive, main),)
    kept = sorted(at for at in cells if at in formulas)
    return PatchedWorkbook(repack_archive(again, content, changed), tuple(kept), emptied=tuple(emptied))


def index_sheet_parts(archive: Archive, main: str) -> dict[str, str]:
    linked = {relation.id: relation.target for relation in relations(archive, main) if relation.kind == "worksheet"}
    parts = {}
    for sheet in parse_part(archive, main).iter():
        if strip_namespace(str(sheet.tag)) == "sheet":
            attributes = {strip_namespace(str(name)): str(value) for name, value in sheet.attrib.items()}
            if attributes.get("id") in linked:
                parts[attributes.get("name", "")] = linked[attributes["id"]]
    return parts


def set_recalculation(archive: Archive, main: str) -> bytes:
    root = parse_part(archive, main)
    calculation = root.find("{*}calcPr")
    if calculation is None:
        before = [child for child in root if strip_namespace(str(child.tag)) in ELEMENTS_BEFORE_CALC]
        calculation = root.makeelement(f"{{{etree.QName(root).namespace}}}calcPr")
        before[-1].addnext(calculation)
    calculation.set("fullCalcOnLoad", "1")
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return written


ATTRIBUTES = rb"""(?:[^<>"'/]|"[^<"]*"|'[^<']*'|/(?!>))*+"""
ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet(?=[\s>])" + ATTRIBUTES + rb">")
ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")
DECLARATION = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml(?![^<>]*encoding\s*=\s*["'](?!(?i:utf-8|us-ascii)["']))[^<>]*\?>"""
)
"""An XML declaration that names no encoding other than UTF-8."""
UNUSUAL_MARKUP = re.compile(rb"<[!?]|\0")
"""Comments and the like, in which a row is not one, and other encodings."""
PIECE_BYTES = MIB
"""Number of bytes searched for rows at once."""
MAX_ROW_BYTES = 16 << 20
MAX_FORMULA_LENGTH = 1 << 15
MAX_FORMULAS = 1_000_000
"""Maximum number of formulas on a sheet."""
UNREADABLE_MARK = "\0"
NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
PARSER = etree.XMLParser(**SAFE_OPTIONS)
ROW, EMPTY, END, OTHER = "row", "empty", "end", "other"
"""Kinds of pieces of a sheet: a row, data without rows, the end of the data, and everything else."""


class UnusualMarkup(Exception):  # noqa: N818 - the name says what is the matter
    """The rows of a sheet cannot be found in its bytes."""


class Sheet:
    """A sheet in pieces, with its formulas and the cells in which a result is saved."""

    def __init__(self, archive: Archive, member: str, place: Place) -> None:
        self.member, self.place = member, place
        self._prefix = self._start = self._rewritten = b""
        try:
            self._find_formulas(archive)
        except UnusualMarkup:
            self._rewritten = etree.tostring(parse_part(archive, member), encoding="UTF-8")
            self._find_formulas(archive)

    def _find_formulas(self, archive: Archive) -> None:
        self.formulas: list[FormulaCell] = []
        self.results: set[Cell] = set()
        kind, begins = OTHER, False
        for kind, number, piece in self._pieces(archive):
            if kind == ROW and (b"<f" in piece or b":f" in piece):
                self._collect_formulas(self._parse(piece), number)
            begins = begins or (kind == OTHER and b"sheetData" in piece)
        if kind == OTHER:
            raise self._damaged() if begins else InputError("The sheet has no cells.", self.place, SAVE_XLSX_HINT)

    def _collect_formulas(self, row: etree._Element, number: int) -> None:
        for column, cell in self._cells(row).items():
            formula = cell.find("{*}f")
            if formula is None:
                continue
            if len(self.formulas) >= MAX_FORMULAS:
                message = f"The sheet has more than {MAX_FORMULAS:,} formulas."
                raise InputError(message, self.place, "Change it in a spreadsheet program.")
            text = formula.text or ""
            text = text if len(text) <= MAX_FORMULA_LENGTH and not len(formula) else UNREADABLE_MARK
            attributes = {str(name): str(value) for name, value in formula.attrib.items()} or NO_ATTRIBUTES
            self.formulas.append(FormulaCell(self.place.sheet, (number, column), text=text, attributes=attributes))
            if cell.findtext("{*}v"):
                self.results.add((number, column))

    def write(self, archive: Archive, texts: Mapping[Cell, NewText], emptied: Collection[Cell] = ()) -> Iterator[bytes]:
        """Write texts into cells, and remove the saved results of others."""
        changes: dict[int, dict[int, NewText | None]] = {}
        for (row, column), text in {**dict.fromkeys(emptied), **texts}.items():
            changes.setdefault(row, {})[column] = text
        waiting = sorted(changes, reverse=True)
        for kind, number, piece in self._pieces(archive):
            if kind == EMPTY:
                yield piece[: -len(b"/>")] + b">"
            while waiting and (kind in (EMPTY, END) or 0 < number > waiting[-1]):
                new = waiting.pop()
                yield self._edit(b'<%srow r="%d"/>' % (self._prefix, new), new, changes[new])
            if kind == EMPTY:
                yield b"</" + self._prefix + b"sheetData>"
            elif number not in changes:
                yield piece
            elif waiting[-1:] != [number]:
                raise self._repeats()
            else:
                yield self._edit(piece, waiting.pop(), changes[number])

    def _pieces(self, archive: Archive) -> Iterator[tuple[str, int, bytes]]:
        """Yield the pieces that make up the sheet, with their kind and, for rows, their number."""
        chunks = chain([self._rewritten] if self._rewritten else archive.chunks(self.member), [b""])
        rest, number, token, due = b"", 0, None, PIECE_BYTES
        for chunk in chunks:
            rest += chunk
            if chunk and len(rest) < due:
                continue
            at = 0
            if token is None and (root := ROOT.search(rest)):
                self._start, at = root[0], root.end()
                self._prefix = root[1] + b":" if root[1] else b""
                token = self._build_token()
                yield OTHER, 0, rest[:at]
            declaration = DECLARATION.match(rest)
            if UNUSUAL_MARKUP.search(rest, declaration.end() if declaration else 0):
                raise UnusualMarkup
            for match in token.finditer(rest, at) if token else ():
                if at < match.start():
                    yield OTHER, 0, rest[at : match.start()]
                at, kind = match.end(), match.lastgroup or OTHER
                number = self._read_number(match["attributes"], number + 1) if kind == ROW else 0
                yield kind, number, match[0]
                if kind != ROW:
                    yield from ((kind, 0, piece) for piece in chain([rest[at:]], chunks))
                    return
            rest = rest[at:]
            due = len(rest) + max(len(rest), PIECE_BYTES)  # the beginning of a long row is not searched again and again
            if len(rest) > MAX_ROW_BYTES:
                raise self._damaged()
        yield OTHER, 0, rest

    def _build_token(self) -> re.Pattern[bytes]:
        row, data = self._prefix + b"row", self._prefix + b"sheetData"
        parts = (
            rb"(?P<row><%s(?=[\s/>])(?P<attributes>%s)(?:/>|>.*?</%s\s*>))" % (row, ATTRIBUTES, row),
            rb"(?P<empty><%s(?=[\s/])%s/>)" % (data, ATTRIBUTES),
            rb"(?P<end></%s\s*>)" % data,
        )
        return re.compile(b"|".join(parts), re.DOTALL)

    def _read_number(self, attributes: bytes, following: int) -> int:
        stated = ROW_NUMBER.search(attributes)
        try:
            return int(stated[1]) if stated else following
        except ValueError:
            raise self._damaged() from None

    def _parse(self, piece: bytes) -> etree._Element:
        try:
            return etree.fromstring(self._start + piece + b"</" + self._prefix + b"worksheet>", PARSER)[0]
        except etree.XMLSyntaxError as error:
            raise self._damaged() from error

    def _cells(self, row: etree._Element) -> dict[int, etree._Element]:
        cells: dict[int, etree._Element] = {}
        column = 0
        for cell in row.iterchildren("{*}c"):
            try:
                column = parse_cell(str(cell.attrib["r"]))[1] if "r" in cell.attrib else column + 1
            except ValueError:
                raise self._damaged() from None
            if column in cells:
                raise self._repeats()
            cells[column] = cell
        return cells

    def _edit(self, piece: bytes, number: int, changes: Mapping[int, NewText | None]) -> bytes:
        row = self._parse(piece)
        cells = self._cells(row)
        for column, written in changes.items():
            old = cells.get(column)
            if written is None:
                if old is not None and (result := old.find("{*}v")) is not None:
                    old.remove(result)
                continue
            new = build_cell(row, (number, column), written, (row if old is None else old).get("s", ""))
            behind = min((other for other in cells if other > column), default=0)
            if old is not None:
                row.replace(old, new)
            elif behind:
                cells[behind].addprevious(new)
            else:
                row.append(new)
            cells[column] = new
        whole = etree.tostring(row.getroottree(), encoding="UTF-8")
        return whole[whole.index(b">") + 1 : whole.rindex(b"</")]

    def _damaged(self) -> InputError:
        return InputError("A part of the workbook is damaged.", self.place, SAVE_XLSX_HINT)

    def _repeats(self) -> InputError:
        return InputError("The sheet contains a cell twice.", self.place, SAVE_XLSX_HINT)


def build_cell(row: etree._Element, at: Cell, written: NewText, style: str) -> etree._Element:
    namespace = row.tag.removesuffix("row")
    cell = row.makeelement(f"{namespace}c", {"r": format_cell(*at)} | ({"s": style} if style else {}))
    text, is_number = written
    if is_number:
        etree.SubElement(cell, f"{namespace}v").text = text
    elif text:
        cell.set("t", "inlineStr")
        inline = etree.SubElement(etree.SubElement(cell, f"{namespace}is"), f"{namespace}t", {XML_SPACE: "preserve"})
        inline.text = clean_text(text)
    return cell


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
                    buffered = io.BufferedWriter(cast("io.RawIOBase", member), PIECE_BYTES)
                    buffered.writelines(changed[info.filename])
                    buffered.flush()
                    buffered.detach()
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


VOLATILE_FUNCTIONS = frozenset(
    {"INDIRECT", "OFFSET", "ANCHORARRAY", "_XLFN.ANCHORARRAY", "GETPIVOTDATA", "SUBTOTAL", "AGGREGATE"}
)
TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    | (?P<function>[^\W\d][\w.]*)\(
    | (?:(?P<sheet>'(?:[^']|'')+'|(?:\[\d+\])?[\w.]+)!)?
      (?:(?P<cells>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?)
        |(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})
        |(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7}))(?![\w.(!:\[\#])
    | (?P<plain>[0-9]+(?:\.[0-9]*)?(?:[Ee][+-]?[0-9]+)?|\.[0-9]+|(?:TRUE|FALSE)\b(?![.(!])|\#(?:N/A|[A-Z0/]+[!?])
        |[-+*/^&=<>(),;{}%@\s])""",
    re.VERBOSE,
)
MAX_RANGES = 8
"""Maximum number of separate cells; more are replaced by the rectangle around them."""
MAX_CHAIN = 25


@dataclass(frozen=True, slots=True)
class Range:
    sheet: str
    _: KW_ONLY
    first: Cell
    last: Cell

    def meets(self, other: Range) -> bool:
        return self.sheet == other.sheet and all(
            self.first[axis] <= other.last[axis] and other.first[axis] <= self.last[axis] for axis in (0, 1)
        )

    def shift_range(self, steps_back: Cell, steps_on: Cell) -> Range:
        first = (max(1, self.first[0] - steps_back[0]), max(1, self.first[1] - steps_back[1]))
        return Range(self.sheet, first=first, last=(self.last[0] + steps_on[0], self.last[1] + steps_on[1]))


@dataclass(frozen=True, slots=True)
class FormulaCell:
    sheet: str
    cell: Cell
    _: KW_ONLY
    text: str
    attributes: Mapping[str, str]

    @property
    def group(self) -> str:
        return self.attributes.get("si", "") if self.attributes.get("t") == "shared" else ""

    @property
    def fills(self) -> Range:
        if self.attributes.get("t") == "array" and (filled := self.spread):
            return filled
        return Range(self.sheet, first=self.cell, last=self.cell)

    @property
    def spread(self) -> Range | None:
        first, _, last = self.attributes.get("ref", "").partition(":")
        try:
            return Range(self.sheet, first=parse_cell(first), last=parse_cell(last or first)) if first else None
        except ValueError:
            return None


def list_ranges_read(text: str, sheet: str, sheets: Collection[str]) -> tuple[Range, ...] | None:
    """Return the ranges that a formula reads; None if uncertain.

    >>> list_ranges_read("SUM(A1:B2)*2", "T", ["T"])
    (Range(sheet='T', first=(1, 1), last=(2, 2)),)
    >>> list_ranges_read("INDIRECT(A1)", "T", ["T"]) is list_ranges_read("rate*2", "T", ["T"]) is None
    True
    """
    names = {name.casefold(): name for name in sheets}
    ranges, at = [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or (token["function"] or "").upper() in VOLATILE_FUNCTIONS:
            return None
        at = token.end()
        reference = token["cells"] or token["columns"] or token["rows"]
        if not reference:
            continue
        written = (token["sheet"] or sheet).strip("'").replace("''", "'") if token["sheet"] else sheet
        if "[" in written:  # a cell of another workbook
            continue
        if written.casefold() not in names:
            return None
        ranges.append(parse_range(reference.replace("$", "").upper(), names[written.casefold()]))
    return tuple(ranges)


def parse_range(reference: str, sheet: str) -> Range:
    """Convert a reference to a rectangle; whole columns or rows have all their cells."""
    first, _, last = reference.partition(":")
    last = last or first
    if first.isdigit():
        first, last = f"A{first}", f"A{last}"
        corners = [parse_cell(first), parse_cell(last)]
        corners = [(corners[0][0], 1), (corners[1][0], LAST_COLUMN)]
    elif first.isalpha():
        corners = [(1, parse_cell(f"{first}1")[1]), (LAST_ROW, parse_cell(f"{last}1")[1])]
    else:
        corners = [parse_cell(first), parse_cell(last)]
    rows, columns = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    return Range(sheet, first=(rows[0], columns[0]), last=(rows[1], columns[1]))


def list_dependents(
    changed: Collection[tuple[str, Cell]], formulas: Sequence[FormulaCell], sheets: Collection[str]
) -> list[FormulaCell]:
    heads = {(formula.sheet, formula.group): formula for formula in formulas if formula.group and formula.text}
    reads = [list_precedents(formula, heads, sheets) for formula in formulas]
    stale = {at for at, ranges in enumerate(reads) if ranges is None}
    front = [Range(sheet, first=cell, last=cell) for sheet, cell in changed]
    front += [formulas[at].fills for at in sorted(stale)]
    for _ in range(MAX_CHAIN):
        around = list(merge_ranges(front))
        reached = [
            at
            for at, ranges in enumerate(reads)
            if at not in stale and any(each.meets(other) for each in ranges or () for other in around)
        ]
        stale.update(reached)
        front = [formulas[at].fills for at in reached]
        if not front:
            return [formulas[at] for at in sorted(stale)]
    return list(formulas)


def list_precedents(
    formula: FormulaCell, heads: Mapping[tuple[str, str], FormulaCell], sheets: Collection[str]
) -> tuple[Range, ...] | None:
    """Return the cells that a formula reads; for shared formulas, those of all sharing cells."""
    if not formula.group:
        is_plain = bool(formula.text) and formula.attributes.get("t") in (None, "normal", "array")
        return list_ranges_read(formula.text, formula.sheet, sheets) if is_plain else None
    head = heads.get((formula.sheet, formula.group))
    spread = head.spread if head else None
    if head is None or spread is None:
        return None
    ranges = list_ranges_read(head.text, head.sheet, sheets)
    back = (head.cell[0] - spread.first[0], head.cell[1] - spread.first[1])
    on = (spread.last[0] - head.cell[0], spread.last[1] - head.cell[1])
    return None if ranges is None else tuple(each.shift_range(back, on) for each in ranges)


def merge_ranges(ranges: Sequence[Range]) -> Iterator[Range]:
    if len(ranges) <= MAX_RANGES:
        yield from ranges
        return
    for sheet in sorted({each.sheet for each in ranges}):
        own = [each for each in ranges if each.sheet == sheet]
        first = (min(each.first[0] for each in own), min(each.first[1] for each in own))
        yield Range(sheet, first=first, last=(max(each.last[0] for each in own), max(each.last[1] for each in own)))
