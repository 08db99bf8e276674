"""The course of figures: series in the order of time, with periods as numbers, so that neighbours can be compared."""

from __future__ import annotations

import re

from sdmxmig import periods
from sdmxmig.demography.amounts import Amounts
from sdmxmig.frames import is_distinct
from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset

FREQUENCY = re.compile(r"([A-Z])(\d{1,2})?")
"""A code of CL_FREQ: a length of time, and how many of them lie between two figures, as in A5."""
COLUMNS = ("row", "series", "period", "step", "value", "printed", "status")


def courses(dataset: Dataset, frame: pl.DataFrame, scale: int) -> pl.DataFrame:
    """The observations of all series in the order of time, each with what it needs to be compared with its neighbours.

    `frame` are the amounts of the observations, each key once, in steps of 10^-`scale` of one unit.

    Columns: `row`, the position; `series`, a number; `period`, so counted that neighbours differ by `step` (5 where
    figures are due every five years); `value` in units and `printed`, its last printed digit; `status`. An observation
    whose period is not one of its frequency is left out.
    """
    structure = dataset.flow.structure
    schema = {"row": pl.UInt32, "series": pl.UInt32, "period": pl.Int32, "step": pl.Int32}
    if structure.time is None:
        return pl.DataFrame(schema=schema | {"value": pl.Float64, "printed": pl.Float64, "status": pl.String})
    time, keys = structure.time.id, list(structure.series_key)
    frequency = "FREQ" if "FREQ" in structure else None
    unit = 10.0**-scale
    status = pl.col("OBS_STATUS") if "OBS_STATUS" in frame.columns else pl.lit(None, dtype=pl.String)
    numbered = frame.select(keys).unique(maintain_order=True).with_row_index("series")
    spans = spans_of(frame, time, frequency)
    return (
        frame.select(
            "row",
            *keys,
            time,
            value=pl.col("amount").cast(pl.Float64) * unit,
            printed=pl.col("printed_step").cast(pl.Float64) * unit,
            status=status,
        )
        .join(numbered, on=keys, nulls_equal=True)
        .join(spans, on=[name for name in (time, frequency) if name], nulls_equal=True)
        .select(COLUMNS)
        .sort("series", "period")
    )


def first_of_keys(amounts: Amounts, key: tuple[str, ...] | list[str]) -> pl.DataFrame:
    """The observations without those that repeat the key of one before."""
    if is_distinct(amounts.frame, key):
        return amounts.frame
    return amounts.frame.unique(list(key), keep="first", maintain_order=True)


def spans_of(frame: pl.DataFrame, time: str, frequency: str | None) -> pl.DataFrame:
    """Every period that occurs with its number and the step to the next: one row for each frequency and period."""
    names = [name for name in (time, frequency) if name]
    pairs = frame.select(names).unique(maintain_order=True)
    counted = [place_of(*pair) for pair in pairs.iter_rows()]
    numbers = pl.DataFrame(counted, schema={"period": pl.Int32, "step": pl.Int32}, orient="row")
    return pl.concat([pairs, numbers], how="horizontal").drop_nulls("period")


def place_of(period: str | None, frequency: str | None = None) -> tuple[int | None, int]:
    """The number of a period and the step to the next one; no number where it is not one of this frequency.

    >>> place_of("2020", "A"), place_of("2020", "A5"), place_of("2020-Q2", "Q"), place_of("2020-Q2", "A")
    ((2020, 1), (2020, 5), (8081, 1), (None, 1))
    """
    match = FREQUENCY.fullmatch(frequency or "A")
    parsed = periods.parse(period or "")
    if match is None or parsed is None or not (frequency is None or periods.fits(period or "", match[1])):
        return None, 1
    return parsed.number, int(match[2] or 1)
