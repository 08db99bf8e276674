"""Residence rules that count nights after a crossing.

A crossing changes residence if the person then stays the required nights of the window. It is undecided while unknown
or future nights matter. The states are those of Stats NZ's published code for the 12/16 rule (StatisticsNZ/migrbc: 365
of 487 days).
"""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.residence_rules import (
    ACTUAL,
    EMIGRANT,
    GRANTED,
    IMMIGRANT,
    INTENDED,
    MISSING_RECORD,
    MIXED,
    NO_MIGRATION,
    OPEN_SPELL,
    Question,
    ResidenceRule,
)
from sdmxmig.records.rows import (
    Observation,
    compute_last_seen,
    compute_previous,
    compute_running_maximum,
    compute_year,
    decode_columns,
    flag,
    number_persons,
    write_int_literal,
)
from sdmxmig.records.spells import BIRTH, CROSSING, DETAIL_TYPES, START

SPELL_ORDER = ("begin", "origin")
DAYS_APART = 1 << 22
"""More days than there are between any two records."""
OUTCOMES = (NO_MIGRATION, IMMIGRANT, EMIGRANT, OPEN_SPELL, MISSING_RECORD)
DIRECTIONS = ("E", "I")


def cumulate_nights(spells: pl.DataFrame) -> pl.DataFrame:
    """Add cumulative nights `sum_here` and `sum_unknown`; only differences within a person are meaningful."""
    nights = pl.col("end") - pl.col("begin")
    return spells.with_columns(
        nights_here=pl.when(pl.col("here") == 1).then(nights).otherwise(write_int_literal(0)),
        nights_unknown=pl.when(pl.col("here").is_null()).then(nights).otherwise(write_int_literal(0)),
    ).with_columns(
        sum_here=pl.col("nights_here").cum_sum() - pl.col("nights_here"),
        sum_unknown=pl.col("nights_unknown").cum_sum() - pl.col("nights_unknown"),
    )


