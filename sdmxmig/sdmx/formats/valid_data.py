"""Data that were written are held against the official schema before anybody gets them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Format, Layout, no_problem_in_data
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.submission import Header

IN_MEMORY = 4 * MIB
HINT = "sdmxmig check shows what is wrong with the data; --lenient writes them all the same."


@dataclass(slots=True)
class Followed:
    """The dataflows of the blocks of a message, gathered as they pass by."""

    flows: dict[str, Flow] = field(default_factory=dict)

    def of(self, blocks: Iterable[Dataset]) -> Iterator[Dataset]:
        """The blocks as they come, after a look at each."""
        for block in blocks:
            self.flows[block.flow.dataflow.ref.short] = block.flow
            if block.refers_to is not None:
                self.flows[block.refers_to.urn] = block.flow
            yield block


class Twice(io.BufferedIOBase, BinaryIO):
    """Writes the same bytes into two open files."""

    name = ""
    mode = "wb"

    def __init__(self, out: BinaryIO, copy: BinaryIO) -> None:
        self._files = (out, copy)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: Any, /) -> int:
        """Write into both."""
        for file in self._files:
            file.write(content)
        return len(content)

    def tell(self) -> int:
        """How much was written."""
        return self._files[1].tell()


def write_valid_data(form: Format, datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:
    """Write datasets as one message into an open file, as they come, and then hold it against the official schema.

    The schemas of the structures count too as far as they say where components stand; whether values are those that
    are allowed, `check` says. Raises `SdmxmigError` with what the schemas find first; then nobody must use the file.
    """
    assert form.write_data is not None  # noqa: S101 - only such formats are written
    if form.data_problem is no_problem_in_data:
        form.write_data(datasets, header, out, layout)
        return
    followed = Followed()
    with _readable(out) as (file, copy):
        start = copy.tell()
        form.write_data(followed.of(datasets), header, file, layout)
        copy.seek(start)
        problem = form.data_problem(copy, followed.flows)
        copy.seek(0, io.SEEK_END)
    if problem:
        raise SdmxmigError(f"{form.name} cannot express these data: {problem}", hint=HINT)


@contextmanager
def _readable(out: BinaryIO) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Where to write, and where it can be read again: a file itself, else a temporary one that gets the same bytes."""
    if isinstance(out, io.BufferedRandom):
        yield out, out
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        copy = cast("BinaryIO", spool)
        yield Twice(out, copy), copy
