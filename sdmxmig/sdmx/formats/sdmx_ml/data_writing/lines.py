"""Lines of text built from columns and written to a file."""

from __future__ import annotations

import io
from contextlib import nullcontext
from typing import BinaryIO

import polars as pl

SLICE = 100_000
MORSEL = 5_000
"""Number of lines built at a time; small batches reuse memory, which is faster."""


class Line:
    """The pattern of a line: fixed texts and columns in turn."""

    def __init__(self, text: str = "") -> None:
        self._parts: list[str | pl.Expr] = [text]

    def text(self, text: str) -> Line:
        if isinstance(self._parts[-1], str):
            self._parts[-1] += text
        else:
            self._parts.append(text)
        return self

    def value(self, name: str) -> Line:
        self._parts.append(pl.col(name))
        return self

    def optional(self, name: str, before: str, after: str) -> Line:
        self._parts.append((pl.lit(before) + pl.col(name) + pl.lit(after)).fill_null(""))
        return self

    def between(self, name: str, before: str, after: str, *, nulls: int) -> Line:
        if nulls:
            return self.optional(name, before, after)
        return self.text(before).value(name).text(after)

    def either(self, name: str, before: str, after: str, *, otherwise: str) -> Line:
        self._parts.append((pl.lit(before) + pl.col(name) + pl.lit(after)).fill_null(otherwise))
        return self

    def when(self, condition: pl.Expr, text: str) -> Line:
        self._parts.append(pl.when(condition).then(pl.lit(text)).otherwise(pl.lit("")))
        return self

    def expression(self) -> pl.Expr:
        return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in self._parts]).alias("line")

    def of(self, frame: pl.DataFrame) -> pl.Series:
        return frame.with_columns(self.expression())["line"]


def pour(frame: pl.DataFrame, line: Line, out: BinaryIO) -> None:
    """Write a line for each row of a table.

    Uses the CSV writer without quoting, the fastest path from columns to bytes.
    """
    if frame.is_empty():
        return
    if isinstance(out, (io.BufferedWriter, io.BufferedRandom, io.FileIO)):
        out.flush()
        lines = frame.lazy().with_columns(line.expression()).select("line")
        with pl.Config(streaming_chunk_size=MORSEL) if frame.height > MORSEL else nullcontext():
            lines.sink_csv(out, include_header=False, quote_style="never", engine="streaming")
        return
    for part in frame.iter_slices(SLICE):
        buffer = io.BytesIO()
        rows = part.with_columns(line.expression()).select("line")
        rows.write_csv(buffer, include_header=False, quote_style="never")
        out.write(buffer.getbuffer())
