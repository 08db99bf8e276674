"""CSV and TSV files in common encodings.

A row is a record; quoted fields may contain line breaks (see `Table.detected`). Empty lines and ``sep=;`` count as
records. Line breaks in fields become line feeds.

Decimal and thousands separators proven by the figures of a text file. Writing single cells of a text table, leaving
all other bytes unchanged.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from itertools import chain, pairwise

from sdmxmig.conversion.tables.readers import CELL_LIMIT, READERS, TableReader
from sdmxmig.io.encodings import (
    SAVE_AS_UTF_8,
    Encoding,
    check_stated_encoding,
    detect_delimiter,
    detect_encoding,
    find_named_delimiter,
)
from sdmxmig.io.intake.files import build_empty_refusal
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.model.tables import AUTODETECT, KINDS, Cell, Table, TextFormat

PARTS, PART = 100, 500
BLANKS = r" \x{00a0}\x{2009}\x{202f}"
APOSTROPHES = "'’"
SIGN = r"^\s*[+−-]?\s*"
FIGURE = rf"{SIGN}\d[\d.,{BLANKS}{APOSTROPHES}]*$"
GROUPED_PATTERNS = {
    " ": rf"{SIGN}\d{{1,3}}(?:[{BLANKS}]\d{{3}})+(?:[.,]\d+)?\s*$",
    "'": rf"{SIGN}\d{{1,3}}(?:[{APOSTROPHES}]\d{{3}})+(?:[.,]\d+)?\s*$",
    ",": rf"{SIGN}\d{{1,3}}(?:(?:,\d{{3}}){{2,}}(?:\.\d+)?|,\d{{3}}\.\d+)\s*$",
    ".": rf"{SIGN}\d{{1,3}}(?:(?:\.\d{{3}}){{2,}}(?:,\d+)?|\.\d{{3}},\d+)\s*$",
}
DECIMAL_PATTERNS = {
    sign: rf"{SIGN}(?:\d+|\d{{1,3}}(?:[{BLANKS}{APOSTROPHES}{other_sign}]\d{{3}})+)"
    rf"[{sign}](?:\d{{1,2}}|\d{{4,}})\s*$|{SIGN}(?:0\d*|\d{{4,}}|\d{{1,3}}(?:[{BLANKS}{APOSTROPHES}{other_sign}]\d{{3}})+)"
    rf"[{sign}]\d+\s*$"
    for sign, other_sign in ((",", "."), (".", ","))
}
AMBIGUOUS_PATTERNS = {sign: rf"{SIGN}[1-9]\d{{0,2}}[{sign}]\d{{3}}\s*$" for sign in ",."}
SMALL_FIGURE = rf"{SIGN}\d{{1,3}}\s*$"


def detect_separators(cells: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Find separators: ("decimal", ","), ("thousands", ".").

    “1,234” counts only if smaller figures lack the sign; it is then unsure, with an example.

    >>> from sdmxmig.sdmx.frames import CellColumns
    >>> cells = CellColumns()
    >>> for row, text in enumerate(["1.234,5", "17,25"], start=1):
    ...     cells.add(row, 1, text)
    >>> detect_separators(cells.frame())
    (('decimal', ','), ('thousands', '.'))
    """
    texts = select_sample(cells.select("column", "text"))
    figures = texts.filter(pl.col("text").str.len_bytes() < 40, pl.col("text").str.contains(FIGURE))
    marked = figures.filter(pl.col("text").str.contains(rf"\d[.,{BLANKS}{APOSTROPHES}]\d"))
    if marked.is_empty():
        return ()
    proved = _find_proven_signs(marked, DECIMAL_PATTERNS)
    grouped = _find_proven_signs(marked, GROUPED_PATTERNS)
    thousands = [sign for sign in grouped if sign not in proved]
    unsure = ""
    for sign, pattern in AMBIGUOUS_PATTERNS.items():
        if sign in proved or sign in thousands:
            continue
        either = marked.filter(pl.col("text").str.contains(pattern))
        if either.is_empty():
            continue
        other_sign = "." if sign == "," else ","
        if other_sign in proved or _has_smaller(figures, either):
            thousands.append(sign)
        else:
            unsure = either["text"][0].strip()
    pairs = [("decimal", " and ".join(proved)), ("thousands", " and ".join(thousands)), ("unsure figure", unsure)]
    return tuple((kind, sign) for kind, sign in pairs if sign)


