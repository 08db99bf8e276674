"""Residence rules that look forward from a crossing.

A crossing settles a person who stays the required nights of the window; it is undecided while unknown or future nights
matter. A settlement on the other side is migration. Same states as the published code of Stats NZ's 12/16 rule
(StatisticsNZ/migrbc: 365 of 487 days).
"""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.days import Observation, compute_year
from sdmxmig.records.questions import ACTUAL, GRANTED, INTENDED, MIXED, Question
from sdmxmig.records.residence_rules import EMIGRANT, IMMIGRANT, MISSING_RECORD, NO_MIGRATION, OPEN_SPELL, ResidenceRule
from sdmxmig.records.rows import (
    Order,
    Rows,
    decode_columns,
    int_literal,
    is_in_memory,
    last_seen,
    number_persons,
    previous,
    running_maximum,
    running_sum,
    wrap_frame,
)
from sdmxmig.records.spells import BIRTH, CROSSING, DETAILS, START

SPELLS_BY = ("begin", "origin")
DAYS_APART = 1 << 22
"""More days than lie between any two records."""
FIELDS = ("spell_begin", "spell_end", "spell_here", "spell_sum_here", "spell_sum_unknown")
OUTCOMES = (NO_MIGRATION, IMMIGRANT, EMIGRANT, OPEN_SPELL, MISSING_RECORD)
DIRECTIONS = ("E", "I")


def cumulate_nights(spells: Rows) -> Rows:
    """Cumulate nights `sum_here` and `sum_unknown`; only differences within persons are meaningful."""
    order = Order(SPELLS_BY, is_in_memory(spells))
    nights = nw.col("end") - nw.col("begin")
    return spells.with_columns(
        nights_here=nw.when(nw.col("here") == 1).then(nights).otherwise(int_literal(0)),
        nights_unknown=nw.when(nw.col("here").is_null()).then(nights).otherwise(int_literal(0)),
    ).with_columns(
        sum_here=running_sum("nights_here", order) - nw.col("nights_here"),
        sum_unknown=running_sum("nights_unknown", order) - nw.col("nights_unknown"),
    )


def add_nights_until(spells: Rows, moments: Rows, columns: Sequence[str]) -> Rows:
    """Add `here_until` and `unknown_until` to moments, and keep `columns`.

    SQL orders spells and moments together, which avoids interval joins.
    """
    states = spells.select(
        "person",
        spell_begin="begin",
        spell_end="end",
        spell_here=nw.col("here").fill_null(-1),
        spell_sum_here="sum_here",
        spell_sum_unknown="sum_unknown",
    )
    if is_in_memory(spells):
        return look_up_nights(states, moments, columns)
    states = states.with_columns(moment="spell_begin", asked=int_literal(0))
    questions = moments.select("person", "moment", int_literal(1).alias("asked"), *columns)
    rows = nw.concat([states, questions], how="diagonal")
    order = Order(("moment", "asked", "spell_begin", "spell_end"))
    seen = rows.with_columns(**{name: last_seen(name, order) for name in FIELDS})
    return count_nights_until(seen.filter(nw.col("asked") == 1), columns)


def look_up_nights(states: Rows, moments: Rows, columns: Sequence[str]) -> Rows:
    """Add the same columns to sorted rows in memory, in one pass through spells and moments."""
    known, asked = states.to_native(), moments.to_native()
    places = compute_place(asked["person"], asked["moment"])
    order = None if places.is_sorted() else places.arg_sort()
    sought = pl.DataFrame({"place": places if order is None else places.gather(order)})
    starts = pl.DataFrame({"place": compute_place(known["person"], known["spell_begin"])}).with_row_index("position")
    position = sought.join_asof(starts, on="place")["position"]
    if order is not None:
        position = position.gather(order.arg_sort())
    seen = pl.concat([asked.select("person", "moment", *columns), known.select(FIELDS)[position]], how="horizontal")
    return count_nights_until(wrap_frame(seen), columns)


