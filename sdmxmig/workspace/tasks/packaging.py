"""Sealing of submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig.catalogue.agencies import REFUSES
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import compute_hashes
from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import find_base_language, normalise_tag, quote_path
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.reporting.outputs.cover_letter import FILE_NAME, Letter, write_cover_letter
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.model.findings import SEVERITIES, Findings
from sdmxmig.sdmx.model.submission import (
    DATA,
    METADATA,
    STRUCTURES,
    ManifestDetails,
    Override,
    Submission,
    SubmissionPart,
)
from sdmxmig.sdmx.revision import find_disagreement
from sdmxmig.transmission.demands import check_demands
from sdmxmig.transmission.sealing import (
    CHECKSUMS,
    MANIFEST,
    SIGNATURE,
    build_part,
    check_no_errors,
    compute_fingerprint,
    sign,
    submit,
    write_checksums,
    write_manifest,
)
from sdmxmig.workspace.requests.tasks import PackageRequest
from sdmxmig.workspace.tasks.approvals import check_may_seal, list_approvers
from sdmxmig.workspace.tasks.data_folder import (
    DISK_FORMAT,
    MESSAGE_FORMATS,
    collect_added_data,
    hash_declarations,
    list_stored_flows,
    name_data,
    read_datasets_in_file,
)
from sdmxmig.workspace.tasks.justifying import remove_run_comparison
from sdmxmig.workspace.tasks.outgoing import build_parts, prepare_messages
from sdmxmig.workspace.tasks.sealed_submissions import STRUCTURES_FOLDER, compute_files_digest, list_unchanged_parts
from sdmxmig.workspace.tasks.session import Session, build_command, describe_outdated

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from sdmxmig.catalogue.agencies import Agency
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.sdmx.model.findings import ValidatedInputs
    from sdmxmig.sdmx.model.submission import Outgoing

REPORT = "findings.jsonl"
LONGEST = 4000
DEFAULT_REQUEST = PackageRequest()


class NotReady(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """An obstacle to sealing that can be overridden with a reason."""


def package(
    session: Session, request: PackageRequest = DEFAULT_REQUEST, *, key: Ed25519PrivateKey | None = None
) -> Submission:
    """Seal a submission, and sign it with a key.

    Raises `SdmxmigError` for changes since validation, inconsistent formats and missing approval; `NotReady` for
    unjustified warnings, refusals and omissions without `override`.
    """
    check_may_seal(session, request.by)
    report = read_findings_file(session)
    judged = findings_lines.read_judged(report, REPORT)
    contents = index_judged_contents(session, judged)
    check_up_to_date(session, "findings", session.results.older("findings"))
    datasets = read_agreeing_datasets(session, contents)
    findings = remove_run_comparison(findings_lines.read(report, REPORT))
    check_no_errors(findings)
    outgoing = prepare_messages(session, datasets)
    agency = session.catalogue.agency(session.workspace.receiver)
    particulars = ManifestDetails(
        licence=session.workspace.licence,
        structures=list_structures_named(outgoing),
        profile=agency.status,
        left_out=outgoing.left_out,
        unsaid=outgoing.unsaid,
        override=build_override(session, list_obstacles(findings, agency, outgoing), request),
        key=compute_fingerprint(key.public_key()) if key else "",
        prepared_by=request.by,
        approved_by=list_approvers(session),
    )
    messages = list(build_parts(session, outgoing, contents))
    parts = [
        *messages,
        build_part(REPORT, "application/jsonl", findings_lines.render(findings, session.catalogue.rules, judged)),
        write_letter_part(session, datasets, findings, outgoing, particulars=particulars),
    ]
    structures = list_unchanged_parts(session, outgoing)
    submission = submit(
        parts,
        findings,
        outgoing.header,
        area=session.workspace.country.area,
        agency=session.workspace.receiver,
        versions={
            "sdmxmig": __version__,
            "declarations": judged.declarations if judged else "",
            STRUCTURES_FOLDER: compute_files_digest(structures),
        },
        particulars=particulars,
    )
    signature = sign(write_manifest(submission), key) if key else b""
    options = {"by": request.by, "override": request.override, "key": particulars.key}
    session.seal(submission.id, index_sealed_files(submission, signature), structures, options)
    session.stage("package", f"{submission.id}: {write_count(len(parts), 'part')}, {describe_readiness(submission)}")
    return submission


def index_sealed_files(submission: Submission, signature: bytes = b"") -> dict[str, bytes]:
    files = {part.name: part.content for part in submission.parts}
    files |= {MANIFEST: write_manifest(submission), CHECKSUMS: write_checksums(submission, signature)}
    return files | ({SIGNATURE: signature} if signature else {})


def list_structures_named(outgoing: Outgoing) -> tuple[str, ...]:
    flows = [dataset.flow for message in outgoing.of(DATA) for dataset in message.datasets]
    refs = {flow.dataflow.ref for flow in flows} | {flow.structure.ref for flow in flows}
    refs |= {codelist.ref for flow in flows for codelist in flow.codelists.values()}
    return tuple(sorted(ref.urn for ref in refs))


def list_obstacles(findings: Findings, agency: Agency, outgoing: Outgoing) -> tuple[str, ...]:
    refused = [refusal for refusal in check_demands(agency, outgoing) if refusal.demand.effect == REFUSES]
    return (
        *([f"warnings without a reason: {findings.unjustified:,}"] if findings.unjustified else ()),
        *(f"{agency.id} would refuse it ({refusal.demand.id}): {refusal.sentences()[0]}" for refusal in refused),
        *(f"{agency.id} has no code for it: {sentence}" for sentence in outgoing.left_out),
    )


def build_override(session: Session, passed_over: Sequence[str], request: PackageRequest) -> Override | None:
    reason = " ".join(request.override.split())
    if len(reason) > LONGEST:
        raise SdmxmigError(f"The reason has more than {LONGEST:,} characters.", hint="Shorten it to a sentence or two.")
    if not passed_over and reason:
        raise SdmxmigError("The submission is not blocked.", hint="Remove --override.")
    reason = reason or session.workspace.override
    if not passed_over:
        return None
    if not reason:
        folder = quote_path(session.workspace.folder)
        hint = (
            f"List the obstacles (sdmxmig package {folder} --check) or the warnings (sdmxmig validate {folder}). "
            "Correct each warning, or justify it or all of its rule "
            f"(sdmxmig justify RULE {folder} --text REASON). To seal anyway, add: --override REASON"
        )
        raise NotReady(f"The submission is blocked: {passed_over[0]}.", hint=hint)
    return Override(reason=reason, passed_over=tuple(passed_over), by=request.by)


def describe_readiness(submission: Submission) -> str:
    warnings, override = dict(submission.counts).get("warning", 0), submission.particulars.override
    state = f"ready to send, with {write_count(warnings, 'warning')}" if warnings else "ready to send"
    return f"{state}. Override reason: {override.reason}" if override else state


def read_findings_file(session: Session) -> bytes:
    path = session.path("findings") / REPORT
    content = read_bytes(path) if path.is_file() else b""
    check_findings(session, compute_hashes({REPORT: content})[REPORT] if content else "")
    return content


def check_findings(session: Session, sha256: str) -> None:
    place, record = Place(str(session.out / "findings" / REPORT)), session.results.made("findings")
    if record is None or not sha256:
        raise SdmxmigError("The data have not been validated.", place, suggest_remedy(session, "findings", "Run first"))
    if sha256 != record.files.get(REPORT):
        raise SdmxmigError(
            "The findings were changed since sdmxmig wrote them.", place, suggest_remedy(session, "findings")
        )
    check_up_to_date(session, "data", session.results.older("data"))
    # Changed data are named by file later.
    check_up_to_date(
        session, "findings", [reason for reason in session.results.older("findings") if not reason.startswith("data ")]
    )


def check_up_to_date(session: Session, name: str, reasons: Sequence[str]) -> None:
    if reasons:
        raise SdmxmigError(
            describe_outdated(name, reasons), Place(str(session.out / name)), suggest_remedy(session, name)
        )


def suggest_remedy(session: Session, name: str, verb: str = "Run") -> str:
    return f"{verb}: {build_command(name)} {session.workspace.folder}"


def index_judged_contents(session: Session, judged: ValidatedInputs | None) -> dict[str, dict[str, bytes]]:
    folder, again = session.out / "data", suggest_remedy(session, "findings")
    if judged is None or judged.declarations != hash_declarations(session):
        message = "The rules, codelists or structures were changed since the data were validated."
        raise SdmxmigError(message, Place(str(session.out / "findings" / REPORT)), again)
    if judged.levels:
        message = f"Only rules of level {', '.join(map(str, judged.levels))} were requested; no others have run."
        raise SdmxmigError(message, Place(str(session.out / "findings" / REPORT)), again)
    for path in collect_added_data(session):
        hint = f"Move it away; data come from {session.workspace.folder / 'tables'}."
        raise SdmxmigError("These data were not written by sdmxmig and not validated.", Place(str(path)), hint)
    for flow in list_stored_flows(session):
        if flow not in judged.datasets:
            raise SdmxmigError(f"The data of {flow} have not been validated.", Place(str(folder)), again)
    return {flow: read_unchanged(session, files) for flow, files in sorted(judged.datasets.items())}


def read_unchanged(session: Session, files: Mapping[str, str]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for name, sha256 in sorted(files.items()):
        path = session.path("data") / name
        contents[name] = read_bytes(path) if path.is_file() else b""
        if compute_hashes({name: contents[name]})[name] != sha256:
            change = "was changed" if contents[name] else "is gone"
            place = Place(str(session.out / "data" / name))
            message = f"This file {change} since the data were validated."
            raise SdmxmigError(message, place, suggest_remedy(session, "findings"))
    return contents


def read_agreeing_datasets(session: Session, contents: Mapping[str, Mapping[str, bytes]]) -> list[Dataset]:
    """Read validated datasets; raise `SdmxmigError` if formats differ because a file was changed by hand."""
    flows = session.catalogue.flows
    converted = session.results.made("data")
    datasets: list[Dataset] = []
    for flow, files in contents.items():
        plain = name_data(flow, DISK_FORMAT)
        judged = read_datasets_in_file(session, plain, files[plain])
        is_changed = converted is None or not compute_hashes(files).items() <= converted.files.items()
        for name in MESSAGE_FORMATS if is_changed else ():
            form = name_data(flow, name)
            differs = find_disagreement((form, read_all(FORMATS[name], form, files[form], flows)), (plain, judged))
            if differs:
                place = Place(str(session.out / "data" / form))
                raise SdmxmigError(
                    f"Two forms of the data disagree: {differs}.", place, suggest_remedy(session, "data")
                )
        datasets += judged
    return datasets


def write_letter_part(
    session: Session,
    datasets: Sequence[Dataset],
    findings: Findings,
    outgoing: Outgoing,
    *,
    particulars: ManifestDetails,
) -> SubmissionPart:
    workspace, agency = session.workspace, session.catalogue.agency(session.workspace.receiver)
    override = particulars.override
    letter = Letter(
        workspace.country.office,
        workspace.country.name,
        receiver=agency.name,
        day=dt.datetime.fromisoformat(outgoing.header.prepared).date(),
        counts={severity: findings.count(severity) for severity in SEVERITIES},
        explained=findings.justified,
        files={kind: tuple(message.name for message in outgoing.of(kind)) for kind in (STRUCTURES, METADATA)},
        is_test=workspace.test,
        licence=workspace.licence,
        override=override.reason if override else "",
        left_out=len(particulars.left_out) + len(particulars.unsaid),
        key=particulars.key,
        action=particulars.revision.action if particulars.revision else "",
        prepared_by=particulars.prepared_by,
        approved_by=particulars.approved_by,
    )
    language = choose_letter_language(workspace.country.language, agency)
    return build_part(FILE_NAME, "text/plain; charset=utf-8", write_cover_letter(letter, datasets, language))


def choose_letter_language(language: str, agency: Agency) -> str:
    is_read = not agency.languages or find_base_language(normalise_tag(language)) in agency.languages
    return language if is_read else agency.languages[0]
