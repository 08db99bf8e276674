"""SDMX-CSV 2.0: datasets as a table of text, for people, for exchange and as the files between commands.

One row is one observation; the attributes of its series and of the dataset stand in every row. A null is an empty
field and an empty text is two quotation marks, so that reading gives back what was written. A series without
observations is a row without a period; a dataset without any series is a row without dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from sdmxmig.formats import FORMATS, Format, Layout
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.submission import Header


def write_data(datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:  # noqa: ARG001 - the shape of all formats
    """Write datasets as one table; the header has no place in SDMX-CSV. See `writing.write_data`."""
    from sdmxmig.formats.sdmx_csv import writing

    out.write(writing.write_data(tuple(datasets)))


def read_data(name: str, content: BinaryIO, flows: Mapping[str, Flow]) -> Iterator[Dataset]:
    """Read a table back into datasets. See `reading.read_data`."""
    from sdmxmig.formats.sdmx_csv import reading

    yield from reading.read_data(name, content.read(), flows)


FORMATS.add("sdmx-csv-2.0")(
    Format(
        id="sdmx-csv-2.0",
        name="SDMX-CSV 2.0",
        structure_media_type="",
        data_media_type="application/vnd.sdmx.data+csv;version=2.0.0",
        suffix=".csv",
        write_data=write_data,
        read_data=read_data,
    )
)