def compute_place(person: pl.Series, day: pl.Series) -> pl.Series:
    return person * DAYS_APART + day + DAYS_APART // 2


def count_nights_until(seen: Rows, columns: Sequence[str]) -> Rows:
    nights = nw.min_horizontal("moment", "spell_end") - nw.col("spell_begin")
    return seen.select(
        "person",
        "moment",
        *columns,
        here_until=nw.col("spell_sum_here") + nw.when(nw.col("spell_here") == 1).then(nights).otherwise(int_literal(0)),
        unknown_until=nw.col("spell_sum_unknown")
        + nw.when(nw.col("spell_here") == -1).then(nights).otherwise(int_literal(0)),
    )


NO, OPEN, YES, MISSING = 0, 1, 2, 3
SHIFT = 1_000_000
"""Makes numbers of days positive."""
JUDGED = (
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
    *DETAILS,
)
"""The columns of outcomes."""
CARRIED = ("begin", "end", "after", "origin", "gone", "forced", *DETAILS)
HIDDEN = ("hidden_in", "hidden_out")


def determine_outcomes(spells: Rows, question: Question) -> Rows:
    """Return the outcome of every crossing under a forward rule.

    Columns: `person`, `begin`, `direction`, `outcome`, `basis`, `adjusts` (1 or -1), `settled`, `elapsed` (days),
    `stays`, `resided`, and details.
    """
    counted = cumulate_nights(spells)
    if question.rule.before_days is not None:
        return two_sided(counted, question)
    return sequence_outcomes(verdicts(counted, question))


def verdicts(spells: Rows, question: Question) -> Rows:
    """Decide whether each crossing settles, by nights in its window, intention or permission."""
    rule, observation, basis = question.rule, question.observation, question.basis
    by_words = basis in {INTENDED, GRANTED} and not rule.by_permits
    unseen = (
        nw.when(nw.col("here").is_null() & (nw.col("origin") == CROSSING))
        .then(int_literal(1))
        .otherwise(int_literal(0))
    )
    moments = spells.with_columns(moment=nw.col("begin") + rule.window_days, unseen=unseen)
    columns = (*CARRIED, "sum_here", "sum_unknown", *(["unseen"] if by_words else []))
    asked = add_nights_until(spells, moments, columns)
    here = nw.col("here_until") - nw.col("sum_here")
    unknown = nw.col("unknown_until") - nw.col("sum_unknown")
    passed = nw.min_horizontal(nw.col("moment"), nw.col("gone"), int_literal(observation.until))
    counted = asked.with_columns(
        here=here,
        unknown=unknown,
        elapsed=nw.max_horizontal(passed - nw.col("begin"), int_literal(0)),
        beyond=count_nights_beyond(observation),
    ).with_columns(
        mine=nw.when(nw.col("after") == 1)
        .then(nw.col("here"))
        .otherwise(nw.col("elapsed") - nw.col("here") - nw.col("unknown"))
    )
    observed = decide_verdict(nw.col("mine"), nw.col("unknown"), nw.col("beyond"), needed=rule.threshold_days or 0)
    judged = counted.with_columns(
        observed=nw.when(nw.col("after").is_null()).then(int_literal(MISSING)).otherwise(observed), basis=nw.lit(ACTUAL)
    )
    columns = ("person", *CARRIED, "elapsed", "verdict", "basis", *(HIDDEN if by_words else ()))
    return decide_by_statement(judged, rule, basis).select(*columns, stays=stays_on(observation))


def stays_on(observation: Observation) -> nw.Expr:
    return nw.when(nw.col("end") >= observation.until).then(int_literal(1)).otherwise(int_literal(0))


def count_nights_beyond(observation: Observation) -> nw.Expr:
    later = nw.max_horizontal(nw.col("moment") - observation.until, int_literal(0))
    return nw.when(nw.col("gone") > observation.until).then(later).otherwise(int_literal(0))


