"""The submissions that were sealed: what each has, by its manifest, and its files as they are sent."""

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
"""Larger submissions are not put into one archive; in bytes."""


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
    """A submission that was sealed, as its manifest describes it; of one whose manifest is spoilt only its id is known.

    `prepared` is when it was made, `verdict` whether it has warnings. `action` is what its receiver is to do with what
    it has; of one that holds what has changed alone, `revises` is the id of that with all of the data.
    """

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
        """The names of all its files that are there, the parts first."""
        names = (*(part.name for part in self.parts), *SEALS)
        return tuple(name for name in names if is_file_in(self.folder, name))


def sealed_submissions(session: Session) -> tuple[SealedSubmission, ...]:
    """All submissions of a workspace, the last one first."""
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
    """The submission of this id; raises `SdmxmigError` if there is none."""
    by_id = {submission.id: submission for submission in submissions}
    if name not in by_id:
        raise SdmxmigError(f"There is no submission “{name}”.", hint=did_you_mean(name, by_id))
    return by_id[name]


def letter_of(submission: SealedSubmission) -> str:
    """The cover letter of a submission; empty if it has none."""
    return content_of(submission.folder / LETTER).decode("utf-8", "replace")


def file_of(submission: SealedSubmission, name: str) -> bytes:
    """A file of a submission, as it is sent; raises `SdmxmigError` if it has none of this name."""
    if name not in submission.files:
        raise SdmxmigError(f"The submission has no file “{name}”.", hint=did_you_mean(name, submission.files))
    return read_inside(submission.folder, name)


def archive_of(submission: SealedSubmission) -> bytes:
    """All files of a submission in a folder of its name, as one archive; raises as `write_archive` does."""
    buffer = io.BytesIO()
    write_archive(submission, buffer)
    return buffer.getvalue()


def write_archive(submission: SealedSubmission, file: BinaryIO) -> None:
    """Write all files of a submission, in a folder of its name, as one archive into an open file.

    Raises `SdmxmigError` if it is too large for that.
    """
    size = sum((submission.folder / name).stat().st_size for name in submission.files)
    if size > LARGEST:
        hint = f"Take it from its folder: {submission.folder}"
        raise SdmxmigError(f"The submission has {size:,} bytes, too many for one archive.", hint=hint)
    pack(((f"{submission.id}/{name}", [read_inside(submission.folder, name)]) for name in submission.files), file)
