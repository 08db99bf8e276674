"""HTTP transport with idempotency keys."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from sdmxmig.io.network import Answer, Call, NothingSent, OutcomeUnknown, Unreachable, destination, exchange, wait_in
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    KEYED,
    READY,
    RECEIVED,
    REJECTED,
    SENT,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
)
from sdmxmig.transmission.transports import TRANSPORTS, Settings
from sdmxmig.transmission.transports.credentials import authorization, check_credential

BUSY = (408, 425, 429, 503)
CREDENTIALS = (401, 403, 407)
WRONG_ADDRESS = (404, 405, 410, 421, 501)
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


@TRANSPORTS.add("http")
def channel(settings: Settings) -> Channel:
    """Send files with PUT or POST and ``Idempotency-Key``; ask with GET."""

    def call(method: str, address: str, dispatch: Dispatch, pieces: Iterator[bytes] | None = None) -> Answer:
        to = destination(address, is_private=settings.private)
        request = Call(
            method,
            to,
            headers=heads(dispatch) if pieces else {"Accept": "application/json"},
            secret=authorization(settings),
            pieces=pieces or (),
            size=dispatch.parcel.size if pieces else 0,
            seconds=settings.habits.lease / 2,
            authorities=settings.authorities,
        )
        return exchange(request)

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        try:
            answer = call(settings.more.get("method", "POST"), settings.address, dispatch, pieces)
        except (NothingSent, Unreachable) as error:
            return Outcome(state=READY, reason=str(error))
        except OutcomeUnknown as error:
            return Outcome(state=UNCERTAIN, reason=str(error))
        return outcome_of(answer, dispatch, is_keyed=settings.habits.repeat == KEYED)

    def ask(dispatch: Dispatch) -> Outcome:
        where = f"{settings.address.rstrip('/')}/{dispatch.id}"
        try:
            answer = call("GET", where, dispatch)
        except (NothingSent, OutcomeUnknown, Unreachable) as error:
            return Outcome(state=dispatch.state, reason=str(error))
        return status_of(answer, dispatch)

    return Channel(send=send, ask=ask, check=partial(check_credential, settings))


def heads(dispatch: Dispatch) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(dispatch.parcel.content)).decode()
    return {
        "Content-Type": dispatch.parcel.media_type,
        "Accept": "application/json",
        "Idempotency-Key": f'"{dispatch.id}"',
        "Content-Digest": f"sha-256=:{digest}:",
        "Repr-Digest": f"sha-256=:{digest}:",
    }


def outcome_of(answer: Answer, dispatch: Dispatch, *, is_keyed: bool) -> Outcome:
    """Interpret an answer.

    Only answers naming key or hash count, since captive portals succeed too.
    """
    status, body, reason = answer.status, answer.body, reason_of(answer)
    if (untaken := not_taken(answer)) is not None:
        return untaken
    if status >= 500 and is_keyed:
        return Outcome(state=READY, reason=reason, answer=body, wait=wait_in(answer.headers))
    if 400 <= status < 500:
        return Outcome(state=REJECTED, reason=reason, answer=body)
    if 200 <= status < 300 and names(answer, dispatch):
        return Outcome(state=SENT if status == 202 else RECEIVED, reason=reason, answer=body)
    return Outcome(state=UNCERTAIN, reason=f"{reason}, but not whether it has the file.", answer=body)


def not_taken(answer: Answer) -> Outcome | None:
    status, body, reason = answer.status, answer.body, reason_of(answer)
    if status in CREDENTIALS or status in WRONG_ADDRESS:
        return Outcome(state=READY, reason=reason, answer=body, pauses=True)
    if 300 <= status < 400:
        moved = urlsplit(answer.headers.get("location", "")).hostname or "elsewhere"
        return Outcome(state=READY, reason=f"{reason}: it points to {moved}, which nobody wrote down.", pauses=True)
    if status in BUSY:
        return Outcome(state=READY, reason=reason, answer=body, wait=wait_in(answer.headers))
    return None


def status_of(answer: Answer, dispatch: Dispatch) -> Outcome:
    reason = reason_of(answer)
    if answer.status == 404:
        return Outcome(state=READY, reason=f"{reason}: it does not have it.", answer=answer.body)
    if answer.status != 200 or not names(answer, dispatch):
        return Outcome(state=dispatch.state, reason=reason, answer=answer.body)
    state = {"accepted": ACCEPTED, "rejected": REJECTED, "processing": SENT}.get(word_of(answer), RECEIVED)
    return Outcome(state=state, reason=reason, answer=answer.body)


def names(answer: Answer, dispatch: Dispatch) -> bool:
    text = answer.body.decode("utf-8", "replace").lower()
    digests = [answer.headers.get(name, "") for name in ("content-digest", "repr-digest", "etag")]
    own = base64.b64encode(bytes.fromhex(dispatch.parcel.content)).decode()
    hashes = {*SHA256.findall(text)}
    is_named = bool(hashes & {dispatch.id, dispatch.parcel.content}) or any(own in digest for digest in digests)
    return answer.is_whole and is_named and hashes <= {dispatch.id, dispatch.parcel.content}


def word_of(answer: Answer) -> str:
    try:
        described = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    return str(described.get("status", "")).lower() if isinstance(described, dict) else ""


def reason_of(answer: Answer) -> str:
    return f"The receiver answered {answer.status}"
