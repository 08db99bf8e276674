"""Submission: the parts that are sent to an agency, sealed by their hashes, and whether a sealed one is still intact.

The seal is the SHA-256 of the manifest, which holds header, verdict, counts, versions and the SHA-256 of every part;
the id of the submission ends in its first digits. Whoever knows the id, or the hash of the manifest, from elsewhere can
tell whether anything was changed. Without that nobody can: who changes a manifest can make new sums and a new id too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.submission import Header, Submission, SubmissionPart

MANIFEST, CHECKSUMS = "manifest.json", "SHA256SUMS"
MANIFEST_VERSION = "2"
DIGITS = 20
"""How many digits of the seal stand in the id: so many that nobody finds another manifest with the same ones."""
ID = re.compile(rf"[A-Z]{{2}}-[A-Za-z][A-Za-z0-9_.-]*-[0-9a-f]{{{DIGITS}}}")
MOST_PARTS = 100_000
READY = "ready"
"""The verdict on data without warnings: they may be sent. Whether they are accepted is for the receiver to say."""


def part_of(name: str, media_type: str, content: bytes) -> SubmissionPart:
    """One file as a part of a submission, with its size and SHA-256."""
    return SubmissionPart(
        name, media_type, sha256=hashlib.sha256(content).hexdigest(), size=len(content), content=content
    )


def submit(
    parts: Sequence[SubmissionPart],
    findings: Findings,
    header: Header,
    *,
    area: str,
    agency: str,
    versions: Mapping[str, str],
) -> Submission:
    """Seal parts into a submission; its id is made from its manifest, so that the same content has the same id.

    Raises `SdmxmigError` if the findings hold errors: data with errors are mended, not sent. So it does if two parts
    have one name, or a name leads out of the folder.

    Args:
        parts: the files, in any order.
        findings: what validation said of the data.
        header: sender, receiver and time of preparation.
        area: the reporting country, as in REF_AREA.
        agency: the receiving agency.
        versions: what made the submission, by name (programs, codelists).
    """
    if findings.has_errors:
        raise SdmxmigError(
            f"The data have {counted(findings.count('error'), 'finding')} of severity error and cannot be packaged.",
            hint="Mend the marked cells and run the line again.",
        )
    check_names([part.name for part in parts])
    submission = Submission(
        "",
        header,
        agency=agency,
        area=area,
        parts=tuple(sorted(parts, key=lambda part: part.name)),
        verdict="warnings" if findings.count("warning") else READY,
        counts=tuple((severity, findings.count(severity)) for severity in SEVERITIES),
        versions=tuple(sorted(versions.items())),
    )
    return replace(submission, id=id_of(manifest(submission), area, agency))


def check_names(names: Sequence[str]) -> None:
    """Refuse parts of which one would replace another (also where case does not count), or leave the folder."""
    for name, count in Counter(name.casefold() for name in [*names, MANIFEST, CHECKSUMS]).items():
        if count > 1:
            hint = "Let the agency's file_name hold {flow} and {suffix}."
            raise SdmxmigError(f"Two parts of the submission would be called “{name}”.", hint=hint)
    for name in names:
        if not is_part_name(name):
            hint = "Let the agency's file_name be a name, not a path."
            raise SdmxmigError(f"“{name}” cannot be the name of a part.", hint=hint)


def is_part_name(name: str) -> bool:
    """Whether a name is a path that stays in its folder, on every system.

    >>> is_part_name("data/DF_POP.csv"), is_part_name("data/../../DF_POP.csv")
    (True, False)
    """
    parts = PurePosixPath(name).parts
    return bool(parts) and name == "/".join(parts) and ".." not in parts and not {*name} & {*'\\:*?"<>|\0\n\r'}


def id_of(content: bytes, area: str, agency: str) -> str:
    """The id of the submission that has this manifest."""
    return f"{area}-{agency}-{hashlib.sha256(content).hexdigest()[:DIGITS]}"


def manifest(submission: Submission) -> bytes:
    """The manifest of a submission as JSON: header, verdict, and every part with media type, size and SHA-256."""
    header = submission.header
    described = {
        "manifest": MANIFEST_VERSION,
        "area": submission.area,
        "agency": submission.agency,
        "header": {
            "id": header.id,
            "prepared": header.prepared,
            "sender": header.sender.id,
            "receivers": [receiver.id for receiver in header.receivers],
            "test": header.test,
        },
        "verdict": submission.verdict,
        "findings": dict(submission.counts),
        "versions": dict(submission.versions),
        "parts": [
            {"name": part.name, "media_type": part.media_type, "size": part.size, "sha256": part.sha256}
            for part in submission.parts
        ],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


def checksums(submission: Submission) -> bytes:
    """The hashes of all parts and of the manifest, in the form that ``sha256sum --check`` reads."""
    parts = {part.name: part.sha256 for part in submission.parts}
    return sums_of(parts, manifest(submission))


def sums_of(parts: Mapping[str, str], content: bytes) -> bytes:
    """The lines for parts by name, then that for the manifest."""
    all_sums = {**parts, MANIFEST: hashlib.sha256(content).hexdigest()}
    return "".join(f"{sha256}  {name}\n" for name, sha256 in all_sums.items()).encode()


def sealed_parts(content: bytes) -> tuple[str, dict[str, str]] | None:
    """The id of a submission and the hashes of its parts by name, as a manifest has them; None if it is none."""
    try:
        described = json.loads(content.decode("utf-8"))
        if described["manifest"] != MANIFEST_VERSION or len(described["parts"]) > MOST_PARTS:
            return None
        parts = {str(part["name"]): str(part["sha256"]) for part in described["parts"]}
        return id_of(content, str(described["area"]), str(described["agency"])), parts
    except (UnicodeDecodeError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None


def differences(files: Mapping[str, str], content: bytes, sums: bytes, expected: str) -> list[str]:
    """What differs in a folder from the submission that was sealed in it, in words; empty if it is intact.

    Args:
        files: every file that is there, by its path, with its SHA-256; empty for what is no ordinary file.
        content: the manifest; empty if it is gone.
        sums: the list of hashes; empty if it is gone.
        expected: the id under which the submission was announced; empty if nobody knows it.
    """
    if not content:
        return [f"{MANIFEST} is gone: what was sealed is not known"]
    sealed = sealed_parts(content)
    if sealed is None:
        return [f"{MANIFEST} is no manifest any more"]
    name, parts = sealed
    sentences = []
    if expected not in ("", name):
        sentences.append(f"{MANIFEST} belongs to {name}, not to {expected}: it was changed, or is that of another one")
    if not sums:
        sentences.append(f"{CHECKSUMS} is gone")
    elif sums != sums_of(parts, content):
        sentences.append(f"{CHECKSUMS} does not say what {MANIFEST} says")
    for part in sorted((parts.keys() | files.keys()) - {MANIFEST, CHECKSUMS}):
        if files.get(part) != parts.get(part):
            change = "is gone" if part not in files else "was added" if part not in parts else "was changed"
            sentences.append(f"{part} {change}")
    return sentences
