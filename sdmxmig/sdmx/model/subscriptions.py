"""Subscriptions at a registry: who is notified of which events, and how.

Actions are SDMX's letters, as in `registrations`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.registrations import Registration, Status
from sdmxmig.sdmx.model.structures import Artefact


@dataclass(frozen=True, slots=True)
class Selector:
    """What events are about: a `kind` of artefact, and which ones of it.

    These are named by `urn`, or by `agency`, `id` and `version`, for which ``%`` means any; without any of them, all
    are meant. The kind ``Registration`` has an id.
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
    """An organisation that is to be notified of events, until when and where; `valid` are the first and the last day.

    `mail` and `http` are pairs of an address and whether it takes SOAP. `own_id` is that of the subscriber, `urn` that
    of the registry.
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
    """Subscriptions that are to be added, replaced or deleted."""

    requests: tuple[SubscriptionRequest, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionResult:
    """What became of one subscription."""

    status: Status
    urn: str = ""
    _: KW_ONLY
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
    _: KW_ONLY
    subscription: str
    urn: str = ""
    registration_id: str = ""
    artefacts: tuple[Artefact, ...] = ()
    registration: Registration | None = None
