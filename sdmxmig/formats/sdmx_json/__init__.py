"""SDMX-JSON: messages with data, structures and metadata, versions 2.0 and 2.1, and 1.0 for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from sdmxmig.formats import (
    FORMATS,
    FindLosses,
    Format,
    Layout,
    ReadData,
    ReadMetadata,
    ReadStructures,
    WriteData,
    WriteMetadata,
    WriteStructures,
    loses_nothing,
)
from sdmxmig.formats.faults import Faults
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.metadata import MetadataSet
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header


def reader(version: str) -> ReadData:
    """The function that reads data messages of a version."""

    def read_data(
        name: str, stream: BinaryIO, flows: Mapping[str, Flow], faults: Faults | None = None
    ) -> Iterator[Dataset]:
        from sdmxmig.formats.sdmx_json import data_reading as reading

        return reading.read_data(name, stream, flows=flows, version=version, faults=faults)

    return read_data


def writer(version: str) -> WriteData:
    """The function that writes data messages of a version."""

    def write_data(datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout) -> None:
        from sdmxmig.formats.sdmx_json import data_writing

        data_writing.write_data(datasets, header, stream=stream, layout=layout, version=version)

    return write_data


def structure_reader(version: str) -> ReadStructures:
    """The function that reads structure messages of a version."""

    def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
        from sdmxmig.formats.sdmx_json import structure_reading

        return structure_reading.read_structures(name, content, version, faults)

    return read_structures


def structure_writer(version: str) -> WriteStructures:
    """The function that writes structure messages of a version."""

    def write_structures(artefacts: Iterable[Artefact], header: Header) -> bytes:
        from sdmxmig.formats.sdmx_json import structure_writing

        return structure_writing.write_structures(artefacts, header, version)

    return write_structures


def metadata_reader(version: str) -> ReadMetadata:
    """The function that reads messages of reference metadata of a version."""

    def read_metadata(name: str, content: bytes, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
        from sdmxmig.formats.sdmx_json import metadata_reading

        return metadata_reading.read_metadata(name, content, version, faults)

    return read_metadata


def metadata_writer(version: str) -> WriteMetadata:
    """The function that writes messages of reference metadata of a version."""

    def write_metadata(sets: Iterable[MetadataSet], header: Header) -> bytes:
        from sdmxmig.formats.sdmx_json import metadata_writing

        return metadata_writing.write_metadata(sets, header, version)

    return write_metadata


def loss_finder(version: str) -> FindLosses:
    """The function that tells what a version has no word for."""

    def losses(dataset: Dataset, _: Layout) -> Iterator[str]:
        from sdmxmig.formats.dataset_reports import sets_lost
        from sdmxmig.formats.losses import action_lost
        from sdmxmig.formats.sdmx_json.versions import VERSIONS

        yield from action_lost(f"SDMX-JSON {version}", dataset, VERSIONS[version].actions.get(dataset.action, ""))
        yield from sets_lost(f"SDMX-JSON {version}", dataset)

    return losses


def problem_finder(version: str, kind: str) -> Callable[[bytes], str]:
    """The function that tells what the official schema finds first in a message of a kind, ``structure`` or other."""

    def judge(content: bytes) -> str:
        from sdmxmig.formats.sdmx_json import schema_validation

        return schema_validation.first_problem(content, version, kind)

    return judge


def data_problem_finder(version: str) -> Callable[[BinaryIO, Mapping[str, Flow]], str]:
    """The function that tells what the official schema finds first in a data message."""

    def judge(message: BinaryIO, _: Mapping[str, Flow]) -> str:
        from sdmxmig.formats.sdmx_json.data_schema_validation import data_problems
        from sdmxmig.formats.sdmx_json.seekable_input import SeekableInput

        return next((f"{key}: {problem}" for key, problem in data_problems(SeekableInput(message, ""), version)), "")

    return judge


def read_header(name: str, stream: BinaryIO) -> Header:
    """The header of a message of any kind and version; see `headers.read_header`."""
    from sdmxmig.formats.sdmx_json import headers

    return headers.read_header(name, stream)


def format_of(version: str, *, writes: bool) -> Format:
    """The format of one version of SDMX-JSON."""
    return Format(
        id=f"sdmx-json-{version}",
        name=f"SDMX-JSON {version}",
        structure_media_type=f"application/vnd.sdmx.structure+json;version={version}.0",
        data_media_type=f"application/vnd.sdmx.data+json;version={version}.0",
        suffix=".json",
        write_structures=structure_writer(version) if writes else None,
        read_structures=structure_reader(version),
        write_data=writer(version) if writes else None,
        read_data=reader(version),
        metadata_media_type=f"application/vnd.sdmx.metadata+json;version={version}.0",
        write_metadata=metadata_writer(version) if writes else None,
        read_metadata=metadata_reader(version),
        read_header=read_header,
        losses=loss_finder(version) if writes else loses_nothing,
        structure_problem=problem_finder(version, "structure"),
        metadata_problem=problem_finder(version, "metadata"),
        data_problem=data_problem_finder(version),
        names_sets=True,
    )


for _version in ("1.0", "2.0", "2.1"):
    FORMATS.add(f"sdmx-json-{_version}")(format_of(_version, writes=_version != "1.0"))
