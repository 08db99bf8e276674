"""A written message reduced to lines of distinct kinds, for schema validation.

Messages have one element per line and their schemas check only names and periods, so one line of each kind is enough.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from sdmxmig.io.intake.files import MIB
from sdmxmig.sdmx.model.data import Flow

PIECE = 8 * MIB
NOTHING_ELSE = r'"(?:[^"<&\x00-\x1f\x{fffe}\x{ffff}]|&(?:amp|lt|gt|quot|#9|#10|#13);)*"'
"""A well-formed value, which may be ignored."""
SPECIFIC, GENERIC = f"={NOTHING_ELSE}", f" value={NOTHING_ELSE}"
"""Parts of a line that may be any text: attributes, or generic values."""
TIME = "TIME_PERIOD"
NAME = r"(?: (?!type=|REPORTING_YEAR_START_DAY=)[\w.-]+=)*"
"""Attributes without values, except those with a type of their own."""
TAGS = "(?:<[^<>]*>)*"
WHOLE = re.compile(
    rf" *(?:<(?:Obs|Atts|Series){NAME}/>|<g:(Obs|Group)(?: [^<>]*)?>{TAGS}</g:\1>|<g:Series>{TAGS}</g:Series>)"
)
"""A line with one element and no text."""
BEGUN = re.compile(rf" *(?:<Series{NAME}>|<g:Series>(?:<(?!/g:Series>)[^<>]*>)*)")
"""A line that begins a series, without text."""
ENDED = re.compile(r" *</(?:g:)?Series>")
KIND = re.compile(r" *(</?[\w:]+)")
DATASET = "<mes:DataSet"
KEEP, ONCE, ONCE_WITH_END, END = range(4)
"""How to treat a line: keep all, keep one per kind, the same with the end of a series, or a series end."""

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class DistinctLines:
    """Writes the distinct lines of a message to a file.

    `times` are the time dimensions; `lines` maps line numbers back to the message.
    """

    file: BinaryIO
    is_generic: bool
    _: KW_ONLY
    times: tuple[str, ...] = (TIME,)
    lines: array[int] = field(default_factory=lambda: array("q"))
    _count: int = 0
    _dataset: int = 0
    _last_name: str = ""
    _seen: set[tuple[int, str, str, str | None]] = field(default_factory=set)

    def take(self, piece: bytes) -> None:
        column = as_lines(piece)
        shapes, shape = numbered(column.str.replace_all(GENERIC if self.is_generic else SPECIFIC, "="))
        periods, period = numbered(column.str.extract(f' (?:{"|".join(self.times)})="[^"]*"', 0))
        rows = self._staying(shapes, shape, periods, period).nonzero()[0]
        self.file.writelines(f"{line}\n".encode() for line in column.gather(rows))
        self.lines.extend((rows + self._count + 1).tolist())
        self._count += column.len()

    def _staying(self, shapes: list[str], shape: Numbers, periods: list[str], period: Numbers) -> Flags:
        """Mark the lines to keep, by the numbers of their shape and period."""
        names = [match[1] if (match := KIND.match(text)) else "" for text in shapes]
        kinds = list(dict.fromkeys((self._last_name, *names)))
        kind = np.array([kinds.index(name) for name in names], dtype=np.int64)[shape]
        previous = np.concatenate([[kinds.index(self._last_name)], kind[:-1]])
        dataset = np.array([name == DATASET for name in names], dtype=np.bool_)[shape].cumsum() + self._dataset
        task = np.array([task_of(text) for text in shapes], dtype=np.int64)[shape]
        stays = (task == KEEP) | (task == END)
        keys = ((dataset * len(kinds) + previous) * len(shapes) + shape) * (len(periods) + 1) + period
        for row in np.unique(keys, return_index=True)[1].tolist():
            period_text = periods[period[row]] if period[row] < len(periods) else None
            key = (int(dataset[row]), kinds[previous[row]], shapes[shape[row]], period_text)
            stays[row] |= key not in self._seen
            self._seen.add(key)
        self._last_name, self._dataset = names[shape[-1]], int(dataset[-1])
        return with_ends(stays, task)

    def in_message(self, problem: tuple[int, str]) -> str:
        line, message = problem
        return f"line {self.lines[min(line, len(self.lines)) - 1]}: {message}"


def with_ends(stays: Flags, task: Numbers) -> Flags:
    begun, ended = task == ONCE_WITH_END, np.concatenate([[False], task[:-1] == END])
    stays = stays | (begun & ~ended)
    stays[:-1] &= ~(begun & ~stays)[1:]
    return stays


def task_of(shape: str) -> int:
    if WHOLE.fullmatch(shape):
        return ONCE
    if BEGUN.fullmatch(shape):
        return ONCE_WITH_END
    return END if ENDED.fullmatch(shape) else KEEP


def numbered(column: pl.Series) -> tuple[list[str], Numbers]:
    texts = column.unique(maintain_order=True).drop_nulls()
    numbers = column.cast(pl.Enum(texts)).to_physical().fill_null(texts.len())
    return texts.to_list(), numbers.to_numpy().astype(np.int64)


def as_lines(piece: bytes) -> pl.Series:
    options: dict[str, Any] = {"separator": "\x01", "quote_char": None, "has_header": False}
    if b"\n\n" not in piece and b"\x01" not in piece and b"\r" not in piece:
        lines = pl.read_csv(io.BytesIO(piece), schema={"line": pl.String}, **options)["line"]
        if lines.len() == piece.count(b"\n") + 1 and not lines.null_count():
            return lines
    return pl.Series("line", piece.decode(errors="replace").split("\n"), dtype=pl.String)


def whole_lines(message: BinaryIO) -> Iterator[bytes]:
    """Split a message into pieces of whole lines; the end of a series stays with the next line."""
    unfinished = b""
    while piece := message.read(PIECE):
        piece = unfinished + piece
        cut = piece.rfind(b"\n", 0, max(piece.rfind(b"\n"), 0))
        unfinished = piece[cut + 1 :]
        if cut >= 0:
            yield piece[:cut]
    if unfinished:
        yield unfinished.removesuffix(b"\n")


def distinct_lines(message: BinaryIO, flows: Iterable[Flow], file: BinaryIO, *, generic: bool) -> DistinctLines:
    times = {TIME, *(flow.structure.time.id for flow in flows if flow.structure.time)}
    distinct = DistinctLines(file, generic, times=tuple(sorted(times)))
    for piece in whole_lines(message):
        distinct.take(piece)
    file.seek(0)
    return distinct
