"""People of an office and their roles (people.toml), and approval of submissions by a second person."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, replace
from pathlib import Path

from sdmxmig.io.edited_toml import format_entry, format_inline, set_value
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import DeclarationError, OutputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path as typed
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import APPROVALS_FILE, PEOPLE_FILE
from sdmxmig.workspace.results import KINDS, SUBMISSION
from sdmxmig.workspace.tasks.history import (
    BEGIN,
    HISTORY,
    Step,
    find_last_state,
    find_tampered_line,
    list_trail_hashes,
    read_history,
    read_kept,
    record_changes,
    settle,
)
from sdmxmig.workspace.tasks.session import Session

ANSWERS, REVIEWS, SENDS, OPENS, MANAGES = "answers", "reviews", "sends", "opens", "manages"
ROLES = (ANSWERS, REVIEWS, SENDS, OPENS, MANAGES)
"""Roles: edit, review, send, create, manage."""
REFUSED, MAY_READ = "refused", "looks"
MAX_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    roles: Mapping[str, frozenset[str]]
    strangers: str = REFUSED


def is_name(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME_LENGTH and text.isprintable() and text == text.strip()


def read_people(workspace: Path) -> People | None:
    folder = workspace.resolve()
    return read_people_file(folder) or read_people_file(folder.parent)


def read_people_file(folder: Path) -> People | None:
    path = folder / PEOPLE_FILE
    if not os.path.lexists(path):  # a folder or broken link of this name is a mistake, and must not grant every role
        return None
    return parse_people(path, read_bytes(path))


def find_people_file(workspace: Path) -> Path:
    own, above = (folder / PEOPLE_FILE for folder in (workspace.resolve(), workspace.resolve().parent))
    return above if os.path.lexists(above) and not os.path.lexists(own) else own


def parse_people(path: Path, content: bytes) -> People:
    declared = Declared.parse(str(path), content)
    strangers = declared.text("strangers", REFUSED)
    if strangers not in (REFUSED, MAY_READ):
        hint = f'Write "{REFUSED}", or "{MAY_READ}" to let everybody whom the proxy admits read.'
        raise DeclarationError(f"“{strangers}” is not a setting for strangers.", declared.at("strangers"), hint)
    entries = declared.table("people", required=True)
    roles = {name: frozenset(entries.strings(name, None)) for name in entries.values}
    for name, named_roles in roles.items():
        if not is_name(name):
            hint = "Write it as the proxy sends it, on one line, without blanks around it."
            raise DeclarationError(f"“{name}” is not a name.", entries.at(name), hint)
        for role in sorted(named_roles.difference(ROLES)):
            raise DeclarationError(f"“{role}” is not a role.", entries.at(name), did_you_mean(role, ROLES))
    declared.close()
    return People(roles=roles, strangers=strangers)


def set_roles(path: Path, content: bytes, name: str, roles: Collection[str] | None) -> bytes:
    """Set a person's roles, or remove the person with None; raise `SdmxmigError` if no manager is left."""
    if not is_name(name):
        hint = f"Write the name as you sign in at your office, with at most {MAX_NAME_LENGTH} characters."
        raise SdmxmigError(f"“{name}” is not a name.", hint=hint)
    before = parse_people(path, content) if content else People(roles={})
    written = "" if roles is None else format_inline([role for role in ROLES if role in roles])
    changed = set_value(content.decode("utf-8-sig"), ("people", name), written).encode()
    managers = [each for each, theirs in before.roles.items() if MANAGES in theirs]
    left = [each for each in managers if each != name] or (roles is not None and MANAGES in roles)
    if not left and (managers or not before.roles):
        hint = f"Give the role {MANAGES} to another person first."
        raise SdmxmigError(f"At least one person needs the role {MANAGES}.", hint=hint)
    parse_people(path, changed)
    return changed


def is_viewer(people: People, name: str) -> bool:
    return name in people.roles or people.strangers == MAY_READ


def get_roles(people: People, name: str) -> frozenset[str]:
    return people.roles.get(name, frozenset())


