"""Sealed submissions by manifest."""

from __future__ import annotations

import io
import json
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sdmxmig.io.intake.files import read_inside
from sdmxmig.io.publishing.packing import pack
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.reporting.outputs.cover_letter import NAME as LETTER
from sdmxmig.sdmx.model.delivery import REPLACE
from sdmxmig.transmission.sealing.submission import ID, MANIFEST, SEALS
from sdmxmig.workspace.results import NEWEST, SUBMISSION
from sdmxmig.workspace.tasks.safe_names import is_file_in
from sdmxmig.workspace.tasks.verifying import content_of

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

LARGEST = 500_000_000
"""Maximum size of an archive in bytes."""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part of a submission, as its manifest has it."""

    name: str
    media_type: str
    _: KW_ONLY
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSubmission:
    """A sealed submission; only the id if the manifest is damaged."""

    id: str
    folder: Path
    prepared: str
    receiver: str
    verdict: str
    is_newest: bool
    parts: tuple[SealedPart, ...]
    action: str = REPLACE
    revises: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        names = (*(part.name for part in self.parts), *SEALS)
        return tuple(name for name in names if is_file_in(self.folder, name))


def sealed_submissions(session: Session) -> tuple[SealedSubmission, ...]:
    folder = session.out / SUBMISSION
    newest = content_of(folder / NEWEST).strip().decode(errors="replace")
    folders = (
        (path for path in folder.iterdir() if path.is_dir() and ID.fullmatch(path.name)) if folder.is_dir() else ()
    )
    listed = [submission_in(path, newest) for path in folders]
    return tuple(sorted(listed, key=lambda each: (each.is_newest, each.prepared, each.id), reverse=True))


def submission_in(folder: Path, newest: str) -> SealedSubmission:
    """The submission in a folder."""
    try:
        described: dict[str, Any] = json.loads(content_of(folder / MANIFEST))
        parts = tuple(
            SealedPart(str(part["name"]), str(part["media_type"]), size=int(part["size"]), sha256=str(part["sha256"]))
            for part in described["parts"]
        )
        header, verdict = dict(described["header"]), str(described["verdict"])
        receiver = str(described["agency"])
        revision = dict(described.get("revision", {}))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        parts, header, verdict, receiver, revision = (), {}, "", "", {}
    return SealedSubmission(
        id=folder.name,
        folder=folder,
        prepared=str(header.get("prepared", "")),
        receiver=receiver,
        verdict=verdict,
        is_newest=folder.name == newest,
        parts=parts,
        action=str(revision.get("action", REPLACE)),
        revises=str(revision.get("of", "")),
    )


def submission_of(submissions: tuple[SealedSubmission, ...], name: str) -> SealedSubmission:
    by_id = {submission.id: submission for submission in submissions}
    if name not in by_id:
        raise SdmxmigError(f"There is no submission “{name}”.", hint=did_you_mean(name, by_id))
    return by_id[name]


def letter_of(submission: SealedSubmission) -> str:
    return content_of(submission.folder / LETTER).decode("utf-8", "replace")


def file_of(submission: SealedSubmission, name: str) -> bytes:
    if name not in submission.files:
        raise SdmxmigError(f"The submission has no file “{name}”.", hint=did_you_mean(name, submission.files))
    return read_inside(submission.folder, name)


def archive_of(submission: SealedSubmission) -> bytes:
    buffer = io.BytesIO()
    write_archive(submission, buffer)
    return buffer.getvalue()


def write_archive(submission: SealedSubmission, file: BinaryIO) -> None:
    """Write a submission as an archive; raises `SdmxmigError` if too large."""
    size = sum((submission.folder / name).stat().st_size for name in submission.files)
    if size > LARGEST:
        hint = f"Take it from its folder: {submission.folder}"
        raise SdmxmigError(f"The submission has {size:,} bytes, too many for one archive.", hint=hint)
    pack(((f"{submission.id}/{name}", [read_inside(submission.folder, name)]) for name in submission.files), file)
