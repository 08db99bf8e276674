"""Access tokens are fetched when needed and kept in memory only.

Tried against a stub alone, which was made after RFC 6749; that programs ask so, says the documentation of .Stat.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from dotstat_stub import Service, serving_dotstat
from provider_stub import Provider, serving_tokens
from test_dotstat_transport import DATA, Kept, asked, parcel
from test_transports import CONTENT, OURS, dispatch, receiver, saying, settings

from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, SENT, Channel, Outcome, RetryPolicy
from sdmxmig.transmission.transports import TRANSPORTS

CANARY = "canary"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving_tokens(Provider()) as started:
        yield started


@pytest.fixture
def service(provider: Provider) -> Iterator[Service]:
    """A .Stat service that takes the first token of the provider."""
    with serving_dotstat(Service(token="token-canary-1")) as started:  # noqa: S106 - of this machine alone
        yield started


class Clock:
    """Seconds that a test sets."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def channel(
    service: Service,
    provider: Provider,
    folder: Path,
    *,
    clock: Clock | None = None,
    kept: Kept | None = None,
    **more: str,
) -> Channel:
    def secrets(name: str, address: str) -> Secret:
        assert address == provider.address, "the secret is shown to the provider alone"
        return Secret({"user": provider.password, "client": provider.client_secret}.get(name, "wrong"))

    usual = {"dataspace": "design", "token_address": provider.address, "client": provider.client}
    of = settings(
        f"{service.address}/3",
        folder,
        credential=more.pop("credential", "user" if "user" in more else "client"),
        secrets=secrets,
        more=usual | more,
        habits=RetryPolicy(lease=20),
        kept=(Kept() if kept is None else kept).pieces,
        seconds=clock or Clock(),
    )
    return TRANSPORTS["dotstat"](of)


def send(way: Channel) -> Outcome:
    return way.send(parcel(DATA), iter([DATA]))


def test_user_with_password_gets_a_token(service: Service, provider: Provider, tmp_path: Path) -> None:
    assert send(channel(service, provider, tmp_path, user="office")).state == SENT
    assert provider.asked == [
        {"grant_type": "password", "client_id": provider.client, "username": "office", "password": provider.password}
    ]


def test_client_with_secret_gets_a_token(service: Service, provider: Provider, tmp_path: Path) -> None:
    assert send(channel(service, provider, tmp_path, scope="openid")).state == SENT
    assert provider.asked == [
        {
            "grant_type": "client_credentials",
            "scope": "openid",
            "client_id": provider.client,
            "client_secret": provider.client_secret,
        }
    ]


def test_client_with_secret_may_request_token_for_a_user(service: Service, provider: Provider, tmp_path: Path) -> None:
    assert send(channel(service, provider, tmp_path, user="office", client_credential="client")).state == SENT
    assert (provider.asked[0]["grant_type"], provider.asked[0]["client_secret"]) == ("password", provider.client_secret)


@pytest.mark.parametrize(("life", "passes", "fetched"), [(300, 269, 1), (300, 271, 2), (None, 0, 2), ("soon", 0, 2)])
def test_token_is_renewed_before_it_expires(
    service: Service, provider: Provider, tmp_path: Path, life: object, passes: float, fetched: int
) -> None:
    provider.life, clock = life, Clock()
    way = channel(service, provider, tmp_path, clock=clock)
    assert send(way).state == SENT
    clock.now += passes
    service.token = f"token-canary-{fetched}"
    assert send(way).state == SENT
    assert len(provider.asked) == fetched


def test_refused_token_is_renewed_once_and_sent_again(service: Service, provider: Provider, tmp_path: Path) -> None:
    kept = Kept()
    way = channel(service, provider, tmp_path, kept=kept)
    send(way)
    service.token = "token-canary-2"  # noqa: S105 - of this machine alone
    outcome = send(way)
    assert outcome.state == SENT
    assert [held["content"] for held in service.files.values()] == [DATA, DATA]
    service.token = "token-canary-3"  # noqa: S105 - of this machine alone
    assert asked(way, kept, outcome).state == SENT, "a question, too"
    service.token = "none of these"  # noqa: S105 - of this machine alone
    assert (send(way).state, len(provider.asked)) == (READY, 4)
    assert send(way).pauses, "a new one that is refused stops the way there"


