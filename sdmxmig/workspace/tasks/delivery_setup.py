"""Queue, spool and receiver of a workspace, and worker processes."""

from __future__ import annotations

import os
import platform
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sdmxmig.io.network import find_host, find_secret
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.delivery import Route
from sdmxmig.transmission.delivery.ledger import Ledger, open_ledger
from sdmxmig.transmission.delivery.sending import Receiver, Sender
from sdmxmig.transmission.delivery.spool import Moment, read_pieces
from sdmxmig.transmission.transports import TRANSPORTS, Settings
from sdmxmig.workspace.folder import COUNTRY_FILE, DELIVERIES
from sdmxmig.workspace.tasks.session import Session

PROCESS_FOLDER = Path("/proc")
ENDED_STATES = ("Z", "X", "x")


def find_sender() -> Sender:
    chance = random.SystemRandom().random
    return Sender(worker=name_worker(os.getpid()), now=read_moment, chance=chance, is_gone=is_gone)


def name_worker(pid: int) -> str:
    try:
        room = (PROCESS_FOLDER / "self" / "ns" / "pid").readlink().name.strip("pid:[]")
        begun = find_process_start(pid)
    except OSError:
        return f"{platform.node()}:{pid}"
    return f"{platform.node()}:{room}:{pid}:{begun}"


def find_process_start(pid: int) -> str:
    fields = (
        (PROCESS_FOLDER / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    )
    return "" if fields[0] in ENDED_STATES else fields[19]


def is_gone(worker: str) -> bool:
    """Check whether a worker process of this machine has ended; False if unknown.

    >>> is_gone(name_worker(os.getpid())), is_gone("another machine:1:2:3")
    (False, False)
    """
    own, (place, _, number) = name_worker(os.getpid()), worker.rpartition(":")[0].rpartition(":")
    if not number.isdigit() or place.count(":") != 1 or not own.startswith(f"{place}:"):
        return False
    if not can_see_processes():
        return False
    try:
        return find_process_start(int(number)) != worker.rpartition(":")[2]
    except OSError:
        return True


def can_see_processes() -> bool:
    try:
        return bool(find_process_start(1))
    except OSError:
        return False


def read_moment() -> Moment:
    boot = Path("/proc/sys/kernel/random/boot_id")
    start = boot.read_text(encoding="ascii").strip() if boot.is_file() else f"{platform.node()} without a number"
    return Moment(wall=datetime.now(UTC), seconds=time.monotonic(), boot=start)


NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs")
"""File systems of other machines, whose locks cannot be relied on."""
QUEUE_FILE = "queue.sqlite"
IN_MEMORY = Path(":memory:")
"""SQLite's name for a database without a file."""
MOUNTS_FILE = PROCESS_FOLDER / "self" / "mounts"


@contextmanager
def open_queue(session: Session, *, can_create: bool = False) -> Iterator[Ledger]:
    """Open the queue of a workspace, empty if never used; `can_create` creates its file."""
    path = session.workspace.folder / DELIVERIES / QUEUE_FILE
    check_disk(path.parent)
    with open_ledger(path if can_create or path.exists() else IN_MEMORY) as ledger:
        yield ledger


def check_disk(folder: Path, mounts: Path = MOUNTS_FILE) -> None:
    path, kinds = folder.resolve(), dict[Path, str]()
    if mounts.is_file():
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        kinds = {Path(place): kind for _, place, kind, *_ in (line.split(" ") for line in lines if line.count(" ") > 2)}
    kind = next((kinds[parent] for parent in (path, *path.parents) if parent in kinds), "")
    if kind in NETWORK_FILE_SYSTEMS:
        message = f"The queue cannot be kept on the disk of another machine ({kind})."
        raise SdmxmigError(message, Place(str(folder)), "Move the workspace to a disk of this machine.")


def find_spool(session: Session) -> Path:
    return session.workspace.folder / DELIVERIES / "spool"


def find_route(session: Session) -> Route:
    way, place = session.workspace.way, Place(str(session.workspace.folder / COUNTRY_FILE))
    if way is None:
        hint = 'Write [receiver.delivery] with transport = "folder" and address = "outbox", or hand it over yourself.'
        raise SdmxmigError(f"No delivery method is set for {session.workspace.receiver}.", place, hint)
    check_known("transport", way.transport, tuple(TRANSPORTS), place)
    return way


def build_receiver(session: Session) -> Receiver:
    """Return the receiver; secrets are bound to one host."""
    way = find_route(session)
    return Receiver(session.workspace.receiver, TRANSPORTS[way.transport](build_settings(session)), habits=way.habits)


def build_settings(session: Session) -> Settings:
    way = find_route(session)
    return Settings(
        address=way.address,
        credential=way.credential,
        secrets=lambda name, address: find_secret(f"{name}@{find_host(address)}", os.environ),
        private=way.is_private,
        base=session.workspace.folder,
        authorities=Path(authorities) if (authorities := os.environ.get("SSL_CERT_FILE", "")) else None,
        habits=way.habits,
        more=dict(way.more),
        kept=lambda sha256: read_pieces(find_spool(session), sha256),
    )


def check_route(session: Session) -> Receiver:
    receiver = build_receiver(session)
    receiver.channel.check()
    return receiver
