"""Ledger of dispatches and journal in SQLite.

Each step is a transaction with a hash-chained journal line. SQLite uses a rollback journal with ``synchronous=EXTRA``,
since a write-ahead log could hide the queue on a full disk.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from sdmxmig.primitives.errors import InputError, OutputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.delivery import TRANSITIONS, Dispatch
from sdmxmig.transmission.delivery.spool import Lease

LOCK_SECONDS = 30.0
SCHEMA_STATEMENTS = (
    """CREATE TABLE IF NOT EXISTS dispatch (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, flow TEXT NOT NULL,
        area TEXT NOT NULL, state TEXT NOT NULL, not_before TEXT NOT NULL, parcel TEXT NOT NULL,
        attempts INTEGER NOT NULL, since TEXT NOT NULL, receipt TEXT NOT NULL, reason TEXT NOT NULL,
        needs_person INTEGER NOT NULL, lease TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS dispatch_order ON dispatch (target, flow, area, number)",
    "CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, dispatch TEXT NOT NULL, line TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS journal_of ON journal (dispatch, number)",
    "CREATE TABLE IF NOT EXISTS pause (target TEXT PRIMARY KEY, reason TEXT NOT NULL, since TEXT NOT NULL)",
)
STATE_COLUMNS = ("state", "attempts", "not_before", "since", "receipt", "reason", "needs_person")
"""Columns that a step changes."""
DISPATCH_COLUMNS = ("number", "id", "parcel", *STATE_COLUMNS)


ENTRY_FIELDS = frozenset({"number", "at", "dispatch", "before", "after", "reason", "previous"})


class TamperedJournal(InputError):  # noqa: N818 - the name says what is the matter
    """The journal has been tampered with."""


