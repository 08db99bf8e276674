"""Reconciliation with receivers; differences are reported only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    ASKABLE,
    ENDS,
    READY,
    RECEIVED,
    SENT,
    TRANSITIONS,
    UNCERTAIN,
    Beyond,
    Dispatch,
    Outcome,
)
from sdmxmig.transmission.delivery.ledger import Ledger, dispatches
from sdmxmig.transmission.delivery.sending import Receiver, Sender, settle

CLAIMED = (SENT, UNCERTAIN, RECEIVED, ACCEPTED)
"""Where a dispatch is at its receiver, or may be."""
OPEN = (SENT, UNCERTAIN)
THERE, MISSING, OTHER, UNKNOWN, UNASKED = "there", "not there", "another file there", "unknown here", "cannot be asked"
UNBROUGHT = "No dispatch of this queue has brought it."
TO_LOOK_AT = (MISSING, OTHER, UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A reconciled dispatch or foreign file."""

    name: str
    verdict: str
    dispatch: Dispatch | None = None
    before: str = ""
    reason: str = ""


def reconcile(ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender) -> Iterator[Reconciled]:
    """Reconcile with a receiver.

    Settles uncertain dispatches; never resends.
    """
    listing = receiver.channel.listing
    listed = None if listing is None else frozenset(listing())
    known = dispatches(ledger, "WHERE target = ?", (receiver.target,))
    for dispatch in asked_for(known, is_listed=listed is not None):
        yield reconciled(ledger, folder, receiver, sender, dispatch=dispatch, listed=listed)
    names = {dispatch.parcel.name for dispatch in known}
    for name in sorted((listed or frozenset()) - names):
        yield Reconciled(name=name, verdict=UNKNOWN, reason=UNBROUGHT)
    if receiver.channel.beyond is not None:
        yield from others_there(receiver, receiver.channel.beyond, known)


def others_there(receiver: Receiver, beyond: Beyond, known: Iterable[Dispatch]) -> Iterator[Reconciled]:
    claimed = [dispatch for dispatch in known if dispatch.state in CLAIMED]
    try:
        for name in beyond(claimed) if claimed else ():
            yield Reconciled(name=name, verdict=UNKNOWN, reason=UNBROUGHT)
    except SdmxmigError as error:
        yield Reconciled(name=receiver.target, verdict=UNASKED, reason=f"Its other files are unknown: {error}")


def asked_for(known: list[Dispatch], *, is_listed: bool) -> list[Dispatch]:
    claimed = [dispatch for dispatch in known if dispatch.state in CLAIMED]
    if is_listed:
        return claimed
    last = {(dispatch.parcel.flow, dispatch.parcel.area): dispatch for dispatch in claimed}
    return [dispatch for dispatch in claimed if dispatch.state in OPEN or dispatch in last.values()]


def reconciled(
    ledger: Ledger,
    folder: Path,
    receiver: Receiver,
    sender: Sender,
    *,
    dispatch: Dispatch,
    listed: frozenset[str] | None,
) -> Reconciled:
    name, before = dispatch.parcel.name, dispatch.state
    if listed is None and receiver.habits.repeat != ASKABLE:
        reason = "This receiver is not declared as one that can be asked (repeat)."
        return Reconciled(name=name, verdict=UNASKED, dispatch=dispatch, before=before, reason=reason)
    try:
        outcome = receiver.channel.ask(dispatch)
    except SdmxmigError as error:
        return Reconciled(name=name, verdict=UNASKED, dispatch=dispatch, before=before, reason=str(error))
    verdict = verdict_on(outcome, before, is_listed=listed is not None and name in listed)
    if outcome.state in ENDS and outcome.state in TRANSITIONS[before]:
        dispatch = settle(ledger, folder, receiver, sender, dispatch=dispatch, outcome=outcome)
    return Reconciled(name=name, verdict=verdict, dispatch=dispatch, before=before, reason=outcome.reason)


def verdict_on(outcome: Outcome, before: str, *, is_listed: bool) -> str:
    if outcome.state in ENDS:
        return THERE
    if outcome.state == READY:
        return MISSING
    if is_listed and outcome.state == UNCERTAIN:
        return OTHER
    return THERE if outcome.state == SENT == before else UNASKED
