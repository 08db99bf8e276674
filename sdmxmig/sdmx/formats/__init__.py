"""Formats: how artefacts and datasets are written as files and read back, one module or package for each family."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import BinaryIO, Protocol

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

ALL_DIMENSIONS = "AllDimensions"
"""SDMX's word for observations that carry their whole key, without series."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How data are laid out in a message. Each format takes what it knows and refuses what it cannot do.

    `dimension_at_observation` is the id of a dimension, or ``AllDimensions`` for observations without series, as
    they stand anyhow if their structure has this dimension alone. `labels`
    (``id``, ``name`` or ``both``), `delimiter` and `language` (of the labels) are those of SDMX-CSV, and so are `keys`,
    the columns that repeat the key (``none``, ``series``, ``obs`` or ``both``), and `times`: ``original``, or
    ``normalized`` for the days on which periods begin, from which the periods cannot be read back. With `time_series`
    SDMX-ML 2.1 calls the message one of time series, as who asks for these wants it.
    """

    dimension_at_observation: str = "TIME_PERIOD"
    labels: str = "id"
    _: KW_ONLY
    delimiter: str = ","
    language: str = "en"
    time_series: bool = False
    keys: str = "none"
    times: str = "original"


class ReadStructures(Protocol):
    """Reads a structure message; `name` is the file's, for messages."""

    def __call__(self, name: str, content: bytes, faults: Faults | None = None, /) -> tuple[Artefact, ...]:
        """Its artefacts; raises `InputError` with the place, or notes it among the faults."""


class ReadData(Protocol):
    """Reads a data message in blocks."""

    def __call__(
        self, name: str, stream: BinaryIO, flows: Mapping[str, Flow], faults: Faults | None = None, /
    ) -> Iterator[Dataset]:
        """Its datasets, each in one block or more; raises `InputError` with the place, or notes it."""


class ReadMetadata(Protocol):
    """Reads a message of reference metadata."""

    def __call__(self, name: str, content: bytes, faults: Faults | None = None, /) -> tuple[MetadataSet, ...]:
        """Its metadata sets; raises `InputError` with the place, or notes it among the faults."""


class ReadHeader(Protocol):
    """Reads the header of a message."""

    def __call__(self, name: str, stream: BinaryIO, faults: Faults | None = None, /) -> Header:
        """The header; raises `InputError` with the place, or notes what it leaves out among the faults."""


WriteStructures = Callable[[Iterable[Artefact], Header], bytes]
WriteData = Callable[[Iterable[Dataset], Header, BinaryIO, Layout], None]
WriteMetadata = Callable[[Iterable[MetadataSet], Header], bytes]
FindLosses = Callable[[Dataset, Layout], Iterable[str]]


@dataclass(frozen=True, slots=True)
class UniformBlocks:
    """Datasets that come block by block, of which the first tells all that has to be known before they are written.

    No later one has other columns, another structure, action or property than a message is told at its beginning. So
    the message can be sent while it is written. `values` are those that its components have, by their ids, if they are
    known beforehand: SDMX-JSON lists them first.
    """

    blocks: Iterable[Dataset]
    values: Mapping[str, Sequence[str]] | None = None

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.blocks)


def loses_nothing(_: Dataset, __: Layout) -> Iterable[str]:
    """No losses: for a format that writes all of a dataset as it is, or refuses it."""
    return ()


def no_problem(_: bytes) -> str:
    """No problem is ever found: for a format without an official schema for such messages."""
    return ""


