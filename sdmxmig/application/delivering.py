"""Delivering: what was sealed is promised to its receiver, sent, asked about, and withdrawn; and where each stands."""

from __future__ import annotations

import hashlib
import os
import platform
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.application.approvals import check_may_send
from sdmxmig.application.people import SENDS, check_may
from sdmxmig.application.revising import AcceptedComparison, compared, revise
from sdmxmig.application.sealed_submissions import (
    SealedPart,
    SealedSubmission,
    sealed_submissions,
    submission_of,
    write_archive,
)
from sdmxmig.application.unasked import (
    Known,
    beside,
    check_not_older,
    check_not_withdrawn,
    newest_beyond,
    sentence_of,
    withdrawn_of,
)
from sdmxmig.application.verifying import verify
from sdmxmig.delivery import queue, reconciling, spool
from sdmxmig.delivery.clock import Moment
from sdmxmig.delivery.ledger import Ledger, altered_line, dispatch_named, dispatches, ledger_at
from sdmxmig.delivery.reconciling import Reconciled
from sdmxmig.delivery.sending import Receiver, Sender, work
from sdmxmig.delivery.spool import PIECE, pieces_of
from sdmxmig.errors import SdmxmigError, check_known, counted, did_you_mean
from sdmxmig.model.delivery import (
    ACCEPTED,
    DEAD,
    DELETE,
    READY,
    RECEIVED,
    REPLACE,
    SENDING,
    SENT,
    UNCERTAIN,
    WAITING,
    Channel,
    Dispatch,
    Parcel,
    Way,
)
from sdmxmig.model.outgoing import DATA, METADATA, STRUCTURES
from sdmxmig.network.addresses import host_of
from sdmxmig.network.secrets import secret_named
from sdmxmig.places import Place
from sdmxmig.publishing.files import staged
from sdmxmig.transports import TRANSPORTS, Settings
from sdmxmig.workspace import COUNTRY_FILE, DELIVERIES

if TYPE_CHECKING:
    from sdmxmig.application.session import Session

QUEUE, SPOOL = "SDMXMIG_QUEUE", "SDMXMIG_SPOOL"
"""Variables of the environment for several machines that send for one office: the PostgreSQL database of the queue, and
the folder of bytes, which all of them see."""
THERE, OPEN = (RECEIVED, ACCEPTED), (READY, SENDING, WAITING, SENT, UNCERTAIN, DEAD)
"""Where a dispatch has reached its receiver, and where it has not, as far as anybody knows."""
EVERYTHING = "*"
"""The dataflow of a dispatch that brings a whole submission."""
ARCHIVE = "application/zip"
NETWORKED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs")
"""File systems of other machines, whose locks cannot be relied on."""
PROCESSES = Path("/proc")
QUEUE_FILE = "queue.sqlite"
"""The queue of a workspace, among its deliveries."""
MOUNTS = PROCESSES / "self" / "mounts"
ENDED = ("Z", "X", "x")
"""How a system calls processes that have ended, and of which somebody has still to take note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the deliveries of a workspace stand: each dispatch, and why nothing is sent to its receiver, if so.

    `cut` are those of which was just seen that their sender has ended in the midst of it. `altered_line` is the first
    line of the journal that was tampered with; 0 if none was.
    """

    dispatches: tuple[Dispatch, ...]
    cut: tuple[Dispatch, ...]
    paused: str
    altered_line: int


@contextmanager
def queue_of(session: Session) -> Iterator[Ledger]:
    """The queue of a workspace: a file of its own, or the database that the environment names."""
    address = os.environ.get(QUEUE, "")
    if not address:
        folder = session.workspace.folder / DELIVERIES
        check_disk(folder)
        address = str(folder / QUEUE_FILE)
    with ledger_at(address) as ledger:
        yield ledger


