"""What is sent to an agency: a header, its parts and their hashes, sealed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sdmxmig.model.artefacts import Contact, Text
from sdmxmig.model.references import Ref
from sdmxmig.places import Place


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that receives submissions: which formats it takes, and how it names files.

    `file_name` is a pattern with ``{flow}``, ``{area}``, ``{prepared}`` (the date, as 20260131) and ``{suffix}``.
    """

    id: str
    name: Text
    formats: tuple[str, ...]
    file_name: str
    role: str = ""
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives a message: its id, its names in languages, and whom to ask there."""

    id: str
    name: Text = Text()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class StructureUse:
    """A structure that the datasets of a message follow, under the id by which they name it.

    `ref` is a dataflow, data structure or provision agreement; `namespace` that of its own schema.
    """

    id: str
    ref: Ref | None
    namespace: str = ""
    dimension_at_observation: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an SDMX message. `prepared` is an ISO date and time with its offset.

    `sender`, `receivers`, `sender_name` and `source` are what a message needs; the fields after them hold the rest of
    what one can say, as the message spells it: the parties with names and contacts, the names and sources of the
    message in languages, dates, the data provider, and action, ids and structures of its datasets.
    """

    id: str
    prepared: str
    sender: str
    receivers: tuple[str, ...] = ()
    test: bool = True
    sender_name: str = ""
    source: str = ""
    parties: tuple[Party, ...] = ()
    name: Text = Text()
    sources: Text = Text()
    extracted: str = ""
    reporting_begin: str = ""
    reporting_end: str = ""
    embargo: str = ""
    provider: Ref | None = None
    dataset_action: str = ""
    dataset_ids: tuple[str, ...] = ()
    structures: tuple[StructureUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a submission, with the hash of its bytes."""

    name: str
    media_type: str
    sha256: str
    size: int
    content: bytes = field(repr=False, compare=False, default=b"")


@dataclass(frozen=True, slots=True)
class Submission:
    """A sealed package: what is in it, for whom, and how its data were judged.

    `verdict` is ``accepted`` (no findings), ``warnings`` or ``errors``.
    """

    id: str
    header: Header
    agency: str
    area: str
    parts: tuple[Part, ...]
    verdict: str
    counts: tuple[tuple[str, int], ...]
    versions: tuple[tuple[str, str], ...] = ()
