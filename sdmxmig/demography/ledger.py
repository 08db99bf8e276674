"""The entries of accounts: every reported item by area, year and population."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product

from sdmxmig.demography.ages import interval, partitions
from sdmxmig.demography.amounts import Amounts, amounts, rows_of
from sdmxmig.demography.courses import courses, first_of_keys
from sdmxmig.demography.equations import ANY, EVERY, YOUNGER, Equation, KeyPart, Summand
from sdmxmig.demography.identities import Identity, ItemSource
from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset

POPULATION = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE")
"""The dimensions that say whose account it is."""
TOTAL = "_T"
ITEM = "ACC_ITEM"
AREA = "REF_AREA"
FIXED = {"FREQ": "A", "UNIT_MEASURE": "PS"}
"""Accounts are of calendar years and of persons."""
YEARS_TO_1_JANUARY = {"D0101": 0, "D1231": 1}
"""By the code of REF_DATE: from a population's year to that on whose 1 January it is counted, the eve of which is 31
December of the year before."""
METHOD = "STOCK_METHOD"
"""The attribute of a dataset that says how its populations were made."""
REST = ("_O", "_U")
"""With these a list of countries is complete."""
COUNTRY = re.compile(r"^([A-Z]{2}|STLS|UNDET|_O|_U)$")

Population = tuple[tuple[str, str], ...]
AccountKey = tuple[str, int, Population]
"""Area, year, population."""
Key = tuple[str, str, int, Population]
"""Item as the equation writes it, area, year, population."""
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One item: how much, the unit of its last printed digit, its status, and which observations say so.

    `missing` are the parts of a sum that are not reported; then there is no value. `method` says how a population was
    made, as a code of CL_STOCK_METHOD; empty where its dataset does not say it.
    """

    value: Decimal | None
    unit: Decimal
    _: KW_ONLY
    status: str
    parts: tuple[tuple[str, int], ...]
    missing: tuple[str, ...] = ()
    method: str = ""


class Ledger:
    """All entries that an equation can use; what an account reports goes before what its flows report."""

    def __init__(self, identity: Identity, equation: Equation, books: Sequence[Book]) -> None:
        self.entries: dict[Key, LedgerEntry] = {}
        self.identity = identity
        terms = {term.written: term for term in equation.all_terms}.values()
        for book in books:
            if book.flow == identity.account:
                for term in terms:
                    self._enter(book, term, {ITEM: term.item})
        for book in books:
            for term in terms:
                item_source = identity.item_sources[term.item]
                shift = book.shift_of(item_source)
                if item_source.flow == book.flow and shift is not None:
                    self._enter(book, term, dict(item_source.codes), shift)
        for term in terms:
            self._carry(term, {summand.item: summand for summand in terms})

    def _carry(self, end: Summand, terms: Mapping[str, Summand]) -> None:
        """What is counted at the end of one year is that at the start of the next, if only one of them is reported."""
        start = terms.get(self.identity.item_sources[end.item].next)
        if not start or end.key or start.key:
            return
        for (term_text, area, year, population), entry in list(self.entries.items()):
            if term_text == end.written:
                self.entries.setdefault((start.written, area, year + 1, population), entry)
            elif term_text == start.written:
                self.entries.setdefault((end.written, area, year - 1, population), entry)

    def _enter(self, book: Book, term: Summand, codes: dict[str, str], shift: int = 0) -> None:
        """Enter what a book says of a term; sums from their parts."""
        key = {part.dimension: part for part in term.key}
        sums = [part for part in key.values() if part.is_sum]
        if not fits(book, self.identity, term, codes):
            return
        free = {*key, *codes, *self.identity.by}
        cells_by_account: dict[AccountKey, dict[tuple[str, ...], LedgerEntry]] = {}
        for row in book.rows(wanted(self.identity, key, codes), free):
            account_key = self._account_key(book, row, key, shift)
            if account_key:
                cell = tuple(str(row.get(part.dimension) or TOTAL) for part in sums)
                cells_by_account.setdefault(account_key, {}).setdefault(cell, book.entry(row))
        for account_key, cells in cells_by_account.items():
            entry = added_up(term, sums, cells) if sums else next(iter(cells.values()))
            if entry:
                self.entries.setdefault((term.written, *account_key), entry)

    def _account_key(self, book: Book, row: Row, key: Mapping[str, KeyPart], shift: int) -> AccountKey | None:
        """Whose account a row enters; None if it enters none."""
        codes_of_row = {AREA: str(row.get(AREA) or ""), **{name: str(row.get(name) or TOTAL) for name in POPULATION}}
        codes_of_row |= {name: str(row.get(name) or TOTAL) for name in self.identity.by}
        account_codes = dict(codes_of_row)
        for dimension, part in key.items():
            if part.rule == YOUNGER:
                account_codes[dimension] = older(codes_of_row[dimension])
            elif part.rule.startswith("@"):
                account_codes[part.rule[1:]] = codes_of_row.get(dimension, "")
            elif dimension in account_codes:
                account_codes[dimension] = TOTAL
        account_codes |= dict(self.identity.population)
        for dimension, codes in self.identity.each:
            if account_codes.get(dimension) not in codes:
                return None
        is_aggregate = account_codes[AREA].startswith("_") or any(
            account_codes[name].startswith("_") for name in self.identity.by if name in row
        )
        if "" in account_codes.values() or is_aggregate:
            return None
        area = account_codes.pop(AREA)
        return area, int(str(row[book.time])) + shift, tuple(account_codes.items())


