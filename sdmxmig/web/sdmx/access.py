"""Access to the service: host, token, rate."""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place

MAX_CLIENTS = 10_000
"""Maximum number of clients counted; the one whose last request is oldest is forgotten."""
MIN_TOKEN_LENGTH = 16
BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Denied(Exception):  # noqa: N818 - the name says what happened
    status: int
    reason: str
    _: KW_ONLY
    again: int = 0


@dataclass(slots=True)
class Rate:
    """Requests per minute and client, with bursts."""

    per_minute: int
    _: KW_ONLY
    clock: Callable[[], float] = time.monotonic
    seen: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def count(self, client: str) -> None:
        now = self.clock()
        left, last = self.seen.pop(client, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - last) * self.per_minute / 60)
        self.seen[client] = (left - 1 if left >= 1 else left, now)
        while len(self.seen) > MAX_CLIENTS:
            self.seen.popitem(last=False)
        if left < 1:
            again = math.ceil((1 - left) * 60 / self.per_minute)
            raise Denied(429, f"At most {self.per_minute} requests a minute are answered.", again=again)


@dataclass(slots=True, kw_only=True)
class Access:
    """Access rules: hosts (empty: any), tokens, rate. `tokens` are hashes by holder; without any, access is open."""

    hosts: tuple[str, ...] = ()
    tokens: Mapping[str, bytes] = field(default_factory=dict)
    rate: Rate | None = None

    def check(self, headers: Mapping[str, str], client: str) -> None:
        if self.hosts and headers.get("host", "") not in self.hosts:
            raise Denied(421, "The service is not reached under this name.")
        if self.rate:
            self.rate.count(client)
        if self.tokens and not self.holder(headers.get("authorization", "")):
            raise Denied(401, "A token is needed: Authorization: Bearer TOKEN.")

    def holder(self, authorization: str) -> str:
        if authorization[: len(BEARER)].lower() != BEARER:
            return ""
        sent = hash_token(authorization[len(BEARER) :].strip())
        holders = [name for name, token in self.tokens.items() if hmac.compare_digest(token, sent)]
        return holders[0] if holders else ""


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def read_tokens(path: Path) -> dict[str, bytes]:
    tokens: dict[str, bytes] = {}
    for number, line in enumerate(read_bytes(path).decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, token = line.strip().partition(" ")
        if len(token.strip()) < MIN_TOKEN_LENGTH or name in tokens:
            message = "A line has its own name, a blank and a token of at least 16 characters."
            raise SdmxmigError(message, Place(str(path), line=number), "Make one with: openssl rand -hex 24")
        tokens[name] = hash_token(token.strip())
    if not tokens:
        raise SdmxmigError("There is no token in this file.", Place(str(path)), "Write a line with a name and a token.")
    return tokens
