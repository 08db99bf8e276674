"""Verifying: whether a submission is still what was sealed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.intake.files import read_bytes
from sdmxmig.places import Place
from sdmxmig.publishing.made import hash_of
from sdmxmig.submission import CHECKSUMS, ID, MANIFEST, differences, sealed_parts
from sdmxmig.summaries import Summary, summarised


@summarised
@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found about a submission: how it differs from what was sealed, its id, and how many parts it has.

    `expected` is the id that it should have, empty where neither somebody nor the name of its folder says it.
    """

    folder: Path
    id: str
    parts: int
    expected: str
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it is what was sealed."""
        return not self.differences

    def summary(self) -> Summary:
        """Whether it is intact, and if not where it differs, as it shows itself."""
        verdict = (
            f"intact, {counted(self.parts, 'part')}"
            if self.ok
            else f"not intact: {counted(len(self.differences), 'difference')}"
        )
        rows = tuple((text,) for text in self.differences[:SHOWN])
        return Summary(f"Submission {self.id or self.folder.name}: {verdict}", rows=rows)


SHOWN = 8
"""So many differences show themselves."""


def verify(folder: Path, announced: str = "") -> Verification:
    """Hold a submission against its manifest and sums; `announced` is the id that came another way, if one did.

    Raises `SdmxmigError` if the folder is no submission.
    """
    called = folder.resolve().name
    expected = announced or (called if ID.fullmatch(called) else "")
    if not folder.is_dir() or not (expected or any((folder / name).is_file() for name in (MANIFEST, CHECKSUMS))):
        raise no_submission(folder)
    content, sums = (content_of(folder / name) for name in (MANIFEST, CHECKSUMS))
    changes = differences(hashes_in(folder), content, sums, expected)
    name, parts = sealed_parts(content) or ("", {})
    return Verification(folder=folder, id=name, parts=len(parts), expected=expected, differences=tuple(changes))


def no_submission(folder: Path) -> SdmxmigError:
    """The error for a folder in which nothing was sealed; it names a submission further inside, if there is one."""
    if folder.is_file():
        named = content_of(folder).strip().decode(errors="replace")  # as `newest` names one beside it
        hint = f"It names this one: {folder.parent / named}" if ID.fullmatch(named) else "Name the folder of one."
        return SdmxmigError("This is a file, and a submission is a folder.", Place(str(folder)), hint)
    if not folder.is_dir():
        return SdmxmigError(f"There is no folder “{folder}”.", hint="Name the folder of a submission.")
    patterns = ("", "submission/", "out/submission/")
    inside = [path.parent for pattern in patterns for path in sorted(folder.glob(f"{pattern}*/{MANIFEST}"))]
    hint = f"Name the folder of one, such as {inside[0]}." if inside else "Make one with: sdmxmig package"
    return SdmxmigError("This is no submission.", Place(str(folder)), hint)


def content_of(path: Path) -> bytes:
    """The content of a file, empty if it is gone; a link is not followed."""
    return read_bytes(path) if path.is_file() and not path.is_symlink() and path.stat().st_size else b""


def hashes_in(folder: Path) -> dict[str, str]:
    """Every file in a folder with its SHA-256, and every link and empty folder with none."""
    hashes = {}
    for name, folders, files in os.walk(folder):
        subfolder = Path(name)
        links = [entry for entry in folders if (subfolder / entry).is_symlink()]
        for entry in [*files, *links]:
            hashes[(subfolder / entry).relative_to(folder).as_posix()] = hash_of(subfolder / entry)
        if not folders and not files and subfolder != folder:
            hashes[f"{subfolder.relative_to(folder).as_posix()}/"] = ""
    return hashes