def decide_verdict(mine: nw.Expr, unknown: nw.Expr, beyond: nw.Expr, *, needed: int) -> nw.Expr:
    return (
        nw.when(mine >= needed).then(int_literal(YES))
        .when(mine + unknown + beyond < needed).then(int_literal(NO))
        .when(unknown > 0).then(int_literal(MISSING))
        .otherwise(int_literal(OPEN))
    )  # fmt: skip


def decide_by_statement(judged: Rows, rule: ResidenceRule, basis: str) -> Rows:
    """Decide by intention or permission depending on the basis.

    Permits are minimum durations.
    """
    if rule.by_permits:
        allowed = (nw.col("granted_days") >= rule.threshold_days).fill_null(value=False)
        verdict_so = nw.when(allowed).then(int_literal(YES)).otherwise(nw.col("observed"))
        return judged.with_columns(verdict=verdict_so, basis=nw.lit(GRANTED))
    if basis == ACTUAL:
        return judged.with_columns(verdict=nw.col("observed"))
    days = nw.col("granted_days" if basis == GRANTED else "intended_days")
    allowed = days.is_null() & (nw.col("after") == 1)
    if basis == MIXED:  # absences have no permission
        days = nw.when(allowed).then(nw.col("granted_days")).otherwise(days)
    meant = nw.when(days >= rule.threshold_days).then(int_literal(YES)).otherwise(int_literal(NO))
    crossing = nw.col("origin") == CROSSING
    if basis == MIXED:
        asked = crossing & (nw.col("observed") == OPEN) & ~days.is_null()
        return judged.with_columns(
            verdict=nw.when(asked).then(meant).otherwise(nw.col("observed")),
            basis=nw.when(asked & allowed).then(nw.lit(GRANTED)).when(asked).then(nw.lit(INTENDED))
            .otherwise(nw.col("basis")),
        )  # fmt: skip
    asked = crossing & (nw.col("after") == 1) if basis == GRANTED else crossing
    undetermined = nw.when(days.is_null()).then(int_literal(MISSING)).otherwise(meant)
    return judged.with_columns(
        verdict=nw.when(asked).then(undetermined).otherwise(nw.col("observed")),
        basis=nw.when(asked).then(nw.lit(basis)).otherwise(nw.col("basis")),
        **flag_hidden_moves(rule, basis),
    )


def flag_hidden_moves(rule: ResidenceRule, basis: str) -> dict[str, nw.Expr]:
    """Flag hidden moves before the next crossing.

    Absences follow from possible nights only.
    """
    unseen, out = nw.col("unseen") == 1, nw.col("after") == 1
    enough = nw.col("elapsed") - nw.col("here") + nw.col("beyond") >= rule.threshold_days
    left = unseen & out & enough if basis == GRANTED else unseen & out
    return {
        name: nw.when(condition).then(int_literal(1)).otherwise(int_literal(0))
        for name, condition in zip(HIDDEN, (unseen & ~out, left), strict=True)
    }


