"""In any order of events no submission is lost, duplicated or overtaken, and every step is recorded."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sdmxmig.sdmx.model.delivery import (
    ASKABLE,
    DEAD,
    READY,
    RECEIVED,
    REJECTED,
    SUPERSEDED,
    UNCERTAIN,
    WITHDRAWN,
    Channel,
    Dispatch,
    Outcome,
    Parcel,
    RetryPolicy,
)
from sdmxmig.transmission.delivery import queue
from sdmxmig.transmission.delivery.ledger import find_tampered_line, list_dispatches, open_ledger
from sdmxmig.transmission.delivery.sending import Receiver, Sender, send_queued
from sdmxmig.transmission.delivery.spool import Moment

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has its own name
START = datetime(2026, 3, 1, tzinfo=UTC)
QUIET, LEASE = 60.0, 300.0
MANNERS = ("takes it", "is busy", "cut before", "cut behind", "takes it late", "refuses", "wants to see a credential")
FLOWS = ("DF_POP", "DF_IMM")


class Deliveries(RuleBasedStateMachine):
    """An office, a receiver that can be asked, and a clock; `taken` is what the receiver made of what it got."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(
            self.stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None))
        )
        self.ledger = self.stack.enter_context(open_ledger(self.folder / "queue.sqlite"))
        self.wall, self.seconds, self.boot = START, 0.0, 0
        self.promised: set[str] = set()
        self.manner = "takes it"
        self.taken: list[tuple[float, Dispatch]] = []

    def teardown(self) -> None:
        self.stack.close()

    def now(self) -> Moment:
        return Moment(wall=self.wall, seconds=self.seconds, boot=str(self.boot))

    def send(self, dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        for _ in pieces:
            pass
        if self.manner == "is busy":
            return Outcome(state=READY, reason="503")
        if self.manner == "wants to see a credential":
            return Outcome(state=READY, reason="401", pauses=True)
        if self.manner == "refuses":
            return Outcome(state=REJECTED, reason="422")
        if self.manner == "cut before":
            raise ConnectionError
        self.taken.append((self.seconds + QUIET / 2 if self.manner == "takes it late" else self.seconds, dispatch))
        if self.manner != "takes it":
            raise TimeoutError
        return Outcome(state=RECEIVED, answer=b"received")

    def ask(self, dispatch: Dispatch) -> Outcome:
        there = any(at <= self.seconds and taken.id == dispatch.id for at, taken in self.taken)
        return Outcome(state=RECEIVED if there else READY)

    @rule(flow=st.sampled_from(FLOWS), content=st.sampled_from("abc"), period=st.sampled_from(("2024", "2025")))
    def promise(self, flow: str, content: str, period: str) -> None:
        body = content.encode()
        parcel = Parcel(
            target="UNSD",
            flow=flow,
            area="XA",
            period=period,
            content=hashlib.sha256(body).hexdigest(),
            name="a.csv",
            media_type="text/csv",
            size=1,
            submission="S",
        )
        self.promised.add(queue.enqueue(self.ledger, self.folder / "spool", parcel, [body], now=self.wall).id)

    @rule(manner=st.sampled_from(MANNERS))
    def send_what_can_be_sent(self, manner: str) -> None:
        self.manner = manner
        receiver = Receiver("UNSD", Channel(send=self.send, ask=self.ask), habits=habits())
        for _ in send_queued(
            self.ledger, self.folder / "spool", {"UNSD": receiver}, Sender(worker="a", now=self.now, chance=chance)
        ):
            pass

    @rule(has_taken=st.booleans())
    def a_sender_is_cut_off(self, has_taken: bool) -> None:
        dispatch = queue.take_next(self.ledger, self.now(), "b", habits(), target="UNSD")
        if dispatch and has_taken:
            self.taken.append((self.seconds, dispatch))

    @rule(seconds=st.sampled_from((1.0, QUIET, LEASE, 7200.0)))
    def time_passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    @rule(days=st.integers(-400, 400))
    def the_clock_on_the_wall_jumps(self, days: int) -> None:
        self.wall += timedelta(days=days)

    @rule()
    def somebody_looks(self) -> None:
        queue.resume(self.ledger, "UNSD")

    @rule()
    def what_waits_is_withdrawn(self) -> None:
        for dispatch in list_dispatches(self.ledger, "WHERE state = ?", (READY,))[:1]:
            queue.withdraw(self.ledger, dispatch, "A mistake.", self.wall)

    @invariant()
    def no_promise_is_lost(self) -> None:
        assert self.promised == {dispatch.id for dispatch in list_dispatches(self.ledger)}

    @invariant()
    def nothing_comes_twice(self) -> None:
        assert max(Counter(dispatch.id for _, dispatch in self.taken).values(), default=0) <= 1

    @invariant()
    def nothing_overtakes(self) -> None:
        for flow in FLOWS:
            numbers = [dispatch.number for _, dispatch in self.taken if dispatch.parcel.flow == flow]
            assert numbers == sorted(numbers)

    @invariant()
    def what_is_called_received_is_there(self) -> None:
        there = {dispatch.id for _, dispatch in self.taken}
        for dispatch in list_dispatches(self.ledger):
            assert dispatch.state != RECEIVED or dispatch.id in there
            assert dispatch.state not in (SUPERSEDED, WITHDRAWN, REJECTED) or dispatch.id not in there

    @invariant()
    def every_step_is_told(self) -> None:
        assert find_tampered_line(self.ledger) == 0

    @invariant()
    def whoever_is_stuck_says_so(self) -> None:
        for dispatch in list_dispatches(self.ledger, "WHERE state IN (?, ?)", (DEAD, UNCERTAIN)):
            assert dispatch.reason
            assert dispatch.state != DEAD or dispatch.needs_person


def habits() -> RetryPolicy:
    """How the receiver is dealt with."""
    return RetryPolicy(repeat=ASKABLE, quiet=QUIET, lease=LEASE, attempts=5)


def chance() -> float:
    """As long to wait as it may be."""
    return 1.0


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
