"""Persons of whom nobody knows whether they live in the country on a day: they are in no stock.

Where the register does not say who lived here when observation began, crossings tell it only of those who cross. The
stock is then too small, however exact it looks. So figures say of how many persons it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.accounts import settled_on
from sdmxmig.records.counting import CERTAIN, WEIGHT
from sdmxmig.records.days import date_of
from sdmxmig.records.doubtful import Doubt
from sdmxmig.records.engines import collected
from sdmxmig.records.reliability import PERSON, SHOWN, Reliability
from sdmxmig.records.spans import PERIOD
from sdmxmig.records.spells import START
from sdmxmig.sdmx.model.records import PERSONS
from sdmxmig.sdmx.model.rule_ids import RuleId

if TYPE_CHECKING:
    from sdmxmig.records.questions import Derivation, Events, Question
    from sdmxmig.records.reliability import Flows
    from sdmxmig.records.rows import Rows

LIMIT = "unplaced_percent"
COMMENT = "of {} it is not known whether they live here"
DAY, COUNT = "day", "persons"


def unplaced_sums(derivation: Derivation, events: Events) -> pl.DataFrame:
    """How many are alive on the days when periods begin or end of whom it is not known whether they are resident.

    Columns: `day`, `persons`; to these sums those of other persons add.
    """
    days = sorted({day for period in derivation.question.periods for day in (period.begin, period.end)})
    counts = [collected(derivation.engine, unplaced_on(events, day)).height for day in days]
    return pl.DataFrame({DAY: days, COUNT: counts}, schema={DAY: pl.Int64(), COUNT: pl.Int64()})


def unplaced_on(events: Events, day: int) -> Rows:
    """Those alive at the beginning of a day of whom no residence is certain until then."""
    reached = (nw.col("begin") < day) | ((nw.col("begin") == day) & (nw.col("origin") <= START))
    alive = events.spells.filter(reached & (nw.col("gone") >= day)).select("person").unique()
    return alive.join(settled_on(events, day).select("person"), on="person", how="anti")


def stock_reliability(question: Question, account: pl.DataFrame, unplaced: pl.DataFrame) -> Flows:
    """How far stocks and adjustments of the account can be relied on, by item and period, from their sums.

    An adjustment has those who become known: it is as little known as the less reliable of both stocks.
    """
    lacking = dict(unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).rows())
    sums = account.group_by("ACC_ITEM", PERIOD).agg(pl.col(WEIGHT).sum())
    weights = {(item, label): weight for item, label, weight in sums.select("ACC_ITEM", PERIOD, WEIGHT).rows()}
    reliability = {}
    for period in question.periods:
        for item, day in (("POP_BEG", period.begin), ("POP_END", period.end)):
            unknown, counted = lacking.get(day, 0), Decimal(weights.get((item, period.label), 0)) / CERTAIN
            reliability[item, period.label] = Reliability(unknown, counted, limit=LIMIT, comment=COMMENT, noun=PERSON)
        begin, end = (reliability[item, period.label] for item in ("POP_BEG", "POP_END"))
        reliability["ADJ", period.label] = end if end.is_low and not begin.is_low else begin
    return reliability


def unplaced_persons(unplaced: pl.DataFrame) -> Iterator[Doubt]:
    """On which days there are persons of whom it is not known whether they live here, and how many."""
    counts = unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).filter(pl.col(COUNT) > 0).sort(DAY).rows()
    if counts:
        days = [f"{date_of(day)} ({count:,})" for day, count in counts]
        listed = ", ".join(days[:SHOWN]) + (" …" if len(days) > SHOWN else "")
        yield Doubt(RuleId.UNPLACED, PERSONS.name, rows=None, column="resident", parameters={"periods": listed})