def sequence_outcomes(judged: Rows) -> Rows:
    """Return outcomes in sequence: a settling crossing is a migration if the last one led to the other side."""
    order = Order(SPELLS_BY, is_in_memory(judged))
    rows = number_persons(judged)
    place = ((nw.col("begin") + SHIFT) * 4 + nw.col("origin")) * 2
    born = (nw.col("origin") == BIRTH) & ~nw.col("forced").is_null() & (nw.col("verdict") != YES)
    leads = nw.when(born).then(nw.col("forced")).when(nw.col("verdict") == YES).then(nw.col("after"))
    doubtful = ((nw.col("verdict") == OPEN) | (nw.col("verdict") == MISSING)) & ~born
    doubts_in = nw.when(doubtful & (nw.col("after") == 1)).then(place)
    doubts_out = nw.when(doubtful & (nw.col("after") == 0)).then(place)
    if HIDDEN[0] in rows.collect_schema().names():  # hidden nights are after the crossing and before the next one
        doubts_in = doubts_in.when(nw.col(HIDDEN[0]) == 1).then(place + 2)
        doubts_out = doubts_out.when(nw.col(HIDDEN[1]) == 1).then(place + 2)
    rows = rows.with_columns(settled=leads).with_columns(
        settling=place + nw.col("settled"), doubt_in=doubts_in, doubt_out=doubts_out
    )
    names = ("settling", "doubt_in", "doubt_out")
    rows = rows.with_columns(**{name: running_maximum(name, order) for name in names})
    rows = rows.with_columns(**{f"last_{name}": previous(name, order) for name in names})
    since_in = later("last_doubt_in", "last_settling")
    since_out = later("last_doubt_out", "last_settling")
    inward = nw.col("after") == 1
    rows = rows.with_columns(
        state=nw.col("last_settling") % 2,
        same=nw.when(inward).then(since_in).otherwise(since_out),
        other=nw.when(inward).then(since_out).otherwise(since_in),
        doubtful_out=since_out,
        doubtful_in=since_in,
    )
    rows = rows.with_columns(
        outcome=nw.when(nw.col("origin") == CROSSING).then(outcome()),
        adjusts=adjustment(),
        direction=direction(),
        resided=nw.when((nw.col("state") == 1) & ~nw.col("doubtful_out")).then(int_literal(1))
        .when((nw.col("state") == 0) & ~nw.col("doubtful_in")).then(int_literal(0)),
    ).select(*JUDGED)  # fmt: skip
    return decode_columns(rows, {"outcome": OUTCOMES, "direction": DIRECTIONS})


def later(doubt: str, settling: str) -> nw.Expr:
    return (nw.col(doubt) > nw.col(settling).fill_null(-1)).fill_null(value=False)


def direction() -> nw.Expr:
    return nw.when(nw.col("after") == 1).then(int_literal(1)).otherwise(int_literal(0))


def outcome() -> nw.Expr:
    resident_so = (nw.col("state") == nw.col("after")).fill_null(value=False)
    unknown = nw.col("state").is_null()
    return (
        nw.when((nw.col("verdict") == NO) | (resident_so & ~nw.col("other"))).then(int_literal(0))
        .when((nw.col("verdict") == YES) & ~unknown & ~resident_so & ~nw.col("same")).then(2 - nw.col("after"))
        .when(nw.col("verdict") == OPEN).then(int_literal(3))
        .otherwise(int_literal(4))
    )  # fmt: skip


def adjustment() -> nw.Expr:
    unsure = nw.col("state").is_null() | ((nw.col("state") != nw.col("after")) & nw.col("same"))
    crossing = (nw.col("origin") == CROSSING) & (nw.col("verdict") == YES) & unsure
    leaves_nothing = nw.col("state").is_null() & (nw.col("after") == 0)
    return nw.when(crossing & ~leaves_nothing).then(nw.col("after") * 2 - 1).otherwise(int_literal(0))


def two_sided(spells: Rows, question: Question) -> Rows:
    """Judge the first crossing of each year by nights on both sides.

    Literal rule: a long enough stay at home before and away after means departure, and vice versa.
    """
    rule = question.rule
    first = first_crossings(spells, rule)
    columns = (*CARRIED, "sum_here", "sum_unknown", "since", "unseen")
    back = add_nights_until(spells, first.with_columns(moment="since"), columns).with_columns(
        moment=nw.col("begin") + rule.window_days,
        home=nw.col("sum_here") - nw.col("here_until"),
        unknown=nw.col("sum_unknown") - nw.col("unknown_until"),
    )
    return add_directions(add_nights_until(spells, back, [*columns, "home", "unknown"]), question)


