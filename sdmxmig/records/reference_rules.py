"""Rules that look back from a reference date: residence by nights in the months before.

Others who arrived within these months count by what follows: nights, or, while still to come and if the basis says so,
intention or permission. Stays continue through temporary absences: up to a number of days for everybody, or less than a
number of months for residents.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.primitives.periods import months_later
from sdmxmig.records.crossing_rules import (
    JUDGED,
    MISSING,
    NO,
    OPEN,
    SPELLS_BY,
    YES,
    add_nights_until,
    count_nights_beyond,
    cumulate_nights,
    decide_verdict,
)
from sdmxmig.records.days import Observation, to_date, to_number
from sdmxmig.records.engines import Engine, materialise, table_of
from sdmxmig.records.questions import ACTUAL, GRANTED, INTENDED, MIXED, Question
from sdmxmig.records.residence_rules import CONTINUOUS, EMIGRANT, IMMIGRANT, MISSING_RECORD, OPEN_SPELL, ResidenceRule
from sdmxmig.records.rows import (
    BLOCK_STEP,
    Order,
    Rows,
    arrange,
    following,
    int_literal,
    is_in_memory,
    last_seen,
    number_persons,
    previous,
    text_literal,
)
from sdmxmig.records.spells import BIRTH, CROSSING, DETAILS, START

YEAR_AND_MORE = 800
"""Maximum number of days by which windows may exceed the observation."""
RUN = ("run", "run_here", "run_unknown", "run_days")
NOT_STATED = -1
STATUS = ("person", "at", "status", "basis", "arrived", "left", "gone")


def determine_statuses(engine: Engine, spells: Rows, days: Sequence[int], question: Question) -> Rows:
    """Return residence on reference days and on death: `person`, `at`, `status`, `basis`, `arrived`, `left`, `gone`."""
    rule, observation = question.rule, question.observation
    runs = materialise(engine, merge_absences(spells, question))
    calendar = build_windows(rule, observation)
    lived = determine_residence(overlapping(engine, runs, calendar.select("day", "since", "needed"), days), question)
    if rule.intention_months is None:
        return lived.with_columns(status=nw.col("lived"), basis=nw.lit(ACTUAL)).select(*STATUS)
    after = table_of(engine, calendar.select(run="day", ahead="ahead", expected="expected"))
    return add_expectations(lived, runs, after, question)


def build_windows(rule: ResidenceRule, observation: Observation) -> pl.DataFrame:
    """Return the window before each day, and the nights needed within it."""
    rows = []
    for day in range(observation.first - YEAR_AND_MORE, observation.until + 1):
        here = to_date(day)
        since = to_number(months_later(here, -(rule.window_months or 0)))
        by_months = day - to_number(months_later(here, -(rule.threshold_months or 0)))
        needed = by_months if rule.threshold_days is None else rule.threshold_days
        ahead = to_number(months_later(here, rule.intention_window_months or rule.intention_months or 0))
        expected = to_number(months_later(here, rule.intention_months or 0)) - day
        if rule.intention_window_months != rule.intention_months and rule.threshold_days is not None:
            expected = rule.threshold_days
        rows.append((day, since, needed, ahead, expected))
    return pl.DataFrame(
        rows, schema=dict.fromkeys(("day", "since", "needed", "ahead", "expected"), pl.Int64), orient="row"
    )


def said_of_stays(basis: str) -> nw.Expr:
    intended, granted = nw.col("intended_days"), nw.col("granted_days")
    if basis == MIXED:
        return nw.when(intended.is_null()).then(granted).otherwise(intended)
    return granted if basis == GRANTED else intended


def merge_absences(spells: Rows, question: Question) -> Rows:
    """Merge temporary absences into stays.

    `hidden` and `open` mark unknown nights; `run` is the start and `run_days` the allowed days (-1 unknown).
    """
    rule, observation, order = question.rule, question.observation, Order(SPELLS_BY, is_in_memory(spells))
    rows = spells.filter(nw.col("end") > nw.col("begin"))
    short = (nw.col("here") == 0) & (nw.col("end") - nw.col("begin") <= rule.absence_days)
    from_here = (previous("here", order) == 1).fill_null(value=False)
    back_here = (following("here", order) == 1).fill_null(value=False)
    last = following("begin", order).is_null()
    died = last & (nw.col("end") == nw.col("gone"))  # people who die on a trip had not left for good
    last = last & ~died & (nw.col("end") >= observation.until)
    rows = rows.with_columns(
        bridged=nw.when(short & from_here & (back_here | died)).then(int_literal(1)).otherwise(int_literal(0)),
        open=nw.when(short & from_here & last).then(int_literal(1)).otherwise(int_literal(0)),
        hidden=nw.when(nw.col("here").is_null()).then(int_literal(1)).otherwise(int_literal(0)),
        said=nw.when(nw.col("here") == 1).then(said_of_stays(question.basis)),
    ).with_columns(
        here=nw.when(nw.col("bridged") == 1)
        .then(int_literal(1))
        .otherwise(nw.when(nw.col("open") == 0).then(nw.col("here")))
    )
    rows = number_persons(rows)
    rows = merge_short_absences(rows, question) if rule.absence_months else rows
    rows = cumulate_nights(rows.with_columns(place=(nw.col("here").fill_null(-1) + 2 * nw.col("open"))))
    changes = ~(previous("place", order) == nw.col("place")).fill_null(value=False)
    rows = rows.with_columns(
        run=nw.when(changes).then(nw.col("begin")),
        run_here=nw.when(changes).then(nw.col("sum_here")),
        run_unknown=nw.when(changes).then(nw.col("sum_unknown")),
        run_days=nw.when(changes).then(nw.col("said").fill_null(NOT_STATED)),
    )
    return rows.with_columns(**{name: last_seen(name, order) for name in RUN})


NOT_RESIDENT, RESIDENT, NOT_KNOWN = 0, 1, 2


def merge_short_absences(rows: Rows, question: Question) -> Rows:
    """Merge residents' absences shorter than the rule's months into stays.

    A resident has stayed for that many months, with no later absence as long. If this is unknown, absences are unknown.
    """
    rule, observation, order = question.rule, question.observation, Order(SPELLS_BY, is_in_memory(rows))
    months, here = rule.absence_months, nw.col("here")
    same = (previous("here", order) == here) | (previous("here", order).is_null() & here.is_null())
    rows = rows.with_columns(start=nw.when(~same.fill_null(value=False)).then(nw.col("begin")))
    rows = rows.with_columns(start=last_seen("start", order))
    rows = rows.with_columns(due=nw.col("start") + nights_of_months("start", months, observation))
    last = following("begin", order).is_null()
    goes_on = last & (nw.col("end") != nw.col("gone")) & (nw.col("end") >= observation.until)
    rows = rows.with_columns(
        leaves=(here == 0) & (previous("here", order) == 1).fill_null(value=False),
        is_long=nw.col("end") >= nw.col("begin") + nights_of_months("begin", months, observation),
        settled=(nw.col("begin") >= previous("due", order)).fill_null(value=False),
        returns=(following("here", order) == 1).fill_null(value=False) | (last & (nw.col("end") == nw.col("gone"))),
        goes_on=goes_on,
    ).with_columns(settled=nw.col("leaves") & nw.col("settled"))
    rows = rows.with_columns(
        turn=nw.when((nw.col("hidden") == 1) | (nw.col("open") == 1)).then(int_literal(NOT_KNOWN))
        .when(((here == 0) & nw.col("is_long")) | (nw.col("origin") == BIRTH)).then(int_literal(NOT_RESIDENT))
        .when(nw.col("settled")).then(int_literal(RESIDENT))
    ).with_columns(turn=last_seen("turn", order))  # fmt: skip
    rows = rows.with_columns(before=previous("turn", order).fill_null(NOT_KNOWN))
    temporary = nw.col("leaves") & ~nw.col("is_long") & (nw.col("returns") | nw.col("goes_on"))
    resident = nw.col("settled") | (nw.col("before") == RESIDENT)
    rows = rows.with_columns(
        bridged=nw.when(temporary & resident & nw.col("returns")).then(int_literal(1)).otherwise(nw.col("bridged")),
        open=nw.when(temporary & resident & nw.col("goes_on")).then(int_literal(1)).otherwise(nw.col("open")),
        hidden=nw.when(temporary & ~resident & (nw.col("before") == NOT_KNOWN)).then(int_literal(1))
        .otherwise(nw.col("hidden")),
    )  # fmt: skip
    unknown = (nw.col("open") == 1) | (nw.col("hidden") == 1)
    return rows.with_columns(
        here=nw.when(nw.col("bridged") == 1).then(int_literal(1)).otherwise(nw.when(~unknown).then(here))
    )


def nights_of_months(column: str, months: int, observation: Observation) -> nw.Expr:
    """Count the nights of so many calendar months from the day in a column."""
    days = range(observation.first - YEAR_AND_MORE, observation.until + 1)
    lengths = [(day, to_number(months_later(to_date(day), months)) - day) for day in days]
    nights = int_literal(lengths[0][1])
    for (_, before), (day, length) in pairwise(lengths):
        if length != before:
            nights = nw.when(nw.col(column) >= day).then(int_literal(length)).otherwise(nights)
    return nights


def overlapping(engine: Engine, runs: Rows, calendar: pl.DataFrame, days: Sequence[int]) -> Rows:
    """Return the parts of spells in windows of reference days and days of death, for living persons."""
    of_days = pl.col("day").is_in(list(days))
    deaths = table_of(engine, calendar.filter(~of_days).with_columns(gone=pl.col("day")))
    parts = [select_overlaps(runs.join(deaths, on="gone", how="inner"))]
    asked = calendar.filter(of_days)
    if not is_in_memory(runs):
        parts.append(select_overlaps(runs.join(table_of(engine, asked), how="cross")))
    else:  # in memory, all spells at once would need as much memory again for each day
        for day, since, needed in asked.rows():
            parts.append(
                select_overlaps(
                    runs.with_columns(day=int_literal(day), since=int_literal(since), needed=int_literal(needed))
                )
            )
    return nw.concat(parts, how="vertical").with_columns(
        nights=nw.min_horizontal("end", "day") - nw.max_horizontal("begin", "since"), at=nw.col("day")
    )


OVERLAPS = ("person", "day", "since", "needed", "begin", "end", "here", "hidden", "open", "origin", "gone", *RUN)


def select_overlaps(rows: Rows) -> Rows:
    reaches = (nw.col("begin") < nw.col("day")) & (nw.col("end") > nw.col("since"))
    return rows.filter(reaches & (nw.col("gone") >= nw.col("day"))).select(*OVERLAPS)


def determine_residence(overlaps: Rows, question: Question) -> Rows:
    """Determine residence before each day, with the facts of the last stay needed to judge it."""
    rule, observation = question.rule, question.observation
    of_here = nw.when(nw.col("here") == 1).then(nw.col("nights")).otherwise(int_literal(0))
    parts = overlaps.with_columns(
        of_here=of_here,
        of_hidden=nw.col("nights") * nw.col("hidden"),
        of_open=nw.col("nights") * nw.col("open"),
        came=nw.when(nw.col("here") == 1).then(nw.col("run")),
        went=nw.when(nw.col("here") == 1).then(nw.min_horizontal("end", "day")),
    )
    keys = ("person", "at")
    by_run = parts.group_by(*keys, "run").agg(nw.col("of_here").sum().cast(nw.Int64).alias("of_run"))
    longest = by_run.group_by(*keys).agg(nw.col("of_run").max().alias("longest"))
    sums = parts.group_by(*keys).agg(
        *[nw.col(name).sum().cast(nw.Int64).alias(name) for name in ("of_here", "of_hidden", "of_open")],
        *[nw.col(name).max().alias(name) for name in ("came", "went", "since", "needed", "gone")],
        nw.col("begin").min().alias("earliest"),
    )
    sums = sums.join(longest, on=list(keys), how="inner")
    eve = parts.filter(nw.col("end") >= nw.col("at")).select(*keys, "here", "hidden", "open", *RUN)
    mine = nw.col("longest") if rule.continuity == CONTINUOUS else nw.col("of_here")
    watched = (nw.col("earliest") > nw.col("since")) & (nw.col("earliest") == observation.first)
    unseen = nw.when(watched).then(nw.col("earliest") - nw.col("since")).otherwise(int_literal(0))
    hidden = nw.col("of_hidden") + unseen
    # Nights of other stays may join the longest one through unknown nights, never through known absences.
    spare = nw.when(hidden + nw.col("of_open") > 0).then(nw.col("of_here") - mine).otherwise(int_literal(0))
    possible = mine + spare + hidden + nw.col("of_open")
    judged = sums.with_columns(
        lived=nw.when(mine >= nw.col("needed")).then(int_literal(YES))
        .when(possible < nw.col("needed")).then(int_literal(NO))
        .when(hidden > 0).then(int_literal(MISSING)).otherwise(int_literal(OPEN)),
        arrived=nw.col("came"),
        left=nw.col("went"),
    )  # fmt: skip
    return judged.join(eve, on=list(keys), how="left")


def add_expectations(lived: Rows, runs: Rows, after: Rows, question: Question) -> Rows:
    """Determine statuses; recent arrivals count by what follows."""
    observation, basis = question.observation, question.basis
    recent = (nw.col("run") >= nw.col("since")) & (nw.col("here").is_null() | (nw.col("here") == 1))
    first = lived.with_columns(arrival=nw.when(recent).then(nw.col("run")).otherwise(int_literal(None)))
    late = first.filter(~nw.col("arrival").is_null()).join(after, on="run", how="inner")
    carried = ["at", "run_here", "run_unknown", "run_days", "expected", "gone", "open"]
    counted = add_nights_until(runs, late.with_columns(moment="ahead"), carried).with_columns(
        stay=nw.col("here_until") - nw.col("run_here"),
        unknown=nw.col("unknown_until") - nw.col("run_unknown"),
        beyond=count_nights_beyond(observation),
    )
    reached = decide_verdict(nw.col("stay") - nw.col("expected"), nw.col("unknown"), nw.col("beyond"), needed=0)
    observed = nw.when((reached == MISSING) & (nw.col("open") == 1)).then(int_literal(OPEN)).otherwise(reached)
    asked = nw.col("run_days") != NOT_STATED
    if basis == MIXED:
        asked = asked & (nw.col("observed") == OPEN)
    elif basis == ACTUAL:
        asked = asked & nw.lit(value=False)
    counted = counted.with_columns(observed=observed).with_columns(
        by_word=nw.when(asked).then(int_literal(1)).otherwise(int_literal(0)),
        word=nw.when(nw.col("run_days") >= nw.col("expected")).then(int_literal(YES)).otherwise(int_literal(NO)),
    )
    counted = counted.with_columns(
        stays=nw.when(nw.col("by_word") == 1).then(nw.col("word")).otherwise(nw.col("observed"))
    ).select("person", "at", "stays", "by_word")
    rows = lived.join(counted, on=["person", "at"], how="left")
    stays = nw.col("stays").fill_null(NO)
    past = nw.col("lived")
    status = (
        nw.when((past == YES) | (stays == YES)).then(int_literal(YES))
        .when((past == NO) & (stays == NO)).then(int_literal(NO))
        .when((past == MISSING) | (stays == MISSING)).then(int_literal(MISSING))
        .otherwise(int_literal(OPEN))
    )  # fmt: skip
    by_word = (past != YES) & (stays == YES) & (nw.col("by_word") == 1)
    word = GRANTED if basis == GRANTED else INTENDED
    return rows.with_columns(status=status, basis=nw.when(by_word).then(nw.lit(word)).otherwise(nw.lit(ACTUAL))).select(
        *STATUS
    )


OPEN_BIRTH = 9
COLUMNS = (*STATUS, "born")


def find_changes(statuses: Rows, spells: Rows, first_day: int, question: Question) -> Rows:
    """Return changes between reference days as outcomes.

    Dated by the last crossing, or the first day of the period.
    """
    order = Order(("at", "born"), is_in_memory(statuses))
    born = births_in(spells).select(*COLUMNS)
    rows = arrange(
        nw.concat([statuses.with_columns(born=int_literal(0)).select(*COLUMNS), born], how="vertical"), order
    )
    alike = nw.when(following("status", order) == YES).then(int_literal(YES)).otherwise(int_literal(NO))
    rows = rows.with_columns(status=nw.when(nw.col("status") == OPEN_BIRTH).then(alike).otherwise(nw.col("status")))
    rows = rows.with_columns(
        certain=nw.when(nw.col("status") == YES).then(int_literal(1)).when(nw.col("status") == NO).then(int_literal(0))
    )
    rows = rows.with_columns(carried=last_seen("certain", order))
    rows = rows.with_columns(
        before=previous("status", order), since=previous("at", order), carried=previous("carried", order)
    )
    initial = nw.col("since").is_null() & ((nw.col("at") == first_day) | (nw.col("born") == 1))
    # A certain non-resident without earlier status has not changed, and is known from then on.
    first_known = nw.col("carried").is_null() & (nw.col("status") == NO)
    rows = rows.with_columns(
        carried=nw.col("carried").fill_null(0),
        initial=nw.when(initial | first_known).then(int_literal(1)).otherwise(int_literal(0)),
        before=nw.col("before").fill_null(MISSING),
        since=nw.col("since").fill_null(first_day),
    )
    return add_details(judge_changes(rows, question), spells)


def births_in(spells: Rows) -> Rows:
    newborn = nw.col("origin") == BIRTH
    status = (
        nw.when(nw.col("forced") == 1).then(int_literal(YES))
        .when((nw.col("forced") == 0) | (nw.col("here").fill_null(0) == 0)).then(int_literal(NO))
        .otherwise(int_literal(OPEN_BIRTH))
    )  # fmt: skip
    return spells.filter(newborn).with_columns(
        at=nw.col("begin"),
        status=status,
        basis=nw.lit(ACTUAL),
        arrived=int_literal(None),
        left=int_literal(None),
        born=int_literal(1),
    )


def judge_changes(rows: Rows, question: Question) -> Rows:
    """Return outcomes of all rows with a change of status."""
    until = question.observation.until
    now, before = nw.col("status"), nw.col("before")
    decided, was_decided = (now == YES) | (now == NO), (before == YES) | (before == NO)
    changed = decided & (nw.col("certain") != nw.col("carried"))
    into = nw.when(decided).then(nw.col("certain")).otherwise(1 - nw.col("carried"))
    event = nw.when(nw.col("certain") == 1).then(nw.lit(IMMIGRANT)).otherwise(nw.lit(EMIGRANT))
    initial = nw.col("initial") == 1
    outcome = (
        nw.when(initial).then(text_literal(None))
        .when(changed & was_decided).then(event)
        .when(changed).then(nw.lit(MISSING_RECORD))
        .when((now == OPEN) & was_decided).then(nw.lit(OPEN_SPELL))
        .when((now == OPEN) | (now == MISSING)).then(nw.lit(MISSING_RECORD))
        .otherwise(text_literal(None))
    )  # fmt: skip
    day = nw.when(into == 1).then(nw.col("arrived")).otherwise(nw.col("left"))
    clipped = nw.min_horizontal(nw.max_horizontal(day.fill_null(-BLOCK_STEP), nw.col("since")), nw.col("at") - 1)
    return rows.with_columns(
        outcome=outcome,
        direction=nw.when(into == 1).then(nw.lit("I")).otherwise(nw.lit("E")),
        begin=nw.when(initial).then(nw.col("at")).otherwise(clipped),
        origin=nw.when(nw.col("born") == 1)
        .then(int_literal(BIRTH))
        .when(initial)
        .then(int_literal(START))
        .otherwise(int_literal(CROSSING)),
        adjusts=nw.when(changed & ~was_decided & ~initial)
        .then(nw.col("certain") - nw.col("carried"))
        .otherwise(int_literal(0)),
        settled=nw.when(initial | changed).then(nw.col("certain")),
        resided=int_literal(None),
        elapsed=nw.max_horizontal(until - nw.col("arrived").fill_null(until), int_literal(0)),
        stays=nw.when(nw.col("left").fill_null(-BLOCK_STEP) == nw.col("at"))
        .then(int_literal(1))
        .otherwise(int_literal(0)),
    ).filter(initial | ~nw.col("outcome").is_null())


def add_details(rows: Rows, spells: Rows) -> Rows:
    crossings = spells.filter(nw.col("origin") == CROSSING).select("person", "begin", *DETAILS)
    return rows.join(crossings, on=["person", "begin"], how="left").select(*JUDGED)
