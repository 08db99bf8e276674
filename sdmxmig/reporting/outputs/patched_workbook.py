"""Workbooks with changed cells; all else is byte-identical.

Saved results of dependent formulas are removed and recalculated on opening.

Archives with replaced members; others are copied compressed.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from html import escape

from sdmxmig.conversion.tables.xlsx import part, relations
from sdmxmig.io.intake.archives import Archive, open_zip
from sdmxmig.io.intake.files import SAVE_AGAIN, SAVE_XLSX
from sdmxmig.io.intake.xml import local
from sdmxmig.io.workbooks import clean
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.element_spans import ElementSpan, SpanFinder
from sdmxmig.reporting.outputs.formula_precedents import dependents
from sdmxmig.sdmx.model.tables import Cell

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
BEFORE_CALC = ("sheets", "functionGroups", "externalReferences", "definedNames")
Edit = tuple[int, int, bytes]
"""From where to where something else is written, and what."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value to write, and whether it is numeric."""

    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Patched:
    """The patched workbook with skipped formula cells; `emptied` lost their results."""

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

    Numbers stay text in `kept_as_text`. Styles and formulas stay. Raises `InputError` for damaged files and unknown
    sheets.
    """
    archive = open_zip(content, name)
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    sheets = sheet_parts(archive, main)
    texts_by_sheet: dict[str, dict[Cell, Written]] = {}
    for (sheet, cell), text in cells.items():
        if sheet not in sheets:
            raise InputError(f"There is no sheet “{sheet}” in the workbook.", Place(name), "Look at its sheets.")
        is_number = NUMBER.fullmatch(text) is not None and (sheet, cell) not in kept_as_text
        texts_by_sheet.setdefault(sheet, {})[cell] = Written(text, is_number)
    finders = {
        sheet: spans_in(archive.chunks(member), Place(name, sheet), [row for row, _ in texts_by_sheet.get(sheet, ())])
        for sheet, member in sorted(sheets.items())
        if cells
    }
    edits: dict[str, list[Edit]] = {}
    formulas: list[tuple[str, Cell]] = []
    for sheet in sorted(texts_by_sheet):
        edits[sheet], formula_cells = sheet_edits(finders[sheet], texts_by_sheet[sheet])
        formulas += [(sheet, cell) for cell in formula_cells]
    written = {at for at in cells if at not in formulas}
    emptied = without_stale_results(finders, edits, written) if written else []
    again = open_zip(content, name)  # unpacked bytes are counted again
    changed: dict[str, Iterable[bytes]] = {
        sheets[sheet]: spliced(again.chunks(sheets[sheet]), own) for sheet, own in edits.items()
    }
    if emptied:
        changed[main] = (calculating_anew(again.read(main), Place(name)),)
    return Patched(repacked(again, content, changed), tuple(formulas), emptied=tuple(emptied))


def spans_in(chunks: Iterable[bytes], place: Place, rows: Iterable[int]) -> SpanFinder:
    keep = frozenset({"sheetData", "row", "c"})
    return SpanFinder(place, keep, sorted(set(rows)), sheet=place.sheet).read(chunks)


def without_stale_results(
    finders: Mapping[str, SpanFinder], edits: dict[str, list[Edit]], written: Collection[tuple[str, Cell]]
) -> list[tuple[str, Cell]]:
    """Remove outdated results of formulas from the sheets; returns their cells."""
    formulas = [formula for finder in finders.values() for formula in finder.formulas]
    stale = {(formula.sheet, formula.cell) for formula in dependents(written, formulas, finders.keys())}
    emptied = []
    for sheet, finder in finders.items():
        results = [result for result in finder.results if (sheet, result[0]) in stale]
        emptied += [(sheet, cell) for cell, _, _ in results]
        if results:
            edits.setdefault(sheet, []).extend((start, end, b"") for _, start, end in results)
    return emptied


def sheet_parts(archive: Archive, main: str) -> dict[str, str]:
    linked = {relation.id: relation.target for relation in relations(archive, main) if relation.kind == "worksheet"}
    parts = {}
    for sheet in part(archive, main).iter():
        if local(str(sheet.tag)) == "sheet":
            attributes = {local(str(name)): str(value) for name, value in sheet.attrib.items()}
            if attributes.get("id") in linked:
                parts[attributes.get("name", "")] = linked[attributes["id"]]
    return parts


def sheet_edits(spans: SpanFinder, texts: Mapping[Cell, Written]) -> tuple[list[Edit], list[Cell]]:
    by_row: dict[int, dict[int, Written]] = {}
    for (row, column), text in sorted(texts.items()):
        by_row.setdefault(row, {})[column] = text
    if not spans.outermost:
        raise InputError("The sheet has no cells.", spans.place, SAVE_XLSX)
    data = spans.outermost[0]
    prefix = data.name.rpartition("sheetData")[0]
    rows = {int(row.attributes["r"]): row for row in data.children}
    if len(rows) < len(data.children) or any(has_one_cell_twice(row) for row in data.children):
        raise InputError("The sheet holds a cell twice.", spans.place, SAVE_XLSX)
    edits: list[Edit] = []
    formula_cells: list[Cell] = []
    for number, cells in by_row.items():
        if number in rows:
            edits += row_edits(rows[number], cells, formula_cells, prefix)
            continue
        inner = b"".join(cell_bytes(prefix, (number, column), text, "") for column, text in cells.items())
        at = spans.behind.get(number, data.close)
        edits.append((at, at, b"".join((f'<{prefix}row r="{number}">'.encode(), inner, f"</{prefix}row>".encode()))))
    return opened(data, edits), formula_cells


def has_one_cell_twice(row: ElementSpan) -> bool:
    return len({span.attributes["r"] for span in row.children}) < len(row.children)


def row_edits(row: ElementSpan, cells: Mapping[int, Written], formula_cells: list[Cell], prefix: str) -> list[Edit]:
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
    if not (edits and span.is_empty):
        return edits
    inner = b"".join(replacement for _, _, replacement in edits)
    return [(span.inside - len(b"/>"), span.inside, b">" + inner + f"</{span.name}>".encode())]


def spliced(chunks: Iterable[bytes], edits: Sequence[Edit]) -> Iterator[bytes]:
    """Replace stretches of bytes, piece by piece.

    >>> b"".join(spliced([b"abc", b"def"], [(2, 4, b"-"), (6, 6, b".")]))
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


