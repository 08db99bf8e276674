"""Spells from traces such as mobile phone data.

Missing and contradictory nights are unknown. A crossing in a gap is dated by the next known night.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.crossing_rules import (
    MISSING,
    NO,
    OPEN,
    SPELLS_BY,
    YES,
    cumulate_nights,
    sequence_outcomes,
    two_sided,
    verdicts,
)
from sdmxmig.records.days import Observation, compute_year
from sdmxmig.records.engines import Engine
from sdmxmig.records.people import UNKNOWN
from sdmxmig.records.questions import Question
from sdmxmig.records.record_tables import MOVEMENTS
from sdmxmig.records.reference_rules import STATUS, determine_statuses, nights_of_months
from sdmxmig.records.residence_rules import MISSING_RECORD
from sdmxmig.records.rows import (
    Order,
    Rows,
    arrange,
    following,
    int_literal,
    is_in_memory,
    last_seen,
    previous,
    running_sum,
)
from sdmxmig.records.spells import BIRTH, CROSSING, PRIOR, SPELLS, START, build_empty_details, build_starts

PLAIN, SEEN, GAP, HIDDEN, CROSSED = 0, 1, 2, 3, 4
"""Kinds of spells: plain; first after a gap; gap that may hide a crossing; gap with one.

First after that.
"""
COLUMNS = ("person", "day", "origin", "located", "gone", "forced", "in_here", "elsewhere")


def spells_of_nights(nights: Rows, persons: Rows | None, observation: Observation, *, bridged: int = 0) -> Rows:
    """Return spells of traces with `mark`; `bridged` gaps count as presence.

    `after` at a gap is the side of a possible crossing.
    """
    order = Order(("day",), is_in_memory(nights))
    rows = nw.concat([find_edges(nights, observation), beginnings(nights, persons, observation)], how="vertical")
    days = rows.group_by("person", "day").agg(
        nw.col("origin").min(),
        *[nw.col(name).max() for name in ("located", "gone", "forced")],
        *[nw.col(name).sum().cast(nw.Int64) for name in ("in_here", "elsewhere")],
    )
    placed = arrange(days, order)
    started = nw.when((nw.col("origin") == START) | (nw.col("origin") == BIRTH)).then(int_literal(1))
    placed = placed.with_columns(
        in_here=running_sum("in_here", order), elsewhere=running_sum("elsewhere", order), started=started
    ).with_columns(started=last_seen("started", order), gone=last_seen("gone", order))
    here = (
        nw.when(nw.col("origin") == PRIOR).then(nw.col("located"))
        .when((nw.col("in_here") > 0) & (nw.col("elsewhere") == 0)).then(int_literal(1))
        .when((nw.col("elsewhere") > 0) & (nw.col("in_here") == 0)).then(int_literal(0))
    )  # fmt: skip
    # Not earlier: a person's sums become zero only at the last edge.
    within = (nw.col("origin") == PRIOR) | (~nw.col("started").is_null() & (nw.col("day") < observation.until))
    known = placed.with_columns(here=here).filter(within)
    spans = join_stays(known, observation, order)
    if bridged:
        short = (nw.col("end") - nw.col("day") <= bridged) & (nw.col("origin") == CROSSING)
        both = (previous("here", order) == following("here", order)).fill_null(value=False)
        filled = nw.when(nw.col("here").is_null() & short & both).then(previous("here", order))
        spans = spans.with_columns(here=filled.otherwise(nw.col("here")))
        spans = join_stays(spans.drop("end"), observation, order)
    return mark_spells(spans, order)


def find_edges(nights: Rows, observation: Observation) -> Rows:
    """Return the days on which runs of nights begin and end, here or elsewhere."""
    runs = (
        nights.with_columns(end=nw.col("date") + nw.col("nights").fill_null(1))
        .with_columns(
            begin=nw.max_horizontal("date", int_literal(observation.first)),
            end=nw.min_horizontal("end", int_literal(observation.until)),
            inside=nw.when(nw.col("country") == observation.area).then(int_literal(1)).otherwise(int_literal(0)),
        )
        .filter((nw.col("end") > nw.col("begin")) & (nw.col("country") != UNKNOWN))
    )
    nothing = {name: int_literal(None) for name in ("located", "gone", "forced")}
    sides = [
        runs.with_columns(
            day=nw.col(name),
            origin=int_literal(CROSSING),
            in_here=nw.col("inside") * sign,
            elsewhere=(1 - nw.col("inside")) * sign,
            **nothing,
        ).select(*COLUMNS)
        for name, sign in (("begin", 1), ("end", -1))
    ]
    return nw.concat(sides, how="vertical")


def beginnings(nights: Rows, persons: Rows | None, observation: Observation) -> Rows:
    starts = build_starts(nights, persons, observation)
    return starts.with_columns(in_here=int_literal(0), elsewhere=int_literal(0)).select(*COLUMNS)


def join_stays(rows: Rows, observation: Observation, order: Order) -> Rows:
    before = previous("here", order)
    same = (before == nw.col("here")).fill_null(value=False) | (before.is_null() & nw.col("here").is_null())
    changes = rows.filter((nw.col("origin") != CROSSING) | ~same)
    until = nw.min_horizontal(following("day", order).fill_null(observation.until), nw.col("gone"))
    return changes.with_columns(end=until).filter(nw.col("end") >= nw.col("day"))


def mark_spells(spans: Rows, order: Order) -> Rows:
    """Return spells with their kind, and the direction of a crossing at or hidden in them."""
    born = (nw.col("origin") == BIRTH) & nw.col("here").is_null()
    rows = spans.with_columns(
        before=nw.when(born).then(nw.col("located")).otherwise(previous("here", order)), next=following("here", order)
    )
    rows = rows.with_columns(came_from=previous("before", order), gap=previous("here", order).is_null())
    unknown = nw.col("here").is_null() & ~nw.col("before").is_null()
    moved = (nw.col("next") != nw.col("before")).fill_null(value=False)
    again = ~nw.col("here").is_null() & (nw.col("origin") == CROSSING) & nw.col("gap")
    mark = (
        nw.when(unknown & moved).then(int_literal(HIDDEN))
        .when(unknown).then(int_literal(GAP))
        .when(again & (nw.col("came_from") != nw.col("here")).fill_null(value=False)).then(int_literal(CROSSED))
        .when(again).then(int_literal(SEEN))
        .otherwise(int_literal(PLAIN))
    )  # fmt: skip
    rows = rows.with_columns(mark=mark)
    of_gap = nw.when(nw.col("mark") == HIDDEN).then(nw.col("next"))
    after = of_gap.when(nw.col("mark") == GAP).then(1 - nw.col("before")).otherwise(nw.col("here"))
    crossing = (nw.col("mark") == CROSSED) | (nw.col("mark") == PLAIN)
    return rows.with_columns(
        begin=nw.col("day"),
        after=after,
        origin=nw.when((nw.col("origin") == CROSSING) & ~crossing).then(int_literal(START)).otherwise(nw.col("origin")),
        **build_empty_details(),
    ).select(*SPELLS, "mark")


def outcomes_of_traces(spells: Rows, question: Question) -> Rows:
    """Return outcomes of traces under a forward rule, as `determine_outcomes`.

    Crossings in gaps may be undecided.
    """
    if question.rule.before_days is not None:
        return judge_both_sides(spells, question)
    order = Order(SPELLS_BY, is_in_memory(spells))
    judged = verdicts(cumulate_nights(spells), question)
    marks = spells.select("person", "begin", "mark")
    rows = arrange(judged.join(marks, on=["person", "begin"], how="left"), order)
    may_settle = nw.when(nw.col("verdict") != NO).then(int_literal(MISSING)).otherwise(int_literal(NO))
    rows = rows.with_columns(
        verdict=nw.when((nw.col("mark") == GAP) | (nw.col("mark") == HIDDEN))
        .then(may_settle)
        .otherwise(nw.col("verdict"))
    )
    in_gap = (nw.col("mark") == CROSSED) & (nw.col("verdict") == NO) & (previous("verdict", order) == MISSING)
    rows = rows.with_columns(verdict=nw.when(in_gap).then(int_literal(MISSING)).otherwise(nw.col("verdict")))
    rows = rows.with_columns(
        verdict=nw.when(nw.col("mark") == HIDDEN).then(int_literal(NO)).otherwise(nw.col("verdict")),
        # A person seen again may have settled by an unobserved crossing.
        origin=nw.when(nw.col("mark") == SEEN).then(int_literal(CROSSING)).otherwise(nw.col("origin")),
    )
    outcomes = sequence_outcomes(rows).join(marks, on=["person", "begin"], how="left")
    silent = (nw.col("mark") == SEEN) & (nw.col("adjusts") == 0)
    return arrange(outcomes, order).with_columns(
        outcome=nw.when(~silent).then(nw.col("outcome")),
        origin=nw.when(silent).then(int_literal(START)).otherwise(nw.col("origin")),
    )


def judge_both_sides(spells: Rows, question: Question) -> Rows:
    counted = cumulate_nights(spells)
    outcomes = two_sided(counted, question)
    doubtful = nw.when(nw.col("mark") == GAP).then(int_literal(CROSSING)).otherwise(nw.col("origin"))
    others = two_sided(counted.with_columns(origin=doubtful), question)
    earlier = others.with_columns(year=compute_year("begin")).select("person", "year", other="outcome")
    rows = outcomes.with_columns(year=compute_year("begin")).join(earlier, on=["person", "year"], how="left")
    same = nw.col("other") == nw.col("outcome")
    return rows.with_columns(outcome=nw.when(same).then(nw.col("outcome")).otherwise(nw.lit(MISSING_RECORD)))


def statuses_of_traces(engine: Engine, spells: Rows, days: Sequence[int], question: Question) -> Rows:
    """Return residence of traces on reference days.

    Unknown if the result depends on gaps.
    """
    order = Order(SPELLS_BY, is_in_memory(spells))
    nights, rule = nw.col("end") - nw.col("begin"), question.rule
    short = nights <= rule.absence_days
    if rule.absence_months:
        short |= nights < nights_of_months("begin", rule.absence_months, question.observation)
    short &= nw.col("here") == 0
    followed = following("here", order).is_null() & ~following("begin", order).is_null()
    beside = previous("here", order).is_null() | followed
    spells = spells.with_columns(hides=nw.when(short & beside & (nw.col("origin") != PRIOR)).then(int_literal(1)))
    within = (nw.col("mark") == GAP) & ~following("here", order).is_null() & (nw.col("origin") == START)
    filled = spells.with_columns(here=nw.when(within).then(1 - nw.col("after")).otherwise(nw.col("here")))
    strict_spells, filled = (
        frame.with_columns(here=nw.when(nw.col("hides").is_null()).then(nw.col("here"))) for frame in (spells, filled)
    )
    strict = determine_statuses(engine, strict_spells, days, question)
    bridged = determine_statuses(engine, filled, days, question)
    both = bridged.join(strict.select("person", "at", other="status"), on=["person", "at"], how="left")
    decided = (nw.col("status") == YES) | (nw.col("status") == NO)
    other_decided = (nw.col("other") == YES) | (nw.col("other") == NO)
    unknown = (nw.col("status") == MISSING) | (nw.col("other") == MISSING) | (decided & other_decided)
    differs = nw.when(unknown).then(int_literal(MISSING)).otherwise(int_literal(OPEN))
    return both.with_columns(
        status=nw.when(nw.col("status") == nw.col("other")).then(nw.col("status")).otherwise(differs)
    ).select(*STATUS)


def unseen_at_the_end(spells: Rows, observation: Observation) -> Rows:
    last = nw.col("here").is_null() & (nw.col("end") >= observation.until) & (nw.col("end") > nw.col("begin"))
    return spells.filter(last).select("person").unique()


def replace_documents_by_persons(movements: Path, documents: Path) -> Path:
    """Replace documents by persons; unknown or shared documents stay."""
    target = movements.with_name("movements_of_persons.parquet")
    holders = pl.scan_parquet(documents).select("document", holder="person").unique("document", keep="none")
    scan = pl.scan_parquet(movements)
    joined = scan.join(holders, left_on="person", right_on="document", how="left", maintain_order="left")
    named = joined.with_columns(person=pl.coalesce("holder", "person"))
    named.select(column.name for column in MOVEMENTS.columns).sink_parquet(target)
    return target
