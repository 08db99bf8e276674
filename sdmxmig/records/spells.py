"""Spells of presence from crossings.

A night follows the last crossing of its day. Nights between two crossings in one direction are unknown.
"""

from __future__ import annotations

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import MOTHER, Observation
from sdmxmig.records.rows import (
    BLOCK_STEP,
    Order,
    Rows,
    arrange,
    flag,
    following,
    int_literal,
    is_in_memory,
    last_seen,
    previous,
    running_sum,
    text_literal,
)

STARTS = ("person", "day", "origin", "located", "gone", "forced", "resident")
DETAILS = {"c_residence": "text", "purpose": "text", "intended_days": "whole", "granted_days": "whole"}
ORDERED = ("person", "day", "ordered", "timeless", "after", "origin", "located", "gone", "forced", *DETAILS)
BY = ("day", "origin", "ordered")
SPELLS = ("person", "begin", "end", "here", "after", "origin", "gone", "forced", *DETAILS)
PRIOR_DAYS = 4000
PRIOR, START, BIRTH, CROSSING = 0, 1, 2, 3
SIGNS = ("timeless", "timelesses", "turns", "contradictions", "first", "contradicted", "unordered", "inward_first")
PASSING = ("next_day", "next_origin", "differs", "turn")


def build_spells(movements: Rows, persons: Rows | None, observation: Observation) -> Rows:
    """Return spells: `person`, `begin`, `end`, `here` (1, 0, null), `after`, `origin`, `gone`, `forced`, details."""
    rows = [build_starts(movements, persons, observation), find_crossings(movements, observation)]
    return spells_in(nw.concat(rows, how="vertical"), observation)


def spells_in(rows: Rows, observation: Observation) -> Rows:
    """Return spells between the starts of persons and their crossings, as in `build_spells`."""
    order = Order(BY, in_memory=True) if is_in_memory(rows) else Order((*BY, *DETAILS))
    ordered = that_matter(one_a_day(arrange(rows, order), order), order)
    ordered = ordered.with_columns(next_day=following("day", order))
    until = nw.min_horizontal(nw.col("next_day").fill_null(observation.until), nw.col("gone"))
    state = nw.when(nw.col("origin") == CROSSING).then(nw.col("after")).otherwise(nw.col("located"))
    led = nw.col("led")
    known = (
        nw.when(led.is_null() | (nw.col("origin") == PRIOR)).then(state)
        .when((nw.col("origin") != CROSSING) | (led == nw.col("after"))).then(led)
    )  # fmt: skip
    return (
        ordered.with_columns(begin=nw.col("day"), end=until, here=known)
        # For people who died before the observation or were born after it, no record counts.
        .filter(~nw.col("gone").is_null() & (nw.col("end") >= nw.col("begin")))
        .with_columns(after=nw.when(nw.col("origin") == CROSSING).then(nw.col("after")).otherwise(nw.col("here")))
        .select(*SPELLS)
    )


def find_crossings(movements: Rows, observation: Observation) -> Rows:
    """Return crossings within the observation as sortable rows; `ordered` sorts those of a day."""
    inward = nw.when(nw.col("direction") == "ENTRY").then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)
    crossings = (
        movements.with_columns(day="date", after=inward)
        .filter((nw.col("day") >= observation.first) & (nw.col("day") < observation.until))
        .with_columns(
            ordered=nw.col("sequence").fill_null(0) * 2 + nw.col("after"),
            timeless=nw.when(nw.col("sequence").is_null()).then(int_literal(1)).otherwise(int_literal(0)),
            origin=int_literal(CROSSING),
            located=int_literal(None),
            gone=int_literal(None),
            forced=int_literal(None),
        )
        .select(*ORDERED)
    )
    return crossings if is_in_memory(crossings) else crossings.unique()


def build_starts(movements: Rows, persons: Rows | None, observation: Observation) -> Rows:
    """Return start rows of persons, at the start of observation or at birth, with what came before."""
    strangers = movements.select("person").unique()
    if persons is not None:
        strangers = strangers.join(persons.select("person"), on="person", how="anti")
    beginnings = strangers.with_columns(
        day=int_literal(observation.first),
        origin=int_literal(START),
        located=int_literal(None),
        gone=int_literal(BLOCK_STEP),
        forced=int_literal(None),
        resident=int_literal(None),
    ).select(*STARTS)
    if persons is not None:
        beginnings = nw.concat([find_beginnings(persons, observation), beginnings], how="vertical")
    begun = beginnings.with_columns(
        ordered=int_literal(0), timeless=int_literal(0), after=int_literal(-1), **build_empty_details()
    )
    before = begun.filter(~nw.col("resident").is_null()).with_columns(
        day=nw.col("day") - PRIOR_DAYS, located=nw.col("resident"), origin=int_literal(PRIOR)
    )
    return nw.concat([rows.select(*ORDERED) for rows in (begun, before)], how="vertical")


def build_empty_details() -> dict[str, nw.Expr]:
    return {name: text_literal(None) if kind == "text" else int_literal(None) for name, kind in DETAILS.items()}


