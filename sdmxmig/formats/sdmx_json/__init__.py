"""SDMX-JSON: data messages (and structure messages) in JSON, versions 2.0 and 2.1, and 1.0 for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from sdmxmig.formats import FORMATS, Format, Layout, ReadData, WriteData
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.submission import Header


def reader(version: str) -> ReadData:
    """The function that reads data messages of a version."""

    def read_data(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> Iterator[Dataset]:
        from sdmxmig.formats.sdmx_json import data_reading as reading

        return reading.read_data(name, stream, flows, version)

    return read_data


def writer(version: str) -> WriteData:
    """The function that writes data messages of a version."""

    def write_data(datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout) -> None:
        from sdmxmig.formats.sdmx_json import data_writing

        data_writing.write_data(datasets, header, stream, layout, version)

    return write_data


def format_of(version: str, *, writes: bool) -> Format:
    """The format of one version of SDMX-JSON."""
    full = "1.0.0" if version == "1.0" else f"{version}.0"
    return Format(
        id=f"sdmx-json-{version}",
        name=f"SDMX-JSON {version}",
        structure_media_type=f"application/vnd.sdmx.structure+json;version={full}",
        data_media_type=f"application/vnd.sdmx.data+json;version={full}",
        suffix=".json",
        write_data=writer(version) if writes else None,
        read_data=reader(version),
    )


for _version in ("1.0", "2.0", "2.1"):
    FORMATS.add(f"sdmx-json-{_version}")(format_of(_version, writes=_version != "1.0"))
