"""Assessments of countries: scores, gaps, roadmap, and comparison with peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.catalogue.benchmarking import BenchmarkItem, Scale
from sdmxmig.catalogue.standard import Standard
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Alignment, Availability, Bounds, Breakdown, Effect, FlowRule
from sdmxmig.statistics.model.evidence import (
    CONTRADICTED,
    Contradiction,
    Evidence,
    ExplainedNumber,
    ModuleScore,
    QualityIssue,
    RuleCount,
    Statement,
    UnknownShare,
)
from sdmxmig.statistics.model.indicator_results import Challenge, Headline, IndicatorResult, SubjectAnswer
from sdmxmig.statistics.model.integration import IntegrationRecord

ACCOUNT_SOURCE = "ACC"
"""The code of CL_STOCK_METHOD for a population computed from births, deaths and migration."""


@dataclass(frozen=True, slots=True)
class AccountTerm:
    """A term of an account: item, sign and value (None if not reported); `unit` is that of its last printed digit."""

    item: str
    sign: int
    value: Decimal | None
    unit: Decimal = Decimal(1)
    is_modelled: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The population account of a period: start + births − deaths + immigration − emigration + adjustment = end.

    `outcome` is BALANCED, ROUNDING (within rounding of printed figures), TOLERATED, UNBALANCED or NOT_TESTABLE;
    `missing` are unreported terms. `stock_method` is a code of CL_STOCK_METHOD, empty if unknown. `statuses` are
    observation statuses, `sources` citations of the figures.
    """

    identity: str
    area: str
    _: KW_ONLY
    period: str
    terms: tuple[AccountTerm, ...]
    published_end: Decimal | None
    end_unit: Decimal
    computed_end: Decimal | None
    residual: Decimal | None
    tolerance: Decimal | None
    outcome: str
    missing: tuple[str, ...] = ()
    population: tuple[tuple[str, str], ...] = ()
    stock_method: str = ""
    statuses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_by_construction(self) -> bool:
        """Check whether the data state that the end population was computed from the other terms."""
        return self.stock_method == ACCOUNT_SOURCE


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """The result of an accounting identity: number of tests and most serious outcome.

    Without tests, the outcome is NOT_TESTABLE; `missing` are unreported terms, empty if none is reported.
    `is_by_construction` means that every end is computed from other terms, so balance proves nothing.
    """

    identity: str
    outcome: str
    tests: int = 0
    missing: tuple[str, ...] = ()
    is_by_construction: bool = False


NO_ACTION = "NONE"
"""The action type (CL_SCALE_ACTION_TYPE) for gaps that a country leaves open."""


