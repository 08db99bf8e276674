"""Spells from traces such as mobile phone data.

Missing and contradictory nights are unknown. A crossing in a gap is dated by the next known night.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.crossing_rules import (
    MISSING,
    NO,
    OPEN,
    SPELL_ORDER,
    YES,
    cumulate_nights,
    decide_verdicts,
    judge_by_both_sides,
    select_sequence_outcomes,
)
from sdmxmig.records.files import MOVEMENTS
from sdmxmig.records.reference_rules import STATUS_COLUMNS, determine_statuses
from sdmxmig.records.residence_rules import MISSING_RECORD, Question
from sdmxmig.records.rows import (
    UNKNOWN,
    Observation,
    add_months,
    arrange,
    compute_following,
    compute_last_seen,
    compute_previous,
    compute_year,
    flag,
    write_int_literal,
)
from sdmxmig.records.spells import BIRTH, CROSSING, PRIOR, SPELL_COLUMNS, START, build_empty_details, build_starts

PLAIN, SEEN, GAP, HIDDEN, CROSSED = 0, 1, 2, 3, 4
"""Kinds of spells: plain; first after a gap; gap that may hide a crossing; gap with one.

First after that.
"""
COLUMNS = ("person", "day", "origin", "located", "gone", "forced", "in_here", "elsewhere")


def build_trace_spells(
    nights: pl.DataFrame, persons: pl.DataFrame | None, observation: Observation, *, bridged: int = 0
) -> pl.DataFrame:
    """Return spells of traces; gaps of up to `bridged` nights are filled.

    At other gaps, `after` is the side of a possible crossing.
    """
    rows = pl.concat([find_edges(nights, observation), select_beginnings(nights, persons, observation)])
    days = rows.group_by("person", "day").agg(
        pl.col("origin").min(),
        *[pl.col(name).max() for name in ("located", "gone", "forced")],
        *[pl.col(name).sum() for name in ("in_here", "elsewhere")],
    )
    placed = arrange(days, ("day",))
    started = pl.when((pl.col("origin") == START) | (pl.col("origin") == BIRTH)).then(write_int_literal(1))
    placed = placed.with_columns(
        in_here=pl.col("in_here").cum_sum(), elsewhere=pl.col("elsewhere").cum_sum(), started=started
    ).with_columns(started=compute_last_seen("started"), gone=compute_last_seen("gone"))
    here = (
        pl.when(pl.col("origin") == PRIOR).then(pl.col("located"))
        .when((pl.col("in_here") > 0) & (pl.col("elsewhere") == 0)).then(write_int_literal(1))
        .when((pl.col("elsewhere") > 0) & (pl.col("in_here") == 0)).then(write_int_literal(0))
    )  # fmt: skip
    # This cannot be earlier: a person's sums become zero only at the last edge.
    within = (pl.col("origin") == PRIOR) | (pl.col("started").is_not_null() & (pl.col("day") < observation.until))
    known = placed.with_columns(here=here).filter(within)
    spans = join_stays(known, observation)
    if bridged:
        short = (pl.col("end") - pl.col("day") <= bridged) & (pl.col("origin") == CROSSING)
        both = (compute_previous("here") == compute_following("here")).fill_null(value=False)
        filled = pl.when(pl.col("here").is_null() & short & both).then(compute_previous("here"))
        spans = spans.with_columns(here=filled.otherwise(pl.col("here")))
        spans = join_stays(spans.drop("end"), observation)
    return mark_spells(spans)


def find_edges(nights: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    runs = (
        nights.with_columns(end=pl.col("date") + pl.col("nights").fill_null(1))
        .with_columns(
            begin=pl.max_horizontal("date", write_int_literal(observation.first)),
            end=pl.min_horizontal("end", write_int_literal(observation.until)),
            inside=flag(pl.col("country") == observation.area),
        )
        .filter((pl.col("end") > pl.col("begin")) & (pl.col("country") != UNKNOWN))
    )
    nothing = {name: write_int_literal(None) for name in ("located", "gone", "forced")}
    sides = [
        runs.with_columns(
            day=pl.col(name),
            origin=write_int_literal(CROSSING),
            in_here=pl.col("inside") * sign,
            elsewhere=(1 - pl.col("inside")) * sign,
            **nothing,
        ).select(*COLUMNS)
        for name, sign in (("begin", 1), ("end", -1))
    ]
    return pl.concat(sides)


def select_beginnings(nights: pl.DataFrame, persons: pl.DataFrame | None, observation: Observation) -> pl.DataFrame:
    starts = build_starts(nights, persons, observation)
    return starts.with_columns(in_here=write_int_literal(0), elsewhere=write_int_literal(0)).select(*COLUMNS)


def join_stays(rows: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    before = compute_previous("here")
    same = (before == pl.col("here")).fill_null(value=False) | (before.is_null() & pl.col("here").is_null())
    changes = rows.filter((pl.col("origin") != CROSSING) | ~same)
    until = pl.min_horizontal(compute_following("day").fill_null(observation.until), pl.col("gone"))
    return changes.with_columns(end=until).filter(pl.col("end") >= pl.col("day"))


def mark_spells(spans: pl.DataFrame) -> pl.DataFrame:
    """Return spells with their kind and the direction of a crossing at their start or hidden in them."""
    born = (pl.col("origin") == BIRTH) & pl.col("here").is_null()
    rows = spans.with_columns(
        before=pl.when(born).then(pl.col("located")).otherwise(compute_previous("here")), next=compute_following("here")
    )
    rows = rows.with_columns(came_from=compute_previous("before"), gap=compute_previous("here").is_null())
    unknown = pl.col("here").is_null() & pl.col("before").is_not_null()
    moved = (pl.col("next") != pl.col("before")).fill_null(value=False)
    again = pl.col("here").is_not_null() & (pl.col("origin") == CROSSING) & pl.col("gap")
    mark = (
        pl.when(unknown & moved).then(write_int_literal(HIDDEN))
        .when(unknown).then(write_int_literal(GAP))
        .when(again & (pl.col("came_from") != pl.col("here")).fill_null(value=False)).then(write_int_literal(CROSSED))
        .when(again).then(write_int_literal(SEEN))
        .otherwise(write_int_literal(PLAIN))
    )  # fmt: skip
    rows = rows.with_columns(mark=mark)
    of_gap = pl.when(pl.col("mark") == HIDDEN).then(pl.col("next"))
    after = of_gap.when(pl.col("mark") == GAP).then(1 - pl.col("before")).otherwise(pl.col("here"))
    crossing = (pl.col("mark") == CROSSED) | (pl.col("mark") == PLAIN)
    return rows.with_columns(
        begin=pl.col("day"),
        after=after,
        origin=pl.when((pl.col("origin") == CROSSING) & ~crossing)
        .then(write_int_literal(START))
        .otherwise(pl.col("origin")),
        **build_empty_details(),
    ).select(*SPELL_COLUMNS, "mark")


def determine_trace_outcomes(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Return outcomes of traces under a forward rule, like `determine_outcomes`."""
    if question.rule.before_days is not None:
        return judge_gaps_both_ways(spells, question)
    judged = decide_verdicts(cumulate_nights(spells), question)
    marks = spells.select("person", "begin", "mark")
    rows = arrange(judged.join(marks, on=["person", "begin"], how="left"), SPELL_ORDER)
    may_settle = pl.when(pl.col("verdict") != NO).then(write_int_literal(MISSING)).otherwise(write_int_literal(NO))
    rows = rows.with_columns(
        verdict=pl.when((pl.col("mark") == GAP) | (pl.col("mark") == HIDDEN))
        .then(may_settle)
        .otherwise(pl.col("verdict"))
    )
    in_gap = (pl.col("mark") == CROSSED) & (pl.col("verdict") == NO) & (compute_previous("verdict") == MISSING)
    rows = rows.with_columns(verdict=pl.when(in_gap).then(write_int_literal(MISSING)).otherwise(pl.col("verdict")))
    rows = rows.with_columns(
        verdict=pl.when(pl.col("mark") == HIDDEN).then(write_int_literal(NO)).otherwise(pl.col("verdict")),
        # A person seen again may have settled by an unobserved crossing.
        origin=pl.when(pl.col("mark") == SEEN).then(write_int_literal(CROSSING)).otherwise(pl.col("origin")),
    )
    outcomes = select_sequence_outcomes(rows).join(marks, on=["person", "begin"], how="left")
    silent = (pl.col("mark") == SEEN) & (pl.col("adjusts") == 0)
    return arrange(outcomes, SPELL_ORDER).with_columns(
        outcome=pl.when(~silent).then(pl.col("outcome")),
        origin=pl.when(silent).then(write_int_literal(START)).otherwise(pl.col("origin")),
    )


