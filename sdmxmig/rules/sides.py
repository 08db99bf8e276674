"""The two sides of a comparison with data of others: figures of the dataset, and what somebody else says of the same.

Which figures are about the same is declared by each rule: the structures, the codes that both sides have, and which
dimension of the one stands for which of the other. What a rule does not name is at its total.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sdmxmig.declarations import Declared
from sdmxmig.demography.ages import interval
from sdmxmig.demography.ledger import Book
from sdmxmig.demography.outside_data import OutsideData
from sdmxmig.errors import check_known
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.rules import Check
from sdmxmig.rules.groups import filling
from sdmxmig.rules.words import TOTAL, in_languages, number

AREA, AGE, UNIT, FREQUENCY = "REF_AREA", "AGE", "UNIT_MEASURE", "FREQ"
OWN = "own"
"""The domain of what the country itself reports together with the dataset."""
ANY = "*"
"""Instead of structures: that of the dataset."""
COUNTRY, YEAR = r"^[A-Z]{2}$", r"^\d{4}$"
AS_WRITTEN, YEAR_END, AVERAGE = "", "year-end", "average"
TIMINGS = (AS_WRITTEN, YEAR_END, AVERAGE)
"""Of which period a figure is: that which it names; the year at whose end the population is counted; of populations at
both ends of a year the average."""
PLACES = 4
"""So many decimals of a share are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side of a comparison counts: of which structures, with which codes, of which ages and of which time."""

    structures: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    ages: str = ""
    timing: str = AS_WRITTEN


class Implied(NamedTuple):
    """The status that a country fixes: `here` where it is the reporting one, `abroad` where it is another one."""

    country: str
    status: str
    here: str
    abroad: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whose data are compared, and which figures are about the same people.

    `same` are the dimensions of which both sides have the same code, as far as both structures have them; `crossed` are
    dimensions of the dataset with those of the other side that have their code; `implied` are the statuses that
    countries fix, so that it does not matter whether a table says them too.
    """

    domains: tuple[str, ...]
    same: tuple[str, ...]
    crossed: Mapping[str, str]
    implied: tuple[Implied, ...]

    def keys(self, own: Dataset, other: Dataset) -> dict[str, str]:
        """The dimensions by which figures of two datasets are matched, with their names on the other side."""
        here, there = own.flow.structure, other.flow.structure
        names = [*self.same, FREQUENCY, here.key[-1]]
        same = {name: name for name in names if name in here.key and name in there.key}
        units = {UNIT: UNIT} if UNIT in here and UNIT in there else {}
        return {**same, **units, **self.crossed}


def read_comparison(declared: Declared) -> Comparison:
    """The parameters that all rules about data of others share: `domains`, `same`, `crossed`, `implied`."""
    implied = []
    for entry in declared.tables("implied"):
        implied.append(Implied(*(entry.text(name) for name in ("country", "status", "here", "abroad"))))
        entry.close()
    return Comparison(
        domains=declared.strings("domains", None),
        same=declared.strings("same"),
        crossed=declared.table("crossed").pairs(),
        implied=tuple(implied),
    )


def read_side(declared: Declared) -> Side:
    """One side of a comparison: `structures`, `codes`, and where they matter `ages` and `timing`."""
    timing = declared.text("timing", AS_WRITTEN)
    check_known("timing", timing, TIMINGS, declared.at("timing"))
    side = Side(
        structures=declared.strings("structures", None),
        codes=declared.table("codes").pairs(),
        ages=declared.text("ages", ""),
        timing=timing,
    )
    declared.close()
    return side


def reports(check: Check, domains: Sequence[str]) -> list[OutsideData]:
    """The data of others of these domains; with ``own``, also what the country reports together with the dataset."""
    outside = [data for data in check.outside if data.domain in domains]
    if OWN in domains:
        outside += [OutsideData(book, domain=OWN, provider="", source="") for book in check.books[1:]]
    return outside


def none_to_compare(domains: Sequence[str]) -> NotTestable:
    """Why a rule about data of others cannot judge where there are none."""
    return NotTestable(f"there are no data to compare with, of the domain {' or '.join(domains)}")


def none_alike(check: Check, outside: Sequence[OutsideData], least: float = 0) -> NotTestable:
    """Why it cannot judge where those that are there are about nothing that the dataset has."""
    names = dict.fromkeys(data.provider or data.book.flow for data in outside)
    size = f" of at least {least:g}" if least else ""
    return NotTestable(f"{', '.join(names)}: no figure{size} is about the same as one of {check.dataset.flow.id}")