@dataclass(frozen=True, slots=True)
class Priority:
    """Feasibility points of the core indicators that an action closes, divided by its cost."""

    points: tuple[tuple[str, str, Decimal], ...]
    cost: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of a roadmap.

    `is_whole` means that the gaps of all its parts are open, or that the country named it. `unknown` are unanswered
    prerequisites. `first` and `last` are months; month 1 is the first after the assessment. `dated` means set by the
    country; `early` lists prerequisites that end too late. `decided` are answered items of module R; others are
    proposals.
    """

    id: str
    name: Text
    type: str
    phase: str
    horizon: str
    cost: str
    closes: tuple[str, ...]
    unlocks: tuple[str, ...]
    after: tuple[str, ...]
    first: int
    last: int
    priority: Priority
    is_whole: bool = True
    unknown: tuple[str, ...] = ()
    responsible: Text = Text()
    partners: Text = Text()
    output: Text = Text()
    verification: Text = Text()
    risk: Text = Text()
    dated: bool = False
    early: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    status: str = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAction:
    id: str
    reason: Text
    leaves: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The actions of a country by start and priority; `start` is month 1.

    `decisions` are gaps left open; `idle` are named actions that close no known gap.
    """

    start: str = ""
    actions: tuple[Action, ...] = ()
    decisions: tuple[NoAction, ...] = ()
    idle: tuple[tuple[str, Text], ...] = ()

    def month(self, number: int) -> str:
        start = parse(self.start)
        return str(shift(start, number - 1)) if start else ""

    def closing(self, subject: str) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if subject in action.closes)

    def decision(self, subject: str) -> NoAction | None:
        return next((no_action for no_action in self.decisions if subject in no_action.leaves), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryFigure:
    """A country's figure for a year; `status` is the observation status, `sources` where it was published."""

    area: str
    name: Text = Text()
    period: str
    value: Decimal
    status: str = ""
    basis: Text = Text()
    caveats: tuple[Statement, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """A measure of a country and its peers.

    `left_out` counts other countries by reason: ``rule`` (other residence rule or stay), ``caveat``, ``day`` (reference
    date), ``year``, ``several`` (conflicting values), ``value``, ``room``, ``area`` (unknown), ``own`` (country has
    none).
    """

    measure: str
    name: Text
    _: KW_ONLY
    unit: str
    own: CountryFigure
    others: tuple[CountryFigure, ...]
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The assessment of one item: answer, evidence, question and gap.

    `points` is None if unknown or not applicable (not zero). An answer contradicted by data has no points and is not a
    gap, but must be confirmed.
    """

    item: BenchmarkItem
    answer: str
    _: KW_ONLY
    label: Text
    points: Decimal | None
    practice: Text
    sources: tuple[str, ...] = ()
    evidence: str = ""
    quoted: str = ""
    question: Text = Text()
    is_gap: bool = False
    is_contradicted: bool = False

    @property
    def is_described(self) -> bool:
        return bool(self.practice or self.quoted)

    @property
    def standing(self) -> str:
        return CONTRADICTED if self.is_contradicted else self.answer


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series with its observation status; None is missing, not zero.

    `is_derived`: computed here from published figures. `kind`: ``census``, ``estimate``, ``model estimate`` or empty.
    `bounds` replace an unpublished value. `sources` and `comment` are those of this value.
    """

    period: str
    value: Decimal | None
    _: KW_ONLY
    status: str = ""
    is_derived: bool = False
    kind: str = ""
    bounds: Bounds | None = None
    sources: tuple[str, ...] = ()
    comment: Text = Text()

    @property
    def known(self) -> Decimal | Bounds | None:
        return self.bounds if self.value is None else self.value


@dataclass(frozen=True, slots=True)
class Series:
    """A time series in a report; `note` is the reference day of a population.

    `codes` select the population, such as ``(("SEX", "F"),)``; empty means everyone.
    """

    id: str
    name: Text
    _: KW_ONLY
    unit: str
    points: tuple[Point, ...]
    source: str = ""
    note: Text = Text()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AreaScore:
    """Indicator counts of one policy area and tier."""

    area: str
    part: str
    tier: str
    counts: Headline


@add_summary
@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The comparison of a country's statistics with the standard, without prose.

    `labels` are names by ``LIST.CODE`` and concept. `alignment` covers all definitions, `contradictions` all
    inconsistent answers. `tested` and `tested_years` are shares of population account identities and years.
    `challenges` are ordered by difficulty. `about` are answers on sources, products and actions by subject. `sentences`
    are texts by id, rendered by ``render_statement``. `roadmap` are actions that close
    gaps; `outdated` are items answered for earlier wording, which do not count; `peers` are figures of other countries.
    `other_findings` are errors and warnings about the collection of the figures or about other producers. Core and
    additional indicators are never mixed.
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
    net_tests: tuple[Account, ...] = ()
    modules: tuple[ModuleScore, ...] = ()
    areas: tuple[AreaScore, ...] = ()
    alignment: tuple[Alignment, ...] = ()
    counts: tuple[Effect, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    unknown_shares: tuple[UnknownShare, ...] = ()
    quality: tuple[QualityIssue, ...] = ()
    tested: ExplainedNumber = field(default_factory=ExplainedNumber)
    tested_years: ExplainedNumber = field(default_factory=ExplainedNumber)
    challenges: tuple[Challenge, ...] = ()
    about: Mapping[str, tuple[SubjectAnswer, ...]] = field(default_factory=dict)
    rules: tuple[RuleCount, ...] = ()
    sentences: Mapping[str, Text] = field(default_factory=dict)
    flow_rules: tuple[FlowRule, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    holdings: tuple[Availability, ...] = ()
    roadmap: Roadmap = field(default_factory=Roadmap)
    standard: Standard = field(default_factory=Standard)
    outdated: tuple[str, ...] = ()
    contact: Text = Text()
    citation: Text = Text()
    progress: Progress | None = None
    peers: tuple[PeerComparison, ...] = ()
    integration: tuple[IntegrationRecord, ...] = ()
    is_fictional: bool = False
    other_findings: int = 0

    def scale(self, scale_id: str) -> Scale:
        return next((scale for scale in self.scales if scale.id == scale_id), Scale(scale_id, (), points=()))

    def of(self, part: str, tier: str) -> tuple[IndicatorResult, ...]:
        return tuple(r for r in self.indicators if (r.indicator.part, r.indicator.tier) == (part, tier))

    def summary(self) -> Summary:
        """Summarise items, indicators and gaps, and whether the assessment is signed off."""
        answered = sum(score.points is not None for score in self.scores)
        facts = (
            ("items", f"{answered} of {len(self.scores)} scored"),
            ("indicators", f"{len(self.indicators)}"),
            ("gaps", f"{len(self.gaps)}"),
            ("contradictions", f"{len(self.contradictions)}"),
            ("state", "draft: not signed off by the office" if self.is_draft else f"signed off: {self.signed_off}"),
        )
        return Summary(f"Assessment of {self.country} ({self.area}), {self.year}", facts)

    @property
    def is_draft(self) -> bool:
        return not self.signed_off


@dataclass(frozen=True, slots=True)
class GapReason:
    """A reason for a gap: an answer, or a difference in data; `evidence` is a code of CL_EVIDENCE."""

    subject: str
    answer: Text = Text()
    _: KW_ONLY
    evidence: str = ""
    quoted: str = ""
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    shown: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap and the action that closes it.

    `reasons` are all open reasons; the first names the gap. `is_partial` gaps are partly closed.
    """

    id: str
    statement: Text
    action: Text
    reasons: tuple[GapReason, ...]
    is_partial: bool = False

    @property
    def subject(self) -> str:
        return self.reasons[0].subject

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(reason.subject for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Change:
    subject: str
    name: Text


@dataclass(frozen=True, slots=True)
class Progress:
    """Differences from an earlier assessment.

    `since` is its day or year. `learned` are gaps that became known; `lost` are gaps whose state is now unknown.
    """

    since: str
    _: KW_ONLY
    closed: tuple[Change, ...] = ()
    opened: tuple[Change, ...] = ()
    learned: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
