"""SDMX-ML: structure, data and metadata messages, and schema validation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats import FORMATS, Format, apply_structure_levels
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, HEADER_FACTS, SDMX_21, Dialect

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_ml import data_reading as data_reader
    from sdmxmig.sdmx.formats.sdmx_ml import data_writing as data_writer
    from sdmxmig.sdmx.formats.sdmx_ml import headers as header_reader
    from sdmxmig.sdmx.formats.sdmx_ml import metadata_reading as metadata_reader
    from sdmxmig.sdmx.formats.sdmx_ml import metadata_writing as metadata_writer
    from sdmxmig.sdmx.formats.sdmx_ml import structure_reading as structure_reader
    from sdmxmig.sdmx.formats.sdmx_ml import structure_writing as structure_writer
    from sdmxmig.sdmx.formats.sdmx_ml import xsd as schemas
    from sdmxmig.sdmx.formats.sdmx_ml.data_reading import digest as digests
    from sdmxmig.sdmx.formats.sdmx_ml.data_writing import body as data_losses
else:
    data_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_reading")
    data_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_writing")
    digests = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_reading.digest")
    data_losses = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_writing.body")
    header_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.headers")
    metadata_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.metadata_reading")
    metadata_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.metadata_writing")
    structure_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.structure_reading")
    structure_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.structure_writing")
    schemas = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.xsd")


def build_reading_format(format_id: str) -> Format:
    """Return the record of SDMX-ML 2.0, whose functions also read the later versions."""
    return Format(
        id=format_id,
        name="SDMX-ML 2.0",
        structure_media_type="",
        data_media_type="application/vnd.sdmx.compact+xml;version=2.0",
        suffix=".xml",
        read_structures=lambda name, content, faults=None: structure_reader.read_structures(name, content, faults),
        read_data=lambda name, stream, flows, faults=None: data_reader.read_data(
            name, stream, flows, format_id, faults=faults
        ),
        read_header=lambda name, stream, faults=None: header_reader.read_header(name, stream, faults),
    )


def build_format(dialect: Dialect, format_id: str, *, generic: bool = False) -> Format:
    return replace(
        build_reading_format(format_id),
        name=dialect.name,
        structure_media_type=dialect.structure_media_type,
        data_media_type=dialect.data_media_type,
        write_structures=lambda artefacts, header: structure_writer.write_structures(artefacts, header, dialect),
        write_data=lambda datasets, header, out, layout: data_writer.write_data(
            apply_structure_levels(datasets), header, out=out, layout=layout, dialect=dialect, generic=generic
        ),
        metadata_media_type=dialect.metadata_media_type,
        write_metadata=lambda sets, header: metadata_writer.write_metadata(sets, header, dialect),
        read_metadata=lambda name, content, faults=None: metadata_reader.read_metadata(name, content, faults),
        losses=lambda dataset, layout: data_losses.describe_losses(dataset, layout, dialect, generic=generic),
        structure_problem=lambda content: schemas.find_first_problem(content, dialect),
        metadata_problem=lambda content: next((problem for _, problem in schemas.find_problems(content)), ""),
        data_problem=lambda message, flows: digests.find_first_problem(message, flows, dialect),
        names_sets=not dialect.has_final,
        header_facts=HEADER_FACTS,
    )


for _dialect in DIALECTS:
    FORMATS.add(_dialect.id)(build_format(_dialect, _dialect.id))

FORMATS.add("sdmx-ml-2.1-generic")(
    replace(
        build_format(SDMX_21, "sdmx-ml-2.1-generic", generic=True),
        name="SDMX-ML 2.1 generic",
        data_media_type="application/vnd.sdmx.genericdata+xml;version=2.1",
    )
)

FORMATS.add("sdmx-ml-2.0")(build_reading_format("sdmx-ml-2.0"))
