"""Parquet files: the cells that a person would have written."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import polars as pl
import pytest

from sdmxmig.conversion.tables import parquet, read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table


def only(frame: pl.DataFrame) -> Table:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    (table,) = read("a.parquet", stream.getvalue())
    return table


MOMENT = dt.datetime(2024, 1, 31, 12, 30)  # noqa: DTZ001 - a column without zone
DAY = dt.datetime(2024, 1, 31)  # noqa: DTZ001
COLUMNS = {
    "text": (pl.Series(["01", "NA", ""]), ["01", "NA", ""], "text"),
    "count": (pl.Series([1, None, -3]), ["1", "", "-3"], "number"),
    "large": (pl.Series([2**63, 0, 7], dtype=pl.UInt64), ["9223372036854775808", "0", "7"], "number"),
    "rate": (pl.Series([3688.6, 1e-7, 2.0]), ["3688.6", "0.0000001", "2"], "number"),
    "huge": (pl.Series([1e22, None, float("nan")]), ["10000000000000000000000", "", "NaN"], "number"),
    "single": (pl.Series([0.1, None, 2], dtype=pl.Float32), ["0.1", "", "2"], "number"),
    "exact": (pl.Series([Decimal("1.50"), Decimal("0.05"), None]), ["1.50", "0.05", ""], "number"),
    "known": (pl.Series([True, False, None]), ["TRUE", "FALSE", ""], "boolean"),
    "day": (pl.Series([dt.date(2024, 2, 29), None, dt.date(1850, 1, 1)]), ["2024-02-29", "", "1850-01-01"], "date"),
    "moment": (
        pl.Series([MOMENT, None, DAY]),
        ["2024-01-31T12:30:00", "", "2024-01-31"],
        "date",
    ),
    "zone": (pl.Series([MOMENT] * 3).dt.replace_time_zone("Asia/Tbilisi"), ["2024-01-31T12:30:00+04:00"] * 3, "date"),
    "time": (pl.Series([dt.time(8, 5), None, dt.time(23, 59, 1)]), ["08:05:00", "", "23:59:01"], "time"),
    "code": (pl.Series(["F", "M", None], dtype=pl.Categorical), ["F", "M", ""], "text"),
    "bytes": (pl.Series([b"\x00\xff", b"", None]), ["00ff", "", ""], "text"),
    "list": (pl.Series([[1, 2], [], None]), ["[1,2]", "[]", ""], "text"),
    "struct": (pl.Series([{"a": 1}, {"a": None}, {"a": 3}]), ['{"a":1}', '{"a":null}', '{"a":3}'], "text"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_kind(name: str) -> None:
    values, texts, kind = COLUMNS[name]
    table = only(pl.DataFrame({"first": [1, 2, 3], name: values}))
    assert table.text(1, 2) == name
    assert [table.text(row, 2) for row in range(2, 5)] == texts
    assert set(table.cells.filter(pl.col("column") == 2, pl.col("row") > 1)["kind"]) == {kind}


def test_cells_stand_by_row_and_column() -> None:
    table = only(pl.DataFrame({"SEX": ["F", "M"], "OBS_VALUE": ["1.50", None]}))
    assert table.cells.select("row", "column", "text").rows() == [
        *((1, 1, "SEX"), (1, 2, "OBS_VALUE"), (2, 1, "F"), (2, 2, "1.50"), (3, 1, "M"))
    ]
    assert str(table.place(2, 2)) == "a.parquet › B2"


def test_a_cut_file_and_one_that_claims_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    pl.DataFrame({"a": range(1000)}).write_parquet(stream)
    with pytest.raises(InputError, match="damaged"):
        read("a.parquet", stream.getvalue()[:-20])
    monkeypatch.setattr(parquet, "CELL_LIMIT", 999)
    with pytest.raises(InputError, match="1000 records of 1 fields"):
        read("a.parquet", stream.getvalue())
