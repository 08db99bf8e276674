"""A data message read leniently: on past what is wrong, and up to where it is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sdmxmig.errors import InputError
from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.formats.sdmx_ml.data_reading.lanes import Turns, Watch
from sdmxmig.formats.sdmx_ml.data_reading.reading import MessageReading
from sdmxmig.formats.xml_repair import Pieces, mended
from sdmxmig.model.data import Dataset


def leniently(
    reading: MessageReading, stream: BinaryIO, faults: Faults, *, fast: bool, watch: Watch | None
) -> Iterator[Dataset]:
    """The blocks of a message as they are ready; what came before it was cut off or is not well formed comes too.

    Raises `InputError` if it has not even a header, or too many faults.
    """
    source = Pieces(mended(reading.name, stream, faults))
    try:
        yield from Turns(reading, source, fast=fast, watch=watch).blocks()
    except InputError as error:
        if reading.header is None:
            raise
        faults.note(error)
        if records := open_records(reading):
            records.close()
    ready, reading.ready = reading.ready, []
    yield from ready


def open_records(reading: MessageReading) -> DatasetRecords | None:
    """The records of the dataset that is open, if there is one: it stands above all else that has them."""
    holders = (getattr(element, "records", None) for element in reading.open)
    return next((dataset_records for dataset_records in holders if isinstance(dataset_records, DatasetRecords)), None)
