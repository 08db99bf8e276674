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
    Parcel,
    RetryPolicy,
)
from sdmxmig.transmission.delivery import spool
from sdmxmig.transmission.delivery.ledger import (
    Ledger,
    add_dispatch,
    change_state,
    find_lease,
    list_dispatches,
    open_transaction,
)
from sdmxmig.transmission.delivery.spool import Moment, create_lease, has_worker_ended

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

    The same content for the same receiver is the same dispatch, unless others came between. Supersedes older data that
    are waiting. Raises `SdmxmigError` for an unknown action, `OutputError` if it cannot be stored.
    """
    if parcel.action not in ACTIONS:
        raise SdmxmigError(f"There is no action “{parcel.action}”.", hint=f"Possible values: {', '.join(ACTIONS)}.")
    spool.store_content(folder, parcel.content, pieces)
    with open_transaction(ledger):
        before = find_same_data(ledger, parcel)
        counting = [dispatch for dispatch in before if dispatch.state not in END_STATES]
        for known in counting[-1:]:
            if (known.parcel.content, known.parcel.action) == (parcel.content, parcel.action):
                return known
        for waiting in counting:
            if waiting.state == READY and not waiting.attempts and is_superseded(waiting.parcel, parcel):
                change_state(ledger, waiting, now, state=SUPERSEDED, reason="Newer data of the same period are queued.")
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
        add_dispatch(ledger, dispatch)
    return dispatch


def is_superseded(waiting: Parcel, newer: Parcel) -> bool:
    return waiting.period == newer.period and waiting.action in SUPERSEDED_BY[newer.action]


def compute_id(parcel: Parcel, before: str) -> str:
    """Compute the id of a dispatch from content, target and predecessor; concurrent requests get the same id."""
    about = [parcel.target, parcel.flow, parcel.area, parcel.period, parcel.action, parcel.content, before]
    return hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()


def find_same_data(ledger: Ledger, parcel: Parcel) -> list[Dispatch]:
    return list_dispatches(ledger, SAME_DATA_CLAUSE, (parcel.target, parcel.flow, parcel.area))


def take_next(ledger: Ledger, moment: Moment, worker: str, habits: RetryPolicy, *, target: str) -> Dispatch | None:
    """Take the next dispatch of a receiver for one worker, or None; this is recorded before sending."""
    with open_transaction(ledger):
        if find_pause_reason(ledger, target):
            return None
        waiting = list_dispatches(ledger, "WHERE target = ? AND state = ?", (target, READY))
        for dispatch in waiting:
            if is_due(dispatch, moment) and is_first(ledger, dispatch):
                lease = create_lease(moment, worker, habits.lease)
                return change_state(
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
    ledger: Ledger, moment: Moment, habits: RetryPolicy, *, target: str, is_gone: Callable[[str], bool] = is_unknown
) -> list[Dispatch]:
    """Mark interrupted dispatches as uncertain if their lease has expired or their worker `is_gone`."""
    with open_transaction(ledger):
        cut = [
            dispatch
            for dispatch in list_dispatches(ledger, "WHERE target = ? AND state = ?", (target, SENDING))
            if (lease := find_lease(ledger, dispatch.id)) is None
            or has_worker_ended(lease, moment, is_gone=lease.boot == moment.boot and is_gone(lease.worker))
        ]
        quiet = create_lease(moment, "", habits.quiet)
        return [
            change_state(ledger, dispatch, moment.wall, lease=quiet, state=UNCERTAIN, reason=INTERRUPTED_NOTE)
            for dispatch in cut
        ]


def pause(ledger: Ledger, target: str, reason: str, now: datetime) -> None:
    ledger.rows("DELETE FROM pause WHERE target = ?", (target,))
    ledger.rows("INSERT INTO pause (target, reason, since) VALUES (?, ?, ?)", (target, reason, now.isoformat()))


def resume(ledger: Ledger, target: str) -> None:
    with open_transaction(ledger):
        ledger.rows("DELETE FROM pause WHERE target = ?", (target,))


def find_pause_reason(ledger: Ledger, target: str) -> str:
    rows = ledger.rows("SELECT reason FROM pause WHERE target = ?", (target,))
    return str(rows[0][0]) if rows else ""


def withdraw(ledger: Ledger, dispatch: Dispatch, reason: str, now: datetime) -> Dispatch:
    with open_transaction(ledger):
        return change_state(
            ledger, reload_dispatch(ledger, dispatch), now, state=WITHDRAWN, needs_person=False, reason=reason
        )


def record_decision(
    ledger: Ledger, dispatch: Dispatch, *, state: str, reason: str, now: datetime, receipt: str = ""
) -> Dispatch:
    with open_transaction(ledger):
        dispatch = reload_dispatch(ledger, dispatch)
        if state not in STATES_OPEN_TO_PERSON.get(dispatch.state, ()):
            message = (
                f"You can settle deliveries that are {', '.join(STATES_OPEN_TO_PERSON)}; this one is {dispatch.state}."
            )
            open_states = STATES_OPEN_TO_PERSON.get(dispatch.state, ())
            hint = f"It can become: {', '.join(open_states)}." if open_states else ""
            raise SdmxmigError(message, hint=hint or "sdmxmig status shows what each dispatch is waiting for.")
        changes: dict[str, Any] = {"state": state, "reason": reason, "receipt": receipt or dispatch.receipt}
        return change_state(ledger, dispatch, now, not_before=now, needs_person=False, **changes)


def reload_dispatch(ledger: Ledger, dispatch: Dispatch) -> Dispatch:
    return list_dispatches(ledger, "WHERE id = ?", (dispatch.id,))[0]
