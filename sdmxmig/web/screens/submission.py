"""Submission screen."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sdmxmig.catalogue.agencies import Agency
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.outputs.cover_letter import FILE_NAME as LETTER
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.transmission.sealing import SEAL_FILES
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit, deliveries
from sdmxmig.workspace.folder import APPROVALS_FILE, COUNTRY_FILE
from sdmxmig.workspace.results import SUBMISSION
from sdmxmig.workspace.tasks.approvals import REVIEWS, index_authors, list_approvals, read_approvals, read_people
from sdmxmig.workspace.tasks.finding_lists import FindingList, find_store
from sdmxmig.workspace.tasks.outgoing import SubmissionPreview
from sdmxmig.workspace.tasks.packaging import LONGEST
from sdmxmig.workspace.tasks.preflight import (
    MET,
    approve,
    is_ready,
    is_ready_with_reason,
    list_requirements,
    preview_submission,
    withdraw,
)
from sdmxmig.workspace.tasks.sealed_submissions import (
    SealedSubmission,
    build_archive,
    list_submissions,
    read_file,
    read_letter,
    select_submission,
)
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.verifying import verify

MAX_DIFFERENCES = 50
"""Maximum number of differences from the sealed submission listed."""


def show(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    session = workbench.session()
    path = find_store(session.out)
    findings = workbench.kept("findings", lambda: FindingList(path), path) if path.is_file() else None
    receiver = session.catalogue.agencies.get(session.workspace.receiver)
    conditions = list_requirements(session, findings, lambda of: build_submission_preview(visit, of, path))
    can_be_made = any(condition.name == "written" and condition.state == MET for condition in conditions)
    submissions = list_submissions(session)
    name = visit.asked.get("id", "")
    chosen = select_submission(submissions, name) if name else next(iter(submissions), None)
    facts: dict[str, Any] = {
        "approval": describe_approval(visit, session),
        "conditions": [
            {**asdict(condition), "label": condition.label, "reasons": list(condition.reasons)}
            for condition in conditions
        ],
        "is_ready": is_ready(conditions),
        "is_ready_with_reason": is_ready_with_reason(conditions),
        "receiver": session.workspace.receiver,
        "profile": describe_profile(receiver, visit.language) if receiver else None,
        "planned": describe_planned_submission(build_submission_preview(visit, session, path)) if can_be_made else None,
        "older": session.results.older("submission"),
        "submissions": [
            {"id": each.id, "prepared": each.prepared, "receiver": each.receiver, "verdict": each.manifest.verdict}
            | {"is_newest": each.is_newest, "parts": len(each.parts)}
            for each in submissions
        ],
        "chosen": describe_chosen(chosen, visit.asked.get("announced", "").strip()) if chosen else None,
        "deliveries": deliveries.describe_delivery(visit, session, chosen),
        "fetched": deliveries.describe_fetched(session),
    }
    return ScreenContent(facts, command=f"sdmxmig package {quote_path(workbench.folder)} --check")


def build_submission_preview(visit: Visit, session: Session, findings: Path) -> SubmissionPreview:
    files, known = (findings, session.workspace.folder / COUNTRY_FILE), session.catalogue
    return visit.workbench.kept("prospect", lambda: (known, preview_submission(session)), *files, about=id(known))[1]


def describe_profile(agency: Agency, language: str) -> dict[str, Any]:
    return {
        "id": agency.id,
        "name": agency.name.in_language(language),
        "status": agency.status,
        "source": agency.source,
        "formats": list(agency.formats),
        "structure_format": agency.structure_format,
        "metadata_format": agency.metadata_format,
        "file_name": agency.file_name,
        "transports": [
            {"kind": each.kind, **localise_text(each.note, language), "status": each.status, "source": each.source}
            for each in agency.transports
        ],
        "demands": [
            {
                "id": demand.id,
                **localise_text(demand.says, language),
                "effect": demand.effect,
                "status": demand.status,
                "source": demand.source,
            }
            for demand in agency.demands
        ],
    }


def localise_text(text: Text, language: str) -> dict[str, str]:
    return {"says": text.in_language(language), "language": "" if text.has(language) else "en"}


def describe_planned_submission(prospect: SubmissionPreview) -> dict[str, Any]:
    return {
        "files": [{"name": name, "kind": kind, "format": form} for name, kind, form in prospect.files],
        "refused": [refusal.demand.id for refusal in prospect.refusals],
        "dues": [
            {"flow": due.flow, "period": due.period, "day": due.day.isoformat(), "source": due.term.source}
            for due in prospect.dues
        ],
    }


def describe_chosen(submission: SealedSubmission, announced: str) -> dict[str, Any]:
    verification, files = verify(submission.folder, announced), submission.files
    return {
        "id": submission.id,
        "folder": str(submission.folder),
        "parts": [
            {"name": part.name, "media_type": part.media_type, "size": part.size, "sha256": part.sha256}
            for part in submission.parts
        ],
        "seals": [name for name in SEAL_FILES if name in files],
        "files": list(files),
        "letter": read_letter(submission) if LETTER in files else "",
        "announced": announced,
        "ok": verification.ok,
        "signed_by": verification.signed_by,
        "differences": list(verification.differences[:MAX_DIFFERENCES]),
        "count": len(verification.differences),
        "verify": f"sdmxmig verify {quote_path(submission.folder)}"
        + (f" --id {quote_path(announced)}" if announced else ""),
    }


def seal(visit: Visit) -> Redirect:
    reason = visit.form.get("reason", "").strip()
    if len(reason) > LONGEST:
        raise SdmxmigError(f"The reason has more than {LONGEST:,} characters.", hint="Shorten it to a sentence or two.")
    words = [f"--override={reason}"] if reason else []
    job = visit.begin(["package", str(visit.workbench.folder), *words, *visit.named])
    return visit.watch(job)


def give_approval(visit: Visit) -> Redirect:
    approve(visit.workbench.session(), visit.by, seen=visit.word("state"))
    return Redirect("/submission", "It is approved. Any change cancels the approval.")


def withdraw_approval(visit: Visit) -> Redirect:
    withdraw(visit.workbench.session(), visit.by)
    return Redirect("/submission", "The approval is withdrawn.")


def describe_approval(visit: Visit, session: Session) -> dict[str, Any] | None:
    people = read_people(session.workspace.folder)
    if people is None:
        return None
    approvals = list_approvals(session, people)
    record, changed_by = read_approvals(session.workspace.folder / APPROVALS_FILE), index_authors(session)
    is_author = REVIEWS in visit.roles and visit.by in changed_by
    return {
        "state": session.results.state(SUBMISSION),
        "authors": [{"by": by, "step": step} for by, step in changed_by.items()],
        "approvals": [{"by": each.by, "at": each.at, "step": each.step} for each in approvals],
        "is_mine": any(each.by == visit.by for each in approvals),
        "needs_another": is_author and all(each.by == visit.by for each in approvals),
        "sealed_by": {each.id: each.by for each in record.seals},
    }


def serve_file(visit: Visit) -> Document:
    name, _, file = visit.form["path"].partition("/")
    submission = select_submission(list_submissions(visit.workbench.session()), name)
    return Document(file.rpartition("/")[2], read_file(submission, file))


def serve_archive(visit: Visit) -> Document:
    name = visit.form["path"].removesuffix(".zip")
    submission = select_submission(list_submissions(visit.workbench.session()), name)
    return Document(f"{submission.id}.zip", build_archive(submission), media_type="application/zip")


SCREEN = Screen(
    name="submission",
    title="Submission",
    show=show,
    actions={
        "seal": seal,
        "approve": give_approval,
        "withdraw": withdraw_approval,
        "send": deliveries.send,
        "resume": deliveries.continue_delivery,
        "ask": deliveries.list_deliveries,
        "fetch-back": deliveries.fetch_back,
        "settle": deliveries.settle,
        "take-back": deliveries.cancel_delivery,
    },
    documents={"of": serve_file, "archive": serve_archive, "receipt": deliveries.serve_receipt},
)
