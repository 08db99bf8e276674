"""Revisions of accepted submissions."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sdmxmig.io.publishing.folders import make_folder
from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.quality.confidential import MASK, collect_confidential_keys
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.exchange import find_format
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, Format, read_all
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.fitting import write_valid_data
from sdmxmig.sdmx.model.data import Dataset, Vintage
from sdmxmig.sdmx.model.delivery import DELETE, REPLACE
from sdmxmig.sdmx.model.submission import Header, Outgoing, RevisionNote, SubmissionPart
from sdmxmig.sdmx.revision import BEFORE, DataDifference, apply_messages, build_changes, compare_data, find_disagreement
from sdmxmig.transmission.sealing import MANIFEST, build_part, submit
from sdmxmig.workspace.folder import DELIVERIES
from sdmxmig.workspace.tasks.justifying import remove_run_comparison
from sdmxmig.workspace.tasks.packaging import REPORT, index_sealed_files, write_letter_part
from sdmxmig.workspace.tasks.sealed_submissions import SealedSubmission, find_submission, read_file
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.vintages import DATA, read_accepted_vintages, read_messages_by_flow, select_data_parts

REVISIONS_FOLDER = "revisions"
"""The folder among the deliveries for submissions of what has changed."""
ADDED, CHANGED, DELETED = "added", "changed", "deleted"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcceptedComparison:
    """A comparison with accepted data; `since` is the last accepted message."""

    since: str
    accepted: tuple[Vintage, ...]
    before: Mapping[str, Dataset]
    after: Mapping[str, Dataset]
    differences: tuple[DataDifference, ...]

    @property
    def deleted(self) -> int:
        return sum(differing.deleted.height for differing in self.differences)

    @property
    def is_none(self) -> bool:
        return all(differing.is_none for differing in self.differences)


def compare_with_accepted(session: Session, submission: SealedSubmission) -> AcceptedComparison:
    flows = session.catalogue.flows
    accepted = read_accepted_vintages(submission.receiver, session.workspace.accepted, flows)
    before = apply_messages(vintage.datasets for vintage in accepted)
    after = read_datasets_by_flow(session, submission)
    return AcceptedComparison(
        since=accepted[-1].name if accepted else "",
        accepted=accepted,
        before=before,
        after=after,
        differences=tuple(compare_data(before.get(flow), dataset) for flow, dataset in sorted(after.items())),
    )


def read_datasets_by_flow(session: Session, submission: SealedSubmission) -> dict[str, Dataset]:
    first = select_data_parts(submission.parts)
    return read_messages_by_flow(
        ((part.name, read_file(submission, part.name)) for part in first), session.catalogue.flows
    )


def describe_differences(comparison: AcceptedComparison) -> Iterator[str]:
    for differing in comparison.differences:
        if differing.is_none:
            yield f"{differing.flow}: nothing differs"
            continue
        counts = {ADDED: differing.added, CHANGED: differing.changed, DELETED: differing.deleted}
        words = [f"{frame.height:,} {name}" for name, frame in counts.items() if frame.height]
        words += [f"figures changed: {differing.figures:,}"] if differing.figures else []
        words += [f"{name} changed: {count:,}" for name, count in differing.attributes]
        words += [f"attributes of parts of the key changed: {differing.parts:,}"] if differing.parts else []
        yield f"{differing.flow}: {'; '.join(words)}"


def build_change_rows(
    comparison: AcceptedComparison, kinds: Iterable[str] = (ADDED, CHANGED, DELETED)
) -> Iterator[dict[str, str]]:
    for differing in comparison.differences:
        both = (comparison.before.get(differing.flow), comparison.after[differing.flow])
        kept_back = collect_confidential_keys(dataset for dataset in both if dataset is not None)
        for kind in kinds:
            frame = {ADDED: differing.added, CHANGED: differing.changed, DELETED: differing.deleted}[kind]
            for row in frame.iter_rows(named=True):
                key = tuple(row[name] for name in differing.key)
                yield describe_change(differing, kind, row, is_kept_back=key in kept_back)


def describe_change(
    differing: DataDifference, kind: str, row: Mapping[str, str], *, is_kept_back: bool
) -> dict[str, str]:
    def figures(end: str) -> str:
        return MASK if is_kept_back else " ".join(row[f"{name}{end}"] for name in differing.measures)

    both = kind == CHANGED
    others = [
        f"{name}: {row[f'{name}{BEFORE}']} → {row[name]}"
        for name, _ in (differing.attributes if both else ())
        if row[name] != row[f"{name}{BEFORE}"]
    ]
    return {
        "change": kind,
        "dataflow": differing.flow,
        "key": ".".join(row[name] for name in differing.key),
        "before": figures(BEFORE if both else "") if kind != ADDED else "",
        "after": figures("") if kind != DELETED else "",
        "attributes": "; ".join(others),
    }


def revise(session: Session, submission: SealedSubmission, action: str) -> SealedSubmission:
    """Build a deterministic submission of changes; raise `SdmxmigError` if none or unsupported."""
    check_taken(session, action)
    comparison = compare_with_accepted(session, submission)
    header = replace(
        session.header(f"{session.workspace.country.area}_SUBMISSION"),
        prepared=submission.prepared,
        test=submission.manifest.header.test,
    )
    parts = list(yield_message_parts(session, submission, comparison, header=header, action=action))
    if not parts:
        message = f"There is nothing to {action}: {'; '.join(describe_differences(comparison))}."
        raise SdmxmigError(message, Place(submission.id), "sdmxmig send --dry-run shows the differences.")
    report = read_file(submission, REPORT)
    findings = remove_run_comparison(findings_lines.read(report, REPORT))
    revision = RevisionNote(of=submission.id, action=action, since=comparison.since)
    particulars = replace(submission.manifest.particulars, revision=revision, key="")
    listed = list(list_changed_data(comparison, action))
    letter = write_letter_part(session, listed, findings, Outgoing((), header), particulars=particulars)
    sealed = submit(
        [*parts, build_part(REPORT, "application/jsonl", report), letter],
        findings,
        header,
        area=session.workspace.country.area,
        agency=submission.receiver,
        versions=dict(submission.manifest.versions),
        particulars=particulars,
    )
    folder = session.workspace.folder / DELIVERIES / REVISIONS_FOLDER / sealed.id
    if not (folder / MANIFEST).is_file():
        make_folder(folder, index_sealed_files(sealed), "the argument WORKSPACE")
    return find_submission(folder, "")


def check_taken(session: Session, action: str) -> None:
    agency = session.catalogue.agency(session.workspace.receiver)
    taken = [each.kind for each in agency.actions] or [REPLACE]
    if action not in taken:
        hint = (
            f"Accepted: {', '.join(taken)}. If that is wrong, add [[action]] to structures/agencies/{agency.id}.toml."
        )
        raise SdmxmigError(f"{agency.id} is not known to accept “{action}”.", agency.place, hint)


def list_changed_data(comparison: AcceptedComparison, action: str) -> Iterator[Dataset]:
    for differing in comparison.differences:
        before, after = comparison.before.get(differing.flow), comparison.after[differing.flow]
        message = build_changes(differing, before, after, action)
        if message is not None:
            keys = message.observations.select(differing.key)
            whole = before if action == DELETE and before is not None else message
            yield replace(whole, observations=whole.observations.join(keys, on=list(differing.key), how="semi"))


def yield_message_parts(
    session: Session, submission: SealedSubmission, comparison: AcceptedComparison, *, header: Header, action: str
) -> Iterator[SubmissionPart]:
    differing = {each.flow: each for each in comparison.differences}
    wordless: dict[str, None] = {}
    written: set[str] = set()
    changed: set[str] = set()
    for part in submission.parts:
        if not part.name.startswith(DATA):
            continue
        content = read_file(submission, part.name)
        form = find_format(detect(part.name, content).format)
        datasets = read_messages_by_flow([(part.name, content)], session.catalogue.flows)
        messages = {
            flow: message
            for flow, dataset in datasets.items()
            if (message := build_changes(differing[flow], comparison.before.get(flow), dataset, action)) is not None
        }
        changed |= messages.keys()
        lost = [sentence for message in messages.values() for sentence in list_lost_texts(form, message)]
        if lost or not messages:
            wordless |= dict.fromkeys(lost)
            continue
        written |= messages.keys()
        of_message = replace(header, id=f"{session.workspace.country.area}_{'_'.join(messages)}")
        yield build_part(part.name, part.media_type, write_message_content(form, part.name, messages, of_message))
    if changed - written:
        hint = f"Send it with --action {REPLACE}." if action != DELETE else "Ask the receiver how it deletes."
        raise SdmxmigError(" ".join(wordless), Place(submission.id), hint)
    if wordless:
        session.say(f"! {' '.join(wordless)} Such messages are left out.")


def list_lost_texts(form: Format, message: Dataset) -> list[str]:
    usual = {*form.losses(replace(message, action="R"), DEFAULT_LAYOUT)}
    return [sentence for sentence in form.losses(message, DEFAULT_LAYOUT) if sentence not in usual]


def write_message_content(form: Format, name: str, messages: Mapping[str, Dataset], header: Header) -> bytes:
    buffer = io.BytesIO()
    write_valid_data(form, list(messages.values()), header, buffer, layout=DEFAULT_LAYOUT)
    content = buffer.getvalue()
    for back in read_all(form, name, content, {flow: message.flow for flow, message in messages.items()}):
        message = messages[back.flow.id]
        key = list(message.flow.structure.key)
        keys, keys_back = (
            frame.select(pl.col(key).cast(pl.String)).sort(key) for frame in (message.observations, back.observations)
        )
        differs = "" if keys.equals(keys_back) and back.action == message.action else "its keys or its action"
        if not differs and message.action != "D":
            differs = find_disagreement((name, [back]), ("what has changed", [message]))
        if differs:
            raise OutputError(f"{form.name} cannot express the changes: {differs}.", Place(name))
    return content
