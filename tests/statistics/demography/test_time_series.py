"""Numbers of keys and sets of codes, with and without queries."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from sdmxmig.statistics.demography import time_series

CODES = (
    [[1, 2], [2], [2, 1]],
    [[3], [3], [3]],
    [[0, 70, 130], [130, 0], [70, 130, 0], [0, 130]],
    [],
)


@pytest.mark.parametrize("codes", CODES)
def test_index_is_independent_of_row_count(codes: Sequence[Sequence[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(7 - group, code) for group, together in enumerate(codes) for code in together]
    schema = {"group": pl.UInt32, "code": pl.UInt32}
    parts = pl.DataFrame(pairs, schema=schema, orient="row").with_row_index("row").select("group", "code", "row")
    of_few = time_series.index_reported_parts(parts)
    monkeypatch.setattr(time_series, "FEW_ROWS", -1)
    of_many = time_series.index_reported_parts(parts)
    assert of_few.sets == of_many.sets
    assert of_few.frame.equals(of_many.frame)


@pytest.mark.parametrize("numbers", [[7, 3, 7, 9], [1], []])
def test_order_is_independent_of_row_count(numbers: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> None:
    column = pl.Series(numbers, dtype=pl.UInt64)
    of_few = time_series.renumber_by_appearance(column)
    monkeypatch.setattr(time_series, "FEW_ROWS", -1)
    assert of_few.equals(time_series.renumber_by_appearance(column), check_names=True, check_dtypes=True)
