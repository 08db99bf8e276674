"""Formats: how artefacts and datasets are written as files and read back, one module or package for each family."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from sdmxmig.errors import SdmxmigError
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header
from sdmxmig.plugins import Kind

ALL_DIMENSIONS = "AllDimensions"
"""SDMX's word for observations that carry their whole key, without series."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How data are laid out in a message. Each format takes what it knows and refuses what it cannot do.

    `dimension_at_observation` is the id of a dimension, or ``AllDimensions`` for observations without series. `labels`
    (``id``, ``name`` or ``both``), `delimiter` and `language` (of the labels) are those of SDMX-CSV.
    """

    dimension_at_observation: str = "TIME_PERIOD"
    labels: str = "id"
    delimiter: str = ","
    language: str = "en"


WriteStructures = Callable[[Iterable[Artefact], Header], bytes]
ReadStructures = Callable[[str, bytes], tuple[Artefact, ...]]
WriteData = Callable[[Iterable[Dataset], Header, BinaryIO, Layout], None]
ReadData = Callable[[str, BinaryIO, Mapping[str, Flow]], Iterator[Dataset]]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write and read what is exchanged, such as SDMX-ML 2.1.

    A function that is None does not exist: the format cannot do that. The readers take a file's name (for messages),
    its content and, for data, the known dataflows. Data travel in blocks: `write_data` consumes datasets and writes
    them into an open file as they come, `read_data` yields them, so that memory does not grow with a message.
    `suffix` has its dot; a format without structure messages has no `structure_media_type`.
    """

    id: str
    name: str
    structure_media_type: str
    data_media_type: str
    suffix: str
    write_structures: WriteStructures | None = None
    read_structures: ReadStructures | None = None
    write_data: WriteData | None = None
    read_data: ReadData | None = None


FORMATS: Kind[Format] = Kind("sdmxmig.formats")

DEFAULT_LAYOUT = Layout()


def structure_bytes(form: Format, artefacts: Iterable[Artefact], header: Header) -> bytes:
    """Artefacts as one structure message.

    Raises `SdmxmigError` if the format has none, or cannot express an artefact.
    """
    if form.write_structures is None:
        raise SdmxmigError(f"{form.name} cannot hold structures.", hint=_who_can("write_structures"))
    return form.write_structures(artefacts, header)


def data_bytes(form: Format, datasets: Iterable[Dataset], header: Header, layout: Layout = DEFAULT_LAYOUT) -> bytes:
    """Datasets as one message in memory, for small data.

    Raises `SdmxmigError` if the format has no data messages, or cannot express something.
    """
    if form.write_data is None:
        raise SdmxmigError(f"{form.name} data cannot be written.", hint=_who_can("write_data"))
    stream = io.BytesIO()
    form.write_data(datasets, header, stream, layout)
    return stream.getvalue()


def read_all(form: Format, name: str, content: bytes, flows: Mapping[str, Flow]) -> tuple[Dataset, ...]:
    """The datasets of a message, each of them whole; `name` is the file's, for messages.

    Raises `InputError` with its place for everything that is wrong with the file.
    """
    if form.read_data is None:
        raise SdmxmigError(f"{form.name} data cannot be read.", hint=_who_can("read_data"))
    whole: list[list[Dataset]] = []
    for block in form.read_data(name, io.BytesIO(content), flows):
        if block.continues and whole:
            whole[-1].append(block)
        else:
            whole.append([block])
    return tuple(joined(blocks) for blocks in whole)


def joined(blocks: list[Dataset]) -> Dataset:
    """The blocks of one dataset as one dataset; series and attributes that are told again stand once."""
    if len(blocks) == 1:
        return blocks[0]
    import polars as pl

    first = blocks[0]
    keys = list(dict.fromkeys(key for block in blocks for key in block.partial))
    starts = [sum(block.observations.height for block in blocks[:index]) for index in range(len(blocks))]
    origins = [
        block.origins.with_columns(pl.col("observation") + start)
        for block, start in zip(blocks, starts, strict=True)
        if block.origins.height
    ]
    return replace(
        first,
        observations=pl.concat([block.observations for block in blocks], how="diagonal"),
        series=pl.concat([block.series for block in blocks], how="diagonal").unique(maintain_order=True),
        attributes={name: value for block in blocks for name, value in block.attributes.items()},
        origins=pl.concat(origins) if origins else first.origins,
        partial={
            key: pl.concat([block.partial[key] for block in blocks if key in block.partial], how="diagonal").unique(
                maintain_order=True
            )
            for key in keys
        },
        properties={name: value for block in blocks for name, value in block.properties.items()},
    )


def _who_can(task: str) -> str:
    able = [one for one in FORMATS if getattr(FORMATS[one], task) is not None]
    return f"These can: {', '.join(able)}."
