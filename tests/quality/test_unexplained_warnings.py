"""An unexplained warning blocks a submission unless it is overridden with a reason."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from console import Console
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import run

SOUND = TABLE.replace("398c", "410").replace("427", "410")
AT = ("--now", NOW)
STANDING = 'override = "Only a test"\n'


@pytest.fixture(scope="module")
def validated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with warnings, validated, which has no standing reason to pass them over."""
    folder = tmp_path_factory.mktemp("warnings") / "ws"
    workspace(folder, SOUND)
    path = folder / "country.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(STANDING, ""), encoding="utf-8")
    assert run(["convert", str(folder), *AT]) == 0
    assert run(["validate", str(folder), *AT]) == 0
    return folder


@pytest.fixture
def office(validated_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(validated_once, tmp_path / "ws"))


def warnings(office: Path) -> list[str]:
    lines = (office / "out/findings/findings.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [each["fingerprint"] for each in records if each["record"] == "finding" and each["severity"] == "warning"]


def manifest(office: Path) -> dict[str, Any]:
    folder = office / "out" / "submission"
    name = (folder / "newest").read_text(encoding="utf-8").strip()
    described: dict[str, Any] = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
    return described


def letter(office: Path) -> str:
    folder = office / "out" / "submission"
    return (folder / (folder / "newest").read_text().strip() / "cover-letter.txt").read_text(encoding="utf-8")


def justify_all(office: Path) -> None:
    for fingerprint in warnings(office):
        assert run(["justify", fingerprint, str(office), "--text", "The register was cleaned."]) == 0
    assert run(["validate", str(office), *AT]) == 0


def test_unexplained_warning_blocks_the_package(office: Path, console: Console) -> None:
    count = len(warnings(office))
    assert count > 0
    message = " ".join(console.errors("package", office, *AT).split())
    assert f"warnings without a reason: {count}." in message
    assert "sdmxmig justify" in message
    assert "--override REASON" in message
    assert not (office / "out" / "submission").exists()
    assert f"✕ Every warning is explained ({count})" in console.output("package", office, "--check", *AT, code=1)


def test_warnings_with_reasons_are_sealed_and_counted(office: Path) -> None:
    justify_all(office)
    count = len(warnings(office))
    assert run(["package", str(office), *AT]) == 0
    described = manifest(office)
    assert (described["explained"], described["findings"]["warning"]) == (count, count)
    assert "override" not in described
    assert f"with a reason: {count}." in letter(office)


def test_override_reason_is_in_manifest_and_letter(office: Path) -> None:
    count = len(warnings(office))
    assert run(["package", str(office), "--override", "The deadline\nis today.", *AT]) == 0
    assert manifest(office)["override"] == {
        "reason": "The deadline is today.",
        "passed_over": [f"warnings without a reason: {count}"],
        "by": "",
    }
    assert "Reason: The deadline is today." in letter(office)


def test_different_reason_makes_a_different_submission(office: Path) -> None:
    assert run(["package", str(office), "--override", "A", *AT]) == 0
    assert run(["package", str(office), "--override", "B", *AT]) == 0
    assert len([path for path in (office / "out" / "submission").iterdir() if path.is_dir()]) == 2


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_empty_override_reason_is_refused(reason: str, office: Path) -> None:
    assert run(["package", str(office), "--override", reason, *AT]) == 2


def test_too_long_reason_is_refused(office: Path, console: Console) -> None:
    assert "4,000 characters" in console.errors("package", office, "--override", "x" * 4001, *AT)


def test_override_without_blocking_issue_is_refused(office: Path, console: Console) -> None:
    justify_all(office)
    assert "The submission is not blocked" in console.errors("package", office, "--override", "Just in case", *AT)


def test_archive_does_not_replace_an_existing_file(office: Path, console: Console) -> None:
    sent = office.parent / "sent.zip"
    command = ["package", str(office), "--override", "Today", "--zip", str(sent), *AT]
    sent.write_bytes(b"ours")
    assert "There is a file of this name already." in console.errors(*command)
    assert (sent.read_bytes(), (office / "out" / "submission").exists()) == (b"ours", False)
    sent.unlink()
    assert run(command) == 0
    assert "packed by another program" not in console.errors("verify", sent, code=0)


def test_errors_cannot_be_overridden(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "390"))
    assert run(["validate", str(folder), *AT]) == 1
    assert run(["package", str(folder), "--override", "The deadline is today.", *AT]) == 2
    assert "The data cannot be packaged" in capsys.readouterr().err
    assert not (folder / "out" / "submission").exists()


STANDINGS: dict[str, tuple[Callable[[str], str], int]] = {
    "of a test": (lambda text: text.replace("test = true\n", f"test = true\n{STANDING}"), 0),
    "of what is no test": (lambda text: text.replace("test = true\n", STANDING), 2),
    "that is empty": (lambda text: text.replace("test = true\n", 'test = true\noverride = ""\n'), 2),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_only_test_submissions_may_have_one_reason_for_all(case: str, office: Path) -> None:
    edit, code = STANDINGS[case]
    path = office / "country.toml"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert run(["convert", str(office), *AT]) == 0
    assert run(["validate", str(office), *AT]) == 0
    assert run(["package", str(office), *AT]) == code
    if code == 0:
        assert manifest(office)["override"]["reason"] == "Only a test"


def test_pipeline_continues_without_sealing(office: Path, console: Console) -> None:
    said = " ".join(console.errors("run", office, *AT, code=0).split())
    assert re.search(r"No submission is sealed yet\. .*: warnings without a reason: \d+\.", said)
    assert not (office / "out" / "submission").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("erreur[", "correction: ", "le total 1 010")),
        ("es", ("error[", "corrección: ", "el total 1.010")),
        ("ru", ("ошибка[", "как исправить: ", "1 010")),
    ],
)
def test_findings_are_printed_in_the_language_of_the_office(
    tmp_path: Path, language: str, words: tuple[str, ...], console: Console
) -> None:
    workspace(tmp_path / "ws", language=language)
    run(["validate", str(tmp_path / "ws"), *AT])
    printed = " ".join(console.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ").split())
    assert [each for each in words if each not in printed] == []
