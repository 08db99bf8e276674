"""SDMX-ML data to datasets: structure-specific 2.1, 3.0 and 3.1, generic 2.1, and all kinds of 2.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.message import Document
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import AlternatingReader, ReadingObserver
from sdmxmig.sdmx.formats.xml_repair import Pieces, repair_bytes
from sdmxmig.sdmx.model.data import Dataset, Flow


def read_data(
    name: str,
    stream: BinaryIO,
    flows: Mapping[str, Flow],
    form: str = "",
    *,
    faults: Faults | None = None,
    fast: bool = True,
    watch: ReadingObserver | None = None,
) -> Iterator[Dataset]:
    """Read a data message block by block.

    `form` is the expected format id; empty accepts any. Values stay text, including unknown codes. Attributes move to
    the level of the structure. Annotations below the dataset are only counted. `fast=False` uses the parser alone:
    slower, same result. `watch` follows the reading.

    Raises `InputError` with line and column, or records faults and reads as much as possible of a truncated message.
    """
    reading = MessageReading(name, flows, faults)
    reading.open.append(Document(reading, form))
    if faults is not None:
        yield from read_leniently(reading, stream, faults, fast=fast, watch=watch)
    else:
        yield from AlternatingReader(reading, stream, fast=fast, watch=watch).blocks()


def read_leniently(
    reading: MessageReading, stream: BinaryIO, faults: Faults, *, fast: bool, watch: ReadingObserver | None
) -> Iterator[Dataset]:
    """Yield finished blocks, even of a truncated message; raise `InputError` without a header or after many faults."""
    source = Pieces(repair_bytes(reading.name, stream, faults))
    try:
        yield from AlternatingReader(reading, source, fast=fast, watch=watch).blocks()
    except InputError as error:
        if reading.header is None:
            raise
        faults.note(error)
        if records := open_records(reading):
            records.close()
    ready, reading.ready = reading.ready, []
    yield from ready


def open_records(reading: MessageReading) -> DatasetRecords | None:
    holders = (getattr(element, "records", None) for element in reading.open)
    return next((dataset_records for dataset_records in holders if isinstance(dataset_records, DatasetRecords)), None)