def first_crossings(spells: Rows, rule: ResidenceRule) -> Rows:
    """Find the first crossing of each person and year with unknown nights.

    The window starts at birth at the earliest. Nights before observation are unknown unless registered.
    """
    order = Order(SPELLS_BY, is_in_memory(spells))
    rows = number_persons(spells).with_columns(
        year=nw.when(nw.col("origin") == CROSSING).then(compute_year("begin")),
        earliest=nw.when(previous("begin", order).is_null()).then(nw.col("begin")),
        began=nw.when(previous("begin", order).is_null()).then(nw.col("origin")),
    )
    rows = rows.with_columns(
        earliest=last_seen("earliest", order), began=last_seen("began", order), year_before=previous("year", order)
    )
    repeated = (nw.col("year") == nw.col("year_before")).fill_null(value=False)
    since = nw.max_horizontal(nw.col("begin") - rule.window_days, nw.col("earliest"))
    watched = nw.col("began") == START
    return rows.filter((nw.col("origin") == CROSSING) & ~repeated).with_columns(
        since=since, unseen=nw.when(watched).then(since - nw.col("begin") + rule.window_days).otherwise(int_literal(0))
    )


def add_directions(asked: Rows, question: Question) -> Rows:
    """Determine the direction that nights on both sides of a crossing support."""
    rule, observation = question.rule, question.observation
    passed = nw.min_horizontal(nw.col("moment"), nw.col("gone"), int_literal(observation.until))
    rows = asked.with_columns(
        here=nw.col("here_until") - nw.col("sum_here"),
        unknown_after=nw.col("unknown_until") - nw.col("sum_unknown"),
        elapsed=nw.max_horizontal(passed - nw.col("begin"), int_literal(0)),
        beyond=count_nights_beyond(observation),
        away_before=nw.col("begin") - nw.col("since") - nw.col("home") - nw.col("unknown"),
        unknown_before=nw.col("unknown") + nw.col("unseen"),
    ).with_columns(away=nw.col("elapsed") - nw.col("here") - nw.col("unknown_after"))
    nights = {"I": ("away_before", "here"), "E": ("home", "away")}
    sides = {}
    for letter, (before, after) in nights.items():
        sides[f"{letter}_before"] = decide_verdict(
            nw.col(before), nw.col("unknown_before"), int_literal(0), needed=rule.before_days or 0
        )
        sides[f"{letter}_after"] = decide_verdict(
            nw.col(after), nw.col("unknown_after"), nw.col("beyond"), needed=rule.threshold_days or 0
        )
    rows = rows.with_columns(**sides)
    rows = rows.with_columns(**{letter: combine_verdicts(f"{letter}_before", f"{letter}_after") for letter in nights})
    into, out = nw.col("I"), nw.col("E")
    led = nw.when(nw.col("after") == 1).then(nw.lit("I")).otherwise(nw.lit("E"))
    undecided = nw.when((into == MISSING) | (out == MISSING)).then(nw.lit(MISSING_RECORD))
    return rows.with_columns(
        direction=nw.when((into != NO) & (out == NO)).then(nw.lit("I"))
        .when((out != NO) & (into == NO)).then(nw.lit("E")).otherwise(led),
        outcome=nw.when(into == YES).then(nw.lit(IMMIGRANT)).when(out == YES).then(nw.lit(EMIGRANT))
        .when((into == NO) & (out == NO)).then(nw.lit(NO_MIGRATION))
        .otherwise(undecided.otherwise(nw.lit(OPEN_SPELL))),
        adjusts=int_literal(0), settled=int_literal(None), resided=int_literal(None), basis=nw.lit(ACTUAL),
        stays=stays_on(observation),
    ).select(*JUDGED)  # fmt: skip


def combine_verdicts(before: str, after: str) -> nw.Expr:
    sides = nw.col(before), nw.col(after)
    return (
        nw.when((sides[0] == NO) | (sides[1] == NO)).then(int_literal(NO))
        .when((sides[0] == YES) & (sides[1] == YES)).then(int_literal(YES))
        .when((sides[0] == MISSING) | (sides[1] == MISSING)).then(int_literal(MISSING))
        .otherwise(int_literal(OPEN))
    )  # fmt: skip
