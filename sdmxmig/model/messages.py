"""What is said around data: dialogues with a registry, errors that a service answers, and queries.

Actions are SDMX's letters: ``I`` information, ``A`` append, ``M`` merge, ``R`` replace, ``D`` delete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, CubeRegion, KeySet
from sdmxmig.model.submission import Header, Note
from sdmxmig.places import Place


@dataclass(frozen=True, slots=True)
class Status:
    """How a request went: ``Success``, ``Warning`` or ``Failure``, and what there is to say about it."""

    status: str
    notes: tuple[Note, ...] = ()


# -- structures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubmittedStructure:
    """An artefact that is submitted; an empty action, and None, mean those of the whole submission."""

    artefact: Ref
    action: str = ""
    external_dependencies: bool | None = None


@dataclass(frozen=True, slots=True)
class StructureSubmission:
    """Structures for a registry: the artefacts themselves, or the address where they are (`location`).

    `external_dependencies` asks the registry to look elsewhere for what they refer to. `exceptions` are those that
    are to be treated otherwise.
    """

    artefacts: tuple[Artefact, ...] = ()
    location: str = ""
    action: str = "A"
    external_dependencies: bool = False
    exceptions: tuple[SubmittedStructure, ...] = ()


@dataclass(frozen=True, slots=True)
class StructureResult:
    """What became of one artefact."""

    structure: SubmittedStructure
    status: Status


@dataclass(frozen=True, slots=True)
class StructureAnswer:
    """What became of the structures that were submitted."""

    results: tuple[StructureResult, ...]


# -- registrations ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Registration:
    """Data or metadata that a registry knows: under which agreement they are provided, and where they are.

    `sources` are pairs as those of `Constraint`: ``simple`` for a file, ``rest``, ``soap`` or ``rest+soap`` for a
    service, ``wsdl`` and ``wadl`` for what describes the service before. The registry gives the `id`. The flags say
    what it shall index.
    """

    agreement: Ref
    sources: tuple[tuple[str, str], ...]
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
    """Registrations that are to be added, replaced or deleted."""

    requests: tuple[RegistrationRequest, ...]


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """What became of one registration."""

    registration: Registration
    status: Status


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """What became of the registrations that were submitted."""

    results: tuple[RegistrationResult, ...]


@dataclass(frozen=True, slots=True)
class RegistrationQuery:
    """Which registrations are asked for: `sets` is ``DataSets``, ``MetadataSets`` or ``AllSets``.

    `about` is an agreement, provider, dataflow or metadataflow; None means all. `period`, `keys` and `regions` narrow
    the question; `with_constraints` asks for the constraints of what is found.
    """

    sets: str
    about: Ref | None = None
    period: tuple[str, str] | None = None
    keys: tuple[KeySet, ...] = ()
    regions: tuple[CubeRegion, ...] = ()
    with_constraints: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFound:
    """One registration that was asked for; `is_series` says whether its series match, `is_metadata` what it holds."""

    registration: Registration
    is_series: bool = False
    is_metadata: bool = False
    constraints: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistrationsFound:
    """The registrations that were asked for."""

    status: Status
    found: tuple[RegistrationFound, ...] = ()


# -- subscriptions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selector:
    """What events are about: a `kind` of artefact, and which ones of it.

    These are named by `urn`, or by `agency`, `id` and `version`, for which ``%`` means any; without any of them, all
    are meant. The kind ``Registration`` has an id.
    """

    kind: str
    urn: str = ""
    agency: str = ""
    id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind: ``structure`` (of some agencies), ``data`` or ``metadata``; no selectors mean all."""

    kind: str
    agencies: tuple[str, ...] = ()
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to be told of which events, by when and where; `valid` are the first and the last day.

    `mail` and `http` are pairs of an address and whether it takes SOAP. `own_id` is that of the subscriber, `urn` that
    of the registry.
    """

    organisation: Ref
    valid: tuple[str, str]
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
    """Subscriptions that are to be added, replaced or deleted."""

    requests: tuple[SubscriptionRequest, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionResult:
    """What became of one subscription."""

    status: Status
    urn: str = ""
    own_id: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionAnswer:
    """What became of the subscriptions that were submitted."""

    results: tuple[SubscriptionResult, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionQuery:
    """The subscriptions of an organisation are asked for."""

    organisation: Ref


@dataclass(frozen=True, slots=True)
class SubscriptionsFound:
    """The subscriptions that were asked for."""

    status: Status
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    """A subscriber is told of an event: what changed when, and how.

    It is named by `urn`, or by the id of a registration; the artefacts, or the registration, may stand with it.
    """

    time: str
    action: str
    subscription: str
    urn: str = ""
    registration_id: str = ""
    artefacts: tuple[Artefact, ...] = ()
    registration: Registration | None = None


# -- messages -----------------------------------------------------------------------------------------------

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
    """What is said to a registry, or answered by it; a message without a body only says that its sender is there."""

    header: Header
    body: Body | None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """What a service answers instead of what it was asked for: codes with texts in languages."""

    errors: tuple[Note, ...]
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return "; ".join(" ".join(f"{note.code}: {note.text}".split()) for note in self.errors)


@dataclass(frozen=True, slots=True)
class Query:
    """What a query message asks for: `resource` is its kind, such as ``Codelist`` or ``Data``.

    `parameters` are pairs of a path, such as ``CodelistWhere/ID``, and what it says, in their order.
    """

    header: Header
    resource: str
    parameters: tuple[tuple[str, str], ...] = ()
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        asked = ", ".join(f"{name} {value}".rstrip() for name, value in self.parameters)
        return f"{self.resource}: {asked}" if asked else self.resource
