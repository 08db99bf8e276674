"""HTTP transport with idempotency keys, and credentials of receivers.

OpenID Connect and OAuth 2.0 (RFC 6749): password grant (section 4.3, as in the .Stat Suite documentation) or client
credentials (section 4.4).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from sdmxmig.io.network import (
    MAX_SECRET_BYTES,
    Answer,
    Call,
    NotSentError,
    Secret,
    UnknownOutcomeError,
    UnreachableError,
    build_bearer_header,
    exchange,
    find_host,
    parse_retry_seconds,
    resolve_destination,
)
from sdmxmig.primitives.errors import SdmxmigError
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

TOKEN_ADDRESS = "token_address"  # noqa: S105 - the name of a line in country.toml
TOKEN_REFUSALS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)
"""Error words of RFC 6749, section 5.2; other text is never shown."""
TOKEN_REFUSAL_STATUSES = (400, 401, 403)
UNAUTHORIZED = 401
RENEWAL_SECONDS = 30.0
MAX_TOKEN_SECONDS = 86_400.0
TIMEOUT_SECONDS = 60.0


def find_authorization(settings: Settings) -> Secret | None:
    """Return the authorization: token, HTTP Basic (``user:password``), or None.

    Raises `SdmxmigError` if a secret or token is missing, `NotSentError` if the provider is unreachable.
    """
    if not settings.credential:
        return None
    if settings.more.get(TOKEN_ADDRESS, ""):
        return Secret(f"Bearer {request_token(settings).reveal()}")
    secret, user = settings.secrets(settings.credential, settings.address), settings.more.get("user", "")
    return build_basic_secret(user, secret.reveal()) if user else build_bearer_header(settings.credential, secret)


def build_request(
    settings: Settings,
    method: str,
    address: str,
    headers: Mapping[str, str],
    pieces: Iterable[bytes] = (),
    size: int = 0,
    *,
    seconds: float | None = None,
) -> Call:
    """Build a request with the receiver's credential; it times out after half of an attempt, or `seconds`."""
    return Call(
        method,
        resolve_destination(address, is_private=settings.private),
        headers=headers,
        secret=find_authorization(settings),
        pieces=pieces,
        size=size,
        seconds=settings.habits.lease / 2 if seconds is None else seconds,
        authorities=settings.authorities,
    )


def check_credential(settings: Settings) -> None:
    if not settings.credential or settings.more.get(TOKEN_ADDRESS, "") or settings.more.get("user", ""):
        return
    try:
        secret = settings.secrets(settings.credential, settings.address)
    except SdmxmigError:
        return
    build_bearer_header(settings.credential, secret)


def send_with_token(settings: Settings, call: Callable[[], Call]) -> Answer:
    """Send a request; if refused, retry once with a new token."""
    is_older = settings.memory.token is not None
    answer = exchange(call())
    if answer.status == UNAUTHORIZED:
        settings.memory.token = None
        return exchange(call()) if is_older else answer
    return answer


def request_token(settings: Settings) -> Secret:
    memory = settings.memory
    if memory.token is None or settings.seconds() >= memory.until:
        memory.token = None
        memory.token, life = fetch_token(settings)
        memory.until = settings.seconds() + life - RENEWAL_SECONDS
    return memory.token


def fetch_token(settings: Settings) -> tuple[Secret, float]:
    address = settings.more[TOKEN_ADDRESS]
    form, secret = build_token_request(settings, address)
    request = Call(
        "POST",
        resolve_destination(address, is_private=settings.private),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        secret=secret,
        pieces=(form,),
        size=len(form),
        seconds=TIMEOUT_SECONDS,
        authorities=settings.authorities,
    )
    try:
        answer = exchange(request)
    except (NotSentError, UnknownOutcomeError) as error:  # whether a token was issued does not matter
        raise NotSentError(f"No token: {error}") from None
    return read_token(answer, find_host(address))


