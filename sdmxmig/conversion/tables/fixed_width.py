"""Fixed-width text, cut at column positions.

Positions count characters from 1. Leading blanks are kept as indentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from sdmxmig.conversion.tables.records import RECORD_LIMIT, RecordBlock, as_cells
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place

PAGE_BREAK = "\f"
RUNS_ON = r"^(?:[0-9][0-9.,]|[.,+−-][0-9])$"
"""Two signs on both sides of an edge that are of one figure."""
NAMED = 1_000


def blocks(name: str, texts: Iterable[bytes], starts: Sequence[int], *, packed: bool) -> Iterator[RecordBlock]:
    """Cut lines into columns at `starts`.

    Reports figures that cross columns unless `packed`. Raises `InputError` for endless lines and tabs.
    """
    row, unfinished = 1, b""
    for text in chain(texts, [b"\n"]):
        whole_lines, end, unfinished = (unfinished + text).rpartition(b"\n")
        if len(unfinished) > RECORD_LIMIT:
            message = f"Line {row} is longer than {RECORD_LIMIT >> 20} MiB."
            raise InputError(message, Place(name, line=row), "It seems to be no text table.")
        if end:
            lines = lines_of(whole_lines)
            refuse_tab(name, lines, row)
            yield block_of(lines, row, starts, packed=packed)
            row += len(lines)


def lines_of(text: bytes) -> pl.Series:
    lines = pl.Series("line", [text], dtype=pl.Binary).cast(pl.String).str.split("\n").explode()
    return lines.str.strip_prefix(PAGE_BREAK)


def refuse_tab(name: str, lines: pl.Series, row: int) -> None:
    tabs = lines.str.contains("\t", literal=True).arg_true()
    if len(tabs):
        line = row + int(tabs[0])
        hint = "Replace tabs by blanks, or write delimiter = “tab” instead of columns."
        raise InputError(f"Line {line} has a tab, so that its positions are not known.", Place(name, line=line), hint)


def block_of(lines: pl.Series, row: int, starts: Sequence[int], *, packed: bool) -> RecordBlock:
    """The cells of some lines, of which the first has the number `row`."""
    frame = pl.DataFrame({"row": pl.int_range(row, row + len(lines), dtype=pl.UInt32, eager=True), "line": lines})
    line = pl.col("line")
    columns = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), start=1):
        text = line.str.slice(start - 1, end - start if end else None).str.strip_chars_end()
        columns.append(frame.select("row", column=pl.lit(number, pl.UInt32), text=text).filter(pl.col("text") != ""))
    cells = pl.concat(columns).sort("row", "column")
    cut: list[tuple[int, int]] = []
    for number, start in () if packed else enumerate(starts[1:], start=1):
        rows = frame.filter(line.str.slice(start - 2, 2).str.contains(RUNS_ON))["row"].head(NAMED)
        cut += [(at, column) for at in rows for column in (number, number + 1)]
    return RecordBlock(row, len(lines), cells=as_cells(cells), cut=frozenset(cut))