class IllegalTransition(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """An invalid state transition."""


@dataclass(frozen=True, slots=True)
class Ledger:
    connection: sqlite3.Connection
    path: Path

    def rows(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise translate_error(error, self.path) from None


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Open or create the ledger; raise `OutputError` if impossible, `InputError` for other files."""
    ledger = Ledger(open_connection(path), path)
    try:
        with open_transaction(ledger):
            for statement in SCHEMA_STATEMENTS:
                ledger.rows(statement)
        yield ledger
    finally:
        ledger.connection.close()


def open_connection(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=EXTRA")
    except sqlite3.DatabaseError as error:
        raise translate_error(error, path) from None
    except OSError as error:
        raise OutputError(f"The queue cannot be stored here: {error.strerror}.", Place(str(path))) from None
    return connection


def translate_error(error: sqlite3.Error, path: Path) -> SdmxmigError:
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return InputError(f"This is not a queue: {error}.", Place(str(path)), "Restore the file from a copy.")
    hint = "Queued deliveries are not lost: they continue when the queue can be written."
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return OutputError(f"The queue cannot be written: {reason}.", Place(str(path)), hint)


@contextmanager
def open_transaction(ledger: Ledger) -> Iterator[None]:
    try:
        ledger.rows("BEGIN IMMEDIATE")
        yield
        ledger.rows("COMMIT")
    except BaseException:
        with suppress(SdmxmigError):  # a lost database rolls back by itself
            ledger.rows("ROLLBACK")
        raise


def list_dispatches(ledger: Ledger, where: str = "", values: Iterable[object] = ()) -> list[Dispatch]:
    sql = f"SELECT {', '.join(DISPATCH_COLUMNS)} FROM dispatch {where} ORDER BY number"  # noqa: S608 - all of it is ours
    return [read_dispatch(row) for row in ledger.rows(sql, values)]


def read_dispatch(row: tuple[Any, ...]) -> Dispatch:
    values = dict(zip(DISPATCH_COLUMNS, row, strict=True))
    return msgspec.convert({**values, "parcel": msgspec.json.decode(values["parcel"])}, Dispatch, strict=False)


def find_dispatch(ledger: Ledger, name: str) -> Dispatch:
    matching = list_dispatches(ledger, "WHERE substr(id, 1, ?) = ?", (len(name), name)) if name else []
    if len(matching) != 1:
        none, several = f"There is no delivery “{name}”.", f"Several deliveries begin with “{name}”."
        raise SdmxmigError(several if matching else none, hint="sdmxmig status lists them all.")
    return matching[0]


def add_dispatch(ledger: Ledger, dispatch: Dispatch) -> None:
    check_step("", dispatch.state)
    about = dispatch.parcel
    parcel = json.dumps(asdict(about), default=str, sort_keys=True)
    ledger.rows(
        f"INSERT INTO dispatch (number, id, target, flow, area, parcel, lease, {', '.join(STATE_COLUMNS)})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (dispatch.number, dispatch.id, about.target, about.flow, about.area, parcel, "", *list_state_values(dispatch)),
    )
    write_line(ledger, dispatch, "", {"content": about.content, "submission": about.submission})


def change_state(
    ledger: Ledger, dispatch: Dispatch, now: datetime, *, lease: Lease | None = None, **changes: Any
) -> Dispatch:
    check_step(dispatch.state, changes["state"])
    moved = replace(dispatch, since=now, **changes)
    ledger.rows(
        f"UPDATE dispatch SET {' = ?, '.join(STATE_COLUMNS)} = ?, lease = ? WHERE id = ?",  # noqa: S608 - all of it is ours
        (*list_state_values(moved), json.dumps(asdict(lease)) if lease else "", moved.id),
    )
    write_line(ledger, moved, dispatch.state, {"receipt": moved.receipt} if moved.receipt != dispatch.receipt else {})
    return moved


def list_state_values(dispatch: Dispatch) -> list[object]:
    values = (getattr(dispatch, name) for name in STATE_COLUMNS)
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def check_step(before: str, after: str) -> None:
    if after not in TRANSITIONS[before]:
        message = f"A delivery that is {before or 'not in the queue'} cannot become {after}."
        raise IllegalTransition(message, hint=f"It can become: {', '.join(TRANSITIONS[before]) or 'nothing else'}.")


def find_lease(ledger: Ledger, id_: str) -> Lease | None:
    text = ledger.rows("SELECT lease FROM dispatch WHERE id = ?", (id_,))[0][0]
    return msgspec.json.decode(text, type=Lease) if text else None


def write_line(ledger: Ledger, dispatch: Dispatch, before: str, more: Mapping[str, object]) -> None:
    last = ledger.rows("SELECT number, line FROM journal ORDER BY number DESC LIMIT 1")
    number, line = last[0] if last else (0, "")
    entry = {
        "number": number + 1,
        "at": dispatch.since.isoformat(),
        "dispatch": dispatch.id,
        "before": before,
        "after": dispatch.state,
        "attempts": dispatch.attempts,
        "reason": dispatch.reason,
        **more,
        "previous": hashlib.sha256(line.encode()).hexdigest() if line else "",
    }
    text = json.dumps(entry, ensure_ascii=False)
    ledger.rows("INSERT INTO journal (number, dispatch, line) VALUES (?, ?, ?)", (number + 1, dispatch.id, text))


def list_steps(ledger: Ledger, id_: str) -> list[dict[str, Any]]:
    lines = ledger.rows("SELECT line FROM journal WHERE dispatch = ? ORDER BY number", (id_,))
    return [build_entry(line) for (line,) in lines]


def build_entry(line: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        entry = json.loads(line)
        if isinstance(entry, dict) and entry.keys() >= ENTRY_FIELDS and datetime.fromisoformat(str(entry["at"])):
            return entry
    raise TamperedJournal(
        "The journal of deliveries was tampered with.", hint="Ask the administrator of the queue for a copy."
    )


def find_tampered_line(ledger: Ledger) -> int:
    previous, at, states = "", 0, dict[str, str]()
    for at, (number, id_, line) in enumerate(
        ledger.rows("SELECT number, dispatch, line FROM journal ORDER BY number"), 1
    ):
        try:
            entry = build_entry(line)
        except TamperedJournal:
            return at
        if (number, entry["number"], entry["dispatch"], entry["previous"]) != (at, at, id_, previous):
            return max(at - 1, 1)
        if states.get(entry["dispatch"], "") != entry["before"]:
            return at
        states[entry["dispatch"]] = entry["after"]
        previous = hashlib.sha256(line.encode()).hexdigest()
    stand = {dispatch.id: dispatch.state for dispatch in list_dispatches(ledger)}
    return 0 if stand == states else max(at, 1)
