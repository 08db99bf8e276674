"""Derivation of figures from records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.records.accounts import (
    build_account_rows,
    build_population_rows,
    compute_account_sums,
    count_persons_without_residence,
    find_stock_reliability,
    select_stock_sums,
    sum_flows,
)
from sdmxmig.records.counting import CERTAIN_WEIGHT, Counts, Statement, build_dataset, estimate_reliability
from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.reference_rules import determine_statuses, find_changes
from sdmxmig.records.residence_rules import ACTUAL, EMIGRANT, IMMIGRANT, MIXED, OPEN_SPELL, Derivation, Events, Question
from sdmxmig.records.residence_rules import CROSSING as CROSSING_ANCHOR
from sdmxmig.records.rows import (
    AGE_DEFINITION,
    COMPLETED,
    PERIOD,
    arrange,
    compute_last_seen,
    compute_period,
    compute_previous,
    compute_running_maximum,
    flag,
    to_date,
    to_number,
    write_int_literal,
)
from sdmxmig.records.spells import CROSSING, START, build_permit_spells, build_spells
from sdmxmig.records.traces import build_trace_spells, determine_trace_outcomes, determine_trace_statuses
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

    `shares` are weights of open crossings; None computes them from these records.
    """
    question = derivation.question
    spells = select_spells(derivation, question)
    outcomes = select_outcomes(derivation, question, spells, question.reference_days)
    if shares is None:
        decided = find_earlier_decisions(derivation, outcomes)
        shares = NO_EARLIER_ROWS if decided is None else compute_shares(decided)
    likely = weigh_outcomes(outcomes.filter(pl.col("origin") == CROSSING), shares)
    event = (pl.col("outcome") == IMMIGRANT) | (pl.col("outcome") == EMIGRANT)
    undecided = pl.col("outcome") == OPEN_SPELL
    lives_there = pl.col("resided") == flag(pl.col("direction") == "I")
    by_word = pl.col("outcome").is_not_null() & (pl.col("basis") != ACTUAL) & ~lives_there.fill_null(value=False)
    by_word = by_word & pl.lit(question.basis == MIXED)
    rows = likely.with_columns(
        at=pl.col("begin"),
        weight=pl.when(event)
        .then(write_int_literal(CERTAIN_WEIGHT))
        .when(undecided)
        .then(pl.col("weight"))
        .otherwise(write_int_literal(0)),
        open=flag(undecided | by_word),
    )
    rows = rows.with_columns(**{PERIOD: compute_period(question.periods)}).select(*EVENT_COLUMNS)
    states = outcomes.filter(pl.col("settled").is_not_null()).select(*STATE_COLUMNS)
    opened = weigh_open_crossings(rows, states)
    return Events(rows=rows, states=states, opened=opened, spells=spells)


def select_spells(derivation: Derivation, question: Question) -> pl.DataFrame:
    records, observation = derivation.records, question.observation
    if records.nights is not None:
        spells = build_trace_spells(records.nights, records.persons, observation, bridged=records.bridged)
    elif records.permits is not None:
        spells = build_permit_spells(records.permits, records.persons, records.citizenships, observation)
    elif records.movements is not None:
        spells = build_spells(records.movements, records.persons, observation)
    else:
        raise SdmxmigError("The records are missing.", hint="Add a table of movements, nights or permits.")
    return spells


def select_outcomes(
    derivation: Derivation, question: Question, spells: pl.DataFrame, days: Sequence[int]
) -> pl.DataFrame:
    traces = derivation.records.nights is not None
    if question.rule.anchor == CROSSING_ANCHOR:
        return (determine_trace_outcomes if traces else determine_outcomes)(spells, question)
    statuses = (determine_trace_statuses if traces else determine_statuses)(spells, days, question)
    return find_changes(statuses, spells, days[0], question)


def derive_outcomes(derivation: Derivation, question: Question, days: Sequence[int] = ()) -> pl.DataFrame:
    return select_outcomes(derivation, question, select_spells(derivation, question), days)


def list_shares(parts: Iterable[Derivation]) -> tuple[pl.DataFrame, ...]:
    decided = []
    for part in parts:
        if not uses_earlier_years(part.question):
            return NO_EARLIER_ROWS
        by_crossing = part.question.rule.anchor == CROSSING_ANCHOR
        decided.append(find_earlier_decisions(part, derive_outcomes(part, part.question) if by_crossing else None))
    return compute_shares(pl.concat([counts for counts in decided if counts is not None]))


