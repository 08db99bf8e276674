"""Events from residence on reference days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.crossing_rules import ACTUAL, JUDGED, MISSING, NO, OPEN, YES
from sdmxmig.records.ordered import FAR, Order, arranged, following, last_seen, previous
from sdmxmig.records.outcomes import EMIGRANT, IMMIGRANT, MISSING_RECORD, OPEN_SPELL
from sdmxmig.records.rows import text, whole
from sdmxmig.records.spells import BIRTH, CROSSING, DETAILS, START

if TYPE_CHECKING:
    from sdmxmig.records.reference_rules import Reference
    from sdmxmig.records.rows import Rows

COLUMNS = ("person", "at", "status", "basis", "arrived", "left", "gone", "born")


def changes_of(statuses: Rows, spells: Rows, first_day: int, reference: Reference) -> Rows:
    """Return changes between reference days as outcomes.

    Dated by the last crossing, or the first day of the period.
    """
    order = Order(("at", "born"), reference.lying)
    born = births_in(spells).select(*COLUMNS)
    rows = arranged(nw.concat([statuses.with_columns(born=whole(0)).select(*COLUMNS), born], how="vertical"), order)
    alike = nw.when(following("status", order) == YES).then(whole(YES)).otherwise(whole(NO))
    rows = rows.with_columns(status=nw.when(nw.col("status") == OPEN_BIRTH).then(alike).otherwise(nw.col("status")))
    rows = rows.with_columns(
        certain=nw.when(nw.col("status") == YES).then(whole(1)).when(nw.col("status") == NO).then(whole(0))
    )
    rows = rows.with_columns(carried=last_seen("certain", order))
    rows = rows.with_columns(
        before=previous("status", order), since=previous("at", order), carried=previous("carried", order)
    )
    initial = nw.col("since").is_null() & ((nw.col("at") == first_day) | (nw.col("born") == 1))
    # Who is no resident for certain, of whom nothing was certain before, has not changed, and is known from then on.
    first_known = nw.col("carried").is_null() & (nw.col("status") == NO)
    rows = rows.with_columns(
        carried=nw.col("carried").fill_null(0),
        initial=nw.when(initial | first_known).then(whole(1)).otherwise(whole(0)),
        before=nw.col("before").fill_null(MISSING),
        since=nw.col("since").fill_null(first_day),
    )
    return with_details(judged(rows, reference), spells)


OPEN_BIRTH = 9


def births_in(spells: Rows) -> Rows:
    """The births of those who were born while observation went on, with the residence that they were born into."""
    newborn = nw.col("origin") == BIRTH
    status = (
        nw.when(nw.col("forced") == 1).then(whole(YES))
        .when((nw.col("forced") == 0) | (nw.col("here").fill_null(0) == 0)).then(whole(NO))
        .otherwise(whole(OPEN_BIRTH))
    )  # fmt: skip
    return spells.filter(newborn).with_columns(
        at=nw.col("begin"), status=status, basis=nw.lit(ACTUAL), arrived=whole(None), left=whole(None), born=whole(1)
    )


def judged(rows: Rows, reference: Reference) -> Rows:
    """The outcome of each row that is none of a status that stays as it was."""
    until = reference.observation.until
    now, before = nw.col("status"), nw.col("before")
    decided, was_decided = (now == YES) | (now == NO), (before == YES) | (before == NO)
    changed = decided & (nw.col("certain") != nw.col("carried"))
    into = nw.when(decided).then(nw.col("certain")).otherwise(1 - nw.col("carried"))
    event = nw.when(nw.col("certain") == 1).then(nw.lit(IMMIGRANT)).otherwise(nw.lit(EMIGRANT))
    initial = nw.col("initial") == 1
    outcome = (
        nw.when(initial).then(text(None))
        .when(changed & was_decided).then(event)
        .when(changed).then(nw.lit(MISSING_RECORD))
        .when((now == OPEN) & was_decided).then(nw.lit(OPEN_SPELL))
        .when((now == OPEN) | (now == MISSING)).then(nw.lit(MISSING_RECORD))
        .otherwise(text(None))
    )  # fmt: skip
    day = nw.when(into == 1).then(nw.col("arrived")).otherwise(nw.col("left"))
    clipped = nw.min_horizontal(nw.max_horizontal(day.fill_null(-FAR), nw.col("since")), nw.col("at") - 1)
    return rows.with_columns(
        outcome=outcome,
        direction=nw.when(into == 1).then(nw.lit("I")).otherwise(nw.lit("E")),
        begin=nw.when(initial).then(nw.col("at")).otherwise(clipped),
        origin=nw.when(nw.col("born") == 1)
        .then(whole(BIRTH))
        .when(initial)
        .then(whole(START))
        .otherwise(whole(CROSSING)),
        adjusts=nw.when(changed & ~was_decided & ~initial)
        .then(nw.col("certain") - nw.col("carried"))
        .otherwise(whole(0)),
        settled=nw.when(initial | changed).then(nw.col("certain")),
        resided=whole(None),
        elapsed=nw.max_horizontal(until - nw.col("arrived").fill_null(until), whole(0)),
        stays=nw.when(nw.col("left").fill_null(-FAR) == nw.col("at")).then(whole(1)).otherwise(whole(0)),
    ).filter(initial | ~nw.col("outcome").is_null())


def with_details(rows: Rows, spells: Rows) -> Rows:
    crossings = spells.filter(nw.col("origin") == CROSSING).select("person", "begin", *DETAILS)
    return rows.join(crossings, on=["person", "begin"], how="left").select(*JUDGED)
