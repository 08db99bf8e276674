"""Spells from residence permits.

Overlapping or adjacent permits are one stay, counted with its full granted length, also beyond records and death.
"""

from __future__ import annotations

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.crossing_rules import ACTUAL, JUDGED, MISSING, NO, OPEN, YES
from sdmxmig.records.days import Observation
from sdmxmig.records.people import changed
from sdmxmig.records.questions import Question
from sdmxmig.records.residence_rules import EMIGRANT, IMMIGRANT, MISSING_RECORD, OPEN_SPELL
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
    running_maximum,
    running_sum,
    text_literal,
)
from sdmxmig.records.spells import (
    BIRTH,
    CROSSING,
    DETAILS,
    ORDERED,
    PRIOR,
    START,
    build_empty_details,
    build_starts,
    spells_in,
)

SHIFT, ENDLESS = 1_000_000, 20_000_000
OF_HOLDER = ("born", "native")
OPEN_BIRTH = 9


def spells_of_permits(
    permits: Rows,
    persons: Rows | None,
    citizenships: Rows | None,
    observation: Observation,
) -> Rows:
    known = known_permits(permits, persons, citizenships, observation)
    stays = merge_stays(known, observation)
    starts = build_starts(permits, persons, observation)
    rows = [add_current_stays(starts, stays), *crossings_of_stays(stays, observation)]
    return spells_in(nw.concat(rows, how="vertical"), observation)


def known_permits(permits: Rows, persons: Rows | None, citizenships: Rows | None, observation: Observation) -> Rows:
    """Return permits valid while records of a living person continue, with their holder's birth."""
    spans = permits.select("person", "begin", "end")
    if persons is None:
        spans = spans.with_columns(
            born=int_literal(None), died=int_literal(None), native=int_literal(None), c_first=text_literal(None)
        )
    else:
        holders = persons.select(
            "person",
            born="birth_date",
            died="death_date",
            native=flag(nw.col("c_birth") == observation.area),
            c_first=nw.col("c_citizen"),
        )
        spans = spans.join(holders, on="person", how="left")
    begin, end = nw.col("begin"), nw.col("end")
    alive = (begin <= nw.col("died")).fill_null(value=True) & (end > nw.col("born")).fill_null(value=True)
    spans = spans.filter((begin < observation.until) & (end > observation.first) & (end > begin) & alive)
    spans = spans.with_columns(at=end, citizen=nw.col("c_first"))
    if citizenships is not None:
        acquired = citizenships.filter(nw.col("date") < observation.until)
        spans = spans.join(changed(spans, acquired), on=["person", "at"], how="left")
        later = nw.col("c_changed")
        spans = spans.with_columns(citizen=nw.when(later.is_null()).then(nw.col("citizen")).otherwise(later))
    own = (nw.col("citizen") == observation.area).fill_null(value=False)
    return spans.select(
        "person", "begin", nw.when(own).then(int_literal(ENDLESS)).otherwise(end).alias("end"), *OF_HOLDER
    )


def merge_stays(permits: Rows, observation: Observation) -> Rows:
    """Merge overlapping or adjacent permits of a person into stays (`begin`, `end`, `days`)."""
    order = Order(("begin", "end"), is_in_memory(permits))
    rows = arrange(permits.unique(), order).with_columns(reach=nw.col("end") + SHIFT)
    rows = rows.with_columns(reach=running_maximum("reach", order)).with_columns(before=previous("reach", order))
    joins = (nw.col("begin") + SHIFT <= nw.col("before")).fill_null(value=False)
    rows = rows.with_columns(first=nw.when(joins).then(int_literal(0)).otherwise(int_literal(1)))
    stays = (
        rows.with_columns(stay=running_sum("first", order))
        .group_by("person", "stay")
        .agg(nw.col("begin").min(), nw.col("end").max(), *(nw.col(name).min() for name in OF_HOLDER))
    )
    begin, born, first = nw.col("begin"), nw.col("born"), observation.first
    newborn = (born >= first).fill_null(value=False)
    at_birth = newborn & ((begin < born) | ((begin == born) & (nw.col("native") == 1).fill_null(value=False)))
    length = nw.col("end") - nw.max_horizontal("begin", "born")
    return stays.with_columns(days=length, held=nw.when(newborn).then(at_birth).otherwise(begin < first))


def add_current_stays(starts: Rows, stays: Rows) -> Rows:
    """Return the start rows of persons, with location and permitted length of a current stay."""
    going_on = stays.filter(nw.col("held")).select("person", "days")
    held = ~nw.col("days").is_null() & (nw.col("origin") != PRIOR)
    return (
        starts.join(going_on, on="person", how="left")
        .with_columns(
            located=nw.when(held).then(int_literal(1)).otherwise(nw.col("located")),
            granted_days=nw.when(held).then(nw.col("days")),
        )
        .select(*ORDERED)
    )


def crossings_of_stays(stays: Rows, observation: Observation) -> list[Rows]:
    """Return an entry per start and an exit per end of stay, as sortable rows."""
    nothing = build_empty_details() | {name: int_literal(None) for name in ("located", "gone", "forced")}
    entries, exits = stays.filter(~nw.col("held")), stays.filter(nw.col("end") < observation.until)
    sides = (entries, "begin", 1, nw.col("days")), (exits, "end", 0, int_literal(None))
    return [
        rows.with_columns(**nothing)
        .with_columns(
            day=nw.col(day),
            after=int_literal(after),
            ordered=int_literal(after),
            timeless=int_literal(0),
            origin=int_literal(CROSSING),
            granted_days=days,
        )
        .select(*ORDERED)
        for rows, day, after, days in sides
    ]


COLUMNS = ("person", "at", "status", "basis", "arrived", "left", "gone", "born")


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
