"""Submission: the parts that are sent to an agency, sealed by their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.submission import Header, Part, Submission

MANIFEST_VERSION = "1"


def part_of(name: str, media_type: str, content: bytes) -> Part:
    """One file as a part of a submission, with its size and SHA-256."""
    return Part(name, media_type, hashlib.sha256(content).hexdigest(), len(content), content)


def submit(
    parts: Sequence[Part],
    findings: Findings,
    header: Header,
    *,
    area: str,
    agency: str,
    versions: Mapping[str, str],
) -> Submission:
    """Seal parts into a submission; its id is made from their content, so that the same data are the same submission.

    Raises `SdmxmigError` if the findings hold errors: data with errors are mended, not sent.

    Args:
        parts: the files, in the order in which they are listed.
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
    ordered = tuple(sorted(parts, key=lambda part: part.name))
    content = "\n".join(f"{part.sha256}  {part.name}" for part in ordered)
    return Submission(
        f"{area}-{agency}-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        header,
        agency,
        area,
        ordered,
        "warnings" if findings.count("warning") else "accepted",
        tuple((severity, findings.count(severity)) for severity in SEVERITIES),
        tuple(sorted(versions.items())),
    )


def manifest(submission: Submission) -> bytes:
    """The manifest of a submission as JSON: header, verdict, and every part with media type, size and SHA-256."""
    header = submission.header
    described = {
        "manifest": MANIFEST_VERSION,
        "id": submission.id,
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
    """The hashes in the form that ``sha256sum --check`` reads."""
    return "".join(f"{part.sha256}  {part.name}\n" for part in submission.parts).encode()
