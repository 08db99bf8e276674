"""Each format has a fast and a careful reader of runs; both agree on regular ones."""

from __future__ import annotations

import pytest

from benchmarks import careful_readers, speed_table
from benchmarks.speed_cases import JOBS
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.faults import Faults, read_run
from sdmxmig.sdmx.formats.sdmx_csv.text import RecordReader, TableReader, TextPiece


def piece(content: bytes) -> TextPiece:
    return TextPiece("t.csv", content, line=7, delimiter=",")


def test_both_readers_agree_on_regular_rows() -> None:
    records = piece(b'1,2\n"3,4",\n')
    expected = [("1", "2"), ("3,4", None)]
    read = TableReader(2).read(records)
    assert read is not None
    assert read[1].rows() == RecordReader(2, Faults()).read(records)[1].rows() == expected


def test_fast_reader_leaves_irregular_rows_to_the_other() -> None:
    records, faults = piece(b"1,2\n3,4,5\n6,7\n"), Faults()
    assert TableReader(2).read(records) is None
    readable, rows = read_run(TableReader(2), RecordReader(2, faults), records)
    assert (rows.rows(), [readable.line_of(record) for record in range(2)]) == ([("1", "2"), ("6", "7")], [7, 9])
    assert [str(fault.place) for fault in faults.listed] == ["t.csv:8:3"]


def test_a_strict_careful_reader_raises_what_is_wrong_first() -> None:
    with pytest.raises(InputError, match="Fields in this row: 3; columns: 2") as caught:
        read_run(TableReader(2), RecordReader(2), piece(b"1,2\n3,4,5\n6\n"))
    assert caught.value.place is not None
    assert caught.value.place.line == 8


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
