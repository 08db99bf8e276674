"""Series in order of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import is_distinct
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.key_numbers import KeyNumbers, in_order_of_appearance

FREQUENCY = re.compile(r"([A-Z])(\d{1,2})?")
PERIODS = 10_000_000
"""More than the numbers of periods: days since the year 1 are fewer than four million."""
COLUMNS = ("row", "series", "period", "step", "value", "printed", "status")


def courses(dataset: Dataset, frame: pl.DataFrame, scale: int, numbers: KeyNumbers) -> pl.DataFrame:
    """Order all series.

    Columns: `row`, `series`, `period` (neighbours differ by `step`), `value`, `printed`, `status`. Invalid periods are
    left out.
    """
    structure = dataset.flow.structure
    schema = {"row": pl.UInt32, "series": pl.UInt32, "period": pl.Int32, "step": pl.Int32}
    if structure.time is None:
        return pl.DataFrame(schema=schema | {"value": pl.Float64, "printed": pl.Float64, "status": pl.String})
    time = [structure.time.id, *(name for name in ("FREQ",) if name in numbers.names)]
    unit = 10.0**-scale
    status = pl.col("OBS_STATUS") if "OBS_STATUS" in frame.columns else pl.lit(None, dtype=pl.String)
    rows = frame["row"]
    spans = spans_of([numbers.texts(name) for name in time])
    places = numbers.of(time)
    series = in_order_of_appearance(numbers.of(structure.series_key).gather(rows))
    steps = spans["step"].unique().to_list()  # one step everywhere takes no room
    step = pl.lit(steps[0], dtype=pl.Int32) if len(steps) == 1 else spans["step"].gather(places.gather(rows))
    course = frame.select(
        "row",
        series=series,
        period=spans["period"].gather(places.gather(rows)),
        step=step,
        value=pl.col("amount").cast(pl.Float64) * unit,
        printed=pl.col("printed_step").cast(pl.Float64) * unit,
        status=status,
    ).filter(pl.col("period").is_not_null())
    order = pl.col("series").cast(pl.Int64) * PERIODS + pl.col("period")
    return course.sort(order, maintain_order=True).select(COLUMNS)


def contexts_of(course: pl.DataFrame, codes: pl.Series, others: pl.Series) -> pl.DataFrame:
    firsts = course.filter((pl.col("series") != pl.col("series").shift(1)).fill_null(value=True))
    rows = firsts["row"]
    of_firsts = firsts.select("series", code=codes.gather(rows), context=in_order_of_appearance(others.gather(rows)))
    count = 0 if course.is_empty() else int(course["series"][-1]) + 1
    series = pl.DataFrame({"series": pl.int_range(count, eager=True, dtype=pl.UInt32)})
    return series.join(of_firsts, on="series", how="left", maintain_order="left").drop("series")


def first_of_keys(amounts: Amounts, key: tuple[str, ...] | list[str]) -> pl.DataFrame:
    if is_distinct(amounts.frame, key):
        return amounts.frame
    return amounts.frame.unique(list(key), keep="first", maintain_order=True)


def spans_of(values: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    counted = [place_of(*pair) for pair in product(*values)]
    return pl.DataFrame(counted, schema={"period": pl.Int32, "step": pl.Int32}, orient="row")


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
