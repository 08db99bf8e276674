"""Messages of others at the command line: checked, transformed and compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sdmxmig.cli import run
from sdmxmig.formats import FORMATS

ROOT = Path(__file__).parents[1]
NOW = "2026-01-31T12:00:00+00:00"
DATA = [name for name in FORMATS if FORMATS[name].write_data and FORMATS[name].read_data]
STRUCTURES = [name for name in FORMATS if FORMATS[name].write_structures and "generic" not in name]


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exchange") / "sweden"
    for command in ("build", "convert"):
        assert run([command, str(ROOT / "examples" / "sweden"), "--out", str(out), "--now", NOW]) == 0
    return out


def lines(text: str) -> list[str]:
    return text.splitlines()


@pytest.mark.parametrize("target", DATA)
def test_data_survive_every_format(target: str, sweden: Path, tmp_path: Path) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    there, back = tmp_path / "there", tmp_path / "back.csv"
    assert run(["transform", str(source), "--to", target, "-o", str(there), "--now", NOW]) == 0
    assert run(["transform", str(there), "--to", "sdmx-csv-2.0", "-o", str(back), "--now", NOW]) == 0
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (source, back))
    if target in ("sdmx-csv-1.0", "sdmx-csv-2.1"):  # 1.0 has no actions, 2.1 reads a replacement as it is sent
        before, after = ([line.replace(",R,", ",I,") for line in text] for text in (before, after))
    assert sorted(after) == sorted(before)


@pytest.mark.parametrize("target", STRUCTURES)
def test_structures_survive_every_format(
    target: str, sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = sweden / "structures" / "structures.sdmx-ml-3.0.xml"
    there = tmp_path / "there"
    assert run(["transform", str(source), "--to", target, "-o", str(there), "--now", NOW]) == 0
    assert run(["check", str(there)]) == 0
    capsys.readouterr()
    assert run(["diff", str(source), str(there)]) == 0
    assert capsys.readouterr().out == "", "nothing differs"


def test_every_message_that_we_write_is_said_to_be_valid(sweden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in sorted(sweden.rglob("*")) if path.suffix in (".xml", ".csv")]
    assert run(["check", *files]) == 0
    said = lines(capsys.readouterr().out)
    assert len(said) == len(files)
    assert all(line.endswith(": valid") for line in said), said


def test_a_wrong_code_and_a_missing_end_are_said_with_their_line(
    sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (sweden / "data" / "DF_ACCOUNT.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    line = next(number for number, one in enumerate(lines(text), start=1) if 'OBS_STATUS="A"' in one)
    (tmp_path / "wrong.xml").write_text(text.replace('OBS_STATUS="A"', 'OBS_STATUS="ZZ"', 1), encoding="utf-8")
    (tmp_path / "cut.xml").write_text(text[:-40], encoding="utf-8")
    assert run(["check", str(tmp_path / "wrong.xml"), "--format", "json"]) == 1
    (wrong,) = json.loads(capsys.readouterr().out)
    assert wrong["problems"][0]["place"] == f"wrong.xml:{line}"
    assert "ZZ" in wrong["problems"][0]["message"]
    assert run(["check", str(tmp_path / "cut.xml")]) == 1
    assert "cut.xml:" in capsys.readouterr().out


def test_data_of_a_structure_that_is_not_given_are_not_called_wrong(
    sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (sweden / "data" / "DF_ACCOUNT.csv").read_text(encoding="utf-8")
    (tmp_path / "other.csv").write_text(text.replace("DF_ACCOUNT(", "DF_OTHER("), encoding="utf-8")
    assert run(["check", str(tmp_path / "other.csv")]) == 0
    said = capsys.readouterr().out
    assert "not checked" in said
    assert "--structure FILE" in said


def test_data_are_checked_with_the_structure_that_is_given(
    sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    structures = (sweden / "structures" / "structures.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    data = (sweden / "data" / "DF_ACCOUNT.csv").read_text(encoding="utf-8")
    (tmp_path / "structures.xml").write_text(structures.replace("DF_ACCOUNT", "DF_OTHER"), encoding="utf-8")
    (tmp_path / "data.csv").write_text(data.replace("DF_ACCOUNT(", "DF_OTHER("), encoding="utf-8")
    assert run(["check", str(tmp_path / "data.csv"), "--structure", str(tmp_path / "structures.xml")]) == 0
    assert capsys.readouterr().out.strip().endswith(": valid")


def test_a_code_less_asks_for_a_major_version(sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released = (sweden / "structures" / "structures.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    released = released.replace("1.0.0-draft", "1.0.0")
    begin = released.index('<str:Code id="FLW_EMI"') if '<str:Code id="FLW_EMI"' in released else -1
    assert begin > 0
    end = released.index("</str:Code>", begin) + len("</str:Code>")
    (tmp_path / "old.xml").write_text(released, encoding="utf-8")
    (tmp_path / "new.xml").write_text(released[:begin] + released[end:], encoding="utf-8")
    assert run(["diff", str(tmp_path / "old.xml"), str(tmp_path / "new.xml"), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["needed"], found["taken"], found["proposed"]) == ("major", "none", "2.0.0")
    assert {"change": "item-removed", "part": "FLW_EMI", "step": "major"} in found["changes"]


def test_what_is_no_message_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague,\n")
    assert run(["check", str(tmp_path / "letter.txt")]) == 2
    assert "letter.txt" in capsys.readouterr().err


def test_an_unknown_format_is_answered_with_those_that_there_are(
    sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    assert run(["transform", str(source), "--to", "sdmx-edi", "-o", str(tmp_path / "x")]) == 2
    assert "sdmx-json-2.0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
