"""Subscriptions to events in a registry, and the notifications that it sends."""

from __future__ import annotations

from lxml import etree

from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.formats.sdmx_ml.elements import add
from sdmxmig.formats.sdmx_ml.registry_words import EVENTS, KINDS, PATTERNS, REFERENCES
from sdmxmig.formats.sdmx_ml.registry_writing.dialogue import Dialogue
from sdmxmig.formats.sdmx_ml.registry_writing.registrations import add_registration
from sdmxmig.formats.sdmx_ml.structure_writing import add_collections
from sdmxmig.formats.sdmx_ml.text_shapes import DATE, ID_OR_ANY, VERSION_OR_ANY, checked
from sdmxmig.model.references import Ref
from sdmxmig.model.subscriptions import (
    Events,
    RegistryEvent,
    Selector,
    Subscription,
    SubscriptionAnswer,
    SubscriptionQuery,
    SubscriptionsFound,
    SubscriptionSubmission,
)


def add_subscription(dialogue: Dialogue, parent: etree._Element, subscription: Subscription) -> None:
    """Add one subscription.

    Raises `SdmxmigError` if it names no events, or the same kind of events twice.
    """
    kinds = [events.kind for events in subscription.events]
    if not kinds or len(set(kinds)) < len(kinds):
        hint = f"Name each of {', '.join(EVENTS)} once at most."
        raise SdmxmigError(f"A subscription of {subscription.organisation.item} names the events {kinds}.", hint=hint)
    element = dialogue.add(parent, "Subscription")
    dialogue.reference(element, "Organisation", subscription.organisation)
    if subscription.urn:
        dialogue.add(element, "RegistryURN", dialogue.address(subscription.urn))
    for name, addresses in (("NotificationMailTo", subscription.mail), ("NotificationHTTP", subscription.http)):
        for address, is_soap in addresses:
            dialogue.add(element, name, dialogue.address(address), {"isSOAP": "true" if is_soap else ""})
    if subscription.own_id:
        dialogue.add(element, "SubscriberAssignedID", dialogue.id(subscription.own_id, "the id of a subscription"))
    period = dialogue.add(element, "ValidityPeriod")
    for name, day in zip(("StartDate", "EndDate"), subscription.valid, strict=True):
        dialogue.add(period, name, checked(day, DATE, "a day"))
    holder = dialogue.add(element, "EventSelector")
    for events in subscription.events:
        add_events(dialogue, holder, events)


def add_events(dialogue: Dialogue, holder: etree._Element, events: Events) -> None:
    """Add events of one kind."""
    if events.kind not in EVENTS:
        raise SdmxmigError(f"There are no {events.kind} events.", hint=did_you_mean(events.kind, EVENTS))
    if bool(events.agencies) is not (events.kind == "structure"):
        raise SdmxmigError("Events of structures, and only these, are those of some agencies.", hint="Any is %.")
    element = dialogue.add(holder, EVENTS[events.kind])
    for agency in events.agencies:
        dialogue.add(element, "AgencyID", checked(agency, ID_OR_ANY, "an agency"))
    for selector in events.selectors:
        add_selector(dialogue, element, events.kind, selector)
    if not events.selectors:
        dialogue.add(element, "AllEvents")


def add_selector(dialogue: Dialogue, element: etree._Element, kind: str, selector: Selector) -> None:
    """Add the artefacts that events are about."""
    words = KINDS[kind]
    if selector.kind not in words:
        message = f"Events of {kind} are not about a {selector.kind}."
        raise SdmxmigError(message, hint=did_you_mean(selector.kind, words))
    word = words[selector.kind]
    if selector.kind == "Registration":
        dialogue.add(element, word, dialogue.id(selector.id, "the id of a registration"))
    elif kind != "structure" and selector.kind in REFERENCES:
        dialogue.reference(element, word, Ref.parse(selector.urn, kind=selector.kind))
    elif selector.urn:
        dialogue.add(dialogue.add(element, word), "URN", dialogue.address(selector.urn))
    elif word in PATTERNS:
        attributes = {"agencyID": selector.agency, "id": selector.id, "version": selector.version}
        for name, text in attributes.items():
            checked(text, VERSION_OR_ANY if name == "version" else ID_OR_ANY, f"the {name} of a {selector.kind}")
        dialogue.add(dialogue.add(element, word), "Ref", attributes=attributes)
    elif selector.id:
        holder = dialogue.add(element, word)
        dialogue.add(holder, "ID", checked(selector.id, ID_OR_ANY, f"the id of a {selector.kind}"))
        if selector.kind != "Categorisation":
            version = checked(selector.version or "%", VERSION_OR_ANY, f"the version of a {selector.kind}")
            dialogue.add(holder, "Version", version)
    else:
        dialogue.add(dialogue.add(element, word), "All")


def add_submission(dialogue: Dialogue, element: etree._Element, submission: SubscriptionSubmission) -> None:
    """Add subscriptions, each with what to do with it."""
    for request in submission.requests:
        attributes = {"action": dialogue.needed_action(request.action)}
        add_subscription(
            dialogue, dialogue.add(element, "SubscriptionRequest", attributes=attributes), request.subscription
        )


def add_answer(dialogue: Dialogue, element: etree._Element, answer: SubscriptionAnswer) -> None:
    """Add what became of each subscription."""
    for result in answer.results:
        holder = dialogue.add(element, "SubscriptionStatus")
        if result.urn:
            dialogue.add(holder, "SubscriptionURN", dialogue.address(result.urn))
        if result.own_id:
            dialogue.add(holder, "SubscriberAssignedID", dialogue.id(result.own_id, "the id of a subscription"))
        dialogue.status(holder, result.status)


def add_query(dialogue: Dialogue, element: etree._Element, query: SubscriptionQuery) -> None:
    """Add whose subscriptions are asked for."""
    dialogue.reference(element, "Organisation", query.organisation)


def add_found(dialogue: Dialogue, element: etree._Element, subscriptions: SubscriptionsFound) -> None:
    """Add the subscriptions that were asked for."""
    dialogue.status(element, subscriptions.status)
    for subscription in subscriptions.subscriptions:
        add_subscription(dialogue, element, subscription)


def add_event(dialogue: Dialogue, element: etree._Element, event: RegistryEvent) -> None:
    """Add an event in a registry.

    Raises `SdmxmigError` if it is not told of just one thing.
    """
    if bool(event.urn) is bool(event.registration_id) or (event.artefacts and event.registration):
        raise SdmxmigError("An event is about one artefact or one registration.", hint="Give urn or registration_id.")
    dialogue.add(element, "EventTime", dialogue.time(event.time, "the time of an event"))
    if event.urn:
        dialogue.add(element, "ObjectURN", dialogue.address(event.urn))
    else:
        dialogue.add(element, "RegistrationID", dialogue.id(event.registration_id, "the id of a registration"))
    dialogue.add(element, "SubscriptionURN", dialogue.address(event.subscription))
    dialogue.add(element, "EventAction", dialogue.needed_action(event.action))
    if event.artefacts:
        holder = add(dialogue.add(element, "StructuralEvent"), dialogue.dialect.structure, "Structures")
        add_collections(holder, event.artefacts, dialogue.dialect)
    if event.registration:
        add_registration(dialogue, dialogue.add(element, "RegistrationEvent"), event.registration)
