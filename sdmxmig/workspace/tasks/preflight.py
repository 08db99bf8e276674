"""Requirements of a submission, such as approval by a person other than the author of the changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from sdmxmig.catalogue.agencies import REFUSES
from sdmxmig.io.intake.files import open_file, read_bytes
from sdmxmig.io.publishing.files import compute_hash
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.workspace.folder import APPROVALS_FILE, JUSTIFICATIONS_FILE, PEOPLE_FILE
from sdmxmig.workspace.results import SUBMISSION
from sdmxmig.workspace.tasks.approvals import (
    APPROVE,
    REVIEWS,
    WITHDRAW,
    Approval,
    Approvals,
    People,
    check_role,
    index_authors,
    list_missing_approvals,
    read_approvals,
    read_people,
    rewrite,
)
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, list_stored_flows, name_data
from sdmxmig.workspace.tasks.finding_lists import UNJUSTIFIED_FILTER, FindingList, find_store
from sdmxmig.workspace.tasks.history import (
    HISTORY,
    Conflict,
    Step,
    find_tampered_line,
    list_trail_hashes,
    read_history,
    settle,
)
from sdmxmig.workspace.tasks.justifying import read_justifications
from sdmxmig.workspace.tasks.outgoing import SubmissionPreview, build_submission_preview
from sdmxmig.workspace.tasks.packaging import check_findings, index_judged_contents
from sdmxmig.workspace.tasks.session import Session

APPROVED_REQUIREMENT = "approved"
MET, OPEN, BLOCKS = "met", "open", "in the way"
REQUIREMENT_LABELS = {
    "data": "The data match the current tables",
    "findings": "The current data are validated",
    "unchanged": "No change since validation",
    "errors": "No errors left",
    "warnings": "Every warning is explained",
    "written": "Messages can be produced for this receiver",
    "accepted": "No known reason for refusal by the receiver",
    "expressed": "The receiver has codes for all figures",
    "due": "It is not late",
    "approved": "Approved by a person other than the author of the changes",
}
REASONED_REQUIREMENTS = ("warnings", "accepted", "expressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    name: str
    state: str
    reasons: tuple[str, ...] = ()
    count: int = 0

    @property
    def label(self) -> str:
        return REQUIREMENT_LABELS[self.name]


Look = Callable[["Session"], SubmissionPreview]
"""Looks at what would be sent, or remembers what was seen."""


def list_requirements(
    session: Session, findings: FindingList | None = None, look: Look | None = None
) -> tuple[Condition, ...]:
    """List all requirements in order; `findings` and `look` avoid repeated reading."""
    conditions = [check_freshness(session, "data"), check_freshness(session, "findings")]
    if all(condition.state == MET for condition in conditions):
        conditions.append(check_files_unchanged(session))
    path = find_store(session.out)
    if session.results.made("findings") is not None and path.is_file():
        justified = read_justifications(session.workspace.folder / JUSTIFICATIONS_FILE)
        conditions += list_judgements(findings or FindingList(path), justified, session.workspace.override)
    if is_ready(tuple(condition for condition in conditions if condition.name not in REASONED_REQUIREMENTS)):
        conditions += check_receiver_conditions(session, look or preview_submission)
    people = read_people(session.workspace.folder)
    if people is not None:
        reasons = tuple(list_missing_approvals(session, people))
        conditions.append(Condition(name=APPROVED_REQUIREMENT, state=BLOCKS if reasons else MET, reasons=reasons))
    return tuple(conditions)


def preview_submission(session: Session) -> SubmissionPreview:
    names = {flow: name_data(flow, DISK_FORMAT) for flow in list_stored_flows(session)}
    files = ((name, read_bytes(session.path("data") / name)) for name in names.values())
    flows = session.catalogue.flows
    datasets = [dataset for name, file in files for dataset in read_all(FORMATS[DISK_FORMAT], name, file, flows)]
    return build_submission_preview(session, datasets)


def check_receiver_conditions(session: Session, look: Look) -> Iterator[Condition]:
    passed_over = session.workspace.override
    try:
        seen = look(session)
    except SdmxmigError as error:
        where = f"{error.place}: " if error.place else ""
        yield Condition(name="written", state=BLOCKS, reasons=(f"{where}{error.message}", *filter(None, [error.hint])))
        return
    yield Condition(name="written", state=MET)
    refused = [refusal for refusal in seen.refusals if refusal.demand.effect == REFUSES]
    in_the_way = OPEN if passed_over else BLOCKS
    yield Condition(
        name="accepted",
        state=in_the_way if refused else OPEN if seen.refusals else MET,
        reasons=tuple(
            f"{refusal.demand.says} {sentence}" for refusal in seen.refusals for sentence in refusal.sentences()
        ),
        count=len(seen.refusals),
    )
    if seen.left_out:
        yield Condition(name="expressed", state=in_the_way, reasons=seen.left_out, count=len(seen.left_out))
    if seen.dues:
        late = [due for due in seen.dues if due.day < session.now.date()]
        reasons = tuple(f"{due.flow}, {due.period}: due on {due.day.isoformat()}" for due in late or seen.dues)
        yield Condition(name="due", state=OPEN if late else MET, reasons=reasons, count=len(late))


def check_freshness(session: Session, name: str) -> Condition:
    if session.results.made(name) is None:
        return Condition(name=name, state=BLOCKS)
    reasons = tuple(session.results.older(name))
    return Condition(name=name, state=BLOCKS if reasons else MET, reasons=reasons)


def check_files_unchanged(session: Session) -> Condition:
    try:
        store = find_store(session.out)
        check_findings(session, compute_hash(store.resolve()))
        with open_file(store) as file:  # for very many findings, read only the first line
            index_judged_contents(session, findings_lines.read_judged(file.readline(), str(store)))
    except SdmxmigError as error:
        where = f"{error.place}: " if error.place else ""
        return Condition(name="unchanged", state=BLOCKS, reasons=(f"{where}{error.message}",))
    return Condition(name="unchanged", state=MET)


def list_judgements(findings: FindingList, justified: Collection[str], override: str) -> Iterator[Condition]:
    counts = findings.counts
    explained_since = sum(fingerprint in justified for fingerprint in findings.fingerprints(UNJUSTIFIED_FILTER))
    errors, unexplained = counts["error"], counts["warning"] - counts["justified"] - explained_since
    yield Condition(name="errors", state=BLOCKS if errors else MET, count=errors)
    state = MET if not unexplained else OPEN if override else BLOCKS
    yield Condition(name="warnings", state=state, count=unexplained)


def is_ready(conditions: tuple[Condition, ...]) -> bool:
    return all(condition.state != BLOCKS for condition in conditions)


def is_ready_with_reason(conditions: tuple[Condition, ...]) -> bool:
    return all(condition.state != BLOCKS or condition.name in REASONED_REQUIREMENTS for condition in conditions)


SEALED_STATE = "what is to be sealed"


def approve(session: Session, by: str, *, seen: str) -> Approval:
    """Approve the state to seal, by its hash `seen`; raise `Conflict` if it has changed, or `MissingRoleError`."""
    folder = session.workspace.folder
    check_role(load_people(session), by, (REVIEWS,))
    settle(folder, session.prepared)
    line = find_tampered_line(folder)
    if line:
        message = f"Line {line} of {HISTORY} was changed, or lines after it were removed."
        hint = "The authors of changes are unknown: restore it from your own copy."
        raise SdmxmigError(message, hint=hint)
    state = session.results.state(SUBMISSION)
    if seen and seen != state:
        raise Conflict({SEALED_STATE: state})
    passed_over = (
        APPROVED_REQUIREMENT,
        *REASONED_REQUIREMENTS,
    )  # the person who seals gives the reason in their own name
    in_the_way = [
        each.name for each in list_requirements(session) if each.state == BLOCKS and each.name not in passed_over
    ]
    if in_the_way:
        message = f"There is nothing to approve yet: “{in_the_way[0]}” blocks a submission."
        raise SdmxmigError(message, hint=f"See: sdmxmig package {quote_path(folder)} --check")
    named = {author for author in index_authors(session) if author}
    if named == {by}:
        raise SdmxmigError(f"Only “{by}” has changed it.", hint="Another person has to review and approve it.")
    trail, step = list_trail_hashes(folder), len(read_history(folder))
    approval = Approval(state, by, at=session.prepared, step=step, trail=trail[-1])
    intent = Step(what=APPROVE, command=write_approve_command(session, by), at=session.prepared, by=by)
    rewrite(session, intent, lambda record: add_approval(record, approval))
    return approval


def withdraw(session: Session, by: str) -> None:
    check_role(load_people(session), by, (REVIEWS,))
    state, path = session.results.state(SUBMISSION), session.workspace.folder / APPROVALS_FILE
    if not any((each.state, each.by) == (state, by) for each in read_approvals(path).approvals):
        raise SdmxmigError(f"“{by}” has not approved the current version.", hint="There is nothing to withdraw.")
    command = f"{write_approve_command(session, by)} --withdraw"
    intent = Step(what=WITHDRAW, command=command, at=session.prepared, by=by)
    rewrite(session, intent, lambda record: remove_approval(record, state, by))


def add_approval(record: Approvals, approval: Approval) -> Approvals:
    others = remove_approval(record, approval.state, approval.by)
    return replace(others, approvals=(*others.approvals, approval))


def remove_approval(record: Approvals, state: str, by: str) -> Approvals:
    approvals = tuple(each for each in record.approvals if (each.state, each.by) != (state, by))
    return replace(record, approvals=approvals)


def load_people(session: Session) -> People:
    people = read_people(session.workspace.folder)
    if people is None:
        message = f"There is no {PEOPLE_FILE}: one person does everything here, and nobody else approves it."
        raise SdmxmigError(message, hint="See “Several people on one workspace” in the manual.")
    return people


def write_approve_command(session: Session, by: str) -> str:
    return f"sdmxmig approve {quote_path(session.workspace.folder)} --by {quote_path(by)}"
