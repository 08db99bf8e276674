"""Account entries by area, year and population."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any

from sdmxmig.catalogue.accounting import (
    ANY_CODE,
    EVERY_CODE,
    YOUNGER_AGE,
    Equation,
    Identity,
    ItemSource,
    KeyPart,
    Summand,
)
from sdmxmig.catalogue.ages import find_partitions, parse_age_code
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import DEFINITIONS, lift_shared_definitions, move_to_declared_levels, split_by_definition
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import (
    LARGE_AMOUNT,
    Amounts,
    add_exact_numbers,
    compute_amounts,
    prepare_rows,
)
from sdmxmig.statistics.demography.time_series import (
    KeyNumbers,
    ReportedParts,
    index_reported_parts,
    list_series_contexts,
    order_series,
    renumber_by_appearance,
)

POPULATION_DIMENSIONS = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE")
TOTAL = "_T"
ITEM = "ACC_ITEM"
AREA = "REF_AREA"
FIXED_CODES = {"FREQ": "A", "UNIT_MEASURE": "PS"}
YEARS_TO_1_JANUARY = {"D0101": 0, "D1231": 1}
"""Offset from a population's year to the 1 January counted, by REF_DATE."""
AGE_DEFINITION, COMPLETED = "AGEDEF", "COMPLET"
METHOD_ATTRIBUTE = "STOCK_METHOD"
SOURCE, BY_MODEL = "SRC_TYPE", "EXP"
REST_CODES = ("_O", "_U")
"""Codes that complete a list of countries."""
COUNTRY = re.compile(r"^([A-Z]{2}|STLS|UNDET|_O|_U)$")

Population = tuple[tuple[str, str], ...]
AccountKey = tuple[str, int, Population]
"""Area, year, population."""
Key = tuple[str, str, int, Population]
"""Item of the equation, area, year, population."""
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An account item with value, unit, status and observations.

    If parts are `missing`, there is no value. `method` is a code of CL_STOCK_METHOD or empty. `definitions` are those
    of the observations, with their dataflow.
    """

    value: Decimal | None
    unit: Decimal
    _: KW_ONLY
    status: str
    parts: tuple[tuple[str, int], ...]
    missing: tuple[str, ...] = ()
    subtracted: tuple[tuple[str, int], ...] = ()
    method: str = ""
    definitions: frozenset[tuple[str, ...]] = frozenset()
    is_modelled: bool = False


class Ledger:
    """All entries. Observed figures take precedence over modelled ones, then account data over flows."""

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
                shift = book.get_year_shift(item_source)
                if item_source.flow == book.flow and shift is not None:
                    self._enter(book, term, dict(item_source.codes), shift)
        for term in terms:
            self._carry(term, {summand.item: summand for summand in terms})

    def _carry(self, end: Summand, terms: Mapping[str, Summand]) -> None:
        start = terms.get(self.identity.item_sources[end.item].next)
        if not start or end.key or start.key:
            return
        for (term_text, area, year, population), entry in list(self.entries.items()):
            if term_text == end.written:
                self._add((start.written, area, year + 1, population), entry)
            elif term_text == start.written:
                self._add((end.written, area, year - 1, population), entry)

    def _add(self, key: Key, entry: LedgerEntry) -> None:
        present = self.entries.setdefault(key, entry)
        if present.is_modelled and not entry.is_modelled and entry.value is not None:
            self.entries[key] = entry

    def _enter(self, book: Book, term: Summand, codes: dict[str, str], shift: int = 0) -> None:
        key = {part.dimension: part for part in term.key}
        sums = [part for part in key.values() if part.is_sum]
        if not has_term_dimensions(book.dataset.flow.structure.series_key, self.identity, term, codes):
            return
        free = {*key, *codes, *self.identity.by}
        cells_by_account: dict[AccountKey, dict[tuple[str, ...], LedgerEntry]] = {}
        for row in book.rows(index_required_codes(self.identity, key, codes), free):
            account_key = self._account_key(book, row, key, shift)
            if account_key and not self._is_at_another_age(book, term, row):
                cell = tuple(str(row.get(part.dimension) or TOTAL) for part in sums)
                cells_by_account.setdefault(account_key, {}).setdefault(cell, book.entry(row))
        for account_key, cells in cells_by_account.items():
            entry = sum_parts(term, sums, cells) if sums else next(iter(cells.values()))
            if entry:
                self._add((term.written, *account_key), entry)

    def _is_at_another_age(self, book: Book, term: Summand, row: Row) -> bool:
        """Check whether an event's age refers to another cohort; deaths at 34 belong to two cohorts."""
        is_event = not self.identity.item_sources[term.item].at
        is_account = self.identity.start is not None
        return is_event and is_account and book.counts_completed_years and row.get("AGE", TOTAL) != TOTAL

    def _account_key(self, book: Book, row: Row, key: Mapping[str, KeyPart], shift: int) -> AccountKey | None:
        codes_of_row = {
            AREA: str(row.get(AREA) or ""),
            **{name: str(row.get(name) or TOTAL) for name in POPULATION_DIMENSIONS},
        }
        codes_of_row |= {name: str(row.get(name) or TOTAL) for name in self.identity.by}
        account_codes = dict(codes_of_row)
        for dimension, part in key.items():
            if part.rule == YOUNGER_AGE:
                account_codes[dimension] = increment_age(codes_of_row[dimension])
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


