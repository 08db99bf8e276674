"""Indicators as they stand: what a country declares, what its data give, and how many of them it produces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.evidence import CONTRADICTED
from sdmxmig.sdmx.model.feasibility import Feasibility
from sdmxmig.sdmx.model.indicators import Indicator
from sdmxmig.sdmx.model.scores import Statement
from sdmxmig.sdmx.model.source_yields import Chance

PRODUCED = ("3", "4", "R")
"""The answers of the scale AVAIL that mean: published regularly."""
COMPLETE = "4"
"""The answer of the scale AVAIL that says: with all primary topics."""
ALL_TOPICS = "ALL"
"""The answer of the scale DIS that says so."""
PER_TOTAL, PER_SAME, PER_GROUP = "TOTAL", "SAME", "GROUP"
"""Of whom there are 1,000: the total population, that of the same sex and age, the group itself."""
NOT_APPLICABLE = "NA"
AVAILABILITY, TOPICS = "L01", "L02"
"""The questions whether an indicator is available, and by which primary topics."""
SOON = ("F4", "F3")
"""Feasible within one year."""


@dataclass(frozen=True, slots=True)
class SubjectAnswer:
    """The answer of the profile to one question about an indicator, a source, a product or an action.

    `item` is the question (its name is ``CL_BENCH_ITEM.S05`` in the labels), `label` what the code means on its scale.
    `is_words` says that it is answered in words and has no scale.
    """

    item: str
    answer: str = ""
    _: KW_ONLY
    label: Text = Text()
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    evidence: str = ""
    question: Text = Text()
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One computed value: of which variant and period, from which terms, by which formula.

    `terms` are the published figures that went in, each with its SDMX key; `places` are the cells where they
    stand. `status` is the weightiest observation status among them: B (break) before E, I, P and A. `codes` say of
    which part of the variant's population it is, such as ``(("SEX", "F"),)``; empty is all of it. `basis` says what
    the terms are where they stand in for the regular ones, such as a census; empty for a regular value.

    `denominator` names the population by which it is divided, with its codes, such as ``DF_POP CTZ_STATUS=FC``; empty
    where it is divided by none. `per` says whose rate it is: that of a group in the total population (TOTAL), in the
    total population of the same sex and age (SAME), or in the group itself (GROUP); empty for a rate of everybody and
    for what is no rate. `caveats` are what keeps it from being a conclusion. `rules` and `days` are the codes of the
    residence rules and reference dates of its terms, `sources` where these were published; empty where data are silent.
    """

    variant: str
    name: Text
    _: KW_ONLY
    period: str
    value: Decimal
    unit: str
    formula: str
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


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """How one indicator stands: what the profile declares, what the data give, and why not if they do not.

    `declared` is a code of the scale AVAIL or empty for not known; `values` are in the order of variants, then
    of periods; `missing` are reasons by variant, each naming the term that is not there and for which years.
    Declared as produced without values is only not shown here; declared as having no source while there are
    values is a contradiction (``Assessment.contradictions``). `parts` are values by topic of disaggregation, such as
    sex, and `undivided` says by topic why there are none. `group_rates` are the rates of groups in the groups
    themselves, beside their rates in the total population.

    `answers` are all that the profile says of it, by item (L01 to L08). `topics` are its primary topics in their order,
    each with whether the data really show it. `delay` is how many years the latest value is older than the assessment,
    None without values. `feasibility` is that declared and that computed from the source inventory, `chances` are the
    sources of the inventory that could give it, the most hopeful first. `contradicted` are the questions about it whose
    answer the data contradict.
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
    group_rates: tuple[IndicatorValue, ...] = ()
    answers: Mapping[str, SubjectAnswer] = field(default_factory=dict)
    topics: tuple[tuple[str, bool], ...] = ()
    delay: int | None = None
    feasibility: Feasibility = field(default_factory=Feasibility)
    chances: tuple[Chance, ...] = ()
    contradicted: tuple[str, ...] = ()

    @property
    def standing(self) -> str:
        """The availability as it counts: `CONTRADICTED` until it is confirmed where the data contradict it."""
        return CONTRADICTED if AVAILABILITY in self.contradicted else self.declared

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
        """Whether the country produces it: the profile says so (AVAIL 3 or 4), or regular figures give values."""
        return self.declared in PRODUCED or any(not value.basis for value in self.values)

    @property
    def is_complete(self) -> bool:
        """Whether it is produced with all its primary topics: the profile says so (L01, L02), or the data show them."""
        shows_all_topics = bool(self.topics) and all(shown for _, shown in self.topics)
        is_said_complete = self.declared == COMPLETE or (self.is_produced and self.answer_to(TOPICS) == ALL_TOPICS)
        return is_said_complete or (self.is_produced and self.is_shown and shows_all_topics)

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

    `shown` have values here, be it from a census only; `complete` are produced with all primary topics; `unknown` have
    neither an answer nor a value, or values from a census only that contradict the answer; `not_applicable` do not
    concern the country; `soon` are not produced but feasible within one year; `candidates` is the number whose text has
    not been checked against the published standard.
    """

    total: int
    produced: int
    _: KW_ONLY
    shown: int
    unknown: int
    candidates: int
    complete: int = 0
    not_applicable: int = 0
    soon: int = 0


def headline(results: Iterable[IndicatorResult]) -> Headline:
    """Count how indicators stand. Give it one tier only: core and additional indicators are never mixed."""
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


def candidate_texts(results: Iterable[IndicatorResult]) -> tuple[int, int]:
    """How many of these indicators have a text that is not checked yet, and of how many."""
    counts = headline(results)
    return counts.candidates, counts.total
