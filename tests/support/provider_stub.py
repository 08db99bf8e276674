"""An identity provider on this machine, after RFC 6749: it gives tokens for a user's password or a client's secret.

It knows nothing of the program that is tried against it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_plus

from registry_stub import Answering, served

PATH = "/realms/office/protocol/openid-connect/token"


@dataclass
class Provider:
    """A provider and the requests that it received: the fields of each form, with the authenticated client.

    Tokens are numbered. `life` is how long they are valid.
    """

    client: str = "sdmxmig & office"
    client_secret: str = "a secret: of 1 client"  # noqa: S105 - of this machine alone
    user: str = "office"
    password: str = "the-password-canary"  # noqa: S105
    life: object = 300
    asked: list[dict[str, str]] = field(default_factory=list)
    tricks: list[str] = field(default_factory=list)
    address: str = ""

    def given(self) -> str:
        """The newest token."""
        return f"token-canary-{len(self.asked)}"


def answer_to(provider: Provider, form: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Status and answer to a form."""
    client = (form.get("client_id"), form.get("client_secret"))
    grant = form.get("grant_type")
    if grant == "client_credentials" and client != (provider.client, provider.client_secret):
        return 401, {"error": "invalid_client", "error_description": f"not {client}"}
    if grant == "password" and (form.get("username"), form.get("password")) != (provider.user, provider.password):
        return 400, {"error": "invalid_grant", "error_description": f"not {form}"}
    if grant not in ("client_credentials", "password") or client[0] != provider.client:
        return 400, {"error": "unsupported_grant_type"}
    return 200, {"access_token": provider.given(), "token_type": "Bearer", "expires_in": provider.life}


@contextmanager
def serving_tokens(provider: Provider) -> Iterator[Provider]:
    """A provider at its address."""

    class Handler(Answering):
        def do_POST(self) -> None:  # noqa: N802 - so it is called there
            form = {name: texts[0] for name, texts in parse_qs(self.body().decode()).items()}
            scheme, _, shown = self.headers.get("Authorization", "").partition(" ")
            if scheme == "Basic":
                name, _, secret = base64.b64decode(shown).decode().partition(":")
                form |= {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}
            provider.asked.append(form)
            trick = provider.tricks.pop(0) if provider.tricks else ""
            if self.path != PATH:
                self.say(404)
            elif trick:
                self.play(trick, 200, b"{}")
            else:
                status, says = answer_to(provider, form)
                self.say(status, json.dumps(says).encode(), Content_Type="application/json")

    with served(Handler) as address:
        provider.address = f"{address}{PATH}"
        yield provider
