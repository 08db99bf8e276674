"""Clusters of Apache Spark: whether one is there and has a worker to give, said before anything is asked of it.

Spark itself tries for a minute to reach a master, and waits for ever for a worker.
"""

from __future__ import annotations

import re
import socket
import time
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError

ADDRESS = re.compile(r"local(?:\[(?:[1-9]\d{0,2}|\*)\])?|spark://([^\s/:,]+):(\d{1,5})", re.ASCII)
"""Where Spark can run: in a process of this machine, or on a cluster of its own kind, whose master has an address."""
CONNECTING = 10
"""So many seconds a master has to answer."""
PATIENCE = 120
"""So many seconds a cluster has until a worker takes part: workers start a process first."""


POLLED = 0.2


def check_address(master: str) -> None:
    """Refuse what is no address, and that of a master that does not answer.

    Raises `SdmxmigError` for both.
    """
    address = ADDRESS.fullmatch(master)
    if not address:
        raise SdmxmigError(f"“{master}” is no address of Spark.", hint="Write local[2], or spark://127.0.0.1:7077.")
    if is_cluster(master):
        try:
            socket.create_connection((address[1], int(address[2])), CONNECTING).close()
        except (OSError, OverflowError):
            raise unreachable(master) from None


def is_cluster(master: str) -> bool:
    """Whether Spark runs elsewhere than in a process that we start."""
    return master.startswith("spark:")


def wait_for_workers(session: Any, master: str) -> None:
    """Wait until a worker takes part, since what is asked before would wait and say nothing.

    Raises `SdmxmigError` if the master does not answer or has no worker to give.
    """
    context, end = session.sparkContext._jsc.sc(), time.monotonic() + PATIENCE
    while not has_stopped(session) and context.getExecutorMemoryStatus().size() <= 1:
        if time.monotonic() > end:
            raise SdmxmigError(
                f"The Spark cluster at {master} has given no worker for {PATIENCE} seconds.",
                hint="Start a worker with at least 1 GB and one processor that is free, or take local[2].",
            )
        time.sleep(POLLED)
    if has_stopped(session):
        raise unreachable(master)


def has_stopped(session: Any) -> bool:
    """Whether Spark has given up, as it does when its master goes."""
    return session.sparkContext._jsc is None or bool(session.sparkContext._jsc.sc().isStopped())


def unreachable(master: str) -> SdmxmigError:
    """What is said of a cluster that has gone, or was never there."""
    return SdmxmigError(
        f"The Spark cluster at {master} does not answer.", hint="Name the address that its master shows, or local[2]."
    )
