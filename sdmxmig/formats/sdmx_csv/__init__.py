"""SDMX-CSV 1.0, 2.0 and 2.1: datasets as a table of text, for people, for exchange and as the files between commands.

One row is one observation; the attributes of its series and of the dataset stand in every row. A null is an empty
field and an empty text is two quotation marks, so that reading gives back what was written. From 2.0, a series without
observations is a row without a period, an attribute of a part of the key is a row with this part, and a dataset
without anything is a row without dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.formats import FORMATS, Format, Layout
from sdmxmig.formats.sdmx_csv.versions import V1_0, V2_0, V2_1, Version
from sdmxmig.model.submission import Header

if TYPE_CHECKING:
    from sdmxmig.model.data import Dataset, Flow


def _format(version: Version) -> Format:
    """The record of a version; see `writing.write_data` and `reading.read_data`."""

    def write_data(datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:  # noqa: ARG001 - the shape of all formats
        from sdmxmig.formats.sdmx_csv import writing

        writing.write_data(datasets, out, layout, version)

    def read_data(name: str, content: BinaryIO, flows: Mapping[str, Flow]) -> Iterator[Dataset]:
        from sdmxmig.formats.sdmx_csv import reading

        return reading.read_data(name, content, flows, version)

    return Format(
        id=f"sdmx-csv-{version.id}",
        name=version.name,
        structure_media_type="",
        data_media_type=f"application/vnd.sdmx.data+csv;version={version.id}.0",
        suffix=".csv",
        write_data=write_data,
        read_data=read_data,
    )


for _version in (V1_0, V2_0, V2_1):
    FORMATS.add(f"sdmx-csv-{_version.id}")(_format(_version))
