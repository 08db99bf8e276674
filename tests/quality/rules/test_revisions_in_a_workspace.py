"""Data of a workspace are compared with earlier releases: a message, a sealed submission, or its own results."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from small_office import COUNTRY, MAPPING
from stored_findings import listed as listed_in

from sdmxmig.cli import run

FIRST = "Year,Men,Women\n2021,10000,14000\n2022,10100,14100\n"
REVISED = "Year,Men,Women\n2021,10000,\n2022,10100,15510\n2023,10200,15600\n"
"""Women of 2021 are gone; those of 2022 are revised by 10 %."""
BEFORE, NOW = "2024-01-31T12:00:00", "2025-01-31T12:00:00"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace whose first release is sealed, and whose table was revised since."""
    folder = write_files(tmp_path / "office", {"country.toml": COUNTRY, "mappings/pop.toml": MAPPING})
    revise(folder, FIRST)
    assert run(["validate", str(folder), "--now", BEFORE]) == 0
    assert run(["package", str(folder), "--now", BEFORE]) == 0
    return folder


def revise(folder: Path, table: str, now: str = BEFORE) -> None:
    write_files(folder, {"tables/office.csv": table})
    assert run(["convert", str(folder), "--now", now]) == 0


def submission(folder: Path) -> Path:
    return folder / "out" / "submission" / (folder / "out" / "submission" / "newest").read_text().strip()


def found(folder: Path, *options: str, now: str = NOW) -> dict[str, list[dict[str, object]]]:
    """The findings on revisions by their rule."""
    run(["validate", str(folder), "--now", now, *options])
    listed = listed_in(folder / "out" / "findings" / "findings.jsonl")
    by_rule: dict[str, list[dict[str, object]]] = {}
    for finding in listed:
        by_rule.setdefault(finding["rule"], []).append(finding)
    return {rule: findings for rule, findings in by_rule.items() if rule.startswith(("MIG-2-20", "MIG-0-016"))}


def verdicts(folder: Path) -> dict[str, tuple[str, str]]:
    listed = listed_in(folder / "out" / "findings" / "findings.jsonl", "verdict")
    return {one["rule"]: (one["outcome"], one.get("reason", "")) for one in listed}


@pytest.mark.parametrize("kind", ["submission", "message with a header", "table", "results"])
def test_revised_and_removed_figures_are_found(office: Path, tmp_path: Path, kind: str) -> None:
    earlier = tmp_path / "earlier"
    sources = {
        "submission": submission(office),
        "message with a header": office / "out" / "data" / "DF_POP.sdmx-ml-3.0.xml",
        "table": office / "out" / "data" / "DF_POP.csv",
        "results": office / "out",
    }
    source = sources[kind]
    earlier = earlier / source.name
    earlier.parent.mkdir()
    shutil.copytree(source, earlier) if source.is_dir() else shutil.copy(source, earlier)
    revise(office, REVISED)
    findings = found(office, "--previous", str(earlier))
    assert set(findings) == {"MIG-2-201", "MIG-2-202"}
    assert findings["MIG-2-201"][0]["place"]["cell"] == "C3"
    assert findings["MIG-2-202"][0]["key"]["SEX"] == "F"
    assert verdicts(office)["MIG-2-203"][0] == ("not testable" if kind == "table" else "pass")


def test_revisions_are_not_testable_without_an_earlier_release(office: Path) -> None:
    assert found(office) == {}
    outcome, reason = verdicts(office)["MIG-2-201"]
    assert outcome == "not testable"
    assert reason.endswith("to compare with (--previous)")


def test_accepted_release_is_compared_automatically(office: Path) -> None:
    shutil.copytree(submission(office), office / "accepted" / submission(office).name)
    assert set(found(office)) == {"MIG-2-206"}
    revise(office, REVISED)
    assert set(found(office)) == {"MIG-2-201", "MIG-2-202"}
    assert set(found(office, now=BEFORE)) == {"MIG-2-201", "MIG-2-202", "MIG-2-203"}


def test_changed_submission_is_detected_and_not_compared(office: Path) -> None:
    kept = office / "accepted" / submission(office).name
    shutil.copytree(submission(office), kept)
    (part,) = sorted((kept / "data").glob("*DF_POP*"))[:1]
    part.write_bytes(part.read_bytes().replace(b"14100", b"15510"))
    revise(office, REVISED)
    findings = found(office)
    assert set(findings) == {"MIG-0-016"}
    assert findings["MIG-0-016"][0]["place"]["key"] == f"data/{part.name}"
    assert verdicts(office)["MIG-2-201"][0] == "not testable"


def test_path_without_data_is_refused(office: Path, console: Console) -> None:
    assert "There are no earlier data here." in console.errors("validate", office, "--previous", office / "mappings")


def test_earlier_message_of_unknown_version_is_refused(office: Path, console: Console, tmp_path: Path) -> None:
    later = tmp_path / "later.xml"
    later.write_text('<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v4_0/message"/>')
    errors = " ".join(console.errors("validate", office, "--previous", later).split())
    assert "This is SDMX-ML 4.0 data (StructureSpecificData), of an unknown version." in errors
    assert str(later) in errors


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"DF_POP", b"DF_ESTAT_DEMO_PJAN", "has data of DF_ESTAT_DEMO_PJAN, not of DF_POP."),
        (b",GE,", b",MD,", "The earlier release of DF_POP is about MD, not about GE."),
    ],
)
def test_release_of_another_country_or_dataflow_is_refused(
    office: Path, tmp_path: Path, console: Console, old: bytes, new: bytes, message: str
) -> None:
    table = (office / "out" / "data" / "DF_POP.csv").read_bytes()
    assert old in table
    other = tmp_path / "other.csv"
    other.write_bytes(table.replace(old, new))
    assert message in " ".join(console.errors("validate", office, "--previous", other).split())
    assert run(["validate", str(office / "out" / "data" / "DF_POP.csv"), "--previous", str(other)]) == 2
    assert message in " ".join(console.readouterr().err.split())


def test_stored_release_of_only_another_country_is_refused(office: Path, console: Console) -> None:
    table = (office / "out" / "data" / "DF_POP.csv").read_bytes()
    kept = office / "accepted" / "of-another-country.csv"
    kept.parent.mkdir()
    kept.write_bytes(table.replace(b",GE,", b",MD,"))
    assert "is about MD, not about GE." in " ".join(console.errors("validate", office).split())
    kept.write_bytes(table.replace(b"DF_POP", b"DF_ESTAT_DEMO_PJAN"))
    assert run(["validate", str(office)]) == 0


def test_incomplete_manifest_is_read_as_far_as_possible(office: Path) -> None:
    kept = office / "accepted" / "older"
    shutil.copytree(submission(office), kept)
    described = json.loads((kept / "manifest.json").read_bytes())
    table = next(part for part in described["parts"] if part["name"].endswith(".csv"))
    described |= {"header": None, "parts": [{"name": table["name"], "sha256": table["sha256"]}]}
    (kept / "manifest.json").write_text(json.dumps(described), encoding="utf-8")
    assert set(found(office)) == {"MIG-2-206"}
    assert verdicts(office)["MIG-2-203"][0] == "not testable"
