"""Requests to services, with rate limits and waiting times; copies of answers with provenance."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import msgspec

from sdmxmig.catalogue.agencies import RateLimit
from sdmxmig.io.intake.files import hash_file
from sdmxmig.io.network import (
    Answer,
    Call,
    NotSentError,
    Resolve,
    Secret,
    UnknownOutcomeError,
    UnreachableError,
    build_bearer_header,
    exchange,
    find_host,
    find_secret,
    parse_retry_seconds,
    resolve_destination,
    resolve_host,
)
from sdmxmig.io.publishing.files import LockedError, lock_folder, publish_file, stage_file
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.transmission.retrieval.addresses import ServiceQuery

MAX_NOTE_BYTES = 100_000
PIECE_BYTES = 1 << 20
KEEP_OPTION = "--keep FOLDER"
Kept = TypeVar("Kept")
DEFAULT_RATE_LIMIT = RateLimit(count=30, seconds=60, source="ours: services that name no limit are spared, too")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """Provenance of an answer; `sha256` is empty if there were no data."""

    address: str
    accept: str
    fetched: str
    checked: str
    sha256: str = ""
    size: int = 0
    format: str = ""
    tag: str = ""
    modified: str = ""
    earlier: str = ""
    earlier_fetched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    state: str
    answer: str
    since: str


@dataclass(frozen=True, slots=True)
class Copies:
    folder: Path

    def find(self, asked: ServiceQuery) -> StoredAnswer | None:
        kept = self._read("answers", asked, StoredAnswer)
        return kept if kept is None or not kept.sha256 or self.is_whole(kept.sha256) else None

    def is_whole(self, sha256: str) -> bool:
        path = self.path(sha256)
        return path.is_file() and hash_file(path) == sha256

    def path(self, sha256: str) -> Path:
        return self.folder / "content" / Path(sha256).name

    def store(self, content: BinaryIO) -> tuple[str, int]:
        content.seek(0)
        digest, size = hashlib.sha256(), 0
        while piece := content.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
        sha256 = digest.hexdigest()
        if not self.is_whole(sha256):
            content.seek(0)
            with stage_file(self.path(sha256), KEEP_OPTION) as file:
                shutil.copyfileobj(content, file)
        return sha256, size

    def write(self, asked: ServiceQuery, kept: StoredAnswer) -> StoredAnswer:
        self._write("answers", asked, kept)
        return kept

    def find_ticket(self, asked: ServiceQuery) -> Ticket | None:
        return self._read("tickets", asked, Ticket)

    def write_ticket(self, asked: ServiceQuery, ticket: Ticket) -> None:
        self._write("tickets", asked, ticket)

    def forget_ticket(self, asked: ServiceQuery) -> None:
        self._record("tickets", asked).unlink(missing_ok=True)

    def _record(self, part: str, asked: ServiceQuery) -> Path:
        key = "\n".join((asked.address, asked.accept, asked.credential))
        return self.folder / part / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _write(self, part: str, asked: ServiceQuery, kept: StoredAnswer | Ticket) -> None:
        publish_file(self._record(part, asked), encode(kept), KEEP_OPTION)

    def _read(self, part: str, asked: ServiceQuery, kind: type[Kept]) -> Kept | None:
        return decode(self._record(part, asked), kind, MAX_NOTE_BYTES)


def encode(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1)


def decode(path: Path, kind: type[Kept], largest: int) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind) if path.stat().st_size <= largest else None
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return None


def read_clock() -> datetime:
    return datetime.now(UTC)


def describe_duration(seconds: float) -> str:
    """Describe an approximate duration.

    >>> describe_duration(40), describe_duration(600), describe_duration(9000)
    ('40 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:g} hours"


GIB = 1 << 30
BUSY, MOVED = (429, 503), (301, 302, 303, 307, 308)
MAX_MOVES, MAX_TRIES = 3, 4
DEFAULT_WAIT = 60.0
MAX_WAIT = 3_600.0


class ServiceUnavailable(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A service is unavailable; a stored copy may be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings:
    """Request settings: `patience` and `seconds` limit waiting, `largest` bytes. `is_offline` makes no requests."""

    folder: Path
    say: Callable[[str], None]
    now: Callable[[], datetime] = read_clock
    sleep: Callable[[float], None] = time.sleep
    patience: float = 600.0
    is_offline: bool = False
    seconds: float = 900.0
    largest: int = 2 * GIB
    resolve: Resolve = resolve_host
    secrets: Callable[[str], Secret] = find_secret
    authorities: Path | None = None

    @property
    def copies(self) -> Copies:
        return Copies(self.folder)

    @property
    def moment(self) -> str:
        return self.now().isoformat(timespec="seconds")

    def until(self) -> datetime:
        return self.now() + timedelta(seconds=self.patience)

    def body(self) -> AbstractContextManager[BinaryIO]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cast("AbstractContextManager[BinaryIO]", tempfile.TemporaryFile(dir=self.folder))


def ask(
    asked: ServiceQuery, body: BinaryIO, means: RequestSettings, *, until: datetime, heads: Mapping[str, str]
) -> Answer:
    host = find_host(asked.address)
    for _ in range(MAX_TRIES):
        wait_for_rate_limit(asked, means, until=until)
        answer = follow_redirects(asked, body, means, heads=heads)
        if answer.status not in BUSY:
            if answer.status >= 500:
                raise ServiceUnavailable(f"{host} answered with status {answer.status}.", hint="Try again later.")
            return answer
        wait = parse_retry_seconds(answer.headers, means.now())
        pause_host(means, host, DEFAULT_WAIT if wait is None else wait)
    raise ServiceUnavailable(f"{host} is busy: it answered with status {answer.status}.", hint="Try again later.")


def wait_for_rate_limit(asked: ServiceQuery, means: RequestSettings, *, until: datetime) -> None:
    host, limit = find_host(asked.address), asked.service.limits.get(asked.resource, DEFAULT_RATE_LIMIT)
    while wait := reserve_request(means, host, asked.resource, limit):
        again = means.now() + timedelta(seconds=wait)
        if again > until or wait > MAX_WAIT:
            message = f"{host} can be asked for {asked.resource} again at {again.isoformat(timespec='seconds')}."
            hint = (
                f"It allows {limit.count} in {describe_duration(limit.seconds)} ({limit.source}), or asked for a pause."
            )
            raise ServiceUnavailable(message, hint=hint)
        means.say(f"{host} is asked again in {describe_duration(wait)}.")
        means.sleep(wait)


def follow_redirects(
    asked: ServiceQuery, body: BinaryIO, means: RequestSettings, *, heads: Mapping[str, str]
) -> Answer:
    """Follow redirects on the same host; raise `SdmxmigError` for other hosts."""
    address = asked.address
    for _ in range(MAX_MOVES + 1):
        answer = send_request(asked, address, body, means=means, heads=heads)
        if answer.status not in MOVED:
            return answer
        moved = urljoin(address, answer.headers.get("location", ""))
        if parse_origin(moved) != parse_origin(asked.address):
            message = f"{find_host(address)} redirects to {find_host(moved) or 'nowhere'}. Redirects are not followed."
            raise SdmxmigError(message, Place(address), "If the new address is right, name it with --from.")
        address = moved
    raise SdmxmigError(f"{find_host(address)} redirects in a loop.", Place(asked.address))


def parse_origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def send_request(
    asked: ServiceQuery, address: str, body: BinaryIO, *, means: RequestSettings, heads: Mapping[str, str]
) -> Answer:
    """Send a request and return its answer; raise `ServiceUnavailable` if the network or service fails."""
    body.seek(0)
    body.truncate()
    try:
        to = resolve_destination(address, is_private=asked.is_private, resolve=means.resolve)
        call = Call(
            "GET",
            to,
            headers={"Accept-Encoding": "gzip, identity;q=0.5", **heads},
            secret=choose_credential(asked, means),
            seconds=means.seconds,
            authorities=means.authorities,
            largest=means.largest,
            into=body,
        )
        answer = exchange(call)
    except UnreachableError as error:
        raise ServiceUnavailable(error.message, error.place, error.hint) from None
    except (NotSentError, UnknownOutcomeError) as error:
        raise ServiceUnavailable(
            f"The answer was incomplete: {error}.", Place(address), "Check the network connection, and try again."
        ) from None
    if not answer.is_whole:
        message = f"The answer has more than {means.largest:,} bytes."
        raise SdmxmigError(message, Place(address), "Ask for fewer series, or for fewer years at a time.")
    return answer


def choose_credential(asked: ServiceQuery, means: RequestSettings) -> Secret | None:
    if not asked.credential:
        return None
    return build_bearer_header(asked.credential, means.secrets(f"{asked.credential}@{find_host(asked.address)}"))


def replace_address(asked: ServiceQuery, address: str) -> ServiceQuery:
    if find_host(address) != find_host(asked.address):
        raise SdmxmigError(f"{find_host(asked.address)} redirects to {find_host(address)}. Redirects are not followed.")
    return replace(asked, address=urlsplit(address)._replace(scheme=urlsplit(asked.address).scheme).geturl())


MAX_RECORD_BYTES = 1_000_000
MAX_PAUSE = timedelta(days=1)
"""Maximum pause; a later time means that a clock was set back."""
MAX_LOCK_TRIES, PAUSE = 100, 0.05
"""Number of tries for the lock, and pause in seconds."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class Record:
    host: str
    asked: dict[str, list[Moment]] = field(default_factory=dict)
    until: Moment | None = None


def reserve_request(means: RequestSettings, host: str, resource: str, limit: RateLimit) -> float:
    """Reserve a request; return 0, or the seconds to wait."""

    def turn(record: Record, now: datetime) -> tuple[Record, float]:
        if record.until is not None and now < record.until <= now + MAX_PAUSE:
            return record, (record.until - now).total_seconds()
        window = timedelta(seconds=limit.seconds)
        # after the clock was set back, future times count as now
        recent = sorted(min(moment, now) for moment in record.asked.get(resource, ()) if moment > now - window)
        if len(recent) >= limit.count:
            kept = replace(record, asked={**record.asked, resource: recent})
            return kept, (recent[-limit.count] + window - now).total_seconds()
        return replace(record, asked={**record.asked, resource: [*recent, now]}, until=None), 0.0

    return change_record(means, host, turn)


def pause_host(means: RequestSettings, host: str, seconds: float) -> None:
    change_record(means, host, lambda record, now: (replace(record, until=now + timedelta(seconds=seconds)), 0.0))


def change_record(means: RequestSettings, host: str, turn: Callable[[Record, datetime], tuple[Record, float]]) -> float:
    """Change the record of the requests to a host, in a file of its own."""
    path = means.folder / "limits" / f"{hashlib.sha256(host.encode()).hexdigest()[:20]}.json"
    for _ in range(MAX_LOCK_TRIES):
        with suppress(LockedError), lock_folder(path.with_suffix(".turn")):
            record, wait = turn(decode(path, Record, MAX_RECORD_BYTES) or Record(host), means.now())
            publish_file(path, encode(record))
            return wait
        means.sleep(PAUSE)
    raise SdmxmigError("Another sdmxmig process is querying the same service.", hint="Try again in a moment.")
