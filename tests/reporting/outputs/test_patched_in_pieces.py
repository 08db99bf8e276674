"""A workbook is patched piece by piece: untouched bytes are kept, and other parts are stored as before."""

from __future__ import annotations

import io
import struct
import zipfile
from itertools import pairwise

import openpyxl
import pytest
import python_calamine
from test_patched_workbook import workbook

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import format_cell
from sdmxmig.reporting.outputs import patched_workbook
from sdmxmig.reporting.outputs.patched_workbook import patch

SHEET = "xl/worksheets/sheet1.xml"
OWN_FIELD = struct.pack("<2H3s", 0xCAFE, 3, b"own")


class Pipe(io.RawIOBase):
    """A target that cannot seek, so that sizes follow each member."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.content += piece
        return len(piece)


def rows_of(prefix: str, *, count: int = 60, first: str = "") -> str:
    """Rows of two figures, every tenth with a formula, the one numbered 30 left out."""
    rows = [first]
    for row in [row for row in range(1, count) if row != 30]:
        formula = f"<{prefix}f>SUM(A{row}:B{row})</{prefix}f>" if row % 10 == 0 else ""
        cells = f'<{prefix}c r="A{row}"><{prefix}v>{row}</{prefix}v></{prefix}c>'
        cells += f'<{prefix}c r="C{row}" s="0">{formula}<{prefix}v>{3 * row}</{prefix}v></{prefix}c>'
        rows.append(f'<{prefix}row r="{row}" spans="1:3">{cells}</{prefix}row>')
    return f"<{prefix}sheetData>{''.join(rows)}</{prefix}sheetData>"


def cells_in(content: bytes) -> dict[str, object]:
    """The value of every cell of the first sheet in another program, or its formula."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.io.intake.archives.CHUNK", 97)
    monkeypatch.setattr(patched_workbook, "PIECE_BYTES", 400)


COMMENT = '<!-- <row r="7"><c r="A7"><v>5</v></c></row> ' + '<row r="8"> ' * 90 + "-->"


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("cell", [(1, 1), (7, 1), (7, 2), (20, 1), (30, 1), (45, 4), (59, 3), (90, 2)])
@pytest.mark.parametrize(
    ("data", "prefix"),
    [
        (rows_of(""), ""),
        (rows_of("x:"), "x"),
        (rows_of("", first=COMMENT), ""),
        (rows_of("").replace('<row r="8" ', "<row "), ""),
        (rows_of("").replace("<v>3</v>", '<v x="row r=&quot;7&quot;">3</v>'), ""),
        (rows_of("").replace("<row ", "<row\n").replace("row\nr", "row r", 20), ""),
    ],
)
def test_only_the_cell_changes_for_any_chunk_boundaries(data: str, prefix: str, cell: tuple[int, int]) -> None:
    before = workbook(data, prefix=prefix)
    after = patch("a.xlsx", before, {("T", cell): "4711"}).content
    assert cells_in(after) == cells_in(before) | {format_cell(*cell): 4711}
    rows = [int(row) for row in openpyxl.load_workbook(io.BytesIO(after)).worksheets[0].row_dimensions]
    assert all(first < second for first, second in pairwise(rows))


@pytest.mark.usefixtures("in_small_pieces")
def test_outdated_results_in_other_chunks_are_removed() -> None:
    patched = patch("a.xlsx", workbook(rows_of("")), {("T", (50, 2)): "1"})
    assert patched.emptied == (("T", (50, 3)),)
    values = openpyxl.load_workbook(io.BytesIO(patched.content), data_only=True).worksheets[0]
    assert [values[f"C{row}"].value for row in (10, 20, 40, 49, 50)] == [30, 60, 120, 147, None]


def stored(content: bytes) -> dict[str, bytes]:
    """The bytes of each member as they lie in an archive, with their header and what follows them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        ends = [*(info.header_offset for info in infos[1:]), archive.start_dir]
    return {info.filename: content[info.header_offset : end] for info, end in zip(infos, ends, strict=True)}


def facts(content: bytes) -> dict[str, dict[str, object]]:
    """The directory of an archive except for offsets."""
    names = [name for name in zipfile.ZipInfo.__slots__ if not name.startswith("_") and name != "header_offset"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: {name: getattr(info, name, None) for name in names} for info in archive.infolist()}


def as_others_pack(target: io.RawIOBase | io.BytesIO) -> None:
    """The parts of a workbook packed in the ways of several programs: times, fields, comments, and no packing."""
    with (
        zipfile.ZipFile(io.BytesIO(workbook(rows_of("")))) as source,
        zipfile.ZipFile(target, "w") as archive,  # type: ignore[arg-type]
    ):
        for number, name in enumerate(reversed(source.namelist())):
            info = zipfile.ZipInfo(name, (2001 + number, 2, 3, 4, 5, 6))
            info.compress_type = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)[number % 2]
            info.comment, info.external_attr = b"of the office", 0o644 << 16
            info.extra = (b"", OWN_FIELD)[number % 2]
            with archive.open(info, "w", force_zip64=number == 2) as member:
                member.write(source.read(name))
        archive.writestr("docProps/Übersicht.bin", bytes(range(256)))
        archive.comment = b"quarterly"


@pytest.mark.parametrize("in_a_pipe", [False, True])
def test_every_other_part_is_stored_as_before(in_a_pipe: bool) -> None:
    target, pipe = io.BytesIO(), Pipe()
    as_others_pack(pipe if in_a_pipe else target)
    before = bytes(pipe.content) if in_a_pipe else target.getvalue()
    after = patch("a.xlsx", before, {("T", (7, 1)): "4711"}).content
    old, new = stored(before), stored(after)
    assert list(old) == list(new)
    assert [name for name in old if old[name] != new[name]] == [SHEET]
    assert [name for name, said in facts(before).items() if facts(after)[name] != said] == [SHEET]
    archive = zipfile.ZipFile(io.BytesIO(after))
    assert (archive.testzip(), archive.comment) == (None, b"quarterly")
    assert archive.getinfo(SHEET).date_time == zipfile.ZipFile(io.BytesIO(before)).getinfo(SHEET).date_time
    assert cells_in(after)["A7"] == 4711
    assert python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).to_python()[6] == [
        *(4711.0, "", 21.0)
    ]


def test_overlapping_archive_members_are_refused() -> None:
    content = bytearray(workbook(rows_of("")))
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]  # the second begins where the first does
    with pytest.raises(InputError, match="damaged"):
        patch("a.xlsx", bytes(content), {("T", (7, 1)): "4711"})


def test_too_many_formulas_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patched_workbook, "MAX_FORMULAS", 3)
    with pytest.raises(InputError, match="more than 3 formulas"):
        patch("a.xlsx", workbook(rows_of("")), {("T", (7, 1)): "4711"})


def test_too_large_decompressed_part_is_refused() -> None:
    padded, written = rows_of("") + " " * (40 << 20), io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(workbook("")))
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, f"<worksheet>{padded}</worksheet>" if name == SHEET else source.read(name))
    with pytest.raises(InputError, match="more than 100 times"):
        patch("a.xlsx", written.getvalue(), {("T", (7, 1)): "4711"})
