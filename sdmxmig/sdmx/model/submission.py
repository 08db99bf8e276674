"""Sealed submissions to an agency, messages to be sent before they are written, and answers of registries."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver; `timezone` is an offset such as ``+01:00``."""

    id: str
    name: Text = Text()
    contacts: tuple[Contact, ...] = ()
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class StructureUse:
    """A structure used by datasets of a message, under a local id."""

    id: str
    ref: Ref | None
    namespace: str = ""
    dimension_at_observation: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a sender or service. `severity`: ``Error``, ``Warning``, ``Information`` or empty."""

    code: str
    text: Text
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a message; `prepared` is an ISO time with offset.

    `notes` are in the footer. `dataset_action`, `dataset_ids` and `structures` are set on reading only. `links` exist
    only in SDMX-JSON. Writers reject other unsupported fields.
    """

    id: str
    prepared: str
    _: KW_ONLY
    sender: Party
    receivers: tuple[Party, ...] = ()
    test: bool = False
    name: Text = Text()
    source: Text = Text()
    extracted: str = ""
    reporting_begin: str = ""
    reporting_end: str = ""
    embargo: str = ""
    provider: Ref | None = None
    dataset_action: str = ""
    dataset_ids: tuple[str, ...] = ()
    structures: tuple[StructureUse, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionPart:
    name: str
    media_type: str
    sha256: str
    size: int
    content: bytes = field(repr=False, compare=False, default=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A decision to seal despite obstacles; `passed_over` describes them."""

    reason: str
    passed_over: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionNote:
    """The relation of a revision to an earlier submission: `of` is the full one, `since` the last accepted or empty."""

    of: str
    action: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDetails:
    """Facts of a manifest.

    `profile` is ``candidate`` until the receiver confirms it. `key` is the fingerprint of the signing key, or empty.
    `left_out` and `unsaid` describe content that the receiver's codes cannot express.
    """

    licence: str = ""
    structures: tuple[str, ...] = ()
    profile: str = ""
    left_out: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    override: Override | None = None
    key: str = ""
    revision: RevisionNote | None = None
    prepared_by: str = ""
    approved_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A sealed package.

    `verdict`: ``ready`` or ``warnings``; older submissions have ``accepted`` for ``ready``. Acceptance is up to the
    receiver. `explained` counts justified warnings.
    """

    id: str
    header: Header
    agency: str
    area: str
    parts: tuple[SubmissionPart, ...]
    verdict: str
    counts: tuple[tuple[str, int], ...]
    explained: int = 0
    versions: tuple[tuple[str, str], ...] = ()
    particulars: ManifestDetails = ManifestDetails()


DATA, STRUCTURES, METADATA = "data", "structures", "metadata"
"""The kinds of messages."""


@dataclass(frozen=True, slots=True, eq=False)
class OutgoingMessage:
    """A message to be sent; `flow` is the office's dataflow; datasets may follow the receiver's."""

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


@dataclass(frozen=True, slots=True)
class Registration:
    """Registered data: their agreement, the address that returns them, and when they were prepared."""

    agreement: Ref
    address: str
    id: str
    prepared: str


@dataclass(frozen=True, slots=True)
class StructureResult:
    """The answer of a registry to a submitted artefact: ``Success``, ``Warning`` or ``Failure``, and its notes."""

    artefact: Ref
    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """The errors that a service reports instead of an answer."""

    errors: tuple[Note, ...]
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return "; ".join(" ".join(f"{note.code}: {note.text}".split()) for note in self.errors)