class MissingRoleError(SdmxmigError):
    """A person lacks one of these roles; a person without roles cannot read."""

    def __init__(self, name: str, needed: tuple[str, ...] = ()) -> None:
        message = (
            f"This needs the role {' or '.join(needed)}, which “{name}” does not have."
            if needed
            else f"“{name}” does not have permission to read this."
        )
        super().__init__(message, hint="Ask a person who manages people.")
        self.name, self.needed = name, needed


def check_role(people: People, name: str, needed: tuple[str, ...]) -> None:
    if not name:
        hint = f"Add your name with --by NAME, as {PEOPLE_FILE} spells it."
        raise SdmxmigError(f"This needs the role {' or '.join(needed)}.", hint=hint)
    if get_roles(people, name).isdisjoint(needed):
        raise MissingRoleError(name, needed)


def check_permission(workspace: Path, name: str, *needed: str) -> None:
    people = read_people(workspace)
    if people is not None:
        check_role(people, name, needed or (ANSWERS, REVIEWS, SENDS))


FILE_NOTE = "# Who has approved what, and who has sealed it. Written by: sdmxmig approve, sdmxmig package"
APPROVED_RESULTS = ("data", "findings", SUBMISSION)
"""Results that depend on approved files."""


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval; `step` and `trail` (SHA-256) identify the last approved change."""

    state: str
    by: str
    _: KW_ONLY
    at: str
    step: int
    trail: str


@dataclass(frozen=True, slots=True)
class Seal:
    id: str
    by: str
    _: KW_ONLY
    at: str


@dataclass(frozen=True, slots=True)
class Approvals:
    approvals: tuple[Approval, ...] = ()
    seals: tuple[Seal, ...] = ()


Change = Callable[[Approvals], Approvals]
APPROVE, WITHDRAW, SEAL = "approve", "withdraw", "seal"
AUTOMATIC_STEPS = (BEGIN, "accept")
"""Steps other than changes by a person."""


def read_approvals(path: Path) -> Approvals:
    return parse_approvals(path.name, read_bytes(path)) if path.is_file() else Approvals()


def parse_approvals(name: str, content: bytes) -> Approvals:
    declared = Declared.parse(name, content)
    approvals = tuple(table.read(Approval) for table in declared.tables("approval"))
    seals = tuple(table.read(Seal) for table in declared.tables("seal"))
    declared.close()
    return Approvals(approvals, seals)


def render(record: Approvals) -> bytes:
    approvals = [format_entry("approval", asdict(each)) for each in record.approvals]
    seals = [format_entry("seal", asdict(each)) for each in record.seals]
    return ("\n\n".join([FILE_NOTE, *approvals, *seals]) + "\n").encode()


def list_approvals(session: Session, people: People) -> tuple[Approval, ...]:
    """Return valid approvals of the current state by reviewers, as recorded in the history."""
    folder, state = session.workspace.folder, session.results.state(SUBMISSION)
    trails, on_record = set(list_trail_hashes(folder)), read_recorded_approvals(folder).approvals
    return tuple(
        each
        for each in read_approvals(folder / APPROVALS_FILE).approvals
        if each.state == state and each.trail in trails and REVIEWS in get_roles(people, each.by)
        if each in on_record
    )


def list_approvers(session: Session) -> tuple[str, ...]:
    people = read_people(session.workspace.folder)
    return () if people is None else tuple(sorted({each.by for each in list_approvals(session, people)}))


def read_recorded_approvals(folder: Path) -> Approvals:
    approvals: list[Approval] = []
    seals: list[Seal] = []
    for step in read_history(folder):
        if step.what not in (APPROVE, WITHDRAW, SEAL):
            continue
        record = read_approvals_at_step(folder, step)
        if step.what == WITHDRAW:
            approvals = [each for each in approvals if each in record.approvals]
        elif step.what == APPROVE:
            approvals += [each for each in record.approvals[-1:] if each.by == step.by]
        else:
            seals += [each for each in record.seals[-1:] if each.by == step.by]
    return Approvals(tuple(approvals), tuple(seals))


def read_approvals_at_step(folder: Path, step: Step) -> Approvals:
    try:
        return parse_approvals(APPROVALS_FILE, read_kept(folder, step.after.get(APPROVALS_FILE, "")))
    except OutputError:
        return Approvals()


def index_authors(session: Session) -> dict[str, int]:
    """Return the last step of each person who changed unapproved content; the name is empty if unknown."""
    folder, sealed = session.workspace.folder, session.results.read_made_state(SUBMISSION)
    record = read_recorded_approvals(folder)
    seen = max((each.step for each in record.approvals if each.state == sealed), default=0)
    parts = {part for kind in APPROVED_RESULTS for part in KINDS[kind].inputs}
    return {step.by: step.number for step in read_history(folder)[seen:] if is_about(step, parts)}


def is_about(step: Step, parts: set[str]) -> bool:
    return step.what not in AUTOMATIC_STEPS and any(name.partition("/")[0] in parts for name in step.files)


def list_missing_approvals(session: Session, people: People) -> Iterator[str]:
    line = find_tampered_line(session.workspace.folder)
    if line:
        yield f"Line {line} of {HISTORY} was changed after it was written, so the authors of changes are unknown."
        return
    approvals = list_approvals(session, people)
    if not approvals:
        yield "No reviewer has approved the current version."
    for author, step in index_authors(session).items():
        if author and approvals and all(each.by == author for each in approvals):
            yield f"{author} has changed it (step {step}), and nobody else has approved it."


def explain_missing_approvals(session: Session) -> Iterator[str]:
    people = read_people(session.workspace.folder)
    if people is None:
        return
    reasons = list(list_missing_approvals(session, people))
    yield from reasons
    approvers, step = list_approvers(session), find_unnamed_step(session)
    if not reasons and step and len(approvers) == 1:
        yield f"the author of step {step} is unknown, so another person must approve or seal it."


def find_unnamed_step(session: Session) -> int:
    return index_authors(session).get("", 0)


def check_may_seal(session: Session, by: str) -> None:
    """Raise `SdmxmigError` if a person may not seal; without a file of people, everyone may."""
    people = find_people(session)
    if people is None:
        return
    check_role(people, by, (SENDS,))
    for reason in list_missing_approvals(session, people):
        hint = f"Ask another reviewer to run: sdmxmig approve {typed(session.workspace.folder)} --by NAME"
        place = Place(str(session.workspace.folder / APPROVALS_FILE))
        raise SdmxmigError(f"{PEOPLE_FILE} requires two people: {reason}", place, hint)
    alone, step = {by, *list_approvers(session)} == {by}, find_unnamed_step(session)
    if alone and step:
        reason = f"the author of step {step} is unknown, and no person other than “{by}” has checked it."
        hint = f"Another reviewer must approve it too, or another person must seal it: {HISTORY} shows its changes."
        raise SdmxmigError(f"{PEOPLE_FILE} requires two people: {reason}", hint=hint)


def find_people(session: Session) -> People | None:
    folder = session.workspace.folder
    people = read_people(folder)
    if people is None and PEOPLE_FILE in (find_last_state(read_history(folder)) or {}):
        settle(folder, session.prepared)
    return people


def check_may_send(session: Session, submission: str, by: str) -> None:
    people = find_people(session)
    if people is None:
        return
    check_role(people, by, (SENDS,))
    if submission not in {seal.id for seal in read_recorded_approvals(session.workspace.folder).seals}:
        message = f"{PEOPLE_FILE} requires two people: {submission} was sealed without the approval of another person."
        hint = "Have it approved (sdmxmig approve), and seal it: sdmxmig package --by NAME"
        raise SdmxmigError(message, hint=hint)


def explain_sealing_obstacle(session: Session, by: str) -> str:
    try:
        check_may_seal(session, by)
    except SdmxmigError as error:
        return f"{error.message} {error.hint}"
    return ""


def record_seal(session: Session, submission: str, by: str) -> None:
    if read_people(session.workspace.folder) is None:
        return
    seal = Seal(submission, by, at=session.prepared)
    command = f"sdmxmig package {typed(session.workspace.folder)} --by {typed(by)}"
    intent = Step(what=SEAL, command=command, at=session.prepared, by=by)
    rewrite(session, intent, lambda record: replace(record, seals=(*record.seals, seal)))


def rewrite(session: Session, intent: Step, change: Change) -> None:
    folder = session.workspace.folder
    with record_changes(folder, intent):
        path = folder / APPROVALS_FILE
        publish_file(path, render(change(read_approvals(path))))
