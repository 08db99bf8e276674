"""Subscriptions to events in a registry, and the notifications that it sends."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.registry_reading.registrations import registration
from sdmxmig.formats.sdmx_ml.registry_reading.statuses import action_of, status_of
from sdmxmig.formats.sdmx_ml.registry_reading.structures import artefacts_in
from sdmxmig.formats.sdmx_ml.registry_words import EVENTS, KINDS, PATTERNS
from sdmxmig.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.model.subscriptions import (
    Events,
    RegistryEvent,
    Selector,
    Subscription,
    SubscriptionAnswer,
    SubscriptionQuery,
    SubscriptionRequest,
    SubscriptionResult,
    SubscriptionsFound,
    SubscriptionSubmission,
)

ANY = "%"


def subscription(part: Part) -> Subscription:
    """One subscription."""
    period, selector = part.one("reg:ValidityPeriod"), part.one("reg:EventSelector")
    subscription = Subscription(
        reference(part.one("reg:Organisation"), "OrganisationUnit"),
        (period.one("reg:StartDate").content().strip(), period.one("reg:EndDate").content().strip()),
        events=tuple(selector.each(events, *(f"reg:{name}" for name in EVENTS.values()))),
        urn=part.text("reg:RegistryURN"),
        mail=tuple(address(notification) for notification in part.parts("reg:NotificationMailTo")),
        http=tuple(address(notification) for notification in part.parts("reg:NotificationHTTP")),
        own_id=part.text("reg:SubscriberAssignedID"),
    )
    period.close()
    selector.close()
    part.close()
    return subscription


def address(part: Part) -> tuple[str, bool]:
    """The address to which notifications go, and whether it takes SOAP."""
    is_soap = part.flag("isSOAP")
    return part.content(), is_soap


def events(part: Part) -> Events:
    """Events of one kind."""
    kind = next(kind for kind, name in EVENTS.items() if name == part.name)
    part.attribute("TYPE")
    agencies = tuple(text.strip() or ANY for text in part.texts("reg:AgencyID")) if kind == "structure" else ()
    if all_events := part.part("reg:AllEvents"):
        all_events.close()
        part.close()
        return Events(kind, agencies)
    words = {f"reg:{word}": selector_kind for selector_kind, word in KINDS[kind].items()}
    chosen = part.parts(*words)
    read = selector if kind == "structure" else registered
    if not chosen:
        raise part.error("says neither which events nor that all are meant.")
    events = Events(kind, agencies, selectors=tuple(read(part, words[f"reg:{part.name}"]) for part in chosen))
    part.close()
    return events


def registered(part: Part, kind: str) -> Selector:
    """The registration, or the artefact whose registrations, events are about."""
    if kind == "Registration":
        return Selector(kind, id=part.content().strip())
    if part.name not in PATTERNS:
        return Selector(kind, reference(part, kind).urn)
    ref, urn = part.part("reg:Ref"), part.text("reg:URN")
    selector = Selector(kind, urn)
    if ref is not None:
        selector = Selector(
            kind,
            urn,
            agency=ref.attribute("agencyID", ANY),
            id=ref.attribute("id", ANY),
            version=ref.attribute("version", "*"),
        )
        ref.close()
    part.close()
    return selector


def selector(part: Part, kind: str) -> Selector:
    """The artefacts that events are about."""
    all_artefacts, pattern = part.part("reg:All"), part.part("reg:ID")
    id_pattern = (pattern.content().strip() or ANY) if pattern else ""
    version = (part.one("reg:Version").content().strip() or ANY) if id_pattern and kind != "Categorisation" else ""
    selector = Selector(kind, part.text("reg:URN"), id=id_pattern, version=version)
    if all_artefacts:
        all_artefacts.close()
    elif selector == Selector(kind):
        raise part.error("says neither which artefacts nor that all are meant.")
    part.close()
    return selector


def read_submission(part: Part) -> SubscriptionSubmission:
    """Subscriptions that are submitted."""
    submission = SubscriptionSubmission(tuple(part.each(request, "reg:SubscriptionRequest")))
    part.close()
    return submission


def request(part: Part) -> SubscriptionRequest:
    """One subscription and what to do with it."""
    action = action_of(part, part.needed("action"))
    request = SubscriptionRequest(subscription(part.one("reg:Subscription")), action)
    part.close()
    return request


def read_answer(part: Part) -> SubscriptionAnswer:
    """What became of subscriptions that were submitted."""
    answer = SubscriptionAnswer(tuple(part.each(result, "reg:SubscriptionStatus")))
    part.close()
    return answer


def result(part: Part) -> SubscriptionResult:
    """What became of one subscription."""
    status = status_of(part.one("reg:StatusMessage"))
    subscription_result = SubscriptionResult(
        status, part.text("reg:SubscriptionURN"), own_id=part.text("reg:SubscriberAssignedID")
    )
    part.close()
    return subscription_result


def read_query(part: Part) -> SubscriptionQuery:
    """Whose subscriptions are asked for."""
    query = SubscriptionQuery(reference(part.one("reg:Organisation"), "OrganisationUnit"))
    part.close()
    return query


def read_found_subscriptions(part: Part) -> SubscriptionsFound:
    """The subscriptions that were asked for."""
    status = status_of(part.one("reg:StatusMessage"))
    subscriptions = SubscriptionsFound(status, tuple(part.each(subscription, "reg:Subscription")))
    part.close()
    return subscriptions


def read_event(part: Part) -> RegistryEvent:
    """An event in a registry."""
    action = part.one("reg:EventAction")
    structural, registered = part.part("reg:StructuralEvent"), part.part("reg:RegistrationEvent")
    event = RegistryEvent(
        part.one("reg:EventTime").content().strip(),
        action_of(action, action.content().strip()),
        subscription=part.one("reg:SubscriptionURN").content().strip(),
        urn=part.text("reg:ObjectURN"),
        registration_id=part.text("reg:RegistrationID"),
        artefacts=artefacts_in(structural.one("Structures")) if structural else (),
        registration=registration(registered.one("reg:Registration")) if registered else None,
    )
    for child in (structural, registered):
        if child:
            child.close()
    part.close()
    return event
