"""Datasets go to other libraries and come back with every text as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import made
import made_data
import pandas as pd
import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.dataframes import from_pandas, from_polars, to_arrow, to_pandas, to_polars
from sdmxmig.sdmx.model.data import Dataset

FLOW = CATALOGUE.flow("DF_IMM")
ROWS = {
    **{name: ["A", "A"] if name == "FREQ" else ["_T", "_T"] for name in FLOW.structure.key},
    "REF_AREA": ["NA", "NO"],
    "DIRECTION": ["I", "I"],
    "TIME_PERIOD": ["2022", "2022"],
    "OBS_VALUE": ["1.50", None],
    "OBS_STATUS": ["A", "O"],
    "UNIT_MULT": ["0", "0"],
    "COMMENT_OBS": ['l\'été, "x"\n01', None],
    "UNIT_MEASURE": ["PS", "PS"],
    "RES_RULE": ["R6", "R6"],
}


@pytest.fixture
def dataset() -> Dataset:
    return from_polars(pl.DataFrame(ROWS), FLOW)


def test_table_becomes_dataset_with_attributes_at_their_levels(dataset: Dataset) -> None:
    assert dataset.series["RES_RULE"].to_list() == ["R6", "R6"]
    assert dataset.series["UNIT_MEASURE"].to_list() == ["PS", "PS"]
    assert dataset.observations["OBS_VALUE"].to_list() == ["1.50", None]
    assert dataset.observations["REF_AREA"].to_list() == ["NA", "NO"]


def test_dataset_survives_conversion_to_pandas_and_back(dataset: Dataset) -> None:
    table = to_pandas(dataset)
    assert table["REF_AREA"].tolist() == ["NA", "NO"]
    assert table["OBS_VALUE"].tolist() == ["1.50", None]
    again = from_pandas(table, FLOW)
    assert again.observations.equals(dataset.observations)
    assert again.series.equals(dataset.series)
    assert again.attributes == dataset.attributes


def test_polars_and_arrow_tables_are_equal(dataset: Dataset) -> None:
    assert to_polars(dataset)["COMMENT_OBS"].to_list() == ROWS["COMMENT_OBS"]
    assert to_arrow(dataset)["COMMENT_OBS"].to_pylist() == ROWS["COMMENT_OBS"]


@pytest.mark.parametrize("there_and_back", [(to_polars, from_polars), (to_pandas, from_pandas)])
def test_several_values_and_languages_round_trip_as_lists(there_and_back: tuple[Any, Any]) -> None:
    rich, (there, back) = made_data.rich(), there_and_back
    dataset = replace(rich, partial={(): rich.partial[()]})
    table = there(dataset)
    assert [None if value is None else list(value) for value in table["SOURCES"]] == [
        ["a", made.AWKWARD],
        None,
        ["one"],
    ]
    assert {text["language"] for text in table["ABSTRACT"][0]} == {"en", "fr"}
    again = back(table, dataset.flow)
    assert again.observations.select(dataset.observations.columns).equals(dataset.observations)
    assert again.series.equals(dataset.series)
    assert {key: frame.to_dicts() for key, frame in again.partial.items()} == {
        key: frame.to_dicts() for key, frame in dataset.partial.items()
    }


def test_missing_pandas_value_is_not_sent() -> None:
    table = pd.DataFrame(ROWS)
    table.loc[0, "COMMENT_OBS"] = float("nan")
    assert from_pandas(table, FLOW).observations["COMMENT_OBS"].to_list() == [None, None]


def test_unknown_column_is_refused() -> None:
    with pytest.raises(InputError, match="REF_ARAE"):
        from_polars(pl.DataFrame(ROWS).rename({"REF_AREA": "REF_ARAE"}), FLOW)
