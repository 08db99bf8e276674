"""Immigration and emigration by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.counting import (
    CERTAIN,
    OF_PERSONS,
    Row,
    Statement,
    dataset_of,
    figure_of,
    finest_by,
    said_of,
    totals_of,
)
from sdmxmig.records.empty_classes import POSSIBLE, said_of_nobody, with_empty_classes
from sdmxmig.records.outcomes import MISSING_RECORD
from sdmxmig.records.people import described
from sdmxmig.records.reliability import KNOWN, UNJUDGED, reliability_of
from sdmxmig.records.rows import whole
from sdmxmig.records.spans import PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sdmxmig.records.questions import Derivation, Question
    from sdmxmig.records.rows import Rows
    from sdmxmig.sdmx.model.data import Dataset, Flow

FLOWS = {"I": "DF_IMM", "E": "DF_EMI"}
"""The dataflows by direction."""
DIRECTION = "direction"
OF_FLOWS = (DIRECTION, PERIOD, UNJUDGED)


def flow_sums(derivation: Derivation, within: Rows) -> pl.DataFrame:
    """Sum events additively, with crossings not judged (`unjudged`)."""
    lost = nw.col("outcome") == MISSING_RECORD
    marked = within.with_columns(
        weight=nw.when(lost).then(whole(CERTAIN)).otherwise(nw.col("weight")),
        **{UNJUDGED: nw.when(lost).then(whole(1)).otherwise(whole(0))},
    )
    # Some engines do not tell c_residence from C_RESIDENCE.
    named = nw.col("c_residence").fill_null("_U").alias("C_RESIDENCE")
    rows = marked.select(*("person", "at", *OF_FLOWS, "weight", "open"), named)
    records = derivation.records
    if records.persons is None:
        return finest_by(derivation.engine, rows, [("C_RESIDENCE",)], always=OF_FLOWS)
    rows = described(rows, records.persons, records.citizenships, derivation.question.observation)
    return finest_by(derivation.engine, rows, [("C_RESIDENCE",), *OF_PERSONS], always=OF_FLOWS)


def flows_of(
    question: Question, finest: pl.DataFrame, flows: Mapping[str, Flow], statement: Statement
) -> list[Dataset]:
    """Return flows as rows of DF_IMM and DF_EMI.

    Open crossings make figures provisional (``P``, ``PREL``), many unjudged ones unreliable (``U``). Empty classes and
    periods are zero.
    """
    of_persons = OF_PERSONS if "SEX" in finest.columns else ()
    sums = totals_of(finest, [(), ("C_RESIDENCE",), *of_persons], always=OF_FLOWS)
    judged, unjudged = (sums.filter(pl.col(UNJUDGED) == lost).drop(UNJUDGED) for lost in (0, 1))
    reliability = reliability_of(finest)
    figures = [*figures_of(with_empty_classes(judged, unjudged))]
    counted = {(row["DIRECTION"], row[PERIOD]) for row in figures}
    figures += [
        {"DIRECTION": direction, PERIOD: period.label, "OBS_VALUE": "0", **said_of(unsettled=False)}
        for direction in FLOWS
        for period in question.periods
        if (direction, period.label) not in counted
    ]
    stated = [reliability.get((row["DIRECTION"], row[PERIOD]), KNOWN).said_of(row) for row in figures]
    return [
        dataset_of(flows[flow], [row for row in stated if row["DIRECTION"] == direction], statement)
        for direction, flow in FLOWS.items()
    ]


def figures_of(sums: pl.DataFrame) -> Iterator[Row]:
    unsettled = {*sums.filter(pl.col("open") != 0).select(DIRECTION, PERIOD).rows()}
    names = [name for name in sums.columns if name not in (DIRECTION, "weight", "open", POSSIBLE)]
    for row in sums.iter_rows(named=True):
        yield {
            **{name: row[name] for name in names},
            "DIRECTION": row[DIRECTION],
            "OBS_VALUE": figure_of(row["weight"]),
            **said_of(unsettled=(row[DIRECTION], row[PERIOD]) in unsettled),
            **said_of_nobody(row[POSSIBLE]),
        }
