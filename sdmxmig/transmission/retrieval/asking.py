"""Requests to services with limits, patience and bounds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urljoin, urlsplit

from sdmxmig.io.network.addresses import Resolve, Unreachable, destination, host_of, resolved
from sdmxmig.io.network.exchange import Answer, Call, NothingSent, OutcomeUnknown, exchange
from sdmxmig.io.network.retry_after import wait_in
from sdmxmig.io.network.secrets import Secret, bearer, secret_named
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.transmission.retrieval.addresses import Asked
from sdmxmig.transmission.retrieval.clock import Clock, in_words
from sdmxmig.transmission.retrieval.copies import Copies
from sdmxmig.transmission.retrieval.limits import USUAL, Limits

GIB = 1 << 30
BUSY, MOVED = (429, 503), (301, 302, 303, 307, 308)
MOST_MOVES, TRIES = 3, 4
USUAL_WAIT = 60.0
"""Seconds to wait for a busy service by default."""
COUNTED_LONGEST = 3_600.0
"""A wait beyond this is not sat out, however patient somebody is."""


class Away(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A service is unavailable; a copy may be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Request settings: `patience` and `seconds` of waiting, `largest` in bytes.

    `is_offline` makes no requests.
    """

    folder: Path
    say: Callable[[str], None]
    clock: Clock = field(default_factory=Clock)
    patience: float = 600.0
    is_offline: bool = False
    seconds: float = 900.0
    largest: int = 2 * GIB
    resolve: Resolve = resolved
    secrets: Callable[[str], Secret] = secret_named
    authorities: Path | None = None

    @property
    def copies(self) -> Copies:
        return Copies(self.folder)

    @property
    def limits(self) -> Limits:
        return Limits(self.folder / "limits", self.clock)

    @property
    def moment(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")

    def until(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.patience)

    def body(self) -> AbstractContextManager[BinaryIO]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cast("AbstractContextManager[BinaryIO]", tempfile.TemporaryFile(dir=self.folder))


def ask(asked: Asked, body: BinaryIO, means: Means, *, until: datetime, heads: Mapping[str, str]) -> Answer:
    """Send a query and write the answer to `body`; raises `Away` if unavailable."""
    host = host_of(asked.address)
    for _ in range(TRIES):
        sit_out(asked, means, until=until)
        answer = at_its_place(asked, body, means, heads=heads)
        if answer.status not in BUSY:
            if answer.status >= 500:
                raise Away(f"{host} answered {answer.status}.", hint="Try again later.")
            return answer
        wait = wait_in(answer.headers, means.clock.now())
        means.limits.leave_alone(host, USUAL_WAIT if wait is None else wait)
    raise Away(f"{host} is busy: it answered {answer.status}.", hint="Try again later.")


def sit_out(asked: Asked, means: Means, *, until: datetime) -> None:
    """Wait until the service may be asked; raises `Away` if that is not before the patience ends."""
    host, limit = host_of(asked.address), asked.service.limits.get(asked.resource, USUAL)
    while wait := means.limits.permit(host, asked.resource, limit):
        again = means.clock.now() + timedelta(seconds=wait)
        if again > until or wait > COUNTED_LONGEST:
            message = f"{host} is not asked for {asked.resource} before {again.isoformat(timespec='seconds')}."
            hint = f"It allows {limit.count} in {in_words(limit.seconds)} ({limit.source}), or asked for a pause."
            raise Away(message, hint=hint)
        means.say(f"{host} is asked again in {in_words(wait)}.")
        means.clock.sleep(wait)


def at_its_place(asked: Asked, body: BinaryIO, means: Means, *, heads: Mapping[str, str]) -> Answer:
    """The answer from where a service says that it is, if that is on the same host; raises `SdmxmigError` if not."""
    address = asked.address
    for _ in range(MOST_MOVES + 1):
        answer = exchanged(asked, address, body, means=means, heads=heads)
        if answer.status not in MOVED:
            return answer
        moved = urljoin(address, answer.headers.get("location", ""))
        if place_of(moved) != place_of(asked.address):
            message = f"{host_of(address)} points elsewhere, to {host_of(moved) or 'nowhere'}: nobody follows."
            raise SdmxmigError(message, Place(address), "Name the new address with --from, if it is meant.")
        address = moved
    raise SdmxmigError(f"{host_of(address)} points from one address to the next, without end.", Place(asked.address))


def place_of(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def exchanged(asked: Asked, address: str, body: BinaryIO, *, means: Means, heads: Mapping[str, str]) -> Answer:
    """One request and its answer; raises `Away` if the network or the service breaks off."""
    body.seek(0)
    body.truncate()
    try:
        to = destination(address, is_private=asked.is_private, resolve=means.resolve)
        call = Call(
            "GET",
            to,
            headers={"Accept-Encoding": "gzip, identity;q=0.5", **heads},
            secret=secret_for(asked, means),
            seconds=means.seconds,
            authorities=means.authorities,
            largest=means.largest,
            into=body,
        )
        answer = exchange(call)
    except Unreachable as error:
        raise Away(error.message, error.place, error.hint) from None
    except (NothingSent, OutcomeUnknown) as error:
        raise Away(f"Nothing whole came: {error}.", Place(address), "Is the network there? Try again.") from None
    if not answer.is_whole:
        message = f"The answer has more than {means.largest:,} bytes."
        raise SdmxmigError(message, Place(address), "Ask for fewer series, or for fewer years at a time.")
    return answer


def secret_for(asked: Asked, means: Means) -> Secret | None:
    if not asked.credential:
        return None
    return bearer(asked.credential, means.secrets(f"{asked.credential}@{host_of(asked.address)}"))


def elsewhere(asked: Asked, address: str) -> Asked:
    if host_of(address) != host_of(asked.address):
        raise SdmxmigError(f"{host_of(asked.address)} points elsewhere, to {host_of(address)}: nobody follows.")
    return replace(asked, address=urlsplit(address)._replace(scheme=urlsplit(asked.address).scheme).geturl())
