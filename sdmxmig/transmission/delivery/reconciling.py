"""Reconciling: what stands here beside what a receiver says that it has; what differs is told, and never put right."""

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
"""What a person has to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A dispatch, or a file of the receiver that no dispatch has brought, and what came of asking for it.

    `before` is where the dispatch stood; it stands elsewhere now only if the answer has settled it.
    """

    name: str
    verdict: str
    dispatch: Dispatch | None = None
    before: str = ""
    reason: str = ""


def reconcile(ledger: Ledger, folder: Path, receiver: Receiver, sender: Sender) -> Iterator[Reconciled]:
    """Ask a receiver for all that it was sent and, where it can be listed or asked for that, for what else it has.

    What was open is settled by an answer that says where it ended; of what it does not have, nothing is sent again
    here, since it may be about to have it. Of what was received it may say that it took it over, or refused it. All
    else stays as it is, whatever the receiver says. `folder` is the spool.
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
    """What a receiver has that nothing has brought which is there, or may be; or that it does not say so."""
    claimed = [dispatch for dispatch in known if dispatch.state in CLAIMED]
    try:
        for name in beyond(claimed) if claimed else ():
            yield Reconciled(name=name, verdict=UNKNOWN, reason=UNBROUGHT)
    except SdmxmigError as error:
        yield Reconciled(name=receiver.target, verdict=UNASKED, reason=f"What else it has is not known: {error}")


def asked_for(known: list[Dispatch], *, is_listed: bool) -> list[Dispatch]:
    """The dispatches that a receiver should have: all of them where files lie side by side, else the last of each."""
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
    """What came of asking for one dispatch."""
    name, before = dispatch.parcel.name, dispatch.state
    if listed is None and receiver.habits.repeat != ASKABLE:
        reason = "Nothing says that this receiver can be asked (repeat)."
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
    """What an answer says of a file: it is there, it is not, another one lies there, or nobody can tell."""
    if outcome.state in ENDS:
        return THERE
    if outcome.state == READY:
        return MISSING
    if is_listed and outcome.state == UNCERTAIN:
        return OTHER
    return THERE if outcome.state == SENT == before else UNASKED
