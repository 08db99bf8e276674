"""From records to spells: in which nights a person was in the country, was not, or nobody knows.

A night belongs to where the last crossing of its day leads. Two crossings in the same direction, one after the other,
leave the nights between them unknown: a record is missing, and its day could be any. The dead are nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import numbered
from sdmxmig.records.observation import MOTHER
from sdmxmig.records.ordered import FAR, Order, arranged, following, last_seen, previous, running
from sdmxmig.records.rows import flag, text, whole

if TYPE_CHECKING:
    from sdmxmig.records.observation import Observation
    from sdmxmig.records.rows import Rows

STARTS = ("person", "day", "origin", "located", "gone", "forced", "resident")
DETAILS = {"c_residence": "text", "purpose": "text", "intended_days": "whole", "granted_days": "whole"}
"""What a crossing says of the journey, and what it is: carried to the spell that the crossing begins."""
ORDERED = ("person", "day", "ordered", "timeless", "after", "origin", "located", "gone", "forced", *DETAILS)
BY = ("day", "origin", "ordered")
"""What orders the rows of a person: on a day on which observation or life begins its crossings come after that."""
SPELLS = ("person", "begin", "end", "here", "after", "origin", "gone", "forced", *DETAILS)
PRIOR_DAYS = 4000
"""So long those who were resident when observation began are taken to have been so: longer than any window."""
PRIOR, START, BIRTH, CROSSING = 0, 1, 2, 3
"""What a spell begins with: a crossing, the start of observation or of life, or what the register says of before."""


def spells_of(movements: Rows, persons: Rows | None, observation: Observation, *, lying: bool = False) -> Rows:
    """The spells of all persons in the order of time, one a row.

    Columns: `person`; `begin` and `end` as numbers of days; `here` (1 in the country, 0 not, null unknown); `after`,
    where the crossing that begins the spell leads (0 or 1); `origin`, what the spell begins with; `gone`, the day of
    death, or far away; `forced`, the residence at birth, where it is known; and the details of the crossing.
    """
    rows = [starts_of(movements, persons, observation), crossings_of(movements, observation, lying=lying)]
    return spells_in(nw.concat(rows, how="vertical"), observation, lying=lying)


def spells_in(rows: Rows, observation: Observation, *, lying: bool) -> Rows:
    """The spells between the beginnings of persons and their crossings, in the columns of `spells_of`."""
    order = Order(BY if lying else (*BY, *DETAILS), lying)
    ordered = that_matter(one_a_day(arranged(rows, order), order), order)
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
        # Of who died before observation began, or was born after it, nothing counts, whatever records say.
        .filter(~nw.col("gone").is_null() & (nw.col("end") >= nw.col("begin")))
        .with_columns(after=nw.when(nw.col("origin") == CROSSING).then(nw.col("after")).otherwise(nw.col("here")))
        .select(*SPELLS)
    )


def crossings_of(movements: Rows, observation: Observation, *, lying: bool) -> Rows:
    """The crossings within the observation as rows that can be ordered; `ordered` puts those of a day in order.

    `timeless` is 1 for a crossing of which nothing says when on the day it was. Engines that reckon over windows have
    each crossing once: of two rows that nothing tells apart, each window may take another one for the first.
    """
    inward = nw.when(nw.col("direction") == "ENTRY").then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)
    crossings = (
        movements.with_columns(day=numbered("date", lying=lying), after=inward)
        .filter((nw.col("day") >= observation.first) & (nw.col("day") < observation.until))
        .with_columns(
            ordered=nw.col("sequence").fill_null(0) * 2 + nw.col("after"),
            timeless=nw.when(nw.col("sequence").is_null()).then(whole(1)).otherwise(whole(0)),
            origin=whole(CROSSING),
            located=whole(None),
            gone=whole(None),
            forced=whole(None),
        )
        .select(*ORDERED)
    )
    return crossings if lying else crossings.unique()


def starts_of(movements: Rows, persons: Rows | None, observation: Observation) -> Rows:
    """The rows with which persons begin: at the start of observation or at birth, and what was before."""
    known = movements.select("person").unique()
    if persons is None:
        beginnings = known.with_columns(
            day=whole(observation.first),
            origin=whole(START),
            located=whole(None),
            gone=whole(FAR),
            forced=whole(None),
            resident=whole(None),
        )
    else:
        beginnings = beginnings_of(persons, observation)
        strangers = known.join(persons.select("person"), on="person", how="anti")
        beginnings = nw.concat(
            [
                beginnings,
                strangers.with_columns(
                    day=whole(observation.first),
                    origin=whole(START),
                    located=whole(None),
                    gone=whole(FAR),
                    forced=whole(None),
                    resident=whole(None),
                ).select(*STARTS),
            ],
            how="vertical",
        )
    details = {name: text(None) if kind == "text" else whole(None) for name, kind in DETAILS.items()}
    begun = beginnings.with_columns(ordered=whole(0), timeless=whole(0))
    before = beginnings.filter(~nw.col("resident").is_null()).with_columns(
        day=nw.col("day") - PRIOR_DAYS,
        located=nw.col("resident"),
        origin=whole(PRIOR),
        ordered=whole(0),
        timeless=whole(0),
    )
    return nw.concat(
        [rows.with_columns(after=whole(-1), **details).select(*ORDERED) for rows in (begun, before)], how="vertical"
    )


def beginnings_of(persons: Rows, observation: Observation) -> Rows:
    """When and where persons begin: `located` in the country or not, `resident` before, `forced` at birth.

    A child whose mother lives in the country is resident from birth; by place of delivery only if born there. Who dies
    on the first day of observation was alive when it began; deaths after its end are not known.
    """
    area, born = observation.area, nw.col("born")
    native = flag(nw.col("c_birth") == area)
    of_mother = flag(nw.col("c_mother") == area)
    resident = nw.when(nw.col("resident")).then(whole(1)).when(~nw.col("resident")).then(whole(0))
    at_birth = (
        of_mother if observation.birth_place == MOTHER else nw.when(native == 0).then(whole(0)).otherwise(of_mother)
    )
    return (
        persons.with_columns(
            born=nw.when(~nw.col("birth_date").is_null()).then(numbered("birth_date")).otherwise(whole(-FAR)),
            gone=nw.when(~nw.col("death_date").is_null()).then(numbered("death_date")).otherwise(whole(FAR)),
        )
        .filter((born < observation.until) & (nw.col("gone") >= observation.first))
        .with_columns(
            origin=nw.when(born >= observation.first).then(whole(BIRTH)).otherwise(whole(START)),
            day=nw.when(born > observation.first).then(born).otherwise(whole(observation.first)),
            located=nw.when(born >= observation.first).then(native).otherwise(resident),
            forced=nw.when(born >= observation.first).then(at_birth),
            gone=nw.when(nw.col("gone") < observation.until).then(nw.col("gone")).otherwise(whole(FAR)),
            resident=nw.when(born < observation.first).then(resident),
        )
        .select(*STARTS)
    )


def one_a_day(rows: Rows, order: Order) -> Rows:
    """One row a day and person: where the night is spent (`after`), and where the one before was (`before`).

    The first crossing of a day comes from where the person was, and the last one leads to where the night is spent.
    Where `sequence` does not tell all crossings of a day apart, an entry and an exit cancel each other, since some
    order of them fits wherever the person was. A crossing recorded twice is one, and what its records contradict is
    empty.
    """
    last = ends_of_days(rows, order).with_columns(
        contradicted=nw.col("contradictions") > previous("contradictions", order).fill_null(0),
        unordered=(nw.col("ordered") // 2 == nw.col("first") // 2)
        | (nw.col("timelesses") > previous("timelesses", order).fill_null(0)),
        inward_first=nw.col("first") - nw.col("first") // 2 * 2,  # as the remainder, which takes longer
    )
    crossing = nw.col("origin") == CROSSING
    placed = last.with_columns(
        cancelled=crossing & nw.col("unordered") & (nw.col("turns") > previous("turns", order).fill_null(0)),
        before=nw.when(crossing).then(1 - nw.col("inward_first")),
        **{name: nw.when(~nw.col("contradicted")).then(nw.col(name)) for name in DETAILS},
    )
    return placed.drop(*SIGNS).filter(~nw.col("cancelled"))


def that_matter(days: Rows, order: Order) -> Rows:
    """The days without trips that change no night, with the day of death (`gone`), and where the next one is from.

    Of a trip within a day it is known where the person was before (`led`), and that is where the trip ends. It is left
    out unless that is not where the day before led, or where the next one is from: then a record is missing between.
    """
    crossing = nw.col("origin") == CROSSING
    known = days.with_columns(
        gone=last_seen("gone", order),
        stood=nw.when(crossing).then(nw.col("after")),
    ).with_columns(
        stood=previous("stood", order),
        # The dead cross no border.
        led=nw.when(following("day", order) <= nw.col("gone")).then(following("before", order)),
    )
    fits = (nw.col("stood") == nw.col("after")).fill_null(value=True)
    leads = (nw.col("led") == nw.col("after")).fill_null(value=True)
    idle = crossing & (nw.col("before") == nw.col("after")).fill_null(value=False)
    return known.filter(~(idle & fits & leads))


SIGNS = ("timeless", "timelesses", "turns", "contradictions", "first", "contradicted", "unordered", "inward_first")


def ends_of_days(rows: Rows, order: Order) -> Rows:
    """The last row of each day and person, with where the day's first row is in order (`first`).

    Counted so far are contradictions, timeless crossings (`timelesses`), and `turns` from one direction to the other
    within a day.
    """
    before = {f"{name}_before": previous(name, order) for name in ("day", "ordered", "after", "origin", *DETAILS)}
    crossing = nw.col("origin") == CROSSING
    further = crossing & (nw.col("origin_before") == CROSSING) & (nw.col("day_before") == nw.col("day"))
    tied = further & (nw.col("ordered_before") == nw.col("ordered"))
    differ = [
        nw.when(tied & different(name, nw.col(f"{name}_before"))).then(whole(1)).otherwise(whole(0)) for name in DETAILS
    ]
    ends = (nw.col("next_day") != nw.col("day")) | (nw.col("next_origin") != nw.col("origin"))
    flagged = rows.with_columns(
        **before, next_day=following("day", order), next_origin=following("origin", order)
    ).with_columns(
        differs=nw.sum_horizontal(*differ),
        turn=nw.when(further & (nw.col("after_before") != nw.col("after"))).then(whole(1)).otherwise(whole(0)),
        first=nw.when(further).then(whole(None)).otherwise(nw.col("ordered")),
        ends=nw.col("next_day").is_null() | ends,
    )
    summed = flagged.with_columns(
        contradictions=running("differs", order),
        timelesses=running("timeless", order),
        turns=running("turn", order),
        first=last_seen("first", order),
    )
    return summed.drop(*before, *PASSING).filter("ends")


PASSING = ("next_day", "next_origin", "differs", "turn")


def different(name: str, other: nw.Expr) -> nw.Expr:
    """Whether two cells differ, of which either may be empty."""
    own = nw.col(name)
    return (own.is_null() != other.is_null()) | (own != other).fill_null(value=False)
