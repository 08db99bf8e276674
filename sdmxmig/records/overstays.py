"""Overstays: no known exit after the granted days.

Candidates only: exits may be unrecorded, stays extended or regularised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.accounts import POSSIBLE, with_empty_classes
from sdmxmig.records.counting import (
    CERTAIN,
    PRELIMINARY,
    PROVISIONAL,
    Row,
    Statement,
    dataset_of,
    figure_of,
    finest_by,
    totals_of,
)
from sdmxmig.records.days import PERIOD, Period
from sdmxmig.records.engines import collected
from sdmxmig.records.people import CITIZEN, UNKNOWN, described
from sdmxmig.records.rows import whole
from sdmxmig.records.spells import CROSSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.records.counting import Counts
    from sdmxmig.records.questions import Derivation, Events, Question
    from sdmxmig.records.rows import Rows
    from sdmxmig.sdmx.model.data import Dataset, Flow

FLOW, ITEM = "DF_IRREGULAR", "OVERSTAY"
GRANTED, LATE, NOBODY_KNOWS = "granted", "late", -1
GROUPS = (("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))


def overstay_sums(derivation: Derivation, events: Events, _flows: Mapping[str, Flow]) -> Counts:
    """Sum overstays at period ends.

    Raises `SdmxmigError` for traces and permits.
    """
    if derivation.records.movements is None:
        raise SdmxmigError("Overstays follow from crossings alone.", hint="Name movements with granted_days.")
    engine = derivation.engine
    granted = collected(engine, events.spells.filter(~nw.col("granted_days").is_null()).select(nw.len().alias("rows")))
    groups = [(), *(GROUPS if derivation.records.persons is not None else ())]
    late = []
    for period in derivation.question.periods:
        rows = beyond_what_is_granted(derivation, events, period)
        known = rows.with_columns(here=nw.col("here").fill_null(NOBODY_KNOWS))
        late.append(finest_by(engine, known, groups, always=(PERIOD, "here")))
    return {GRANTED: granted.select(pl.col("rows").cast(pl.Int64)), LATE: pl.concat(late)}


def overstays_in(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return overstay candidates as rows of DF_IRREGULAR.

    Always provisional, never ``U``. Raises `SdmxmigError` without granted days.
    """
    if not counts[GRANTED]["rows"].sum():
        raise SdmxmigError(
            "No movement says how many days were granted.", hint="Give the movements a column granted_days."
        )
    late = counts[LATE]
    groups = [(), *(GROUPS if "SEX" in late.columns else ())]
    candidates, doubtful = (
        totals_of(late.filter(pl.col("here") == here), groups, always=(PERIOD,)) for here in (1, NOBODY_KNOWS)
    )
    sums = with_empty_classes(candidates, doubtful)
    hidden = totals_of(late.filter(pl.col("here") == NOBODY_KNOWS), [()], always=(PERIOD,))
    unknown = dict(hidden.select(PERIOD, "weight").rows())
    names = [name for name in sums.columns if name not in {"weight", "open", POSSIBLE}]
    lines = [({name: row[name] for name in names}, row["weight"]) for row in sums.iter_rows(named=True)]
    counted = {key[PERIOD] for key, _ in lines}
    lines += [({PERIOD: period.label}, 0) for period in question.periods if period.label not in counted]
    figures: list[Row] = []
    for key, weight in lines:
        hidden_persons = unknown.get(key[PERIOD], 0) // CERTAIN
        comment = (
            "candidates: entered, and no exit is recorded within the days granted, nor after them; "
            f"of {hidden_persons:,} further persons it is not known, since a record is missing, or their citizenship"
        )
        if "SEX" not in late.columns:
            comment += "; citizens of the country are not told apart"
        figures.append(
            {
                **key,
                "ADM_ITEM": ITEM,
                "UNIT_MEASURE": "PS",
                "OBS_VALUE": figure_of(weight),
                "OBS_STATUS": PROVISIONAL,
                "REV_STAGE": PRELIMINARY,
                "COMMENT_OBS": comment,
            }
        )
    return dataset_of(flows[FLOW], figures, statement)


def beyond_what_is_granted(derivation: Derivation, events: Events, period: Period) -> Rows:
    """Persons whose last crossing before the end of a period was an entry, with more nights since than it granted."""
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
