"""``sdmxmig profile`` as people use it: a form is made, filled in, and read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from folders import ROOT
from openpyxl import load_workbook

from sdmxmig.cli import run

HERE = ROOT
GEORGIA = HERE / "examples" / "georgia"


def call(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(argument) for argument in ("profile", *arguments)])
    printed = capfd.readouterr()
    return code, printed.out, printed.err


def test_filled_form_is_loaded_into_a_workspace(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    form, workspace = tmp_path / "form.xlsx", tmp_path / "mycountry"
    workspace.mkdir()
    (workspace / "country.toml").write_bytes((GEORGIA / "country.toml").read_bytes())
    code, _, messages = call(capfd, "form", "--area", "GE", "--year", "2026", "--short", "-o", form)
    assert (code, "0 answers" in messages, f"read {form} -o profile.toml" in messages) == (0, True, True)
    workbook = load_workbook(form)
    sheet = workbook["A Governance and law"]
    sheet["I5"], sheet["I6"], sheet["M5"] = "Y – Yes", "maybe", "G1"
    workbook["Sources"]["B5"], workbook["Sources"]["C5"] = "G1", "Law of 2023"
    workbook.save(form)
    code, out, messages = call(capfd, "read", form, "-o", workspace, "--marked", tmp_path / "marked.xlsx")
    assert code == 1
    assert "error[MIG-0-301]: “maybe” is not an answer on the scale YNP (A02)." in out
    assert "form.xlsx › A Governance and law › I6" in out
    assert "No file was written" in messages
    assert not (workspace / "profile.toml").exists()
    marked = load_workbook(tmp_path / "marked.xlsx")["A Governance and law"]
    assert "maybe" in str(marked["I6"].comment.text)
    sheet["I6"], sheet["J6"] = "N", "CONFIRMED – Confirmed by the office"
    workbook.save(form)
    code, _, messages = call(capfd, "read", form)
    assert (code, "Save the profile with -o FILE" in messages) == (0, True)
    assert call(capfd, "read", form, "-o", workspace)[0] == 0
    with (workspace / "profile.toml").open("a", encoding="utf-8") as file:
        file.write("# looked through\n")
    code, _, messages = call(capfd, "read", form, "-o", workspace)
    assert (code, "Add --update" in messages) == (2, True)
    text = (workspace / "profile.toml").read_text(encoding="utf-8")
    assert '[items.A02]\nanswer = "N"\nevidence = "CONFIRMED"\n' in text


def test_profile_of_georgia_has_no_errors_in_json(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "read", GEORGIA, "--format", "json")
    assert code == 0
    findings = json.loads(out)["findings"]
    assert {finding["severity"] for finding in findings} <= {"information", "warning"}


@pytest.mark.parametrize("country", ["chile", "colombia", "georgia", "mexico", "moldova", "norway", "peru", "sweden"])
def test_answers_of_shipped_countries_are_consistent(country: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, messages = call(capfd, "progress", HERE / "examples" / country)
    assert (code, "contradiction" in out + messages) == (0, False)


def test_contradictions_are_reported_at_their_key(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(
        'area = "GE"\nyear = "2026"\n[indicators.IMM_RATE]\n'
        'L01.answer = "2"\nL01.evidence = "CONFIRMED"\nL06.answer = "F4"\n',
        encoding="utf-8",
    )
    code, out, _ = call(capfd, "read", path, "--language", "fr")
    assert code == 1
    assert "IMM_RATE L06 = F4 ne s’accorde pas avec IMM_RATE L01 = 2" in out
    assert "profile.toml › indicators.IMM_RATE.L06" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["form"], "The country is missing"),
        (["form", "--area", "Georgia"], "“Georgia” is not a country.\n  hint: Did you mean GE (Georgia)?"),
        (["form", "--area", "GE", "--year", "soon"], "“soon” is not a year"),
        (["form", "--area", "GE", "--language", "de"], "not translated into “de”"),
        (["form", "--area", "MD", "--from", str(GEORGIA)], "a profile of GE, not of MD"),
        (["read", "nowhere.xlsx"], "There is no profile here"),
    ],
)
def test_invalid_request_states_its_reason(
    arguments: list[str], expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, messages = call(capfd, *arguments)
    assert (code, out) == (2, "")
    assert expected in messages
