"""Sides of a comparison with data of other providers; undeclared dimensions are at their total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from sdmxmig.catalogue.ages import parse_age_code
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import write_shortest
from sdmxmig.quality.rules import Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.groups import fill_age_range
from sdmxmig.quality.rules.words import TOTAL, Named, join_any, list_names, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import OutsideData

AREA, AGE, UNIT, FREQUENCY = "REF_AREA", "AGE", "UNIT_MEASURE", "FREQ"
OWN_DATA = "own"
"""The domain of the country's own reports together with the dataset."""
ANY_SOURCE = "*"
COUNTRY, YEAR = r"^[A-Z]{2}$", r"^\d{4}$"
AS_WRITTEN, YEAR_END, AVERAGE = "", "year-end", "average"
TIMING_CHOICES = (AS_WRITTEN, YEAR_END, AVERAGE)
"""Period of a figure: as named, end of year, or average of both ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    structures: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    ages: str = ""
    timing: str = AS_WRITTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePair:
    """Two compared sides; `turned` reverses the share."""

    own: Side
    other: Side
    turned: bool = False


class Implied(NamedTuple):
    """The status fixed by a country: `here` if reporting, else `abroad`."""

    country: str
    status: str
    here: str
    abroad: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The compared data.

    `same` dimensions have equal codes, `crossed` correspond, `implied` statuses follow from countries, `alike` units
    are equivalent in order.
    """

    domains: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    crossed: Mapping[str, str] = field(default_factory=dict)
    implied: tuple[Implied, ...] = ()
    alike: tuple[str, ...] = ()

    def keys(self, own: Dataset, other: Dataset) -> dict[str, str]:
        here, there = own.flow.structure, other.flow.structure
        names = [*self.same, FREQUENCY, here.key[-1]]
        same = {name: name for name in names if name in here.key and name in there.key}
        units = {UNIT: UNIT} if UNIT in here and UNIT in there else {}
        return {**same, **units, **self.crossed}


def read_comparison(declared: Declared) -> Comparison:
    """Read the parameters shared by rules on outside data: `domains`, `same`, `crossed`, `implied`, `alike`."""
    implied = []
    for entry in declared.tables("implied"):
        implied.append(Implied(*(entry.text(name) for name in ("country", "status", "here", "abroad"))))
        entry.close()
    return Comparison(
        domains=declared.strings("domains", None),
        same=declared.strings("same"),
        crossed=declared.table("crossed").pairs(),
        implied=tuple(implied),
        alike=declared.strings("alike"),
    )


def read_side(declared: Declared) -> Side:
    side = declared.read(Side)
    check_known("timing", side.timing, TIMING_CHOICES, declared.at("timing"))
    return side


def read_pairs(parameters: Declared) -> list[SidePair]:
    pairs = []
    for entry in parameters.tables("pair"):
        own, other = (read_side(entry.table(name, required=True)) for name in ("own", "other"))
        pairs.append(SidePair(own=own, other=other, turned=entry.flag("turned", default=False)))
        entry.close()
    return pairs


def find_outside_data(check: Check, domains: Sequence[str], sides: Iterable[Side]) -> list[OutsideData]:
    """Find data of other providers in these domains (``own`` adds the country's); raise `UntestableError` if none."""
    outside = [data for data in check.outside.data if data.domain in domains]
    if OWN_DATA in domains:
        outside += [OutsideData(book=book, domain=OWN_DATA, provider="", source="") for book in check.books[1:]]
    structures = {structure for side in sides for structure in side.structures}
    if ANY_SOURCE in structures:
        structures.add(check.structure.ref.id)
    outside = [data for data in outside if data.book.dataset.flow.structure.ref.id in structures]
    if not outside:
        raise build_untestable_error("there are no comparison data of the domain {domains}", domains=join_any(domains))
    return outside


def explain_no_match(check: Check, outside: Sequence[OutsideData], least: float = 0) -> NotTestable:
    names = dict.fromkeys(data.provider or data.book.flow for data in outside)
    about: dict[str, Named] = {"providers": list_names(names), "flow": check.flow.id}
    if not least:
        return report_not_tested("{providers}: no figure measures the same as one of {flow}", **about)
    return report_not_tested(
        "{providers}: no figure of at least {least} measures the same as one of {flow}", least=f"{least:g}", **about
    )


