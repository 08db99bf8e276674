"""Availability of Spark clusters.

Spark itself tries a master for a minute and waits forever for workers.
"""

from __future__ import annotations

import re
import socket
import time
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError

ADDRESS = re.compile(r"local(?:\[(?:[1-9]\d{0,2}|\*)\])?|spark://([^\s/:,]+):(\d{1,5})", re.ASCII)
CONNECTING = 10
"""Seconds to wait for a master."""
PATIENCE = 120
"""Seconds to wait for a worker."""


POLLED = 0.2


def check_address(master: str) -> None:
    """Check a master address; raises `SdmxmigError` if invalid or silent."""
    address = ADDRESS.fullmatch(master)
    if not address:
        raise SdmxmigError(f"“{master}” is no address of Spark.", hint="Write local[2], or spark://127.0.0.1:7077.")
    if is_cluster(master):
        try:
            socket.create_connection((address[1], int(address[2])), CONNECTING).close()
        except (OSError, OverflowError):
            raise unreachable(master) from None


def is_cluster(master: str) -> bool:
    return master.startswith("spark:")


def wait_for_workers(session: Any, master: str) -> None:
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
    return session.sparkContext._jsc is None or bool(session.sparkContext._jsc.sc().isStopped())


def unreachable(master: str) -> SdmxmigError:
    return SdmxmigError(
        f"The Spark cluster at {master} does not answer.", hint="Name the address that its master shows, or local[2]."
    )
