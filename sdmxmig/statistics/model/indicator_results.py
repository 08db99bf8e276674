"""Feasibility of indicators: declared by the office and computed from its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.evidence import CONTRADICTED, Statement


@dataclass(frozen=True, slots=True)
class SourcePotential:
    """The potential of a country's source for an indicator.

    `item` is in module H. `recorded` topics are on the sheet of the source, `lacking` topics not available from such
    sources, and `asked` topics missing on the sheet.
    """

    item: str
    source: str
    _: KW_ONLY
    answer: str
    why: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermSource:
    """A source that could provide a term, between FEAS codes `least` and `most`.

    `lacking` are variables missing from its sheet.
    """

    source: str
    term: str
    _: KW_ONLY
    least: str
    most: str
    reasons: tuple[Statement, ...] = ()
    lacking: tuple[str, ...] = ()


REGULAR_FIELD = "feasible.produced"
"""The reason of a feasibility based on the declared availability only."""


@dataclass(frozen=True, slots=True)
class Feasibility:
    """The feasibility of an indicator, declared (L06) and computed.

    Uses FEAS codes; `computed` is empty if unknown answers leave a range. `difference` is positive if the office is
    more optimistic. `drivers` are obstacles (CL_FEAS_DRIVER) with DRIVER codes.
    """

    declared: str = ""
    computed: str = ""
    _: KW_ONLY
    least: str = ""
    most: str = ""
    difference: int | None = None
    reasons: tuple[Statement, ...] = ()
    carriers: tuple[TermSource, ...] = ()
    drivers: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def repeats_availability(self) -> bool:
        """Check whether the computed feasibility is based on declared availability, not on sources."""
        return any(reason.id == REGULAR_FIELD for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Challenge:
    """An indicator that is hard to produce, as named (L07) or by number of obstacles.

    Sorted by named, decisive, then partial obstacles.
    """

    indicator: str
    is_named: bool
    decisive: int
    some: int
    asked: int


PRODUCED_RATINGS = ("3", "4", "R")

MAX_DELAY = 3
"""Maximum number of years since the last value of an indicator that is still produced."""

COMPLETE_RATING = "4"

ALL_TOPICS = "ALL"

PER_TOTAL, PER_SAME, PER_GROUP = "TOTAL", "SAME", "GROUP"
"""Denominators of rates per 1,000: total population, same sex and age, or the group."""

NOT_APPLICABLE = "NA"

AVAILABILITY, TOPICS, FEASIBLE = "L01", "L02", "L06"
"""The questions whether an indicator is available, by which primary topics, and how soon it is feasible."""

SOON_RATINGS = ("F4", "F3")
"""Feasible within one year."""


@dataclass(frozen=True, slots=True)
class SubjectAnswer:
    """A profile answer about an indicator, source, product or action."""

    item: str
    answer: str = ""
    _: KW_ONLY
    label: Text = Text()
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    evidence: str = ""
    quoted: str = ""
    question: Text = Text()
    is_words: bool = False

    @property
    def is_described(self) -> bool:
        return bool(self.practice or self.quoted)


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """A computed value with its terms and formula.

    `status` is the most serious: B, then E, I, P and A. `basis` describes substitutes such as a census. `denominator`
    names the divisor, such as ``DF_POP CTZ_STATUS=FC``. `per`: TOTAL, SAME (sex and age), GROUP or empty. `caveats`
    limit conclusions. `whole` is the total of which it is a share.
    """

    variant: str
    name: Text
    _: KW_ONLY
    period: str
    value: Decimal
    unit: str
    formula: str
    whole: Decimal | None = None
    terms: tuple[tuple[str, str], ...] = ()
    status: str = ""
    places: tuple[Place, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    basis: Text = Text()
    denominator: str = ""
    per: str = ""
    caveats: tuple[Statement, ...] = ()
    rules: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedValue:
    """The published bounds of a value, such as “at most 6.6%”, in the unit of the indicator."""

    variant: str
    name: Text
    period: str
    bounds: Bounds
    basis: Text = Text()

    @property
    def status(self) -> str:
        return self.bounds.status


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """The result of an indicator: declared availability (AVAIL), computed values and missing terms.

    Values of an indicator declared as unavailable are a contradiction; missing values are not. `parts` are values by
    topic; `group_rates` are rates within groups. `delay` is in years, None without values. `contradicted` are questions
    whose answers the data contradict.
    """

    indicator: Indicator
    declared: str
    _: KW_ONLY
    practice: Text
    values: tuple[IndicatorValue, ...]
    missing: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()
    evidence: str = ""
    parts: tuple[IndicatorValue, ...] = ()
    undivided: tuple[tuple[str, str], ...] = ()
    bounds: tuple[BoundedValue, ...] = ()
    group_rates: tuple[IndicatorValue, ...] = ()
    answers: Mapping[str, SubjectAnswer] = field(default_factory=dict)
    topics: tuple[tuple[str, bool], ...] = ()
    delay: int | None = None
    feasibility: Feasibility = field(default_factory=Feasibility)
    chances: tuple[SourcePotential, ...] = ()
    contradicted: tuple[str, ...] = ()

    @property
    def standing(self) -> str:
        return CONTRADICTED if AVAILABILITY in self.contradicted else self.declared

    @property
    def latest(self) -> str:
        return max((value.period for value in self.values), default="")

    def find_newer_bounds(self, variant: str) -> BoundedValue | None:
        newest = max((value.period for value in self.values if value.variant == variant), default="")
        newer = [value for value in self.bounds if value.variant == variant and value.period > newest]
        return max(newer, key=lambda value: value.period, default=None)

    @property
    def is_shown(self) -> bool:
        return bool(self.values)

    @property
    def topics_in_data(self) -> tuple[str, ...]:
        """Return the primary topics of the values, in all or some years."""
        codes = {(topic, part.period, code) for part in self.parts for topic, code in part.codes}
        counts = Counter((topic, period) for topic, period, _ in codes)
        divided_by = {topic for (topic, _), count in counts.items() if count > 1}
        return tuple(topic for topic, is_shown in self.topics if is_shown or topic in divided_by)

    @property
    def is_produced(self) -> bool:
        """Check whether the indicator is produced: AVAIL 3 or 4, or regular values within `MAX_DELAY` years.

        Values of a proxy or substitute, such as a census, are not enough.
        """
        regular = [] if self.indicator.is_proxy else [value.period for value in self.values if not value.basis]
        if self.declared in PRODUCED_RATINGS or not regular:
            return self.declared in PRODUCED_RATINGS
        return int(self.latest[:4]) - int(max(regular)[:4]) + (self.delay or 0) <= MAX_DELAY

    @property
    def is_complete(self) -> bool:
        shows_all_topics = bool(self.topics) and all(shown for _, shown in self.topics)
        is_said_complete = self.declared == COMPLETE_RATING or (
            self.is_produced and self.answer_to(TOPICS) == ALL_TOPICS
        )
        return is_said_complete or (self.is_produced and self.is_shown and shows_all_topics)

    @property
    def is_applicable(self) -> bool:
        return self.is_shown or self.declared != NOT_APPLICABLE

    @property
    def is_soon(self) -> bool:
        """Check whether the indicator is not produced but, according to the office, feasible within one year."""
        return not self.is_produced and self.feasibility.declared in SOON_RATINGS

    def answer_to(self, item: str) -> str:
        return self.answers[item].answer if item in self.answers else ""

    def describes(self, item: str) -> bool:
        return item in self.answers and self.answers[item].is_described

    @property
    def is_known(self) -> bool:
        return self.is_shown or bool(self.declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """Counts of indicators for a headline.

    `shown` indicators have values, including from a census; `complete` ones have all topics; `unknown` ones have no
    answer or value, or census values that contradict the answer; `candidates` are not verified against the standard.
    """

    total: int
    produced: int
    shown: int
    unknown: int
    candidates: int
    complete: int = 0
    not_applicable: int = 0
    soon: int = 0


def count_by_status(results: Iterable[IndicatorResult]) -> Headline:
    """Count the indicators of one tier by status."""
    indicators = tuple(results)
    return Headline(
        total=len(indicators),
        produced=sum(indicator.is_produced for indicator in indicators),
        shown=sum(indicator.is_shown for indicator in indicators),
        unknown=sum(
            not indicator.is_known or (indicator.standing == CONTRADICTED and not indicator.is_produced)
            for indicator in indicators
        ),
        candidates=sum(not indicator.indicator.checked for indicator in indicators),
        complete=sum(indicator.is_complete for indicator in indicators),
        not_applicable=sum(not indicator.is_applicable for indicator in indicators),
        soon=sum(indicator.is_soon for indicator in indicators),
    )
