"""A small sealed submission: its files by name, and new sums after a change."""

from __future__ import annotations

import json
from pathlib import Path

from sdmxmig.io.publishing.files import compute_hashes
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.submission import Header, ManifestDetails, Party
from sdmxmig.transmission.sealing import (
    CHECKSUMS,
    MANIFEST,
    SIGNATURE,
    build_part,
    submit,
    write_checksums,
    write_manifest,
)

HEADER = Header("GE_SUBMISSION", "2026-01-31T12:00:00+00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
CSV = "data/DF_POP.csv"
PARTS = {CSV: b"figures\n", "data/DF_POP.xml": b"<figures/>\n" * 400, "findings.jsonl": b"{}\n"}


def seal_parts() -> dict[str, bytes]:
    parts = [build_part(name, "text/plain", content) for name, content in PARTS.items()]
    particulars = ManifestDetails(licence="CC-BY-4.0")
    submission = submit(
        parts, Findings(), HEADER, area="GE", agency="UNSD", versions={"sdmxmig": "0"}, particulars=particulars
    )
    return {**PARTS, MANIFEST: write_manifest(submission), CHECKSUMS: write_checksums(submission)}


FILES = seal_parts()
"""The files of the submission by name."""


def write_new_sums(folder: Path) -> None:
    """Write sums that fit the files, as a forger would who knows their purpose."""
    described = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    names = [*(part["name"] for part in described["parts"]), MANIFEST, SIGNATURE]
    contents = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    lines = [f"{sha256}  {name}\n" for name, sha256 in compute_hashes(contents).items()]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
