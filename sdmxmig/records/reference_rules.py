"""Residence rules that count nights in the months before a reference date.

Recent arrivals are judged by later nights or, while these are in the future, by intention or permission if the basis
allows it. Temporary absences do not end a stay: up to a number of days, or for residents less than a number of months.
"""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.crossing_rules import (
    JUDGED_COLUMNS,
    MISSING,
    NO,
    OPEN,
    YES,
    add_nights_until,
    count_nights_beyond,
    cumulate_nights,
    decide_verdict,
)
from sdmxmig.records.residence_rules import (
    ACTUAL,
    CONTINUOUS,
    EMIGRANT,
    GRANTED,
    IMMIGRANT,
    INTENDED,
    MISSING_RECORD,
    MIXED,
    OPEN_SPELL,
    Question,
    ResidenceRule,
)
from sdmxmig.records.rows import (
    BLOCK_STEP,
    add_months,
    arrange,
    compute_following,
    compute_last_seen,
    compute_previous,
    flag,
    number_persons,
    write_int_literal,
    write_missing_text,
)
from sdmxmig.records.spells import BIRTH, CROSSING, DETAIL_TYPES, START

RUN_COLUMNS = ("run", "run_here", "run_unknown", "run_days")
NOT_STATED = -1
STATUS_COLUMNS = ("person", "at", "status", "basis", "arrived", "left", "gone")


def determine_statuses(spells: pl.DataFrame, days: Sequence[int], question: Question) -> pl.DataFrame:
    """Return residence on reference days and on death: `person`, `at`, `status`, `basis`, `arrived`, `left`, `gone`."""
    runs = merge_absences(spells, question)
    lived = determine_residence(find_overlaps(runs, days, question), question)
    if question.rule.intention_months is None:
        return lived.with_columns(status=pl.col("lived"), basis=pl.lit(ACTUAL)).select(*STATUS_COLUMNS)
    return add_expectations(lived, runs, question)


def compute_stated_stays(basis: str) -> pl.Expr:
    intended, granted = pl.col("intended_days"), pl.col("granted_days")
    if basis == MIXED:
        return pl.coalesce(intended, granted)
    return granted if basis == GRANTED else intended


