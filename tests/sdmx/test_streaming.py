"""Messages are streamed: writers keep no block, readers take no more than needed."""

from __future__ import annotations

import functools
import gc
import gzip
import io
import subprocess
import sys
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from folders import ROOT

from benchmarks import speed_table
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import (
    ALL_DIMENSIONS,
    DEFAULT_LAYOUT,
    FORMATS,
    Layout,
    data_bytes,
    structure_bytes,
)
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header

MIB = 1 << 20
FLOWS = {"DF_SPEED": speed_table.flow()}
WRITERS = [name for name in FORMATS if FORMATS[name].write_data]
FLAT = Layout(ALL_DIMENSIONS)
FIRST = speed_table.as_dataset(speed_table.plain_table(20_000))


def same_header(_: Header | None) -> Header:
    return speed_table.HEADER


SMALL = speed_table.as_dataset(speed_table.plain_table(500))


def blocks(
    count: int, kept: list[weakref.ref[pl.DataFrame]] | None = None, first: Dataset = FIRST
) -> Iterator[Dataset]:
    """A dataset in blocks, each of another area; `kept` collects weak references to their tables."""
    for number in range(count):
        rows = first.observations.with_columns(REF_AREA=pl.lit(speed_table.CODES["REF_AREA"][number]))
        block = replace(first, observations=rows, continues=number > 0)
        if kept is not None:
            assert held(kept) <= 3, "the first, that which is being written, the next"
            kept.append(weakref.ref(rows))
        del rows
        yield block
        del block


def held(kept: list[weakref.ref[pl.DataFrame]]) -> int:
    """The number of these tables still in use, without those that only wait to be collected."""
    if sum(one() is not None for one in kept) > 3:
        gc.collect()
    return sum(one() is not None for one in kept)


@functools.cache
def message(form: str, layout: Layout = DEFAULT_LAYOUT, count: int = 16) -> bytes:
    out = io.BytesIO()
    write = FORMATS[form].write_data
    write(blocks(count), speed_table.HEADER, out, layout)
    return out.getvalue()


@pytest.mark.parametrize("layout", [DEFAULT_LAYOUT, FLAT], ids=["series", "flat"])
@pytest.mark.parametrize("name", WRITERS)
def test_writer_releases_each_block(name: str, layout: Layout, tmp_path: Path) -> None:
    write, kept = FORMATS[name].write_data, list[weakref.ref[pl.DataFrame]]()
    with (tmp_path / "out").open("w+b") as out:
        write(blocks(6, kept, SMALL), speed_table.HEADER, out, layout)
    assert len(kept) == 6


@pytest.mark.parametrize("name", WRITERS)
def test_streamed_message_equals_one_written_at_once(name: str, tmp_path: Path) -> None:
    write = FORMATS[name].write_data
    one = replace(FIRST, observations=FIRST.observations.head(20))
    many = [one, replace(one, action="M")] if FORMATS[name].id not in ("sdmx-csv-1.0", "sdmx-ml-2.1") else [one]
    if "generic" in name:
        many = [one, replace(one, action="D")]
    known = data_bytes(FORMATS[name], many, speed_table.HEADER)
    as_it_came = io.BytesIO()
    write(iter(many), speed_table.HEADER, as_it_came, DEFAULT_LAYOUT)
    assert as_it_came.getvalue() == known
    with (tmp_path / "out").open("w+b") as out:
        out.write(b"before ")
        write(iter(many), speed_table.HEADER, out, DEFAULT_LAYOUT)
    assert (tmp_path / "out").read_bytes() == b"before " + known


class Source(io.RawIOBase):
    """A generated message that fails if more than `lead` bytes beyond `written` are taken."""

    def __init__(self, content: bytes, written: Path, lead: int) -> None:
        self._content, self._written, self._lead = io.BytesIO(content), written, lead
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        out = max((path.stat().st_size for path in self._written.iterdir()), default=0)
        assert self.taken - out <= self._lead, f"{self.taken:,} bytes were read, {out:,} written"
        found = self._content.read(size)
        self.taken += len(found)
        return found


@pytest.mark.parametrize(
    ("source", "target", "layout", "lead"),
    [
        ("sdmx-csv-2.0", "sdmx-csv-2.1", DEFAULT_LAYOUT, 12),
        pytest.param("sdmx-csv-2.0", "sdmx-ml-3.0", FLAT, 12, marks=pytest.mark.long),
        pytest.param("sdmx-ml-3.0", "sdmx-ml-2.1", FLAT, 32, marks=pytest.mark.long),
    ],
)
def test_output_starts_before_the_input_ends(
    source: str, target: str, layout: Layout, lead: int, tmp_path: Path
) -> None:
    content = message(source, layout)
    assert len(content) > 2 * lead * MIB
    stream = Source(content, tmp_path, lead * MIB)
    with (tmp_path / "out").open("w+b") as out:
        transform("in", stream, FORMATS[target], out, flows=FLOWS, header=same_header, layout=layout)  # type: ignore[arg-type]
    assert stream.taken == len(content)


@pytest.mark.parametrize(
    ("source", "layout"),
    [("sdmx-csv-2.0", DEFAULT_LAYOUT), ("sdmx-ml-3.0", FLAT), ("sdmx-ml-2.1-generic", DEFAULT_LAYOUT)],
)
def test_first_block_comes_before_the_end_of_the_message(source: str, layout: Layout) -> None:
    stream = io.BytesIO(message(source, layout))
    read = FORMATS[source].read_data
    next(iter(read("in", stream, FLOWS)))
    assert stream.tell() < len(stream.getvalue()) * 3 / 4


def test_compressed_message_passes_through_pipes(tmp_path: Path) -> None:
    structures = tmp_path / "structures.xml"
    structures.write_bytes(structure_bytes(FORMATS["sdmx-ml-3.0"], speed_table.artefacts(), speed_table.HEADER))
    program = "from sdmxmig.__main__ import main; main()"
    command = ["transform", "-", "--to", "sdmx-csv-2.0", "-o", "-", "--structure", str(structures)]
    sent = gzip.compress(message("sdmx-ml-3.0", count=1), 1)
    done = subprocess.run(
        [sys.executable, "-c", program, *command], input=sent, capture_output=True, check=False, cwd=ROOT
    )
    assert done.stdout == message("sdmx-csv-2.0", count=1), done.stderr
