"""A token that no request can carry is refused before anything is promised, and is not shown."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from console import Console
from test_transports import SHA256, receiver, saying, send, settings

from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import RECEIVED, RetryPolicy
from sdmxmig.transmission.transports import TRANSPORTS

UNUSABLE = {
    "a letter of another script": "canаry-0123456789",
    "a letter with an accent": "canary-é-0123456789",
    "a space that does not break": "canary\u00a00123456789",
    "typographic quotes": "“canary-0123456789”",
    "a blank": "canary 0123456789",
}
HTTP = {"http": "/data", "registry": "", "dotstat": "/3"}


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("transport", HTTP)
def test_token_unusable_in_a_header_is_refused_at_once(transport: str, kind: str, tmp_path: Path) -> None:
    text = UNUSABLE[kind]
    known = settings(
        f"https://example.org{HTTP[transport]}", tmp_path, credential="own", secrets=lambda *_: Secret(text)
    )
    with pytest.raises(SdmxmigError, match="“own” cannot be sent") as refused:
        TRANSPORTS[transport](known).check()
    shown = f"{refused.value} {refused.value.hint}"
    assert text not in shown
    assert not any(part in shown for part in ("canary", "canаry", "é", "0123"))


def test_password_may_have_any_letters(tmp_path: Path) -> None:
    heads: list[str] = []

    def answer(request: BaseHTTPRequestHandler, body: bytes) -> None:
        heads.append(request.headers["Authorization"])
        saying(200, SHA256.encode())(request, body)

    with receiver(answer) as address:
        known = settings(
            address,
            tmp_path,
            credential="own",
            secrets=lambda *_: Secret("пароль é 1"),
            more={"user": "office"},
            habits=RetryPolicy(lease=60),
        )
        assert send(TRANSPORTS["http"](known)).state == RECEIVED
    assert heads == ["Basic b2ZmaWNlOtC/0LDRgNC+0LvRjCDDqSAx"], "as RFC 7617 has it, in UTF-8"


def test_passphrase_may_have_any_letters(tmp_path: Path) -> None:
    known = settings("sftp://example.org/in", tmp_path, credential="own", secrets=lambda *_: Secret("é"))
    TRANSPORTS["sftp"](known).check()
    more = {"token_address": "https://login.example.org/token", "client": "us", "user": "office"}
    known = settings("https://example.org", tmp_path, credential="own", secrets=lambda *_: Secret("é"), more=more)
    TRANSPORTS["http"](known).check()


def test_unusable_credential_is_reported_and_no_old_copy_used(
    monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_OWN_127_0_0_1", "canarý-0123456789")
    command = ["get", "XA", "DF", "--from", "http://127.0.0.1:9/v2", "--private", "--credential", "own"]
    shown = console.errors(*command)
    assert "The credential “own” cannot be sent" in shown
    assert "canar" not in shown
