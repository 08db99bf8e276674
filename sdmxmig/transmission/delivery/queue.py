"""Queue of dispatches, in order per receiver."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    ACTIONS,
    DEAD,
    IN_FLIGHT,
    READY,
    RECEIVED,
    REJECTED,
    SENDING,
    SUPERSEDED,
    SUPERSEDED_BY,
    UNCERTAIN,
    WAITING,
    WITHDRAWN,
    Dispatch,
    Habits,
    Parcel,
)
from sdmxmig.transmission.delivery import spool
from sdmxmig.transmission.delivery.ledger import Ledger, add, find_lease, list_dispatches, move, step
from sdmxmig.transmission.delivery.spool import Moment, has_ended, lease_until

SAME_DATA_CLAUSE = "WHERE target = ? AND flow = ? AND area = ?"
END_STATES = (REJECTED, WITHDRAWN, SUPERSEDED)
STATES_SET_BY_PERSON = (RECEIVED, ACCEPTED, REJECTED, READY)
STATES_OPEN_TO_PERSON = {
    WAITING: STATES_SET_BY_PERSON,
    UNCERTAIN: STATES_SET_BY_PERSON,
    DEAD: (READY,),
    RECEIVED: (ACCEPTED, REJECTED),
}
INTERRUPTED_NOTE = "The sender ended during the delivery."


def is_unknown(_: str) -> bool:
    return False


def enqueue(
    ledger: Ledger, folder: Path, parcel: Parcel, pieces: Iterable[bytes], *, now: datetime, reason: str = ""
) -> Dispatch:
    """Queue a parcel.

    Same content and receiver is the same dispatch unless others came between. Supersedes waiting older data. Raises
    `SdmxmigError` for an unknown action, `OutputError` if it cannot be stored.
    """
    if parcel.action not in ACTIONS:
        raise SdmxmigError(f"There is no action “{parcel.action}”.", hint=f"Possible values: {', '.join(ACTIONS)}.")
    spool.store_content(folder, parcel.content, pieces)
    with step(ledger):
        before = find_same_data(ledger, parcel)
        counting = [dispatch for dispatch in before if dispatch.state not in END_STATES]
        for known in counting[-1:]:
            if (known.parcel.content, known.parcel.action) == (parcel.content, parcel.action):
                return known
        for waiting in counting:
            if waiting.state == READY and not waiting.attempts and is_superseded(waiting.parcel, parcel):
                move(ledger, waiting, now, state=SUPERSEDED, reason="Newer data of the same period are queued.")
        number = ledger.rows("SELECT coalesce(max(number), 0) + 1 FROM dispatch")[0][0]
        dispatch = Dispatch(
            id=compute_id(parcel, before[-1].id if before else ""),
            number=number,
            parcel=parcel,
            state=READY,
            not_before=now,
            since=now,
            reason=reason,
        )
        add(ledger, dispatch)
    return dispatch


def is_superseded(waiting: Parcel, newer: Parcel) -> bool:
    return waiting.period == newer.period and waiting.action in SUPERSEDED_BY[newer.action]


def compute_id(parcel: Parcel, before: str) -> str:
    """Compute the id of a dispatch from content, target and predecessor, so that concurrent promises coincide."""
    about = [parcel.target, parcel.flow, parcel.area, parcel.period, parcel.action, parcel.content, before]
    return hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()


def find_same_data(ledger: Ledger, parcel: Parcel) -> list[Dispatch]:
    return list_dispatches(ledger, SAME_DATA_CLAUSE, (parcel.target, parcel.flow, parcel.area))


def take(ledger: Ledger, moment: Moment, worker: str, habits: Habits, *, target: str) -> Dispatch | None:
    """Take the next dispatch of a receiver for one worker, or None; recorded before sending."""
    with step(ledger):
        if find_pause_reason(ledger, target):
            return None
        waiting = list_dispatches(ledger, "WHERE target = ? AND state = ?", (target, READY))
        for dispatch in waiting:
            if is_due(dispatch, moment) and is_first(ledger, dispatch):
                lease = lease_until(moment, worker, habits.lease)
                return move(
                    ledger, dispatch, moment.wall, lease=lease, state=SENDING, attempts=dispatch.attempts + 1, reason=""
                )
    return None


def is_due(dispatch: Dispatch, moment: Moment) -> bool:
    return dispatch.not_before <= moment.wall or moment.wall < dispatch.since


def is_first(ledger: Ledger, dispatch: Dispatch) -> bool:
    unsettled = (*IN_FLIGHT, READY)
    return not any(
        other.number < dispatch.number and other.state in unsettled for other in find_same_data(ledger, dispatch.parcel)
    )


def recover(
    ledger: Ledger, moment: Moment, habits: Habits, *, target: str, is_gone: Callable[[str], bool] = is_unknown
) -> list[Dispatch]:
    """Mark interrupted dispatches as uncertain, by lease or `is_gone`."""
    with step(ledger):
        cut = [
            dispatch
            for dispatch in list_dispatches(ledger, "WHERE target = ? AND state = ?", (target, SENDING))
            if (lease := find_lease(ledger, dispatch.id)) is None
            or has_ended(lease, moment, is_gone=lease.boot == moment.boot and is_gone(lease.worker))
        ]
        quiet = lease_until(moment, "", habits.quiet)
        return [
            move(ledger, dispatch, moment.wall, lease=quiet, state=UNCERTAIN, reason=INTERRUPTED_NOTE)
            for dispatch in cut
        ]


def pause(ledger: Ledger, target: str, reason: str, now: datetime) -> None:
    ledger.rows("DELETE FROM pause WHERE target = ?", (target,))
    ledger.rows("INSERT INTO pause (target, reason, since) VALUES (?, ?, ?)", (target, reason, now.isoformat()))


def resume(ledger: Ledger, target: str) -> None:
    with step(ledger):
        ledger.rows("DELETE FROM pause WHERE target = ?", (target,))


def find_pause_reason(ledger: Ledger, target: str) -> str:
    rows = ledger.rows("SELECT reason FROM pause WHERE target = ?", (target,))
    return str(rows[0][0]) if rows else ""


def withdraw(ledger: Ledger, dispatch: Dispatch, reason: str, now: datetime) -> Dispatch:
    with step(ledger):
        return move(ledger, reload_dispatch(ledger, dispatch), now, state=WITHDRAWN, needs_person=False, reason=reason)


def settle_by_person(
    ledger: Ledger, dispatch: Dispatch, *, state: str, reason: str, now: datetime, receipt: str = ""
) -> Dispatch:
    with step(ledger):
        dispatch = reload_dispatch(ledger, dispatch)
        if state not in STATES_OPEN_TO_PERSON.get(dispatch.state, ()):
            message = (
                f"You can settle deliveries that are {', '.join(STATES_OPEN_TO_PERSON)}; this one is {dispatch.state}."
            )
            open_states = STATES_OPEN_TO_PERSON.get(dispatch.state, ())
            hint = f"It can become: {', '.join(open_states)}." if open_states else ""
            raise SdmxmigError(message, hint=hint or "sdmxmig status shows what each dispatch is waiting for.")
        changes: dict[str, Any] = {"state": state, "reason": reason, "receipt": receipt or dispatch.receipt}
        return move(ledger, dispatch, now, not_before=now, needs_person=False, **changes)


def reload_dispatch(ledger: Ledger, dispatch: Dispatch) -> Dispatch:
    return list_dispatches(ledger, "WHERE id = ?", (dispatch.id,))[0]
