"""Data messages of SDMX-ML to datasets: structure-specific 2.1, 3.0 and 3.1, generic 2.1, and the four kinds of 2.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sdmxmig.errors import InputError
from sdmxmig.formats.sdmx_ml.data_reading.lanes import Turns
from sdmxmig.formats.sdmx_ml.data_reading.message import Document
from sdmxmig.formats.sdmx_ml.data_reading.reading import Reading
from sdmxmig.formats.sdmx_ml.data_reading.tree import XML_LANG, Node
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.submission import Header


def read_data(
    name: str, stream: BinaryIO, flows: Mapping[str, Flow], wanted: str = "", *, fast: bool = True
) -> Iterator[Dataset]:
    """Read a data message block by block; `name` is the file's, for messages.

    `wanted` is the id of the format that the message has to be of; any that is known if it is empty. Every value stays
    the text that was sent; codes that no list has stay too, since validation quotes them. Attributes of series, groups
    and the dataset come where `Dataset` has them, wherever the layout put them. Annotations are not kept.

    If not `fast`, the parser reads all of it, which takes longer and gives the same.

    Raises `InputError` with line and column for everything that is not as SDMX-ML and the data structure want it.
    """
    reading = Reading(name, flows)
    reading.open.append(Document(reading, wanted))
    yield from Turns(reading, stream, fast=fast).blocks()


def read_header(name: str, stream: BinaryIO) -> tuple[str, Header]:
    """The id of the format and the header of a data message; no more is read than that takes.

    Raises `InputError` with line and column if it is no data message, or has no header.
    """
    reading = Reading(name, {})
    reading.open.append(Document(reading))
    while piece := stream.read(1 << 12):
        try:
            reading.feed.feed(piece)
        except InputError:
            if reading.header is None:  # what comes after the header is not asked for
                raise
        if reading.header is not None:
            return reading.format_id, reading.header
    reading.feed.close()
    raise InputError("The message has no Header.", reading.place)


def read_notes(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> tuple[tuple[str, str, Text], ...]:
    """What the sender says in the footer of a data message: code, severity and text of each note.

    Raises `InputError` as `read_data` does, since the data come first.
    """
    reading = Reading(name, flows)
    reading.open.append(Document(reading))
    for _ in Turns(reading, stream).blocks():
        pass
    return tuple(
        (note.attributes.get("code", ""), note.attributes.get("severity", ""), joined(note)) for note in reading.notes
    )


def joined(note: Node) -> Text:
    """The texts of a note; several in one language become one of several lines."""
    texts: dict[str, str] = {}
    for part in note.all("Text"):
        language = part.attributes.get(XML_LANG, "en")
        texts[language] = f"{texts[language]}\n{part.text.strip()}" if language in texts else part.text.strip()
    return Text.of(texts)
