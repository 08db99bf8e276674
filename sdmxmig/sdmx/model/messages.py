"""Registry messages, error messages and queries.

Actions: ``I`` information, ``A`` append, ``M`` merge, ``R`` replace, ``D`` delete.

Registrations of data and metadata at a registry. Registry subscriptions: subscribers, events and notifications.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TypeAlias

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, CubeRegion, KeySet
from sdmxmig.sdmx.model.submission import Header, Note


@dataclass(frozen=True, slots=True)
class Status:
    """The result of a request: ``Success``, ``Warning`` or ``Failure``."""

    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Registered data or metadata: agreement and location.

    `sources` are pairs as in `Constraint`: ``simple``, ``rest``, ``soap``, ``rest+soap``, then ``wsdl`` or ``wadl``.
    Flags control indexing.
    """

    agreement: Ref
    sources: tuple[tuple[str, str], ...]
    _: KW_ONLY
    id: str = ""
    valid_from: str = ""
    valid_to: str = ""
    last_updated: str = ""
    index_series: bool = False
    index_dataset: bool = False
    index_attributes: bool = False
    index_reporting_period: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """One registration and what to do with it."""

    registration: Registration
    action: str


@dataclass(frozen=True, slots=True)
class RegistrationSubmission:
    requests: tuple[RegistrationRequest, ...]


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    registration: Registration
    status: Status


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    results: tuple[RegistrationResult, ...]


@dataclass(frozen=True, slots=True)
class RegistrationQuery:
    """A query for registrations: ``DataSets``, ``MetadataSets`` or ``AllSets``.

    `about` None means all.
    """

    sets: str
    about: Ref | None = None
    _: KW_ONLY
    period: tuple[str, str] | None = None
    keys: tuple[KeySet, ...] = ()
    regions: tuple[CubeRegion, ...] = ()
    with_constraints: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFound:
    registration: Registration
    is_series: bool = False
    _: KW_ONLY
    is_metadata: bool = False
    constraints: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistrationsFound:
    """The registrations found."""

    status: Status
    found: tuple[RegistrationFound, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """The artefacts of events: by `urn`, or by `agency`, `id` and `version` with ``%`` for any.

    None means all.
    """

    kind: str
    urn: str = ""
    _: KW_ONLY
    agency: str = ""
    id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind: ``structure`` (of some agencies), ``data`` or ``metadata``; no selectors mean all."""

    kind: str
    agencies: tuple[str, ...] = ()
    _: KW_ONLY
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; `valid` are its first and last day.

    `mail` and `http` are pairs of address and SOAP flag.
    """

    organisation: Ref
    valid: tuple[str, str]
    _: KW_ONLY
    events: tuple[Events, ...]
    urn: str = ""
    mail: tuple[tuple[str, bool], ...] = ()
    http: tuple[tuple[str, bool], ...] = ()
    own_id: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """One subscription and what to do with it."""

    subscription: Subscription
    action: str


@dataclass(frozen=True, slots=True)
class SubscriptionSubmission:
    requests: tuple[SubscriptionRequest, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionResult:
    status: Status
    urn: str = ""
    _: KW_ONLY
    own_id: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionAnswer:
    results: tuple[SubscriptionResult, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionQuery:
    """A query for the subscriptions of an organisation."""

    organisation: Ref


@dataclass(frozen=True, slots=True)
class SubscriptionsFound:
    """The subscriptions found."""

    status: Status
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    time: str
    action: str
    _: KW_ONLY
    subscription: str
    urn: str = ""
    registration_id: str = ""
    artefacts: tuple[Artefact, ...] = ()
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class SubmittedStructure:
    """A submitted artefact; an empty action or None means that of the submission."""

    artefact: Ref
    action: str = ""
    _: KW_ONLY
    external_dependencies: bool | None = None


@dataclass(frozen=True, slots=True)
class StructureSubmission:
    """Structures for a registry, inline or at `location`; `exceptions` override the defaults."""

    artefacts: tuple[Artefact, ...] = ()
    location: str = ""
    _: KW_ONLY
    action: str = "A"
    external_dependencies: bool = False
    exceptions: tuple[SubmittedStructure, ...] = ()


@dataclass(frozen=True, slots=True)
class StructureResult:
    structure: SubmittedStructure
    status: Status


@dataclass(frozen=True, slots=True)
class StructureAnswer:
    results: tuple[StructureResult, ...]


Body: TypeAlias = (
    StructureSubmission
    | StructureAnswer
    | RegistrationSubmission
    | RegistrationAnswer
    | RegistrationQuery
    | RegistrationsFound
    | SubscriptionSubmission
    | SubscriptionAnswer
    | SubscriptionQuery
    | SubscriptionsFound
    | RegistryEvent
)


@dataclass(frozen=True, slots=True)
class RegistryMessage:
    """A message to a registry, or its answer; without a body it only announces its sender."""

    header: Header
    body: Body | None
    _: KW_ONLY
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    errors: tuple[Note, ...]
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return "; ".join(" ".join(f"{note.code}: {note.text}".split()) for note in self.errors)


@dataclass(frozen=True, slots=True)
class Query:
    """The query for a `resource`, such as ``Codelist``.

    `parameters` are ordered pairs of path (``CodelistWhere/ID``) and value.
    """

    header: Header
    resource: str
    _: KW_ONLY
    parameters: tuple[tuple[str, str], ...] = ()
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        question = ", ".join(f"{name} {value}".rstrip() for name, value in self.parameters)
        return f"{self.resource}: {question}" if question else self.resource
