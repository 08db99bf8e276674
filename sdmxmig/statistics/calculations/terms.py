"""Terms of calculations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal, InvalidOperation
from operator import sub

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.breakdowns import Bounds
from sdmxmig.statistics.demography import rates

NO_BREAK_SPACE = "\u00a0"
PER_1000 = f"1{NO_BREAK_SPACE}000"
RATE = f"{PER_1000} × {{}} / {{}}"
PER_100000 = f"100{NO_BREAK_SPACE}000 × {{}} / {{}}"
NET_RATE = f"{PER_1000} × ({{}} − {{}}) / {{}}"
BREAK = "B"
WEIGHT_OF_STATUS = (BREAK, "F", "E", "I", "P")


@dataclass(frozen=True, slots=True)
class FigureTrait:
    """Comparability traits of a figure: dataflow, day, rule, stay, emigrant criterion."""

    flow: str
    _: KW_ONLY
    day: str = ""
    rule: str | None = None
    basis: str = ""
    criterion: str = ""


@dataclass(frozen=True, slots=True)
class SourcedFigure:
    """A number with origin; `kind`: ``census``, ``estimate`` or empty."""

    value: Decimal
    formula: str
    _: KW_ONLY
    inputs: tuple[tuple[str, str], ...] = ()
    status: str = ""
    places: tuple[Place, ...] = ()
    sources: tuple[str, ...] = ()
    traits: tuple[FigureTrait, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Yearly:
    """A term by year.

    `unclear`: conflicting; `empty`: missing with status; `garbled`: text; `bounds` only.
    """

    name: str
    figures: dict[int, SourcedFigure]
    _: KW_ONLY
    unclear: frozenset[int] = frozenset()
    empty: Mapping[int, str] = field(default_factory=dict)
    garbled: frozenset[int] = frozenset()
    bounds: Mapping[int, Bounds] = field(default_factory=dict)
    reason: str = ""

    def lacking(self, year: int) -> tuple[tuple[str, int], ...]:
        if year in self.figures:
            return ()
        return ((f"single value of {self.name} for" if year in self.unclear else f"{self.name} for", year),)

    @property
    def lack(self) -> str:
        if self.unclear and not self.reason:
            return f"no single value of {self.name} for {years_in_words(sorted(self.unclear))}"
        return self.reason or f"no {self.name}"


@dataclass(frozen=True, slots=True)
class Average(Yearly):
    """Average populations by year."""

    _: KW_ONLY
    ends: Yearly = field(default_factory=lambda: Yearly("", {}))

    def lacking(self, year: int) -> tuple[tuple[str, int], ...]:
        if year in self.figures:
            return ()
        absent = [end for end in (year, year + 1) if end not in self.ends.figures]
        if absent:
            return tuple((f"{self.name} on 1 January", end) for end in absent)
        return ((f"{self.name} that can be compared with the year before on 1 January", year + 1),)


@dataclass(frozen=True, slots=True)
class CalculationResult:
    """Results by year, and reasons for missing ones."""

    figures: Mapping[int, SourcedFigure]
    missing: tuple[str, ...] = ()


def by_year(terms: Sequence[Yearly], combine: Callable[..., Decimal], formula: str) -> CalculationResult:
    """Combine terms by year.

    The last is the denominator; zero gives no result.
    """
    absent = [term for term in terms if not term.figures]
    if absent:
        return CalculationResult({}, tuple(dict.fromkeys(term.lack for term in absent)))
    figures: dict[int, SourcedFigure] = {}
    missing_years: dict[str, list[int]] = {}
    for year in sorted({year for term in terms for year in term.figures}):
        for phrase, when in [pair for term in terms for pair in term.lacking(year)]:
            missing_years.setdefault(phrase, []).append(when)
        if all(year in term.figures for term in terms):
            parts = [term.figures[year] for term in terms]
            try:
                figures[year] = _combined(parts, combine(*(part.value for part in parts)), formula)
            except (ZeroDivisionError, InvalidOperation):
                missing_years.setdefault(f"{terms[-1].name} other than zero for", []).append(year)
    return CalculationResult(
        figures, tuple(f"no {phrase} {years_in_words(years)}" for phrase, years in missing_years.items())
    )


def average(population: Yearly) -> Average:
    """Average populations on 1 January, not across breaks."""
    pairs = {
        year: (start, population.figures[year + 1])
        for year, start in sorted(population.figures.items())
        if year + 1 in population.figures and population.figures[year + 1].status != BREAK
    }
    figures = {
        year: _combined(ends, rates.average_population(ends[0].value, ends[1].value), "(({} + {}) / 2)")
        for year, ends in pairs.items()
    }
    reason = population.reason
    if population.figures and not figures:
        reason = f"no {population.name} at both ends of any year"
    return Average(population.name, figures, reason=reason, ends=population)


def total(parts: Sequence[Yearly], name: str) -> Yearly:
    sums = by_year(parts, lambda *values: sum(values, Decimal(0)), "({})".format(" + ".join("{}" for _ in parts)))
    return Yearly(name, dict(sums.figures), reason="" if sums.figures else ", ".join(sums.missing))


def net_migration(published: Yearly, inflow: Yearly, outflow: Yearly) -> Yearly:
    difference = by_year((inflow, outflow), sub, "({} − {})")
    return first_of(published, Yearly(published.name, dict(difference.figures)))


def net_crude_rate(inflow: Decimal, outflow: Decimal, population: Decimal) -> Decimal:
    return rates.crude_rate(inflow - outflow, population)


def _combined(parts: Sequence[SourcedFigure], value: Decimal, formula: str) -> SourcedFigure:
    return SourcedFigure(
        value,
        formula.format(*(part.formula for part in parts)),
        inputs=tuple(pair for part in parts for pair in part.inputs),
        status=weightiest(part.status for part in parts),
        places=tuple(dict.fromkeys(place for part in parts for place in part.places)),
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        traits=tuple(dict.fromkeys(trait for part in parts for trait in part.traits)),
        kind=only_kind(part.kind for part in parts),
    )


def only_kind(kinds: Iterable[str]) -> str:
    distinct = set(kinds)
    return distinct.pop() if len(distinct) == 1 else ""


def weightiest(statuses: Iterable[str]) -> str:
    stated = sorted(set(statuses) - {""})
    return next((status for status in WEIGHT_OF_STATUS if status in stated), stated[0] if stated else "")


def years_in_words(years: Sequence[int]) -> str:
    """Years as people write them.

    >>> years_in_words([2019, 2021, 2022, 2023])
    '2019, 2021–2023'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def digits(value: Decimal) -> str:
    """A number with its digits in groups of three, kept together by no-break spaces.

    >>> digits(Decimal("3688600")).replace(NO_BREAK_SPACE, " ")
    '3 688 600'
    """
    return f"{value:,f}".replace(",", NO_BREAK_SPACE).replace("-", "−")


def shortest(value: Decimal) -> Decimal:
    """The same number without needless zeros behind the point.

    >>> shortest(Decimal("3688600.000")), shortest(Decimal("0.50"))
    (Decimal('3688600'), Decimal('0.5'))
    """
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else value


def first_of(preferred: Yearly, fallback: Yearly) -> Yearly:
    known_years = set(preferred.figures) | preferred.unclear | set(preferred.empty)
    figures = preferred.figures | {year: figure for year, figure in fallback.figures.items() if year not in known_years}
    unclear = preferred.unclear | (fallback.unclear - known_years)
    empty = {**{year: status for year, status in fallback.empty.items() if year not in known_years}, **preferred.empty}
    bounds = {year: limits for year, limits in fallback.bounds.items() if year not in known_years}
    return Yearly(
        preferred.name,
        dict(sorted(figures.items())),
        unclear=unclear,
        empty=empty,
        bounds={**bounds, **preferred.bounds},
        reason=preferred.reason,
    )
