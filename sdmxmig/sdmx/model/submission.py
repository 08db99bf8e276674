"""What is sent to an agency: a header, its parts and their hashes, sealed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives a message: its id, its names in languages, and whom to ask there.

    `timezone` is a sender's offset from UTC, such as ``+01:00``, if it is said apart from its times.
    """

    id: str
    name: Text = Text()
    _: KW_ONLY
    contacts: tuple[Contact, ...] = ()
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class StructureUse:
    """A structure that the datasets of a message follow, under the id by which they name it.

    `ref` is a dataflow, data structure or provision agreement (for metadata: a metadataflow, metadata structure or
    metadata provision agreement); `namespace` that of its own schema.
    """

    id: str
    ref: Ref | None
    _: KW_ONLY
    namespace: str = ""
    dimension_at_observation: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a sender says of a message or a service of a request: a code, and a text in languages.

    `severity` is ``Error``, ``Warning`` or ``Information``; empty if it is not said.
    """

    code: str
    text: Text
    _: KW_ONLY
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an SDMX message. `prepared` is an ISO date and time with its offset.

    `name` and `source` are those of the message in languages; `provider` is a data or metadata provider. `notes` stand
    in the footer, behind everything else. `dataset_action`, `dataset_ids` and `structures` tell of the datasets:
    readers fill them in, writers take them from the datasets themselves. `links` lead to more about the transmission;
    SDMX-JSON alone has them, and other formats leave them out. Where a format has no place for one of the other facts,
    its writer refuses the header.
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


@dataclass(frozen=True, slots=True)
class SubmissionPart:
    """One file of a submission, with the hash of its bytes."""

    name: str
    media_type: str
    _: KW_ONLY
    sha256: str
    size: int
    content: bytes = field(repr=False, compare=False, default=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Why something is sealed although it should not be: the reason, who gave it, and what it passes over, in words."""

    reason: str
    passed_over: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionNote:
    """What a submission is that changes data which the receiver has: of which sealed one, how, and since which one.

    `of` is the id of the submission that has all of the data, `action` what the receiver is to do with this part of it,
    and `since` the last one that the receiver has accepted, empty if none is known.
    """

    of: str
    action: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What the manifest of a submission says beside its header, verdict and parts.

    `licence` is that of the data, as their office says it; `structures` are the URNs of what the data follow; `profile`
    is the status of what we know of the receiver, ``candidate`` until the receiver has confirmed it. `left_out` are
    sentences on the observations that the receiver's codes cannot express, `unsaid` on attributes that they cannot.
    `key` is the fingerprint of the key that signs the manifest, empty if it is not signed. `revision` is there where it
    does not hold all of the data, but what has changed. `prepared_by` and `approved_by` are the people who sign its
    cover letter.
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


@dataclass(frozen=True, slots=True)
class Submission:
    """A sealed package: what is in it, for whom, and how its data were judged.

    `verdict` is what we say of the data before they are sent: ``ready`` (nothing is against it) or ``warnings``. That
    they are accepted is for the receiver to say; submissions sealed before say ``accepted`` where today they say
    ``ready``. `explained` is how many of its warnings the office has given a reason for.
    """

    id: str
    header: Header
    _: KW_ONLY
    agency: str
    area: str
    parts: tuple[SubmissionPart, ...]
    verdict: str
    counts: tuple[tuple[str, int], ...]
    explained: int = 0
    versions: tuple[tuple[str, str], ...] = ()
    particulars: Particulars = Particulars()
