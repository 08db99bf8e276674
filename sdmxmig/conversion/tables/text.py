"""CSV, TSV and fixed-width files in common encodings.

A row is a record; quoted fields may contain line breaks (see `Table.detected`). Empty lines and ``sep=;`` count as
records. Line breaks in fields become line feeds.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain
from typing import BinaryIO

from sdmxmig.conversion.tables import fixed_width
from sdmxmig.conversion.tables.limits import CELL_LIMIT
from sdmxmig.conversion.tables.number_signs import number_signs
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.conversion.tables.records import RecordBlock, blocks
from sdmxmig.io.delimiters import delimiter_of, named_delimiter
from sdmxmig.io.encodings import SAVE_AS_UTF_8, Encoding, encoding_of, stated_encoding
from sdmxmig.io.intake.files import empty_refusal, read_stream
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import AUTODETECT, Cell, Table, TextFormat

CHUNK = 4 << 20
HEAD = 100_000
LAST_SIGNS = (b"\r", b"\x1a")


@dataclass(frozen=True, slots=True)
class ResolvedFormat:
    """The format of a text table; fixed-width ones have column positions `starts`."""

    encoding: Encoding
    delimiter: str
    _: KW_ONLY
    line_ends: str
    skips_first: bool
    starts: tuple[int, ...] = ()
    packed: bool = False

    def detected(self) -> tuple[tuple[str, str], ...]:
        columns = ("columns begin at", ", ".join(map(str, self.starts)))
        delimiter = ("delimiter", "tab" if self.delimiter == "\t" else self.delimiter)
        return (
            ("encoding", self.encoding.name),
            ("encoding found by", self.encoding.found_by),
            columns if self.starts else delimiter,
            ("line ends", self.line_ends),
        )


def read(name: str, content: bytes, written: TextFormat = AUTODETECT) -> tuple[Table, ...]:
    """Read a text table; `written` is the known format, the rest is detected.

    Raises `InputError` for an unknown or wrong encoding, unclosed quotation mark, or an oversized or empty table.
    """
    file = io.BytesIO(content)
    resolved = resolved_format(name, file, written)
    read_blocks, many = [], 0
    for block in _blocks(name, file, resolved):
        read_blocks.append(block)
        many += block.cells.height
        if many > CELL_LIMIT:
            hint = "Split it, or convert it in pieces from Python (sdmxmig.conversion.convert.convert_pieces)."
            raise InputError(f"The file has more than {CELL_LIMIT} filled cells.", Place(name), hint)
    if not read_blocks:
        raise empty_refusal(name)
    cells = pl.concat([block.cells for block in read_blocks])
    return (_table(name, resolved, cells=cells, signs=number_signs(cells), blocks=read_blocks),)


def pieces(name: str, file: BinaryIO, *, rows: int = 200_000, written: TextFormat = AUTODETECT) -> Iterator[Table]:
    """Read a text table in pieces of at most `rows` records with continuous row numbers.

    `file` must be seekable and is consumed twice. Separators are detected from the first records. Raises `InputError`
    like `read`, without a limit of cells.
    """
    resolved = resolved_format(name, file, written)
    signs = None
    for block in _blocks(name, file, resolved):
        signs = number_signs(block.cells) if signs is None else signs
        for first in range(block.row, block.row + block.records, rows):
            piece_cells = block.cells
            if block.records > rows:
                piece_cells = piece_cells.filter(pl.col("row").is_between(first, first + rows - 1))
            yield _table(name, resolved, cells=piece_cells, signs=signs, blocks=[block])


def resolved_format(name: str, file: BinaryIO, written: TextFormat) -> ResolvedFormat:
    def chunks() -> Iterator[bytes]:
        file.seek(0)
        return read_stream(file, name, chunk=CHUNK)

    encoding = stated_encoding(name, chunks, written.encoding) if written.encoding else encoding_of(name, chunks)
    start = next(iter(chunks()), b"")[encoding.mark :][:HEAD]
    head = codecs.getincrementaldecoder(encoding.codec)(errors="replace").decode(start)
    if written.starts:
        return ResolvedFormat(
            encoding, "", line_ends=_line_ends(head), skips_first=False, starts=written.starts, packed=written.packed
        )
    delimiter = written.delimiter or delimiter_of(name, head)
    return ResolvedFormat(encoding, delimiter, line_ends=_line_ends(head), skips_first=bool(named_delimiter(head)))


def _line_ends(head: str) -> str:
    pairs = head.count("\r\n")
    counts = {"CRLF": pairs, "LF": head.count("\n") - pairs, "CR": head.count("\r") - pairs}
    return " and ".join(end for end, times in counts.items() if times) or "LF"


def _blocks(name: str, file: BinaryIO, resolved: ResolvedFormat) -> Iterator[RecordBlock]:
    """The cells of the file, block by block."""
    texts = _texts(name, file, resolved.encoding)
    if resolved.starts:
        yield from fixed_width.blocks(name, texts, resolved.starts, packed=resolved.packed)
        return
    for block in blocks(name, texts, resolved.delimiter):
        if resolved.skips_first and block.row == 1:
            yield replace(block, cells=block.cells.filter(pl.col("row") > 1))
        else:
            yield block


def _texts(name: str, file: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    for text in _with_line_feeds(name, file, encoding):
        if b"\0" in text:
            line = _line_of_zero(_with_line_feeds(name, file, encoding))
            message = f"The file is no text: it has a byte that is zero in line {line}."
            raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8)
        yield text


def _with_line_feeds(name: str, file: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    """The text of the file from its beginning, piece by piece, whatever ends its lines."""
    file.seek(encoding.mark)
    pending = b""
    for chunk in _utf_8(name, read_stream(file, name, chunk=CHUNK), encoding):
        text = pending + chunk if pending else chunk
        pending = text[-1:] if text.endswith(LAST_SIGNS) else b""
        text = text[:-1] if pending else text
        yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    if pending == b"\r":
        yield b"\n"


def _line_of_zero(texts: Iterator[bytes]) -> int:
    line = 1
    for text in texts:
        before, zero, _ = text.partition(b"\0")
        line += before.count(b"\n")
        if zero:
            break
    return line


def _utf_8(name: str, chunks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text in UTF-8, piece by piece."""
    if encoding.codec == "utf-8":
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line = 1
    for chunk in chain(chunks, [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError:
            message = f"The file is not {encoding.name} text to its end: there is a fault after line {line}."
            raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8) from None
        line += text.count("\n")
        yield text.encode()


def _table(
    name: str,
    resolved: ResolvedFormat,
    cells: pl.DataFrame,
    signs: tuple[tuple[str, str], ...],
    blocks: Sequence[RecordBlock],
) -> Table:
    broken = sum(block.broken_fields for block in blocks)
    lines = (("fields with line breaks", str(broken)),) if broken else ()
    cut = frozenset[Cell]().union(*(block.cut for block in blocks))
    return Table(name, "", cells=cells, detected=resolved.detected() + signs + lines, cut=cut)


READERS.add("text")(TableReader("text", (".csv", ".tsv", ".tab", ".txt"), magic=b"", read=read))
