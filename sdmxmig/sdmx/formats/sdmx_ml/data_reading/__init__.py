"""Data messages of SDMX-ML to datasets: structure-specific 2.1, 3.0 and 3.1, generic 2.1, and the four kinds of 2.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.lanes import Turns, Watch
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.message import Document
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import MessageReading
from sdmxmig.sdmx.formats.xml_repair import Pieces, mended
from sdmxmig.sdmx.model.data import Dataset, Flow


def read_data(
    name: str,
    stream: BinaryIO,
    flows: Mapping[str, Flow],
    form: str = "",
    *,
    faults: Faults | None = None,
    fast: bool = True,
    watch: Watch | None = None,
) -> Iterator[Dataset]:
    """Read a data message block by block; `name` is the file's, for messages.

    `form` is the id of the format that the message has to be of; any that is known if it is empty. Every value stays
    the text that was sent; codes that no list has stay too, since validation quotes them. Attributes of series, groups
    and the dataset come where `Dataset` has them, wherever the layout put them. Annotations of less than a
    dataset are counted, since a dataset has no place for them.

    If not `fast`, the parser reads all of it, which takes longer and gives the same. `watch` follows the message while
    it is read.

    Raises `InputError` with line and column for everything that is not as SDMX-ML and the data structure want it, or
    notes it among the faults: then it reads what can be read, up to where a message that is cut off ends.
    """
    reading = MessageReading(name, flows, faults)
    reading.open.append(Document(reading, form))
    if faults is not None:
        yield from leniently(reading, stream, faults, fast=fast, watch=watch)
    else:
        yield from Turns(reading, stream, fast=fast, watch=watch).blocks()


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
