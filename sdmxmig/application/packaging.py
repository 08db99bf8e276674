"""Packaging: what was validated is sealed into a submission folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig import __version__, catalogue, formats
from sdmxmig.agreement import disagreement
from sdmxmig.application.approvals import check_may_seal
from sdmxmig.application.data_folder import (
    DISK_FORMAT,
    MESSAGE_FORMATS,
    added_data,
    data_name,
    declarations,
    flows_on_disk,
)
from sdmxmig.application.session import Session, anew, outdated
from sdmxmig.blanks import filled
from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.formats import FORMATS, read_all
from sdmxmig.intake.files import read_bytes
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.run_comparison import without_runs
from sdmxmig.model.submission import Submission, SubmissionPart
from sdmxmig.outputs import findings_lines
from sdmxmig.outputs.cover_letter import NAME, Letter, cover_letter
from sdmxmig.places import Place
from sdmxmig.publishing.made import hashes_of
from sdmxmig.submission import CHECKSUMS, MANIFEST, checksums, manifest, part_of, submit

if TYPE_CHECKING:
    from sdmxmig.model.data import Dataset
    from sdmxmig.model.findings import JudgedInputs

REPORT = "findings.jsonl"


def package(session: Session, by: str = "") -> Submission:
    """Seal data, structures and findings into a submission folder; gives the submission.

    `by` is who seals it, where several people work on the workspace. Raises `SdmxmigError` for whatever was changed
    since it was validated, for forms of one dataset that differ, and for what another person has to approve first.
    """
    check_may_seal(session, by)
    report = findings_as_written(session)
    judged = findings_lines.judged_in(report, REPORT)
    contents = judged_contents(session, judged)
    refuse_older(session, "findings", session.results.older("findings"))
    datasets = agreeing_datasets(session, contents)
    structures = structure_part(session, list(contents))
    findings = without_runs(findings_lines.read(report, REPORT))
    parts = [
        *data_parts(session, contents),
        structures,
        part_of(REPORT, "application/jsonl", findings_lines.render(findings, session.catalogue.rules, judged)),
        letter_part(session, datasets, findings, structures.name),
    ]
    submission = submit(
        parts,
        findings,
        session.header(f"{session.workspace.area}_SUBMISSION"),
        area=session.workspace.area,
        agency=session.workspace.receiver,
        versions={"sdmxmig": __version__},
    )
    files = {part.name: part.content for part in submission.parts}
    files |= {MANIFEST: manifest(submission), CHECKSUMS: checksums(submission)}
    session.seal(submission.id, files)
    session.stage("package", f"{submission.id}: {counted(len(parts), 'part')}, {state_of(submission)}")
    return submission


def state_of(submission: Submission) -> str:
    """How a submission stands before it is sent, in words; whether it is accepted is for the receiver to say."""
    warnings = dict(submission.counts).get("warning", 0)
    return f"ready to send, with {counted(warnings, 'warning')}" if warnings else "ready to send"


def findings_as_written(session: Session) -> bytes:
    """The findings as ``validate`` wrote them, if they and the data are not older than what they are made from."""
    path = session.path("findings") / REPORT
    content = read_bytes(path) if path.is_file() else b""
    check_findings(session, hashes_of({REPORT: content})[REPORT] if content else "")
    return content


def check_findings(session: Session, sha256: str) -> None:
    """Refuse findings that are not as ``validate`` wrote them, or older than what they and the data are made from.

    `sha256` is that of their file as it stands, empty if there is none.
    """
    place, record = Place(str(session.out / "findings" / REPORT)), session.results.made("findings")
    if record is None or not sha256:
        raise SdmxmigError("The data have not been validated.", place, remedy(session, "findings", "Run first"))
    if sha256 != record.files.get(REPORT):
        raise SdmxmigError("The findings were changed since sdmxmig wrote them.", place, remedy(session, "findings"))
    refuse_older(session, "data", session.results.older("data"))
    # Which data were changed is said file by file later on.
    refuse_older(
        session, "findings", [reason for reason in session.results.older("findings") if not reason.startswith("data ")]
    )


def refuse_older(session: Session, name: str, reasons: Sequence[str]) -> None:
    """Refuse a result that is older than what it is made from."""
    if reasons:
        raise SdmxmigError(outdated(name, reasons), Place(str(session.out / name)), remedy(session, name))


def remedy(session: Session, name: str, verb: str = "Run") -> str:
    """A hint with the command that makes a result anew."""
    return f"{verb}: {anew(name)} {session.workspace.folder}"


def judged_contents(session: Session, judged: JudgedInputs | None) -> dict[str, dict[str, bytes]]:
    """The files of every dataset, by the id of its dataflow; each is the one that was validated, byte by byte.

    Raises `SdmxmigError` naming the first file that is not, or that nobody has judged.
    """
    folder, again = session.out / "data", remedy(session, "findings")
    if judged is None or judged.declarations != declarations(session):
        message = "The rules, codelists or structures were changed since the data were validated."
        raise SdmxmigError(message, Place(str(session.out / "findings" / REPORT)), again)
    if judged.levels:
        message = f"Only rules of level {', '.join(map(str, judged.levels))} were asked for; no others have run."
        raise SdmxmigError(message, Place(str(session.out / "findings" / REPORT)), again)
    for path in added_data(session):
        hint = f"Move it away; data come from {session.workspace.folder / 'tables'}."
        raise SdmxmigError("These data were not made by sdmxmig and not validated.", Place(str(path)), hint)
    for flow in flows_on_disk(session):
        if flow not in judged.datasets:
            raise SdmxmigError(f"The data of {flow} have not been validated.", Place(str(folder)), again)
    return {flow: unchanged(session, files) for flow, files in sorted(judged.datasets.items())}


def unchanged(session: Session, files: Mapping[str, str]) -> dict[str, bytes]:
    """The content of files by name; `SdmxmigError` for the first one that has changed since its hash was taken."""
    contents: dict[str, bytes] = {}
    for name, sha256 in sorted(files.items()):
        path = session.path("data") / name
        contents[name] = read_bytes(path) if path.is_file() else b""
        if hashes_of({name: contents[name]})[name] != sha256:
            change = "was changed" if contents[name] else "is gone"
            place = Place(str(session.out / "data" / name))
            message = f"This file {change} since the data were validated."
            raise SdmxmigError(message, place, remedy(session, "findings"))
    return contents


def agreeing_datasets(session: Session, contents: Mapping[str, Mapping[str, bytes]]) -> list[Dataset]:
    """The datasets, read back from each format; `SdmxmigError` if one differs from the data that were validated."""
    flows = session.catalogue.flows
    datasets: list[Dataset] = []
    for flow, files in contents.items():
        plain = data_name(flow, DISK_FORMAT)
        judged = read_all(FORMATS[DISK_FORMAT], plain, files[plain], flows)
        for name in MESSAGE_FORMATS:
            form = data_name(flow, name)
            differs = disagreement((form, read_all(FORMATS[name], form, files[form], flows)), (plain, judged))
            if differs:
                place = Place(str(session.out / "data" / form))
                raise SdmxmigError(f"Two forms of the data disagree: {differs}.", place, remedy(session, "data"))
        datasets += judged
    return datasets


def letter_part(session: Session, datasets: Sequence[Dataset], findings: Findings, structures: str) -> SubmissionPart:
    """The letter to the people who receive the submission, in the language of the workspace."""
    workspace = session.workspace
    letter = Letter(
        workspace.office,
        workspace.name,
        receiver=session.catalogue.agency(workspace.receiver).name,
        day=session.now.date(),
        counts={severity: findings.count(severity) for severity in SEVERITIES},
        structures=structures,
        is_test=workspace.test,
    )
    return part_of(NAME, "text/plain; charset=utf-8", cover_letter(letter, datasets, workspace.language))


def data_parts(session: Session, contents: Mapping[str, Mapping[str, bytes]]) -> list[SubmissionPart]:
    """The data messages, in the formats and by the names that the agency wants."""
    agency = session.catalogue.agency(session.workspace.receiver)
    parts = []
    for name in agency.formats:
        form = FORMATS[name]
        for flow, files in contents.items():
            fields = {
                "flow": flow,
                "area": session.workspace.area,
                "prepared": f"{session.now:%Y%m%d}",
                "suffix": data_name("", name).removeprefix("."),
            }
            file = filled(agency.file_name, fields)
            parts.append(part_of(f"data/{file}", form.data_media_type, files[data_name(flow, name)]))
    return parts


def structure_part(session: Session, flows: list[str]) -> SubmissionPart:
    """The structures of the data as one message: only our own, since others' lists are their owners' to send."""
    own_structures = [
        artefact for artefact in catalogue.structures_for(session.catalogue, flows) if artefact.ref.agency == "SDMXMIG"
    ]
    form = FORMATS["sdmx-ml-3.0"]
    content = formats.structure_bytes(form, own_structures, session.header("STRUCTURES"))
    return part_of(f"structures.sdmx-ml-3.0{form.suffix}", form.structure_media_type, content)