def has_term_dimensions(
    dimensions: Collection[str], identity: Identity, term: Summand, codes: Mapping[str, str]
) -> bool:
    names = all(part.dimension in dimensions or part.rule == ANY_CODE for part in term.key)
    is_separable = not any(part.is_sum and part.dimension in codes for part in term.key)
    return names and is_separable and (not identity.by or any(name in dimensions for name in identity.by))


def increment_age(age: str) -> str:
    """Return the age of a cohort a year later; empty unless a single age.

    >>> increment_age("Y34"), increment_age("Y15T64")
    ('Y35', '')
    """
    span = parse_age_code(age)
    return f"Y{span[1]}" if span and span[1] == span[0] + 1 else ""


def index_required_codes(
    identity: Identity, key: Mapping[str, KeyPart], codes: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    codes_of_term = {part.dimension: part.codes for part in key.values()}
    codes_of_identity = {
        dimension: (code,) for dimension, code in identity.population if dimension not in codes_of_term
    }
    requested = {**codes_of_identity, **codes_of_term, **{dimension: (code,) for dimension, code in codes.items()}}
    return {dimension: dimension_codes for dimension, dimension_codes in requested.items() if dimension_codes}


def sum_parts(
    term: Summand, sums: Sequence[KeyPart], cells: Mapping[tuple[str, ...], LedgerEntry]
) -> LedgerEntry | None:
    entries: list[LedgerEntry] = []
    missing: list[str] = []
    for cell in product(*(list_choices(part, {cell[n] for cell in cells}) for n, part in enumerate(sums))):
        if cell in cells:
            entries.append(cells[cell])
        elif not any(code in part.optional for code, part in zip(cell, sums, strict=True)):
            cell_text = ", ".join(f"{part.dimension}={code}" for code, part in zip(cell, sums, strict=True))
            missing.append(f"{term.item}[{cell_text}]")
    missing += list_missing_remainder(term, sums, cells, entries)
    if not entries:
        return None
    values = [entry.value for entry in entries]
    sum_value = None if missing or None in values else add_exact_numbers(value for value in values if value is not None)
    unit = add_exact_numbers(entry.unit for entry in entries if entry.unit != 1) or Decimal(1)
    parts = tuple(part for entry in entries for part in entry.parts)
    return LedgerEntry(
        sum_value,
        unit,
        status=max((entry.status for entry in entries), default=""),
        parts=parts,
        missing=tuple(missing),
        method=find_same_method(entries),
        definitions=collect_definitions(entries),
        is_modelled=any(entry.is_modelled for entry in entries),
    )


def collect_definitions(entries: Iterable[LedgerEntry]) -> frozenset[tuple[str, ...]]:
    return frozenset().union(*(entry.definitions for entry in entries))


def find_same_method(entries: Sequence[LedgerEntry]) -> str:
    methods = {entry.method for entry in entries}
    return methods.pop() if len(methods) == 1 else ""


def list_choices(part: KeyPart, reported: Iterable[str]) -> Sequence[str]:
    if part.rule != EVERY_CODE:
        return part.codes
    codes = sorted(reported)
    ways, _ = find_partitions(codes)
    unknown = tuple(code for code in codes if code == "_U")
    return (*ways[0], *unknown) if ways else tuple(filter(COUNTRY.match, codes))


def list_missing_remainder(
    term: Summand, sums: Sequence[KeyPart], cells: Mapping[tuple[str, ...], LedgerEntry], entries: Sequence[LedgerEntry]
) -> list[str]:
    if len(sums) != 1 or sums[0].rule != EVERY_CODE:
        return []
    total = cells.get((TOTAL,))
    partial_sum = add_exact_numbers(entry.value or Decimal(0) for entry in entries)
    open_list = not any((code,) in cells for code in REST_CODES) and any(len(code) == 2 for (code,) in cells)
    short = total and total.value is not None and partial_sum < total.value
    return [f"{term.item}[{sums[0].dimension}=_O]"] if open_list and short else []


class Book:
    """A dataset prepared for ledgers.

    `dataset` states the definitions common to all its series. `divided` has a book for each set of definitions, with
    the same row numbers; if `is_part`, only its own series enter ledgers.
    """

    def __init__(self, dataset: Dataset, *, is_part: bool = False) -> None:
        if not is_part:
            dataset = lift_shared_definitions(move_to_declared_levels(dataset))
        self.flow = dataset.flow.id
        self.dataset = dataset
        self.is_part = is_part
        self.time = dataset.flow.structure.key[-1]
        self.definitions = frozenset({(self.flow, *(dataset.attributes.get(name, "") for name in DEFINITIONS))})
        self.shift = YEARS_TO_1_JANUARY.get(dataset.attributes.get("REF_DATE", ""))
        self.counts_completed_years = dataset.attributes.get(AGE_DEFINITION) == COMPLETED
        self.traced: dict[object, Any] = {}
        self._frames: dict[object, pl.DataFrame] = {}
        self._codes: dict[str, frozenset[str]] = {}
        self._contexts: dict[str, pl.DataFrame] = {}
        self._parts: dict[tuple[tuple[str, ...], tuple[int, ...]], ReportedParts] = {}

    @cached_property
    def divided(self) -> tuple[Book, ...]:
        parts = split_by_definition(self.dataset)
        return (self,) if len(parts) == 1 else tuple(Book(part, is_part=True) for part in parts)

    @cached_property
    def frame(self) -> pl.DataFrame:
        return prepare_rows(self.dataset)

    @cached_property
    def amounts(self) -> Amounts:
        return compute_amounts(self.dataset, self.frame)

    @cached_property
    def numbers(self) -> KeyNumbers:
        return KeyNumbers(self.dataset.observations, self.dataset.flow.structure.key)

    @cached_property
    def distinct(self) -> pl.DataFrame:
        key = self.dataset.flow.structure.key
        if self.numbers.are_distinct(key):
            return self.amounts.frame
        return self.amounts.frame.filter(self.numbers.of(key).is_first_distinct())

    @cached_property
    def series_positions(self) -> pl.Series:
        """Return the position of each observation's series, or null."""
        series = self.dataset.series
        key = [name for name in self.dataset.flow.structure.series_key if name in series.columns]
        if not key:
            return pl.Series([None], dtype=pl.UInt32).new_from_index(0, self.frame.height)
        numbers = renumber_by_appearance(self.numbers.of(key))
        of_observations = self.frame.select(key).filter(numbers.is_first_distinct())
        listed = series.select(key).with_row_index("place").unique(key, keep="first", maintain_order=True)
        places = of_observations.join(listed, on=key, how="left", nulls_equal=True, maintain_order="left")["place"]
        return places[numbers]

    @cached_property
    def courses(self) -> pl.DataFrame:
        return order_series(self.dataset, self.distinct, self.amounts.scale, self.numbers)

    def find_rows(self, codes: Mapping[str, str]) -> pl.Series:
        numbers, key = self.numbers, self.dataset.flow.structure.key
        everywhere = pl.DataFrame({"key": numbers.of([name for name in key if name not in codes])})
        there = everywhere.with_row_index("at").filter(numbers.have_codes(codes))
        if not numbers.are_distinct(key):
            there = there.unique("key", keep="first", maintain_order=True)
        return everywhere.join(there, on="key", how="left", maintain_order="left")["at"]

    def parts(self, dimensions: tuple[str, ...], whole: Mapping[str, str], codes: Sequence[int]) -> ReportedParts:
        """Return the parts of a breakdown with these codes, numbered as by `KeyNumbers.of`."""
        wanted_parts = (dimensions, tuple(codes))
        if wanted_parts not in self._parts:
            frame = self.distinct.select("row")
            numbers, amounts_of = self.numbers.of(dimensions), self.amounts.frame["amount"]
            part_numbers = pl.Series(list(codes), dtype=numbers.dtype)
            parts = pl.DataFrame({"group": self.find_rows(whole), "code": numbers}).with_row_index("row")
            parts = parts.filter(pl.col("group").is_not_null(), pl.col("code").is_in(part_numbers.implode()))
            if frame.height < self.frame.height:
                parts = parts.join(frame, on="row", how="semi", maintain_order="left")
            if amounts_of.null_count():
                parts = parts.filter(amounts_of[parts["group"]].is_not_null())
            self._parts[wanted_parts] = index_reported_parts(parts.select("group", "code", "row"))
        return self._parts[wanted_parts]

    @cached_property
    def steps(self) -> pl.DataFrame:
        """Return `amount` and `slack` (twice the rounding; zero for whole persons), 64 or 128 bits."""
        unit = 10**self.amounts.scale
        printed = pl.col("printed_step")
        steps = self.amounts.frame.select("amount", slack=pl.when(printed == unit).then(0).otherwise(printed))
        largest = steps.select(pl.max_horizontal(pl.col("amount").abs().max(), pl.col("slack").max())).item() or 0
        return steps.cast(pl.Int64) if largest * (steps.height + 1) < LARGE_AMOUNT else steps

    def contexts(self, dimension: str) -> pl.DataFrame:
        if dimension not in self._contexts:
            others = [name for name in self.dataset.flow.structure.series_key if name != dimension]
            self._contexts[dimension] = list_series_contexts(
                self.courses, self.frame[dimension], self.numbers.of(others)
            )
        return self._contexts[dimension]

    def codes(self, dimension: str) -> frozenset[str]:
        if dimension not in self._codes:
            is_key = dimension in self.numbers.names
            codes = self.numbers.present(dimension) if is_key else self.frame.get_column(dimension).unique()
            self._codes[dimension] = frozenset(code for code in codes if code is not None)
        return self._codes[dimension]

    def get_year_shift(self, item_source: ItemSource) -> int | None:
        if not item_source.at:
            return 0
        shift = YEARS_TO_1_JANUARY.get(item_source.day) if item_source.day else self.shift
        if shift is None:
            return None
        return shift if item_source.at == "start" else shift - 1

    def rows(self, codes: Mapping[str, Sequence[str]], free: set[str]) -> Iterator[Row]:
        dimensions = self.dataset.flow.structure.series_key
        listed_codes = {name: listed for name, listed in codes.items() if name in dimensions}
        if any(self.codes(name).isdisjoint(listed) for name, listed in listed_codes.items()):
            return iter(())  # datasets lack most terms; searching all rows for each took long
        left_open = frozenset({*codes, *free} - {*POPULATION_DIMENSIONS, ITEM, AREA})
        term = (left_open, *listed_codes.items())
        if term not in self._frames:  # several identities have the same terms
            conditions = [pl.col(name).is_in(list(listed)) for name, listed in listed_codes.items()]
            frame = self._select_totals(left_open)
            self._frames[term] = frame.filter(*conditions) if conditions else frame
        return self._frames[term].iter_rows(named=True)

    def _select_totals(self, left_open: frozenset[str]) -> pl.DataFrame:
        if left_open in self._frames:
            return self._frames[left_open]
        flow = self.dataset.flow
        conditions = [pl.col(self.time).str.contains(r"^\d{4}$")]
        for dimension in flow.structure.series_key:
            codelist = flow.codelist(dimension)
            if dimension in left_open or dimension in (*POPULATION_DIMENSIONS, ITEM, AREA):
                continue
            if dimension in FIXED_CODES:
                conditions.append(pl.col(dimension) == FIXED_CODES[dimension])
            elif codelist is not None and TOTAL in codelist:
                conditions.append(pl.col(dimension) == TOTAL)
        frame = self.amounts.frame.filter(*conditions)
        if self.is_part:
            key = list(flow.structure.series_key)
            frame = frame.join(self.dataset.series, on=key, how="semi", nulls_equal=True, maintain_order="left")
        self._frames[left_open] = frame
        return frame

    def entry(self, row: Row) -> LedgerEntry:
        """Convert an observation to an entry: exact value, unit of its last digit, and status."""
        amount, unit = row["amount"], row["printed_step"]
        value = self.amounts.exact(amount) if isinstance(amount, int) else None
        step = self.amounts.exact(unit) if isinstance(unit, int) else Decimal(1)
        return LedgerEntry(
            value,
            step,
            status=str(row.get("OBS_STATUS") or ""),
            parts=((self.flow, int(str(row["row"]))),),
            method=self.dataset.attributes.get(METHOD_ATTRIBUTE, ""),
            definitions=self.definitions,
            is_modelled=(row.get(SOURCE) or self.dataset.attributes.get(SOURCE)) == BY_MODEL,
        )


def open_books(datasets: Iterable[Dataset]) -> tuple[Book, ...]:
    return tuple(map(Book, datasets))
