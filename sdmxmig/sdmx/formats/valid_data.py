"""Validation of written data before use."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Format, Layout, no_problem_in_data
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.submission import Header

MAX_MEMORY_BYTES = 4 * MIB
CHECK_HINT = "sdmxmig check lists the faults of the data; --lenient writes them nevertheless."


def collect_flows(blocks: Iterable[Dataset], flows: dict[str, Flow]) -> Iterator[Dataset]:
    for block in blocks:
        flows[block.flow.dataflow.ref.short] = block.flow
        if block.refers_to is not None:
            flows[block.refers_to.urn] = block.flow
        yield block


class Twice(io.BufferedIOBase, BinaryIO):
    """Writes the same bytes into two open files."""

    name = ""
    mode = "wb"

    def __init__(self, out: BinaryIO, copy: BinaryIO) -> None:
        self._files = (out, copy)

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        for file in self._files:
            file.write(content)
        return len(content)

    def tell(self) -> int:
        return self._files[1].tell()


def write_valid_data(form: Format, datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:
    """Write datasets as one message, then validate it.

    Generated schemas check the position of components; use `check` for values. Raises `SdmxmigError` with the first
    violation; do not use the file then.
    """
    assert form.write_data is not None  # noqa: S101 - only such formats are written
    if form.data_problem is no_problem_in_data:
        form.write_data(datasets, header, out, layout)
        return
    flows: dict[str, Flow] = {}
    with _open_readable_copy(out) as (file, copy):
        start = copy.tell()
        form.write_data(collect_flows(datasets, flows), header, file, layout)
        copy.seek(start)
        problem = form.data_problem(copy, flows)
        copy.seek(0, io.SEEK_END)
    if problem:
        raise SdmxmigError(f"{form.name} cannot express these data: {problem}", hint=CHECK_HINT)


@contextmanager
def _open_readable_copy(out: BinaryIO) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    if isinstance(out, io.BufferedRandom):
        yield out, out
        return
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spool:
        copy = cast("BinaryIO", spool)
        yield Twice(out, copy), copy
