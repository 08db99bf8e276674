"""Delivery: sending, asking, settling, withdrawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.sdmx.model.delivery import ACCEPTED, DEAD, READY, RECEIVED, SENDING, SENT, UNCERTAIN, WAITING, Dispatch
from sdmxmig.transmission.delivery import queue, reconciling, spool
from sdmxmig.transmission.delivery.ledger import Ledger, altered_line, dispatch_named, dispatches
from sdmxmig.transmission.delivery.reconciling import Reconciled
from sdmxmig.transmission.delivery.sending import work
from sdmxmig.transmission.delivery.spool import pieces_of
from sdmxmig.workspace.tasks.people import SENDS, check_may
from sdmxmig.workspace.tasks.reaching import check_way, is_gone, moment, queue_of, receiver_of, sender_here, spool_of

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

THERE, OPEN = (RECEIVED, ACCEPTED), (READY, SENDING, WAITING, SENT, UNCERTAIN, DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Dispatches and paused receivers; `altered_line` is the first tampered line, or 0."""

    dispatches: tuple[Dispatch, ...]
    cut: tuple[Dispatch, ...]
    paused: str
    altered_line: int


def deliver(session: Session) -> Iterator[Dispatch]:
    receiver = check_way(session)
    with queue_of(session) as ledger:
        yield from work(ledger, spool_of(session), {receiver.target: receiver}, sender_here())


def reconcile(session: Session) -> tuple[Reconciled, ...]:
    receiver = receiver_of(session)
    with queue_of(session) as ledger:
        return tuple(reconciling.reconcile(ledger, spool_of(session), receiver, sender_here()))


def standing(session: Session) -> Standing:
    with queue_of(session) as ledger:
        return Standing(
            cut=tuple(cut_off(session, ledger)),
            dispatches=tuple(dispatches(ledger)),
            paused=queue.paused(ledger, session.workspace.receiver),
            altered_line=altered_line(ledger),
        )


def cut_off(session: Session, ledger: Ledger) -> list[Dispatch]:
    """Find interrupted dispatches, now uncertain."""
    try:
        receiver = receiver_of(session)
    except SdmxmigError:
        return []
    known = queue.nobody_knows if receiver.channel.outlives else is_gone
    return queue.recover(ledger, moment(), receiver.habits, target=receiver.target, is_gone=known)


def row_of(dispatch: Dispatch) -> dict[str, object]:
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
    check_may(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with queue_of(session) as ledger:
        return queue.withdraw(ledger, dispatch_named(ledger, name), reason, session.now)


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise SdmxmigError("No reason is given.", hint="Add it with --because.")


def settle(session: Session, name: str, *, state: str, reason: str, receipt: bytes = b"", by: str = "") -> Dispatch:
    """Record a person's decision about a dispatch, with `receipt`.

    Raises `SdmxmigError` if none is needed or not permitted.
    """
    check_may(session.workspace.folder, by, SENDS)
    check_reason(reason)
    with queue_of(session) as ledger:
        check_known("state", state, queue.BY_PERSON)
        dispatch = dispatch_named(ledger, name)
        sha256 = spool.put_answer(spool_of(session), receipt)
        return queue.settle_by_person(ledger, dispatch, state=state, reason=reason, now=session.now, receipt=sha256)


def resume(session: Session, *, by: str = "") -> None:
    check_may(session.workspace.folder, by, SENDS)
    with queue_of(session) as ledger:
        queue.resume(ledger, session.workspace.receiver)


def receipt_of(session: Session, name: str) -> bytes:
    with queue_of(session) as ledger:
        dispatch = dispatch_named(ledger, name)
    if not dispatch.receipt:
        raise SdmxmigError(f"The receiver has not answered to {dispatch.id[:12]} yet: it is {dispatch.state}.")
    return b"".join(pieces_of(spool_of(session), dispatch.receipt))
