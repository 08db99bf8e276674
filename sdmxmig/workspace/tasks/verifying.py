"""Verification of sealed submissions."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive
from sdmxmig.io.intake.files import FILE_LIMIT, open_file, read_bytes, read_stream
from sdmxmig.io.intake.incoming import MESSAGE_RATIO
from sdmxmig.io.publishing.files import compute_hash, pack
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.transmission.sealing import (
    CHECKSUMS,
    MANIFEST,
    SEAL_FILES,
    SUBMISSION_ID,
    Checker,
    describe_differences,
    find_problem,
    read_manifest,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_SEAL_BYTES = 64 * 1024 * 1024
"""Maximum size of seals in bytes."""


@add_summary
@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of a verification.

    `expected` may be empty; `signed_by` is a fingerprint; `is_checked` means verified with a key; `has_other_packing`
    marks other archives.
    """

    folder: Path
    id: str
    parts: int
    expected: str
    differences: tuple[str, ...]
    signed_by: str = ""
    is_checked: bool = False
    has_other_packing: bool = False

    @property
    def ok(self) -> bool:
        return not self.differences

    def summary(self) -> Summary:
        verdict = (
            f"intact, {write_count(self.parts, 'part')}"
            if self.ok
            else f"not intact: {write_count(len(self.differences), 'difference')}"
        )
        rows = tuple((text,) for text in self.differences[:MAX_SHOWN])
        return Summary(f"Submission {self.id or self.folder.name}: {verdict}", rows=rows)


MAX_SHOWN = 8


def verify(path: Path, announced: str = "", *, key: Ed25519PublicKey | None = None) -> Verification:
    """Verify manifest, checksums and signature.

    `announced` is the id known from another channel. Raises `SdmxmigError` if it is not a submission, `InputError` for
    damaged archives.
    """
    if path.is_file() and is_archive(path):
        with open_file(path) as file:
            return verify_archive(path, file, announced, key)
    called = path.resolve().name
    expected = announced or (called if SUBMISSION_ID.fullmatch(called) else "")
    if not path.is_dir() or not (expected or any((path / name).is_file() for name in (MANIFEST, CHECKSUMS))):
        raise explain_no_submission(path)
    seals = {name: read_content(path / name) for name in SEAL_FILES}
    return verify_contents(path, hash_files(path), seals, expected, key=key)


def refuse_differences(verification: Verification, place: Place, hint: str) -> None:
    if verification.differences:
        raise SdmxmigError(f"It differs from the sealed submission: {verification.differences[0]}", place, hint)


def verify_contents(
    path: Path, hashes: Mapping[str, str], seals: Mapping[str, bytes], expected: str, *, key: Ed25519PublicKey | None
) -> Verification:
    check: Checker | None = functools.partial(find_problem, key=key) if key else None
    changes = describe_differences(hashes, seals, expected, check=check)
    sealed = read_manifest(seals[MANIFEST])
    signed_by = sealed.particulars.key if sealed else ""
    if key is not None and sealed and not signed_by:
        changes.append("It is not signed, so the key cannot be checked.")
    return Verification(
        folder=path,
        id=sealed.id if sealed else "",
        parts=len(sealed.parts) if sealed else 0,
        expected=expected,
        differences=tuple(changes),
        signed_by=signed_by,
        is_checked=key is not None,
    )


def is_archive(path: Path) -> bool:
    with open_file(path) as file:
        return file.read(len(ZIP_MAGIC)) == ZIP_MAGIC


def verify_archive(path: Path, file: BinaryIO, announced: str, key: Ed25519PublicKey | None) -> Verification:
    archive = open_archive(path, file)
    folder = find_folder(archive)
    called = folder.removesuffix("/")
    expected = announced or (called if SUBMISSION_ID.fullmatch(called) else "")
    if not expected and not any(f"{folder}{name}" in archive for name in (MANIFEST, CHECKSUMS)):
        raise SdmxmigError(
            "This archive contains no submission.", Place(str(path)), "Name the archive of a submission."
        )
    hashes, seals = read_contents(archive, folder)
    verification = verify_contents(path, hashes, seals, expected, key=key)
    sealed = read_manifest(seals[MANIFEST])
    if not verification.ok or sealed is None:
        return verification
    names = [*(part.name for part in sealed.parts), *(name for name in SEAL_FILES if seals[name])]
    again = open_archive(path, file)
    packed_alike = has_same_packing(file, ((f"{sealed.id}/{name}", again.chunks(f"{folder}{name}")) for name in names))
    return replace(verification, has_other_packing=not packed_alike)