def judge_gaps_both_ways(spells: pl.DataFrame, question: Question) -> pl.DataFrame:
    counted = cumulate_nights(spells)
    outcomes = judge_by_both_sides(counted, question)
    doubtful = pl.when(pl.col("mark") == GAP).then(write_int_literal(CROSSING)).otherwise(pl.col("origin"))
    others = judge_by_both_sides(counted.with_columns(origin=doubtful), question)
    earlier = others.with_columns(year=compute_year("begin")).select("person", "year", other="outcome")
    rows = outcomes.with_columns(year=compute_year("begin")).join(earlier, on=["person", "year"], how="left")
    same = pl.col("other") == pl.col("outcome")
    return rows.with_columns(outcome=pl.when(same).then(pl.col("outcome")).otherwise(pl.lit(MISSING_RECORD)))


def determine_trace_statuses(spells: pl.DataFrame, days: Sequence[int], question: Question) -> pl.DataFrame:
    """Return residence of traces on reference days; unknown if the result depends on gaps."""
    nights, rule = pl.col("end") - pl.col("begin"), question.rule
    short = nights <= rule.absence_days
    if rule.absence_months:
        short |= pl.col("end") < add_months(pl.col("begin"), rule.absence_months)
    short &= pl.col("here") == 0
    followed = compute_following("here").is_null() & ~compute_following("begin").is_null()
    beside = compute_previous("here").is_null() | followed
    spells = spells.with_columns(hides=pl.when(short & beside & (pl.col("origin") != PRIOR)).then(write_int_literal(1)))
    within = (pl.col("mark") == GAP) & ~compute_following("here").is_null() & (pl.col("origin") == START)
    filled = spells.with_columns(here=pl.when(within).then(1 - pl.col("after")).otherwise(pl.col("here")))
    strict_spells, filled = (
        frame.with_columns(here=pl.when(pl.col("hides").is_null()).then(pl.col("here"))) for frame in (spells, filled)
    )
    strict = determine_statuses(strict_spells, days, question)
    bridged = determine_statuses(filled, days, question)
    both = bridged.join(strict.select("person", "at", other="status"), on=["person", "at"], how="left")
    decided = (pl.col("status") == YES) | (pl.col("status") == NO)
    other_decided = (pl.col("other") == YES) | (pl.col("other") == NO)
    unknown = (pl.col("status") == MISSING) | (pl.col("other") == MISSING) | (decided & other_decided)
    differs = pl.when(unknown).then(write_int_literal(MISSING)).otherwise(write_int_literal(OPEN))
    return both.with_columns(
        status=pl.when(pl.col("status") == pl.col("other")).then(pl.col("status")).otherwise(differs)
    ).select(*STATUS_COLUMNS)


def select_persons_lost_at_end(spells: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    last = pl.col("here").is_null() & (pl.col("end") >= observation.until) & (pl.col("end") > pl.col("begin"))
    return spells.filter(last).select("person").unique()


def replace_documents_by_persons(movements: Path, documents: Path) -> Path:
    """Replace documents by persons; unknown and shared documents stay unchanged."""
    target = movements.with_name("movements_of_persons.parquet")
    holders = pl.scan_parquet(documents).select("document", holder="person").unique("document", keep="none")
    scan = pl.scan_parquet(movements)
    joined = scan.join(holders, left_on="person", right_on="document", how="left", maintain_order="left")
    named = joined.with_columns(person=pl.coalesce("holder", "person"))
    named.select(column.name for column in MOVEMENTS.columns).sink_parquet(target)
    return target
