"""Data as SDMX-JSON 1.0: valid by the official schema, equal when read back, and read correctly by sdmx1."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import made
import polars as pl
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, join_blocks, read_all
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Group

FORM = FORMATS["sdmx-json-1.0"]
GROUPED = replace(
    made.STRUCTURE,
    groups=(Group("Sibling", ("REF_AREA", "SEX")),),
    components=(
        *made.STRUCTURE.components,
        made.component("GROUP_NOTE", "attribute", "group", mandatory=False, group="Sibling"),
        made.component("AREA_NOTE", "attribute", "dimensions", mandatory=False, dimensions=("REF_AREA",)),
        made.component("YEAR_NOTE", "attribute", "dimensions", mandatory=False, dimensions=("TIME_PERIOD",)),
    ),
)
TOLD = replace(
    made.SMALL,
    flow=replace(made.FLOW, structure=GROUPED),
    partial={
        **made.SMALL.partial,
        ("REF_AREA", "SEX"): made.frame(("REF_AREA", "SEX", "GROUP_NOTE"), [("GE", "F", "of women")]),
        ("REF_AREA",): made.frame(("REF_AREA", "AREA_NOTE"), [("GE", "of Georgia")]),
        ("TIME_PERIOD",): made.frame(("TIME_PERIOD", "YEAR_NOTE"), [("2023", "of 2023")]),
    },
)


def written(datasets: Sequence[Dataset], at: str = "TIME_PERIOD") -> bytes:
    """A message, which is valid."""
    content = data_bytes(FORM, datasets, made.HEADER, Layout(dimension_at_observation=at))
    assert FORM.data_problem(io.BytesIO(content), {}) == ""
    return content


def again(content: bytes) -> Dataset:
    """The one dataset of a message."""
    return join_blocks(read_all(FORM, "x.json", content, {made.DATAFLOW.ref.id: made.FLOW}))


def rows(frame: pl.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of some columns, in a fixed order."""
    there = [name if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in names]
    return sorted(frame.select(there).rows(), key=str)


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "SEX"])
def test_observations_survive_a_round_trip(at: str) -> None:
    read = again(written([made.SMALL], at))
    assert rows(read.observations, (*made.KEY, "TIME_PERIOD", "OBS_STATUS", "COMMENT_OBS")) == rows(
        made.SMALL.observations, (*made.KEY, "TIME_PERIOD", "OBS_STATUS", "COMMENT_OBS")
    )
    values = sorted(float(value) for value in read.observations["OBS_VALUE"] if value is not None)
    assert values == [1.0, 1076792.5]


def decoded(content: bytes) -> dict[str, dict[str, Any]]:
    """Attributes of series and observations by their keys, decoded as the standard prescribes."""
    body = json.loads(content)["data"]
    structure, (dataset,) = body["structure"], body["dataSets"]
    said: dict[str, dict[str, Any]] = {}

    def named(level: str, indices: Sequence[int | None]) -> dict[str, Any]:
        attributes = structure["attributes"][level]
        pairs = [(one, index) for one, index in zip(attributes, indices, strict=False) if index is not None]
        return {one["id"]: one["values"][index].get("id", one["values"][index].get("name")) for one, index in pairs}

    def key(level: str, indices: str) -> str:
        dimensions = structure["dimensions"][level]
        parts = zip(dimensions, map(int, indices.split(":")), strict=True)
        return ".".join(one["values"][index]["id"] for one, index in parts)

    for indices, series in dataset.get("series", {}).items():
        name = key("series", indices)
        said[name] = named("series", series.get("attributes", []))
        for period, (_, *attributes) in series["observations"].items():
            said[f"{name}.{key('observation', period)}"] = named("observation", attributes)
    for indices, (_, *attributes) in dataset.get("observations", {}).items():
        said[key("observation", indices)] = named("observation", attributes)
    return said


def test_json_1_0_repeats_attributes_of_groups_and_periods() -> None:
    said = decoded(written([TOLD]))
    assert said["A.GE.F.FC"] == {"UNIT": "PS", "GROUP_NOTE": "of women", "AREA_NOTE": "of Georgia"}
    assert said["A.GE.M.FC"] == {"UNIT": "PS", "NOTE": made.AWKWARD, "AREA_NOTE": "of Georgia"}
    assert said["A.GE.M.FC.2023"] == {"OBS_STATUS": "A", "YEAR_NOTE": "of 2023"}
    assert said["A.GE.M.FC.2024"] == {"OBS_STATUS": "O", "COMMENT_OBS": made.BROKEN}


