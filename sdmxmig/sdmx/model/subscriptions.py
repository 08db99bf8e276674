"""Registry subscriptions: subscribers, events and notifications.

Actions are as in `registrations`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.registrations import Registration, Status
from sdmxmig.sdmx.model.structures import Artefact


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
    """The subscriptions of an organisation are asked for."""

    organisation: Ref


@dataclass(frozen=True, slots=True)
class SubscriptionsFound:
    """The subscriptions that were asked for."""

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
