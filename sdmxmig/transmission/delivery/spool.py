"""Spool of content by SHA-256, and the clocks of a sender (wall clock and seconds since boot)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sdmxmig.io.publishing.files import explain_write_errors, stage_file, sync_folder
from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place

FOLDER_OPTION = "the folder of the queue"
PIECE_BYTES = 1 << 20


class DamagedSpoolFile(OutputError):  # noqa: N818 - the name says what is the matter
    """A spool file is missing or damaged."""


def build_path(spool: Path, sha256: str) -> Path:
    return spool / sha256[:2] / sha256


def store_content(spool: Path, sha256: str, pieces: Iterable[bytes]) -> None:
    """Store bytes durably under their hash; raise `DamagedSpoolFile` for another hash, `OutputError` if impossible."""
    path, digest = build_path(spool, sha256), hashlib.sha256()
    with stage_file(path, FOLDER_OPTION) as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        if digest.hexdigest() != sha256:
            raise DamagedSpoolFile(
                "The bytes changed while they were copied.", Place(str(path)), "Seal and send again."
            )
    with explain_write_errors(spool, FOLDER_OPTION):
        for folder in (spool, spool.parent):  # names of new folders must be durable too
            sync_folder(folder)


def store_receipt(spool: Path, answer: bytes) -> str:
    if not answer:
        return ""
    sha256 = hashlib.sha256(answer).hexdigest()
    store_content(spool, sha256, [answer])
    return sha256


def read_pieces(spool: Path, sha256: str) -> Iterator[bytes]:
    """Read bytes by hash, yielding the last piece after verification; raise `DamagedSpoolFile` if damaged."""
    path, digest, held = build_path(spool, sha256), hashlib.sha256(), b""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                if held:
                    yield held
                digest.update(piece)
                held = piece
    except OSError as error:
        raise DamagedSpoolFile(
            f"It cannot be read: {error.strerror}.", Place(str(path)), "Seal and send again."
        ) from None
    if digest.hexdigest() != sha256:
        raise DamagedSpoolFile(
            "It differs from the submission that was queued.", Place(str(path)), "Seal and send again."
        )
    if held:
        yield held


def check(spool: Path, sha256: str) -> None:
    for _ in read_pieces(spool, sha256):
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    wall: datetime
    seconds: float
    boot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    worker: str
    boot: str
    seconds: float
    wall: str
    begun: str = ""


def create_lease(moment: Moment, worker: str, lasting: float) -> Lease:
    wall, begun = (moment.wall + timedelta(seconds=lasting)).isoformat(), moment.wall.isoformat()
    return Lease(worker=worker, boot=moment.boot, seconds=moment.seconds + lasting, wall=wall, begun=begun)


def is_expired(lease: Lease, moment: Moment) -> bool:
    """Check whether a lease has expired.

    Within the same boot, monotonic seconds are used, otherwise the wall clock. The receiver is queried before an
    expired dispatch is sent again.
    """
    if lease.boot == moment.boot:
        return moment.seconds >= lease.seconds
    return moment.wall >= datetime.fromisoformat(lease.wall)


def has_worker_ended(lease: Lease, moment: Moment, *, is_gone: bool) -> bool:
    return is_gone or is_expired(lease, moment) or starts_in_future(lease, moment)


def starts_in_future(lease: Lease, moment: Moment) -> bool:
    if lease.boot == moment.boot or not lease.begun:
        return False
    return moment.wall < datetime.fromisoformat(lease.begun)
