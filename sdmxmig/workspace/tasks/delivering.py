"""Delivering: what was promised is sent, asked about, settled and withdrawn; and where each dispatch stands."""

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
from sdmxmig.workspace.tasks.reaching import check_way, queue_of, receiver_of, spool_of
from sdmxmig.workspace.tasks.workers import is_gone, moment, sender_here

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

THERE, OPEN = (RECEIVED, ACCEPTED), (READY, SENDING, WAITING, SENT, UNCERTAIN, DEAD)
"""Where a dispatch has reached its receiver, and where it has not, as far as anybody knows."""


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
