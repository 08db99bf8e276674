"""A submission is its parts, sealed by their hashes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.sdmx.model.submission import Header, Party, Submission, SubmissionPart
from sdmxmig.transmission.sealing import checksums, manifest, part_of, submit

HEADER = Header("GE_SUBMISSION", "2026-01-31T12:00:00+00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
WARNING = Finding(
    "MIG-1-101", "1", severity="warning", level=1, flow="DF_POP", message=Text.of(en="The sum differs."), hint=Text()
)
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
    assert described["verdict"] == "ready", "whether data are accepted is for their receiver to say"


def test_the_same_content_is_the_same_submission_and_other_content_another() -> None:
    assert sealed(b"a").id == sealed(b"a").id
    assert sealed(b"a").id != sealed(b"b").id
    assert sealed(b"a").id.startswith("GE-UNSD-")


def test_checksums_are_in_the_form_that_sha256sum_reads() -> None:
    submission = sealed(b"a", b"b")
    assert checksums(submission).decode().splitlines() == [
        f"{hashlib.sha256(b'a').hexdigest()}  data/0.csv",
        f"{hashlib.sha256(b'b').hexdigest()}  data/1.csv",
        f"{hashlib.sha256(manifest(submission)).hexdigest()}  manifest.json",
    ]
    assert checksums(submission).endswith(b"  manifest.json\n")


def test_the_id_is_made_from_everything_that_the_manifest_says() -> None:
    parts = [part_of("data/0.csv", "text/csv", b"a")]
    more = {"area": "GE", "agency": "UNSD", "versions": {"sdmxmig": "0.1.0"}}

    def id_of(parts: list[SubmissionPart], findings: Findings, header: Header, **given: object) -> str:
        return submit(parts, findings, header, **{**more, **given}).id  # type: ignore[arg-type]

    first = id_of(parts, Findings(), HEADER)
    assert re.fullmatch("GE-UNSD-[0-9a-f]{20}", first)
    others = [
        id_of(parts, Findings((WARNING,)), HEADER),
        id_of(parts, Findings(), replace(HEADER, test=True)),
        id_of(parts, Findings(), replace(HEADER, prepared="2026-02-01T12:00:00+00:00")),
        id_of(parts, Findings(), replace(HEADER, sender=Party("GE2"))),
        id_of(parts, Findings(), replace(HEADER, receivers=())),
        id_of(parts, Findings(), HEADER, versions={"sdmxmig": "0.2.0"}),
        id_of([replace(parts[0], media_type="text/plain")], Findings(), HEADER),
        id_of([replace(parts[0], name="data/1.csv")], Findings(), HEADER),
    ]
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize(
    "names",
    [
        ("a.csv", "a.csv"),
        ("a.csv", "A.CSV"),
        ("manifest.json",),
        ("Manifest.json",),
        ("SHA256SUMS",),
        ("../a.csv",),
        ("data/../../a.csv",),
        ("/a.csv",),
        ("a\\b.csv",),
        ("c:a.csv",),
        ("a\nb.csv",),
        ("",),
    ],
)
def test_names_that_meet_or_lead_out_of_the_folder_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(SdmxmigError, match=r"Two parts|cannot be the name"):
        submit([part_of(name, "", b"a") for name in names], Findings(), HEADER, area="GE", agency="UNSD", versions={})


def test_warnings_give_their_verdict_and_errors_are_refused() -> None:
    assert sealed(b"a", findings=Findings((WARNING,))).verdict == "warnings"
    with pytest.raises(SdmxmigError, match="cannot be packaged"):
        sealed(b"a", findings=Findings((ERROR,)))
