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
def test_dataset_is_split_by_definition(
    rules: list[str | None], of_dataset: dict[str, str], parts: dict[str, list[str | None]]
) -> None:
    divided = split_by_definition(dataset(rules, of_dataset))
    assert {one.attributes.get("RES_RULE", ""): one.observations["OBS_VALUE"].to_list() for one in divided} == parts
    assert all(len(split_by_definition(one)) == 1 for one in divided)


def test_differing_rules_are_not_lifted_to_the_dataset() -> None:
    assert lift_shared_definitions(dataset(["R12", None], {"RES_RULE": "R6"})).attributes == {}


def test_omitted_optional_definition_does_not_split_dataset() -> None:
    whole = dataset(["R12", "R12", "R12"])
    method = pl.Series("STOCK_METHOD", ["REG", None, None], dtype=pl.String)
    (part,) = split_by_definition(replace(whole, series=whole.series.with_columns(method)))
    assert part.attributes["STOCK_METHOD"] == "REG"
    assert part.observations["OBS_VALUE"].to_list() == ["7", "7", "7"]


def test_definition_at_partial_key_splits_dataset() -> None:
    of_men = pl.DataFrame({name: ["M" if name == "SEX" else None] for name in KEY} | {"RES_RULE": ["R6"]})
    divided = split_by_definition(replace(dataset([None, None, None], {"RES_RULE": "R12"}), partial={KEY: of_men}))
    parts = {one.attributes["RES_RULE"]: one.observations["OBS_VALUE"].to_list() for one in divided}
    assert parts == {"R12": ["7", None, "7"], "R6": [None, "7", None]}


def test_dataset_value_applies_to_series_without_own_value() -> None:
    given = dataset(["R12", None, None], {"RES_RULE": "R6", "UNIT_MULT": "0", "COMMENT_DSET": "a note"})
    moved = move_to_declared_levels(replace(given, series=given.series.head(2)))
    assert dict(moved.series.select("SEX", "RES_RULE").rows()) == {"_T": "R12", "M": "R6", "F": "R6"}
    assert moved.observations["UNIT_MULT"].to_list() == ["0", "0", "0"]
    assert moved.attributes == {"COMMENT_DSET": "a note"}
    assert move_to_declared_levels(moved) is moved


@pytest.mark.parametrize("series", [pl.DataFrame(), pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))])
def test_values_stated_only_for_the_dataset_are_found(series: pl.DataFrame) -> None:
    stated = {"RES_RULE": "R12", "DUR_BASIS": "ACT", "REF_DATE": "D0101", "UNIT_MEASURE": "PS"}
    given = replace(dataset([None, None, None], stated), series=series)
    lacking = {one.component for one in validate(given, CATALOGUE).items if one.rule == "MIG-1-008"}
    assert lacking == {"OBS_STATUS", "UNIT_MULT"}
