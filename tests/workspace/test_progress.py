"""A workspace in any state names one next step, and these steps lead to submission and report."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from small_office import COUNTRY
from small_validation import MAPPING, NOW, SOUND, TABLE, bare_workspace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.workspace.tasks.pipeline import Progress, read_progress

pytestmark = pytest.mark.usefixtures("readable_reports")

PEOPLE = '[people]\n"statistician" = ["answers", "sends"]\n"reviewer" = ["reviews"]\n'
BY = ("--by", "statistician", "--quiet")
Change = Callable[[Path], object]


def write(name: str, content: str) -> Change:
    def written(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")

    return written


def command(*words: str) -> Change:
    def ran(folder: Path) -> None:
        assert run([words[0], str(folder), *words[1:], "--now", NOW, "--quiet"]) in (0, 1)

    return ran


def explain(folder: Path) -> None:
    """Give a reason for every warning."""
    findings = findings_lines.read((folder / "out" / "findings" / "findings.jsonl").read_bytes())
    for finding in findings.items:
        if finding.severity == "warning":
            assert run(["justify", finding.fingerprint, str(folder), "--text", "It is so.", *BY]) == 0


def answer(folder: Path) -> None:
    shutil.copy(find_shipped_folder("templates") / "workspace" / "profile.toml", folder)


EMPTY_PROFILE = 'area = "GE"\nyear = "2024"\nsigned_off = ""\n'
STATES: tuple[tuple[str, Change | None, str], ...] = (
    ("nothing", None, "start"),
    ("a table", write("tables/office.csv", TABLE), "map"),
    ("a profile beside it", write("profile.toml", EMPTY_PROFILE), "map"),
    ("a mapping", write("mappings/pop.toml", MAPPING), "convert"),
    ("data", command("convert"), "validate"),
    ("findings with errors", command("run", "--until", "findings"), "correct"),
    ("a corrected table", write("tables/office.csv", SOUND), "convert"),
    ("findings again", command("run", "--until", "findings"), "explain"),
    ("warnings explained", explain, "validate"),
    ("all green", command("validate"), "package"),
    ("sealed, nothing answered", command("package"), "assess"),
    ("assessed without answers", command("assess"), "report"),
    ("reported without answers", command("report", "--document", "brief"), "profile"),
    ("a question answered", answer, "assess"),
    ("assessed", command("assess"), "report"),
    ("reported", command("report", "--document", "brief"), ""),
    ("protected, though nobody asked for it", command("protect"), ""),
    ("a table changed", write("tables/office.csv", SOUND.replace("1030", "1031").replace("620", "621")), "convert"),
    ("data sealed again", command("run", "--until", "submission"), "protect"),
    ("protected again", command("protect"), "assess"),
    ("assessed again", command("assess"), "report"),
    ("reported again", command("report", "--document", "brief"), ""),
)


def test_next_steps_lead_to_submission_and_report(tmp_path: Path) -> None:
    (tmp_path / "country.toml").write_text(COUNTRY)
    steps: dict[str, str] = {}
    for name, change, _ in STATES:
        if change:
            change(tmp_path)
        steps[name] = read_progress(tmp_path).next
    assert steps == {name: step for name, _, step in STATES}
    assert {"submission", "report"} <= {*read_progress(tmp_path).made}
    assert read_progress(tmp_path).older == ()


def test_commands_for_unexplained_warnings_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    folder = bare_workspace(tmp_path / "ws", SOUND)
    country = "".join(line for line in COUNTRY.splitlines(keepends=True) if not line.startswith("override"))
    (folder / "country.toml").write_text(country)
    monkeypatch.chdir(folder)
    console.readouterr()
    following = console.errors("validate", code=0).rpartition("Next: ")[2]
    assert "give a reason" in following
    hint = console.errors("package").partition("hint: ")[2]
    commands = re.findall(r"\(sdmxmig (.*?)\)", hint)
    assert len(commands) == 3
    for line in commands:
        words = line.replace("RULE", "MIG-1-402").replace("REASON", "Known").split()
        assert run(words) in (0, 1), line
    assert console.errors("validate", code=0).rpartition("Next: ")[2].strip() == "sdmxmig package ."


def of_office(folder: Path, *changes: Change) -> Progress:
    (folder / "country.toml").write_text(COUNTRY)
    for change in changes:
        change(folder)
    return read_progress(folder)


def test_errors_are_fixed_before_structures_are_built(tmp_path: Path) -> None:
    table, mapping = write("tables/office.csv", TABLE), write("mappings/pop.toml", MAPPING)
    assert of_office(tmp_path, table, mapping, command("convert"), command("validate")).next == "correct"
    (tmp_path / "tables" / "office.csv").write_text(SOUND)
    assert of_office(tmp_path, command("convert"), command("validate")).next == "build"


def test_unexplained_warnings_are_not_asked_about_after_sending(tmp_path: Path) -> None:
    table, mapping = write("tables/office.csv", SOUND), write("mappings/pop.toml", MAPPING)
    progress = of_office(tmp_path, table, mapping, command("run", "--until", "submission"))
    assert (progress.next, progress.warnings > 0) == ("assess", True)


def test_required_approval_precedes_sealing(tmp_path: Path) -> None:
    table, mapping = write("tables/office.csv", SOUND), write("mappings/pop.toml", MAPPING)
    checked = command("run", "--until", "findings")
    people = write("people.toml", PEOPLE)
    assert of_office(tmp_path, table, mapping, people, checked, explain, command("validate")).next == "approve"
    assert run(["approve", str(tmp_path), "--by", "reviewer", "--quiet"]) == 0
    assert read_progress(tmp_path).next == "package"