def test_attributes_are_repeated_at_flat_observations() -> None:
    said = decoded(written([TOLD], ALL_DIMENSIONS))
    assert said["A.GE.M.FC.2024"] == {
        "UNIT": "PS",
        "NOTE": made.AWKWARD,
        "AREA_NOTE": "of Georgia",
        "OBS_STATUS": "O",
        "COMMENT_OBS": made.BROKEN,
    }
    assert said["A.GE.F.FC.2023"]["GROUP_NOTE"] == "of women"


def with_two_measures() -> Dataset:
    structure = replace(
        made.STRUCTURE, components=(*made.STRUCTURE.components, made.component("OTHER", "measure", data_type="Decimal"))
    )
    return replace(made.SMALL, flow=replace(made.FLOW, structure=structure))


def listing() -> Dataset:
    observations = made.SMALL.observations.with_columns(pl.concat_list("OBS_STATUS", "OBS_STATUS").alias("OBS_STATUS"))
    return replace(made.SMALL, observations=observations)


def other_period(period: str) -> Dataset:
    changed = made.SMALL.observations.with_columns(pl.col("TIME_PERIOD").replace("2023", period))
    return replace(made.SMALL, observations=changed)


OTHER_FLOW = replace(made.SMALL, flow=made.OTHER)
REFUSED = {
    "several measures of DF_POP": [with_two_measures()],
    "the several values of OBS_STATUS of DF_POP": [listing()],
    "“2023-01-01T00:00:00” as a value of TIME_PERIOD": [other_period("2023-01-01T00:00:00")],
    "one dataflow, but these data have DF_POP, DF_IMM": [made.SMALL, OTHER_FLOW],
}


@pytest.mark.parametrize("said", REFUSED)
def test_unsupported_parts_are_refused(said: str) -> None:
    with pytest.raises(SdmxmigError) as refused:
        written(REFUSED[said])
    assert said in str(refused.value)


BARE = pl.concat([made.SMALL.series, made.SMALL.series[:1].with_columns(SEX=pl.lit("_T"))])
UNOBSERVED = {
    "A.GE._T.FC": (replace(made.SMALL, series=BARE), [ALL_DIMENSIONS]),
    "AM": (
        replace(TOLD, partial={("REF_AREA",): made.frame(("REF_AREA", "AREA_NOTE"), [("AM", "of Armenia")])}),
        [ALL_DIMENSIONS, "TIME_PERIOD"],
    ),
}


@pytest.mark.parametrize(("part", "at"), [(part, at) for part, (_, layouts) in UNOBSERVED.items() for at in layouts])
def test_series_without_observations_are_refused(part: str, at: str) -> None:
    dataset, _ = UNOBSERVED[part]
    with pytest.raises(SdmxmigError, match=part):
        written([dataset], at)


SDMX1 = """
import json, sys, sdmx
(found,) = sdmx.read_sdmx(sys.argv[1]).data
print(json.dumps([
    [{str(k): str(v.value) for k, v in one.key.values.items()}, str(one.value),
     {str(k): getattr(v.value, "id", str(v.value)) for k, v in one.attached_attribute.items()}] for one in found.obs
]))
"""


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
def test_sdmx1_reads_equal_keys_values_and_attributes(tmp_path: Path, at: str) -> None:
    """Its reader is of the drafts: no ``data`` around the members, and values have an id and a name alone."""
    filled = made.SMALL.observations.with_columns(pl.col("OBS_VALUE").fill_null("7"))
    official = json.loads(written([replace(made.SMALL, observations=filled)], at))
    for level in official["data"]["structure"]["attributes"].values():
        for each in level:
            each["values"] = [{name: one[name] for name in ("id", "name") if name in one} for one in each["values"]]
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"header": {**official["meta"], "sender": {"id": "XX"}}, **official["data"]}))
    code = [sys.executable, "-W", "ignore", "-c", SDMX1, str(path)]
    answer = subprocess.run(code, capture_output=True, check=True, text=True)
    key = made.STRUCTURE.key
    found = {tuple(one[name] for name in key): (float(value), said) for one, value, said in json.loads(answer.stdout)}
    expected = {
        tuple(row[:-2]): (float(row[-2]), row[-1]) for row in filled.select(*key, "OBS_VALUE", "OBS_STATUS").rows()
    }
    assert {one: (value, said["OBS_STATUS"]) for one, (value, said) in found.items()} == expected
