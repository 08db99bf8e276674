"""Row expressions for all engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sdmxmig.primitives.lazily import nw, pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Rows: TypeAlias = nw.LazyFrame[Any]


ROW = "#row"


def whole(number: int | None) -> nw.Expr:
    return nw.lit(number, dtype=nw.Int64)


def text(value: str | None) -> nw.Expr:
    return nw.lit(value, dtype=nw.String)


def flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(whole(1)).when(~condition).then(whole(0))


def in_memory(frame: pl.DataFrame) -> Rows:
    rows: Any = nw.from_native(frame)
    return cast("Rows", rows)


def worded(rows: Rows, words: Mapping[str, Sequence[str]], *, lying: bool) -> Rows:
    """Rows in which columns of numbers from 0 on have become texts: each the word at that place among those given."""
    if lying:
        picked = {name: pl.lit(pl.Series(texts)).gather(pl.col(name)) for name, texts in words.items()}
        return in_memory(rows.to_native().with_columns(**picked))
    columns = {}
    for name, texts in words.items():
        columns[name] = text(None)
        for place, word in enumerate(texts):
            columns[name] = nw.when(nw.col(name) == place).then(nw.lit(word)).otherwise(columns[name])
    return rows.with_columns(**columns)
