"""Each format has a fast and a careful reader of runs; both agree on regular ones."""

from __future__ import annotations

import pytest

from benchmarks import careful_readers, speed_table
from benchmarks.speed_cases import JOBS
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.faults import Faults


@pytest.mark.parametrize(("job", "format_id"), careful_readers.CASES)
def test_the_careful_readers_alone_read_the_same(job: str, format_id: str) -> None:
    form, flow = FORMATS[format_id], speed_table.flow()
    dataset = speed_table.as_dataset(speed_table.plain_table(12_000))
    content = data_bytes(form, [dataset], speed_table.HEADER, JOBS[job][2])
    [quick] = read_all(form, "data", content, {flow.id: flow})
    with careful_readers.carefully():
        [careful] = read_all(form, "data", content, {flow.id: flow}, Faults())
    key = list(flow.structure.key)
    assert quick.observations.sort(key).equals(careful.observations.sort(key))
    assert quick.series.equals(careful.series)
    assert careful.observations.height == 12_000
