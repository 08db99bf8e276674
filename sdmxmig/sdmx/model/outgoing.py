"""Messages to be sent, before they are written."""

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
    """A message to be sent.

    `flow` is the office's dataflow; datasets may follow the receiver's.
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
    """The messages for a receiver; `area` is the receiver's code for the country.

    `left_out` and `unsaid` describe observations and attributes that its codes cannot express.
    """

    messages: tuple[OutgoingMessage, ...]
    header: Header
    _: KW_ONLY
    area: str = ""
    known_agencies: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[OutgoingMessage, ...]:
        return tuple(message for message in self.messages if message.kind == kind)
