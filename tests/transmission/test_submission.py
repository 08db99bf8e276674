"""A submission is its parts, sealed by their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.sdmx.model.submission import Header, Party, Submission
from sdmxmig.transmission.sealing import build_part, submit, write_manifest

HEADER = Header("GE_SUBMISSION", "2026-01-31T12:00:00+00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
WARNING = Finding(
    "MIG-1-101", "1", severity="warning", level=1, flow="DF_POP", message=Text.of(en="The sum differs."), hint=Text()
)
ERROR = replace(WARNING, severity="error")


def sealed(*contents: bytes, findings: Findings | None = None) -> Submission:
    parts = [build_part(f"data/{number}.csv", "text/csv", content) for number, content in enumerate(contents)]
    return submit(parts, findings or Findings(), HEADER, area="GE", agency="UNSD", versions={"sdmxmig": "0.1.0"})


def test_manifest_names_every_part_with_its_hash() -> None:
    described = json.loads(write_manifest(sealed(b"a", b"b")))
    assert [(part["name"], part["size"], part["sha256"]) for part in described["parts"]] == [
        ("data/0.csv", 1, hashlib.sha256(b"a").hexdigest()),
        ("data/1.csv", 1, hashlib.sha256(b"b").hexdigest()),
    ]
    assert described["header"]["sender"] == "GE1"
    assert described["header"]["test"] is False
    assert described["verdict"] == "ready", "whether data are accepted is for their receiver to say"


@pytest.mark.parametrize(
    "names",
    [
        ("a.csv", "a.csv"),
        ("a.csv", "A.CSV"),
        ("manifest.json",),
        ("Manifest.json",),
        ("SHA256SUMS",),
        ("../a.csv",),
        ("/a.csv",),
        ("a\\b.csv",),
        ("c:a.csv",),
        ("a\nb.csv",),
        ("",),
    ],
)
def test_colliding_or_escaping_part_names_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(SdmxmigError, match=r"Two parts|cannot be the name"):
        submit(
            [build_part(name, "", b"a") for name in names], Findings(), HEADER, area="GE", agency="UNSD", versions={}
        )


def test_warnings_set_the_verdict_and_errors_are_refused() -> None:
    assert sealed(b"a", findings=Findings((WARNING,))).verdict == "warnings"
    with pytest.raises(SdmxmigError, match="cannot be packaged"):
        sealed(b"a", findings=Findings((ERROR,)))
