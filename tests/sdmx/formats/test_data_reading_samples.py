"""Published data messages give the counts of their list."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from folders import SHARED
from made_flows import ecb_flow

from sdmxmig.sdmx.formats.sdmx_ml.data_reading import read_data
from sdmxmig.sdmx.model.data import Dataset, Flow

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")

ECB = ("ng-flat-ss", "ng-flat", "ng-ts-ss", "ng-ts", "ng-xs")


def read(path: Path, flow: Flow, *, fast: bool = True) -> list[Dataset]:
    with path.open("rb") as stream:
        return list(read_data(path.name, stream, {flow.id: flow}, fast=fast))


def test_specification_sample_is_parsed_alike_in_every_layout() -> None:
    flow = ecb_flow("ng-structure-full")
    found = {}
    for name in ECB:
        (dataset,) = read(SHARED / "sdmx-ml-2.1/ecb_exr" / f"{name}.xml", flow)
        key = list(flow.structure.key)
        rows = dataset.observations.sort(key)
        parts = {dims: frame.sort(dims) for dims, frame in dataset.partial.items()}
        found[name] = (rows.write_csv(), {dims: frame.write_csv() for dims, frame in parts.items()})
        assert dataset.observations.height == 12
        assert dataset.refers_to == flow.structure.ref
    assert all(one == found["ng-ts"] for one in found.values())
    first = read(SHARED / "sdmx-ml-2.1/ecb_exr/ng-flat.xml", flow)[0]
    chf = first.observations.filter((pl.col("CURRENCY") == "CHF") & (pl.col("TIME_PERIOD") == "2010-08"))
    assert chf.select("OBS_VALUE", "OBS_STATUS").row(0) == ("1.3413", "A")
