"""Credentials: what a receiver wants to be shown is a secret, or a token that is fetched with it and kept nowhere.

A token comes from an identity provider as OpenID Connect and OAuth 2.0 have it (RFC 6749): for a user with a password
(section 4.3, the way that the documentation of the .Stat Suite describes for programs), or for a client with a secret
(section 4.4, service accounts).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlencode

from sdmxmig.io.network.addresses import destination, host_of
from sdmxmig.io.network.exchange import Answer, Call, NothingSent, OutcomeUnknown, exchange
from sdmxmig.io.network.secrets import LONGEST, Secret, bearer
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.transports import Settings

TOKEN_ADDRESS = "token_address"  # noqa: S105 - the name of a line in country.toml
REFUSALS = (
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
    "invalid_scope",
)
"""The words by which a provider says why it gives no token (RFC 6749, section 5.2); nothing else of it is shown."""
NOT_GIVEN = (400, 401, 403)
UNAUTHORIZED = 401
BEFORE_ITS_END = 30.0
"""So long before it ends a token is no longer shown; in seconds."""
LONGEST_LIFE = 86_400.0
SECONDS = 60.0


def authorization(settings: Settings) -> Secret | None:
    """What a receiver wants to be shown: a token, or ``user:password`` as HTTP Basic has it; None if nothing.

    Raises `SdmxmigError` if there is no such secret, or if the provider gives no token for it; `NothingSent` if the
    provider cannot be reached now.
    """
    if not settings.credential:
        return None
    if settings.more.get(TOKEN_ADDRESS, ""):
        return Secret(f"Bearer {token_of(settings).reveal()}")
    secret, user = settings.secrets(settings.credential, settings.address), settings.more.get("user", "")
    return basic(user, secret.reveal()) if user else bearer(settings.credential, secret)


def check_credential(settings: Settings) -> None:
    """Refuse a token that no request can carry, before anything is promised; one that is not there may come yet."""
    if not settings.credential or settings.more.get(TOKEN_ADDRESS, "") or settings.more.get("user", ""):
        return
    try:
        secret = settings.secrets(settings.credential, settings.address)
    except SdmxmigError:
        return
    bearer(settings.credential, secret)


def answered(settings: Settings, call: Callable[[], Call]) -> Answer:
    """The answer to a request; where a token is refused that was fetched for an earlier one, it goes again with a new.

    `call` makes the request, with all that it brings, each time anew. Raises as `exchange` does.
    """
    is_older = settings.memory.token is not None
    answer = exchange(call())
    if answer.status == UNAUTHORIZED:
        settings.memory.token = None
        return exchange(call()) if is_older else answer
    return answer


def token_of(settings: Settings) -> Secret:
    """The token for a receiver: the one in memory until shortly before its end, else one that is fetched now."""
    memory = settings.memory
    if memory.token is None or settings.seconds() >= memory.until:
        memory.token = None
        memory.token, life = fetched(settings)
        memory.until = settings.seconds() + life - BEFORE_ITS_END
    return memory.token


def fetched(settings: Settings) -> tuple[Secret, float]:
    """A new token with its life in seconds."""
    address = settings.more[TOKEN_ADDRESS]
    form, secret = asked(settings, address)
    request = Call(
        "POST",
        destination(address, is_private=settings.private),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        secret=secret,
        pieces=(form,),
        size=len(form),
        seconds=SECONDS,
        authorities=settings.authorities,
    )
    try:
        answer = exchange(request)
    except (NothingSent, OutcomeUnknown) as error:  # of a token nobody has to know whether it was made
        raise NothingSent(f"No token: {error}") from None
    return token_in(answer, host_of(address))


def asked(settings: Settings, address: str) -> tuple[bytes, Secret | None]:
    """The form by which a token is asked for, and what the client shows.

    Each secret belongs to the host of the provider.
    """
    more = settings.more
    client, user = more.get("client", ""), more.get("user", "")
    if not client:
        message = "Nothing says as which client a token is asked for."
        raise SdmxmigError(message, hint="Write client = “…” as the provider calls it.")
    text = settings.secrets(settings.credential, address).reveal()
    form = {"scope": more["scope"]} if "scope" in more else {}
    if not user:
        return urlencode({"grant_type": "client_credentials", **form}).encode(), of_client(client, text)
    form |= {"grant_type": "password", "client_id": client, "username": user, "password": text}
    name = more.get("client_credential", "")
    shown = of_client(client, settings.secrets(name, address).reveal()) if name else None
    return urlencode(form).encode(), shown


def basic(user: str, text: str) -> Secret:
    """A name and a password as HTTP Basic has them."""
    return Secret(f"Basic {base64.b64encode(f'{user}:{text}'.encode()).decode()}")


def of_client(client: str, text: str) -> Secret:
    """A client and its secret, written as in forms, which RFC 6749 asks for in section 2.3.1."""
    return basic(quote_plus(client), quote_plus(text))


def token_in(answer: Answer, host: str) -> tuple[Secret, float]:
    """The token that an answer brings; raises `SdmxmigError` where it says that there is none, else `NothingSent`.

    Nothing of the answer but a word of the standard is ever shown.
    """
    body = described(answer)
    if 300 <= answer.status < 400 or answer.status in NOT_GIVEN:
        word = body.get("error")
        why = f" ({word})" if word in REFUSALS else f" ({answer.status})"
        hint = "Look at token_address, client and user, and at the secret."
        raise SdmxmigError(f"{host} gives no token{why}.", hint=hint)
    text, life = body.get("access_token"), body.get("expires_in")
    is_token = isinstance(text, str) and 0 < len(text) <= LONGEST and text.isascii() and text.isprintable()
    if answer.status != 200 or not is_token or str(body.get("token_type", "")).lower() != "bearer":
        raise NothingSent(f"No token: {host} answered {answer.status}, and none that can be used.")
    return Secret(str(text)), seconds_of(life)


def seconds_of(life: object) -> float:
    """How long a token may be shown, at most a day; not at all longer than now where nothing usable is said.

    >>> seconds_of(300), seconds_of("soon"), seconds_of(10**400), seconds_of(float("nan"))
    (300.0, 0.0, 86400.0, 0.0)
    """
    if not isinstance(life, (int, float)) or isinstance(life, bool):
        return 0.0
    if life > LONGEST_LIFE:
        return LONGEST_LIFE
    return float(life) if life > 0 else 0.0


def described(answer: Answer) -> dict[str, Any]:
    """What a provider says, if it answers in JSON."""
    try:
        says = json.loads(answer.body) if answer.is_whole else {}
    except (ValueError, RecursionError):
        return {}
    return says if isinstance(says, dict) else {}
