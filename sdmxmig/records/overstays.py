"""Overstays: who entered, was allowed to stay so many days, and is not known to have left after them.

They are candidates: a record of the exit may be missing, the stay may have been extended, a status regularised. Where
the records themselves show that an exit is missing, because the person entered again, it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.lazily import nw
from sdmxmig.records.counting import CERTAIN, PRELIMINARY, PROVISIONAL, Row, Statement, dataset_of, figure_of, summed_by
from sdmxmig.records.engines import collected
from sdmxmig.records.people import CITIZEN, UNKNOWN, described
from sdmxmig.records.rows import whole
from sdmxmig.records.spans import PERIOD, Period
from sdmxmig.records.spells import CROSSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.model.data import Dataset, Flow
    from sdmxmig.records.derivation import Derivation, Events
    from sdmxmig.records.rows import Rows

FLOW, ITEM = "DF_IRREGULAR", "OVERSTAY"
GROUPS = (("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))


def overstays_of(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Foreign citizens who are candidates for an overstay on the last day of each period, as rows of DF_IRREGULAR.

    The figures are provisional, and their comment says that these are candidates, and of how many persons it is not
    known since a record is missing.
    """
    figures: list[Row] = []
    for period in derivation.question.periods:
        rows = beyond_what_is_granted(derivation, events, period)
        groups = [(), *(GROUPS if derivation.records.persons is not None else ())]
        sums = summed_by(derivation.engine, rows.filter(nw.col("here") == 1), groups, always=(PERIOD,))
        unknown = collected(derivation.engine, rows.filter(nw.col("here").is_null())).height
        names = [name for name in sums.columns if name not in {"weight", "open"}]
        lines = [({name: row[name] for name in names}, row["weight"]) for row in sums.iter_rows(named=True)]
        comment = (
            "candidates: entered, and no exit is recorded within the days granted, nor after them; "
            f"of {unknown:,} further persons it is not known, since a record is missing, or their citizenship"
        )
        if derivation.records.persons is None:
            comment += "; citizens of the country are not told apart"
        figures += [
            {
                **key,
                "ADM_ITEM": ITEM,
                "UNIT_MEASURE": "PS",
                "OBS_VALUE": figure_of(weight),
                "OBS_STATUS": PROVISIONAL,
                "REV_STAGE": PRELIMINARY,
                "COMMENT_OBS": comment,
            }
            for key, weight in lines or [({PERIOD: period.label}, 0)]
        ]
    return dataset_of(flows[FLOW], figures, statement)


def beyond_what_is_granted(derivation: Derivation, events: Events, period: Period) -> Rows:
    """Persons whose last crossing before the end of a period was an entry, with more nights since than it granted.

    `here` is null where another entry follows without an exit between, so that nobody knows when the person left, and
    where it is not known whether the person is a citizen. Who was granted no number of days, citizens and the dead are
    not among them.
    """
    inside = (nw.col("begin") < period.end) & (nw.col("end") >= period.end) & (nw.col("gone") >= period.end)
    stays = events.spells.filter((nw.col("origin") == CROSSING) & (nw.col("after") == 1) & inside)
    late = stays.filter((period.end - nw.col("begin")) > nw.col("granted_days"))
    rows = late.select("person", "here", at=whole(period.end - 1), weight=whole(CERTAIN), open=whole(0)).with_columns(
        **{PERIOD: nw.lit(period.label)}
    )
    records = derivation.records
    if records.persons is None:
        return rows
    known = described(rows, records.persons, records.citizenships, derivation.question.observation)
    foreign = known.filter(nw.col("CTZ_STATUS") != CITIZEN)
    return foreign.with_columns(here=nw.when(nw.col("CTZ_STATUS") != UNKNOWN).then(nw.col("here")))
