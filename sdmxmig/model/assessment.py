"""Assessments: what a country says, what its data show, and how the two compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sdmxmig.model.artefacts import Text
from sdmxmig.model.evidence import Evidence
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.profile import BenchmarkItem, Scale
from sdmxmig.places import Place

PRODUCED = ("2", "3", "4")


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One computed value: of which variant and period, from which terms, by which formula.

    `terms` are the published figures that went in, each with its SDMX key; `places` are the cells where they
    stand. `status` is the weightiest observation status among them: B (break) before E, I, P and A. `codes` say of
    which part of the variant's population it is, such as ``(("SEX", "F"),)``; empty is all of it.
    """

    variant: str
    name: Text
    period: str
    value: Decimal
    unit: str
    formula: str
    terms: tuple[tuple[str, str], ...] = ()
    status: str = ""
    places: tuple[Place, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """How one indicator stands: what the profile declares, what the data give, and why not if they do not.

    `declared` is a code of the scale AVAIL or empty for not known; `values` are in the order of variants, then
    of periods; `missing` are reasons by variant, each naming the term that is not there and for which years.
    Declared as produced without values is only not shown here; declared as having no source while there are
    values is a `contradiction`. `parts` are values by topic of disaggregation, such as sex, and `undivided` says by
    topic why there are none.
    """

    indicator: Indicator
    declared: str
    practice: Text
    values: tuple[IndicatorValue, ...]
    missing: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()
    mark: str = ""
    contradiction: str = ""
    parts: tuple[IndicatorValue, ...] = ()
    undivided: tuple[tuple[str, str], ...] = ()

    @property
    def latest(self) -> str:
        """The latest period with a value, empty if there is none."""
        return max((value.period for value in self.values), default="")

    @property
    def is_shown(self) -> bool:
        """Whether the data give at least one value."""
        return bool(self.values)

    @property
    def is_produced(self) -> bool:
        """Whether the country produces it: the profile says so (AVAIL 2 or more), or the data show it."""
        return self.is_shown or self.declared in PRODUCED

    @property
    def is_known(self) -> bool:
        """Whether anything is known about it; what is not known counts neither as produced nor as a gap."""
        return self.is_shown or bool(self.declared)


@dataclass(frozen=True, slots=True)
class Headline:
    """What a headline on some indicators may say: how many there are, and how each of them stands.

    `shown` have values here and count as produced; `unknown` have neither an answer nor a value; `candidates` is
    the number whose text has not been checked against the published Recommendations.
    """

    total: int
    produced: int
    shown: int
    unknown: int
    candidates: int


def headline(results: Iterable[IndicatorResult]) -> Headline:
    """Count how indicators stand. Give it one tier only: core and additional indicators are never mixed."""
    listed = tuple(results)
    return Headline(
        total=len(listed),
        produced=sum(result.is_produced for result in listed),
        shown=sum(result.is_shown for result in listed),
        unknown=sum(not result.is_known for result in listed),
        candidates=sum(result.indicator.status != "verified" for result in listed),
    )


def candidate_texts(results: Iterable[IndicatorResult]) -> tuple[int, int]:
    """How many of these indicators have a text that is not checked yet, and of how many."""
    counted = headline(results)
    return counted.candidates, counted.total


@dataclass(frozen=True, slots=True)
class Score:
    """How one benchmarking item is answered, and the gap if there is one.

    `points` is None when the answer is not known or not applicable: neither is a zero.
    """

    item: BenchmarkItem
    answer: str
    label: Text
    points: Decimal | None
    practice: Text
    sources: tuple[str, ...] = ()
    mark: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the population account: which item, with which sign, and how much (None: not reported).

    `unit` is the size of the last digit that was printed (1 for persons, 100 for thousands with one decimal).
    """

    item: str
    sign: int
    value: Decimal | None
    unit: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Account:
    """The population account of one period: start + births − deaths + immigration − emigration + adjustment = end.

    `outcome` is BALANCED, ROUNDING (within what rounding of the printed figures can make), TOLERATED, UNBALANCED or
    NOT_TESTABLE; `missing` names the terms that were not reported.
    """

    identity: str
    area: str
    period: str
    terms: tuple[Term, ...]
    published_end: Decimal | None
    end_unit: Decimal
    computed_end: Decimal | None
    residual: Decimal | None
    tolerance: Decimal | None
    outcome: str
    missing: tuple[str, ...] = ()
    population: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """How one accounting identity came out: by how many tests, and the weightiest outcome among them.

    Without a test it is NOT_TESTABLE, and `missing` names the terms that were not reported; none at all are reported
    where that is empty.
    """

    identity: str
    outcome: str
    tests: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series, with its observation status; None is a gap, not a zero."""

    period: str
    value: Decimal | None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A series that the report shows; `note` says which day of its periods a population refers to.

    `codes` say of which part of the population it is, such as ``(("SEX", "F"),)``; empty is everybody.
    """

    id: str
    name: Text
    unit: str
    points: tuple[Point, ...]
    source: str = ""
    note: Text = Text()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the Recommendations ask for and the country does not yet have, and what would close it.

    `subject` is the id of a benchmarking item or of a core indicator; `statement` is what is asked for, `reason`
    the answer that makes it a gap. A partial gap is one that the country has begun to close.
    """

    subject: str
    statement: Text
    action: Text
    reason: Text = Text()
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """How a country's statistics compare with the Recommendations: all that a report shows, without a word of prose.

    `findings` counts them by severity. `labels` names the codes that appear, by list and code
    (``CL_UNIT_MEASURE.PT``, ``CL_BENCH_ITEM.A``), and the columns by concept (``AGE``). `scales` are those on which
    items and indicators are answered. `evidence` is what the data show about items. `provenance` says what it was made
    from. `identities` are all accounting identities, those of `accounts` among them.
    """

    area: str
    country: Text
    office: Text
    year: str
    signed_off: str
    scores: tuple[Score, ...]
    indicators: tuple[IndicatorResult, ...]
    accounts: tuple[Account, ...]
    series: tuple[Series, ...]
    gaps: tuple[Gap, ...]
    findings: tuple[tuple[str, int], ...]
    sources: Mapping[str, str]
    provenance: tuple[tuple[str, str], ...]
    labels: Mapping[str, Text] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    identities: tuple[IdentityResult, ...] = ()

    def scale(self, scale_id: str) -> Scale:
        """A scale by its id; one without answers if there is none of that id."""
        return next((one for one in self.scales if one.id == scale_id), Scale(scale_id, (), ()))

    def of(self, part: str, tier: str) -> tuple[IndicatorResult, ...]:
        """The indicators of one part (A, B) and one tier (core, additional)."""
        return tuple(r for r in self.indicators if (r.indicator.part, r.indicator.tier) == (part, tier))

    @property
    def is_draft(self) -> bool:
        """Whether the office has not yet reviewed the profile."""
        return not self.signed_off
