"""Comparison of validation runs, justifications of warnings, and comments on findings and answers."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, replace
from pathlib import Path

from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.texts import ANSWER, find_unit, format_key, parse_key
from sdmxmig.io.edited_toml import format_entry
from sdmxmig.io.intake.files import open_file, read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path, shorten_text
from sdmxmig.reporting.outputs.findings_lines import FILE_NAME
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Finding, Findings, Justification, UnlistedFindings, ValidatedInputs
from sdmxmig.workspace.folder import COMMENTS_FILE, JUSTIFICATIONS_FILE
from sdmxmig.workspace.tasks.answering import check_answers
from sdmxmig.workspace.tasks.data_folder import read_findings
from sdmxmig.workspace.tasks.finding_lists import find_store
from sdmxmig.workspace.tasks.history import Conflict, read_kept
from sdmxmig.workspace.tasks.session import Session

NEW, UNCHANGED, FIXED, NOT_TESTED = "new", "unchanged", "fixed", "not tested"
NOT_TESTABLE = "not testable"
TIMELESS_SUFFIX = ".csv"
"""Suffix of files without a timestamp."""
MIN_WIDTH = 8
"""Number of bytes of a fingerprint."""


def compare_with_run(
    findings: Findings,
    judged: ValidatedInputs,
    findings_then: Findings,
    judged_then: ValidatedInputs | None,
    read_by: Collection[str] = (),
) -> Findings:
    """Compare findings with an earlier run; a run on the same data and rules keeps its comparison."""
    is_of_same_data = judged_then is not None and select_timeless_hashes(judged_then) == select_timeless_hashes(judged)
    if is_of_same_data and judged_then and judged_then == replace(judged, datasets=judged_then.datasets):
        return keep_earlier_run(findings, findings_then)
    beside = compare_findings(findings, findings_then, read_by)
    return replace(beside, against=findings_then.at, is_of_same_data=is_of_same_data)


def select_timeless_hashes(judged: ValidatedInputs) -> dict[str, Mapping[str, str]]:
    """Return file hashes by dataset, ignoring the time in message headers."""
    return {
        flow: {name: sha256 for name, sha256 in files.items() if name.endswith(TIMELESS_SUFFIX)} or files
        for flow, files in judged.datasets.items()
    }


def compare_findings(findings: Findings, earlier: Findings, read_by: Collection[str] = ()) -> Findings:
    """Set the state of findings relative to the earlier run, by fingerprint.

    A finding that is gone is fixed if its rule ran, otherwise it is kept as not tested. `read_by` are rules without
    verdicts that ran, such as those on reading tables.
    """
    before = {*list_fingerprints(earlier), *(gone.fingerprint for gone in earlier.gone if gone.state == NOT_TESTED)}
    now = set(list_fingerprints(findings))
    items = [replace(finding, state=UNCHANGED if finding.fingerprint in before else NEW) for finding in findings.items]
    judged = {(verdict.rule, verdict.flow) for verdict in findings.verdicts if verdict.outcome != NOT_TESTABLE}
    remembered = (*earlier.items, *(gone for gone in earlier.gone if gone.state == NOT_TESTED))
    gone = [
        replace(finding, state=FIXED if is_judged(finding, judged, read_by) else NOT_TESTED)
        for finding in remembered
        if finding.fingerprint not in now
    ]
    more_fixed = sum(
        fingerprint not in now
        for more in earlier.unlisted
        if (more.rule, more.flow) in judged or more.rule in read_by
        for fingerprint in collect_fingerprints(more)
    )
    return replace(
        findings,
        items=tuple(items),
        unlisted=tuple(compare_unlisted(more, before) for more in findings.unlisted),
        gone=tuple(gone),
        more_fixed=more_fixed,
    )


def is_judged(finding: Finding, judged: Collection[tuple[str, str]], read_by: Collection[str]) -> bool:
    return (finding.rule, finding.flow) in judged or finding.rule in read_by


def compare_unlisted(more: UnlistedFindings, before: Collection[str]) -> UnlistedFindings:
    unchanged = sum(fingerprint in before for fingerprint in collect_fingerprints(more))
    return replace(more, new=more.findings - unchanged, unchanged=unchanged)


def keep_earlier_run(findings: Findings, earlier: Findings) -> Findings:
    """Return the findings of a repeated run with the states of the earlier run."""
    states = {finding.fingerprint: finding.state for finding in earlier.items}
    kinds = {(more.rule, more.flow, more.severity): more for more in earlier.unlisted}
    unlisted = [
        replace(more, new=known.new, unchanged=known.unchanged)
        if (known := kinds.get((more.rule, more.flow, more.severity)))
        else more
        for more in findings.unlisted
    ]
    return replace(
        findings,
        items=tuple(replace(finding, state=states.get(finding.fingerprint, "")) for finding in findings.items),
        unlisted=tuple(unlisted),
        gone=earlier.gone,
        more_fixed=earlier.more_fixed,
        at=earlier.at,
        against=earlier.against,
        is_of_same_data=earlier.is_of_same_data,
        is_repeated=True,
    )


def remove_run_comparison(findings: Findings) -> Findings:
    return replace(
        findings,
        items=tuple(replace(finding, state="") for finding in findings.items),
        unlisted=tuple(replace(more, new=0, unchanged=0) for more in findings.unlisted),
        gone=(),
        more_fixed=0,
        at="",
        against="",
        is_of_same_data=False,
        is_repeated=False,
    )


def apply_justifications(
    findings: Findings, justifications: Mapping[str, Justification], read_by: Collection[str] = ()
) -> Findings:
    """Apply justifications to warnings by fingerprint; those without a finding are `unused` if their rule ran."""
    judged = {(verdict.rule, verdict.flow) for verdict in findings.verdicts if verdict.outcome != NOT_TESTABLE}
    present = set(list_fingerprints(findings))
    unlisted = []
    for more in findings.unlisted:
        count = sum(fingerprint in justifications for fingerprint in collect_fingerprints(more))
        unlisted.append(replace(more, justified=count) if more.severity == "warning" else more)
    items = [
        replace(finding, justification=justifications.get(finding.fingerprint))
        if finding.severity == "warning"
        else finding
        for finding in findings.items
    ]
    return replace(
        findings,
        items=tuple(items),
        unlisted=tuple(unlisted),
        unused=tuple(
            reason
            for name, reason in sorted(justifications.items())
            if name not in present and ((reason.rule, reason.flow) in judged or reason.rule in read_by)
        ),
    )


def list_fingerprints(findings: Findings) -> Iterator[str]:
    for finding in findings.items:
        yield finding.fingerprint
    for more in findings.unlisted:
        yield from collect_fingerprints(more)


def collect_fingerprints(more: UnlistedFindings) -> Iterator[str]:
    for start in range(0, len(more.fingerprints), MIN_WIDTH):
        yield more.fingerprints[start : start + MIN_WIDTH].hex()


FINGERPRINT = re.compile(r"[0-9a-f]{16}")
MAX_LENGTH = 4000
FILE_NOTE = "# Why warnings stand, by the fingerprint of the finding. Written by: sdmxmig justify"


def justify(session: Session, fingerprints: Sequence[str], text: str, *, by: str = "") -> list[Justification]:
    """Justify all these warnings with one reason, or none; raise `SdmxmigError` for other findings."""
    reason = " ".join(text.split())
    if not reason or len(reason) > MAX_LENGTH:
        hint = f'Write --text "…" with at most {MAX_LENGTH:,} characters.'
        raise SdmxmigError("The reason is missing or too long.", hint=hint)
    findings = read_last_findings(session)
    figures = {finding.fingerprint: finding.observed for finding in findings.items}
    justifications = []
    for fingerprint in dict.fromkeys(fingerprints):
        rule, flow = find_justifiable(findings, fingerprint)
        justifications.append(
            Justification(
                fingerprint=fingerprint,
                text=reason,
                rule=rule,
                flow=flow,
                by=" ".join(by.split()),
                at=session.prepared,
                observed=shorten_text(figures.get(fingerprint, "")),
            )
        )
    path = session.workspace.folder / JUSTIFICATIONS_FILE
    kept = read_justifications(path) | {justification.fingerprint: justification for justification in justifications}
    publish_file(path, render(kept.values()))
    return justifications


def write_justify_command(folder: Path, fingerprints: Sequence[str], text: str, *, by: str) -> str:
    first, *others = fingerprints
    words = ["sdmxmig", "justify", first, str(folder), *(word for other in others for word in ("--and", other))]
    return shlex.join([*words, "--text", text, *(["--by", by] if by else [])])


def list_warnings(session: Session, name: str) -> list[str]:
    """Return the fingerprints of warnings by name: a fingerprint, or a rule with unjustified warnings."""
    of_rule = [
        finding.fingerprint
        for finding in read_last_findings(session).items
        if finding.rule == name and finding.severity == "warning"
    ]
    if not of_rule:
        return [name]
    kept = read_justifications(session.workspace.folder / JUSTIFICATIONS_FILE)
    return [fingerprint for fingerprint in of_rule if fingerprint not in kept] or of_rule


def check_same_reason(folder: Path, fingerprint: str, text: str, *, seen_in: str) -> None:
    """Raise `Conflict` if the reason has changed since; `seen_in` is the SHA-256 of the file, or empty."""
    path = folder / JUSTIFICATIONS_FILE
    present = path.read_bytes() if path.is_file() else b""
    sha256 = hashlib.sha256(present).hexdigest() if present else ""
    if seen_in == sha256:
        return
    try:
        seen = index_justifications(read_kept(folder, seen_in)) if seen_in else {}
    except SdmxmigError:
        raise Conflict({JUSTIFICATIONS_FILE: sha256}) from None
    theirs = read_justifications(path).get(fingerprint)
    if theirs != seen.get(fingerprint):
        message = (
            f"This warning was justified in the meantime{f' by {theirs.by}' if theirs.by else ''}: “{theirs.text}”."
            if theirs
            else "The justification of this warning was removed in the meantime."
        )
        raise Conflict({JUSTIFICATIONS_FILE: sha256}, message, f"You wrote: “{text}”. Compare both, and decide again.")


def read_last_findings(session: Session) -> Findings:
    path = session.path("findings") / FILE_NAME
    if not path.is_file():
        hint = f"Run first: sdmxmig validate {quote_path(session.workspace.folder)}"
        raise SdmxmigError("The data have not been validated.", Place(str(path)), hint)
    return read_findings(path)


def find_justifiable(findings: Findings, fingerprint: str) -> tuple[str, str]:
    listed = {finding.fingerprint: (finding.severity, finding.rule, finding.flow) for finding in findings.items}
    counted = {
        name: (more.severity, more.rule, more.flow) for more in findings.unlisted for name in collect_fingerprints(more)
    }
    finding = listed.get(fingerprint) or counted.get(fingerprint)
    if finding is None:
        if any(gone.fingerprint == fingerprint for gone in findings.gone):
            raise SdmxmigError(f"The finding {fingerprint} is gone.", hint="It no longer needs a justification.")
        warnings = [name for name in list_fingerprints(findings) if (listed | counted)[name][0] == "warning"]
        rules = dict.fromkeys((listed | counted)[name][1] for name in warnings)
        hint = did_you_mean(fingerprint, [*rules, *warnings]) or "There are no warnings."
        raise SdmxmigError(f"There is no finding “{fingerprint}”.", hint=hint)
    severity, rule, flow = finding
    if severity == "error":
        raise SdmxmigError(
            f"This finding of {rule} is an error. Errors cannot be justified.",
            hint="Correct the data, or ask the agency.",
        )
    if severity != "warning":
        raise SdmxmigError(f"This finding of {rule} is for information only.", hint="It needs no justification.")
    return rule, flow


def read_justifications(path: Path) -> dict[str, Justification]:
    return index_justifications(read_bytes(path)) if path.is_file() else {}


def index_justifications(content: bytes) -> dict[str, Justification]:
    declared = Declared.parse(JUSTIFICATIONS_FILE, content)
    justifications: dict[str, Justification] = {}
    for entry in declared.tables("justification"):
        entry.check_shape("fingerprint", FINGERPRINT, "Write the fingerprint that validate shows.")
        justification = entry.read(Justification)
        if justification.fingerprint in justifications:
            raise DeclarationError(
                f"{justification.fingerprint} is justified twice.", entry.place, "Keep one of the two."
            )
        justifications[justification.fingerprint] = justification
    declared.close()
    return justifications


def render(justifications: Iterable[Justification]) -> bytes:
    in_order = sorted(justifications, key=lambda reason: (reason.rule, reason.flow, reason.fingerprint))
    return (
        "\n\n".join([FILE_NOTE, *(format_entry("justification", select_stated_fields(reason)) for reason in in_order)])
        + "\n"
    ).encode()


def select_stated_fields(record: Justification | Comment) -> dict[str, str]:
    return {name: value for name, value in asdict(record).items() if value}


MAX_COMMENTS = 20_000
COMMENTS_NOTE = "# What people say about findings and answers. Written by: sdmxmig comment\n"


@dataclass(frozen=True, slots=True)
class Comment:
    about: str
    text: str
    _: KW_ONLY
    by: str = ""
    at: str = ""


def create_comment(session: Session, about: str, text: str, *, by: str) -> Comment:
    words = " ".join(text.split())
    if not words or len(words) > MAX_LENGTH:
        raise SdmxmigError("The comment is empty or too long.", hint=f"Write at most {MAX_LENGTH:,} characters.")
    return Comment(describe_subject(session, about), words, by=" ".join(by.split()), at=session.prepared)


def keep_comments(workspace: Path, comments: Sequence[Comment]) -> None:
    if not comments:
        return
    path = workspace / COMMENTS_FILE
    if len(read_comments(path)) + len(comments) > MAX_COMMENTS:
        raise SdmxmigError(f"A workspace has at most {MAX_COMMENTS:,} comments.", hint=f"Move {COMMENTS_FILE} away.")
    before = read_bytes(path).decode() if path.is_file() else COMMENTS_NOTE
    entries = (f"{format_entry('comment', select_stated_fields(each))}\n" for each in comments)
    publish_file(path, "\n".join([before.rstrip("\n") + "\n", *entries]).encode())


def describe_subject(session: Session, about: str) -> str:
    if FINGERPRINT.fullmatch(about):
        path = find_store(session.out)
        if not path.is_file() or not is_found(path, about):
            hint = "Use the fingerprint that validate shows beside a finding."
            raise SdmxmigError(f"There is no finding “{about}”.", hint=hint)
        return about
    unit = find_unit(parse_key(about if about.endswith(f".{ANSWER}") else f"{about}.{ANSWER}"))
    check_answers({(*unit, ANSWER): ""}, read_questions(session.catalogue))
    return format_key(unit)


def is_found(store: Path, fingerprint: str) -> bool:
    with open_file(store) as file:
        return any(f'"{fingerprint}"'.encode() in line for line in file)


def read_comments(path: Path) -> tuple[Comment, ...]:
    if not path.is_file():
        return ()
    declared = Declared.parse(path.name, read_bytes(path))
    comments = [entry.read(Comment) for entry in declared.tables("comment")]
    declared.close()
    return tuple(comments)


def group_by_subject(comments: Iterable[Comment]) -> dict[str, list[dict[str, str]]]:
    subjects: dict[str, list[dict[str, str]]] = {}
    for each in comments:
        subjects.setdefault(each.about, []).append({"text": each.text, "by": each.by, "at": each.at})
    return subjects


def write_comment_command(folder: Path, comments: Iterable[Comment]) -> str:
    lines = []
    for each in comments:
        by = ["--by", each.by] if each.by else []
        lines.append(shlex.join(["sdmxmig", "comment", str(folder), "--on", each.about, "--text", each.text, *by]))
    return " && ".join(lines)
