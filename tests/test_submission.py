"""A submission is its parts, sealed by their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from sdmxmig.errors import SdmxmigError
from sdmxmig.model.artefacts import Text
from sdmxmig.model.findings import Finding, Findings
from sdmxmig.model.submission import Header, Party, Submission
from sdmxmig.submission import checksums, manifest, part_of, submit

HEADER = Header("GE_SUBMISSION", "2026-01-31T12:00:00+00:00", Party("GE1"), (Party("UNSD"),))
WARNING = Finding("MIG-1-101", "1", "warning", 1, "DF_POP", Text.of(en="The sum differs."), Text())
ERROR = replace(WARNING, severity="error")


def sealed(*contents: bytes, findings: Findings | None = None) -> Submission:
    parts = [part_of(f"data/{number}.csv", "text/csv", content) for number, content in enumerate(contents)]
    return submit(parts, findings or Findings(), HEADER, area="GE", agency="UNSD", versions={"sdmxmig": "0.1.0"})


def test_the_manifest_names_every_part_with_its_hash() -> None:
    described = json.loads(manifest(sealed(b"a", b"b")))
    assert [(part["name"], part["size"], part["sha256"]) for part in described["parts"]] == [
        ("data/0.csv", 1, hashlib.sha256(b"a").hexdigest()),
        ("data/1.csv", 1, hashlib.sha256(b"b").hexdigest()),
    ]
    assert described["header"]["sender"] == "GE1"
    assert described["header"]["test"] is False
    assert described["verdict"] == "accepted"


def test_the_same_content_is_the_same_submission_and_other_content_another() -> None:
    assert sealed(b"a").id == sealed(b"a").id
    assert sealed(b"a").id != sealed(b"b").id
    assert sealed(b"a").id.startswith("GE-UNSD-")


def test_checksums_are_in_the_form_that_sha256sum_reads() -> None:
    assert checksums(sealed(b"a")).decode() == f"{hashlib.sha256(b'a').hexdigest()}  data/0.csv\n"


def test_warnings_are_said_and_errors_are_refused() -> None:
    assert sealed(b"a", findings=Findings((WARNING,))).verdict == "warnings"
    with pytest.raises(SdmxmigError, match="cannot be packaged"):
        sealed(b"a", findings=Findings((ERROR,)))
