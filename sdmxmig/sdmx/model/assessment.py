"""Assessments: what a country says, what its data show, and how the two compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.summaries import Summary, summarised
from sdmxmig.sdmx.model.accounts import Account, IdentityResult
from sdmxmig.sdmx.model.alignment import Alignment
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.bounds import Bounds
from sdmxmig.sdmx.model.breakdowns import Availability, Breakdown
from sdmxmig.sdmx.model.evidence import (
    CONTRADICTED,
    Contradiction,
    Evidence,
    QualityIssue,
    Readiness,
    RuleCount,
    UnknownShare,
)
from sdmxmig.sdmx.model.feasibility import Challenge
from sdmxmig.sdmx.model.flow_rules import FlowRule
from sdmxmig.sdmx.model.gaps import Gap
from sdmxmig.sdmx.model.indicator_results import Headline, IndicatorResult, SubjectAnswer
from sdmxmig.sdmx.model.integration import IntegrationRecord
from sdmxmig.sdmx.model.peers import PeerComparison
from sdmxmig.sdmx.model.profile import BenchmarkItem, Scale
from sdmxmig.sdmx.model.progress import Progress
from sdmxmig.sdmx.model.roadmap import Roadmap
from sdmxmig.sdmx.model.scores import ExplainedNumber, ModuleScore
from sdmxmig.sdmx.model.standard import Standard


@dataclass(frozen=True, slots=True)
class Score:
    """How one benchmarking item is answered, on which evidence, what is left to ask, and the gap if there is one.

    `points` is None when the answer is not known or not applicable: neither is a zero. An answer that the data
    contradict has no points and is no gap: it is to be confirmed.
    """

    item: BenchmarkItem
    answer: str
    _: KW_ONLY
    label: Text
    points: Decimal | None
    practice: Text
    sources: tuple[str, ...] = ()
    evidence: str = ""
    question: Text = Text()
    is_gap: bool = False
    is_contradicted: bool = False

    @property
    def standing(self) -> str:
        """The answer as it counts: `CONTRADICTED` until it is confirmed where the data contradict it."""
        return CONTRADICTED if self.is_contradicted else self.answer


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series, with its observation status; None is a gap, not a zero.

    `is_derived` says that it was computed here from other published figures, such as net migration from the two flows.
    `kind` is how it was had: by a ``census``, as an ``estimate``, or empty. `bounds` are published in place of a value.
    """

    period: str
    value: Decimal | None
    _: KW_ONLY
    status: str = ""
    is_derived: bool = False
    kind: str = ""
    bounds: Bounds | None = None

    @property
    def known(self) -> Decimal | Bounds | None:
        """The value, else its bounds; None for a gap."""
        return self.bounds if self.value is None else self.value


@dataclass(frozen=True, slots=True)
class Series:
    """A series that the report shows; `note` says which day of its periods a population refers to.

    `codes` say of which part of the population it is, such as ``(("SEX", "F"),)``; empty is everybody.
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
    """How the indicators of one policy area and one tier stand; core and additional indicators are never mixed."""

    area: str
    part: str
    _: KW_ONLY
    tier: str
    counts: Headline


@summarised
@dataclass(frozen=True, slots=True)
class Assessment:
    """How a country's statistics compare with the standard: all that a report shows, without a word of prose.

    `findings` counts them by severity. `labels` names the codes that appear, by list and code
    (``CL_UNIT_MEASURE.PT``, ``CL_BENCH_ITEM.A``), and the columns by concept (``AGE``). `scales` are all answer scales.
    `evidence` is what the data show about items. `provenance` says what it was made from. `identities` are all
    accounting identities, those of `accounts` among them.

    `modules` are in the order of the modules, `areas` by policy area, core before additional. `alignment` has every
    definition, `contradictions` all that cannot be true together. `unknown_shares`, `quality` (all issues) and
    `readiness` are what the data and the workspace show. `tested` is the share of the accounting identities of the
    population account that the data can test, `tested_years` that of the years. `challenges` are the indicators that
    are hard to produce, the hardest first. `net_tests` compare net migration as published with the two flows.
    `about` are the answers about sources, products and actions, by subject; what
    is not answered is left out. `rules` count the findings by rule. `sentences` are the texts of statements and
    formulas by id; ``sdmxmig.reporting.statements.sentence_of`` makes a sentence of them.
    `flow_rules` are the residence rules that the data of each dataflow follow, `breakdowns` their figures by sex and
    age, by birth and citizenship status, and by country; `holdings` say what there is of each dataflow. `roadmap` are
    the actions that would close the gaps. `standard` is the document with which practice is compared,
    `outdated` the items whose answers are about an earlier wording of it and therefore do not count. `peers` are
    figures of other countries beside its own, `integration` what was said of how sources of records were brought
    together. `is_fictional` says that the country is made up and its figures are
    simulated.
    """

    area: str
    country: Text
    _: KW_ONLY
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
    contradictions: tuple[Contradiction, ...] = ()
    unknown_shares: tuple[UnknownShare, ...] = ()
    quality: tuple[QualityIssue, ...] = ()
    readiness: tuple[Readiness, ...] = ()
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

    def scale(self, scale_id: str) -> Scale:
        """A scale by its id; one without answers if there is none of that id."""
        return next((scale for scale in self.scales if scale.id == scale_id), Scale(scale_id, (), points=()))

    def of(self, part: str, tier: str) -> tuple[IndicatorResult, ...]:
        """The indicators of one part (A, B) and one tier (core, additional)."""
        return tuple(r for r in self.indicators if (r.indicator.part, r.indicator.tier) == (part, tier))

    def summary(self) -> Summary:
        """How many items, indicators and gaps, and whether it is signed off, as it shows itself."""
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
        """Whether the office has not yet reviewed the profile."""
        return not self.signed_off
