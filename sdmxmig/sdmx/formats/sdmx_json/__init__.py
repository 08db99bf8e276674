"""SDMX-JSON 1.0, 2.0 and 2.1: data, structures and metadata; metadata of 1.0 are read only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats import (
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
    with_levels_of_structures,
)
from sdmxmig.sdmx.formats.dataset_notes import sets_lost
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.fitting import action_lost
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_json import data_reading as data_reader
    from sdmxmig.sdmx.formats.sdmx_json import data_writing as data_writer
    from sdmxmig.sdmx.formats.sdmx_json import headers as header_reader
    from sdmxmig.sdmx.formats.sdmx_json import metadata_reading as metadata_reader
    from sdmxmig.sdmx.formats.sdmx_json import metadata_writing as metadata_writer
    from sdmxmig.sdmx.formats.sdmx_json import schemas
    from sdmxmig.sdmx.formats.sdmx_json import structure_reading as structure_reader
    from sdmxmig.sdmx.formats.sdmx_json import structure_writing as structure_writer
else:
    data_reader = later("sdmxmig.sdmx.formats.sdmx_json.data_reading")
    data_writer = later("sdmxmig.sdmx.formats.sdmx_json.data_writing")
    header_reader = later("sdmxmig.sdmx.formats.sdmx_json.headers")
    metadata_reader = later("sdmxmig.sdmx.formats.sdmx_json.metadata_reading")
    metadata_writer = later("sdmxmig.sdmx.formats.sdmx_json.metadata_writing")
    schemas = later("sdmxmig.sdmx.formats.sdmx_json.schemas")
    structure_reader = later("sdmxmig.sdmx.formats.sdmx_json.structure_reading")
    structure_writer = later("sdmxmig.sdmx.formats.sdmx_json.structure_writing")


def data_reader_of(version: str) -> ReadData:
    def read_data(
        name: str, stream: BinaryIO, flows: Mapping[str, Flow], faults: Faults | None = None
    ) -> Iterator[Dataset]:
        return data_reader.read_data(name, stream, flows=flows, version=version, faults=faults)

    return read_data


def data_writer_of(version: str) -> WriteData:
    def write_data(datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout) -> None:
        data_writer.write_data(
            with_levels_of_structures(datasets), header, stream=stream, layout=layout, version=version
        )

    return write_data


def structure_reader_of(version: str) -> ReadStructures:
    def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
        return structure_reader.read_structures(name, content, version, faults)

    return read_structures


def structure_writer_of(version: str) -> WriteStructures:
    def write_structures(artefacts: Iterable[Artefact], header: Header) -> bytes:
        return structure_writer.write_structures(artefacts, header, version)

    return write_structures


def metadata_reader_of(version: str) -> ReadMetadata:
    def read_metadata(name: str, content: bytes, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
        return metadata_reader.read_metadata(name, content, version, faults)

    return read_metadata


def metadata_writer_of(version: str) -> WriteMetadata:
    def write_metadata(sets: Iterable[MetadataSet], header: Header) -> bytes:
        return metadata_writer.write_metadata(sets, header, version)

    return write_metadata


def loss_finder(version: str) -> FindLosses:
    def losses(dataset: Dataset, _: Layout) -> Iterator[str]:
        yield from action_lost(f"SDMX-JSON {version}", dataset, VERSIONS[version].actions.get(dataset.action, ""))
        yield from sets_lost(f"SDMX-JSON {version}", dataset)

    return losses


def problem_finder(version: str, kind: str) -> Callable[[bytes], str]:
    def judge(content: bytes) -> str:
        return schemas.first_problem(content, version, kind)

    return judge


def data_problem_finder(version: str) -> Callable[[BinaryIO, Mapping[str, Flow]], str]:
    def judge(message: BinaryIO, _: Mapping[str, Flow]) -> str:
        return schemas.first_data_problem(message, version)

    return judge


def read_header(name: str, stream: BinaryIO, faults: Faults | None = None) -> Header:
    return header_reader.read_header(name, stream, faults)


def format_of(version: str, *, writes_metadata: bool) -> Format:
    return Format(
        id=f"sdmx-json-{version}",
        name=f"SDMX-JSON {version}",
        structure_media_type=f"application/vnd.sdmx.structure+json;version={version}.0",
        data_media_type=f"application/vnd.sdmx.data+json;version={version}.0",
        suffix=".json",
        write_structures=structure_writer_of(version),
        read_structures=structure_reader_of(version),
        write_data=data_writer_of(version),
        read_data=data_reader_of(version),
        metadata_media_type=f"application/vnd.sdmx.metadata+json;version={version}.0",
        write_metadata=metadata_writer_of(version) if writes_metadata else None,
        read_metadata=metadata_reader_of(version),
        read_header=read_header,
        losses=loss_finder(version),
        structure_problem=problem_finder(version, "structure"),
        metadata_problem=problem_finder(version, "metadata"),
        data_problem=data_problem_finder(version),
        names_sets=True,
    )


for _version in ("1.0", "2.0", "2.1"):
    FORMATS.add(f"sdmx-json-{_version}")(format_of(_version, writes_metadata=_version != "1.0"))
