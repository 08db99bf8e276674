"""SDMX-ML: structure messages and structure-specific data messages, and the schemas that judge them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdmxmig.formats import FORMATS, Format
from sdmxmig.formats.sdmx_ml.dialects import DIALECTS, Dialect
from sdmxmig.model.artefacts import Artefact
from sdmxmig.model.data import Dataset
from sdmxmig.model.submission import Header


def format_of(dialect: Dialect) -> Format:
    """The format of one version of SDMX-ML."""

    def write_structures(artefacts: Iterable[Artefact], header: Header) -> bytes:
        from sdmxmig.formats.sdmx_ml import structures

        return structures.write_structures(artefacts, header, dialect)

    def write_data(datasets: Sequence[Dataset], header: Header) -> bytes:
        from sdmxmig.formats.sdmx_ml import data

        return data.write_data(datasets, header, dialect)

    return Format(
        id=dialect.id,
        name=dialect.name,
        structure_media_type=dialect.structure_media_type,
        data_media_type=dialect.data_media_type,
        suffix=".xml",
        write_structures=write_structures,
        write_data=write_data,
    )


for _dialect in DIALECTS:
    FORMATS.add(_dialect.id)(format_of(_dialect))