def pair_figures(check: Check, comparison: Comparison, pair: SidePair, outside: Sequence[OutsideData]) -> pl.DataFrame:
    """Pair figures with others: dimensions, `row`, `value`, `step`, `row_other`, `other`, `step_other`, `report`."""
    book = check.books[0]
    frames = []
    own_figures: dict[tuple[str, ...], pl.DataFrame] = {}  # most others match by the same dimensions
    for position, data in enumerate(outside):
        keys = comparison.keys(book.dataset, data.book.dataset)
        names = tuple(keys)
        if names not in own_figures:
            own_figures[names] = select_figures(book, pair.own, {name: name for name in names}, comparison)
        here = own_figures[names]
        there = select_figures(data.book, pair.other, keys, comparison)
        there = there.drop("rows").rename({"row": "row_other", "value": "other", "step": "step_other"})
        both = here.join(there, on=names, how="inner", nulls_equal=True, maintain_order="left")
        frames.append(both.with_columns(report=pl.lit(position, dtype=pl.UInt32)))
    full = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(full, how="diagonal") if full else build_empty_pairs()


def build_empty_pairs() -> pl.DataFrame:
    numbers = dict.fromkeys(("row", "row_other", "report"), pl.UInt32)
    values = dict.fromkeys(("value", "step", "other", "step_other"), pl.Float64)
    return pl.DataFrame(schema={**numbers, **values, "rows": pl.List(pl.UInt32)})


def select_figures(book: Book, side: Side, keys: Mapping[str, str], comparison: Comparison) -> pl.DataFrame:
    """Return the figures of a side: `keys`, `row`, `value`, `step`; `rows` for sums."""
    structure = book.dataset.flow.structure
    names = list(keys)
    numbers: dict[str, Any] = {"row": pl.UInt32, "rows": pl.List(pl.UInt32), "value": pl.Float64, "step": pl.Float64}
    is_meant = side.structures == (ANY_SOURCE,) or structure.ref.id in side.structures
    if not is_meant or not {*side.codes, *keys.values()} <= {*structure.key, UNIT}:
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), **numbers})
    unit = 10.0**-book.amounts.scale
    counted = select_side(book, side, tuple(keys.values()), comparison).select(
        *(pl.col(there).alias(here) for here, there in keys.items()),
        "row",
        rows=pl.lit(None, dtype=pl.List(pl.UInt32)),
        age=pl.col(AGE) if side.ages else pl.lit(None, dtype=pl.String),
        value=pl.col("amount").cast(pl.Float64) * unit,
        step=pl.col("printed_step").cast(pl.Float64) * unit,
    )
    counted = counted.unique([*names, "age"], keep="first", maintain_order=True)
    if side.ages:
        sums = [sum_ages(counted, names, way) for way in list_age_partitions(book, side.ages)]
        counted = pl.concat(sums).unique(names, keep="first", maintain_order=True) if sums else counted.clear()
    return assign_periods(book, side, counted.select(*names, *numbers))


def select_side(book: Book, side: Side, free: Sequence[str], comparison: Comparison) -> pl.DataFrame:
    conditions = build_total_conditions(book.dataset, side, free)
    statuses = {implied.status for implied in comparison.implied}
    frame = book.amounts.frame.filter(
        pl.col("amount").is_not_null(), *(need for name, need in conditions.items() if name not in statuses)
    )
    frame = add_statuses(add_unit(book, frame, comparison.alike), comparison.implied)
    needs = [need for name, need in conditions.items() if name in statuses]
    return frame.filter(*needs) if needs else frame


def list_age_partitions(book: Book, ages: str) -> list[tuple[str, ...]]:
    span = parse_age_code(ages)
    if span is None or AGE not in book.dataset.flow.structure.series_key:
        return []
    spans = {code: reach for code in book.codes(AGE) if (reach := parse_age_code(code)) and reach[1] <= span[1]}
    ways = (tuple(fill_age_range(spans, *span, widest=widest)) for widest in (True, False))
    return [way for way in dict.fromkeys(ways) if way]


def build_total_conditions(dataset: Dataset, side: Side, free: Sequence[str]) -> dict[str, pl.Expr]:
    conditions: dict[str, pl.Expr] = {}
    for name in dataset.flow.structure.series_key:
        if name in side.codes:
            conditions[name] = pl.col(name) == side.codes[name]
        elif name not in free and name != AREA and not (name == AGE and side.ages):
            conditions[name] = pl.col(name) == TOTAL
    return conditions