def uses_earlier_years(question: Question) -> bool:
    """Check whether open crossings are weighted by those of two years earlier.

    They are not for short records, intended durations or two-sided rules.
    """
    observation, rule = question.observation, question.rule
    until = compute_years_before(observation.until)
    stated = question.basis != ACTUAL and not rule.by_permits
    if stated or not rule.has_stocks or until - observation.first <= DAYS_OF_YEAR:
        return False
    return rule.anchor == CROSSING_ANCHOR or compute_years_before(question.reference_days[-2]) >= observation.first


def find_earlier_decisions(derivation: Derivation, outcomes: pl.DataFrame | None) -> pl.DataFrame | None:
    question = derivation.question
    if not uses_earlier_years(question):
        return None
    earlier = replace(question.observation, until=compute_years_before(question.observation.until))
    if outcomes is not None and question.rule.anchor == CROSSING_ANCHOR:
        then = derive_outcomes(derivation, replace(question, observation=earlier))
        return count_decided_crossings(then, outcomes, ("person", "begin", "direction"))
    days = [compute_years_before(day) for day in question.reference_days[-2:]]
    now = derive_outcomes(derivation, question, days)
    then = derive_outcomes(derivation, replace(question, observation=earlier), days)
    return count_decided_crossings(then, now, ("person", "direction"))


def compute_years_before(day: int) -> int:
    return to_number(shift_months(to_date(day), -MONTHS_BACK))


OUTCOMES, FLOWS, STOCKS, ACCOUNT, UNPLACED = "outcomes", "flows", "stocks", "account", "unplaced"
"""The names of sums: crossings, flows, stocks, items of the account, and persons in no stock by `day`."""


def sum_events(derivation: Derivation, events: Events) -> Counts:
    """Sum events by name: outcomes and flows, and stocks and the account if known."""
    within = events.rows.filter(pl.col(PERIOD).is_not_null())
    outcomes = within.group_by("outcome").agg(pl.len().cast(pl.Int64).alias("crossings"))
    sums = {OUTCOMES: outcomes, FLOWS: sum_flows(derivation, within)}
    if derivation.records.persons is None or not derivation.question.rule.has_stocks:
        return sums
    stocks, account = select_stock_sums(derivation, events), compute_account_sums(derivation, events)
    return {**sums, STOCKS: stocks, ACCOUNT: account, UNPLACED: count_persons_without_residence(derivation, events)}


def build_stocks(question: Question, sums: Counts, flows: Mapping[str, Flow], statement: Statement) -> list[Dataset]:
    if STOCKS not in sums:
        return []
    about = {**statement.dataset, "REF_DATE": "D0101", "STOCK_METHOD": "REG"}
    labels = [period.label for period in question.periods]
    of_no_age = replace(statement, dataset={name: value for name, value in about.items() if name != AGE_DEFINITION})
    on_days = find_stock_reliability(question, sums[ACCOUNT], sums[UNPLACED])
    reliability = {**estimate_reliability(sums[FLOWS]), **on_days}
    account = build_dataset(flows["DF_ACCOUNT"], build_account_rows(sums[ACCOUNT], labels, reliability), of_no_age)
    if not all(period.is_calendar_year for period in question.periods):
        return [account]
    of_stocks = replace(statement, dataset={**about, AGE_DEFINITION: COMPLETED})
    by_year = {
        str(to_date(day).year): on_days[item, period.label]
        for period in question.periods
        for item, day in (("POP_BEG", period.begin), ("POP_END", period.end))
    }
    return [build_dataset(flows["DF_POP"], build_population_rows(sums[STOCKS], by_year), of_stocks), account]


MIN_CROSSINGS = 20
"""Minimum number of decided crossings of a kind; otherwise the next coarser kind is used."""
DAYS_PER_MONTH = 30
TABLE_COLUMNS = (("direction", "stays", "months"), ("direction", "stays"), ("direction",))
THOUSAND = 1000


