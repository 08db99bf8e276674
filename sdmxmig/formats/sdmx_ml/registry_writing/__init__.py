"""Dialogues with a registry, as SDMX-ML 2.1, 3.0 or 3.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import add, start_message, to_bytes
from sdmxmig.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.formats.sdmx_ml.registry_writing import registrations, structures, subscriptions
from sdmxmig.formats.sdmx_ml.registry_writing.dialogue import Dialogue
from sdmxmig.model.messages import RegistryMessage, StructureAnswer, StructureSubmission
from sdmxmig.model.registrations import (
    RegistrationAnswer,
    RegistrationQuery,
    RegistrationsFound,
    RegistrationSubmission,
)
from sdmxmig.model.subscriptions import (
    RegistryEvent,
    SubscriptionAnswer,
    SubscriptionQuery,
    SubscriptionsFound,
    SubscriptionSubmission,
)

BODIES: dict[type, tuple[str, Callable[[Dialogue, etree._Element, Any], None]]] = {
    StructureSubmission: ("SubmitStructureRequest", structures.add_submission),
    StructureAnswer: ("SubmitStructureResponse", structures.add_answer),
    RegistrationSubmission: ("SubmitRegistrationsRequest", registrations.add_submission),
    RegistrationAnswer: ("SubmitRegistrationsResponse", registrations.add_answer),
    RegistrationQuery: ("QueryRegistrationRequest", registrations.add_query),
    RegistrationsFound: ("QueryRegistrationResponse", registrations.add_found),
    SubscriptionSubmission: ("SubmitSubscriptionsRequest", subscriptions.add_submission),
    SubscriptionAnswer: ("SubmitSubscriptionsResponse", subscriptions.add_answer),
    SubscriptionQuery: ("QuerySubscriptionRequest", subscriptions.add_query),
    SubscriptionsFound: ("QuerySubscriptionResponse", subscriptions.add_found),
    RegistryEvent: ("NotifyRegistryEvent", subscriptions.add_event),
}
"""The element of each body, and what writes it."""


def write_registry(message: RegistryMessage, dialect: Dialect) -> bytes:
    """A message to or from a registry, in the root ``RegistryInterface`` that all versions have.

    Raises `SdmxmigError` for what the version cannot say, and for what is no date, action or address.
    """
    namespace = dialect.namespace("registry")
    root = start_message(dialect, "RegistryInterface", {"reg": namespace, "str": dialect.structure})
    add_header(root, dialect, message.header, "registry")
    if message.body is not None:
        name, write = BODIES[type(message.body)]
        parts = getattr(message.body, "requests", None), getattr(message.body, "results", None)
        if () in parts:
            raise SdmxmigError(f"A {name} without anything in it cannot be sent.", hint="Put at least one thing in.")
        write(Dialogue(dialect, namespace), add(root, dialect.message, name), message.body)
    add_footer(root, dialect, message.header.notes)
    return to_bytes(root)