def find_beginnings(persons: Rows, observation: Observation) -> Rows:
    """Return how persons begin: `located`, `resident`, `forced`.

    Children of resident mothers are residents; by place of delivery only if born there.
    """
    area, born = observation.area, nw.col("born")
    native = flag(nw.col("c_birth") == area)
    of_mother = flag(nw.col("c_mother") == area)
    resident = nw.when(nw.col("resident")).then(int_literal(1)).when(~nw.col("resident")).then(int_literal(0))
    at_birth = (
        of_mother
        if observation.birth_place == MOTHER
        else nw.when(native == 0).then(int_literal(0)).otherwise(of_mother)
    )
    return (
        persons.with_columns(
            born=nw.col("birth_date").fill_null(-BLOCK_STEP), gone=nw.col("death_date").fill_null(BLOCK_STEP)
        )
        .filter((born < observation.until) & (nw.col("gone") >= observation.first))
        .with_columns(
            origin=nw.when(born >= observation.first).then(int_literal(BIRTH)).otherwise(int_literal(START)),
            day=nw.when(born > observation.first).then(born).otherwise(int_literal(observation.first)),
            located=nw.when(born >= observation.first).then(native).otherwise(resident),
            forced=nw.when(born >= observation.first).then(at_birth),
            gone=nw.when(nw.col("gone") < observation.until).then(nw.col("gone")).otherwise(int_literal(BLOCK_STEP)),
            resident=nw.when(born < observation.first).then(resident),
        )
        .select(*STARTS)
    )


def one_a_day(rows: Rows, order: Order) -> Rows:
    """Reduce crossings to one row per day: `before`, `after`.

    Unordered pairs cancel; duplicates merge, and contradictions are empty.
    """
    last = ends_of_days(rows, order).with_columns(
        contradicted=nw.col("contradictions") > previous("contradictions", order).fill_null(0),
        unordered=(nw.col("ordered") // 2 == nw.col("first") // 2)
        | (nw.col("timelesses") > previous("timelesses", order).fill_null(0)),
        inward_first=nw.col("first") - nw.col("first") // 2 * 2,  # faster than the remainder
    )
    crossing = nw.col("origin") == CROSSING
    placed = last.with_columns(
        cancelled=crossing & nw.col("unordered") & (nw.col("turns") > previous("turns", order).fill_null(0)),
        before=nw.when(crossing).then(1 - nw.col("inward_first")),
        **{name: nw.when(~nw.col("contradicted")).then(nw.col(name)) for name in DETAILS},
    )
    return placed.drop(*SIGNS).filter(~nw.col("cancelled"))


def that_matter(days: Rows, order: Order) -> Rows:
    """Keep days that change a night, with the day of death (`gone`) and the origin of the next."""
    crossing = nw.col("origin") == CROSSING
    known = days.with_columns(
        gone=last_seen("gone", order), stood=nw.when(crossing).then(nw.col("after"))
    ).with_columns(
        stood=previous("stood", order),
        # The dead cross no border.
        led=nw.when(following("day", order) <= nw.col("gone")).then(following("before", order)),
    )
    fits = (nw.col("stood") == nw.col("after")).fill_null(value=True)
    leads = (nw.col("led") == nw.col("after")).fill_null(value=True)
    idle = crossing & (nw.col("before") == nw.col("after")).fill_null(value=False)
    return known.filter(~(idle & fits & leads))


def ends_of_days(rows: Rows, order: Order) -> Rows:
    """Return the last row per person and day; `first` is the position of the day's first row in order."""
    before = {f"{name}_before": previous(name, order) for name in ("day", "ordered", "after", "origin", *DETAILS)}
    crossing = nw.col("origin") == CROSSING
    further = crossing & (nw.col("origin_before") == CROSSING) & (nw.col("day_before") == nw.col("day"))
    tied = further & (nw.col("ordered_before") == nw.col("ordered"))
    differ = [
        nw.when(tied & is_different(name, nw.col(f"{name}_before"))).then(int_literal(1)).otherwise(int_literal(0))
        for name in DETAILS
    ]
    ends = (nw.col("next_day") != nw.col("day")) | (nw.col("next_origin") != nw.col("origin"))
    flagged = rows.with_columns(
        **before, next_day=following("day", order), next_origin=following("origin", order)
    ).with_columns(
        differs=nw.sum_horizontal(*differ),
        turn=nw.when(further & (nw.col("after_before") != nw.col("after")))
        .then(int_literal(1))
        .otherwise(int_literal(0)),
        first=nw.when(further).then(int_literal(None)).otherwise(nw.col("ordered")),
        ends=nw.col("next_day").is_null() | ends,
    )
    summed = flagged.with_columns(
        contradictions=running_sum("differs", order),
        timelesses=running_sum("timeless", order),
        turns=running_sum("turn", order),
        first=last_seen("first", order),
    )
    return summed.drop(*before, *PASSING).filter("ends")


def is_different(name: str, other: nw.Expr) -> nw.Expr:
    own = nw.col(name)
    return (own.is_null() != other.is_null()) | (own != other).fill_null(value=False)