def calculating_anew(content: bytes, place: Place) -> bytes:
    """Set a workbook to recalculate all formulas on opening."""
    spans = SpanFinder(place, frozenset({"calcPr", *BEFORE_CALC})).read([content]).outermost
    old = next((span for span in spans if span.name.endswith("calcPr")), None)
    setting = b' fullCalcOnLoad="1"'
    if old:
        tag = re.sub(rb"\sfullCalcOnLoad\s*=\s*(\"[^\"]*\"|'[^']*')", b"", content[old.start : old.inside])
        end = len(b"/>") if old.is_empty else len(b">")
        return b"".join(spliced([content], [(old.start, old.inside, tag[:-end] + setting + tag[-end:])]))
    behind = max(span.end for span in spans)
    prefix = spans[0].name.rpartition(":")[0]
    name = f"{prefix}:calcPr" if prefix else "calcPr"
    return b"".join(spliced([content], [(behind, behind, f"<{name}".encode() + setting + b"/>")]))


def cell_bytes(prefix: str, at: Cell, written: Written, style: str) -> bytes:
    styled = f' s="{escape(style, quote=False)}"' if style else ""
    head = f'<{prefix}c r="{cell_name(*at)}"{styled}'
    if not written.text:
        return f"{head}/>".encode()
    if written.is_number:
        return f"{head}><{prefix}v>{written.text}</{prefix}v></{prefix}c>".encode()
    text = escape(clean(written.text), quote=False)
    inner = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
    return f'{head} t="inlineStr">{inner}</{prefix}c>'.encode()


LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s4B4H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_MAGIC, ENTRY_MAGIC, END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
UTF8_NAME = 0x800
LARGE_SIZES = 1
"""The number of the extra field with sizes of more than 32 bits; ours have none."""
VERSION = 20


def repacked(archive: Archive, content: bytes, changed: Mapping[str, Iterable[bytes]]) -> bytes:
    """Replace members of an archive; order, names and times stay; deterministic.

    Raises `InputError` for overlapping members.
    """
    members = sorted(archive.directory, key=lambda info: info.header_offset)
    ends = [*(info.header_offset for info in members[1:]), archive.directory_at]
    written = io.BytesIO()
    stored = memoryview(content)
    written.write(stored[: members[0].header_offset])
    entries: dict[str, bytes] = {}
    for info, end in zip(members, ends, strict=True):
        name = name_of(info, content, end=end, archive=archive.name)
        at = written.tell()
        if info.filename in changed:
            entries[info.filename] = entry(packed(info, name, changed[info.filename], written), name, at)
        else:
            written.write(stored[info.header_offset : end])
            entries[info.filename] = entry(info, name, at)
    at = written.tell()
    for info in archive.directory:
        written.write(entries[info.filename])
    count, size = len(entries), written.tell() - at
    numbers = (0, 0, count, count, size, at, len(archive.comment))
    written.write(END.pack(END_MAGIC, *numbers) + archive.comment)
    return written.getvalue()


def name_of(info: zipfile.ZipInfo, content: bytes, *, end: int, archive: str) -> bytes:
    header = content[info.header_offset : info.header_offset + LOCAL.size]
    if len(header) == LOCAL.size and header.startswith(LOCAL_MAGIC):
        *_, name_length, extra_length = LOCAL.unpack(header)
        begin = info.header_offset + LOCAL.size
        if begin + name_length + extra_length + info.compress_size <= end:
            return content[begin : begin + name_length]
    raise InputError("A member of the archive is damaged.", Place(archive, key=info.filename), SAVE_AGAIN)


def packed(old: zipfile.ZipInfo, name: bytes, chunks: Iterable[bytes], written: io.BytesIO) -> zipfile.ZipInfo:
    begin = written.tell()
    written.write(bytes(LOCAL.size) + name)
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = size = 0
    for chunk in chunks:
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        written.write(packer.compress(chunk))
    written.write(packer.flush())
    info = zipfile.ZipInfo(old.filename, old.date_time)
    for fact in ("create_system", "create_version", "internal_attr", "external_attr", "comment"):
        setattr(info, fact, getattr(old, fact))
    info.extract_version = VERSION
    info.compress_type, info.flag_bits = zipfile.ZIP_DEFLATED, old.flag_bits & UTF8_NAME
    info.CRC, info.file_size = crc, size
    info.compress_size = written.tell() - begin - LOCAL.size - len(name)
    end = written.tell()
    written.seek(begin)
    how = (VERSION, info.flag_bits, info.compress_type, *moment(info))
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), 0)
    written.write(LOCAL.pack(LOCAL_MAGIC, *how, *sizes))
    written.seek(end)
    return info


def entry(info: zipfile.ZipInfo, name: bytes, at: int) -> bytes:
    extra = small_extra(info.extra)
    made_by = (info.create_version, info.create_system, info.extract_version, 0)
    how = (info.flag_bits, info.compress_type, *moment(info))
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), len(extra), len(info.comment), 0)
    fields = (*made_by, *how, *sizes, info.internal_attr, info.external_attr, at)
    return ENTRY.pack(ENTRY_MAGIC, *fields) + name + extra + info.comment


def moment(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def small_extra(extra: bytes) -> bytes:
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind != LARGE_SIZES:
            kept += extra[at : at + 4 + length]
        at += 4 + length
    return kept
