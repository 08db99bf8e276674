"""Datasets from pandas and polars: numbers, timestamps, infinities and the index."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pandas as pd
import polars as pl
import pytest
from shipped import CATALOGUE

import sdmxmig

FLOW = CATALOGUE.flow("DF_POP")
KEY = dict.fromkeys(FLOW.structure.key, "_T") | {"FREQ": "A", "REF_AREA": "GE", "TIME_PERIOD": "2021"}

DAY = dt.datetime.fromisoformat("2021-01-01")


def dataset(library: str, **columns: Any) -> sdmxmig.Dataset:
    cells = {name: [value] for name, value in {**KEY, "OBS_VALUE": "620", **columns}.items()}
    if library == "pandas":
        return sdmxmig.from_pandas(pd.DataFrame(cells), FLOW)
    return sdmxmig.from_polars(pl.DataFrame(cells), FLOW)


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize(
    ("value", "sent"),
    [
        *((620.0, "620"), (620.5, "620.5"), (0.1, "0.1"), (1e16, "10000000000000000"), (-3.0, "-3"), (620, "620")),
        *(("620.0", "620.0"), ("1.50", "1.50"), ("007", "007")),
    ],
)
def test_numbers_and_texts_of_a_frame_are_sent_unchanged(library: str, value: object, sent: str) -> None:
    assert dataset(library, OBS_VALUE=value).observations["OBS_VALUE"].to_list() == [sent]


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_value_is_refused(library: str, value: float) -> None:
    with pytest.raises(sdmxmig.SdmxmigError, match="OBS_VALUE is infinite"):
        dataset(library, OBS_VALUE=value)


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("value", [DAY, DAY.date(), DAY.replace(hour=10)])
def test_timestamps_are_not_read_as_periods(library: str, value: dt.date) -> None:
    with pytest.raises(sdmxmig.SdmxmigError, match="do not identify a period") as refused:
        dataset(library, TIME_PERIOD=value)
    assert 'frame["TIME_PERIOD"].dt.strftime("%Y")' in refused.value.hint


def test_columns_in_the_index_are_named_in_the_hint() -> None:
    frame = pd.DataFrame([{**KEY, "OBS_VALUE": "620"}]).set_index(["SEX", "AGE"])
    with pytest.raises(sdmxmig.SdmxmigError, match="columns are missing") as refused:
        sdmxmig.from_pandas(frame, FLOW)
    assert "are in the index: call frame.reset_index()." in refused.value.hint
    assert sdmxmig.from_pandas(frame.reset_index(), FLOW).observations.height == 1


def test_text_in_memory_is_refused_in_one_sentence() -> None:
    with pytest.raises(sdmxmig.SdmxmigError) as refused:
        sdmxmig.read(io.StringIO("<a/>"))
    assert refused.value.message == "This file is open as text."
    assert refused.value.hint == "Give the text as bytes: text.encode()."