def add_nights_until(spells: pl.DataFrame, moments: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Add `here_until` and `unknown_until` to moments, and keep `columns`. Spells are sorted by person and begin."""
    places = compute_sort_position(moments["person"], moments["moment"])
    order = None if places.is_sorted() else places.arg_sort()
    sought = pl.DataFrame({"place": places if order is None else places.gather(order)})
    starts = pl.DataFrame({"place": compute_sort_position(spells["person"], spells["begin"])}).with_row_index(
        "position"
    )
    position = sought.join_asof(starts, on="place")["position"]
    if order is not None:
        position = position.gather(order.arg_sort())
    states = spells.select(
        spell_begin="begin",
        spell_end="end",
        spell_here=pl.col("here").fill_null(-1),
        spell_sum_here="sum_here",
        spell_sum_unknown="sum_unknown",
    )
    seen = pl.concat([moments.select("person", "moment", *columns), states[position]], how="horizontal")
    nights = pl.min_horizontal("moment", "spell_end") - pl.col("spell_begin")
    return seen.select(
        "person",
        "moment",
        *columns,
        here_until=pl.col("spell_sum_here") + nights * flag(pl.col("spell_here") == 1),
        unknown_until=pl.col("spell_sum_unknown") + nights * flag(pl.col("spell_here") == -1),
    )


def compute_sort_position(person: pl.Series, day: pl.Series) -> pl.Series:
    return person * DAYS_APART + day + DAYS_APART // 2


NO, OPEN, YES, MISSING = 0, 1, 2, 3
DAY_SHIFT = 1_000_000
JUDGED_COLUMNS = (
    "person",
    "begin",
    "direction",
    "outcome",
    "basis",
    "adjusts",
    "settled",
    "origin",
    "gone",
    "elapsed",
    "stays",
    "resided",
    *DETAIL_TYPES,
)
CARRIED_COLUMNS = ("begin", "end", "after", "origin", "gone", "forced", *DETAIL_TYPES)
HIDDEN_COLUMNS = ("hidden_in", "hidden_out")


def determine_outcomes(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Return the outcome of every crossing under a forward rule.

    Columns: `person`, `begin`, `direction`, `outcome`, `basis`, `adjusts` (1 or -1), `settled`, `elapsed` (days),
    `stays`, `resided`, and details.
    """
    counted = cumulate_nights(spells)
    if question.rule.before_days is not None:
        return judge_by_both_sides(counted, question)
    return select_sequence_outcomes(decide_verdicts(counted, question))


def decide_verdicts(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Decide whether each crossing changes residence, based on nights in its window, intention or permission."""
    rule, observation, basis = question.rule, question.observation, question.basis
    by_words = basis in {INTENDED, GRANTED} and not rule.by_permits
    unseen = flag(pl.col("here").is_null() & (pl.col("origin") == CROSSING))
    moments = spells.with_columns(moment=pl.col("begin") + rule.window_days, unseen=unseen)
    columns = (*CARRIED_COLUMNS, "sum_here", "sum_unknown", *(["unseen"] if by_words else []))
    asked = add_nights_until(spells, moments, columns)
    here = pl.col("here_until") - pl.col("sum_here")
    unknown = pl.col("unknown_until") - pl.col("sum_unknown")
    passed = pl.min_horizontal(pl.col("moment"), pl.col("gone"), write_int_literal(observation.until))
    counted = asked.with_columns(
        here=here,
        unknown=unknown,
        elapsed=pl.max_horizontal(passed - pl.col("begin"), write_int_literal(0)),
        beyond=count_nights_beyond(observation),
    ).with_columns(
        mine=pl.when(pl.col("after") == 1)
        .then(pl.col("here"))
        .otherwise(pl.col("elapsed") - pl.col("here") - pl.col("unknown"))
    )
    observed = decide_verdict(pl.col("mine"), pl.col("unknown"), pl.col("beyond"), needed=rule.threshold_days or 0)
    judged = counted.with_columns(
        observed=pl.when(pl.col("after").is_null()).then(write_int_literal(MISSING)).otherwise(observed),
        basis=pl.lit(ACTUAL),
    )
    columns = ("person", *CARRIED_COLUMNS, "elapsed", "verdict", "basis", *(HIDDEN_COLUMNS if by_words else ()))
    return decide_by_statement(judged, rule, basis).select(*columns, stays=compute_last_stay(observation))


def compute_last_stay(observation: Observation) -> pl.Expr:
    return flag(pl.col("end") >= observation.until)


def count_nights_beyond(observation: Observation) -> pl.Expr:
    later = pl.max_horizontal(pl.col("moment") - observation.until, write_int_literal(0))
    return pl.when(pl.col("gone") > observation.until).then(later).otherwise(write_int_literal(0))


def decide_verdict(mine: pl.Expr, unknown: pl.Expr, beyond: pl.Expr, *, needed: int) -> pl.Expr:
    return (
        pl.when(mine >= needed).then(write_int_literal(YES))
        .when(mine + unknown + beyond < needed).then(write_int_literal(NO))
        .when(unknown > 0).then(write_int_literal(MISSING))
        .otherwise(write_int_literal(OPEN))
    )  # fmt: skip


def decide_by_statement(judged: pl.DataFrame, rule: ResidenceRule, basis: str) -> pl.DataFrame:
    """Decide by intention or permission depending on the basis; permits are minimum durations."""
    if rule.by_permits:
        allowed = (pl.col("granted_days") >= rule.threshold_days).fill_null(value=False)
        verdict_so = pl.when(allowed).then(write_int_literal(YES)).otherwise(pl.col("observed"))
        return judged.with_columns(verdict=verdict_so, basis=pl.lit(GRANTED))
    if basis == ACTUAL:
        return judged.with_columns(verdict=pl.col("observed"))
    days = pl.col("granted_days" if basis == GRANTED else "intended_days")
    allowed = days.is_null() & (pl.col("after") == 1)
    if basis == MIXED:  # absences have no permission
        days = pl.when(allowed).then(pl.col("granted_days")).otherwise(days)
    meant = pl.when(days >= rule.threshold_days).then(write_int_literal(YES)).otherwise(write_int_literal(NO))
    crossing = pl.col("origin") == CROSSING
    if basis == MIXED:
        asked = crossing & (pl.col("observed") == OPEN) & days.is_not_null()
        return judged.with_columns(
            verdict=pl.when(asked).then(meant).otherwise(pl.col("observed")),
            basis=pl.when(asked & allowed).then(pl.lit(GRANTED)).when(asked).then(pl.lit(INTENDED))
            .otherwise(pl.col("basis")),
        )  # fmt: skip
    asked = crossing & (pl.col("after") == 1) if basis == GRANTED else crossing
    undetermined = pl.when(days.is_null()).then(write_int_literal(MISSING)).otherwise(meant)
    return judged.with_columns(
        verdict=pl.when(asked).then(undetermined).otherwise(pl.col("observed")),
        basis=pl.when(asked).then(pl.lit(basis)).otherwise(pl.col("basis")),
        **flag_hidden_moves(rule, basis),
    )


def flag_hidden_moves(rule: ResidenceRule, basis: str) -> dict[str, pl.Expr]:
    """Flag unrecorded moves before the next crossing; for absences, enough nights must be possible."""
    unseen, out = pl.col("unseen") == 1, pl.col("after") == 1
    enough = pl.col("elapsed") - pl.col("here") + pl.col("beyond") >= rule.threshold_days
    left = unseen & out & enough if basis == GRANTED else unseen & out
    return {name: flag(condition) for name, condition in zip(HIDDEN_COLUMNS, (unseen & ~out, left), strict=True)}


def select_sequence_outcomes(judged: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes in sequence: a change of residence is a migration if the last one was in the other direction."""
    rows = number_persons(judged)
    place = ((pl.col("begin") + DAY_SHIFT) * 4 + pl.col("origin")) * 2
    born = (pl.col("origin") == BIRTH) & pl.col("forced").is_not_null() & (pl.col("verdict") != YES)
    leads = pl.when(born).then(pl.col("forced")).when(pl.col("verdict") == YES).then(pl.col("after"))
    doubtful = ((pl.col("verdict") == OPEN) | (pl.col("verdict") == MISSING)) & ~born
    doubts_in: pl.Expr = pl.when(doubtful & (pl.col("after") == 1)).then(place)
    doubts_out: pl.Expr = pl.when(doubtful & (pl.col("after") == 0)).then(place)
    if (
        HIDDEN_COLUMNS[0] in rows.collect_schema().names()
    ):  # hidden nights are after the crossing and before the next one
        doubts_in = pl.coalesce(doubts_in, pl.when(pl.col(HIDDEN_COLUMNS[0]) == 1).then(place + 2))
        doubts_out = pl.coalesce(doubts_out, pl.when(pl.col(HIDDEN_COLUMNS[1]) == 1).then(place + 2))
    rows = rows.with_columns(settled=leads).with_columns(
        settling=place + pl.col("settled"), doubt_in=doubts_in, doubt_out=doubts_out
    )
    names = ("settling", "doubt_in", "doubt_out")
    rows = rows.with_columns(**{name: compute_running_maximum(name) for name in names})
    rows = rows.with_columns(**{f"last_{name}": compute_previous(name) for name in names})
    since_in = is_after_last_settling("last_doubt_in")
    since_out = is_after_last_settling("last_doubt_out")
    inward = pl.col("after") == 1
    rows = rows.with_columns(
        state=pl.col("last_settling") % 2,
        same=pl.when(inward).then(since_in).otherwise(since_out),
        other=pl.when(inward).then(since_out).otherwise(since_in),
        doubtful_out=since_out,
        doubtful_in=since_in,
    )
    rows = rows.with_columns(
        outcome=pl.when(pl.col("origin") == CROSSING).then(compute_outcome()),
        adjusts=compute_adjustment(),
        direction=flag(pl.col("after") == 1),
        resided=pl.when((pl.col("state") == 1) & ~pl.col("doubtful_out")).then(write_int_literal(1))
        .when((pl.col("state") == 0) & ~pl.col("doubtful_in")).then(write_int_literal(0)),
    ).select(*JUDGED_COLUMNS)  # fmt: skip
    return decode_columns(rows, {"outcome": OUTCOMES, "direction": DIRECTIONS})


def is_after_last_settling(doubt: str) -> pl.Expr:
    return (pl.col(doubt) > pl.col("last_settling").fill_null(-1)).fill_null(value=False)


def compute_outcome() -> pl.Expr:
    resident_so = (pl.col("state") == pl.col("after")).fill_null(value=False)
    unknown = pl.col("state").is_null()
    return (
        pl.when((pl.col("verdict") == NO) | (resident_so & ~pl.col("other"))).then(write_int_literal(0))
        .when((pl.col("verdict") == YES) & ~unknown & ~resident_so & ~pl.col("same")).then(2 - pl.col("after"))
        .when(pl.col("verdict") == OPEN).then(write_int_literal(3))
        .otherwise(write_int_literal(4))
    )  # fmt: skip


def compute_adjustment() -> pl.Expr:
    unsure = pl.col("state").is_null() | ((pl.col("state") != pl.col("after")) & pl.col("same"))
    crossing = (pl.col("origin") == CROSSING) & (pl.col("verdict") == YES) & unsure
    leaves_nothing = pl.col("state").is_null() & (pl.col("after") == 0)
    return pl.when(crossing & ~leaves_nothing).then(pl.col("after") * 2 - 1).otherwise(write_int_literal(0))


def judge_by_both_sides(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Judge the first crossing of each year by the nights before and after it.

    A departure needs a long enough stay at home before and away after; an arrival the reverse.
    """
    rule = question.rule
    first = find_first_crossings(spells, rule)
    columns = (*CARRIED_COLUMNS, "sum_here", "sum_unknown", "since", "unseen")
    back = add_nights_until(spells, first.with_columns(moment="since"), columns).with_columns(
        moment=pl.col("begin") + rule.window_days,
        home=pl.col("sum_here") - pl.col("here_until"),
        unknown=pl.col("sum_unknown") - pl.col("unknown_until"),
    )
    return add_directions(add_nights_until(spells, back, [*columns, "home", "unknown"]), question)


def find_first_crossings(spells: pl.DataFrame, rule: ResidenceRule) -> pl.DataFrame:
    """Find the first crossing of each person and year with unknown nights.

    The window starts at birth at the earliest. Nights before observation are unknown unless registered.
    """
    rows = number_persons(spells).with_columns(
        year=pl.when(pl.col("origin") == CROSSING).then(compute_year("begin")),
        earliest=pl.when(compute_previous("begin").is_null()).then(pl.col("begin")),
        began=pl.when(compute_previous("begin").is_null()).then(pl.col("origin")),
    )
    rows = rows.with_columns(
        earliest=compute_last_seen("earliest"), began=compute_last_seen("began"), year_before=compute_previous("year")
    )
    repeated = (pl.col("year") == pl.col("year_before")).fill_null(value=False)
    since = pl.max_horizontal(pl.col("begin") - rule.window_days, pl.col("earliest"))
    watched = pl.col("began") == START
    return rows.filter((pl.col("origin") == CROSSING) & ~repeated).with_columns(
        since=since,
        unseen=pl.when(watched).then(since - pl.col("begin") + rule.window_days).otherwise(write_int_literal(0)),
    )


def add_directions(asked: pl.DataFrame, question: Question) -> pl.DataFrame:
    rule, observation = question.rule, question.observation
    passed = pl.min_horizontal(pl.col("moment"), pl.col("gone"), write_int_literal(observation.until))
    rows = asked.with_columns(
        here=pl.col("here_until") - pl.col("sum_here"),
        unknown_after=pl.col("unknown_until") - pl.col("sum_unknown"),
        elapsed=pl.max_horizontal(passed - pl.col("begin"), write_int_literal(0)),
        beyond=count_nights_beyond(observation),
        away_before=pl.col("begin") - pl.col("since") - pl.col("home") - pl.col("unknown"),
        unknown_before=pl.col("unknown") + pl.col("unseen"),
    ).with_columns(away=pl.col("elapsed") - pl.col("here") - pl.col("unknown_after"))
    nights = {"I": ("away_before", "here"), "E": ("home", "away")}
    sides = {}
    for letter, (before, after) in nights.items():
        sides[f"{letter}_before"] = decide_verdict(
            pl.col(before), pl.col("unknown_before"), write_int_literal(0), needed=rule.before_days or 0
        )
        sides[f"{letter}_after"] = decide_verdict(
            pl.col(after), pl.col("unknown_after"), pl.col("beyond"), needed=rule.threshold_days or 0
        )
    rows = rows.with_columns(**sides)
    rows = rows.with_columns(**{letter: combine_verdicts(f"{letter}_before", f"{letter}_after") for letter in nights})
    into, out = pl.col("I"), pl.col("E")
    led = pl.when(pl.col("after") == 1).then(pl.lit("I")).otherwise(pl.lit("E"))
    undecided = pl.when((into == MISSING) | (out == MISSING)).then(pl.lit(MISSING_RECORD))
    return rows.with_columns(
        direction=pl.when((into != NO) & (out == NO)).then(pl.lit("I"))
        .when((out != NO) & (into == NO)).then(pl.lit("E")).otherwise(led),
        outcome=pl.when(into == YES).then(pl.lit(IMMIGRANT)).when(out == YES).then(pl.lit(EMIGRANT))
        .when((into == NO) & (out == NO)).then(pl.lit(NO_MIGRATION))
        .otherwise(undecided.otherwise(pl.lit(OPEN_SPELL))),
        adjusts=write_int_literal(0), settled=write_int_literal(None), resided=write_int_literal(None),
        basis=pl.lit(ACTUAL),
        stays=compute_last_stay(observation),
    ).select(*JUDGED_COLUMNS)  # fmt: skip


def combine_verdicts(before: str, after: str) -> pl.Expr:
    sides = pl.col(before), pl.col(after)
    return (
        pl.when((sides[0] == NO) | (sides[1] == NO)).then(write_int_literal(NO))
        .when((sides[0] == YES) & (sides[1] == YES)).then(write_int_literal(YES))
        .when((sides[0] == MISSING) | (sides[1] == MISSING)).then(write_int_literal(MISSING))
        .otherwise(write_int_literal(OPEN))
    )  # fmt: skip
