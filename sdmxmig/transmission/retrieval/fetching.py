"""Fetching of answers from a service or its stored copy."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from sdmxmig.catalogue.agencies import DATA
from sdmxmig.io.intake.incoming import open_message, read_message
from sdmxmig.io.intake.xml import parse_xml, strip_namespace
from sdmxmig.io.network import Answer, find_host
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import read_error
from sdmxmig.transmission.retrieval.addresses import ServiceQuery
from sdmxmig.transmission.retrieval.service_requests import (
    RequestSettings,
    ServiceUnavailable,
    StoredAnswer,
    Ticket,
    ask,
    describe_duration,
    follow_redirects,
    replace_address,
)

NO_RESULTS_CODE = "100"
MESSAGE_KINDS = {DATA: "data"}
MAX_SHOWN_LENGTH = 300
MAX_READABLE_BYTES = 1_000_000
HINTS = {
    400: "Check the key: one code for each dimension, in order, separated by dots.",
    401: "The service requires a sign-in. Name a token with --credential.",
    403: "The service requires a sign-in. Name a token with --credential.",
    404: "Check the id. To list the dataflows, run: sdmxmig get structures AGENCY dataflow",
    406: "Choose another format with --as.",
    413: "Ask for fewer series, or for fewer years at a time.",
    414: "Ask for fewer codes at a time.",
}
ENCODINGS = ("", "identity", "gzip", "x-gzip")


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fetched:
    """A fetched message; `is_copy` means that the service was not queried. `path` is None without data."""

    asked: ServiceQuery
    kept: StoredAnswer
    path: Path | None
    is_copy: bool = False
    earlier: Path | None = None

    @property
    def name(self) -> str:
        return find_host(self.asked.address)

    def summary(self) -> Summary:
        kept = self.kept
        facts = [("address", kept.address), ("fetched", kept.fetched), ("confirmed", kept.checked)]
        facts += [("path", str(self.path)), ("SHA-256", kept.sha256)] if self.path is not None else []
        what = f"{kept.format}, {kept.size:,} bytes" if self.path is not None else "there is nothing"
        return Summary(f"Fetched from {self.name}: {what}" + (" (a copy)" if self.is_copy else ""), tuple(facts))


def fetch(asked: ServiceQuery, means: RequestSettings) -> Fetched:
    """Fetch an answer, or its stored copy; raise `SdmxmigError` if it is refused, invalid or unavailable."""
    kept = means.copies.find(asked)
    if means.is_offline:
        if kept is None:
            raise SdmxmigError("There is no saved copy.", Place(asked.address), "Run it once without --offline.")
        return build_fetched(asked, kept, means, is_copy=True)
    try:
        return build_fetched(asked, renew_copy(asked, kept, means), means)
    except ServiceUnavailable as trouble:
        if kept is None:
            raise
        means.say(f"! {trouble.message} This is the copy of {kept.fetched}, last confirmed {kept.checked}.")
        return build_fetched(asked, kept, means, is_copy=True)


def build_fetched(asked: ServiceQuery, kept: StoredAnswer, means: RequestSettings, *, is_copy: bool = False) -> Fetched:
    copies = means.copies
    has_earlier = bool(kept.earlier) and copies.is_whole(kept.earlier)
    return Fetched(
        asked=asked,
        kept=kept,
        path=copies.path(kept.sha256) if kept.sha256 else None,
        is_copy=is_copy,
        earlier=copies.path(kept.earlier) if has_earlier else None,
    )


def renew_copy(asked: ServiceQuery, kept: StoredAnswer | None, means: RequestSettings) -> StoredAnswer:
    until = means.until()
    with means.body() as body:
        ticket = means.copies.find_ticket(asked)
        if ticket is None:
            answer = ask(asked, body, means, until=until, heads=build_headers(asked, kept))
            if answer.status == 304 and kept is not None:
                return means.copies.write(asked, replace(kept, checked=means.moment))
            if has_no_data(answer, body):
                return keep_empty_answer(asked, kept, means)
            check_status(asked, answer, body)
            ticket = detect_ticket(asked, body, means.moment)
            if ticket is None:
                return keep(asked, answer, body, means, former=kept)
            means.copies.write_ticket(asked, ticket)
        return fetch_by_ticket(asked, ticket, body, means, former=kept)


def fetch_by_ticket(
    asked: ServiceQuery, ticket: Ticket, body: BinaryIO, means: RequestSettings, *, former: StoredAnswer | None
) -> StoredAnswer:
    answer = wait_for(asked, ticket, body, means, until=means.until())
    means.copies.forget_ticket(asked)
    check_status(asked, answer, body)
    return keep(asked, answer, body, means, former=former)


def build_headers(asked: ServiceQuery, kept: StoredAnswer | None) -> dict[str, str]:
    made = {"Accept": asked.accept}
    if kept is not None and kept.sha256:
        made |= {"If-None-Match": kept.tag} if kept.tag else {}
        made |= {"If-Modified-Since": kept.modified} if kept.modified else {}
    return made


def has_no_data(answer: Answer, body: BinaryIO) -> bool:
    if answer.status != 404:
        return answer.status == 204
    try:
        name, content = read_small_answer(body)
        return any(note.code == NO_RESULTS_CODE for note in read_error(name, content).errors)
    except InputError:
        return False


def read_small_answer(body: BinaryIO) -> tuple[str, bytes]:
    body.seek(0)
    with open_message(body, "the answer", limit=MAX_READABLE_BYTES) as (name, message):
        return name, message.read(MAX_READABLE_BYTES)


def check_status(asked: ServiceQuery, answer: Answer, body: BinaryIO) -> None:
    if answer.status == 200:
        return
    words = extract_message(body)
    message = f"{find_host(asked.address)} answered with status {answer.status}" + (f": {words}" if words else ".")
    raise SdmxmigError(message, Place(asked.address), HINTS.get(answer.status, "Try again later."))


def extract_message(body: BinaryIO) -> str:
    try:
        name, content = read_small_answer(body)
        if not content.lstrip().startswith(b"<"):
            return " ".join(content.decode("utf-8", "replace").split())[:MAX_SHOWN_LENGTH]
        texts = [text.strip() for text in parse_xml(content, name).itertext() if isinstance(text, str)]
    except InputError:
        return ""
    return " ".join(filter(None, texts))[:MAX_SHOWN_LENGTH]


def keep_empty_answer(asked: ServiceQuery, kept: StoredAnswer | None, means: RequestSettings) -> StoredAnswer:
    now = means.moment
    answer = StoredAnswer(address=asked.address, accept=asked.accept, fetched=now, checked=now)
    return means.copies.write(asked, add_earlier_copy(answer, kept))


def keep(
    asked: ServiceQuery, answer: Answer, body: BinaryIO, means: RequestSettings, *, former: StoredAnswer | None
) -> StoredAnswer:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise SdmxmigError(
            f"The answer is compressed in a way that was not requested ({encoding}).", Place(asked.address)
        )
    body.seek(0)
    with open_message(body, find_host(asked.address), limit=means.largest) as (name, message), means.body() as plain:
        shutil.copyfileobj(message, plain)
        plain.seek(0)
        detected = detect_format(name, plain)
        check_kind(asked, detected)
        sha256, size = means.copies.store(plain)
    now = means.moment
    answered = StoredAnswer(
        address=asked.address,
        accept=asked.accept,
        fetched=now,
        checked=now,
        sha256=sha256,
        size=size,
        format=detected.format,
        tag=answer.headers.get("etag", ""),
        modified=answer.headers.get("last-modified", ""),
    )
    return means.copies.write(asked, add_earlier_copy(answered, former))


def detect_format(name: str, plain: BinaryIO) -> Detection:
    with open_message(plain, name) as (_, message):
        return detect(name, message)


def check_kind(asked: ServiceQuery, detected: Detection) -> None:
    if detected.kind != MESSAGE_KINDS.get(asked.resource, "structure"):
        message = f"This is {detected.name}, not {asked.resource}."
        raise SdmxmigError(message, Place(asked.address), "Choose another format with --as.")


def add_earlier_copy(answer: StoredAnswer, kept: StoredAnswer | None) -> StoredAnswer:
    if kept is None or not kept.sha256:
        return answer
    if kept.sha256 == answer.sha256:
        return replace(answer, fetched=kept.fetched, earlier=kept.earlier, earlier_fetched=kept.earlier_fetched)
    return replace(answer, earlier=kept.sha256, earlier_fetched=kept.fetched)


def find_message(fetched: Fetched) -> tuple[str, bytes]:
    if fetched.path is None:
        raise SdmxmigError("The service has no data for this request.", Place(fetched.asked.address))
    _, content = read_message(fetched.path)
    return fetched.name, content


MAX_DOCUMENT_BYTES = 100_000
"""Maximum size of a status message in bytes."""
NAME_PATTERN = re.compile(r"[A-Za-z0-9_\-]{1,100}", re.ASCII)
ADDRESS_PATTERN = re.compile(r"https?://[^\s<>\"]{1,500}", re.ASCII)
IN_PROGRESS, AVAILABLE = ("SUBMITTED", "PROCESSING"), "AVAILABLE"
TOO_LARGE_CODE = "413"
NOT_READY_STATUSES = (404, 409, 425)
ID_PLACEHOLDER = "{id}"


class NotReadyYet(ServiceUnavailable):
    """The answer is still being prepared."""


def detect_ticket(asked: ServiceQuery, body: BinaryIO, now: str) -> Ticket | None:
    """Detect an answer that is still being prepared.

    Eurostat sends an envelope with an id, formerly a footer with an address.
    """
    preparation = asked.service.preparation
    root = parse_small_document(body) if preparation is not None else None
    if root is None or preparation is None:
        return None
    names = {strip_namespace(str(element.tag)): (element.text or "").strip() for element in root.iter() if element.text}
    if strip_namespace(str(root.tag)) == "Envelope" and names.get("status") in (*IN_PROGRESS, AVAILABLE):
        name = names.get("id", "")
        if not NAME_PATTERN.fullmatch(name):
            raise SdmxmigError("The service prepares an answer, but gives no usable address for it.")
        state, answer = (at.replace(ID_PLACEHOLDER, name) for at in (preparation.state, preparation.answer))
        return Ticket(
            state=replace_address(asked, state).address, answer=replace_address(asked, answer).address, since=now
        )
    for message in root.iterfind("{*}Footer/{*}Message"):
        texts = " ".join(text for text in message.itertext() if isinstance(text, str))
        if message.get("code") == TOO_LARGE_CODE and (address := ADDRESS_PATTERN.search(texts)):
            return Ticket(state="", answer=replace_address(asked, address[0]).address, since=now)
    return None


def parse_small_document(body: BinaryIO) -> etree._Element | None:
    if body.seek(0, 2) > MAX_DOCUMENT_BYTES:
        return None
    body.seek(0)
    try:
        name, content = read_message(io.BytesIO(body.read()), "the answer")
        return parse_xml(content, name) if len(content) <= MAX_DOCUMENT_BYTES else None
    except InputError:
        return None


def wait_for(asked: ServiceQuery, ticket: Ticket, body: BinaryIO, means: RequestSettings, *, until: datetime) -> Answer:
    preparation = asked.service.preparation
    every = preparation.every if preparation is not None else 30
    while True:
        if not ticket.state or is_ready(asked, ticket, body, means):
            answer = follow_redirects(
                replace_address(asked, ticket.answer), body, means, heads={"Accept": asked.accept}
            )
            if answer.status not in NOT_READY_STATUSES:
                return answer
        if means.now() + timedelta(seconds=every) > until:
            message = f"{find_host(asked.address)} is still preparing the answer to the request of {ticket.since}."
            raise NotReadyYet(message, hint="Run the same command again later. It continues from here.")
        means.say(f"{find_host(asked.address)} prepares the answer; it is asked again in {describe_duration(every)}.")
        means.sleep(every)


def is_ready(asked: ServiceQuery, ticket: Ticket, body: BinaryIO, means: RequestSettings) -> bool:
    answer = follow_redirects(replace_address(asked, ticket.state), body, means, heads={"Accept": "application/xml"})
    root = parse_small_document(body) if answer.status == 200 else None
    states = [] if root is None else [element.text for element in root.iterfind(".//{*}status") if element.text]
    state = next((text.strip() for text in states if text.strip()), "")
    if state in IN_PROGRESS:
        return False
    if state != AVAILABLE:
        means.copies.forget_ticket(asked)
        message = f"{find_host(asked.address)} has not prepared the answer ({state or answer.status})."
        raise SdmxmigError(message, hint="Run the same command again. It sends a new request.")
    return True
