"""A workbook with other values in some of its cells, and everything else as it was, to the byte.

Only the cells that are named change: formulas, styles, pictures, charts, macros and whatever else a workbook holds stay
in their parts unread. What formulas gave before is taken out where it may no longer hold, since they read, directly or
through others, a cell that changed; then the workbook is told to calculate anew when it is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from html import unescape
from xml.parsers import expat
from xml.sax.saxutils import escape

from sdmxmig.errors import InputError
from sdmxmig.intake.archives import Archive, open_zip
from sdmxmig.intake.xml import local
from sdmxmig.model.tables import Cell
from sdmxmig.outputs.findings_sheet import clean
from sdmxmig.outputs.formula_precedents import FormulaCell, dependents
from sdmxmig.outputs.workbook_bytes import EPOCH
from sdmxmig.places import Place, cell_name, cell_position
from sdmxmig.tables.xlsx import part, relations

NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
BEFORE_CALC = ("sheets", "functionGroups", "externalReferences", "definedNames")
"""Behind the last of these the settings for calculation stand in a workbook."""
Edit = tuple[int, int, bytes]
"""From where to where something else is written, and what."""
SAVE_AGAIN = "Open it in a spreadsheet program and save it again as .xlsx."


@dataclass(frozen=True, slots=True)
class Patched:
    """The new workbook, and the cells that were left as they were because a formula stands in them.

    `emptied` are the cells with formulas whose saved result was taken out, since it may no longer hold.
    """

    content: bytes
    formulas: tuple[tuple[str, Cell], ...]
    _: KW_ONLY
    emptied: tuple[tuple[str, Cell], ...] = ()


def patch(name: str, content: bytes, cells: Mapping[tuple[str, Cell], str]) -> Patched:
    """Write texts into cells, given by the name of their sheet and their row and column; a number becomes a number.

    A cell keeps its style. A cell with a formula keeps it and is named. Same input, same bytes. Raises `InputError`
    if the workbook is damaged or beyond the limits, and for a sheet that it does not have.
    """
    archive = open_zip(content, name)
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    sheets = sheet_parts(archive, main)
    texts_by_sheet: dict[str, dict[Cell, str]] = {}
    for (sheet, cell), text in cells.items():
        if sheet not in sheets:
            raise InputError(f"There is no sheet “{sheet}” in the workbook.", Place(name), "Look at its sheets.")
        texts_by_sheet.setdefault(sheet, {})[cell] = text
    changed: dict[str, bytes] = {}
    formulas: list[tuple[str, Cell]] = []
    for sheet in sorted(texts_by_sheet):
        member = sheets[sheet]
        changed[member], formula_cells = patched_sheet(archive.read(member), texts_by_sheet[sheet], Place(name, sheet))
        formulas += [(sheet, cell) for cell in formula_cells]
    written = {at for at in cells if at not in formulas}
    emptied = without_stale_results(archive, sheets, changed, written=written, place=Place(name)) if written else []
    if emptied:
        changed[main] = calculating_anew(archive.read(main), Place(name))
    return Patched(repacked(archive, changed), tuple(formulas), emptied=tuple(emptied))


def without_stale_results(
    archive: Archive,
    sheets: Mapping[str, str],
    changed: dict[str, bytes],
    *,
    written: Collection[tuple[str, Cell]],
    place: Place,
) -> list[tuple[str, Cell]]:
    """Take what formulas gave out of the sheets where it may no longer hold; gives the cells that had such a result."""
    contents = {
        sheet: content
        for sheet, member in sorted(sheets.items())
        if has_formulas(content := changed.get(member) or archive.read(member))
    }
    finders = {
        sheet: SpanFinder(content, Place(place.file, sheet), frozenset(), sheet=sheet)
        for sheet, content in contents.items()
    }
    formulas = [formula for finder in finders.values() for formula in finder.formulas]
    stale = {(formula.sheet, formula.cell) for formula in dependents(written, formulas, sheets.keys())}
    emptied = []
    for sheet, finder in finders.items():
        results = [(start, end) for cell, start, end in finder.results if (sheet, cell) in stale]
        emptied += [(sheet, cell) for cell, start, end in finder.results if (sheet, cell) in stale and end > start]
        if results:
            changed[sheets[sheet]] = spliced(contents[sheet], [(start, end, b"") for start, end in results])
    return emptied


def sheet_parts(archive: Archive, main: str) -> dict[str, str]:
    """The part of each sheet of cells, by its name."""
    linked = {relation.id: relation.target for relation in relations(archive, main) if relation.kind == "worksheet"}
    parts = {}
    for sheet in part(archive, main).iter():
        if local(str(sheet.tag)) == "sheet":
            attributes = {local(str(name)): str(value) for name, value in sheet.attrib.items()}
            if attributes.get("id") in linked:
                parts[attributes.get("name", "")] = linked[attributes["id"]]
    return parts


def has_formulas(content: bytes) -> bool:
    """Whether a sheet holds a formula."""
    return re.search(rb"<(?:\w+:)?f[\s/>]", content) is not None


@dataclass(slots=True)
class ElementSpan:
    """Where an element stands in the bytes of a part: its start tag, and its end."""

    name: str
    attributes: dict[str, str]
    _: KW_ONLY
    start: int
    inside: int
    end: int = 0
    close: int = 0
    children: list[ElementSpan] = field(default_factory=list)
    has_formula: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.end == self.inside


class SpanFinder:
    """Finds where some elements of a part stand, without building a tree: of cells those in some rows.

    `outermost` are those in no other one; `behind` gives for each of these rows where the first row below it begins;
    `formulas` are those of the `sheet`, and `results` the stretches that say what the formula of a cell gave.
    """

    def __init__(
        self, content: bytes, place: Place, keep: frozenset[str], rows: Sequence[int] = (), *, sheet: str = ""
    ) -> None:
        self.content, self.place, self.keep, self.rows = content, place, keep, frozenset(rows)
        self.outermost: list[ElementSpan] = []
        self.behind: dict[int, int] = {}
        self.results: list[tuple[Cell, int, int]] = []
        self.formulas: list[FormulaCell] = []
        self.sheet = sheet
        self._formula: dict[str, str] = {}
        self._formula_at = 0
        self._waiting = sorted(rows, reverse=True)
        self._open: list[ElementSpan] = []
        self._row = self._column = self._result = 0
        self._calculates = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.XmlDeclHandler = self._declared
        try:
            self._parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise InputError("A part of the workbook is damaged.", place, SAVE_AGAIN) from error

    def _refuse(self, *_: object) -> None:
        raise InputError("The workbook has a DOCTYPE, which no workbook needs.", self.place, SAVE_AGAIN)

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise InputError(f"The workbook is written as {encoding}, not as UTF-8.", self.place, SAVE_AGAIN)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind, at = name.rpartition(":")[2], self._parser.CurrentByteIndex
        if kind == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            attributes["r"] = str(self._row)
            while self._waiting and self._waiting[-1] < self._row:
                self.behind[self._waiting.pop()] = at
        elif kind == "c":
            self._calculates = False
            self._column = cell_position(attributes["r"])[1] if "r" in attributes else self._column + 1
            attributes["r"] = cell_name(self._row, self._column)
        elif kind == "f":
            self._calculates, self._formula, self._formula_at = True, attributes, at
            if self._open:
                self._open[-1].has_formula = True
        elif kind == "v":
            self._result = at
        if kind in self.keep and (kind not in ("row", "c") or self._row in self.rows):
            span = ElementSpan(name, attributes, start=at, inside=tag_end(self.content, at))
            (self._open[-1].children if self._open else self.outermost).append(span)
            self._open.append(span)

    def _end(self, name: str) -> None:
        at = self._parser.CurrentByteIndex
        if name.rpartition(":")[2] == "f":
            inside = tag_end(self.content, self._formula_at)
            text = "" if self.content[inside - 2 : inside] == b"/>" else self.content[inside:at].decode()
            cell = (self._row, self._column)
            self.formulas.append(
                FormulaCell(self.sheet, cell, text="\0" if "<" in text else unescape(text), attributes=self._formula)
            )
        elif self._calculates and name.rpartition(":")[2] == "v":
            inside = tag_end(self.content, self._result)
            is_empty = self.content[inside - 2 : inside] == b"/>"
            end = inside if is_empty else tag_end(self.content, at)
            self.results.append(((self._row, self._column), self._result, end))
        if not self._open or self._open[-1].name != name:
            return
        span = self._open.pop()
        is_one_tag = self.content[span.inside - 2 : span.inside] == b"/>"
        span.close, span.end = (span.inside, span.inside) if is_one_tag else (at, tag_end(self.content, at))


def tag_end(content: bytes, start: int) -> int:
    """The position behind a tag; a greater-than sign in an attribute does not end it.

    >>> tag_end(b'<c r=">">1</c>', 0)
    9
    """
    quote = 0
    for position in range(start, len(content)):
        byte = content[position]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == 0x3E:
            return position + 1
    return len(content)


def patched_sheet(content: bytes, texts: Mapping[Cell, str], place: Place) -> tuple[bytes, list[Cell]]:
    """A sheet with other values in these cells, and those of them that hold a formula and stay."""
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in sorted(texts.items()):
        by_row.setdefault(row, {})[column] = text
    spans = SpanFinder(content, place, frozenset({"sheetData", "row", "c"}), list(by_row))
    if not spans.outermost:
        raise InputError("The sheet has no cells.", place, SAVE_AGAIN)
    data = spans.outermost[0]
    prefix = data.name.rpartition("sheetData")[0]
    rows = {int(row.attributes["r"]): row for row in data.children}
    edits: list[Edit] = []
    formula_cells: list[Cell] = []
    for number, cells in by_row.items():
        if number in rows:
            edits += row_edits(rows[number], cells, formula_cells, prefix)
            continue
        inner = b"".join(cell_bytes(prefix, (number, column), text, "") for column, text in cells.items())
        at = spans.behind.get(number, data.close)
        edits.append((at, at, b"".join((f'<{prefix}row r="{number}">'.encode(), inner, f"</{prefix}row>".encode()))))
    return spliced(content, opened(data, edits)), formula_cells


def row_edits(row: ElementSpan, cells: Mapping[int, str], formula_cells: list[Cell], prefix: str) -> list[Edit]:
    """What changes in a row that is there."""
    number = int(row.attributes["r"])
    present = {cell_position(span.attributes["r"])[1]: span for span in row.children}
    edits: list[Edit] = []
    for column, text in cells.items():
        old = present.get(column)
        if old and old.has_formula:
            formula_cells.append((number, column))
            continue
        style = (old or row).attributes.get("s", "")
        replacement = cell_bytes(prefix, (number, column), text, style)
        behind = min((span.start for at, span in present.items() if at > column), default=row.close)
        edits.append((old.start, old.end, replacement) if old else (behind, behind, replacement))
    return opened(row, edits)


def opened(span: ElementSpan, edits: list[Edit]) -> list[Edit]:
    """Edits inside an element; one that is written as one tag gets an end tag."""
    if not (edits and span.is_empty):
        return edits
    inner = b"".join(replacement for _, _, replacement in edits)
    return [(span.inside - len(b"/>"), span.inside, b">" + inner + f"</{span.name}>".encode())]


def spliced(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Bytes with some stretches replaced, in the order of their places."""
    pieces, done = [], 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[0]):
        pieces += [content[done:start], replacement]
        done = end
    return b"".join((*pieces, content[done:]))


