"""Sending of dispatches, and reconciliation with receivers, which only reports differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    ASKABLE,
    DEAD,
    ENDS,
    KEYED,
    PERSON,
    READY,
    RECEIVED,
    SENDING,
    SENT,
    TRANSITIONS,
    UNCERTAIN,
    WAITING,
    Beyond,
    Channel,
    Dispatch,
    Outcome,
    RetryPolicy,
)
from sdmxmig.transmission.delivery import queue, spool
from sdmxmig.transmission.delivery.ledger import (
    Ledger,
    change_state,
    find_lease,
    list_dispatches,
    list_steps,
    open_transaction,
)
from sdmxmig.transmission.delivery.spool import Lease, Moment, create_lease, is_expired, starts_in_future

FIRST_WAIT, MAX_WAIT = 2.0, 900.0
"""First and longest wait in seconds; each up to twice the previous."""
SENT_STATES = (SENT, UNCERTAIN, RECEIVED, ACCEPTED)
UNSETTLED_STATES = (SENT, UNCERTAIN)
THERE, MISSING, OTHER, UNKNOWN, UNASKED = "there", "not there", "another file there", "unknown here", "cannot be asked"
NOT_SENT_NOTE = "No delivery of this queue sent it."
UNEXPECTED_RESULTS = (MISSING, OTHER, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Receiver:
    target: str
    channel: Channel
    habits: RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    worker: str
    now: Callable[[], Moment]
    chance: Callable[[], float]
    is_gone: Callable[[str], bool] = queue.is_unknown


def send_queued(ledger: Ledger, folder: Path, receivers: Mapping[str, Receiver], sender: Sender) -> Iterator[Dispatch]:
    for target in sorted(receivers):
        receiver = receivers[target]
        yield from queue.recover(ledger, sender.now(), receiver.habits, target=target, is_gone=sender.is_gone)
        for dispatch in list_dispatches(ledger, "WHERE target = ? AND state IN (?, ?)", (target, UNCERTAIN, SENT)):
            yield from resolve_uncertain(ledger, folder, receiver, sender, dispatch=dispatch)
        while taken := queue.take_next(ledger, sender.now(), sender.worker, receiver.habits, target=target):
            yield attempt_delivery(ledger, folder, receiver, sender, dispatch=taken)


def attempt_delivery(
    ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender, *, dispatch: Dispatch
) -> Dispatch:
    try:
        spool.check(folder, dispatch.parcel.content)
        outcome = receiver.channel.send(dispatch, spool.read_pieces(folder, dispatch.parcel.content))
    except (
        spool.DamagedSpoolFile
    ) as error:  # pieces_of keeps back the last piece, so that no receiver gets a whole file
        outcome = Outcome(state=DEAD, reason=str(error))
    except SdmxmigError as error:  # the request is impossible, such as an invalid address
        outcome = Outcome(state=READY, reason=str(error), pauses=True)
    except Exception as error:  # bytes may have been sent: the outcome is unknown for any error
        outcome = Outcome(state=UNCERTAIN, reason=describe_error(error))
    return settle(ledger, folder, receiver, sender, dispatch=dispatch, outcome=outcome)


def describe_error(error: Exception) -> str:
    word = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {word}" if word else type(error).__name__


def resolve_uncertain(
    ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender, *, dispatch: Dispatch
) -> Iterator[Dispatch]:
    """Resolve an uncertain dispatch after a quiet time: resend it if it has a key, otherwise query or ask a person."""
    quiet, moment, habits = find_lease(ledger, dispatch.id), sender.now(), receiver.habits
    if dispatch.needs_person:
        return
    if quiet is not None and starts_in_future(quiet, moment):  # the quiet time starts again
        outcome = Outcome(state=dispatch.state, reason=dispatch.reason)
        yield settle(ledger, folder, receiver, sender, dispatch=dispatch, outcome=outcome)
        return
    if quiet is not None and not is_expired(quiet, moment):
        return
    is_enough = has_exhausted_attempts(dispatch, find_first_attempt(ledger, dispatch), moment.wall, habits)
    if dispatch.state == UNCERTAIN and habits.repeat == KEYED and not is_enough:
        outcome = Outcome(state=READY, reason="It is sent again with its key, which the receiver accepts once.")
    elif habits.repeat == PERSON or (dispatch.state == UNCERTAIN and habits.repeat == KEYED):
        outcome = Outcome(state=UNCERTAIN, reason=dispatch.reason)
    else:
        outcome = receiver.channel.ask(dispatch)
    if outcome.state == READY and dispatch.state == SENT:
        outcome = Outcome(state=UNCERTAIN, reason="The receiver no longer has what it accepted.", answer=outcome.answer)
    yield settle(ledger, folder, receiver, sender, dispatch=dispatch, outcome=outcome)


def settle(
    ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender, *, dispatch: Dispatch, outcome: Outcome
) -> Dispatch:
    receipt = spool.store_receipt(folder, outcome.answer) or dispatch.receipt
    moment, habits = sender.now(), receiver.habits
    changes: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason, "receipt": receipt}
    quiet: Lease | None = None
    with open_transaction(ledger):
        there = queue.reload_dispatch(ledger, dispatch)
        if (there.state, there.attempts) != (dispatch.state, dispatch.attempts):
            return settle_after_sending(ledger, there, moment.wall, changes)
        if outcome.pauses:
            queue.pause(ledger, receiver.target, outcome.reason, moment.wall)
        if outcome.state == READY and dispatch.state == SENDING:
            changes |= plan_retry(ledger, dispatch, outcome, sender, habits=habits)
        elif outcome.state in (UNCERTAIN, SENT):
            quiet = create_lease(moment, "", habits.quiet)
            changes["needs_person"] = outcome.state == UNCERTAIN and needs_decision(ledger, dispatch, moment, habits)
        changes["needs_person"] = changes["state"] in (DEAD, WAITING) or changes.get("needs_person", False)
        return change_state(ledger, dispatch, moment.wall, lease=quiet, **changes)


def settle_after_sending(ledger: Ledger, there: Dispatch, now: datetime, changes: Mapping[str, Any]) -> Dispatch:
    if changes["state"] in ENDS and changes["state"] in TRANSITIONS[there.state]:
        return change_state(ledger, there, now, needs_person=False, **changes)
    return there


def plan_retry(
    ledger: Ledger, dispatch: Dispatch, outcome: Outcome, sender: Sender, *, habits: RetryPolicy
) -> dict[str, Any]:
    now = sender.now().wall
    if outcome.pauses:  # only the connection was tried
        return {"not_before": now, "attempts": dispatch.attempts - 1}
    if has_exhausted_attempts(dispatch, find_first_attempt(ledger, dispatch), now, habits):
        return {
            "state": DEAD,
            "needs_person": True,
            "reason": f"It was tried {dispatch.attempts} times. {outcome.reason}",
        }
    next_try = now + timedelta(seconds=compute_wait(dispatch.attempts, sender.chance(), outcome.wait))
    return {"not_before": next_try, "reason": outcome.reason}


def find_first_attempt(ledger: Ledger, dispatch: Dispatch) -> datetime:
    begun = dispatch.since
    for line in reversed(list_steps(ledger, dispatch.id)):
        if line["before"] == DEAD:
            break
        if line["after"] == SENDING:
            begun = datetime.fromisoformat(line["at"])
    return begun


def needs_decision(ledger: Ledger, dispatch: Dispatch, moment: Moment, habits: RetryPolicy) -> bool:
    if dispatch.state != UNCERTAIN:
        return False
    since = moment.wall
    for line in reversed(list_steps(ledger, dispatch.id)):
        if line["after"] != UNCERTAIN:
            break
        since = datetime.fromisoformat(line["at"])
    return habits.repeat != ASKABLE or moment.wall - since >= timedelta(hours=habits.hours)


def compute_wait(attempts: int, chance: float, asked: float | None) -> float:
    """Return the seconds to wait after failed attempts, at least `asked`; `chance` (0 to 1) spreads retries.

    >>> compute_wait(3, 1.0, None), compute_wait(30, 0.5, None), compute_wait(1, 0.0, asked=60.0)
    (8.0, 450.0, 60.0)
    """
    backed_off = chance * min(MAX_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 20))
    return max(backed_off, asked or 0.0)


def has_exhausted_attempts(dispatch: Dispatch, first_attempt: datetime, now: datetime, habits: RetryPolicy) -> bool:
    return dispatch.attempts >= habits.attempts or now - first_attempt >= timedelta(hours=habits.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    name: str
    verdict: str
    dispatch: Dispatch | None = None
    before: str = ""
    reason: str = ""


def reconcile(ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender) -> Iterator[Reconciliation]:
    """Reconcile with a receiver and settle uncertain dispatches; never resend."""
    listing = receiver.channel.listing
    listed = None if listing is None else frozenset(listing())
    known = list_dispatches(ledger, "WHERE target = ?", (receiver.target,))
    for dispatch in list_dispatches_to_ask(known, is_listed=listed is not None):
        yield reconcile_dispatch(ledger, folder, receiver, sender, dispatch=dispatch, listed=listed)
    names = {dispatch.parcel.name for dispatch in known}
    for name in sorted((listed or frozenset()) - names):
        yield Reconciliation(name=name, verdict=UNKNOWN, reason=NOT_SENT_NOTE)
    if receiver.channel.beyond is not None:
        yield from find_unknown_files(receiver, receiver.channel.beyond, known)


def find_unknown_files(receiver: Receiver, beyond: Beyond, known: Iterable[Dispatch]) -> Iterator[Reconciliation]:
    claimed = [dispatch for dispatch in known if dispatch.state in SENT_STATES]
    try:
        for name in beyond(claimed) if claimed else ():
            yield Reconciliation(name=name, verdict=UNKNOWN, reason=NOT_SENT_NOTE)
    except SdmxmigError as error:
        yield Reconciliation(name=receiver.target, verdict=UNASKED, reason=f"Its other files are unknown: {error}")


def list_dispatches_to_ask(known: list[Dispatch], *, is_listed: bool) -> list[Dispatch]:
    claimed = [dispatch for dispatch in known if dispatch.state in SENT_STATES]
    if is_listed:
        return claimed
    last = {(dispatch.parcel.flow, dispatch.parcel.area): dispatch for dispatch in claimed}
    return [dispatch for dispatch in claimed if dispatch.state in UNSETTLED_STATES or dispatch in last.values()]


def reconcile_dispatch(
    ledger: Ledger,
    folder: Path,
    receiver: Receiver,
    sender: Sender,
    *,
    dispatch: Dispatch,
    listed: frozenset[str] | None,
) -> Reconciliation:
    name, before = dispatch.parcel.name, dispatch.state
    if listed is None and receiver.habits.repeat != ASKABLE:
        reason = "This receiver is not declared as one that can be asked (repeat)."
        return Reconciliation(name=name, verdict=UNASKED, dispatch=dispatch, before=before, reason=reason)
    try:
        outcome = receiver.channel.ask(dispatch)
    except SdmxmigError as error:
        return Reconciliation(name=name, verdict=UNASKED, dispatch=dispatch, before=before, reason=str(error))
    verdict = compare_delivery(outcome, before, is_listed=listed is not None and name in listed)
    if outcome.state in ENDS and outcome.state in TRANSITIONS[before]:
        dispatch = settle(ledger, folder, receiver, sender, dispatch=dispatch, outcome=outcome)
    return Reconciliation(name=name, verdict=verdict, dispatch=dispatch, before=before, reason=outcome.reason)


def compare_delivery(outcome: Outcome, before: str, *, is_listed: bool) -> str:
    if outcome.state in ENDS:
        return THERE
    if outcome.state == READY:
        return MISSING
    if is_listed and outcome.state == UNCERTAIN:
        return OTHER
    return THERE if outcome.state == SENT == before else UNASKED
