"""What is about to be sent: the messages with what they hold, before anything is written."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

DATA, STRUCTURES, METADATA = "data", "structures", "metadata"
"""The kinds of messages."""


@dataclass(frozen=True, slots=True, eq=False)
class OutgoingMessage:
    """One message that is to be sent: the name of its file, what kind of message it is, its format, what it holds.

    `flow` is the dataflow of the data as the office knows it; the datasets may follow one of the receiver.
    """

    name: str
    kind: str
    _: KW_ONLY
    format: str
    datasets: tuple[Dataset, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    sets: tuple[MetadataSet, ...] = ()
    flow: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """All that is to be sent to a receiver at once; `area` is the reporting country as the receiver calls it.

    `known_agencies` are those of which the office says that the receiver knows them. `left_out` are sentences on the
    observations that the receiver's codes cannot express, `unsaid` on attributes that go without what they say here.
    """

    messages: tuple[OutgoingMessage, ...]
    header: Header
    _: KW_ONLY
    area: str = ""
    known_agencies: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[OutgoingMessage, ...]:
        """The messages of one kind."""
        return tuple(message for message in self.messages if message.kind == kind)
