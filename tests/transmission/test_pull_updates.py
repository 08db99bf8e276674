"""`updatedAfter` detects changed attributes of series, groups and datasets whose observations are unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from small_service import CSV, DF, FIRST, ROWS_2, SECOND, asked, dataset, rows_in, small_holdings

from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.transmission.pull.holdings import Release
from sdmxmig.transmission.pull.service import Service
from sdmxmig.transmission.pull.storage import store

BEFORE = dataset(ROWS_2)
MEN, AREA = pl.col("SEX") == "M", ("REF_AREA",)
ALL = "R:A.GE.F.2019=10 R:A.GE.F.2020=12 R:A.GE.M.2020=9.5 R:A.GE.M.2021=8 R:Q.GE.F.2020-Q1=3"
OF_MEN = "R:A.GE.M.2020=9.5 R:A.GE.M.2021=8"


def updates(folder: Path, *versions: Dataset) -> str:
    """The answer to a client that has the first of two releases."""
    releases = []
    for name, moment, each in zip(("earlier", "later"), (FIRST, SECOND), versions, strict=True):
        data = store([each], folder, name)
        assert data is not None
        releases.append(Release(id=name, prepared=moment, data=data))
    holdings = replace(small_holdings(folder), releases={DF: tuple(releases)})
    media_type, content = asked(Service(holdings, folder), "v1/data/DF?updatedAfter=2024-06-01", CSV)
    return rows_in(content) if "csv" in media_type else media_type


def unit_of_men(unit: str | None) -> Dataset:
    """The data with another unit of the series of men."""
    changed = pl.when(MEN).then(pl.lit(unit, pl.String)).otherwise("UNIT").alias("UNIT")
    return replace(BEFORE, series=BEFORE.series.with_columns(changed))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE, "empty"),
        (unit_of_men("TH"), OF_MEN),
        (unit_of_men(None), OF_MEN),
        (replace(BEFORE, series=BEFORE.series.filter(~MEN)), OF_MEN),
        (replace(BEFORE, series=BEFORE.series.reverse()), "empty"),
        (replace(BEFORE, partial={AREA: BEFORE.partial[AREA].with_columns(NOTE=pl.lit("Another"))}), ALL),
        (replace(BEFORE, partial={}), ALL),
        (replace(BEFORE, attributes={"TITLE": "Thousands"}), ALL),
    ],
)
def test_changed_attributes_count_as_updates(tmp_path: Path, after: Dataset, expected: str) -> None:
    assert updates(tmp_path, BEFORE, after) == expected
