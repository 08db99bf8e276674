"""Comparisons with data of other providers, of sides and of net flows; undeclared dimensions are at their total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from sdmxmig.catalogue.ages import parse_age_code
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import fill_message, write_shortest
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.groups import fill_age_range
from sdmxmig.quality.rules.series import read_decimal
from sdmxmig.quality.rules.words import TOTAL, Named, join_any, list_names, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.artefacts import Text
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


class ImpliedStatus(NamedTuple):
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
    implied: tuple[ImpliedStatus, ...] = ()
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
        implied.append(ImpliedStatus(*(entry.text(name) for name in ("country", "status", "here", "abroad"))))
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


def add_statuses(frame: pl.DataFrame, implied: Sequence[ImpliedStatus]) -> pl.DataFrame:
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


SIGN, DISTANCE, COURSE = "sign", "distance", "course"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetFlow:
    """A net figure: a plus side minus an optional minus side."""

    plus: Side
    minus: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Limits of agreement: minimum size for signs, and distance and correlation over `years`.

    `deviations` in standard deviations; None skips a check.
    """

    least: int
    years: int
    deviations: float | None
    correlation: float | None
    reasons: Mapping[str, Text]


@KINDS.add("NET-AGREES")
@run_by_definition
def net_flows_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """A net flow has the same sign as in outside data, and differs from it consistently over the years.

    Parameters: `domains`, `same`, `crossed`, `implied` as for all rules on outside data; `pair`: `own` and `other`,
    each with `plus` and optionally `minus`; `least`: minimum size for signs; `years`: minimum number for other checks;
    `deviations`: tolerated distance, in standard deviations of other years; `correlation`: minimum; `reasons`: their
    wording.
    """
    with check.parameters as parameters:
        comparison = read_comparison(parameters)
        pairs = [read_nets(entry) for entry in parameters.tables("pair")]
        agreement = read_agreement(parameters)
    sides = [side for _, other in pairs for side in (other.plus, other.minus) if side]
    outside = find_outside_data(check, comparison.domains, sides)
    tested = False
    for own, other in pairs:
        for provider in dict.fromkeys(data.provider for data in outside):
            theirs = [data for data in outside if data.provider == provider]
            both = pair_nets(check, comparison, own, other, theirs=theirs)
            tested = tested or not both.is_empty()
            yield from list_disagreements(check, both, theirs, agreement)
    if not tested:
        yield explain_no_match(check, outside)


def read_nets(declared: Declared) -> tuple[NetFlow, NetFlow]:
    with declared:
        return read_net(declared.table("own", required=True)), read_net(declared.table("other", required=True))


def read_net(declared: Declared) -> NetFlow:
    with declared:
        minus = declared.table("minus")
        return NetFlow(
            plus=read_side(declared.table("plus", required=True)), minus=read_side(minus) if minus.values else None
        )


def read_agreement(parameters: Declared) -> Agreement:
    reasons = parameters.table("reasons", required=True)
    limits = {key: read_decimal(parameters, key) for key in ("deviations", "correlation") if key in parameters.values}
    for key in ("deviations", "correlation"):
        parameters.text(key, "")
    texts = {key: reasons.texts(key, required=True) for key in reasons.values}
    return Agreement(
        least=parameters.integer("least"),
        years=parameters.integer("years", 0),
        deviations=limits.get("deviations"),
        correlation=limits.get("correlation"),
        reasons=texts,
    )