def add_elapsed_months(outcomes: pl.DataFrame) -> pl.DataFrame:
    return outcomes.with_columns(months=pl.col("elapsed") // DAYS_PER_MONTH)


def count_decided_crossings(earlier: pl.DataFrame, decided: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Count earlier open crossings by kind: `all`, and migrations among them (`events`).

    `keys` match `earlier` and `decided`.
    """
    event = (pl.col("outcome") == IMMIGRANT) | (pl.col("outcome") == EMIGRANT)
    became = decided.filter(event).select(*keys).unique().with_columns(event=write_int_literal(1))
    then = add_elapsed_months(earlier.filter(pl.col("outcome") == OPEN_SPELL))
    joined = then.join(became, on=list(keys), how="left").with_columns(event=pl.col("event").fill_null(0))
    counts = joined.group_by(*TABLE_COLUMNS[0]).agg(pl.col("event").sum().alias("events"), pl.len().alias("all"))
    return counts.with_columns(pl.col("all").cast(pl.Int64))


NO_EARLIER_ROWS: tuple[pl.DataFrame, ...] = tuple(pl.DataFrame() for _ in TABLE_COLUMNS)


def compute_shares(decided: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    shares = []
    for kind in TABLE_COLUMNS:
        sums = decided.group_by(kind).agg(pl.col("events", "all").sum()).filter(pl.col("all") >= MIN_CROSSINGS)
        share = (THOUSAND * pl.col("events") + pl.col("all") // 2) // pl.col("all")
        shares.append(sums.select(*kind, share.alias("share")).sort(kind))
    return tuple(shares)


def weigh_outcomes(outcomes: pl.DataFrame, shares: Sequence[pl.DataFrame]) -> pl.DataFrame:
    rows = add_elapsed_months(outcomes)
    weight = write_int_literal(None)
    for index, (kind, share) in enumerate(zip(TABLE_COLUMNS, shares, strict=True)):
        name = f"share_{index}"
        if share.height:
            rows = rows.join(share.rename({"share": name}), on=list(kind), how="left")
            weight = pl.coalesce(weight, name)
    return rows.with_columns(weight=weight.fill_null(0))


COLUMNS = ("person", "turned", "origin", "own", "open", "settled")
CHANGE_COLUMNS = ("person", "turned", "weight", "adjusts", "open")


def weigh_open_crossings(events: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    inward, undecided = pl.col("direction") == "I", pl.col("outcome") == OPEN_SPELL
    own = (
        pl.when(~undecided).then(write_int_literal(0)).when(inward).then(pl.col("weight")).otherwise(-pl.col("weight"))
    )
    crossings = events.filter(pl.col("open") == 1).with_columns(
        turned=pl.col("at"), origin=write_int_literal(CROSSING + 1), own=own, settled=write_int_literal(None)
    )
    theirs = states.join(crossings.select("person").unique(), on="person", how="inner").with_columns(
        turned=pl.when(pl.col("origin") <= START).then(pl.col("begin") - 1).otherwise(pl.col("begin")),
        own=write_int_literal(0),
        open=write_int_literal(0),
    )
    rows = arrange(pl.concat([part.select(*COLUMNS) for part in (theirs, crossings)]), ("turned", "origin"))
    rows = add_since_certain(rows)
    rows = rows.with_columns(weight=pl.col("beyond") - compute_previous("beyond").fill_null(0))
    changed = rows.with_columns(adjusts=pl.col("weight") - pl.col("own"))
    return changed.filter((pl.col("open") == 1) | (pl.col("weight") != 0)).select(*CHANGE_COLUMNS)


def add_since_certain(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `beyond`, the weight after the last certain residence; it totals between 0 and 1 person."""
    known = pl.col("settled").is_not_null()
    rows = rows.with_columns(
        total=pl.col("own").cum_sum(),
        home=compute_last_seen("settled"),
        stretch=flag(known | compute_previous("turned").is_null()),
    )
    base = pl.when(pl.col("stretch") == 1).then(pl.col("total") - pl.col("own"))
    rows = rows.with_columns(base=base).with_columns(
        base=compute_last_seen("base"), stretch=pl.col("stretch").cum_sum()
    )
    away = pl.when(pl.col("home") == 1).then(write_int_literal(-1)).otherwise(write_int_literal(1))
    rows = rows.with_columns(away=away, gone=away * (pl.col("total") - pl.col("base")))
    rows = rows.with_columns(back=pl.max_horizontal(-pl.col("gone"), write_int_literal(0)))
    rows = rows.with_columns(block=pl.col("stretch"))
    return rows.with_columns(back=compute_running_maximum("back")).with_columns(
        beyond=pl.col("away") * pl.min_horizontal(pl.col("gone") + pl.col("back"), write_int_literal(CERTAIN_WEIGHT))
    )
