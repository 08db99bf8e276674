"""Clocks of a sender: wall clock and seconds since boot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment: wall clock, seconds since boot, and boot id."""

    wall: datetime
    seconds: float
    boot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lease of a worker, by both clocks."""

    worker: str
    boot: str
    seconds: float
    wall: str
    begun: str = ""


def lease_until(moment: Moment, worker: str, lasting: float) -> Lease:
    wall, begun = (moment.wall + timedelta(seconds=lasting)).isoformat(), moment.wall.isoformat()
    return Lease(worker=worker, boot=moment.boot, seconds=moment.seconds + lasting, wall=wall, begun=begun)


def is_over(lease: Lease, moment: Moment) -> bool:
    """Whether a lease has expired.

    On the same boot only monotonic seconds count; elsewhere the wall clock. Expired dispatches are asked about before
    resending.
    """
    if lease.boot == moment.boot:
        return moment.seconds >= lease.seconds
    return moment.wall >= datetime.fromisoformat(lease.wall)


def has_ended(lease: Lease, moment: Moment, *, is_gone: bool) -> bool:
    return is_gone or is_over(lease, moment) or is_of_the_future(lease, moment)


def is_of_the_future(lease: Lease, moment: Moment) -> bool:
    if lease.boot == moment.boot or not lease.begun:
        return False
    return moment.wall < datetime.fromisoformat(lease.begun)