def check_disk(folder: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a folder on the disk of another machine: two senders could meet there unseen."""
    path, kinds = folder.resolve(), dict[Path, str]()
    if mounts.is_file():
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        kinds = {Path(place): kind for _, place, kind, *_ in (line.split(" ") for line in lines if line.count(" ") > 2)}
    kind = next((kinds[parent] for parent in (path, *path.parents) if parent in kinds), "")
    if kind in NETWORKED:
        message = f"The queue cannot be kept on the disk of another machine ({kind})."
        raise SdmxmigError(message, Place(str(folder)), f"Let {QUEUE} name a PostgreSQL database.")


def spool_of(session: Session) -> Path:
    """Where the bytes of deliveries lie."""
    return Path(os.environ.get(SPOOL, "") or session.workspace.folder / DELIVERIES / "spool")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to be sent: which sealed submission (the newest if none is named), how, and who wants it.

    `action` is one of SDMX's: ``replace`` sends all of it, the others what has changed since the receiver accepted
    something; empty goes on with what was promised last. `deletions` is how many observations one has seen are to go.
    `is_older` says that data are meant which are older than what the receiver has, `is_again` that what was withdrawn
    is to go out after all.
    """

    name: str = ""
    action: str = ""
    deletions: int | None = None
    is_older: bool = False
    is_again: bool = False
    by: str = ""


def promise(
    session: Session, wish: Wish | None = None, comparison: AcceptedComparison | None = None
) -> tuple[Dispatch, ...]:
    """Promise that a sealed submission, or what has changed in it, will reach its receiver; gives the dispatches.

    There is one for the whole submission, or one for each message where the receiver takes single messages.
    `comparison` is what it changes, if somebody has looked at that. Raises `SdmxmigError` if nothing is sealed, if it
    is not what was sealed, if this person may not send or nobody else has approved it, for deletions that nobody has
    confirmed, for older data than the receiver has and what was withdrawn unless they are meant, and as `revise` does.
    """
    wish = wish or Wish()
    submission = chosen(session, wish.name)
    check_may_send(session, submission.id, wish.by)
    check_intact(submission)
    check_way(session)
    sent = sent_before(session, submission)
    if not wish.action and not wish.name and (begun := begun_with(submission, sent)):
        return begun
    check_not_withdrawn(submission, sent, is_meant=wish.is_again)
    newer = newer_there(session, wish, comparison)
    check_not_older(submission, newer, is_meant=wish.is_older)
    if wish.action == DELETE:
        check_deletions((comparison or compared(session, submission)).deleted, wish.deletions)
    if wish.action not in ("", REPLACE):
        submission = revise(session, submission, wish.action)
        check_intact(submission)
    return promised(session, submission, why=sentence_of(submission, newer) if newer else "")


def check_intact(submission: SealedSubmission) -> None:
    """Refuse what is not as it was sealed."""
    verification = verify(submission.folder)
    if verification.differences:
        hint = f"sdmxmig verify {submission.folder} says more. Seal it anew."
        raise SdmxmigError(f"It is not what was sealed: {verification.differences[0]}", Place(submission.id), hint)


def check_deletions(count: int, confirmed: int | None) -> None:
    """Refuse to delete what nobody has looked at: who confirms it says how many observations are to go."""
    if count != confirmed:
        seen = "nobody has confirmed it" if confirmed is None else f"{confirmed} were confirmed"
        message = f"{counted(count, 'observation')} would be deleted at the receiver, and {seen}."
        raise SdmxmigError(message, hint=f"Look at them with --dry-run, then say --deletions {count}.")


def sent_before(session: Session, submission: SealedSubmission) -> tuple[Dispatch, ...]:
    """All that was ever promised from this workspace to the receiver of a submission."""
    with queue_of(session) as ledger:
        where = "WHERE target = ? AND area = ?"
        return tuple(dispatches(ledger, where, (submission.receiver, session.workspace.area)))


def begun_with(submission: SealedSubmission, sent: Iterable[Dispatch]) -> tuple[Dispatch, ...]:
    """What was promised last to this receiver, if it was made from this submission, so that it is gone on with.

    Of a submission itself that is so where parts of it were withdrawn: the others go on, and these do not go again.
    """
    counting = [dispatch for dispatch in sent if dispatch.state not in queue.OVER]
    last = counting[-1].parcel if counting else None
    if last is None or (last.revises != submission.id and not withdrawn_of(submission, sent)):
        return ()
    if submission.id not in (last.submission, last.revises):
        return ()
    return tuple(dispatch for dispatch in counting if dispatch.parcel.submission == last.submission)


def newer_there(session: Session, wish: Wish, comparison: AcceptedComparison | None = None) -> Known | None:
    """What the receiver has, or was promised, that is newer than what somebody wants to be sent; None if nothing is.

    `comparison` is what it changes, if that is known.
    """
    submission = chosen(session, wish.name)
    accepted = beside(comparison or compared(session, submission))
    return newest_beyond(submission, accepted, sent_before(session, submission), wish.action)


def promised(session: Session, submission: SealedSubmission, why: str = "") -> tuple[Dispatch, ...]:
    """Promise a submission as it stands in its folder; the journal says `why` it goes out, where that has to be said.

    What the receiver is to do with structures and reference metadata the workspace says, with data the submission.
    """
    channel = receiver_of(session).channel
    kinds, action = channel.takes, action_for(session, channel)
    if submission.revises:
        action = submission.action
        if kinds and DATA not in kinds:
            raise SdmxmigError(f"{submission.receiver} gets no data this way, but {' and '.join(kinds)}.")
    with queue_of(session) as ledger, packed(session, submission) as (archive, sha256):
        if not kinds:
            return (promise_whole(session, ledger, submission, archive=archive, sha256=sha256, why=why),)
        spool.put(spool_of(session), sha256, pieces_in(archive))
        parts = [part for part in submission.parts if kind_of(part.name) in kinds]
        return tuple(
            promise_part(session, ledger, submission, part=part, whole=sha256, action=action, why=why)
            for part in in_order(parts, kinds)
        )


@contextmanager
def packed(session: Session, submission: SealedSubmission) -> Iterator[tuple[BinaryIO, str]]:
    """A submission as one archive, an open file beside the bytes of deliveries, with its SHA-256."""
    folder = spool_of(session)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{submission.id}.zip"
    with staged(path, SPOOL) as file:
        write_archive(submission, file)
    try:
        with path.open("rb") as file:
            yield file, hashlib.file_digest(file, "sha256").hexdigest()
    finally:
        path.unlink(missing_ok=True)


def action_for(session: Session, channel: Channel) -> str:
    """What the receiver of a workspace is to do with what is sent; raises `SdmxmigError` for what it cannot be told."""
    action = dict(way_of(session).more).get("action", REPLACE)
    if action not in channel.actions:
        place = Place(str(session.workspace.folder / COUNTRY_FILE))
        message = f"This receiver is never told to do “{action}”."
        raise SdmxmigError(message, place, hint=f"Write action with one of: {', '.join(channel.actions)}.")
    return action


def in_order(parts: Iterable[SealedPart], kinds: tuple[str, ...]) -> list[SealedPart]:
    """Messages in the order in which a receiver needs them: structures before what follows them."""
    return sorted(parts, key=lambda part: (kinds.index(kind_of(part.name)), part.name))


def kind_of(name: str) -> str:
    """What kind of message a part is; empty if it is none.

    >>> kind_of("data/DF_POP_GE.csv"), kind_of("structures.sdmx-ml-3.0.xml"), kind_of("cover-letter.txt")
    ('data', 'structures', '')
    """
    beginning = re.split(r"[./]", name, maxsplit=1)[0]
    return beginning if beginning in (DATA, STRUCTURES, METADATA) else ""


def promise_whole(
    session: Session, ledger: Ledger, submission: SealedSubmission, *, archive: BinaryIO, sha256: str, why: str
) -> Dispatch:
    """Promise a submission as one archive."""
    parcel = Parcel(
        *(submission.receiver, EVERYTHING),
        area=session.workspace.area,
        period="",
        content=sha256,
        name=f"{submission.id}.zip",
        media_type=ARCHIVE,
        size=archive.seek(0, os.SEEK_END),
        submission=submission.id,
        action=submission.action,
        revises=submission.revises,
        prepared=submission.prepared,
    )
    return queue.enqueue(ledger, spool_of(session), parcel, pieces_in(archive), now=session.now, reason=why)


def promise_part(
    session: Session,
    ledger: Ledger,
    submission: SealedSubmission,
    *,
    part: SealedPart,
    whole: str,
    action: str,
    why: str,
) -> Dispatch:
    """Promise one message of a submission; the same message of the next one waits for it.

    Which one that is, its name says, without the day on which it was prepared. `whole` is the SHA-256 of the archive.
    """
    day = submission.prepared[:10].replace("-", "")
    parcel = Parcel(
        *(submission.receiver, part.name.replace(day, "") if day else part.name),
        area=session.workspace.area,
        period="",
        content=part.sha256,
        name=PurePosixPath(part.name).name,
        media_type=part.media_type,
        size=part.size,
        submission=submission.id,
        whole=whole,
        has_data=kind_of(part.name) == DATA,
        action=action,
        revises=submission.revises,
        prepared=submission.prepared,
    )
    with (submission.folder / part.name).open("rb") as file:
        return queue.enqueue(ledger, spool_of(session), parcel, pieces_in(file), now=session.now, reason=why)


def chosen(session: Session, name: str) -> SealedSubmission:
    """The submission of this name, the newest if none is named; raises `SdmxmigError` if there is none."""
    sealed = sealed_submissions(session)
    if not sealed:
        hint = f"Seal it first: sdmxmig package {session.workspace.folder}"
        raise SdmxmigError("Nothing has been sealed yet.", Place(str(session.out)), hint)
    return submission_of(sealed, name) if name else sealed[0]


def pieces_in(file: BinaryIO) -> Iterator[bytes]:
    """A file from its beginning, a piece at a time."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def way_of(session: Session) -> Way:
    """How the receiver of a workspace is reached; raises `SdmxmigError` with what to write where nothing says so."""
    way, place = session.workspace.way, Place(str(session.workspace.folder / COUNTRY_FILE))
    if way is None:
        hint = 'Write [receiver.delivery] with transport = "folder" and address = "outbox", or hand it over yourself.'
        raise SdmxmigError(f"Nothing says how {session.workspace.receiver} is reached.", place, hint)
    if way.transport not in TRANSPORTS:
        hint = did_you_mean(way.transport, TRANSPORTS)
        raise SdmxmigError(f"There is no transport “{way.transport}”.", place, hint)
    return way


def receiver_of(session: Session, environ: Mapping[str, str] = os.environ) -> Receiver:
    """The receiver of a workspace, ready to be reached.

    A secret belongs to one host: a workspace that comes from others cannot have it sent elsewhere.
    """
    way = way_of(session)
    settings = Settings(
        address=way.address,
        credential=way.credential,
        secrets=lambda name, address: secret_named(f"{name}@{host_of(address)}", environ),
        private=way.is_private,
        base=session.workspace.folder,
        authorities=Path(authorities) if (authorities := environ.get("SSL_CERT_FILE", "")) else None,
        habits=way.habits,
        more=dict(way.more),
        kept=lambda sha256: pieces_of(spool_of(session), sha256),
    )
    return Receiver(session.workspace.receiver, TRANSPORTS[way.transport](settings), habits=way.habits)


def check_way(session: Session) -> Receiver:
    """The receiver of a workspace, if something can be sent to it; raises `SdmxmigError` for what could never be."""
    receiver = receiver_of(session)
    receiver.channel.check()
    return receiver


def deliver(session: Session) -> Iterator[Dispatch]:
    """Do all that can be done now for the receiver of a workspace; gives each dispatch as it stands after its step."""
    receiver = check_way(session)
    with queue_of(session) as ledger:
        yield from work(ledger, spool_of(session), {receiver.target: receiver}, sender_here())


def reconcile(session: Session) -> tuple[Reconciled, ...]:
    """Hold what was sent to the receiver of a workspace against what it says that it has."""
    receiver = receiver_of(session)
    with queue_of(session) as ledger:
        return tuple(reconciling.reconcile(ledger, spool_of(session), receiver, sender_here()))


def sender_here() -> Sender:
    """This process, as who sends."""
    chance = random.SystemRandom().random
    return Sender(worker=worker_named(os.getpid()), now=moment, chance=chance, is_gone=is_gone)


def worker_named(pid: int) -> str:
    """The name of a process as a worker: its machine, its number, and when it began, since numbers come again.

    Where processes of a machine do not all see each other, as in containers, it is that of a part of the machine.
    """
    try:
        room = (PROCESSES / "self" / "ns" / "pid").readlink().name.strip("pid:[]")
        begun = process_begun(pid)
    except OSError:
        return f"{platform.node()}:{pid}"
    return f"{platform.node()}:{room}:{pid}:{begun}"


def process_begun(pid: int) -> str:
    """When a process began, by the clock of its machine; empty for one that has ended.

    Raises `OSError` where this system does not say it.
    """
    fields = (PROCESSES / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return "" if fields[0] in ENDED else fields[19]


def is_gone(worker: str) -> bool:
    """Whether a worker was a process of this machine that is no more; no where nobody can tell.

    >>> is_gone(worker_named(os.getpid())), is_gone("another machine:1:2:3")
    (False, False)
    """
    own, (place, _, number) = worker_named(os.getpid()), worker.rpartition(":")[0].rpartition(":")
    if not number.isdigit() or place.count(":") != 1 or not own.startswith(f"{place}:"):
        return False
    if not are_seen():
        return False
    try:
        return process_begun(int(number)) != worker.rpartition(":")[2]
    except OSError:
        return True


def are_seen() -> bool:
    """Whether processes of others are seen here: some systems show everybody only their own."""
    try:
        return bool(process_begun(1))
    except OSError:
        return False


def moment() -> Moment:
    """What this machine knows of the time."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    start = boot.read_text(encoding="ascii").strip() if boot.is_file() else f"{platform.node()} without a number"
    return Moment(wall=datetime.now(UTC), seconds=time.monotonic(), boot=start)


def standing(session: Session) -> Standing:
    """Where the deliveries of a workspace stand, after a look whether their senders are still at work."""
    with queue_of(session) as ledger:
        return Standing(
            cut=tuple(cut_off(session, ledger)),
            dispatches=tuple(dispatches(ledger)),
            paused=queue.paused(ledger, session.workspace.receiver),
            altered_line=altered_line(ledger),
        )


def cut_off(session: Session, ledger: Ledger) -> list[Dispatch]:
    """The dispatches whose senders have ended in the midst of them: from now on they are uncertain, for a quiet time.

    Those of a receiver that cannot be reached as it is written down stay as they are.
    """
    try:
        receiver = receiver_of(session)
    except SdmxmigError:
        return []
    known = queue.nobody_knows if receiver.channel.outlives else is_gone
    return queue.recover(ledger, moment(), receiver.habits, target=receiver.target, is_gone=known)


def row_of(dispatch: Dispatch) -> dict[str, object]:
    """A dispatch as lists show it."""
    return {
        "id": dispatch.id[:12],
        "receiver": dispatch.parcel.target,
        "submission": dispatch.parcel.submission,
        "state": dispatch.state,
        "since": dispatch.since.isoformat(timespec="seconds"),
        "attempts": dispatch.attempts,
        "waits for you": "yes" if dispatch.needs_person else "",
        "reason": dispatch.reason,
    }


def reconciled_row(each: Reconciled) -> dict[str, object]:
    """What came of asking for one file, as lists show it."""
    dispatch = each.dispatch
    is_settled = dispatch is not None and dispatch.state != each.before
    return {
        "id": dispatch.id[:12] if dispatch else "",
        "name": each.name,
        "here": f"{each.before}, now {dispatch.state}" if dispatch and is_settled else each.before,
        "at the receiver": each.verdict,
        "reason": each.reason,
    }


def withdraw(session: Session, name: str, reason: str, *, by: str = "") -> Dispatch:
    """Send something no more that waits; raises `SdmxmigError` for what has gone, or is on its way, and as `settle`."""
    check_may(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with queue_of(session) as ledger:
        return queue.withdraw(ledger, dispatch_named(ledger, name), reason, session.now)


def check_reason(reason: str) -> None:
    """Refuse to write into the journal that a person decided something, and not why."""
    if not reason.strip():
        raise SdmxmigError("No reason is given.", hint="Say in a few words why, with --because.")


def settle(session: Session, name: str, *, state: str, reason: str, receipt: bytes = b"", by: str = "") -> Dispatch:
    """Write down what a person found out about a dispatch; raises `SdmxmigError` where nobody has to decide.

    `receipt` is what the receiver gave them, such as a confirmation on the web: it is kept as it is. `by` is who says
    so: where several people work on the workspace, it takes somebody who sends.
    """
    check_may(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with queue_of(session) as ledger:
        check_known("state", state, queue.BY_PERSON)
        dispatch = dispatch_named(ledger, name)
        sha256 = spool.put_answer(spool_of(session), receipt)
        return queue.settle_by_person(ledger, dispatch, state=state, reason=reason, now=session.now, receipt=sha256)


def resume(session: Session, *, by: str = "") -> None:
    """Send to the receiver of a workspace again, after somebody who sends has looked why it was left alone."""
    check_may(session.workspace.folder, by, SENDS)
    with queue_of(session) as ledger:
        queue.resume(ledger, session.workspace.receiver)


def receipt_of(session: Session, name: str) -> bytes:
    """What the receiver answered to a dispatch, word for word; raises `SdmxmigError` if it has not answered."""
    with queue_of(session) as ledger:
        dispatch = dispatch_named(ledger, name)
    if not dispatch.receipt:
        raise SdmxmigError(f"The receiver has not answered to {dispatch.id[:12]} yet: it is {dispatch.state}.")
    return b"".join(pieces_of(spool_of(session), dispatch.receipt))