def build_token_request(settings: Settings, address: str) -> tuple[bytes, Secret | None]:
    more = settings.more
    client, user = more.get("client", ""), more.get("user", "")
    if not client:
        message = "The client that requests the token is missing."
        raise SdmxmigError(message, hint="Write client = “…”: the client id from the provider.")
    text = settings.secrets(settings.credential, address).reveal()
    form = {"scope": more["scope"]} if "scope" in more else {}
    if not user:
        return urlencode({"grant_type": "client_credentials", **form}).encode(), build_client_secret(client, text)
    form |= {"grant_type": "password", "client_id": client, "username": user, "password": text}
    name = more.get("client_credential", "")
    shown = build_client_secret(client, settings.secrets(name, address).reveal()) if name else None
    return urlencode(form).encode(), shown


def build_basic_secret(user: str, text: str) -> Secret:
    return Secret(f"Basic {base64.b64encode(f'{user}:{text}'.encode()).decode()}")


def build_client_secret(client: str, text: str) -> Secret:
    return build_basic_secret(quote_plus(client), quote_plus(text))


def read_token(answer: Answer, host: str) -> tuple[Secret, float]:
    body = read_json(answer)
    if 300 <= answer.status < 400 or answer.status in TOKEN_REFUSAL_STATUSES:
        word = body.get("error")
        why = f" ({word})" if word in TOKEN_REFUSALS else f" ({answer.status})"
        hint = "Check token_address, client, user and the secret."
        raise SdmxmigError(f"{host} did not issue a token{why}.", hint=hint)
    text, life = body.get("access_token"), body.get("expires_in")
    is_token = isinstance(text, str) and 0 < len(text) <= MAX_SECRET_BYTES and text.isascii() and text.isprintable()
    if answer.status != 200 or not is_token or str(body.get("token_type", "")).lower() != "bearer":
        raise NotSentError(f"No token: {host} answered {answer.status}, without a usable token.")
    return Secret(str(text)), read_seconds(life)


def read_seconds(life: object) -> float:
    """Return how many seconds a token is valid, at most a day; 0 if unknown.

    >>> read_seconds(300), read_seconds("soon"), read_seconds(10**400), read_seconds(float("nan"))
    (300.0, 0.0, 86400.0, 0.0)
    """
    if not isinstance(life, (int, float)) or isinstance(life, bool):
        return 0.0
    if life > MAX_TOKEN_SECONDS:
        return MAX_TOKEN_SECONDS
    return float(life) if life > 0 else 0.0


def read_json(answer: Answer) -> dict[str, Any]:
    try:
        says = json.loads(answer.body) if answer.is_whole else {}
    except (ValueError, RecursionError):
        return {}
    return says if isinstance(says, dict) else {}


BUSY_STATUSES = (408, 425, 429, 503)
CREDENTIAL_STATUSES = (401, 403, 407)
ADDRESS_STATUSES = (404, 405, 410, 421, 501)
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


@TRANSPORTS.add("http")
def build_channel(settings: Settings) -> Channel:
    """Send files with PUT or POST and ``Idempotency-Key``; ask with GET."""

    def call(method: str, address: str, dispatch: Dispatch, pieces: Iterator[bytes] | None = None) -> Answer:
        if pieces is None:
            return exchange(build_request(settings, method, address, {"Accept": "application/json"}))
        return exchange(build_request(settings, method, address, build_headers(dispatch), pieces, dispatch.parcel.size))

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        method, is_keyed = settings.more.get("method", "POST"), settings.habits.repeat == KEYED
        return call_service(
            lambda: call(method, settings.address, dispatch, pieces),
            lambda answer: interpret_answer(answer, dispatch, is_keyed=is_keyed),
        )

    def ask(dispatch: Dispatch) -> Outcome:
        where = f"{settings.address.rstrip('/')}/{dispatch.id}"
        try:
            answer = call("GET", where, dispatch)
        except (NotSentError, UnknownOutcomeError, UnreachableError) as error:
            return Outcome(state=dispatch.state, reason=str(error))
        return interpret_status(answer, dispatch)

    return Channel(send=send, ask=ask, check=partial(check_credential, settings))