def select_sample(cells: pl.DataFrame) -> pl.DataFrame:
    if cells.height <= PARTS * PART:
        return cells
    starts = range(0, cells.height, cells.height // PARTS)
    return pl.concat([cells.slice(start, PART) for start in starts])


def _find_proven_signs(figures: pl.DataFrame, patterns: dict[str, str]) -> list[str]:
    return [
        sign for sign, pattern in patterns.items() if figures.select(pl.col("text").str.contains(pattern).any()).item()
    ]


def _has_smaller(figures: pl.DataFrame, either: pl.DataFrame) -> bool:
    small = figures.filter(pl.col("text").str.contains(SMALL_FIGURE))
    return not small.filter(pl.col("column").is_in(either["column"].unique().implode())).is_empty()


MAX_TITLE_ROWS = 30
PART_OF_TITLE = re.compile(r"\s+(?:(?:1[89]|20)\d\d\s*$|.*[^\W\d_]{2})", re.DOTALL)
FIGURE_BELOW = re.compile(r"\s*(?!(?:1[89]|20)\d\d\s*$)[+−-]?\d[\d.,\s]*")
CHUNK = 4 << 20
HEAD_BYTES = 100_000
LINE_END_BYTES = (b"\r", b"\x1a")
RECORD_LIMIT = 16 << 20
FIELD_LIMIT = 65_536
BLOCK_FIELDS = 500_000


@dataclass(frozen=True, slots=True)
class ResolvedFormat:
    encoding: Encoding
    delimiter: str
    _: KW_ONLY
    line_ends: str
    skips_first: bool

    def detected(self) -> tuple[tuple[str, str], ...]:
        return (
            ("encoding", self.encoding.name),
            ("encoding found by", self.encoding.found_by),
            ("delimiter", "tab" if self.delimiter == "\t" else self.delimiter),
            ("line ends", self.line_ends),
        )


def read(
    name: str,
    content: bytes,
    written: TextFormat = AUTODETECT,
    choose_rows: Callable[[Table], Sequence[int]] | None = None,
) -> tuple[Table, ...]:
    """Read a text table, of `written` or detected format; raise `InputError` if it is damaged or too large.

    `choose_rows` chooses the rows that are kept of each part of the file.
    """
    resolved = resolve_format(name, content, written)
    read_blocks, many, last, sampled = list[pl.DataFrame](), 0, 0, list[int]()
    for block in split_cells(name, _read_text(name, content, resolved.encoding), resolved.delimiter):
        cells = block if read_blocks else join_titles(block, resolved.delimiter)
        if choose_rows:
            part = Table(name, "", cells=cells)
            rows = [row for row in choose_rows(part) if row > last]
            sampled += rows
            last, cells = part.last_row, cells.filter(pl.col("row").is_in(pl.Series(rows, dtype=pl.UInt32).implode()))
        read_blocks.append(cells)
        many += block.height
        if many > CELL_LIMIT:
            raise InputError(f"The file has more than {CELL_LIMIT} filled cells.", Place(name), "Split it.")
    if not read_blocks:
        raise build_empty_refusal(name)
    cells = pl.concat(read_blocks)
    cells = cells.filter(pl.col("row") > 1) if resolved.skips_first else cells
    broken = cells["text"].str.contains("\n", literal=True).sum()
    lines = (("fields with line breaks", str(broken)),) if broken else ()
    detected = resolved.detected() + detect_separators(cells) + lines
    return (Table(name, "", cells=cells, detected=detected, sampled=tuple(sampled)),)


def split_chunks(content: bytes, start: int = 0) -> Iterator[bytes]:
    return (content[at : at + CHUNK] for at in range(start, len(content), CHUNK))


def resolve_format(name: str, content: bytes, written: TextFormat) -> ResolvedFormat:
    chunks = partial(split_chunks, content)
    encoding = (
        check_stated_encoding(name, chunks, written.encoding) if written.encoding else detect_encoding(name, chunks)
    )
    start = content[encoding.mark : encoding.mark + HEAD_BYTES]
    head = codecs.getincrementaldecoder(encoding.codec)(errors="replace").decode(start)
    delimiter = written.delimiter or detect_delimiter(name, head)
    return ResolvedFormat(
        encoding, delimiter, line_ends=_find_line_end(head), skips_first=bool(find_named_delimiter(head))
    )


def _find_line_end(head: str) -> str:
    pairs = head.count("\r\n")
    counts = {"CRLF": pairs, "LF": head.count("\n") - pairs, "CR": head.count("\r") - pairs}
    return " and ".join(end for end, times in counts.items() if times) or "LF"


def split_cells(name: str, texts: Iterable[bytes], delimiter: str) -> Iterator[pl.DataFrame]:
    """Split UTF-8 text with line feeds into cells; raise `InputError` for an unclosed quotation mark."""
    first, records, size = 1, list[list[str]](), 0
    try:
        for fields in _split_fields(_split_lines(name, texts), delimiter):
            if len(fields) > FIELD_LIMIT:
                raise InputError(f"A record has more than {FIELD_LIMIT} fields.", Place(name), "Split the table.")
            records.append(fields)
            size += len(fields)
            if size > BLOCK_FIELDS:
                yield _build_cells(first, records)
                first, records, size = first + len(records), [], 0
    except csv.Error as error:
        hint, row = "Look for an unclosed quotation mark.", first + len(records)
        message = f"This is not a text table: {error} in record {row}."
        raise InputError(message, Place(name, line=row), hint) from None
    if records:
        yield _build_cells(first, records)


def _build_cells(first: int, records: list[list[str]]) -> pl.DataFrame:
    lists = pl.DataFrame({"text": records}, {"text": pl.List(pl.String)}).with_row_index("row", offset=first)
    columns = pl.int_ranges(1, pl.col("text").list.len() + 1, dtype=pl.UInt32)
    texts = lists.select("row", columns.alias("column"), "text").explode("column", "text").filter(pl.col("text") != "")
    return texts.with_columns(
        kind=pl.lit("text", pl.Enum(KINDS)), formula=pl.lit(value=False), format=pl.lit(None, pl.UInt16)
    )


def _split_lines(name: str, texts: Iterable[bytes]) -> Iterator[str]:
    unfinished, row = b"", 1
    for text in texts:
        *lines, unfinished = (unfinished + text).split(b"\n")
        for line in lines:
            yield line.decode() + "\n"
        row += len(lines)
        if len(unfinished) > RECORD_LIMIT:
            message = f"Record {row} is longer than {RECORD_LIMIT >> 20} MiB."
            raise InputError(message, Place(name), "It does not seem to be a text table.")
    if unfinished:
        yield unfinished.decode()


def _split_fields(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Split records into fields; a quoted line without a delimiter, as after tables, is one field."""
    pending: list[str] = []

    def iterate_lines() -> Iterator[str]:
        for line in lines:
            pending.append(line)
            yield line

    reader = csv.reader(iterate_lines(), delimiter=delimiter, strict=True)
    while True:
        pending.clear()
        try:
            fields = next(reader, None)
        except csv.Error:
            if len(pending) != 1 or delimiter in pending[0] or pending[0].count('"') % 2:
                raise
            fields = [pending[0].strip()]
        if fields is None:
            return
        yield fields


def join_titles(cells: pl.DataFrame, delimiter: str) -> pl.DataFrame:
    """Join the fields of titles whose commas are not quoted: “Immigrants by sex, age and citizenship, 2022”."""
    rows = find_title_rows(cells, delimiter)
    if not rows:
        return cells
    is_title = pl.col("row").is_in(rows)
    joined = (
        cells.filter(is_title).group_by("row").agg(pl.all().exclude("text").first(), pl.col("text").str.join(delimiter))
    )
    return pl.concat([joined.select(cells.columns), cells.filter(~is_title)]).sort("row", "column")


def find_title_rows(cells: pl.DataFrame, delimiter: str) -> list[int]:
    """Find the first records whose further fields all begin with a blank and have text, unlike those below.

    Records as wide as the first one below may be heads, unless that is a head over figures itself.
    """
    records: dict[int, list[str]] = {}
    for row, column, text in cells.filter(pl.col("row") <= MAX_TITLE_ROWS).select("row", "column", "text").iter_rows():
        record = records.setdefault(row, [])
        record += [*[""] * (column - 1 - len(record)), text]
    widths: dict[int, int] = {}
    for (row, texts), (_, texts_below) in pairwise(records.items() if delimiter in ",;" else ()):
        if len(texts) > 1 and not all(map(PART_OF_TITLE.match, texts[1:])):
            over_figures = _has_figures(texts_below) and not _has_figures(texts)
            is_spaced = all(text[:1].isspace() for text in texts[1:])
            return [] if is_spaced or (len(texts) in widths.values() and not over_figures) else [*widths]
        widths |= {row: len(texts)} if len(texts) > 1 else {}
    return []


def _has_figures(texts: Sequence[str]) -> bool:
    return any(map(FIGURE_BELOW.fullmatch, texts[1:]))


def _read_text(name: str, content: bytes, encoding: Encoding) -> Iterator[bytes]:
    for text in _normalise_line_ends(name, content, encoding):
        if b"\0" in text:
            line = _find_nul_line(_normalise_line_ends(name, content, encoding))
            message = f"The file is not text: line {line} contains a zero byte."
            raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8)
        yield text


def _normalise_line_ends(name: str, content: bytes, encoding: Encoding) -> Iterator[bytes]:
    pending = b""
    for chunk in _decode_to_utf_8(name, split_chunks(content, encoding.mark), encoding):
        text = pending + chunk if pending else chunk
        pending = text[-1:] if text.endswith(LINE_END_BYTES) else b""
        text = text[:-1] if pending else text
        yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    if pending == b"\r":
        yield b"\n"


def _find_nul_line(texts: Iterator[bytes]) -> int:
    line = 1
    for text in texts:
        before, zero, _ = text.partition(b"\0")
        line += before.count(b"\n")
        if zero:
            break
    return line


def _decode_to_utf_8(name: str, chunks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    if encoding.codec == "utf-8":
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line = 1
    for chunk in chain(chunks, [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError:
            message = f"The file is not {encoding.name} text throughout: there is an error after line {line}."
            raise InputError(message, Place(name, line=line), SAVE_AS_UTF_8) from None
        line += text.count("\n")
        yield text.encode()


READERS.add("text")(TableReader("text", (".csv", ".tsv", ".tab", ".txt"), magic=b"", read=read))


QUOTE = '"'


def replace_cell_text(name: str, content: bytes, *, at: Cell, text: str, written: TextFormat = AUTODETECT) -> bytes:
    """Replace the text of an existing cell; raise `InputError` if it is missing or not in the encoding."""
    resolved = resolve_format(name, content, written)
    encoding = resolved.encoding
    mark, body = content[: encoding.mark], content[encoding.mark :].decode(encoding.codec)
    cells = next(split_cells(name, [body.replace("\r\n", "\n").encode()], resolved.delimiter))
    span = find_cell_span(body, resolved.delimiter, at, find_title_rows(cells, resolved.delimiter))
    if span is None:
        place = Place(name, cell=format_cell(*at))
        raise InputError("The table does not reach this cell.", place, "Add it in a spreadsheet program.")
    corrected = body[: span[0]] + quote_field(text, resolved.delimiter) + body[span[1] :]
    try:
        return mark + corrected.encode(encoding.codec)
    except UnicodeEncodeError as error:
        message = f"The file is written in {encoding.name}, which has no “{corrected[error.start]}”."
        raise InputError(message, Place(name, cell=format_cell(*at)), "Save it as UTF-8 first.") from None


def find_cell_span(body: str, delimiter: str, at: Cell, titles: Collection[int] = ()) -> tuple[int, int] | None:
    row, column, start, position, inside = 1, 1, 0, 0, False
    while position <= len(body):
        sign = body[position] if position < len(body) else ""
        if sign == QUOTE and (inside or position == start):
            inside = not inside
        elif not inside and sign in ("\n", "\r", "", *(() if row in titles else delimiter)):
            if (row, column) == at:
                return start, position
            if sign == delimiter:
                column += 1
            else:
                position += body[position : position + 2] == "\r\n"
                row, column = row + 1, 1
            if row > at[0]:
                return None
            start = position + 1
        position += 1
    return None


def quote_field(text: str, delimiter: str) -> str:
    if any(sign in text for sign in (delimiter, QUOTE, "\n", "\r")):
        return QUOTE + text.replace(QUOTE, QUOTE * 2) + QUOTE
    return text