def fits(book: Book, identity: Identity, term: Summand, codes: dict[str, str]) -> bool:
    """Whether a book can tell a term."""
    return has_dimensions_of(book.dataset.flow.structure.series_key, identity, term, codes)


def has_dimensions_of(dimensions: Collection[str], identity: Identity, term: Summand, codes: Mapping[str, str]) -> bool:
    """Whether a dataflow with these dimensions can tell a term: those that term and identity name, and the parts."""
    names = all(part.dimension in dimensions or part.rule == ANY for part in term.key)
    is_separable = not any(part.is_sum and part.dimension in codes for part in term.key)
    return names and is_separable and (not identity.by or any(name in dimensions for name in identity.by))


def older(age: str) -> str:
    """The age of a cohort a year later; empty for what is no single year of age.

    >>> older("Y34"), older("Y15T64")
    ('Y35', '')
    """
    span = interval(age)
    return f"Y{span[1]}" if span and span[1] == span[0] + 1 else ""


def wanted(identity: Identity, key: Mapping[str, KeyPart], codes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The codes for which a term looks, by dimension; those of the flow before those of the term and the identity."""
    codes_of_term = {part.dimension: part.codes for part in key.values()}
    codes_of_identity = {
        dimension: (code,) for dimension, code in identity.population if dimension not in codes_of_term
    }
    requested = {**codes_of_identity, **codes_of_term, **{dimension: (code,) for dimension, code in codes.items()}}
    return {dimension: dimension_codes for dimension, dimension_codes in requested.items() if dimension_codes}


def added_up(
    term: Summand, sums: Sequence[KeyPart], cells: Mapping[tuple[str, ...], LedgerEntry]
) -> LedgerEntry | None:
    """The sum of the parts of a term; without a value, and naming them, where some are not reported."""
    entries: list[LedgerEntry] = []
    missing: list[str] = []
    for cell in product(*(choices(part, {cell[n] for cell in cells}) for n, part in enumerate(sums))):
        if cell in cells:
            entries.append(cells[cell])
        elif not any(code in part.optional for code, part in zip(cell, sums, strict=True)):
            cell_text = ", ".join(f"{part.dimension}={code}" for code, part in zip(cell, sums, strict=True))
            missing.append(f"{term.item}[{cell_text}]")
    missing += shortfall(term, sums, cells, entries)
    if not entries:
        return None
    values = [entry.value for entry in entries]
    sum_value = None if missing or None in values else sum((value for value in values if value is not None), Decimal(0))
    unit = sum((entry.unit for entry in entries if entry.unit != 1), Decimal(0)) or Decimal(1)
    parts = tuple(part for entry in entries for part in entry.parts)
    return LedgerEntry(
        sum_value,
        unit,
        status=max((entry.status for entry in entries), default=""),
        parts=parts,
        missing=tuple(missing),
        method=same_method(entries),
    )


def same_method(entries: Sequence[LedgerEntry]) -> str:
    """How all these populations were made; empty where they differ."""
    methods = {entry.method for entry in entries}
    return methods.pop() if len(methods) == 1 else ""


def choices(part: KeyPart, reported: Iterable[str]) -> Sequence[str]:
    """The codes of one dimension that are added up: those that are named, or all parts that are reported."""
    if part.rule != EVERY:
        return part.codes
    codes = sorted(reported)
    ways, _ = partitions(codes)
    unknown = tuple(code for code in codes if code == "_U")
    return (*ways[0], *unknown) if ways else tuple(filter(COUNTRY.match, codes))


def shortfall(
    term: Summand, sums: Sequence[KeyPart], cells: Mapping[tuple[str, ...], LedgerEntry], entries: Sequence[LedgerEntry]
) -> list[str]:
    """Other countries, where only some countries are named and their sum falls short of the total."""
    if len(sums) != 1 or sums[0].rule != EVERY:
        return []
    total = cells.get((TOTAL,))
    partial_sum = sum((entry.value or Decimal(0) for entry in entries), Decimal(0))
    open_list = not any((code,) in cells for code in REST) and any(len(code) == 2 for (code,) in cells)
    short = total and total.value is not None and partial_sum < total.value
    return [f"{term.item}[{sums[0].dimension}=_O]"] if open_list and short else []


class Book:
    """What one dataset says, ready to be entered into ledgers."""

    def __init__(self, dataset: Dataset) -> None:
        self.flow = dataset.flow.id
        self.dataset = dataset
        self.time = dataset.flow.structure.key[-1]
        self.shift = YEARS_TO_1_JANUARY.get(dataset.attributes.get("REF_DATE", ""))
        self._frames: dict[frozenset[str], pl.DataFrame] = {}
        self._codes: dict[str, frozenset[str]] = {}

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Its observations as `rows_of` has them."""
        return rows_of(self.dataset)

    @cached_property
    def amounts(self) -> Amounts:
        """What its observations amount to."""
        return amounts(self.dataset)

    @cached_property
    def distinct(self) -> pl.DataFrame:
        """What its observations amount to, without those that repeat a key; sorted out once for all who ask."""
        return first_of_keys(self.amounts, self.dataset.flow.structure.key)

    @cached_property
    def courses(self) -> pl.DataFrame:
        """Its series in the order of time, as `courses` has them."""
        return courses(self.dataset, self.distinct, self.amounts.scale)

    def codes(self, dimension: str) -> frozenset[str]:
        """The codes of a dimension that its observations have; looked for once."""
        if dimension not in self._codes:
            self._codes[dimension] = frozenset(self.frame.get_column(dimension).unique().drop_nulls())
        return self._codes[dimension]

    def shift_of(self, item_source: ItemSource) -> int | None:
        """From the year of an observation to that of the account: events stay in theirs; None if not known."""
        if not item_source.at:
            return 0
        shift = YEARS_TO_1_JANUARY.get(item_source.day) if item_source.day else self.shift
        if shift is None:
            return None
        return shift if item_source.at == "start" else shift - 1

    def rows(self, codes: Mapping[str, Sequence[str]], free: set[str]) -> Iterator[Row]:
        """Annual observations with these codes; dimensions neither free nor of the population stand at their total."""
        frame = self._at_totals(frozenset({*codes, *free} - {*POPULATION, ITEM, AREA}))
        for dimension, wanted_codes in codes.items():
            if dimension in self.dataset.flow.structure.series_key:
                frame = frame.filter(pl.col(dimension).is_in(list(wanted_codes)))
        return frame.iter_rows(named=True)

    def _at_totals(self, left_open: frozenset[str]) -> pl.DataFrame:
        """Annual observations at the total of all but the dimensions of the population and those left open."""
        if left_open in self._frames:
            return self._frames[left_open]
        frame, flow = self.amounts.frame, self.dataset.flow
        frame = frame.filter(pl.col(self.time).str.contains(r"^\d{4}$"))
        for dimension in flow.structure.series_key:
            codelist = flow.codelist(dimension)
            if dimension in left_open or dimension in (*POPULATION, ITEM, AREA):
                continue
            if dimension in FIXED:
                frame = frame.filter(pl.col(dimension) == FIXED[dimension])
            elif codelist is not None and TOTAL in codelist:
                frame = frame.filter(pl.col(dimension) == TOTAL)
        self._frames[left_open] = frame
        return frame

    def entry(self, row: Row) -> LedgerEntry:
        """One observation as an entry: its exact value, the unit of its last digit and its status."""
        amount, unit = row["amount"], row["printed_step"]
        value = self.amounts.exact(amount) if isinstance(amount, int) else None
        step = self.amounts.exact(unit) if isinstance(unit, int) else Decimal(1)
        return LedgerEntry(
            value,
            step,
            status=str(row.get("OBS_STATUS") or ""),
            parts=((self.flow, int(str(row["row"]))),),
            method=self.dataset.attributes.get(METHOD, ""),
        )


def books_of(datasets: Iterable[Dataset]) -> tuple[Book, ...]:
    """What several datasets say; what their observations amount to is worked out once, when it is asked for."""
    return tuple(map(Book, datasets))
