"""What a sender knows of time: the clock on the wall, which may jump, and the seconds since its machine was started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment as a machine sees it: its clock on the wall, the seconds since it was started, and which start that was.

    `boot` is different after every start of the machine, and on every other machine.
    """

    wall: datetime
    seconds: float
    boot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who works on a dispatch, and until when: by the seconds of its own machine, and by the clock on the wall.

    `begun` is when it began by that clock; leases of earlier versions do not say it.
    """

    worker: str
    boot: str
    seconds: float
    wall: str
    begun: str = ""


def lease_until(moment: Moment, worker: str, lasting: float) -> Lease:
    """A lease that begins now; `lasting` in seconds."""
    wall, begun = (moment.wall + timedelta(seconds=lasting)).isoformat(), moment.wall.isoformat()
    return Lease(worker=worker, boot=moment.boot, seconds=moment.seconds + lasting, wall=wall, begun=begun)


def is_over(lease: Lease, moment: Moment) -> bool:
    """Whether a lease has ended.

    On its own machine only the seconds count: a clock that is set back or forward ends nothing. Elsewhere, or after the
    machine was started anew, the clock on the wall is all there is. Who is wrong there does no harm: a dispatch whose
    lease has ended is asked about before it is sent again.
    """
    if lease.boot == moment.boot:
        return moment.seconds >= lease.seconds
    return moment.wall >= datetime.fromisoformat(lease.wall)


def has_ended(lease: Lease, moment: Moment, *, is_gone: bool) -> bool:
    """Whether nobody works under a lease any more: its time is over, its worker is gone, or it is of the future."""
    return is_gone or is_over(lease, moment) or is_of_the_future(lease, moment)


def is_of_the_future(lease: Lease, moment: Moment) -> bool:
    """Whether a lease began after this moment, by a clock that was wrong: nobody knows how much of it has passed."""
    if lease.boot == moment.boot or not lease.begun:
        return False
    return moment.wall < datetime.fromisoformat(lease.begun)
