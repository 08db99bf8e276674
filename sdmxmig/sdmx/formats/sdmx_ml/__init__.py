"""SDMX-ML: structure, data and metadata messages, and schema validation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats import FORMATS, Format, Layout, ReadData, with_levels_of_structures
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, HEADER_FACTS, SDMX_21, Dialect
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_ml import data_reading as data_reader
    from sdmxmig.sdmx.formats.sdmx_ml import data_writing as data_writer
    from sdmxmig.sdmx.formats.sdmx_ml import distinct_lines as line_reduction
    from sdmxmig.sdmx.formats.sdmx_ml import headers as header_reader
    from sdmxmig.sdmx.formats.sdmx_ml import metadata_reading as metadata_reader
    from sdmxmig.sdmx.formats.sdmx_ml import metadata_writing as metadata_writer
    from sdmxmig.sdmx.formats.sdmx_ml import structure_reading as structure_reader
    from sdmxmig.sdmx.formats.sdmx_ml import structure_writing as structure_writer
    from sdmxmig.sdmx.formats.sdmx_ml import xsd as schemas
    from sdmxmig.sdmx.formats.sdmx_ml.data_writing import body as data_losses
else:
    data_reader = later("sdmxmig.sdmx.formats.sdmx_ml.data_reading")
    data_writer = later("sdmxmig.sdmx.formats.sdmx_ml.data_writing")
    data_losses = later("sdmxmig.sdmx.formats.sdmx_ml.data_writing.body")
    line_reduction = later("sdmxmig.sdmx.formats.sdmx_ml.distinct_lines")
    header_reader = later("sdmxmig.sdmx.formats.sdmx_ml.headers")
    metadata_reader = later("sdmxmig.sdmx.formats.sdmx_ml.metadata_reading")
    metadata_writer = later("sdmxmig.sdmx.formats.sdmx_ml.metadata_writing")
    structure_reader = later("sdmxmig.sdmx.formats.sdmx_ml.structure_reading")
    structure_writer = later("sdmxmig.sdmx.formats.sdmx_ml.structure_writing")
    schemas = later("sdmxmig.sdmx.formats.sdmx_ml.xsd")

IN_MEMORY = 4 * MIB


def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    return structure_reader.read_structures(name, content, faults)


def read_metadata(name: str, content: bytes, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    return metadata_reader.read_metadata(name, content, faults)


def read_header(name: str, stream: BinaryIO, faults: Faults | None = None) -> Header:
    return header_reader.read_header(name, stream, faults)


def data_reader_of(form: str) -> ReadData:
    def read_data(
        name: str, stream: BinaryIO, flows: Mapping[str, Flow], faults: Faults | None = None
    ) -> Iterator[Dataset]:
        return data_reader.read_data(name, stream, flows, form, faults=faults)

    return read_data


def format_of(dialect: Dialect, *, generic: bool = False) -> Format:
    def write_structures(artefacts: Iterable[Artefact], header: Header) -> bytes:
        return structure_writer.write_structures(artefacts, header, dialect)

    def write_data(datasets: Iterable[Dataset], header: Header, out: BinaryIO, layout: Layout) -> None:
        data_writer.write_data(
            with_levels_of_structures(datasets), header, out=out, layout=layout, dialect=dialect, generic=generic
        )

    def losses(dataset: Dataset, layout: Layout) -> Iterator[str]:
        return data_losses.losses_of(dataset, layout, dialect, generic=generic)

    def structure_problem(content: bytes) -> str:
        return schemas.first_problem(content, dialect)

    def metadata_problem(content: bytes) -> str:
        return next((problem for _, problem in schemas.problems(content)), "")

    def data_problem(message: BinaryIO, flows: Mapping[str, Flow]) -> str:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            shortened = line_reduction.distinct_lines(message, flows.values(), cast("BinaryIO", spool), generic=generic)
            problems = schemas.validate_stream(shortened.file, flows, any_values=True).problems
            return next(map(shortened.in_message, problems), "")

    def write_metadata(sets: Iterable[MetadataSet], header: Header) -> bytes:
        return metadata_writer.write_metadata(sets, header, dialect)

    return Format(
        id=dialect.id,
        name=dialect.name,
        structure_media_type=dialect.structure_media_type,
        data_media_type=dialect.data_media_type,
        suffix=".xml",
        write_structures=write_structures,
        read_structures=read_structures,
        write_data=write_data,
        read_data=data_reader_of(dialect.id),
        metadata_media_type=dialect.metadata_media_type,
        write_metadata=write_metadata,
        read_metadata=read_metadata,
        read_header=read_header,
        losses=losses,
        structure_problem=structure_problem,
        metadata_problem=metadata_problem,
        data_problem=data_problem,
        names_sets=not dialect.has_final,
        header_facts=HEADER_FACTS,
    )


for _dialect in DIALECTS:
    FORMATS.add(_dialect.id)(format_of(_dialect))

FORMATS.add("sdmx-ml-2.1-generic")(
    replace(
        format_of(SDMX_21, generic=True),
        id="sdmx-ml-2.1-generic",
        name="SDMX-ML 2.1 generic",
        data_media_type="application/vnd.sdmx.genericdata+xml;version=2.1",
        read_data=data_reader_of("sdmx-ml-2.1-generic"),
    )
)

FORMATS.add("sdmx-ml-2.0")(
    Format(
        id="sdmx-ml-2.0",
        name="SDMX-ML 2.0",
        structure_media_type="",
        data_media_type="application/vnd.sdmx.compact+xml;version=2.0",
        suffix=".xml",
        read_structures=read_structures,
        read_data=data_reader_of("sdmx-ml-2.0"),
        read_header=read_header,
    )
)
