"""What is on its way to an agency: one file for one receiver, where it stands, and what the receiver answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import datetime

READY, SENDING, SENT, RECEIVED = "ready", "sending", "sent", "received"
ACCEPTED, REJECTED = "accepted", "rejected"
WAITING = "waiting"
"""It lies ready for a person, who brings it to the receiver and says so."""
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
"""Every step that a dispatch may take; there is no other."""
ENDS = (RECEIVED, ACCEPTED, REJECTED)
"""Where the receiver has said what it has, or what it made of it."""
IN_FLIGHT = (SENDING, WAITING, SENT, UNCERTAIN)
"""Where nobody knows yet whether the receiver has it: nothing newer of the same data is sent meanwhile."""

KEYED, ASKABLE, PERSON = "keyed", "askable", "person"
"""What may be done when nobody knows whether the receiver has a file: send it again under the same key (the receiver
takes it once), ask the receiver after a while, or leave it to a person."""
REPEATS = (KEYED, ASKABLE, PERSON)
APPEND, REPLACE, MERGE, DELETE = "append", "replace", "merge", "delete"
ACTIONS = (APPEND, REPLACE, MERGE, DELETE)
"""What a receiver does with what it gets and has, as SDMX names it."""
SUPERSEDED_BY = {REPLACE: (APPEND, REPLACE, MERGE), MERGE: (APPEND, MERGE), APPEND: (APPEND,), DELETE: (DELETE,)}
"""Which actions that still wait are of no use any more once one of these is promised with newer data."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to reach a receiver: a file of a sealed submission, by the SHA-256 of its bytes.

    `target` is the agency that receives it, `submission` the id of the sealed package, `period` the last period it
    tells of, `action` what the receiver does with what it has. `deadline` is when it has to be there, if that is known.
    `whole` is the SHA-256 of the archive of the whole submission, which is kept too; empty where it is the file itself.
    `has_data` says that it brings data, and not structures or reference metadata alone. `revises` is the id of the
    submission with all of the data, where this one has what has changed alone. `prepared` is when the data were
    prepared, empty where an earlier version has promised them.
    """

    target: str
    flow: str
    _: KW_ONLY
    area: str
    period: str
    content: str
    name: str
    media_type: str
    size: int
    submission: str
    action: str = REPLACE
    deadline: datetime | None = None
    whole: str = ""
    has_data: bool = True
    revises: str = ""
    prepared: str = ""

    @property
    def archive(self) -> str:
        """The SHA-256 of the archive of the whole submission."""
        return self.whole or self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A parcel on its way: `id` is its name for good, `number` its place in the queue, `state` where it stands.

    `attempts` counts how often bytes may have gone out; nothing is done before `not_before`. `receipt` is the SHA-256
    of what the receiver answered, word for word; `reason` why it stands where it stands. `needs_person` says that
    nobody but a person can tell how to go on.
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
    """What became of one attempt, or of a question to the receiver.

    `state` is where the dispatch stands now: READY for “try it again”. `answer` is what came back, word for word.
    `wait` is for how many seconds the receiver asked to be left alone; `pauses` says that nothing at all can be sent to
    it until somebody has looked (a credential was refused).
    """

    state: str
    reason: str = ""
    answer: bytes = b""
    wait: float | None = None
    pauses: bool = False


Send = Callable[[Dispatch, Iterator[bytes]], Outcome]
"""Gives the bytes of a dispatch to a receiver, under its id as key; says what became of it."""
Ask = Callable[[Dispatch], Outcome]
"""Asks a receiver whether it has a dispatch: READY for “no”, UNCERTAIN for “it cannot tell”."""


Check = Callable[[], None]
"""Looks, without asking anybody, whether something can be sent at all."""
Beyond = Callable[[Iterable[Dispatch]], Iterable[str]]
"""The names of what a receiver has beyond what these dispatches, in their order, have brought and taken away; raises
`SdmxmigError` if it does not say so."""
List = Callable[[], Iterable[str]]
"""The names of the files that lie at a receiver; raises `SdmxmigError` if it cannot be reached."""


def nothing_to_check() -> None:
    """A look at a way of which nothing can be said before it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to a receiver: how to give it something, and how to ask what it has.

    `takes` are the kinds of messages of which it gets each as a file of its own (``data``, ``structures``,
    ``metadata``); where there are none, it gets a submission whole. `actions` are what the receiver can be told to do.
    `listing` lists what lies there, where that can be seen. `outlives` says that what carries a file, such as a program
    of the office, may go on after the sender has ended. `check` raises `SdmxmigError` for what could never be sent,
    such as a credential that no request can carry. `beyond` names what the receiver has that none of some dispatches
    has brought, where it can be asked for that and not for files.
    """

    send: Send
    ask: Ask
    takes: tuple[str, ...] = ()
    actions: tuple[str, ...] = (REPLACE,)
    listing: List | None = None
    outlives: bool = False
    check: Check = nothing_to_check
    beyond: Beyond | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a receiver is dealt with: what may be done when an outcome is unknown, and how patient one is.

    `quiet` is longer than the receiver ever takes to make something of what it got, in seconds: before, it would deny
    what it is about to have. `attempts` and `hours` end the repetitions; `lease` is the longest that one attempt takes.
    """

    repeat: str = PERSON
    quiet: float = 900.0
    attempts: int = 12
    hours: float = 48.0
    lease: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How an office reaches its receiver: by which transport, at which address, with the name of which credential.

    `is_private` says that the address lies within the own network. `more` is what only some transports want to know.
    """

    transport: str
    address: str
    credential: str = ""
    is_private: bool = False
    habits: Habits = Habits()
    more: tuple[tuple[str, str], ...] = ()