def add_statuses(frame: pl.DataFrame, implied: Sequence[Implied]) -> pl.DataFrame:
    for country, status, here, abroad in implied:
        if {country, status, AREA} <= set(frame.columns):
            fixed = pl.when(pl.col(country) == pl.col(AREA)).then(pl.lit(here)).otherwise(pl.lit(abroad))
            is_country = pl.col(country).str.contains(COUNTRY)
            frame = frame.with_columns(pl.when(is_country).then(fixed).otherwise(pl.col(status)).alias(status))
    return frame


def add_unit(book: Book, frame: pl.DataFrame, alike: Sequence[str]) -> pl.DataFrame:
    frame = join_attributes(book.dataset, [UNIT], observations=frame)
    if not alike:
        return frame
    ranks = {unit: rank for rank, unit in enumerate(alike)}
    frame = frame.sort(pl.col(UNIT).replace_strict(ranks, default=len(alike)), maintain_order=True)
    return frame.with_columns(
        pl.when(pl.col(UNIT).is_in(alike)).then(pl.lit(alike[0])).otherwise(pl.col(UNIT)).alias(UNIT)
    )


def sum_ages(counted: pl.DataFrame, keys: Sequence[str], way: Sequence[str]) -> pl.DataFrame:
    sums = (
        counted.filter(pl.col("age").is_in(way))
        .group_by(keys, maintain_order=True)
        .agg(pl.col("row").first(), pl.col("value").sum(), pl.col("step").sum(), rows=pl.col("row"), count=pl.len())
    )
    return sums.filter(pl.col("count") == len(way)).select([*keys, "row", "rows", "value", "step"])


def assign_periods(book: Book, side: Side, counted: pl.DataFrame) -> pl.DataFrame:
    """Return figures by the period of a side; empty if the reference day is unknown."""
    if side.timing == AS_WRITTEN:
        return counted
    time = book.time
    if book.shift is None or time not in counted.columns:
        return counted.clear()
    year = pl.col(time).cast(pl.Int32) + book.shift
    at_start = counted.filter(pl.col(time).str.contains(YEAR)).with_columns(year.alias("year"))
    if side.timing == YEAR_END:
        return at_start.with_columns((pl.col("year") - 1).cast(pl.String).alias(time)).drop("year")
    others = [name for name in counted.columns if name not in (time, "row", "rows", "value", "step")]
    at_end = at_start.select(*others, year=pl.col("year") - 1, end="value")
    both = at_start.join(at_end, on=[*others, "year"], how="inner", nulls_equal=True, maintain_order="left")
    average = (pl.col("value") + pl.col("end")) / 2
    return both.with_columns(pl.col("year").cast(pl.String).alias(time), value=average).select(counted.columns)


Words = Callable[[str], Mapping[str, str]]


def build_comparison_fault(
    check: Check, pair: Mapping[str, Any], data: OutsideData, further: Words, *, expected: str, severity: str = ""
) -> Fault:
    """Build the fault of a figure that contradicts outside data; `further` adds parameters of the rule."""

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(write_plain(pair["value"]), language),
            "other": write_number(write_plain(pair["other"]), language),
            "provider": name_provider(data, language),
            "source": ", ".join(part for part in (data.source, data.read) if part) or data.book.flow,
            **further(language),
        }

    is_own = data.domain == OWN_DATA and "row_other" in pair
    return check.fault(
        pair["rows"] or (pair["row"],),
        build_words,
        observed=write_plain(pair["value"]),
        expected=expected,
        severity=severity,
        elsewhere=((data.book.flow, pair["row_other"]),) if is_own else (),
    )


def name_provider(data: OutsideData, language: str) -> str:
    flow = data.book.dataset.flow
    return data.provider or flow.dataflow.name.in_language(language) or flow.id


def write_plain(value: float, places: int = 2) -> str:
    """Write a figure without trailing zeros.

    >>> write_plain(1200.0), write_plain(0.5), write_plain(-3.0), write_plain(1/3)
    ('1200', '0.5', '-3', '0.33')
    """
    return write_shortest(Decimal(f"{Decimal(repr(value)):.{places}f}"))
