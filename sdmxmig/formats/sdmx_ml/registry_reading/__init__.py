"""Dialogues with a registry, of SDMX-ML 2.1, 3.0 and 3.1, read whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

from sdmxmig.formats.faults import Faults, attempt
from sdmxmig.formats.sdmx_ml.headers import read_header, read_notes
from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.registry_reading import registrations, structures, subscriptions
from sdmxmig.formats.sdmx_ml.structure_reading.drafts import named_as_drafts
from sdmxmig.formats.sdmx_ml.trees import open_message
from sdmxmig.model.messages import Body, RegistryMessage
from sdmxmig.model.submission import Header, Party

BODIES: dict[str, Callable[[Part], Body]] = {
    "SubmitStructureRequest": structures.read_submission,
    "SubmitStructureResponse": structures.read_answer,
    "SubmitRegistrationsRequest": registrations.read_submission,
    "SubmitRegistrationsResponse": registrations.read_answer,
    "QueryRegistrationRequest": registrations.read_query,
    "QueryRegistrationResponse": registrations.read_found_registrations,
    "SubmitSubscriptionsRequest": subscriptions.read_submission,
    "SubmitSubscriptionsResponse": subscriptions.read_answer,
    "QuerySubscriptionRequest": subscriptions.read_query,
    "QuerySubscriptionResponse": subscriptions.read_found_subscriptions,
    "NotifyRegistryEvent": subscriptions.read_event,
}


def read_registry(name: str, content: bytes, faults: Faults | None = None) -> RegistryMessage:
    """A message to a registry or an answer of it; `name` is the file's, for messages.

    Raises `InputError`, with the line and name of the element, for what is no such message or does not belong where it
    stands, or notes it: then the smallest part that holds the fault (a request, a result, an artefact) is left out.
    """
    root = open_message(name, content, faults)
    if root.name not in ("RegistryInterface", *BODIES) or root.message.version == "2.0":
        hint = "A message to or from a registry begins with <RegistryInterface> of SDMX-ML 2.1, 3.0 or 3.1."
        raise root.error(f"of SDMX-ML {root.message.version} is not read as a dialogue with a registry.", hint)
    root.part("mes:Header")
    whole_header = attempt(faults, lambda _: read_header(name, io.BytesIO(content), faults), root)
    header = whole_header or Header("", "", sender=Party(""))
    if root.part("foot:Footer"):
        header = replace(header, notes=read_notes(name, io.BytesIO(content)))
    body = attempt(faults, body_of, root)
    return RegistryMessage(header, named_as_drafts(body, root.message.drafts), place=root.place)


def body_of(root: Part) -> Body | None:
    """The body of a message to or from a registry; None if it has none."""
    part = root.part(*(f"mes:{name}" for name in BODIES))
    root.close()
    return BODIES[part.name](part) if part else None
