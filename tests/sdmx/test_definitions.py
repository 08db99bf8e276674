"""Datasets whose series follow several definitions are divided; the rows keep their numbers."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.frames import build_origins, lift_shared_definitions, move_to_declared_levels, split_by_definition
from sdmxmig.sdmx.model.data import Dataset

FLOW = CATALOGUE.flows["DF_POP"]
KEY = FLOW.structure.series_key


def dataset(rules: list[str | None], attributes: dict[str, str] | None = None) -> Dataset:
    """A figure for each of these residence rules, each of another sex."""
    sexes = ["_T", "M", "F"][: len(rules)]
    series = pl.DataFrame({name: sexes if name == "SEX" else ["_T"] * len(sexes) for name in KEY})
    return Dataset(
        FLOW,
        series.with_columns(TIME_PERIOD=pl.lit("2024"), OBS_VALUE=pl.lit("7")),
        series=series.with_columns(pl.Series("RES_RULE", rules, dtype=pl.String)),
        attributes=attributes or {},
        origins=build_origins(),
    )


@pytest.mark.parametrize(
    ("rules", "of_dataset", "parts"),
    [
        (["R12", "R12"], {}, {"R12": ["7", "7"]}),
        ([None, None], {}, {"": ["7", "7"]}),
        ([None, None], {"RES_RULE": "R6"}, {"R6": ["7", "7"]}),
        (["R12", "R6"], {}, {"R12": ["7", None], "R6": [None, "7"]}),
        (["R12", None], {}, {"R12": ["7", None], "": [None, "7"]}),
        (["R12", None], {"RES_RULE": "R6"}, {"R12": ["7", None], "R6": [None, "7"]}),
        (["R12", None, "_U"], {}, {"R12": ["7", None, None], "": [None, "7", None], "_U": [None, None, "7"]}),
    ],
)
def test_parts_have_their_own_values(
    rules: list[str | None], of_dataset: dict[str, str], parts: dict[str, list[str | None]]
) -> None:
    divided = split_by_definition(dataset(rules, of_dataset))
    assert {one.attributes.get("RES_RULE", ""): one.observations["OBS_VALUE"].to_list() for one in divided} == parts
    assert all(len(split_by_definition(one)) == 1 for one in divided)


def test_rules_that_differ_are_not_those_of_the_dataset() -> None:
    assert lift_shared_definitions(dataset(["R12", None], {"RES_RULE": "R6"})).attributes == {}


def test_an_optional_definition_that_series_leave_out_divides_nothing() -> None:
    whole = dataset(["R12", "R12", "R12"])
    method = pl.Series("STOCK_METHOD", ["REG", None, None], dtype=pl.String)
    (part,) = split_by_definition(replace(whole, series=whole.series.with_columns(method)))
    assert part.attributes["STOCK_METHOD"] == "REG"
    assert part.observations["OBS_VALUE"].to_list() == ["7", "7", "7"]


def test_a_rule_of_a_part_of_the_key_divides_a_dataset() -> None:
    of_men = pl.DataFrame({name: ["M" if name == "SEX" else None] for name in KEY} | {"RES_RULE": ["R6"]})
    divided = split_by_definition(replace(dataset([None, None, None], {"RES_RULE": "R12"}), partial={KEY: of_men}))
    parts = {one.attributes["RES_RULE"]: one.observations["OBS_VALUE"].to_list() for one in divided}
    assert parts == {"R12": ["7", None, "7"], "R6": [None, "7", None]}


def test_dataset_value_applies_to_series_without_one() -> None:
    given = dataset(["R12", None, None], {"RES_RULE": "R6", "UNIT_MULT": "0", "COMMENT_DSET": "a note"})
    moved = move_to_declared_levels(replace(given, series=given.series.head(2)))
    assert dict(moved.series.select("SEX", "RES_RULE").rows()) == {"_T": "R12", "M": "R6", "F": "R6"}
    assert moved.observations["UNIT_MULT"].to_list() == ["0", "0", "0"]
    assert moved.attributes == {"COMMENT_DSET": "a note"}
    assert move_to_declared_levels(moved) is moved


@pytest.mark.parametrize("series", [pl.DataFrame(), pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))])
def test_rules_find_what_is_stated_for_the_dataset_alone(series: pl.DataFrame) -> None:
    stated = {"RES_RULE": "R12", "DUR_BASIS": "ACT", "REF_DATE": "D0101", "UNIT_MEASURE": "PS"}
    given = replace(dataset([None, None, None], stated), series=series)
    lacking = {one.component for one in validate(given, CATALOGUE).items if one.rule == "MIG-1-008"}
    assert lacking == {"OBS_STATUS", "UNIT_MULT"}
