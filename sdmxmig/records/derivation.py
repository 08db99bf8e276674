"""From records to figures: the records of one country, a rule of residence, and what is to be said of which periods."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import nw, pl
from sdmxmig.records.accounts import account_rows, stock_rows
from sdmxmig.records.counting import CERTAIN, OF_PERSONS, Row, Statement, dataset_of, figure_of, said_of, summed_by
from sdmxmig.records.crossing_rules import ACTUAL, MIXED, outcomes_of
from sdmxmig.records.days import date_of, months_later, number_of
from sdmxmig.records.engines import Engine, kept
from sdmxmig.records.likelihood import KINDS, shares_of, weighed
from sdmxmig.records.outcomes import EMIGRANT, IMMIGRANT, OPEN_SPELL
from sdmxmig.records.people import described
from sdmxmig.records.reference_rules import Reference, statuses_of
from sdmxmig.records.residence_rules import CROSSING as CROSSING_ANCHOR
from sdmxmig.records.rows import whole
from sdmxmig.records.spans import PERIOD, Period, period_of
from sdmxmig.records.spells import CROSSING, spells_of
from sdmxmig.records.status_changes import changes_of
from sdmxmig.records.traces import outcomes_of_traces, spells_of_nights, statuses_of_traces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.model.data import Dataset, Flow
    from sdmxmig.records.observation import Observation
    from sdmxmig.records.residence_rules import ResidenceRule
    from sdmxmig.records.rows import Rows

DAYS_OF_YEAR, MONTHS_BACK = 365, 24
STATE_COLUMNS = ("person", "begin", "origin", "settled", "gone")
EVENT_COLUMNS = (
    *("person", "at", "direction", "outcome", "basis", "weight", "open", "adjusts", PERIOD, "c_residence", "purpose"),
)
FLOWS = {"I": "DF_IMM", "E": "DF_EMI"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of records: under which rule, on which basis, over which periods of the observation."""

    rule: ResidenceRule
    observation: Observation
    _: KW_ONLY
    periods: tuple[Period, ...]
    basis: str = ACTUAL


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of records of a country, each a frame of the engine; movements are there, or else traces (`nights`).

    Gaps of up to `bridged` nights in traces, between nights on the same side of the border, count as nights there.
    """

    movements: Rows | None
    _: KW_ONLY
    persons: Rows | None = None
    citizenships: Rows | None = None
    nights: Rows | None = None
    bridged: int = 0


@dataclass(frozen=True, slots=True)
class Derivation:
    """A question that is asked of records on an engine."""

    engine: Engine
    records: Records
    _: KW_ONLY
    question: Question


@dataclass(frozen=True, slots=True)
class Events:
    """What came of a question: what every crossing or period turned out to be, with its weight, and the same unweighed.

    `rows` has `person`, `at` (the day), `direction`, `outcome`, `basis`, `weight` in thousandths, `open` (1 where later
    records will decide), `adjusts`, `TIME_PERIOD` (null outside the periods), `c_residence` and `purpose`; `states` in
    which days residence is certain from then on (`settled`); `spells` are those of all persons. `shares` are those by
    which open crossings are weighed.
    """

    rows: Rows
    states: Rows
    _: KW_ONLY
    spells: Rows
    shares: tuple[pl.DataFrame, ...]


def events_of(derivation: Derivation) -> Events:
    """What every crossing turned out to be, with the weight that it has in figures and the period that it falls in."""
    engine, question = derivation.engine, derivation.question
    spells = spells_under(derivation, question)
    outcomes = kept(engine, outcomes_under(derivation, question, spells), "outcomes")
    shares = shares_before(derivation, outcomes)
    likely = weighed(engine, outcomes.filter(nw.col("origin") == CROSSING), shares)
    event = (nw.col("outcome") == IMMIGRANT) | (nw.col("outcome") == EMIGRANT)
    undecided = nw.col("outcome") == OPEN_SPELL
    by_word = event & (nw.col("basis") != ACTUAL) & nw.lit(question.basis == MIXED)
    rows = likely.with_columns(
        at=nw.col("begin"),
        weight=nw.when(event).then(whole(CERTAIN)).when(undecided).then(nw.col("weight")).otherwise(whole(0)),
        open=nw.when(undecided | by_word).then(whole(1)).otherwise(whole(0)),
    )
    rows = rows.with_columns(**{PERIOD: period_of(question.periods)}).select(*EVENT_COLUMNS)
    states = outcomes.filter(~nw.col("settled").is_null()).select(*STATE_COLUMNS)
    return Events(kept(engine, rows, "events"), states, spells=spells, shares=shares)


def spells_under(derivation: Derivation, question: Question) -> Rows:
    """The spells of all persons over the observation of a question, from movements or from traces."""
    engine, records, observation = derivation.engine, derivation.records, question.observation
    lying = engine.sorts_once
    if records.nights is not None:
        bridged = records.bridged
        spells = spells_of_nights(records.nights, records.persons, observation, bridged=bridged, lying=lying)
    elif records.movements is not None:
        spells = spells_of(records.movements, records.persons, observation, lying=lying)
    else:
        raise SdmxmigError("No records are named.", hint="Name movements, or the nights of traces.")
    return kept(engine, spells, f"spells_{question.periods[0].begin}_until_{observation.until}")


def outcomes_under(derivation: Derivation, question: Question, spells: Rows) -> Rows:
    """The outcomes of crossings, or of periods, under the rule of a question."""
    engine, traces = derivation.engine, derivation.records.nights is not None
    rule, observation, lying = question.rule, question.observation, engine.sorts_once
    if rule.anchor == CROSSING_ANCHOR:
        judge = outcomes_of_traces if traces else outcomes_of
        return judge(spells, rule, observation, basis=question.basis, lying=lying)
    reference = Reference(rule, observation, basis=question.basis, lying=lying)
    days = sorted({day for period in question.periods for day in (period.begin, period.end)})
    statuses = (statuses_of_traces if traces else statuses_of)(engine, spells, days, reference)
    statuses = kept(engine, statuses, f"statuses_{days[0]}_until_{observation.until}")
    return changes_of(statuses, spells, days[0], reference)


def asked_again(derivation: Derivation, question: Question) -> Rows:
    """The outcomes under another question, of the same records."""
    return outcomes_under(derivation, question, spells_under(derivation, question))


def shares_before(derivation: Derivation, outcomes: Rows) -> tuple[pl.DataFrame, ...]:
    """The shares by which open crossings are weighed, from the same records as they stood two years earlier.

    Empty ones where records do not go back so far, where durations do not rest on actual stays, or where a rule counts
    nights on both sides of a crossing.
    """
    engine, question = derivation.engine, derivation.question
    observation, rule = question.observation, question.rule
    earlier = replace(observation, until=years_before(observation.until))
    if question.basis != ACTUAL or not rule.has_stocks or earlier.until - observation.first <= DAYS_OF_YEAR:
        return tuple(pl.DataFrame() for _ in KINDS)
    if rule.anchor == CROSSING_ANCHOR:
        then = asked_again(derivation, replace(question, observation=earlier))
        return shares_of(engine, then, outcomes, ("person", "begin", "direction"))
    last = question.periods[-1]
    period = replace(last, begin=years_before(last.begin), end=years_before(last.end))
    if period.begin < observation.first:
        return tuple(pl.DataFrame() for _ in KINDS)
    then_asked = replace(question, periods=(period,))
    now = kept(engine, asked_again(derivation, then_asked), "earlier_periods")
    then = asked_again(derivation, replace(then_asked, observation=earlier))
    return shares_of(engine, then, now, ("person", "direction"))


def years_before(day: int) -> int:
    """The same day so many years earlier that what was open then is decided by now under every rule."""
    return number_of(months_later(date_of(day), -MONTHS_BACK))


def flows_of(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> list[Dataset]:
    """Immigration and emigration by period: totals, by previous or next residence, and by what is known of persons.

    Figures of a period in which crossings are still open are provisional (``P``), preliminary ones (``PREL``).
    """
    engine, records, question = derivation.engine, derivation.records, derivation.question
    rows = events.rows.filter(~nw.col(PERIOD).is_null()).with_columns(C_RESIDENCE=nw.col("c_residence").fill_null("_U"))
    groups: list[tuple[str, ...]] = [(), ("C_RESIDENCE",)]
    if records.persons is not None:
        rows = described(rows, records.persons, records.citizenships, question.observation)
        groups += OF_PERSONS
    sums = summed_by(engine, rows, groups, always=["direction", PERIOD])
    unsettled = {(row["direction"], row[PERIOD]) for row in sums.iter_rows(named=True) if row["open"]}
    by_direction: dict[str, list[Row]] = {direction: [] for direction in FLOWS}
    names = [name for name in sums.columns if name not in ("direction", "weight", "open")]
    for row in sums.iter_rows(named=True):
        by_direction[row["direction"]].append(
            {
                **{name: row[name] for name in names},
                "DIRECTION": row["direction"],
                "OBS_VALUE": figure_of(row["weight"]),
                **said_of(unsettled=(row["direction"], row[PERIOD]) in unsettled),
            }
        )
    for direction, figures in by_direction.items():
        totals = {row[PERIOD] for row in figures}
        nothing = {"DIRECTION": direction, "OBS_VALUE": "0", **said_of(unsettled=False)}
        figures += [{**nothing, PERIOD: period.label} for period in question.periods if period.label not in totals]
    return [dataset_of(flows[FLOWS[direction]], figures, statement) for direction, figures in by_direction.items()]


def stocks_of(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> list[Dataset]:
    """The residents on 1 January and the account of each year."""
    day = {**statement.dataset, "REF_DATE": "D0101", "STOCK_METHOD": "REG"}
    statement = replace(statement, dataset=day)
    return [
        dataset_of(flows["DF_POP"], stock_rows(derivation, events), statement),
        dataset_of(flows["DF_ACCOUNT"], account_rows(derivation, events), statement),
    ]
