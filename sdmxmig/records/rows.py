"""Rows of an engine, and the expressions that make whole numbers, texts and flags in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sdmxmig.lazily import nw

if TYPE_CHECKING:
    Rows: TypeAlias = nw.LazyFrame[Any]
    """A table as an engine has it, which is read when something is asked of it."""


def whole(number: int | None) -> nw.Expr:
    """A whole number in every row."""
    return nw.lit(number, dtype=nw.Int64)


def text(value: str | None) -> nw.Expr:
    """A text in every row."""
    return nw.lit(value, dtype=nw.String)


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where a condition holds, 0 where it does not, null where it is not known."""
    return nw.when(condition).then(whole(1)).when(~condition).then(whole(0))
