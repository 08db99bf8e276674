"""Delivery of submissions: queue, send, check, settle and withdraw."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from sdmxmig.io.publishing.files import stage_file
from sdmxmig.primitives.errors import SdmxmigError, check_known, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.delivery import (
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
)
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES, SubmissionPart
from sdmxmig.transmission.delivery import queue, sending, spool
from sdmxmig.transmission.delivery.ledger import Ledger, find_dispatch, find_tampered_line, list_dispatches
from sdmxmig.transmission.delivery.sending import Reconciliation, send_queued
from sdmxmig.transmission.delivery.spool import PIECE_BYTES, read_pieces
from sdmxmig.workspace.folder import COUNTRY_FILE
from sdmxmig.workspace.requests.tasks import SendRequest
from sdmxmig.workspace.tasks.approvals import SENDS, check_may_send, check_permission
from sdmxmig.workspace.tasks.delivery_setup import (
    build_receiver,
    check_route,
    find_route,
    find_sender,
    find_spool,
    is_gone,
    open_queue,
    read_moment,
)
from sdmxmig.workspace.tasks.dispatch_confirmations import (
    KnownData,
    check_not_older,
    check_not_withdrawn,
    describe_newer_data,
    find_newest_other,
    list_accepted,
    list_withdrawn,
)
from sdmxmig.workspace.tasks.revising import AcceptedComparison, compare_with_accepted, revise
from sdmxmig.workspace.tasks.sealed_submissions import (
    SealedSubmission,
    list_submissions,
    select_submission,
    write_archive,
)
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.verifying import refuse_differences, verify

ANY_FLOW = "*"
"""The dataflow of a dispatch that brings a whole submission."""
ARCHIVE_TYPE = "application/zip"


def queue_submission(
    session: Session, request: SendRequest | None = None, comparison: AcceptedComparison | None = None
) -> tuple[Dispatch, ...]:
    """Queue a sealed submission or its changes.

    Raises `SdmxmigError` for missing seals or permission, changed files, unconfirmed deletions, older or withdrawn
    data, and like `revise`.
    """
    request = request or SendRequest()
    submission = choose_delivery(session, request.submission)
    check_may_send(session, submission.id, request.by)
    check_intact(submission)
    check_route(session)
    sent = list_sent_before(session, submission)
    if not request.action and not request.submission and (begun := list_begun_dispatches(submission, sent)):
        return begun
    check_not_withdrawn(submission, sent, is_meant=request.again)
    newer = find_newer_data(session, request, comparison)
    check_not_older(submission, newer, is_meant=request.older)
    if request.action == DELETE:
        check_deletions((comparison or compare_with_accepted(session, submission)).deleted, request.deletions)
    if request.action not in ("", REPLACE):
        submission = revise(session, submission, request.action)
        check_intact(submission)
    return queue_messages(session, submission, why=describe_newer_data(submission, newer) if newer else "")


def check_intact(submission: SealedSubmission) -> None:
    hint = f"sdmxmig verify {submission.folder} shows the differences. Seal it again."
    refuse_differences(verify(submission.folder), Place(submission.id), hint)


def check_deletions(count: int, confirmed: int | None) -> None:
    if count != confirmed:
        seen = "this is not confirmed" if confirmed is None else f"{confirmed} were confirmed"
        message = f"{write_count(count, 'observation')} would be deleted at the receiver, and {seen}."
        raise SdmxmigError(message, hint=f"Check them with --dry-run, then add --deletions {count}.")


def list_sent_before(session: Session, submission: SealedSubmission) -> tuple[Dispatch, ...]:
    with open_queue(session) as ledger:
        where = "WHERE target = ? AND area = ?"
        return tuple(list_dispatches(ledger, where, (submission.receiver, session.workspace.country.area)))


def list_begun_dispatches(submission: SealedSubmission, sent: Iterable[Dispatch]) -> tuple[Dispatch, ...]:
    counting = [dispatch for dispatch in sent if dispatch.state not in queue.END_STATES]
    last = counting[-1].parcel if counting else None
    if last is None or (last.revises != submission.id and not list_withdrawn(submission, sent)):
        return ()
    if submission.id not in (last.submission, last.revises):
        return ()
    return tuple(dispatch for dispatch in counting if dispatch.parcel.submission == last.submission)


def find_newer_data(session: Session, request: SendRequest, comparison: AcceptedComparison | None) -> KnownData | None:
    submission = choose_delivery(session, request.submission)
    accepted = list_accepted(comparison or compare_with_accepted(session, submission))
    return find_newest_other(submission, accepted, list_sent_before(session, submission), request.action)


def queue_messages(session: Session, submission: SealedSubmission, why: str = "") -> tuple[Dispatch, ...]:
    channel = build_receiver(session).channel
    kinds, action = channel.takes, choose_action(session, channel)
    if submission.revises:
        action = submission.action
        if kinds and DATA not in kinds:
            raise SdmxmigError(f"{submission.receiver} gets no data this way, but {' and '.join(kinds)}.")
    with open_queue(session, can_create=True) as ledger, open_archive(session, submission) as (archive, sha256):

        def enqueue(parcel: Parcel, file: BinaryIO) -> Dispatch:
            return queue.enqueue(ledger, find_spool(session), parcel, list_pieces(file), now=session.now, reason=why)

        whole = Parcel(
            target=submission.receiver,
            flow=ANY_FLOW,
            area=session.workspace.country.area,
            period="",
            content=sha256,
            name=f"{submission.id}.zip",
            media_type=ARCHIVE_TYPE,
            size=archive.seek(0, os.SEEK_END),
            submission=submission.id,
            action=submission.action,
            revises=submission.revises,
            prepared=submission.prepared,
        )
        if not kinds:
            return (enqueue(whole, archive),)
        spool.store_content(find_spool(session), sha256, list_pieces(archive))
        parts = [part for part in submission.parts if find_kind(part.name) in kinds]
        dispatches = []
        for part in sorted(parts, key=lambda part: (kinds.index(find_kind(part.name)), part.name)):
            with (submission.folder / part.name).open("rb") as file:
                dispatches.append(enqueue(build_part_parcel(whole, part, action), file))
        return tuple(dispatches)


def build_part_parcel(whole: Parcel, part: SubmissionPart, action: str) -> Parcel:
    """Describe one message of a submission; the same message of the next submission waits for it."""
    day = whole.prepared[:10].replace("-", "")
    return replace(
        whole,
        flow=part.name.replace(day, "") if day else part.name,
        content=part.sha256,
        name=PurePosixPath(part.name).name,
        media_type=part.media_type,
        size=part.size,
        whole=whole.content,
        has_data=find_kind(part.name) == DATA,
        action=action,
    )


@contextmanager
def open_archive(session: Session, submission: SealedSubmission) -> Iterator[tuple[BinaryIO, str]]:
    folder = find_spool(session)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{submission.id}.zip"
    with stage_file(path, spool.FOLDER_OPTION) as file:
        write_archive(submission, file)
    try:
        with path.open("rb") as file:
            yield file, hashlib.file_digest(file, "sha256").hexdigest()
    finally:
        path.unlink(missing_ok=True)


def choose_action(session: Session, channel: Channel) -> str:
    action = dict(find_route(session).more).get("action", REPLACE)
    if action not in channel.actions:
        place = Place(str(session.workspace.folder / COUNTRY_FILE))
        message = f"This receiver does not support the action “{action}”."
        raise SdmxmigError(message, place, hint=f"Write action with one of: {', '.join(channel.actions)}.")
    return action


def find_kind(name: str) -> str:
    """Return the message kind of a part; empty for other parts.

    >>> find_kind("data/DF_POP_GE.csv"), find_kind("structures.sdmx-ml-3.0.xml"), find_kind("cover-letter.txt")
    ('data', 'structures', '')
    """
    beginning = re.split(r"[./]", name, maxsplit=1)[0]
    return beginning if beginning in (DATA, STRUCTURES, METADATA) else ""


def choose_delivery(session: Session, name: str) -> SealedSubmission:
    sealed = list_submissions(session)
    if not sealed:
        hint = f"Seal it first: sdmxmig package {quote_path(session.workspace.folder)}"
        raise SdmxmigError("No submission has been sealed yet.", Place(str(session.out)), hint)
    return select_submission(sealed, name) if name else sealed[0]


def list_pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece


THERE, OPEN_STATES = (RECEIVED, ACCEPTED), (READY, SENDING, WAITING, SENT, UNCERTAIN, DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """Dispatches and paused receivers; `altered_line` is the first tampered line of the journal, or 0."""

    dispatches: tuple[Dispatch, ...]
    cut: tuple[Dispatch, ...]
    paused: str
    altered_line: int


def deliver(session: Session) -> Iterator[Dispatch]:
    receiver = check_route(session)
    with open_queue(session) as ledger:
        yield from send_queued(ledger, find_spool(session), {receiver.target: receiver}, find_sender())


def reconcile(session: Session) -> tuple[Reconciliation, ...]:
    receiver = build_receiver(session)
    with open_queue(session) as ledger:
        return tuple(sending.reconcile(ledger, find_spool(session), receiver, find_sender()))


def read_delivery_status(session: Session) -> DeliveryStatus:
    with open_queue(session) as ledger:
        return DeliveryStatus(
            cut=tuple(recover_interrupted(session, ledger)),
            dispatches=tuple(list_dispatches(ledger)),
            paused=queue.find_pause_reason(ledger, session.workspace.receiver),
            altered_line=find_tampered_line(ledger),
        )


def recover_interrupted(session: Session, ledger: Ledger) -> list[Dispatch]:
    try:
        receiver = build_receiver(session)
    except SdmxmigError:
        return []
    return queue.recover(ledger, read_moment(), receiver.habits, target=receiver.target, is_gone=is_gone)


def build_row(dispatch: Dispatch) -> dict[str, object]:
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


def build_reconciled_row(each: Reconciliation) -> dict[str, object]:
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
    check_permission(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with open_queue(session) as ledger:
        return queue.withdraw(ledger, find_dispatch(ledger, name), reason, session.now)


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise SdmxmigError("No reason is given.", hint="Add it with --because.")


def settle(session: Session, name: str, *, state: str, reason: str, receipt: bytes = b"", by: str = "") -> Dispatch:
    """Record a person's decision about a dispatch; raise `SdmxmigError` if none is needed or permitted."""
    check_permission(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with open_queue(session) as ledger:
        check_known("state", state, queue.STATES_SET_BY_PERSON)
        dispatch = find_dispatch(ledger, name)
        sha256 = spool.store_receipt(find_spool(session), receipt)
        return queue.record_decision(ledger, dispatch, state=state, reason=reason, now=session.now, receipt=sha256)


def resume(session: Session, *, by: str = "") -> None:
    check_permission(session.workspace.folder, by, SENDS)
    with open_queue(session) as ledger:
        queue.resume(ledger, session.workspace.receiver)


def find_receipt(session: Session, name: str) -> bytes:
    with open_queue(session) as ledger:
        dispatch = find_dispatch(ledger, name)
    if not dispatch.receipt:
        raise SdmxmigError(f"The receiver has not answered about {dispatch.id[:12]} yet: it is {dispatch.state}.")
    return b"".join(read_pieces(find_spool(session), dispatch.receipt))
