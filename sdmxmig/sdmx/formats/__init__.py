"""Formats: reading and writing artefacts and datasets, one module or package per family."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import BinaryIO, Protocol

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.frames import move_to_declared_levels
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

ALL_DIMENSIONS = "AllDimensions"
"""SDMX's name for observations with their whole key, without series."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a data message; each format uses the options that it supports and rejects others.

    `dimension_at_observation` is the id of a dimension, or ``AllDimensions`` for a flat message. For SDMX-CSV: `labels`
    (``id``, ``name`` or ``both``), `delimiter`, `language` of the labels, `keys` (columns that repeat the key:
    ``none``, ``series``, ``obs`` or ``both``) and `times` (``original``, or ``normalized`` to first days, from which
    periods cannot be restored). `time_series` writes an SDMX-ML 2.1 time series message.
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
    def __call__(self, name: str, content: bytes, faults: Faults | None = None, /) -> tuple[Artefact, ...]:
        """Read the artefacts; raise `InputError` with its place, or records the fault."""


class ReadData(Protocol):
    def __call__(
        self, name: str, stream: BinaryIO, flows: Mapping[str, Flow], faults: Faults | None = None, /
    ) -> Iterator[Dataset]:
        """Read the datasets in blocks; raise `InputError` with its place, or records the fault."""


class MetadataReader(Protocol):
    def __call__(self, name: str, content: bytes, faults: Faults | None = None, /) -> tuple[MetadataSet, ...]:
        """Read the metadata sets; raise `InputError` with its place, or records the fault."""


class ReadHeader(Protocol):
    def __call__(self, name: str, stream: BinaryIO, faults: Faults | None = None, /) -> Header:
        """Read the header; raise `InputError` with its place, or records the fault."""


WriteStructures = Callable[[Iterable[Artefact], Header], bytes]
WriteData = Callable[[Iterable[Dataset], Header, BinaryIO, Layout], None]
WriteMetadata = Callable[[Iterable[MetadataSet], Header], bytes]
FindLosses = Callable[[Dataset, Layout], Iterable[str]]


@dataclass(frozen=True, slots=True)
class UniformBlocks:
    """Datasets in blocks; the first block has all that is needed to write the message header.

    All blocks have the same columns, structure, action and properties, so the message can be sent while it is written.
    `values` are the values of each component, if known: SDMX-JSON lists them first.
    """

    blocks: Iterable[Dataset]
    values: Mapping[str, Sequence[str]] | None = None

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.blocks)


def apply_structure_levels(datasets: Iterable[Dataset]) -> Iterable[Dataset]:
    """Return datasets to write, in the same kind of collection, with attributes where their structures attach them."""
    if isinstance(datasets, UniformBlocks):
        return replace(datasets, blocks=map(move_to_declared_levels, datasets))
    moved = map(move_to_declared_levels, datasets)
    return tuple(moved) if isinstance(datasets, Sequence) else moved


def loses_nothing(_: Dataset, __: Layout) -> Iterable[str]:
    return ()


def accept_any(_: bytes) -> str:
    return ""


def accept_any_data(_: BinaryIO, __: Mapping[str, Flow]) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """The functions that read and write one format, such as SDMX-ML 2.1.

    A function is None if the format does not support it. Readers are strict unless they are given `Faults`. Data are
    read and written in blocks, in constant memory. `losses` describes in sentences what writing a dataset leaves out or
    changes. `suffix` includes the dot. `structure_problem`, `metadata_problem` and `data_problem` return the first
    violation of the official schema; `data_problem` does not look at values. `header_facts` are the fields that the
    header of each kind of message supports; None means all. `names_sets`: each metadata set needs a name.
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
    metadata_media_type: str = ""
    write_metadata: WriteMetadata | None = None
    read_metadata: MetadataReader | None = None
    read_header: ReadHeader | None = None
    losses: FindLosses = loses_nothing
    structure_problem: Callable[[bytes], str] = accept_any
    metadata_problem: Callable[[bytes], str] = accept_any
    data_problem: Callable[[BinaryIO, Mapping[str, Flow]], str] = accept_any_data
    header_facts: Mapping[str, tuple[str, ...]] | None = None
    names_sets: bool = False


FORMATS: Kind[Format] = Kind("sdmxmig.sdmx.formats")

DEFAULT_LAYOUT = Layout()


def structure_bytes(form: Format, artefacts: Iterable[Artefact], header: Header) -> bytes:
    if form.write_structures is None:
        raise SdmxmigError(f"{form.name} cannot contain structures.", hint=write_formats_hint("write_structures"))
    return form.write_structures(artefacts, header)


def metadata_bytes(form: Format, sets: Iterable[MetadataSet], header: Header) -> bytes:
    """Write metadata sets as one message. Raises `SdmxmigError` if the format does not support them."""
    if form.write_metadata is None:
        raise SdmxmigError(f"{form.name} cannot contain metadata.", hint=write_formats_hint("write_metadata"))
    return form.write_metadata(sets, header)


def data_bytes(form: Format, datasets: Iterable[Dataset], header: Header, layout: Layout = DEFAULT_LAYOUT) -> bytes:
    """Write small datasets in memory; raise `SdmxmigError` if the format does not support them."""
    stream = io.BytesIO()
    write_data(form, datasets, header, stream, layout)
    return stream.getvalue()


def write_data(
    form: Format, datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout = DEFAULT_LAYOUT
) -> None:
    if form.write_data is None:
        raise SdmxmigError(f"{form.name} data cannot be written.", hint=write_formats_hint("write_data"))
    form.write_data(datasets, header, stream, layout)


def read_all(
    form: Format, name: str, content: bytes, flows: Mapping[str, Flow], faults: Faults | None = None
) -> tuple[Dataset, ...]:
    """Read all datasets of a message into memory. Raises `InputError` with the place of each problem."""
    if form.read_data is None:
        raise SdmxmigError(f"{form.name} data cannot be read.", hint=write_formats_hint("read_data"))
    return merge_blocks(form.read_data(name, io.BytesIO(content), flows, faults))


def merge_blocks(blocks: Iterable[Dataset]) -> tuple[Dataset, ...]:
    whole: list[list[Dataset]] = []
    for block in blocks:
        if block.continues and whole:
            whole[-1].append(block)
        else:
            whole.append([block])
    return tuple(join_blocks(blocks) for blocks in whole)


def join_blocks(blocks: list[Dataset]) -> Dataset:
    """Join the blocks of a dataset, keeping repeated series and attributes once."""
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


def list_formats(task: str) -> list[str]:
    return [name for name, form in FORMATS.items() if getattr(form, task) is not None]


def write_formats_hint(task: str) -> str:
    return f"Use one of: {', '.join(list_formats(task))}."
