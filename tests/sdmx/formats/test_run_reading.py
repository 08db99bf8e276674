"""Each format has a fast and a careful reader of runs; both agree on regular ones."""

from __future__ import annotations

import pytest

from benchmarks import speed_table
from benchmarks.speed_cases import JOBS
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_csv import text
from sdmxmig.sdmx.formats.sdmx_json.data_reading.series import ColumnReader
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import regular


@pytest.mark.parametrize(
    ("job", "format_id"),
    [
        ("flat", "sdmx-ml-3.0"),
        ("series", "sdmx-ml-3.0"),
        ("generic", "sdmx-ml-2.1-generic"),
        ("json", "sdmx-json-2.0"),
        ("csv", "sdmx-csv-2.0"),
    ],
)
def test_the_careful_readers_alone_read_the_same(monkeypatch: pytest.MonkeyPatch, job: str, format_id: str) -> None:
    form, flow = FORMATS[format_id], speed_table.flow()
    dataset = speed_table.as_dataset(speed_table.plain_table(12_000))
    content = data_bytes(form, [dataset], speed_table.HEADER, JOBS[job][2])
    [quick] = read_all(form, "data", content, {flow.id: flow})
    monkeypatch.setattr(ColumnReader, "read", lambda *_: None)
    monkeypatch.setattr(text, "whole_rows", lambda *_: None)
    monkeypatch.setattr(regular, "lane_of", lambda _: None)
    [careful] = read_all(form, "data", content, {flow.id: flow}, Faults())
    key = list(flow.structure.key)
    assert quick.observations.sort(key).equals(careful.observations.sort(key))
    assert quick.series.equals(careful.series)
    assert careful.observations.height == 12_000