def merge_absences(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Merge temporary absences into stays.

    `hidden` and `open` mark unknown nights; `run` is the start and `run_days` the allowed days (-1 unknown).
    """
    rule, observation = question.rule, question.observation
    rows = spells.filter(pl.col("end") > pl.col("begin"))
    short = (pl.col("here") == 0) & (pl.col("end") - pl.col("begin") <= rule.absence_days)
    from_here = (compute_previous("here") == 1).fill_null(value=False)
    back_here = (compute_following("here") == 1).fill_null(value=False)
    last = compute_following("begin").is_null()
    died = last & (pl.col("end") == pl.col("gone"))  # people who die on a trip had not left for good
    last = last & ~died & (pl.col("end") >= observation.until)
    rows = rows.with_columns(
        bridged=flag(short & from_here & (back_here | died)),
        open=flag(short & from_here & last),
        hidden=flag(pl.col("here").is_null()),
        said=pl.when(pl.col("here") == 1).then(compute_stated_stays(question.basis)),
    ).with_columns(
        here=pl.when(pl.col("bridged") == 1)
        .then(write_int_literal(1))
        .otherwise(pl.when(pl.col("open") == 0).then(pl.col("here")))
    )
    rows = number_persons(rows)
    rows = merge_short_absences(rows, question) if rule.absence_months else rows
    rows = cumulate_nights(rows.with_columns(place=(pl.col("here").fill_null(-1) + 2 * pl.col("open"))))
    changes = ~(compute_previous("place") == pl.col("place")).fill_null(value=False)
    rows = rows.with_columns(
        run=pl.when(changes).then(pl.col("begin")),
        run_here=pl.when(changes).then(pl.col("sum_here")),
        run_unknown=pl.when(changes).then(pl.col("sum_unknown")),
        run_days=pl.when(changes).then(pl.col("said").fill_null(NOT_STATED)),
    )
    return rows.with_columns(**{name: compute_last_seen(name) for name in RUN_COLUMNS})


NOT_RESIDENT, RESIDENT, NOT_KNOWN = 0, 1, 2


def merge_short_absences(rows: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Merge residents' absences shorter than the months of the rule into stays.

    A resident has stayed for that many months without a later absence of that length. If this is unknown, the absences
    are unknown.
    """
    rule, observation = question.rule, question.observation
    months, here = rule.absence_months, pl.col("here")
    same = (compute_previous("here") == here) | (compute_previous("here").is_null() & here.is_null())
    rows = rows.with_columns(start=pl.when(~same.fill_null(value=False)).then(pl.col("begin")))
    rows = rows.with_columns(start=compute_last_seen("start"))
    rows = rows.with_columns(due=add_months(pl.col("start"), months))
    last = compute_following("begin").is_null()
    goes_on = last & (pl.col("end") != pl.col("gone")) & (pl.col("end") >= observation.until)
    rows = rows.with_columns(
        leaves=(here == 0) & (compute_previous("here") == 1).fill_null(value=False),
        is_long=pl.col("end") >= add_months(pl.col("begin"), months),
        settled=(pl.col("begin") >= compute_previous("due")).fill_null(value=False),
        returns=(compute_following("here") == 1).fill_null(value=False) | (last & (pl.col("end") == pl.col("gone"))),
        goes_on=goes_on,
    ).with_columns(settled=pl.col("leaves") & pl.col("settled"))
    rows = rows.with_columns(
        turn=pl.when((pl.col("hidden") == 1) | (pl.col("open") == 1)).then(write_int_literal(NOT_KNOWN))
        .when(((here == 0) & pl.col("is_long")) | (pl.col("origin") == BIRTH)).then(write_int_literal(NOT_RESIDENT))
        .when(pl.col("settled")).then(write_int_literal(RESIDENT))
    ).with_columns(turn=compute_last_seen("turn"))  # fmt: skip
    rows = rows.with_columns(before=compute_previous("turn").fill_null(NOT_KNOWN))
    temporary = pl.col("leaves") & ~pl.col("is_long") & (pl.col("returns") | pl.col("goes_on"))
    resident = pl.col("settled") | (pl.col("before") == RESIDENT)
    rows = rows.with_columns(
        bridged=pl.when(temporary & resident & pl.col("returns"))
        .then(write_int_literal(1))
        .otherwise(pl.col("bridged")),
        open=pl.when(temporary & resident & pl.col("goes_on")).then(write_int_literal(1)).otherwise(pl.col("open")),
        hidden=pl.when(temporary & ~resident & (pl.col("before") == NOT_KNOWN)).then(write_int_literal(1))
        .otherwise(pl.col("hidden")),
    )  # fmt: skip
    unknown = (pl.col("open") == 1) | (pl.col("hidden") == 1)
    return rows.with_columns(
        here=pl.when(pl.col("bridged") == 1).then(write_int_literal(1)).otherwise(pl.when(~unknown).then(here))
    )


def find_overlaps(runs: pl.DataFrame, days: Sequence[int], question: Question) -> pl.DataFrame:
    """Return the parts of spells in windows of reference days and days of death, for living persons."""
    died = runs.filter((pl.col("gone") <= question.observation.until) & ~pl.col("gone").is_in(list(days)))
    parts = [select_overlaps(died, pl.col("gone"), question.rule)]
    parts += [select_overlaps(runs, write_int_literal(day), question.rule) for day in days]
    return pl.concat(parts).with_columns(
        nights=pl.min_horizontal("end", "day") - pl.max_horizontal("begin", "since"), at=pl.col("day")
    )


OVERLAP_COLUMNS = (
    "person",
    "day",
    "since",
    "needed",
    "begin",
    "end",
    "here",
    "hidden",
    "open",
    "origin",
    "gone",
    *RUN_COLUMNS,
)


def select_overlaps(rows: pl.DataFrame, day: pl.Expr, rule: ResidenceRule) -> pl.DataFrame:
    """Return the rows in the window before a day, with the nights `needed` within it."""
    since = add_months(day, -(rule.window_months or 0))
    needed = write_int_literal(rule.threshold_days)
    if rule.threshold_days is None:
        needed = day - add_months(day, -(rule.threshold_months or 0))
    within = (pl.col("begin") < day) & (pl.col("end") > since) & (pl.col("gone") >= day)
    return rows.filter(within).with_columns(day=day, since=since, needed=needed).select(*OVERLAP_COLUMNS)


def determine_residence(overlaps: pl.DataFrame, question: Question) -> pl.DataFrame:
    rule, observation = question.rule, question.observation
    of_here = pl.when(pl.col("here") == 1).then(pl.col("nights")).otherwise(write_int_literal(0))
    parts = overlaps.with_columns(
        of_here=of_here,
        of_hidden=pl.col("nights") * pl.col("hidden"),
        of_open=pl.col("nights") * pl.col("open"),
        came=pl.when(pl.col("here") == 1).then(pl.col("run")),
        went=pl.when(pl.col("here") == 1).then(pl.min_horizontal("end", "day")),
    )
    keys = ("person", "at")
    by_run = parts.group_by(*keys, "run").agg(pl.col("of_here").sum().alias("of_run"))
    longest = by_run.group_by(*keys).agg(pl.col("of_run").max().alias("longest"))
    sums = parts.group_by(*keys).agg(
        *[pl.col(name).sum().alias(name) for name in ("of_here", "of_hidden", "of_open")],
        *[pl.col(name).max().alias(name) for name in ("came", "went", "since", "needed", "gone")],
        pl.col("begin").min().alias("earliest"),
    )
    sums = sums.join(longest, on=list(keys), how="inner")
    eve = parts.filter(pl.col("end") >= pl.col("at")).select(*keys, "here", "hidden", "open", *RUN_COLUMNS)
    mine = pl.col("longest") if rule.continuity == CONTINUOUS else pl.col("of_here")
    watched = (pl.col("earliest") > pl.col("since")) & (pl.col("earliest") == observation.first)
    unseen = pl.when(watched).then(pl.col("earliest") - pl.col("since")).otherwise(write_int_literal(0))
    hidden = pl.col("of_hidden") + unseen
    # Nights of other stays may join the longest one through unknown nights, never through known absences.
    spare = pl.when(hidden + pl.col("of_open") > 0).then(pl.col("of_here") - mine).otherwise(write_int_literal(0))
    possible = mine + spare + hidden + pl.col("of_open")
    judged = sums.with_columns(
        lived=pl.when(mine >= pl.col("needed")).then(write_int_literal(YES))
        .when(possible < pl.col("needed")).then(write_int_literal(NO))
        .when(hidden > 0).then(write_int_literal(MISSING)).otherwise(write_int_literal(OPEN)),
        arrived=pl.col("came"),
        left=pl.col("went"),
    )  # fmt: skip
    return judged.join(eve, on=list(keys), how="left")


def add_expectations(lived: pl.DataFrame, runs: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Determine statuses; recent arrivals depend on later nights."""
    rule, observation, basis = question.rule, question.observation, question.basis
    recent = (pl.col("run") >= pl.col("since")) & (pl.col("here").is_null() | (pl.col("here") == 1))
    run, months = pl.col("run"), rule.intention_months or 0
    expected = add_months(run, months) - run
    if rule.intention_window_months != rule.intention_months and rule.threshold_days is not None:
        expected = write_int_literal(rule.threshold_days)
    late = lived.filter(recent).with_columns(
        moment=add_months(run, rule.intention_window_months or months), expected=expected
    )
    carried = ["at", "run_here", "run_unknown", "run_days", "expected", "gone", "open"]
    counted = add_nights_until(runs, late, carried).with_columns(
        stay=pl.col("here_until") - pl.col("run_here"),
        unknown=pl.col("unknown_until") - pl.col("run_unknown"),
        beyond=count_nights_beyond(observation),
    )
    reached = decide_verdict(pl.col("stay") - pl.col("expected"), pl.col("unknown"), pl.col("beyond"), needed=0)
    observed = pl.when((reached == MISSING) & (pl.col("open") == 1)).then(write_int_literal(OPEN)).otherwise(reached)
    asked = pl.col("run_days") != NOT_STATED
    if basis == MIXED:
        asked = asked & (pl.col("observed") == OPEN)
    elif basis == ACTUAL:
        asked = asked & pl.lit(value=False)
    counted = counted.with_columns(observed=observed).with_columns(
        by_word=flag(asked),
        word=pl.when(pl.col("run_days") >= pl.col("expected"))
        .then(write_int_literal(YES))
        .otherwise(write_int_literal(NO)),
    )
    counted = counted.with_columns(
        stays=pl.when(pl.col("by_word") == 1).then(pl.col("word")).otherwise(pl.col("observed"))
    ).select("person", "at", "stays", "by_word")
    rows = lived.join(counted, on=["person", "at"], how="left")
    stays = pl.col("stays").fill_null(NO)
    past = pl.col("lived")
    status = (
        pl.when((past == YES) | (stays == YES)).then(write_int_literal(YES))
        .when((past == NO) & (stays == NO)).then(write_int_literal(NO))
        .when((past == MISSING) | (stays == MISSING)).then(write_int_literal(MISSING))
        .otherwise(write_int_literal(OPEN))
    )  # fmt: skip
    by_word = (past != YES) & (stays == YES) & (pl.col("by_word") == 1)
    word = GRANTED if basis == GRANTED else INTENDED
    return rows.with_columns(status=status, basis=pl.when(by_word).then(pl.lit(word)).otherwise(pl.lit(ACTUAL))).select(
        *STATUS_COLUMNS
    )


OPEN_BIRTH_DIGIT = 9
COLUMNS = (*STATUS_COLUMNS, "born")


def find_changes(statuses: pl.DataFrame, spells: pl.DataFrame, first_day: int, question: Question) -> pl.DataFrame:
    """Return changes between reference days as outcomes, dated by the last crossing or the first day."""
    born = select_births(spells).select(*COLUMNS)
    rows = arrange(pl.concat([statuses.with_columns(born=write_int_literal(0)).select(*COLUMNS), born]), ("at", "born"))
    alike = pl.when(compute_following("status") == YES).then(write_int_literal(YES)).otherwise(write_int_literal(NO))
    rows = rows.with_columns(
        status=pl.when(pl.col("status") == OPEN_BIRTH_DIGIT).then(alike).otherwise(pl.col("status"))
    )
    rows = rows.with_columns(
        certain=pl.when(pl.col("status") == YES)
        .then(write_int_literal(1))
        .when(pl.col("status") == NO)
        .then(write_int_literal(0))
    )
    rows = rows.with_columns(carried=compute_last_seen("certain"))
    rows = rows.with_columns(
        before=compute_previous("status"), since=compute_previous("at"), carried=compute_previous("carried")
    )
    initial = pl.col("since").is_null() & ((pl.col("at") == first_day) | (pl.col("born") == 1))
    # A certain non-resident without earlier status has not changed, and is known from then on.
    first_known = pl.col("carried").is_null() & (pl.col("status") == NO)
    rows = rows.with_columns(
        carried=pl.col("carried").fill_null(0),
        initial=flag(initial | first_known),
        before=pl.col("before").fill_null(MISSING),
        since=pl.col("since").fill_null(first_day),
    )
    return add_details(judge_changes(rows, question), spells)


def select_births(spells: pl.DataFrame) -> pl.DataFrame:
    newborn = pl.col("origin") == BIRTH
    status = (
        pl.when(pl.col("forced") == 1).then(write_int_literal(YES))
        .when((pl.col("forced") == 0) | (pl.col("here").fill_null(0) == 0)).then(write_int_literal(NO))
        .otherwise(write_int_literal(OPEN_BIRTH_DIGIT))
    )  # fmt: skip
    return spells.filter(newborn).with_columns(
        at=pl.col("begin"),
        status=status,
        basis=pl.lit(ACTUAL),
        arrived=write_int_literal(None),
        left=write_int_literal(None),
        born=write_int_literal(1),
    )


def judge_changes(rows: pl.DataFrame, question: Question) -> pl.DataFrame:
    until = question.observation.until
    now, before = pl.col("status"), pl.col("before")
    decided, was_decided = (now == YES) | (now == NO), (before == YES) | (before == NO)
    changed = decided & (pl.col("certain") != pl.col("carried"))
    into = pl.when(decided).then(pl.col("certain")).otherwise(1 - pl.col("carried"))
    event = pl.when(pl.col("certain") == 1).then(pl.lit(IMMIGRANT)).otherwise(pl.lit(EMIGRANT))
    initial = pl.col("initial") == 1
    outcome = (
        pl.when(initial).then(write_missing_text())
        .when(changed & was_decided).then(event)
        .when(changed).then(pl.lit(MISSING_RECORD))
        .when((now == OPEN) & was_decided).then(pl.lit(OPEN_SPELL))
        .when((now == OPEN) | (now == MISSING)).then(pl.lit(MISSING_RECORD))
        .otherwise(write_missing_text())
    )  # fmt: skip
    day = pl.when(into == 1).then(pl.col("arrived")).otherwise(pl.col("left"))
    clipped = pl.min_horizontal(pl.max_horizontal(day.fill_null(-BLOCK_STEP), pl.col("since")), pl.col("at") - 1)
    return rows.with_columns(
        outcome=outcome,
        direction=pl.when(into == 1).then(pl.lit("I")).otherwise(pl.lit("E")),
        begin=pl.when(initial).then(pl.col("at")).otherwise(clipped),
        origin=pl.when(pl.col("born") == 1)
        .then(write_int_literal(BIRTH))
        .when(initial)
        .then(write_int_literal(START))
        .otherwise(write_int_literal(CROSSING)),
        adjusts=pl.when(changed & ~was_decided & ~initial)
        .then(pl.col("certain") - pl.col("carried"))
        .otherwise(write_int_literal(0)),
        settled=pl.when(initial | changed).then(pl.col("certain")),
        resided=write_int_literal(None),
        elapsed=pl.max_horizontal(until - pl.col("arrived").fill_null(until), write_int_literal(0)),
        stays=flag(pl.col("left").fill_null(-BLOCK_STEP) == pl.col("at")),
    ).filter(initial | pl.col("outcome").is_not_null())


def add_details(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    crossings = spells.filter(pl.col("origin") == CROSSING).select("person", "begin", *DETAIL_TYPES)
    return rows.join(crossings, on=["person", "begin"], how="left").select(*JUDGED_COLUMNS)
