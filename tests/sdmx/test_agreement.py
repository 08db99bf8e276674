"""Two messages say the same or they do not, whatever their order and wherever their attributes are attached."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from case_tables import cases_from, optional
from small_country import dataset

from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.sdmx.revision import find_disagreement

HEADER = Header("A", "2026-01-31T12:00:00+00:00", sender=Party("GE1"))
ROWS = [{"SEX": sex, "TIME_PERIOD": year, "OBS_VALUE": "1.50"} for sex in ("F", "M") for year in ("2020", "2021")]
GIVEN = dataset("DF_POP", *ROWS, RES_RULE="R12")


def differs(other: Dataset, dataset: Dataset = GIVEN) -> str:
    return find_disagreement(("a", [dataset]), ("b", [other]))


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write_data and FORMATS[name].read_data])
def test_message_in_any_format_agrees_with_its_source(name: str) -> None:
    form = FORMATS[name]
    read = read_all(form, f"a{form.suffix}", data_bytes(form, [GIVEN], HEADER), {"DF_POP": GIVEN.flow})
    assert find_disagreement(("a", [GIVEN]), ("b", [replace(one, action="R") for one in read])) == ""


def test_order_of_observations_is_irrelevant() -> None:
    assert differs(replace(GIVEN, observations=GIVEN.observations.reverse())) == ""


@cases_from("sdmx/cases/the_first_difference_is_named_with_both_values.csv", value=optional)
def test_first_difference_is_named_with_both_values(column: str, value: str | None, said: str) -> None:
    first = pl.int_range(pl.len()) == 0
    changed = GIVEN.observations.with_columns(
        pl.when(first).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )
    assert differs(replace(GIVEN, observations=changed)) == said


def test_observations_in_only_one_message_are_named() -> None:
    fewer = replace(GIVEN, observations=GIVEN.observations.head(3))
    assert differs(fewer) == "only a has A.GE._T._T.M._T._T._T.2021"
    assert differs(GIVEN, fewer) == "only b has A.GE._T._T.M._T._T._T.2021"
    assert "RES_RULE" in differs(replace(GIVEN, attributes={"RES_RULE": "R6"}))
    assert differs(replace(GIVEN, action="M")).startswith("ACTION of A.GE._T._T.F._T._T._T.2020 is “R” in a")