def open_archive(path: Path, file: BinaryIO) -> Archive:
    return Archive(file, str(path), limit=FILE_LIMIT, ratio=MESSAGE_RATIO)


def find_folder(archive: Archive) -> str:
    for seal in (MANIFEST, CHECKSUMS):
        seals = [member for member in archive.members if member.rpartition("/")[2] == seal]
        if seals:
            return min(seals, key=lambda member: (member.count("/"), member)).removesuffix(seal)
    outermost = sorted({member.partition("/")[0] for member in archive.members if "/" in member})
    return next((f"{name}/" for name in outermost if SUBMISSION_ID.fullmatch(name)), "")


def read_contents(archive: Archive, folder: str) -> tuple[dict[str, str], dict[str, bytes]]:
    hashes: dict[str, str] = {}
    seals = dict.fromkeys(SEAL_FILES, b"")
    members = archive.members  # in order, so that the contents of a folder follow it directly
    for member, following in zip(members, (*members[1:], ""), strict=True):
        name = member.removeprefix(folder) if member.startswith(folder) else f"../{member}"
        if member.endswith("/"):
            if not following.startswith(member):
                hashes[name] = ""
            continue
        digest, content = hashlib.sha256(), bytearray()
        for piece in archive.chunks(member) if archive.is_ordinary(member) else ():
            digest.update(piece)
            if name in seals and len(content) <= MAX_SEAL_BYTES:
                content += piece
        hashes[name] = digest.hexdigest() if archive.is_ordinary(member) else ""
        if name in seals:
            seals[name] = bytes(content)
    return hashes, seals


def has_same_packing(file: BinaryIO, files: Iterable[tuple[str, Iterable[bytes]]]) -> bool:
    with tempfile.TemporaryFile() as packed:
        pack(files, packed)
        size = packed.tell()
        packed.seek(0)
        if file.seek(0, os.SEEK_END) != size:
            return False
        file.seek(0)
        return all(ours == theirs for ours, theirs in zip(read_stream(packed), read_stream(file), strict=True))


def explain_no_submission(path: Path) -> SdmxmigError:
    if path.is_file():
        named = read_content(path).strip().decode(errors="replace")  # the name of a sibling
        hint = (
            f"It names this one: {path.parent / named}"
            if SUBMISSION_ID.fullmatch(named)
            else "Name the folder or archive of a submission."
        )
        return SdmxmigError("This is a file, and a submission is a folder.", Place(str(path)), hint)
    if not path.is_dir():
        return SdmxmigError(f"There is no submission “{path}”.", hint="Name the folder or archive of a submission.")
    patterns = ("", "submission/", "out/submission/")
    inside = [file.parent for pattern in patterns for file in sorted(path.glob(f"{pattern}*/{MANIFEST}"))]
    hint = f"Name the folder of a submission, such as {inside[0]}." if inside else "Make one with: sdmxmig package"
    return SdmxmigError("This is not a submission.", Place(str(path)), hint)


def read_content(path: Path) -> bytes:
    return read_bytes(path) if path.is_file() and not path.is_symlink() and path.stat().st_size else b""


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file; it is empty for links and empty folders."""
    hashes = {}
    for name, folders, files in os.walk(folder):
        subfolder = Path(name)
        links = [entry for entry in folders if (subfolder / entry).is_symlink()]
        for entry in [*files, *links]:
            hashes[(subfolder / entry).relative_to(folder).as_posix()] = compute_hash(subfolder / entry)
        if not folders and not files and subfolder != folder:
            hashes[f"{subfolder.relative_to(folder).as_posix()}/"] = ""
    return hashes
