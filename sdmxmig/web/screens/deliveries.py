"""Deliveries on the submission screen."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import quote_path, show_lines
from sdmxmig.sdmx.model.delivery import ACTIONS, DEAD, DELETE, READY, REPLACE, UNCERTAIN, Dispatch
from sdmxmig.transmission.delivery.queue import STATES_OPEN_TO_PERSON
from sdmxmig.transmission.sealing import MANIFEST
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit, describe_error
from sdmxmig.workspace.folder import ACCEPTED, DELIVERIES
from sdmxmig.workspace.tasks import delivering, delivery_setup, dispatch_confirmations, getting, revising
from sdmxmig.workspace.tasks.delivering import choose_delivery
from sdmxmig.workspace.tasks.dispatch_confirmations import keep_accepted
from sdmxmig.workspace.tasks.packaging import LONGEST
from sdmxmig.workspace.tasks.published_comparisons import read_comparisons
from sdmxmig.workspace.tasks.sealed_submissions import SealedSubmission
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.vintages import DATA

MAX_LISTED = 50
"""Maximum number of deliveries listed, newest first, and of changes."""
CONFIRMATIONS = ("older", "again")
OPTIONS = ("id", "how", "deletions", *CONFIRMATIONS)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]{0,200}")
MAX_SHOWN_BYTES = 20_000
MAX_BYTES = 20_000_000
"""Maximum bytes of data compared on the page."""


def describe_delivery(visit: Visit, session: Session, submission: SealedSubmission | None) -> dict[str, Any] | None:
    folder = session.workspace.folder
    has_queue = (folder / DELIVERIES / delivery_setup.QUEUE_FILE).exists()
    if session.workspace.way is None and not has_queue:
        return None
    way, agency = session.workspace.way, session.catalogue.agencies.get(session.workspace.receiver)
    taken = [each.kind for each in agency.actions] if agency else []
    facts: dict[str, Any] = {
        "way": {"transport": way.transport, "address": way.address, "repeat": way.habits.repeat} if way else None,
        "actions": [action for action in ACTIONS if action in taken and action != REPLACE],
        "dispatches": [],
        "count": 0,
        "paused": "",
        "altered_line": 0,
        "trouble": None,
        "changes": None,
        "newer": None,
        "withdrawn": [],
        "receiver": session.workspace.receiver,
        "command": f"sdmxmig send {quote_path(session.workspace.folder)}",
    }
    try:
        if has_queue:
            standing = delivering.read_delivery_status(session)
            last_first = standing.dispatches[::-1]
            facts |= {"paused": standing.paused, "altered_line": standing.altered_line, "count": len(last_first)}
            facts["dispatches"] = [describe_dispatch(session, each) for each in last_first[:MAX_LISTED]]
        if submission is not None and submission.parts:
            changes, accepted = describe_changes(visit, session, submission)
            sent = delivering.list_sent_before(session, submission) if has_queue else ()
            facts |= {"changes": changes, **describe_needed_confirmations(submission, accepted, sent)}
    except SdmxmigError as error:
        facts["trouble"] = describe_error(error)
    return facts


def describe_dispatch(session: Session, dispatch: Dispatch) -> dict[str, Any]:
    row = delivering.build_row(dispatch)
    may_withdraw = dispatch.state in (READY, DEAD, UNCERTAIN)
    return {
        **{name: row[name] for name in ("id", "receiver", "submission", "state", "since", "attempts", "reason")},
        "name": dispatch.parcel.name,
        "action": dispatch.parcel.action,
        "needs_person": dispatch.needs_person,
        "may_become": list(STATES_OPEN_TO_PERSON.get(dispatch.state, ())),
        "may_withdraw": may_withdraw,
        "receipt": describe_receipt(session, dispatch) if dispatch.receipt else None,
    }


def describe_receipt(session: Session, dispatch: Dispatch) -> dict[str, Any]:
    try:
        content = delivering.find_receipt(session, dispatch.id)
    except SdmxmigError as error:
        return {"sha256": dispatch.receipt, "text": "", "is_whole": False, "trouble": str(error)}
    text = show_lines(content[:MAX_SHOWN_BYTES].decode("utf-8", "replace"))
    return {"sha256": dispatch.receipt, "text": text, "is_whole": len(content) <= MAX_SHOWN_BYTES, "trouble": ""}


def describe_needed_confirmations(
    submission: SealedSubmission, accepted: Iterable[dispatch_confirmations.KnownData], sent: Sequence[Dispatch]
) -> dict[str, Any]:
    newer = dispatch_confirmations.find_newest_other(submission, accepted, sent, "")
    withdrawn = dispatch_confirmations.list_withdrawn(submission, sent)
    return {
        "newer": asdict(newer) if newer else None,
        "withdrawn": [{"since": each.since.isoformat(), "reason": each.reason} for each in withdrawn],
    }


def describe_changes(
    visit: Visit, session: Session, submission: SealedSubmission
) -> tuple[dict[str, Any] | None, tuple[dispatch_confirmations.KnownData, ...]]:
    if sum(part.size for part in submission.parts if part.name.startswith(DATA)) > MAX_BYTES:
        return None, ()
    accepted = [session.workspace.folder / ACCEPTED, *session.workspace.accepted]
    files = [submission.folder / MANIFEST, *accepted, *(path / MANIFEST for path in accepted)]
    about = (submission.id, id(session.catalogue))

    def made() -> tuple[object, tuple[dict[str, Any], tuple[dispatch_confirmations.KnownData, ...]]]:
        comparison = revising.compare_with_accepted(session, submission)
        rows = revising.build_change_rows(comparison) if comparison.since else iter(())
        facts = {
            "of": submission.id,
            "since": comparison.since,
            "is_none": comparison.is_none,
            "flows": [
                {
                    "flow": each.flow,
                    "added": each.added.height,
                    "changed": each.changed.height,
                    "deleted": each.deleted.height,
                    "attributes": [list(pair) for pair in each.attributes],
                }
                for each in comparison.differences
            ],
            "deleted": comparison.deleted,
            "rows": list(islice(rows, MAX_LISTED)),
        }
        return session.catalogue, (facts, dispatch_confirmations.list_accepted(comparison))

    return visit.workbench.kept("changes", made, *files, about=about)[1]


def describe_fetched(session: Session) -> dict[str, Any]:
    listed = read_comparisons(session.workspace.folder)
    services = getting.read_known_services(session.workspace.folder)
    last = max(listed, key=lambda each: each.compared, default=None)
    return {
        "kept": listed,
        "agencies": [*services],
        "command": f"sdmxmig get AGENCY DATAFLOW --workspace {quote_path(session.workspace.folder)} --compare",
        "agency": last.agency if last else next((each for each in services if each == session.workspace.receiver), ""),
        "dataflow": last.dataflow if last else "",
    }


def hash_confirmation(submission: SealedSubmission, options: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    known = {name: facts[name] for name in ("way", "changes", "newer", "withdrawn")}
    chosen = {name: options.get(name, "") for name in OPTIONS}
    return hashlib.sha256(json.dumps([submission.id, chosen, known], sort_keys=True, default=str).encode()).hexdigest()


def send(visit: Visit) -> Redirect:
    session = visit.workbench.session()
    submission = delivering.choose_delivery(session, visit.form.get("id", "").strip())
    facts = describe_delivery(visit, session, submission)
    if facts is None or visit.form.get("confirmed", "") != hash_confirmation(submission, visit.form, facts):
        return Redirect(f"/sending?{urlencode({name: visit.form[name] for name in OPTIONS if name in visit.form})}")
    name, action, deletions = (visit.form.get(field, "").strip() for field in ("id", "how", "deletions"))
    words = ["send", str(visit.workbench.folder)]
    words += [f"--action={action}"] if action else []
    if name and (action or name != delivering.choose_delivery(session, "").id):
        words.append(f"--submission={name}")
    if action == DELETE and deletions:
        words.append(f"--deletions={deletions}")
    words += [f"--{meant}" for meant in CONFIRMATIONS if visit.form.get(meant, "")]
    job = visit.begin([*words, *visit.named])
    return visit.watch(job)


def continue_delivery(visit: Visit) -> Redirect:
    job = visit.begin(["send", str(visit.workbench.folder), "--resume", *visit.named])
    return visit.watch(job)


def list_deliveries(visit: Visit) -> Redirect:
    job = visit.begin(["status", str(visit.workbench.folder), "--reconcile"])
    return visit.watch(job)


def fetch_back(visit: Visit) -> Redirect:
    words = [visit.word("agency").strip(), visit.word("dataflow").strip()]
    for word in words:
        if not NAME.fullmatch(word):
            raise SdmxmigError(
                f"“{word}” is not the name of an agency or a dataflow.", hint="Use letters, digits, _ . @ -"
            )
    job = visit.begin(["get", *words, "--workspace", str(visit.workbench.folder), "--compare"])
    return visit.watch(job)


def settle(visit: Visit) -> Redirect:
    session = visit.workbench.session()
    delivering.settle(session, visit.word("id"), state=visit.word("state"), reason=find_reason(visit))
    keep_accepted(session)
    return Redirect("/submission#deliveries", "It is recorded.")


def cancel_delivery(visit: Visit) -> Redirect:
    delivering.withdraw(visit.workbench.session(), visit.word("id"), find_reason(visit))
    return Redirect("/submission#deliveries", "Sending is cancelled.")


def find_reason(visit: Visit) -> str:
    reason = " ".join(visit.word("reason").split())
    if len(reason) > LONGEST:
        raise SdmxmigError(f"The reason has more than {LONGEST:,} characters.", hint="Shorten it to a sentence or two.")
    return f"{visit.by}: {reason}" if visit.by else reason


def serve_receipt(visit: Visit) -> Document:
    name = visit.form["path"].removesuffix(".txt")
    return Document(f"receipt-{name}.txt", delivering.find_receipt(visit.workbench.session(), name))


def show(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    options = {name: visit.asked.get(name, "").strip() for name in OPTIONS}
    submission = choose_delivery(session, options["id"])
    deliveries = describe_delivery(visit, session, submission)
    if deliveries is None or deliveries["way"] is None:
        raise SdmxmigError("No delivery method is set.", hint="Set it on the Settings screen, under Delivery.")
    facts = {
        "options": options,
        "submission": {
            "id": submission.id,
            "receiver": submission.receiver,
            "prepared": submission.prepared,
            "parts": len(submission.parts),
            "size": sum(part.size for part in submission.parts),
        },
        "older": session.results.older("submission") if submission.is_newest else [],
        "deliveries": deliveries,
        "confirmed": hash_confirmation(submission, options, deliveries),
    }
    return ScreenContent(facts, command=f"sdmxmig send {quote_path(visit.workbench.folder)} --dry-run")


SCREEN = Screen(name="sending", title="Confirm sending", show=show, rail=False)