def no_problem_in_data(_: BinaryIO, __: Mapping[str, Flow]) -> str:
    """No problem is ever found: for a format without an official schema for data."""
    return ""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write and read what is exchanged, such as SDMX-ML 2.1.

    A function that is None does not exist: the format cannot do that. The readers take a file's name (for messages),
    its content and, for data, the known dataflows; they read strictly unless they are given `Faults` to note. Data
    travel in blocks: `write_data` consumes datasets and writes them into an open file as they come, `read_data` yields
    them, so that memory does not grow with a message. `read_header` reads no further than the header. `losses`
    tells in sentences what writing a dataset leaves out, or says in another word, since the format has none, and what
    other programs take for something else. `suffix` has its dot; a format without structure or metadata messages has
    no media type for them. `structure_problem` and `metadata_problem` tell what the official schema finds first in a
    message, nothing if it is valid; `data_problem` does so for data in an open file that follow these flows, of which
    the values are not looked at. `header_facts` are what the header of each kind of message can say beside its id,
    parties and dates; without them it can say all. `names_sets` is whether it wants a name of each metadata set.
    """

    id: str
    name: str
    _: KW_ONLY
    structure_media_type: str
    data_media_type: str
    suffix: str
    write_structures: WriteStructures | None = None
    read_structures: ReadStructures | None = None
    write_data: WriteData | None = None
    read_data: ReadData | None = None
    metadata_media_type: str = ""
    write_metadata: WriteMetadata | None = None
    read_metadata: ReadMetadata | None = None
    read_header: ReadHeader | None = None
    losses: FindLosses = loses_nothing
    structure_problem: Callable[[bytes], str] = no_problem
    metadata_problem: Callable[[bytes], str] = no_problem
    data_problem: Callable[[BinaryIO, Mapping[str, Flow]], str] = no_problem_in_data
    header_facts: Mapping[str, tuple[str, ...]] | None = None
    names_sets: bool = False


FORMATS: Kind[Format] = Kind("sdmxmig.sdmx.formats")

DEFAULT_LAYOUT = Layout()


def structure_bytes(form: Format, artefacts: Iterable[Artefact], header: Header) -> bytes:
    """Artefacts as one structure message.

    Raises `SdmxmigError` if the format has none, or cannot express an artefact.
    """
    if form.write_structures is None:
        raise SdmxmigError(f"{form.name} cannot hold structures.", hint=_who_can("write_structures"))
    return form.write_structures(artefacts, header)


def metadata_bytes(form: Format, sets: Iterable[MetadataSet], header: Header) -> bytes:
    """Metadata sets as one message.

    Raises `SdmxmigError` if the format has none, or cannot express something.
    """
    if form.write_metadata is None:
        raise SdmxmigError(f"{form.name} cannot hold metadata.", hint=_who_can("write_metadata"))
    return form.write_metadata(sets, header)


def data_bytes(form: Format, datasets: Iterable[Dataset], header: Header, layout: Layout = DEFAULT_LAYOUT) -> bytes:
    """Datasets as one message in memory, for small data.

    Raises `SdmxmigError` if the format has no data messages, or cannot express something.
    """
    if form.write_data is None:
        raise SdmxmigError(f"{form.name} data cannot be written.", hint=_who_can("write_data"))
    stream = io.BytesIO()
    form.write_data(datasets, header, stream, layout)
    return stream.getvalue()


def read_all(
    form: Format, name: str, content: bytes, flows: Mapping[str, Flow], faults: Faults | None = None
) -> tuple[Dataset, ...]:
    """The datasets of a message, each of them whole; `name` is the file's, for messages.

    Raises `InputError` with its place for everything that is wrong with the file.
    """
    if form.read_data is None:
        raise SdmxmigError(f"{form.name} data cannot be read.", hint=_who_can("read_data"))
    return whole_datasets(form.read_data(name, io.BytesIO(content), flows, faults))


def whole_datasets(blocks: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """The datasets of a message, each of them whole, from their blocks."""
    whole: list[list[Dataset]] = []
    for block in blocks:
        if block.continues and whole:
            whole[-1].append(block)
        else:
            whole.append([block])
    return tuple(joined(blocks) for blocks in whole)


def joined(blocks: list[Dataset]) -> Dataset:
    """The blocks of one dataset as one dataset; series and attributes that are told again stand once."""
    if len(blocks) == 1:
        return blocks[0]
    first_block = blocks[0]
    keys = list(dict.fromkeys(key for block in blocks for key in block.partial))
    starts = [sum(block.observations.height for block in blocks[:index]) for index in range(len(blocks))]
    origins = [
        block.origins.with_columns(pl.col("observation") + start)
        for block, start in zip(blocks, starts, strict=True)
        if block.origins.height
    ]
    notes = [block.notes for block in blocks if block.notes is not None]
    reports = [block.reports for block in blocks if block.reports is not None]
    return replace(
        first_block,
        observations=pl.concat([block.observations for block in blocks], how="diagonal"),
        series=pl.concat([block.series for block in blocks], how="diagonal").unique(maintain_order=True),
        attributes={name: value for block in blocks for name, value in block.attributes.items()},
        origins=pl.concat(origins) if origins else first_block.origins,
        partial={
            key: pl.concat([block.partial[key] for block in blocks if key in block.partial], how="diagonal").unique(
                maintain_order=True
            )
            for key in keys
        },
        properties={name: value for block in blocks for name, value in block.properties.items()},
        annotations=tuple(dict.fromkeys(note for block in blocks for note in block.annotations)),
        notes=pl.concat(notes) if notes else None,
        reports=pl.concat(reports) if reports else None,
    )


def _who_can(task: str) -> str:
    able = [format_id for format_id in FORMATS if getattr(FORMATS[format_id], task) is not None]
    return f"These can: {', '.join(able)}."
