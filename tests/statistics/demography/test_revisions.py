"""Two releases side by side: every figure beside its earlier value, in units that both share."""

from __future__ import annotations

import polars as pl
import pytest
from case_tables import text_from
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.statistics.demography import revisions
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import EarlierRelease

BEFORE = """
SEX,TIME_PERIOD,OBS_VALUE,UNIT_MULT
_T,2021,12.3,3
M,2021,6000,0
F,2021,6300,0
F,2020,6100,0
M,2019,,0
"""
NOW = text_from("statistics/cases/revisions_now.csv")
COLUMNS = ["SEX", "TIME_PERIOD", "row", "row_before", "value", "value_before", "revised"]
EXPECTED = [
    ("F", "2021", 0, 2, 6301.0, 6300.0, True),
    ("_T", "2021", 1, 0, 12349.0, 12300.0, False),
    ("M", "2019", 2, 4, 5900.0, None, None),
    ("M", "2022", 3, None, 6050.0, None, None),
    ("M", "2021", 4, 1, 6000.0, 6000.0, False),
    ("F", "2020", None, 3, None, 6100.0, None),
]
"""12.3 thousand stands for 12,250 to 12,350: 12,349 is no revision. Of two figures of men of 2021 the first counts."""


def cells(now: str, before: str) -> list[tuple[object, ...]]:
    (current,), (earlier,) = datasets(now, CATALOGUE.flows), datasets(before, CATALOGUE.flows)
    return EarlierRelease(Book(current), earlier, name="earlier").cells.select(COLUMNS).rows()


@pytest.mark.parametrize("hashes", ["different", "all alike"])
def test_each_figure_is_paired_with_its_earlier_value(monkeypatch: pytest.MonkeyPatch, hashes: str) -> None:
    if hashes == "all alike":  # two keys of one hash are told apart

        def alike(frame: pl.DataFrame, key: list[str], *, seed: int) -> pl.Series:
            return pl.Series([0] * frame.height, dtype=pl.UInt64)

        monkeypatch.setattr(revisions, "hash_keys", alike)
    assert sorted(map(str, cells(NOW, BEFORE))) == sorted(map(str, EXPECTED))


def test_release_compared_with_itself_has_no_revision() -> None:
    rows = cells(BEFORE, BEFORE)
    assert [(row, row_before) for _, _, row, row_before, *_ in rows] == [(n, n) for n in range(5)]
    assert {revised for *_, revised in rows} == {False, None}
