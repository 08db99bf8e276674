"""How much longer data take to read if only the careful readers read them, which is why each format has a fast one too.

``python -m benchmarks.careful_readers --size 200000`` writes a table of so many observations in each format into
memory, reads it by both readers of the format as ``sdmxmig`` does and then by the careful one alone, and prints what
either takes of the processors.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from benchmarks import speed_table
from benchmarks.data_speed import machine
from benchmarks.speed_cases import JOBS
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_csv import text
from sdmxmig.sdmx.formats.sdmx_json.data_reading.series import ColumnReader
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import regular

CASES = (
    ("flat", "sdmx-ml-3.0"),
    ("series", "sdmx-ml-3.0"),
    ("generic", "sdmx-ml-2.1-generic"),
    ("json", "sdmx-json-2.0"),
    ("csv", "sdmx-csv-2.0"),
)
ROUNDS = 3


@contextmanager
def carefully() -> Iterator[None]:
    """All fast readers leave every run to the careful ones; SDMX-ML has no lane at all then."""
    with (
        patch.object(ColumnReader, "read", lambda *_: None),
        patch.object(text, "whole_rows", lambda *_: None),
        patch.object(regular, "lane_of", lambda _: None),
    ):
        yield


def seconds(format_id: str, content: bytes, size: int) -> float:
    """Measure the processor time of lenient reading, the best of some rounds."""
    read, flow, least = FORMATS[format_id].read_data, speed_table.flow(), float("inf")
    assert read is not None  # noqa: S101 - only such formats are cases
    for _ in range(ROUNDS):
        start, faults = time.process_time(), Faults()
        height = sum(block.observations.height for block in read("data", io.BytesIO(content), {flow.id: flow}, faults))
        least = min(least, time.process_time() - start)
        if height != size or faults.listed:
            raise ValueError(f"{format_id}: {height} observations, {len(faults.listed)} faults.")
    return least


def table(size: int) -> str:
    dataset = speed_table.as_dataset(speed_table.plain_table(size))
    lines = ["| data | MB | both, s | careful, s | times |", "|---|---:|---:|---:|---:|"]
    for job, format_id in CASES:
        title, _, layout = JOBS[job]
        content = data_bytes(FORMATS[format_id], [dataset], speed_table.HEADER, layout)
        both = seconds(format_id, content, size)
        with carefully():
            careful = seconds(format_id, content, size)
        lines.append(f"| {title} | {len(content) >> 20} | {both:.2f} | {careful:.2f} | {careful / both:.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200_000)
    size = parser.parse_args().size
    print(f"{size:,} observations; {machine()}\n\n{table(size)}")  # noqa: T201


if __name__ == "__main__":
    main()