def call_service(call: Callable[[], Answer], judge: Callable[[Answer], Outcome]) -> Outcome:
    """Call a service. An unsent dispatch becomes ready again; an unknown outcome is uncertain."""
    try:
        answer = call()
    except (NotSentError, UnreachableError) as error:
        return Outcome(state=READY, reason=str(error))
    except UnknownOutcomeError as error:
        return Outcome(state=UNCERTAIN, reason=str(error))
    return judge(answer)


def build_headers(dispatch: Dispatch) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(dispatch.parcel.content)).decode()
    return {
        "Content-Type": dispatch.parcel.media_type,
        "Accept": "application/json",
        "Idempotency-Key": f'"{dispatch.id}"',
        "Content-Digest": f"sha-256=:{digest}:",
        "Repr-Digest": f"sha-256=:{digest}:",
    }


def interpret_answer(answer: Answer, dispatch: Dispatch, *, is_keyed: bool) -> Outcome:
    """Interpret an answer; it must contain the key or hash, since captive portals also report success."""
    status, body, reason = answer.status, answer.body, find_reason(answer)
    if (untaken := interpret_refusal(answer)) is not None:
        return untaken
    if status >= 500 and is_keyed:
        return Outcome(state=READY, reason=reason, answer=body, wait=parse_retry_seconds(answer.headers))
    if 400 <= status < 500:
        return Outcome(state=REJECTED, reason=reason, answer=body)
    if 200 <= status < 300 and mentions_dispatch(answer, dispatch):
        return Outcome(state=SENT if status == 202 else RECEIVED, reason=reason, answer=body)
    return Outcome(state=UNCERTAIN, reason=f"{reason}, but not whether it has the file.", answer=body)


def interpret_refusal(answer: Answer) -> Outcome | None:
    status, body, reason = answer.status, answer.body, find_reason(answer)
    if status in CREDENTIAL_STATUSES or status in ADDRESS_STATUSES:
        return Outcome(state=READY, reason=reason, answer=body, pauses=True)
    if 300 <= status < 400:
        moved = urlsplit(answer.headers.get("location", "")).hostname or "elsewhere"
        return Outcome(state=READY, reason=f"{reason}: it redirects to {moved}, which is not followed.", pauses=True)
    if status in BUSY_STATUSES:
        return Outcome(state=READY, reason=reason, answer=body, wait=parse_retry_seconds(answer.headers))
    return None


def interpret_status(answer: Answer, dispatch: Dispatch) -> Outcome:
    reason = find_reason(answer)
    if answer.status == 404:
        return Outcome(state=READY, reason=f"{reason}: it does not have it.", answer=answer.body)
    if answer.status != 200 or not mentions_dispatch(answer, dispatch):
        return Outcome(state=dispatch.state, reason=reason, answer=answer.body)
    state = {"accepted": ACCEPTED, "rejected": REJECTED, "processing": SENT}.get(read_status(answer), RECEIVED)
    return Outcome(state=state, reason=reason, answer=answer.body)


def mentions_dispatch(answer: Answer, dispatch: Dispatch) -> bool:
    text = answer.body.decode("utf-8", "replace").lower()
    digests = [answer.headers.get(name, "") for name in ("content-digest", "repr-digest", "etag")]
    own = base64.b64encode(bytes.fromhex(dispatch.parcel.content)).decode()
    hashes = {*SHA256.findall(text)}
    is_named = bool(hashes & {dispatch.id, dispatch.parcel.content}) or any(own in digest for digest in digests)
    return answer.is_whole and is_named and hashes <= {dispatch.id, dispatch.parcel.content}


def read_status(answer: Answer) -> str:
    return str(read_json(answer).get("status", "")).lower()


def find_reason(answer: Answer) -> str:
    return f"The receiver answered {answer.status}"
