"""Persons of unknown residence, in no stock."""

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
    days = sorted({day for period in derivation.question.periods for day in (period.begin, period.end)})
    counts = [collected(derivation.engine, unplaced_on(events, day)).height for day in days]
    return pl.DataFrame({DAY: days, COUNT: counts}, schema={DAY: pl.Int64(), COUNT: pl.Int64()})


def unplaced_on(events: Events, day: int) -> Rows:
    reached = (nw.col("begin") < day) | ((nw.col("begin") == day) & (nw.col("origin") <= START))
    alive = events.spells.filter(reached & (nw.col("gone") >= day)).select("person").unique()
    return alive.join(settled_on(events, day).select("person"), on="person", how="anti")


def stock_reliability(question: Question, account: pl.DataFrame, unplaced: pl.DataFrame) -> Flows:
    """Return the reliability of stocks and adjustments, the lesser of both stocks."""
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
    counts = unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).filter(pl.col(COUNT) > 0).sort(DAY).rows()
    if counts:
        days = [f"{date_of(day)} ({count:,})" for day, count in counts]
        listed = ", ".join(days[:SHOWN]) + (" …" if len(days) > SHOWN else "")
        yield Doubt(RuleId.UNPLACED, PERSONS.name, rows=None, column="resident", parameters={"periods": listed})
