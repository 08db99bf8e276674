"""Answers prepared asynchronously."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import BinaryIO

from lxml import etree

from sdmxmig.io.intake.packed import read_message
from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.io.network.addresses import host_of
from sdmxmig.io.network.exchange import Answer
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.transmission.retrieval.addresses import Asked
from sdmxmig.transmission.retrieval.asking import Away, Means, at_its_place, elsewhere
from sdmxmig.transmission.retrieval.clock import in_words
from sdmxmig.transmission.retrieval.copies import Ticket

LARGEST = 100_000
"""Maximum size of a status message in bytes."""
NAME = re.compile(r"[A-Za-z0-9_\-]{1,100}", re.ASCII)
ADDRESS = re.compile(r"https?://[^\s<>\"]{1,500}", re.ASCII)
AT_WORK, THERE = ("SUBMITTED", "PROCESSING"), "AVAILABLE"
TOO_LARGE = "413"
NOT_YET = (404, 409, 425)
BLANK = "{id}"


class StillPrepared(Away):
    """The answer is still being prepared."""


def ticket_in(asked: Asked, body: BinaryIO, now: str) -> Ticket | None:
    """Detect a prepared answer.

    Eurostat uses its own envelope with an id, formerly a footer with an address.
    """
    preparation = asked.service.preparation
    root = small_document(body) if preparation is not None else None
    if root is None or preparation is None:
        return None
    names = {local(str(element.tag)): (element.text or "").strip() for element in root.iter() if element.text}
    if local(str(root.tag)) == "Envelope" and names.get("status") in (*AT_WORK, THERE):
        name = names.get("id", "")
        if not NAME.fullmatch(name):
            raise SdmxmigError("The service prepares an answer, and gives it no usable name.")
        state, answer = (at.replace(BLANK, name) for at in (preparation.state, preparation.answer))
        return Ticket(state=elsewhere(asked, state).address, answer=elsewhere(asked, answer).address, since=now)
    for message in root.iterfind("{*}Footer/{*}Message"):
        texts = " ".join(text for text in message.itertext() if isinstance(text, str))
        if message.get("code") == TOO_LARGE and (address := ADDRESS.search(texts)):
            return Ticket(state="", answer=elsewhere(asked, address[0]).address, since=now)
    return None


def small_document(body: BinaryIO) -> etree._Element | None:
    if body.seek(0, 2) > LARGEST:
        return None
    body.seek(0)
    try:
        name, content = read_message(io.BytesIO(body.read()), "the answer")
        return parse_xml(content, name) if len(content) <= LARGEST else None
    except InputError:
        return None


def wait_for(asked: Asked, ticket: Ticket, body: BinaryIO, means: Means, *, until: datetime) -> Answer:
    """Wait for a prepared answer; raises `StillPrepared` or `SdmxmigError`."""
    preparation = asked.service.preparation
    every = preparation.every if preparation is not None else 30
    while True:
        if not ticket.state or is_there(asked, ticket, body, means):
            answer = at_its_place(elsewhere(asked, ticket.answer), body, means, heads={"Accept": asked.accept})
            if answer.status not in NOT_YET:
                return answer
        if means.clock.now() + timedelta(seconds=every) > until:
            message = f"{host_of(asked.address)} is still preparing what was asked on {ticket.since}."
            raise StillPrepared(message, hint="Give the same command again later: it goes on from here.")
        means.say(f"{host_of(asked.address)} prepares the answer; it is asked again in {in_words(every)}.")
        means.clock.sleep(every)


def is_there(asked: Asked, ticket: Ticket, body: BinaryIO, means: Means) -> bool:
    """Whether an answer is ready; raises `SdmxmigError` if it never will be."""
    answer = at_its_place(elsewhere(asked, ticket.state), body, means, heads={"Accept": "application/xml"})
    root = small_document(body) if answer.status == 200 else None
    states = [] if root is None else [element.text for element in root.iterfind(".//{*}status") if element.text]
    state = next((text.strip() for text in states if text.strip()), "")
    if state in AT_WORK:
        return False
    if state != THERE:
        means.copies.forget_ticket(asked)
        message = f"{host_of(asked.address)} has not prepared the answer ({state or answer.status})."
        raise SdmxmigError(message, hint="Give the same command again: it asks anew.")
    return True
