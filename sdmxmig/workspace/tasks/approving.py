"""Approval by a person other than the author of the changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.folder import APPROVALS_FILE, PEOPLE_FILE
from sdmxmig.workspace.results import SUBMISSION
from sdmxmig.workspace.tasks.approvals import APPROVE, WITHDRAW, Approval, Approvals, authors, read_approvals, rewrite
from sdmxmig.workspace.tasks.history import HISTORY, Conflict, Intent, altered_line, read_history, settle, trail_hashes
from sdmxmig.workspace.tasks.people import REVIEWS, People, check_role, people_of
from sdmxmig.workspace.tasks.preflight import APPROVED, BLOCKS, WITH_REASON, preflight
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

STATE = "what is to be sealed"


def approve(session: Session, by: str, *, seen: str = "") -> Approval:
    """Approve the state to be sealed.

    `seen` is its hash. Raises `NotAllowed`, `Conflict` if it changed, and `SdmxmigError` for other obstacles or own
    changes.
    """
    folder = session.workspace.folder
    check_role(people_here(session), by, (REVIEWS,))
    settle(folder, session.prepared)
    line = altered_line(folder)
    if line:
        message = f"Line {line} of {HISTORY} is not as it was written, or lines behind it are gone."
        hint = "Nobody knows who changed what: put it back from a copy of your own."
        raise SdmxmigError(message, hint=hint)
    state = session.results.state(SUBMISSION)
    if seen and seen != state:
        raise Conflict({STATE: state})
    passed_over = (APPROVED, *WITH_REASON)  # who seals it gives the reason, under their own name
    in_the_way = [each.name for each in preflight(session) if each.state == BLOCKS and each.name not in passed_over]
    if in_the_way:
        message = f"There is nothing to approve yet: “{in_the_way[0]}” stands in the way of a submission."
        raise SdmxmigError(message, hint=f"See: sdmxmig package {quoted(folder)} --check")
    named = {author for author in authors(session) if author}
    if named == {by}:
        raise SdmxmigError(f"“{by}” alone has changed it.", hint="Another person has to look at it, and approve it.")
    trail, step = trail_hashes(folder), len(read_history(folder))
    approval = Approval(state, by, at=session.prepared, step=step, trail=trail[-1])
    intent = Intent(what=APPROVE, command=approve_command_line(session, by), at=session.prepared, by=by)
    rewrite(session, intent, lambda record: with_approval(record, approval))
    return approval


def withdraw(session: Session, by: str) -> None:
    check_role(people_here(session), by, (REVIEWS,))
    state, path = session.results.state(SUBMISSION), session.workspace.folder / APPROVALS_FILE
    if not any((each.state, each.by) == (state, by) for each in read_approvals(path).approvals):
        raise SdmxmigError(f"“{by}” has not approved what stands there now.", hint="There is nothing to withdraw.")
    command = f"{approve_command_line(session, by)} --withdraw"
    intent = Intent(what=WITHDRAW, command=command, at=session.prepared, by=by)
    rewrite(session, intent, lambda record: without(record, state, by))


def with_approval(record: Approvals, approval: Approval) -> Approvals:
    others = without(record, approval.state, approval.by)
    return replace(others, approvals=(*others.approvals, approval))


def without(record: Approvals, state: str, by: str) -> Approvals:
    approvals = tuple(each for each in record.approvals if (each.state, each.by) != (state, by))
    return replace(record, approvals=approvals)


def people_here(session: Session) -> People:
    people = people_of(session.workspace.folder)
    if people is None:
        message = f"There is no {PEOPLE_FILE}: one person does everything here, and nobody else approves it."
        raise SdmxmigError(message, hint="The manual says how to write one: Several people on one workspace.")
    return people


def approve_command_line(session: Session, by: str) -> str:
    return f"sdmxmig approve {quoted(session.workspace.folder)} --by {quoted(by)}"
