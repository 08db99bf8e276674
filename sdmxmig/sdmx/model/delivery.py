"""Deliveries to agencies: file, receiver, state and response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

READY, SENDING, SENT, RECEIVED = "ready", "sending", "sent", "received"
ACCEPTED, REJECTED = "accepted", "rejected"
WAITING = "waiting"
"""Waiting for a person to deliver it and confirm."""
UNCERTAIN, DEAD, SUPERSEDED, WITHDRAWN = "uncertain", "dead", "superseded", "withdrawn"

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "": (READY,),
    READY: (SENDING, SUPERSEDED, WITHDRAWN, DEAD),
    SENDING: (READY, WAITING, SENT, RECEIVED, ACCEPTED, REJECTED, UNCERTAIN, DEAD),
    WAITING: (READY, RECEIVED, ACCEPTED, REJECTED, WITHDRAWN),
    SENT: (SENT, RECEIVED, ACCEPTED, REJECTED, UNCERTAIN),
    RECEIVED: (ACCEPTED, REJECTED),
    UNCERTAIN: (UNCERTAIN, READY, WAITING, SENT, RECEIVED, ACCEPTED, REJECTED, WITHDRAWN),
    DEAD: (READY, WITHDRAWN),
    ACCEPTED: (SUPERSEDED,),
    REJECTED: (),
    SUPERSEDED: (),
    WITHDRAWN: (),
}
"""The allowed state transitions of a dispatch."""
ENDS = (RECEIVED, ACCEPTED, REJECTED)
"""States in which the receiver has responded."""
IN_FLIGHT = (SENDING, WAITING, SENT, UNCERTAIN)
"""States in which receipt is uncertain; newer data wait."""

KEYED, ASKABLE, PERSON = "keyed", "askable", "person"
"""Recovery from uncertainty: resend under the same key, ask the receiver later, or ask a person."""
REPEATS = (KEYED, ASKABLE, PERSON)
APPEND, REPLACE, MERGE, DELETE = "append", "replace", "merge", "delete"
ACTIONS = (APPEND, REPLACE, MERGE, DELETE)
SUPERSEDED_BY = {REPLACE: (APPEND, REPLACE, MERGE), MERGE: (APPEND, MERGE), APPEND: (APPEND,), DELETE: (DELETE,)}
"""Queued actions made obsolete by newer data with this action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A file of a sealed submission, identified by SHA-256.

    `target` is the agency, `submission` the package id, `period` the last one. `whole` is the SHA-256 of the archive,
    empty if it is the file itself. `revises` is the full submission of which this has the changes. `prepared` is empty
    for parcels queued by earlier versions.
    """

    target: str
    flow: str
    area: str
    period: str
    content: str
    name: str
    media_type: str
    size: int
    submission: str
    action: str = REPLACE
    whole: str = ""
    has_data: bool = True
    revises: str = ""
    prepared: str = ""

    @property
    def archive(self) -> str:
        return self.whole or self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A parcel in the queue with its permanent `id`, `number` and `state`.

    `attempts` counts possible transmissions; `receipt` is the SHA-256 of the response; `needs_person` means that only a
    person can continue.
    """

    id: str
    number: int
    parcel: Parcel
    state: str
    attempts: int = 0
    not_before: datetime
    since: datetime
    receipt: str = ""
    reason: str = ""
    needs_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of an attempt or enquiry.

    `state` READY means retry. `answer` is the exact response, `wait` a requested pause in seconds; `pauses` stops
    sending until a person intervenes (credential refused).
    """

    state: str
    reason: str = ""
    answer: bytes = b""
    wait: float | None = None
    pauses: bool = False


Send = Callable[[Dispatch, Iterator[bytes]], Outcome]
Ask = Callable[[Dispatch], Outcome]
"""Asks a receiver whether it has a dispatch: READY for “no”, UNCERTAIN if it does not know."""


Check = Callable[[], None]
"""Checks without a request whether something can be sent."""
Beyond = Callable[[Iterable[Dispatch]], Iterable[str]]
List = Callable[[], Iterable[str]]


def accept_any_route() -> None:
    """Accept any route without a check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A route to a receiver.

    `takes` are the kinds of messages sent as separate files (``data``, ``structures``, ``metadata``), empty for whole
    submissions. `check` raises `SdmxmigError` for anything that can never be sent.
    """

    send: Send
    ask: Ask
    takes: tuple[str, ...] = ()
    actions: tuple[str, ...] = (REPLACE,)
    listing: List | None = None
    check: Check = accept_any_route
    beyond: Beyond | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Retry policy.

    `quiet` exceeds the receiver's processing time in seconds; earlier enquiries are unreliable. `lease` is the longest
    attempt.
    """

    repeat: str = PERSON
    quiet: float = 900.0
    attempts: int = 12
    hours: float = 48.0
    lease: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    transport: str
    address: str
    credential: str = ""
    is_private: bool = False
    habits: RetryPolicy = RetryPolicy()
    more: tuple[tuple[str, str], ...] = ()