def calculating_anew(content: bytes, place: Place) -> bytes:
    """The main part of a workbook, told to calculate all formulas when it is opened."""
    spans = SpanFinder(content, place, frozenset({"calcPr", *BEFORE_CALC})).outermost
    old = next((span for span in spans if span.name.endswith("calcPr")), None)
    setting = b' fullCalcOnLoad="1"'
    if old:
        tag = re.sub(rb"\sfullCalcOnLoad\s*=\s*(\"[^\"]*\"|'[^']*')", b"", content[old.start : old.inside])
        end = len(b"/>") if old.is_empty else len(b">")
        return spliced(content, [(old.start, old.inside, tag[:-end] + setting + tag[-end:])])
    behind = max(span.end for span in spans)
    prefix = spans[0].name.rpartition(":")[0]
    name = f"{prefix}:calcPr" if prefix else "calcPr"
    return spliced(content, [(behind, behind, f"<{name}".encode() + setting + b"/>")])


def repacked(archive: Archive, changed: Mapping[str, bytes]) -> bytes:
    """The archive with some members changed; the list of content types comes first, as everywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for member in sorted(archive.members, key=lambda path: (path != "[Content_Types].xml", path)):
            entry = zipfile.ZipInfo(member, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every system
            target.writestr(entry, changed[member] if member in changed else archive.read(member))
    return buffer.getvalue()


def cell_bytes(prefix: str, at: Cell, text: str, style: str) -> bytes:
    """A cell as it is written: a number as such, another text in the cell itself."""
    styled = f' s="{escape(style)}"' if style else ""
    head = f'<{prefix}c r="{cell_name(*at)}"{styled}'
    if not text:
        return f"{head}/>".encode()
    if NUMBER.fullmatch(text):
        return f"{head}><{prefix}v>{text}</{prefix}v></{prefix}c>".encode()
    inner = f'<{prefix}is><{prefix}t xml:space="preserve">{escape(clean(text))}</{prefix}t></{prefix}is>'
    return f'{head} t="inlineStr">{inner}</{prefix}c>'.encode()