NO_TOKEN = {
    "cut": False,
    "half": False,
    "a web page": False,
    "nothing": False,
    "bomb": False,
    "500": False,
    "503": False,
}


@pytest.mark.parametrize("trick", NO_TOKEN)
def test_unavailable_provider_is_asked_later(service: Service, provider: Provider, tmp_path: Path, trick: str) -> None:
    provider.tricks.append(trick)
    outcome = send(channel(service, provider, tmp_path))
    assert (outcome.state, outcome.pauses, service.files) == (READY, False, {})
    assert outcome.reason.startswith("No token: ")
    assert CANARY not in f"{outcome}"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "office", "credential": "other"}, "invalid_grant"),
        ({"credential": "other"}, "invalid_client"),
        ({"client": ""}, "The client that requests"),
    ],
)
def test_refusal_of_provider_is_shown_without_secrets(
    service: Service, provider: Provider, tmp_path: Path, more: dict[str, str], says: str
) -> None:
    with pytest.raises(SdmxmigError, match=says) as refused:
        send(channel(service, provider, tmp_path, **more))
    shown = "".join(traceback.format_exception(refused.value))
    assert not [text for text in ("wrong", CANARY, provider.client_secret, "description") if text in shown]
    assert service.files == {}


def test_redirect_of_the_token_provider_is_not_followed(service: Service, provider: Provider, tmp_path: Path) -> None:
    provider.tricks.append("elsewhere")
    with pytest.raises(SdmxmigError, match="did not issue a token"):
        send(channel(service, provider, tmp_path))


@pytest.mark.parametrize("address", ["http://93.184.216.34/token", "ftp://example.org/", "file:///etc/passwd", "token"])
def test_tokens_need_an_encrypted_address(service: Service, provider: Provider, tmp_path: Path, address: str) -> None:
    provider.address = address
    with pytest.raises(SdmxmigError):
        send(channel(service, provider, tmp_path))


def test_http_receiver_may_require_a_token(provider: Provider, tmp_path: Path) -> None:
    shown = []

    def take(request: BaseHTTPRequestHandler, body: bytes) -> None:
        shown.append(request.headers["Authorization"])
        saying(200, OURS)(request, body)

    with receiver(take) as address:
        of = settings(
            address,
            tmp_path,
            credential="client",
            secrets=lambda *_: Secret(provider.client_secret),
            more={"token_address": provider.address, "client": provider.client},
        )
        channel = TRANSPORTS["http"](of)
        assert [channel.send(dispatch(), iter([CONTENT])).state for _ in range(2)] == [RECEIVED] * 2
    assert shown == ["Bearer token-canary-1"] * 2
    assert len(provider.asked) == 1, "one token for all requests"


@pytest.mark.parametrize("user", ["", "office"])
def test_secret_echoed_by_a_receiver_is_not_stored(tmp_path: Path, user: str) -> None:
    def answer(request: object, _: bytes) -> None:
        shown = request.headers["Authorization"].encode()  # type: ignore[attr-defined]
        saying(418, b"you are " + shown + b" with canary-12345", Location="https://canary-12345.example.org/")(
            request,  # type: ignore[arg-type]
            b"",
        )

    with receiver(answer) as address:
        of = settings(
            address, tmp_path, credential="own", secrets=lambda *_: Secret("canary-12345"), more={"user": user}
        )
        outcome = TRANSPORTS["http"](of).send(parcel(DATA), iter([DATA]))
    assert outcome.answer == f"you are {'Basic' if user else 'Bearer'} ... with ...".encode()
