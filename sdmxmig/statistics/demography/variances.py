"""Stated standard errors of items and sources (`variances.toml`).

No default is assumed. Rounding is added: to 100 persons, a variance of 100²/12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sdmxmig.catalogue.accounting.identities import ItemSource
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.statistics.demography.ledger import Book

FILE = "variances.toml"
"""The file of a workspace in which standard errors are stated."""
SOURCE = "SRC_TYPE"
"""The attribute that says of which kind the source of an observation is."""
LEAST_ERROR, MOST_ERROR = Decimal("1e-9"), Decimal("1e15")
"""Beyond these a standard error is a slip, and its square is lost in the arithmetic."""
UNIFORM = 12

Observation = tuple[str, int]
"""A flow, and the row of an observation in its dataset."""


@dataclass(frozen=True, slots=True)
class StatedError:
    """A stated error: in persons, relative, or fixed.

    `rounded_to` persons; `is_chosen`: an assumption.
    """

    item: str
    _: KW_ONLY
    codes: tuple[tuple[str, str], ...] = ()
    error: Decimal | None = None
    relative: Decimal | None = None
    fixed: bool = False
    rounded_to: Decimal | None = None
    source: str = ""
    is_chosen: bool = False
    place: Place | None = field(default=None, compare=False)

    def variance(self, value: Decimal) -> float:
        if self.fixed:
            return 0.0
        error = self.error if self.error is not None else (self.relative or Decimal(0)) * abs(value)
        return float(error) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFigure:
    """An observation in accounts; `variance` is None if unstated."""

    item: str
    flow: str
    row: int
    area: str
    value: Decimal
    unit: Decimal
    codes: tuple[tuple[str, str], ...]
    stated: StatedError | None = None

    @property
    def variance(self) -> float | None:
        if self.stated is None:
            return None
        of_rounding = float(self.unit) ** 2 / UNIFORM if self.unit > 1 else 0.0
        return self.stated.variance(self.value) + of_rounding

    @property
    def source_type(self) -> str:
        return dict(self.codes).get(SOURCE, "")


def parse_variances(name: str, content: bytes, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    """Read stated errors; the last match counts.

    Raises `DeclarationError` unless exactly one of `error`, `relative` and `fixed` is stated, with a source.
    """
    declared = Declared.parse(name, content)
    stated = tuple(entry for table in declared.tables("variance") for entry in stated_errors(table, items))
    declared.close()
    if not stated:
        hint = 'Write [[variance]] with item, such as "FLW_EMI", relative, such as "0.1", and source.'
        raise DeclarationError("No standard error is stated here.", declared.place, hint)
    return stated


def stated_errors(table: Declared, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    names = table.strings("items") or (table.text("item"),)
    for item in names:
        check_known("item", item, items, table.at("item"))
    codes = table.table("codes").pairs()
    source_type = table.text("source_type", "")
    error, relative, fixed = number_of(table, "error"), number_of(table, "relative"), table.flag("fixed", default=False)
    rounded_to, source = number_of(table, "rounded_to"), table.text("source")
    table.close()
    if [error is not None, relative is not None, fixed].count(True) != 1:
        hint = 'Write error = "500" (persons), relative = "0.1" (a share of the figure), or fixed = true.'
        raise DeclarationError("How certain the item is must be said once.", table.place, hint)
    codes |= {SOURCE: source_type} if source_type else {}
    return tuple(
        StatedError(
            items[item].next or item,
            codes=tuple(codes.items()),
            error=error,
            relative=relative,
            fixed=fixed,
            rounded_to=rounded_to,
            source=source,
            place=table.place,
        )
        for item in names
    )


def number_of(table: Declared, key: str) -> Decimal | None:
    """A positive decimal number in quotes; None where the key is not there."""
    text = table.text(key, "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not LEAST_ERROR <= number <= MOST_ERROR:
        hint = 'Write a number above 0 and up to 1e15 in quotes, such as "0.1"; what is exact is fixed = true.'
        raise DeclarationError(f"“{text}” is no standard error.", table.at(key), hint)
    return number


def equal_errors(relative: Decimal, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    source = "equal relative errors, as chosen"
    canonical = dict.fromkeys(source_of_item.next or item for item, source_of_item in items.items())
    return tuple(StatedError(item, relative=relative, source=source, is_chosen=True) for item in canonical)


def reported_figures(
    books: Iterable[Book], items: Mapping[Observation, str], stated: Sequence[StatedError]
) -> dict[Observation, ReportedFigure]:
    """The observations that take part in accounts, each with what is stated about it; those without a number lack."""
    rows_by_flow: dict[str, list[int]] = {}
    for flow, row in items:
        rows_by_flow.setdefault(flow, []).append(row)
    figures: dict[Observation, ReportedFigure] = {}
    for book in books:
        frame = book.amounts.frame.filter(pl.col("row").is_in(rows_by_flow.get(book.flow, [])))
        names = [name for name in (*book.dataset.flow.structure.key, SOURCE) if name in frame.columns]
        for cell in frame.filter(pl.col("amount").is_not_null()).iter_rows(named=True):
            at = (book.flow, int(cell["row"]))
            codes = tuple((name, str(cell[name])) for name in names if cell[name] is not None)
            error = stated_for(items[at], dict(codes), stated)
            figures[at] = ReportedFigure(
                item=items[at],
                flow=book.flow,
                row=at[1],
                area=str(cell.get("REF_AREA") or ""),
                value=book.amounts.exact(cell["amount"]),
                unit=unit_of(book, cell, error),
                codes=codes,
                stated=error,
            )
    return figures


def unit_of(book: Book, cell: Mapping[str, Any], stated: StatedError | None) -> Decimal:
    """Return the rounding of a figure.

    Trailing zeros count as rounding only if precision is undeclared.
    """
    if stated is not None and stated.rounded_to is not None:
        return stated.rounded_to
    is_known = cell["DECIMALS"] is not None or (stated is not None and stated.fixed)
    return book.amounts.exact(cell["last_digit" if is_known else "printed_step"])


def stated_for(item: str, codes: Mapping[str, str], stated: Sequence[StatedError]) -> StatedError | None:
    fitting = (entry for entry in reversed(stated) if entry.item == item)
    return next((entry for entry in fitting if all(codes.get(name) == code for name, code in entry.codes)), None)