def paired(check: Check, comparison: Comparison, own: Side, other: Side) -> pl.DataFrame:
    """Figures of the dataset beside those of others about the same, one row for each pair.

    Columns: the dimensions by which they match; `row`, `value` and `step` (the last printed digit) of the dataset;
    `row_other`, `other` and `step_other`; `report`, the position of whose they are in `reports`.
    """
    book = check.books[0]
    frames = []
    for position, data in enumerate(reports(check, comparison.domains)):
        if own.structures == (ANY,) and data.book.dataset.flow.structure.ref.id != book.dataset.flow.structure.ref.id:
            continue
        keys = comparison.keys(book.dataset, data.book.dataset)
        here = figures(book, own, {name: name for name in keys}, comparison.implied)
        there = figures(data.book, other, keys, comparison.implied)
        there = there.rename({"row": "row_other", "value": "other", "step": "step_other"})
        pairs = here.join(there, on=list(keys), how="inner", nulls_equal=True, maintain_order="left")
        frames.append(pairs.with_columns(report=pl.lit(position, dtype=pl.UInt32)))
    full = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(full, how="diagonal") if full else NO_PAIRS


NO_PAIRS = pl.DataFrame(
    schema={
        **dict.fromkeys(("row", "row_other", "report"), pl.UInt32),
        **dict.fromkeys(("value", "step", "other", "step_other"), pl.Float64),
    }
)


def figures(book: Book, side: Side, keys: Mapping[str, str], implied: Sequence[Implied]) -> pl.DataFrame:
    """The figures of one side, each key once: the dimensions of `keys` by their names there, `row`, `value`, `step`."""
    structure = book.dataset.flow.structure
    empty = pl.DataFrame(
        schema={**dict.fromkeys(keys, pl.String), "row": pl.UInt32, "value": pl.Float64, "step": pl.Float64}
    )
    way = ages_of(book, side)
    is_meant = side.structures == (ANY,) or structure.ref.id in side.structures
    if not is_meant or not way or not {*side.codes, *keys.values()} <= {*structure.key, UNIT}:
        return empty
    statuses = {status.status for status in implied}
    conditions = at_totals(book.dataset, side, tuple(keys.values()))
    frame = book.amounts.frame.filter(
        pl.col("amount").is_not_null(), *(need for name, need in conditions.items() if name not in statuses)
    )
    if side.ages:
        frame = frame.filter(pl.col(AGE).is_in(way))
    frame = with_statuses(frame, implied)
    frame = frame.filter(need for name, need in conditions.items() if name in statuses)
    unit = 10.0**-book.amounts.scale
    counted = with_unit(book, frame).select(
        *(pl.col(there).alias(here) for here, there in keys.items()),
        "row",
        age=pl.col(AGE) if side.ages else pl.lit(None, dtype=pl.String),
        value=pl.col("amount").cast(pl.Float64) * unit,
        step=pl.col("printed_step").cast(pl.Float64) * unit,
    )
    counted = counted.unique([*keys, "age"], keep="first", maintain_order=True)
    return timed(book, side, list(keys), summed(counted, list(keys), len(way)))


def ages_of(book: Book, side: Side) -> tuple[str, ...]:
    """The age groups that are added up: those that fill the ages of a side; none if they are not reported."""
    if not side.ages:
        return (TOTAL,)
    span = interval(side.ages)
    if span is None or AGE not in book.dataset.flow.structure.series_key:
        return ()
    spans = {code: reach for code in book.codes(AGE) if (reach := interval(code)) and reach[1] <= span[1]}
    return tuple(filling(spans, *span, widest=True))


def at_totals(dataset: Dataset, side: Side, free: Sequence[str]) -> dict[str, pl.Expr]:
    """What must hold of each dimension: it has the code of the side, or its total where figures do not match by it.

    One without a total must be named; only the reporting area may be any.
    """
    conditions: dict[str, pl.Expr] = {}
    for name in dataset.flow.structure.series_key:
        if name in side.codes:
            conditions[name] = pl.col(name) == side.codes[name]
        elif name not in free and name != AREA and not (name == AGE and side.ages):
            conditions[name] = pl.col(name) == TOTAL
    return conditions


