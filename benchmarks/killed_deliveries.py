"""Kills senders at every point of queueing and sending: nothing queued is lost or sent twice.

Each life of a sender is a process killed before its n-th call or return of the queue, the spool, the ledger or the
receiver (including database and disk calls). Queued ids are written to a synchronised list, received ones to another.
Lives follow each other, with time between them, until everything is settled. Run: python -m
benchmarks.killed_deliveries --kills 2000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from sdmxmig.io.publishing import files
from sdmxmig.sdmx.model.delivery import (
    ASKABLE,
    KEYED,
    READY,
    RECEIVED,
    SENDING,
    UNCERTAIN,
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

START = datetime(2026, 3, 1, tzinfo=UTC)
QUIET, LEASE, LATE = 60.0, 100.0, 30.0
"""The quiet time, the longest attempt, and after how long the receiver may still make something of what it got."""
WATCHED = ("sdmxmig.transmission.delivery", "sdmxmig.io.publishing", __name__)
MODES = (KEYED, ASKABLE)
LIVES = 60
"""After so many lives everything has to be settled; the last ones are not killed."""
UNKILLED = 20
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name of its own
"""A disk that need not be waited for: a kill takes no power away."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a round: the queue, the promised ids and the received ones."""

    folder: Path
    address: Path
    _: KW_ONLY
    mode: str

    @property
    def promised(self) -> Path:
        return self.folder / "promised"

    @property
    def effects(self) -> Path:
        """The received content, one line per dispatch: id and the second it becomes visible."""
        return self.folder / "effects"


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []


def receiver_at(place: Place, second: float, chance: random.Random) -> Receiver:
    """Return a receiver that answers well, badly or not at all, before or after taking its content."""

    def effect(dispatch: Dispatch, at: float) -> None:
        files.append(place.effects, f"{dispatch.id} {at}\n".encode())

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        for _ in pieces:
            pass
        manner = chance.random()
        if manner < 0.15:
            return Outcome(state=READY, reason="503")
        if manner < 0.25:
            raise ConnectionError("cut before anything was taken")
        if manner < 0.35:  # it takes effect when nobody waits any more
            effect(dispatch, second + LATE)
            raise TimeoutError("no answer")
        effect(dispatch, second)
        if manner < 0.5:
            raise ConnectionError("cut behind the effect")
        return Outcome(state=RECEIVED, answer=dispatch.id.encode())

    def ask(dispatch: Dispatch) -> Outcome:
        seen = [line.split() for line in lines_of(place.effects)]
        there = any(id_ == dispatch.id and float(at) <= second for id_, at in seen)
        return Outcome(state=RECEIVED if there else READY, reason="asked")

    habits = RetryPolicy(repeat=place.mode, quiet=QUIET, attempts=10**6, lease=LEASE)
    return Receiver("T", Channel(send=send, ask=ask), habits=habits)


def life(place: Place, number: int, seed: int) -> None:
    """Queue something new and do all due steps, two minutes after the previous life."""
    chance, second = random.Random(seed), number * 120.0  # noqa: S311 - the same each time
    now = START + timedelta(seconds=second)
    with open_ledger(place.address) as ledger:
        if number < LIVES - UNKILLED:
            content = f"{number} {seed}".encode()
            parcel = Parcel(
                target="T",
                flow=f"DF_{number % 3}",
                area="XA",
                period=str(number),
                content=hashlib.sha256(content).hexdigest(),
                name="a.csv",
                media_type="text/csv",
                size=len(content),
                submission="S",
            )
            promised = queue.enqueue(ledger, place.folder / "spool", parcel, [content], now=now)
            files.append(place.promised, f"{promised.id}\n".encode())
        sender = Sender(
            worker="a", now=lambda: Moment(wall=now, seconds=second, boot=str(number % 5)), chance=lambda: 0.0
        )
        for _ in send_queued(ledger, place.folder / "spool", {"T": receiver_at(place, second, chance)}, sender):
            pass


def killed_at(point: int) -> Any:
    """Return a function that ends this process before the n-th watched call or return."""
    count = 0

    def watch(frame: FrameType, _: str, __: object) -> None:
        nonlocal count
        if frame.f_globals.get("__name__", "").startswith(WATCHED):
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)

    return watch


def run_life(place: Place, number: int, *, seed: int, point: int) -> bool:
    """Run a life in its own process; returns whether it was killed. Any other failure is an error."""
    child = os.fork()
    if not child:
        try:
            if point:
                sys.setprofile(killed_at(point))
            life(place, number, seed)
        except BaseException as error:  # it must not go on as its parent
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("A sender ended with a fault of its own.")
    return False


def round_of(place: Place, chance: random.Random, longest: int) -> Counter[str]:
    """Run lives killed at random until everything is settled; returns the counts."""
    result: Counter[str] = Counter()
    for number in range(LIVES):
        point = chance.randint(1, longest) if number < LIVES - UNKILLED else 0
        result["kills"] += run_life(place, number, seed=chance.getrandbits(32), point=point)
    promised = lines_of(place.promised)
    taken = Counter(line.split()[0] for line in lines_of(place.effects))
    with open_ledger(place.address) as ledger:
        states = {dispatch.id: dispatch.state for dispatch in list_dispatches(ledger)}
        result["altered journals"] += find_tampered_line(ledger) > 0
    result["promised"] = len(promised)
    result["promised and not in the queue"] = len({*promised} - states.keys())
    result["promised and never taken"] = len({*promised} - taken.keys())
    result["not settled at the end"] = sum(state in (READY, SENDING, UNCERTAIN) for state in states.values())
    result["sent again under a key"] = sum(times - 1 for times in taken.values()) if place.mode == KEYED else 0
    result["taken twice"] = sum(times - 1 for times in taken.values()) if place.mode == ASKABLE else 0
    return result


def points(folder: Path) -> int:
    place, count = Place(folder, folder / "queue.sqlite", mode=KEYED), 0

    def watch(frame: FrameType, _: str, __: object) -> None:
        nonlocal count
        count += frame.f_globals.get("__name__", "").startswith(WATCHED)

    sys.setprofile(watch)
    try:
        for number in range(3):
            life(place, number, number)
    finally:
        sys.setprofile(None)
    return count // 3


def campaign(kills: int, seed: int) -> Counter[str]:
    """Run rounds with both kinds of receiver until enough senders were killed; returns all counts."""
    results = list[Counter[str]]()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        longest = points(Path(name) / "points")
        while sum(result["kills"] for result in results) < kills or len(results) % len(MODES):
            mode = MODES[len(results) % len(MODES)]
            folder = Path(name) / mode
            folder.mkdir()
            place = Place(folder, folder / "queue.sqlite", mode=mode)
            chance = random.Random(f"{seed} {len(results)}")  # noqa: S311 - the same each time
            results.append(round_of(place, chance, longest))
            shutil.rmtree(folder)
    total = Counter({"points": longest})
    for result in results:
        total.update(result)
    total["rounds"] = len(results) // len(MODES)
    return total


def main() -> None:
    """Run the campaign and write its counts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    counts = campaign(options.kills, options.seed)
    print(json.dumps(counts, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
