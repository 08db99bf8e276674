"""Derivation of figures from records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.primitives.periods import months_later
from sdmxmig.records.accounts import account_sums, rows_of_account, rows_of_stocks, stock_sums
from sdmxmig.records.counting import CERTAIN, Statement, build_dataset
from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.days import PERIOD, period_of, to_date, to_number
from sdmxmig.records.engines import Engine, collect, materialise, table_of
from sdmxmig.records.flows import flow_sums, stock_reliability, unplaced_sums
from sdmxmig.records.people import AGE_DEFINITION, COMPLETED
from sdmxmig.records.permits import spells_of_permits
from sdmxmig.records.questions import ACTUAL, MIXED, Derivation, Events, Question
from sdmxmig.records.reference_rules import determine_statuses, find_changes
from sdmxmig.records.reliability import estimate_reliability
from sdmxmig.records.residence_rules import CROSSING as CROSSING_ANCHOR
from sdmxmig.records.residence_rules import EMIGRANT, IMMIGRANT, OPEN_SPELL
from sdmxmig.records.rows import (
    Order,
    Rows,
    arrange,
    int_literal,
    is_in_memory,
    last_seen,
    previous,
    running_maximum,
    running_sum,
)
from sdmxmig.records.spells import CROSSING, START, build_spells
from sdmxmig.records.traces import outcomes_of_traces, spells_of_nights, statuses_of_traces
from sdmxmig.sdmx.model.data import Dataset, Flow

DAYS_OF_YEAR, MONTHS_BACK = 365, 24
STATE_COLUMNS = ("person", "begin", "origin", "settled", "gone")
EVENT_COLUMNS = (
    "person",
    "at",
    "direction",
    "outcome",
    "basis",
    "weight",
    "open",
    "adjusts",
    PERIOD,
    "c_residence",
    "purpose",
    "settled",
    "resided",
)


def derive_events(derivation: Derivation, shares: tuple[pl.DataFrame, ...] | None = None) -> Events:
    """Return all crossings with outcome, weight and period.

    `shares` weigh open crossings (None: from these records).
    """
    engine, question = derivation.engine, derivation.question
    spells = spells_under(derivation, question)
    outcomes = materialise(engine, outcomes_under(derivation, question, spells, question.reference_days))
    if shares is None:
        decided = find_earlier_decisions(derivation, outcomes)
        shares = NOTHING_BEFORE if decided is None else compute_shares(decided)
    likely = weigh_outcomes(engine, outcomes.filter(nw.col("origin") == CROSSING), shares)
    event = (nw.col("outcome") == IMMIGRANT) | (nw.col("outcome") == EMIGRANT)
    undecided = nw.col("outcome") == OPEN_SPELL
    lives_there = nw.col("resided") == nw.when(nw.col("direction") == "I").then(int_literal(1)).otherwise(
        int_literal(0)
    )
    by_word = ~nw.col("outcome").is_null() & (nw.col("basis") != ACTUAL) & ~lives_there.fill_null(value=False)
    by_word = by_word & nw.lit(question.basis == MIXED)
    rows = likely.with_columns(
        at=nw.col("begin"),
        weight=nw.when(event)
        .then(int_literal(CERTAIN))
        .when(undecided)
        .then(nw.col("weight"))
        .otherwise(int_literal(0)),
        open=nw.when(undecided | by_word).then(int_literal(1)).otherwise(int_literal(0)),
    )
    rows = rows.with_columns(**{PERIOD: period_of(question.periods)}).select(*EVENT_COLUMNS)
    states = outcomes.filter(~nw.col("settled").is_null()).select(*STATE_COLUMNS)
    rows = materialise(engine, rows)
    opened = materialise(engine, weigh_open_crossings(rows, states))
    return Events(rows=rows, states=states, opened=opened, spells=spells, shares=shares)


def spells_under(derivation: Derivation, question: Question) -> Rows:
    engine, records, observation = derivation.engine, derivation.records, question.observation
    if records.nights is not None:
        spells = spells_of_nights(records.nights, records.persons, observation, bridged=records.bridged)
    elif records.permits is not None:
        spells = spells_of_permits(records.permits, records.persons, records.citizenships, observation)
    elif records.movements is not None:
        spells = build_spells(records.movements, records.persons, observation)
    else:
        raise SdmxmigError("The records are missing.", hint="Add a table of movements, nights or permits.")
    return materialise(engine, spells)


def outcomes_under(derivation: Derivation, question: Question, spells: Rows, days: Sequence[int]) -> Rows:
    engine, traces = derivation.engine, derivation.records.nights is not None
    if question.rule.anchor == CROSSING_ANCHOR:
        return (outcomes_of_traces if traces else determine_outcomes)(spells, question)
    statuses = (statuses_of_traces if traces else determine_statuses)(engine, spells, days, question)
    return find_changes(materialise(engine, statuses), spells, days[0], question)


def derive_outcomes(derivation: Derivation, question: Question, days: Sequence[int] = ()) -> Rows:
    return outcomes_under(derivation, question, spells_under(derivation, question), days)


def shares_over(parts: Iterable[Derivation]) -> tuple[pl.DataFrame, ...]:
    decided = []
    for part in parts:
        if not uses_earlier_years(part.question):
            return NOTHING_BEFORE
        by_crossing = part.question.rule.anchor == CROSSING_ANCHOR
        decided.append(find_earlier_decisions(part, derive_outcomes(part, part.question) if by_crossing else None))
    return compute_shares(pl.concat([counts for counts in decided if counts is not None]))


def uses_earlier_years(question: Question) -> bool:
    """Whether open crossings are weighed by those of two years earlier.

    Not for short records, intended durations and two-sided rules.
    """
    observation, rule = question.observation, question.rule
    until = years_before(observation.until)
    stated = question.basis != ACTUAL and not rule.by_permits
    if stated or not rule.has_stocks or until - observation.first <= DAYS_OF_YEAR:
        return False
    return rule.anchor == CROSSING_ANCHOR or years_before(question.reference_days[-2]) >= observation.first


def find_earlier_decisions(derivation: Derivation, outcomes: Rows | None) -> pl.DataFrame | None:
    engine, question = derivation.engine, derivation.question
    if not uses_earlier_years(question):
        return None
    earlier = replace(question.observation, until=years_before(question.observation.until))
    if outcomes is not None and question.rule.anchor == CROSSING_ANCHOR:
        then = derive_outcomes(derivation, replace(question, observation=earlier))
        return count_decided_crossings(engine, then, outcomes, ("person", "begin", "direction"))
    days = [years_before(day) for day in question.reference_days[-2:]]
    now = materialise(engine, derive_outcomes(derivation, question, days))
    then = derive_outcomes(derivation, replace(question, observation=earlier), days)
    return count_decided_crossings(engine, then, now, ("person", "direction"))


def years_before(day: int) -> int:
    return to_number(months_later(to_date(day), -MONTHS_BACK))


@dataclass(frozen=True, slots=True)
class Sums:
    """Additive sums.

    `outcomes` counts crossings, `unplaced` persons in no stock by `day`; others have `weight` and `open`.
    """

    outcomes: pl.DataFrame
    flows: pl.DataFrame
    _: KW_ONLY
    stocks: pl.DataFrame | None = None
    account: pl.DataFrame | None = None
    unplaced: pl.DataFrame | None = None
    further: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def sum_events(derivation: Derivation, events: Events) -> Sums:
    """Sum events: outcomes, flows, and stocks and the account if known."""
    within = events.rows.filter(~nw.col(PERIOD).is_null())
    counts = collect(derivation.engine, within.group_by("outcome").agg(nw.len().alias("crossings")))
    outcomes = counts.select("outcome", pl.col("crossings").cast(pl.Int64))
    flows = flow_sums(derivation, within)
    if derivation.records.persons is None or not derivation.question.rule.has_stocks:
        return Sums(outcomes, flows)
    return Sums(
        outcomes,
        flows,
        stocks=stock_sums(derivation, events),
        account=account_sums(derivation, events),
        unplaced=unplaced_sums(derivation, events),
    )


def combine_sums(parts: Iterable[Sums]) -> Sums:
    sums = list(parts)
    stocks = [part.stocks for part in sums if part.stocks is not None]
    account = [part.account for part in sums if part.account is not None]
    unplaced = [part.unplaced for part in sums if part.unplaced is not None]
    return Sums(
        pl.concat([part.outcomes for part in sums]),
        pl.concat([part.flows for part in sums]),
        stocks=pl.concat(stocks) if stocks else None,
        account=pl.concat(account) if account else None,
        unplaced=pl.concat(unplaced) if unplaced else None,
        further={name: pl.concat([part.further[name] for part in sums]) for name in sums[0].further},
    )


def build_stocks(question: Question, sums: Sums, flows: Mapping[str, Flow], statement: Statement) -> list[Dataset]:
    if sums.stocks is None or sums.account is None or sums.unplaced is None:
        return []
    about = {**statement.dataset, "REF_DATE": "D0101", "STOCK_METHOD": "REG"}
    labels = [period.label for period in question.periods]
    of_no_age = replace(statement, dataset={name: value for name, value in about.items() if name != AGE_DEFINITION})
    on_days = stock_reliability(question, sums.account, sums.unplaced)
    reliability = {**estimate_reliability(sums.flows), **on_days}
    account = build_dataset(flows["DF_ACCOUNT"], rows_of_account(sums.account, labels, reliability), of_no_age)
    if not all(period.is_calendar_year for period in question.periods):
        return [account]
    of_stocks = replace(statement, dataset={**about, AGE_DEFINITION: COMPLETED})
    by_year = {
        str(to_date(day).year): on_days[item, period.label]
        for period in question.periods
        for item, day in (("POP_BEG", period.begin), ("POP_END", period.end))
    }
    return [build_dataset(flows["DF_POP"], rows_of_stocks(sums.stocks, by_year), of_stocks), account]


MIN_CROSSINGS = 20
"""Minimum number of decided crossings of a kind; otherwise the next coarser kind is used."""
MONTH = 30
KINDS = (("direction", "stays", "months"), ("direction", "stays"), ("direction",))
THOUSAND = 1000


def add_elapsed_months(outcomes: Rows) -> Rows:
    return outcomes.with_columns(months=nw.col("elapsed") // MONTH)


def count_decided_crossings(engine: Engine, earlier: Rows, decided: Rows, keys: Sequence[str]) -> pl.DataFrame:
    """Count crossings open earlier by kind: migrations `events` of `all`.

    `keys` match `earlier` and `decided`.
    """
    event = (nw.col("outcome") == IMMIGRANT) | (nw.col("outcome") == EMIGRANT)
    became = decided.filter(event).select(*keys).unique().with_columns(event=int_literal(1))
    then = add_elapsed_months(earlier.filter(nw.col("outcome") == OPEN_SPELL))
    joined = then.join(became, on=list(keys), how="left").with_columns(event=nw.col("event").fill_null(0))
    counts = collect(
        engine,
        joined.group_by(*KINDS[0]).agg(nw.col("event").sum().cast(nw.Int64).alias("events"), nw.len().alias("all")),
    )
    return counts.with_columns(pl.col("all").cast(pl.Int64))


NOTHING_BEFORE: tuple[pl.DataFrame, ...] = tuple(pl.DataFrame() for _ in KINDS)


def compute_shares(decided: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    shares = []
    for kind in KINDS:
        sums = decided.group_by(kind).agg(pl.col("events", "all").sum()).filter(pl.col("all") >= MIN_CROSSINGS)
        share = (THOUSAND * pl.col("events") + pl.col("all") // 2) // pl.col("all")
        shares.append(sums.select(*kind, share.alias("share")).sort(kind))
    return tuple(shares)


def weigh_outcomes(engine: Engine, outcomes: Rows, shares: Sequence[pl.DataFrame]) -> Rows:
    rows = add_elapsed_months(outcomes)
    weight = int_literal(None)
    for index, (kind, share) in enumerate(zip(KINDS, shares, strict=True)):
        name = f"share_{index}"
        if share.height:
            rows = rows.join(table_of(engine, share.rename({"share": name})), on=list(kind), how="left")
            weight = nw.when(weight.is_null()).then(nw.col(name)).otherwise(weight)
    return rows.with_columns(weight=weight.fill_null(0))


COLUMNS = ("person", "turned", "origin", "own", "open", "settled")
CHANGES = ("person", "turned", "weight", "adjusts", "open")


def weigh_open_crossings(events: Rows, states: Rows) -> Rows:
    order = Order(("turned", "origin"), is_in_memory(events))
    inward, undecided = nw.col("direction") == "I", nw.col("outcome") == OPEN_SPELL
    own = nw.when(~undecided).then(int_literal(0)).when(inward).then(nw.col("weight")).otherwise(-nw.col("weight"))
    crossings = events.filter(nw.col("open") == 1).with_columns(
        turned=nw.col("at"), origin=int_literal(CROSSING + 1), own=own, settled=int_literal(None)
    )
    theirs = states.join(crossings.select("person").unique(), on="person", how="inner").with_columns(
        turned=nw.when(nw.col("origin") <= START).then(nw.col("begin") - 1).otherwise(nw.col("begin")),
        own=int_literal(0),
        open=int_literal(0),
    )
    rows = arrange(nw.concat([part.select(*COLUMNS) for part in (theirs, crossings)], how="vertical"), order)
    rows = since_certain(rows, order)
    rows = rows.with_columns(weight=nw.col("beyond") - previous("beyond", order).fill_null(0))
    changed = rows.with_columns(adjusts=nw.col("weight") - nw.col("own"))
    return changed.filter((nw.col("open") == 1) | (nw.col("weight") != 0)).select(*CHANGES)


def since_certain(rows: Rows, order: Order) -> Rows:
    """Add `beyond`, the weight after the last certain residence, between 0 and 1 person in total."""
    known = ~nw.col("settled").is_null()
    rows = rows.with_columns(
        total=running_sum("own", order),
        home=last_seen("settled", order),
        stretch=nw.when(known | previous("turned", order).is_null()).then(int_literal(1)).otherwise(int_literal(0)),
    )
    base = nw.when(nw.col("stretch") == 1).then(nw.col("total") - nw.col("own"))
    rows = rows.with_columns(base=base).with_columns(
        base=last_seen("base", order), stretch=running_sum("stretch", order)
    )
    away = nw.when(nw.col("home") == 1).then(int_literal(-1)).otherwise(int_literal(1))
    rows = rows.with_columns(away=away, gone=away * (nw.col("total") - nw.col("base")))
    rows = rows.with_columns(back=nw.max_horizontal(-nw.col("gone"), int_literal(0)))
    rows = rows.with_columns(block=nw.col("stretch")) if order.in_memory else rows
    most = running_maximum("back", Order(order.by, order.in_memory, within=("person", "stretch")))
    return rows.with_columns(back=most).with_columns(
        beyond=nw.col("away") * nw.min_horizontal(nw.col("gone") + nw.col("back"), int_literal(CERTAIN))
    )