def with_statuses(frame: pl.DataFrame, implied: Sequence[Implied]) -> pl.DataFrame:
    """The figures with the statuses that their countries fix, where a country is named."""
    for country, status, here, abroad in implied:
        if {country, status, AREA} <= set(frame.columns):
            fixed = pl.when(pl.col(country) == pl.col(AREA)).then(pl.lit(here)).otherwise(pl.lit(abroad))
            is_country = pl.col(country).str.contains(COUNTRY)
            frame = frame.with_columns(pl.when(is_country).then(fixed).otherwise(pl.col(status)).alias(status))
    return frame


def with_unit(book: Book, frame: pl.DataFrame) -> pl.DataFrame:
    """The figures with their unit, also where it is an attribute of series or of the dataset."""
    dataset = book.dataset
    if UNIT in frame.columns:
        return frame
    if UNIT in dataset.series.columns:
        names = [name for name in dataset.flow.structure.series_key if name in dataset.series.columns]
        units = dataset.series.select(pl.col(*names, UNIT).cast(pl.String)).unique(names, keep="first")
        return frame.join(units, on=names, how="left", nulls_equal=True, maintain_order="left")
    return frame.with_columns(pl.lit(dataset.attributes.get(UNIT), dtype=pl.String).alias(UNIT))


def summed(counted: pl.DataFrame, keys: Sequence[str], parts: int) -> pl.DataFrame:
    """The figures of all ages together, where every age group is there; its first row stands for it."""
    if parts == 1:
        return counted.drop("age")
    sums = counted.group_by(keys, maintain_order=True).agg(
        pl.col("row").first(), pl.col("value").sum(), pl.col("step").sum(), count=pl.len()
    )
    return sums.filter(pl.col("count") == parts).drop("count")


def timed(book: Book, side: Side, keys: Sequence[str], counted: pl.DataFrame) -> pl.DataFrame:
    """The figures by the period that a side asks for; none where the data do not say on which day they count."""
    if side.timing == AS_WRITTEN:
        return counted
    if book.shift is None:
        return counted.clear()
    time = keys[[name in (book.time,) for name in keys].index(True)]
    year = pl.col(time).cast(pl.Int32) + book.shift
    at_start = counted.filter(pl.col(time).str.contains(YEAR)).with_columns(year.alias("year"))
    if side.timing == YEAR_END:
        return at_start.with_columns((pl.col("year") - 1).cast(pl.String).alias(time)).drop("year")
    others = [name for name in keys if name != time]
    at_end = at_start.select(*others, year=pl.col("year") - 1, end="value")
    both = at_start.join(at_end, on=[*others, "year"], how="inner", nulls_equal=True, maintain_order="left")
    average = (pl.col("value") + pl.col("end")) / 2
    return both.with_columns(pl.col("year").cast(pl.String).alias(time), value=average).select(counted.columns)


Words = Callable[[str], Mapping[str, str]]


def fault_beside(
    check: Check,
    pair: Mapping[str, Any],
    data: OutsideData,
    further: Words,
    *,
    expected: str,
    rows: Sequence[int] = (),
    severity: str = "",
) -> Fault:
    """The fault of a figure that does not fit what somebody else says; `further` words are those of its rule."""

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": number(plain(pair["value"]), language),
            "other": number(plain(pair["other"]), language),
            "provider": provider_of(data, language),
            "source": source_of(data),
            **further(language),
        }

    is_own = data.domain == OWN and "row_other" in pair
    return Fault(
        tuple(rows) or (pair["row"],),
        check.dataset.flow.structure.measure.id,
        parameters=in_languages(check.rule, words_in),
        observed=plain(pair["value"]),
        expected=expected,
        severity=severity,
        elsewhere=((data.book.flow, pair["row_other"]),) if is_own else (),
    )


def provider_of(data: OutsideData, language: str) -> str:
    """Whose figures these are: the provider, or the dataflow if they are the country's own."""
    flow = data.book.dataset.flow
    return data.provider or flow.dataflow.name.in_language(language) or flow.id


def source_of(data: OutsideData) -> str:
    """Where these figures stand, and when they were read there."""
    return ", ".join(part for part in (data.source, data.read) if part) or data.book.flow


def plain(value: float, places: int = 2) -> str:
    """A figure without needless zeros.

    >>> plain(1200.0), plain(0.5), plain(-3.0), plain(1/3)
    ('1200', '0.5', '-3', '0.33')
    """
    text = f"{Decimal(repr(value)):.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
