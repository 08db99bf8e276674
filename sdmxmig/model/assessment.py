"""Assessments: what a country says, what its data show, and how the two compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sdmxmig.model.accounts import Account, IdentityResult
from sdmxmig.model.alignment import Alignment
from sdmxmig.model.artefacts import Text
from sdmxmig.model.breakdowns import Breakdown, Holding
from sdmxmig.model.evidence import Contradiction, Evidence, QualityIssue, Readiness, RuleCount, UnknownShare
from sdmxmig.model.feasibility import Challenge, Feasibility
from sdmxmig.model.flow_rules import FlowRule
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.profile import BenchmarkItem, Scale
from sdmxmig.model.roadmap import Roadmap
from sdmxmig.model.scores import Composite, ModuleScore, Scored
from sdmxmig.places import Place

PRODUCED = ("3", "4")
"""The answers of the scale AVAIL that mean: published regularly."""
COMPLETE = "4"
"""The answer of the scale AVAIL that says: with all primary topics."""
ALL_TOPICS = "ALL"
"""The answer of the scale DIS that says so."""
NOT_APPLICABLE = "NA"
SOON = ("F4", "F3")
"""Feasible within one year."""


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
    values is a contradiction (``Assessment.contradictions``). `parts` are values by topic of disaggregation, such as
    sex, and `undivided` says by topic why there are none.

    `answers` are all that the profile says of it, by item (L01 to L08). `topics` are its primary topics in their order,
    each with whether the data really show it. `delay` is how many years the latest value is older than the assessment,
    None without values. `feasibility` is that declared and that computed from the source inventory.
    """

    indicator: Indicator
    declared: str
    practice: Text
    values: tuple[IndicatorValue, ...]
    missing: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()
    mark: str = ""
    parts: tuple[IndicatorValue, ...] = ()
    undivided: tuple[tuple[str, str], ...] = ()
    answers: Mapping[str, Answered] = field(default_factory=dict)
    topics: tuple[tuple[str, bool], ...] = ()
    delay: int | None = None
    feasibility: Feasibility = field(default_factory=Feasibility)

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
        """Whether the country produces it: the profile says so (AVAIL 3 or 4), or the data show it."""
        return self.is_shown or self.declared in PRODUCED

    @property
    def is_complete(self) -> bool:
        """Whether it is produced with all its primary topics: the profile says so (L01, L02), or the data show them."""
        every = bool(self.topics) and all(shown for _, shown in self.topics)
        said = self.declared == COMPLETE or (self.is_produced and self.answer_to("L02") == ALL_TOPICS)
        return said or (self.is_shown and every)

    @property
    def is_applicable(self) -> bool:
        """Whether it concerns the country; what the data show always does."""
        return self.is_shown or self.declared != NOT_APPLICABLE

    @property
    def is_soon(self) -> bool:
        """Whether it is not produced, but feasible within one year: as the office says, else by its sources."""
        return not self.is_produced and (self.feasibility.declared or self.feasibility.computed) in SOON

    def answer_to(self, item: str) -> str:
        """The code that the profile gives to one question about it; empty if it gives none."""
        return self.answers[item].answer if item in self.answers else ""

    @property
    def is_known(self) -> bool:
        """Whether anything is known about it; what is not known counts neither as produced nor as a gap."""
        return self.is_shown or bool(self.declared)


@dataclass(frozen=True, slots=True)
class Headline:
    """What a headline on some indicators may say: how many there are, and how each of them stands.

    `shown` have values here and count as produced; `complete` are produced with all primary topics; `unknown` have
    neither an answer nor a value; `not_applicable` do not concern the country; `soon` are not produced but feasible
    within one year; `candidates` is the number whose text has not been checked against the published Recommendations.
    """

    total: int
    produced: int
    shown: int
    unknown: int
    candidates: int
    complete: int = 0
    not_applicable: int = 0
    soon: int = 0


def headline(results: Iterable[IndicatorResult]) -> Headline:
    """Count how indicators stand. Give it one tier only: core and additional indicators are never mixed."""
    listed = tuple(results)
    return Headline(
        total=len(listed),
        produced=sum(result.is_produced for result in listed),
        shown=sum(result.is_shown for result in listed),
        unknown=sum(not result.is_known for result in listed),
        candidates=sum(result.indicator.status != "verified" for result in listed),
        complete=sum(result.is_complete for result in listed),
        not_applicable=sum(not result.is_applicable for result in listed),
        soon=sum(result.is_soon for result in listed),
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
class Answered:
    """What the profile says on one question about an indicator, a source, a product or an action.

    `item` is the question (its name is ``CL_BENCH_ITEM.S05`` in the labels), `label` what the code means on its scale.
    """

    item: str
    answer: str = ""
    label: Text = Text()
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    mark: str = ""


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

    `subject` is the id of a benchmarking item or of a core indicator; `statement` is its name, `reason` the answer
    that makes it a gap. A partial gap is one that the country has begun to close.
    """

    subject: str
    statement: Text
    action: Text
    reason: Text = Text()
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class AreaScore:
    """How the indicators of one policy area and one tier stand; core and additional indicators are never mixed."""

    area: str
    part: str
    tier: str
    counts: Headline


@dataclass(frozen=True, slots=True)
class Assessment:
    """How a country's statistics compare with the Recommendations: all that a report shows, without a word of prose.

    `findings` counts them by severity. `labels` names the codes that appear, by list and code
    (``CL_UNIT_MEASURE.PT``, ``CL_BENCH_ITEM.A``), and the columns by concept (``AGE``). `scales` are all answer scales.
    `evidence` is what the data show about items. `provenance` says what it was made from. `identities` are all
    accounting identities, those of `accounts` among them.

    `modules` are in the order of the modules, `areas` by policy area, core before additional. `alignment` has every
    definition, `contradictions` all that cannot be true together. `unknown_shares`, `quality` (all issues) and
    `readiness` are what the data and the workspace show. `tested` is the share of the accounting identities of the
    population account that the data can test, `tested_years` that of the years. `challenges` are the indicators that
    are hard to produce, the hardest first. `composites` are for the annex only. `about` are the answers about sources,
    products and actions, by subject; what is not answered is left out. `rules` count the findings by rule. `sentences`
    are the texts of statements and formulas by id; ``sdmxmig.statements.told`` makes a sentence of them. `flow_rules`
    are the residence rules that the data of each dataflow follow, `breakdowns` their figures by sex and age, by birth
    and citizenship status, and by country; `holdings` say what there is of each dataflow. `roadmap` are the actions
    that would close the gaps.
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
    modules: tuple[ModuleScore, ...] = ()
    areas: tuple[AreaScore, ...] = ()
    alignment: tuple[Alignment, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    unknown_shares: tuple[UnknownShare, ...] = ()
    quality: tuple[QualityIssue, ...] = ()
    readiness: tuple[Readiness, ...] = ()
    tested: Scored = field(default_factory=Scored)
    tested_years: Scored = field(default_factory=Scored)
    challenges: tuple[Challenge, ...] = ()
    composites: tuple[Composite, ...] = ()
    about: Mapping[str, tuple[Answered, ...]] = field(default_factory=dict)
    rules: tuple[RuleCount, ...] = ()
    sentences: Mapping[str, Text] = field(default_factory=dict)
    flow_rules: tuple[FlowRule, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    holdings: tuple[Holding, ...] = ()
    roadmap: Roadmap = field(default_factory=Roadmap)

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