def pair_nets(
    check: Check, comparison: Comparison, own: NetFlow, other: NetFlow, *, theirs: Sequence[OutsideData]
) -> pl.DataFrame:
    """Pair net figures with those of a provider. `report` is the position in `theirs` of the first term's data."""
    frames = []
    own_figures: dict[tuple[str, ...], pl.DataFrame] = {}
    for position, data in enumerate(theirs):
        keys = comparison.keys(check.dataset, data.book.dataset)
        names = tuple(keys)
        if names not in own_figures:
            here = {name: name for name in names}
            own_figures[names] = compute_net(check.books[:1], check.books, own, here, comparison=comparison)
        mine = own_figures[names]
        books = [their.book for their in theirs]
        net = compute_net([data.book], books, other, keys, comparison=comparison)
        net = net.drop("rows").rename({"value": "other", "row": "row_other"})
        pairs = mine.join(net, on=list(keys), how="inner", nulls_equal=True, maintain_order="left")
        frames.append(pairs.with_columns(report=pl.lit(position, dtype=pl.UInt32)))
    full = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(full, how="diagonal") if full else pl.DataFrame()


def compute_net(
    first: Sequence[Book], books: Sequence[Book], net: NetFlow, keys: Mapping[str, str], *, comparison: Comparison
) -> pl.DataFrame:
    names = list(keys)
    plus = collect_figures(first, net.plus, keys, comparison)
    if net.minus is None:
        return plus
    minus = collect_figures(books, net.minus, keys, comparison).select(*names, less="value")
    both = plus.join(minus, on=names, how="inner", nulls_equal=True, maintain_order="left")
    return both.with_columns(value=pl.col("value") - pl.col("less")).drop("less")


def collect_figures(books: Sequence[Book], side: Side, keys: Mapping[str, str], comparison: Comparison) -> pl.DataFrame:
    frames = [select_figures(book, side, keys, comparison) for book in books]
    return pl.concat(frames).unique(list(keys), keep="first", maintain_order=True).drop("step")


def list_disagreements(
    check: Check, both: pl.DataFrame, theirs: Sequence[OutsideData], agreement: Agreement
) -> Iterator[Fault]:
    if both.is_empty():
        return
    time = check.structure.key[-1]
    known = ("row", "rows", "value", "row_other", "other", "report", time)
    series = ["report", *(name for name in both.columns if name not in known)]
    large = pl.min_horizontal(pl.col("value").abs(), pl.col("other").abs()) >= agreement.least
    opposite = both.filter(large, pl.col("value").sign() != pl.col("other").sign())
    wrong = [(SIGN, opposite)]
    if agreement.deviations is not None:
        unlike = select_far_apart(both, series, agreement).join(
            opposite.select("row", "report"), on=["row", "report"], how="anti"
        )
        wrong.append((DISTANCE, unlike))
    if agreement.correlation is not None:
        courses = (
            both.sort(time)
            .with_columns(correlation=pl.corr("value", "other").over(series), count=pl.len().over(series))
            .filter(pl.col("count") >= agreement.years, pl.col("correlation") < agreement.correlation)
        )
        wrong.append((COURSE, courses.unique(series, keep="last", maintain_order=True)))
    for reason, rows in wrong:
        for row in rows.iter_rows(named=True):
            yield build_net_fault(check, row, theirs[row["report"]], agreement.reasons[reason])


def select_far_apart(both: pl.DataFrame, series: Sequence[str], agreement: Agreement) -> pl.DataFrame:
    apart = pl.col("value") - pl.col("other")
    rest = pl.len().over(series) - 1
    mean = (apart.sum().over(series) - apart) / rest
    squares = ((apart**2).sum().over(series) - apart**2) - rest * mean**2
    return both.with_columns(
        off=(apart - mean).abs(), deviation=(squares.clip(0) / (rest - 1)).sqrt(), rest=rest
    ).filter(
        pl.col("rest") >= agreement.years,
        pl.col("off") >= agreement.least,
        pl.col("off") > pl.col("deviation") * (agreement.deviations or 0.0),
    )


def build_net_fault(check: Check, row: Mapping[str, Any], data: OutsideData, reason: Text) -> Fault:
    def build_words(language: str) -> dict[str, str]:
        difference = write_number(write_plain(row["value"] - row["other"]), language)
        return {"reason": fill_message(reason.in_language(language), {"difference": difference})}

    return build_comparison_fault(check, row, data, build_words, expected=f"about {write_plain(row['other'])}")
