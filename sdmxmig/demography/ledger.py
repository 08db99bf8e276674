"""The entries of population accounts: every reported item by area, year and population."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.demography.amounts import Amounts, amounts
from sdmxmig.demography.identities import Identity
from sdmxmig.model.data import Dataset

if TYPE_CHECKING:
    import polars as pl

POPULATION = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE")
"""The dimensions that say whose account it is."""
TOTAL = "_T"
ITEM = "ACC_ITEM"
FIXED = {"FREQ": "A", "UNIT_MEASURE": "PS"}
"""Accounts are of calendar years and of persons."""
YEARS_TO_1_JANUARY = {"D0101": 0, "D1231": 1}
"""By the code of REF_DATE: from a population's year to that on whose 1 January it is counted, the eve of which is 31
December of the year before."""

Population = tuple[tuple[str, str], ...]
Key = tuple[str, str, int, Population]
"""Item, area, year, population."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One reported item: how much, the unit of its last printed digit, its status, and which observation says so."""

    value: Decimal | None
    unit: Decimal
    status: str
    flow: str
    row: int


class Ledger:
    """All entries that an identity can use; what an account reports goes before what its flows report."""

    def __init__(self, identity: Identity, books: Sequence[Book]) -> None:
        self.entries: dict[Key, Entry] = {}
        for book in books:
            if book.flow == identity.account:
                for term in identity.all_terms:
                    self._enter(term.item, book.rows(identity, (), {ITEM: term.item}))
        for book in books:
            self._enter_flow(identity, book)
        self._carry(identity.start.item, identity.end.item)

    def _enter_flow(self, identity: Identity, book: Book) -> None:
        """Enter what a flow of single items reports: events in their year, populations at the start or end of one."""
        shifts: dict[str, int | None] = {identity.start.item: book.shift}
        shifts[identity.end.item] = None if book.shift is None else book.shift - 1
        for term in identity.all_terms:
            shift = shifts.get(term.item, 0)
            if term.flow == book.flow and shift is not None:
                self._enter(term.item, book.rows(identity, term.codes, {}), shift)

    def _carry(self, start: str, end: str) -> None:
        """The population at the end of one year is that at the start of the next, if only one of them is reported."""
        for (item, area, year, population), entry in list(self.entries.items()):
            if item == end:
                self.entries.setdefault((start, area, year + 1, population), entry)
            elif item == start:
                self.entries.setdefault((end, area, year - 1, population), entry)

    def _enter(self, item: str, found: Iterator[tuple[str, int, Population, Entry]], shift: int = 0) -> None:
        for area, year, population, entry in found:
            self.entries.setdefault((item, area, year + shift, population), entry)


class Book:
    """What one dataset says, ready to be entered into ledgers."""

    def __init__(self, dataset: Dataset) -> None:
        self.flow = dataset.flow.id
        self.dataset = dataset
        self.shift = YEARS_TO_1_JANUARY.get(dataset.attributes.get("REF_DATE", ""))
        self.amounts: Amounts = amounts(dataset)
        self.frame = self._annual_totals()

    def _annual_totals(self) -> pl.DataFrame:
        """Annual observations in persons, at the total of every dimension that does not say whose account it is."""
        import polars as pl

        frame, flow = self.amounts.frame, self.dataset.flow
        frame = frame.filter(pl.col(flow.structure.key[-1]).str.contains(r"^\d{4}$"))
        for dimension in flow.structure.series_key:
            codelist = flow.codelist(dimension)
            if dimension in FIXED:
                frame = frame.filter(pl.col(dimension) == FIXED[dimension])
            elif dimension not in (*POPULATION, ITEM, "REF_AREA") and codelist is not None and TOTAL in codelist:
                frame = frame.filter(pl.col(dimension) == TOTAL)
        return frame

    def rows(
        self, identity: Identity, codes: Sequence[tuple[str, str]], more: dict[str, str]
    ) -> Iterator[tuple[str, int, Population, Entry]]:
        """Area, year, population and entry of every observation for the population of an identity."""
        import polars as pl

        frame = self.frame
        for dimension, code in {**dict(identity.population), **dict(codes), **more}.items():
            if dimension in frame.columns:
                frame = frame.filter(pl.col(dimension) == code)
        time = self.dataset.flow.structure.key[-1]
        for row in frame.iter_rows(named=True):
            own = {name: row.get(name) or TOTAL for name in POPULATION} | dict(identity.population)
            yield row["REF_AREA"] or "", int(row[time]), tuple(own.items()), self._entry(row)

    def _entry(self, row: dict[str, object]) -> Entry:
        amount, unit = row["amount"], row["unit"]
        value = self.amounts.exact(amount) if isinstance(amount, int) else None
        step = self.amounts.exact(unit) if isinstance(unit, int) else Decimal(1)
        return Entry(value, step, str(row.get("OBS_STATUS") or ""), self.flow, int(str(row["row"])))
