"""SDMX-JSON 1.0, 2.0 and 2.1: data and structures, and metadata of 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats import FORMATS, Format, apply_structure_levels
from sdmxmig.sdmx.formats.dataset_notes import list_lost_sets
from sdmxmig.sdmx.formats.fitting import list_lost_action
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.model.data import Dataset

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_json import data_reading as data_reader
    from sdmxmig.sdmx.formats.sdmx_json import data_writing as data_writer
    from sdmxmig.sdmx.formats.sdmx_json import headers as header_reader
    from sdmxmig.sdmx.formats.sdmx_json import metadata, schemas
    from sdmxmig.sdmx.formats.sdmx_json import structure_reading as structure_reader
    from sdmxmig.sdmx.formats.sdmx_json import structure_writing as structure_writer
else:
    data_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_json.data_reading")
    data_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_json.data_writing")
    header_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_json.headers")
    metadata = import_lazily("sdmxmig.sdmx.formats.sdmx_json.metadata")
    schemas = import_lazily("sdmxmig.sdmx.formats.sdmx_json.schemas")
    structure_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_json.structure_reading")
    structure_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_json.structure_writing")


def list_losses(version: str, dataset: Dataset) -> Iterator[str]:
    yield from list_lost_action(f"SDMX-JSON {version}", dataset, VERSIONS[version].actions.get(dataset.action, ""))
    yield from list_lost_sets(f"SDMX-JSON {version}", dataset)


def build_format(version: str) -> Format:
    return Format(
        id=f"sdmx-json-{version}",
        name=f"SDMX-JSON {version}",
        structure_media_type=f"application/vnd.sdmx.structure+json;version={version}.0",
        data_media_type=f"application/vnd.sdmx.data+json;version={version}.0",
        suffix=".json",
        write_structures=lambda artefacts, header: structure_writer.write_structures(artefacts, header, version),
        read_structures=lambda name, content, faults=None: structure_reader.read_structures(
            name, content, version, faults
        ),
        write_data=lambda datasets, header, stream, layout: data_writer.write_data(
            apply_structure_levels(datasets), header, stream=stream, layout=layout, version=version
        ),
        read_data=lambda name, stream, flows, faults=None: data_reader.read_data(name, stream, flows, version, faults),
        metadata_media_type=f"application/vnd.sdmx.metadata+json;version={version}.0",
        write_metadata=None
        if version == "1.0"
        else lambda sets, header: metadata.write_metadata(sets, header, version),
        read_metadata=lambda name, content, faults=None: metadata.read_metadata(name, content, version, faults),
        read_header=lambda name, stream, faults=None: header_reader.read_header(name, stream, faults),
        losses=lambda dataset, _: list_losses(version, dataset),
        structure_problem=lambda content: schemas.find_first_problem(content, version, "structure"),
        metadata_problem=lambda content: schemas.find_first_problem(content, version, "metadata"),
        data_problem=lambda message, _: schemas.find_first_data_problem(message, version),
        names_sets=True,
    )


for _version in ("1.0", "2.0", "2.1"):
    FORMATS.add(f"sdmx-json-{_version}")(build_format(_version))
