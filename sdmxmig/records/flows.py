"""Immigration and emigration by period, and persons of unknown residence, who are in no stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.accounts import add_empty_classes, add_groups, build_figure, is_alive, select_states_before
from sdmxmig.records.counting import (
    CERTAIN_WEIGHT,
    KNOWN_RELIABILITY,
    MAX_SHOWN,
    PERSON,
    PERSON_BREAKDOWNS,
    UNJUDGED,
    WEIGHT,
    Flows,
    Reliability,
    Row,
    Statement,
    build_dataset,
    estimate_reliability,
    state_columns,
    sum_finest,
    sum_totals,
)
from sdmxmig.records.days import PERIOD, to_date
from sdmxmig.records.doubtful import Doubt
from sdmxmig.records.record_tables import PERSONS
from sdmxmig.records.residence_rules import MISSING_RECORD, Derivation, Events, Question
from sdmxmig.records.rows import flag, write_int_literal
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.rule_ids import RuleId

FLOW_BY_DIRECTION = {"I": "DF_IMM", "E": "DF_EMI"}
DIRECTION = "direction"
FLOW_COLUMNS = (DIRECTION, PERIOD, UNJUDGED)


def sum_flows(derivation: Derivation, within: pl.DataFrame) -> pl.DataFrame:
    """Sum events additively, with crossings not judged (`unjudged`)."""
    lost = pl.col("outcome") == MISSING_RECORD
    marked = within.with_columns(
        weight=pl.when(lost).then(write_int_literal(CERTAIN_WEIGHT)).otherwise(pl.col("weight")),
        **{UNJUDGED: flag(lost)},
    )
    named = pl.col("c_residence").fill_null("_U").alias("C_RESIDENCE")
    rows = marked.select("person", "at", *FLOW_COLUMNS, "weight", "open", named)
    if derivation.records.persons is None:
        return sum_finest(rows, [("C_RESIDENCE",)], always=FLOW_COLUMNS)
    rows = add_groups(derivation, rows)
    return sum_finest(rows, [("C_RESIDENCE",), *PERSON_BREAKDOWNS], always=FLOW_COLUMNS)


def build_flows(
    question: Question, finest: pl.DataFrame, flows: Mapping[str, Flow], statement: Statement
) -> list[Dataset]:
    """Return flows as rows of DF_IMM and DF_EMI.

    Open crossings make figures provisional (``P``, ``PREL``), many unjudged ones unreliable (``U``). Empty classes and
    periods are zero.
    """
    of_persons = PERSON_BREAKDOWNS if "SEX" in finest.columns else ()
    sums = sum_totals(finest, [(), ("C_RESIDENCE",), *of_persons], always=FLOW_COLUMNS)
    judged, unjudged = (sums.filter(pl.col(UNJUDGED) == lost).drop(UNJUDGED) for lost in (0, 1))
    reliability = estimate_reliability(finest)
    figures = [*list_figure_rows(add_empty_classes(judged, unjudged))]
    counted = {(row["DIRECTION"], row[PERIOD]) for row in figures}
    figures += [
        {"DIRECTION": direction, PERIOD: period.label, "OBS_VALUE": "0", **state_columns(unsettled=False)}
        for direction in FLOW_BY_DIRECTION
        for period in question.periods
        if (direction, period.label) not in counted
    ]
    stated = [reliability.get((row["DIRECTION"], row[PERIOD]), KNOWN_RELIABILITY).said_of(row) for row in figures]
    return [
        build_dataset(flows[flow], [row for row in stated if row["DIRECTION"] == direction], statement)
        for direction, flow in FLOW_BY_DIRECTION.items()
    ]


def list_figure_rows(sums: pl.DataFrame) -> Iterator[Row]:
    unsettled = {*sums.filter(pl.col("open") != 0).select(DIRECTION, PERIOD).rows()}
    for row in sums.iter_rows(named=True):
        figure = build_figure(row, unsettled=(row[DIRECTION], row[PERIOD]) in unsettled)
        yield {**figure, "DIRECTION": row[DIRECTION]}


LIMIT_SETTING = "unplaced_percent"
UNKNOWN_RESIDENCE_COMMENT = "unknown whether they live here: {}"
DAY, COUNT = "day", "persons"


def sum_unplaced(derivation: Derivation, events: Events) -> pl.DataFrame:
    days = derivation.question.turning_days
    counts = [find_unplaced(events, day).height for day in days]
    return pl.DataFrame({DAY: days, COUNT: counts}, schema={DAY: pl.Int64(), COUNT: pl.Int64()})


def find_unplaced(events: Events, day: int) -> pl.DataFrame:
    alive = events.spells.filter(is_alive(day)).select("person").unique()
    return alive.join(select_states_before(events, day).select("person"), on="person", how="anti")


def find_stock_reliability(question: Question, account: pl.DataFrame, unplaced: pl.DataFrame) -> Flows:
    """Return the reliability of stocks and adjustments, the lesser of both stocks."""
    lacking = dict(unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).rows())
    sums = account.group_by("ACC_ITEM", PERIOD).agg(pl.col(WEIGHT).sum())
    weights = {(item, label): weight for item, label, weight in sums.select("ACC_ITEM", PERIOD, WEIGHT).rows()}
    reliability = {}
    for period in question.periods:
        for item, day in (("POP_BEG", period.begin), ("POP_END", period.end)):
            unknown, counted = lacking.get(day, 0), Decimal(weights.get((item, period.label), 0)) / CERTAIN_WEIGHT
            reliability[item, period.label] = Reliability(
                unknown, counted, limit=LIMIT_SETTING, comment=UNKNOWN_RESIDENCE_COMMENT, noun=PERSON
            )
        begin, end = (reliability[item, period.label] for item in ("POP_BEG", "POP_END"))
        reliability["ADJ", period.label] = end if end.is_low and not begin.is_low else begin
    return reliability


def find_unplaced_doubts(unplaced: pl.DataFrame) -> Iterator[Doubt]:
    counts = unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).filter(pl.col(COUNT) > 0).sort(DAY).rows()
    if counts:
        days = [f"{to_date(day)} ({count:,})" for day, count in counts]
        listed = ", ".join(days[:MAX_SHOWN]) + (" …" if len(days) > MAX_SHOWN else "")
        yield Doubt(RuleId.UNPLACED, PERSONS.name, rows=None, column="resident", parameters={"periods": listed})
