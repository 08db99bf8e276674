"""Files of other formats than .xlsx that are made to do harm; `benchmarks.hostile_workbooks` reads them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from random import Random

import polars as pl
from binary_workbooks import SECTOR, record, record12, xls, xlsb

SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
NOISE = Random(1)  # noqa: S311 - it keeps no secret
MILLION = 10**6


def zipped(members: Mapping[str, Iterable[bytes]]) -> bytes:
    """A zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in members.items():
            with archive.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece)
    return written.getvalue()


def noisy(size: int) -> bytes:
    """Comments of noise that keep so many bytes of XML below the ratio at which an archive is refused."""
    return b"".join(b"<!--%s-->" % NOISE.randbytes(10_000).hex().encode() for _ in range(size // 700_000 + 1))


def ods(body: bytes, styles: bytes = b"", prolog: bytes = b"") -> bytes:
    """An OpenDocument workbook with this in its body."""
    head = f"<office:document-content {SPACES}><office:automatic-styles>".encode()
    middle = b"</office:automatic-styles><office:body><office:spreadsheet>"
    tail = b"</office:spreadsheet></office:body></office:document-content>"
    pieces = [prolog, head, styles, middle, body, tail, noisy(len(styles) + len(body))]
    return zipped({"mimetype": [SPREADSHEET.encode()], "content.xml": pieces})


def sheet(inner: bytes) -> bytes:
    """A sheet of such a workbook."""
    return b'<table:table table:name="T">' + inner + b"</table:table>"


def circle() -> bytes:
    """An .xls workbook whose chain of sectors comes back to its beginning."""
    content = bytearray(xls())
    first, last = 2, 9
    struct.pack_into("<I", content, SECTOR + 4 * last, first)
    return bytes(content)


def sheets_of_all(names: int, records: int) -> bytes:
    """An .xls workbook in which so many names stand for one sheet: its own first part."""
    name = record(0x85, struct.pack("<IBB", 0, 0, 0) + b"\1\0S")
    return xls(shared=record(0x201, bytes(6)) * records + name * names)


def silent(records: int) -> bytes:
    """An .xlsb workbook of records that say nothing, with noise behind them."""
    return xlsb(record12(1) * records + record12(1, NOISE.randbytes(records // 40)))


def px(statements: str, data: str = "1;") -> bytes:
    """A PC-Axis file."""
    return f'CHARSET="ANSI";\n{statements}\nDATA={data}'.encode()


def parquet(repeated: int, length: int) -> bytes:
    """A Parquet file with one long text in very many records."""
    written = io.BytesIO()
    pl.DataFrame({"a": pl.Series(["x" * length]).new_from_index(0, repeated)}).write_parquet(
        written, compression="zstd"
    )
    return written.getvalue()


def false_footer() -> bytes:
    """A Parquet file whose end says that it has very many records."""
    content = parquet(1_000, 5)
    size = struct.unpack("<I", content[-8:-4])[0]
    body, footer = content[: -8 - size], content[-8 - size : -8]
    return body + footer.replace(b"\xd0\x0f", b"\xfe\xff\xff\xff\x0f") + content[-8:]


ONE = b'<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "&quot;ha&quot;"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
DEEP = zipped({"a.zip": [bytes(10 * MILLION)]})
CASES: dict[str, Callable[[], bytes]] = {
    "archives in archives.xlsx": lambda: zipped(
        {"xl/workbook.xml": [b"<workbook/>"], "b.zip": [DEEP], "c.zip": [DEEP]}
    ),
    "quoted entities that laugh.ods": lambda: ods(sheet(b"&c;"), prolog=LAUGHS),
    "4,001,000 filled cells.ods": lambda: ods(
        sheet((b"<table:table-row>" + ONE * 1_000 + b"</table:table-row>") * 4_001)
    ),
    "13 M elements that say nothing.ods": lambda: ods(b"<a/>" * 13 * MILLION),
    "a million cell styles.ods": lambda: ods(
        sheet(b""),
        b"".join(b'<style:style style:name="c%d" style:family="table-cell"/>' % at for at in range(MILLION)),
    ),
    "2 M hidden columns.ods": lambda: ods(
        sheet(b'<table:table-column table:visibility="collapse"/><table:table-column/>' * 2 * MILLION)
    ),
    "20,000 empty sheets of 20,000 styles.ods": lambda: ods(
        sheet(b"") * 20_000,
        b"".join(b'<style:style style:name="c%d" style:family="table-cell"/>' % at for at in range(20_000)),
    ),
    "sectors in a circle.xls": circle,
    "130,000 cell styles.xls": lambda: xls(shared=record(0xE0, bytes(20)) * 2**17),
    "one sheet under 100,000 names.xls": lambda: sheets_of_all(100_000, 50_000),
    "100,000 hidden rows.xls": lambda: xls(
        b"".join(record(0x208, struct.pack("<H10xH2x", at % 65_536, 0x20)) for at in range(0, 200_000, 2))
    ),
    "12 M records that say nothing.xlsb": lambda: silent(12 * MILLION),
    "20 M quotation marks.px": lambda: px("NOTE=" + '"' * 20 * MILLION),
    "10 M keys.px": lambda: px("NOTE(" + '"" ' * 10 * MILLION),
    "900,000 values.px": lambda: px('STUB="a";\nVALUES("a")=' + ",".join(['"x"'] * 900_000) + ";", "1 " * 900_000),
    "150,000 notes on 20,000 values.px": lambda: px(
        'STUB="a";\nVALUES("a")='
        + ",".join(f'"{at}"' for at in range(20_000))
        + ";\n"
        + "".join(f'CELLNOTE("{at % 20_000}")="x";\n' for at in range(150_000)),
        "1 " * 20_000 + ";",
    ),
    "a million nested elements.html": lambda: b"<html><table><tr><td>" + b"<div>" * MILLION + b"1",
    "a million nested tables.html": lambda: b"<html>" + b"<table><tr><td>" * MILLION + b"1",
    "a million cells that reach down.html": lambda: (
        b"<html><table>" + (b"<tr>" + b"<td rowspan=65534>1" * 100) * 10_000 + b"</table>"
    ),
    "a line of 200 MB.csv": lambda: b"a,b\n" + b"x" * 200 * MILLION,
    "200 M commas.csv": lambda: b"a,b\n" + b"," * 200 * MILLION,
    "an open quotation mark and 200 MB.csv": lambda: b'a,b\n"' + b"x\n" * 100 * MILLION,
    "a false end.parquet": false_footer,
    "500 MB of text.parquet": lambda: parquet(10_000, 50_000),
}
