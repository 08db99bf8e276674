"""``sdmxmig region``: its outputs, and its errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from, text_from
from compared import assessment
from console import Console

from sdmxmig.cli import run
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.workspace.results import Results

pytestmark = pytest.mark.usefixtures("readable_reports")

STUDY = text_from("reporting/cases/region_command_study.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two workspaces that have been assessed, without data, and a study of them."""
    for name, area in (("georgia", "GE"), ("sweden", "SE")):
        out = tmp_path / name / "out"
        out.mkdir(parents=True)
        (out / "assessment.json").write_bytes(typed_json.render(assessment(area)))
    (tmp_path / "region.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def test_study_is_written_with_a_page_of_each_country(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All outputs that region.toml asks for, in its language, beside it; the PDF is judged elsewhere."""
    monkeypatch.setattr("sdmxmig.reporting.sections.DOCUMENTS", {"report": ("html", "md")})
    assert run(["region", str(folder)]) == 0
    out = folder / "out"
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == [
        *("countries/GE.fr.html", "countries/SE.fr.html", "made.json", "region-draft.fr.html", "region-draft.fr.md")
    ]
    text = (out / "region-draft.fr.md").read_text(encoding="utf-8")
    assert "# Deux pays" in text
    assert "Partners" in text
    assert run(["region", str(folder)]) == 0  # what it wrote itself it may replace


def test_assessment_files_are_accepted_like_workspaces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.reporting.sections.DOCUMENTS", {"report": ("html",)})
    file = folder / "sweden" / "out" / "assessment.json"
    arguments = ["region", str(folder / "georgia"), str(file), "-o", str(folder / "both"), "--name", "Both"]
    assert run(arguments) == 0
    assert "<title>Both: " in (folder / "both" / "region-draft.en.html").read_text(encoding="utf-8")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The error of the command on one line."""
    assert run(["region", *arguments]) == 2
    return " ".join(capsys.readouterr().err.split())


def test_missing_assessment_is_named_with_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sweden" / "out" / "assessment.json").unlink()
    message = refused([str(folder / "georgia"), str(folder / "sweden"), "-o", str(folder / "x")], capsys)
    assert f"“{folder / 'sweden'}” has no assessment yet." in message
    assert f"Run first: sdmxmig run {folder / 'sweden'}" in message
    assert not (folder / "x").exists()


def test_workspace_named_twice_is_reported_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    georgia = str(folder / "georgia")
    message = refused([georgia, georgia, "-o", str(folder / "x")], capsys)
    assert "“GE” is in the study twice: in georgia/out/assessment.json." in message


def test_foreign_folder_is_not_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "text.txt").write_text("mine", encoding="utf-8")
    message = refused([str(folder), "-o", str(folder / "mine")], capsys)
    assert "not made by sdmxmig region and would be replaced" in message
    assert (folder / "mine" / "text.txt").is_file()


def test_claims_of_a_study_name_their_sources(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["region", str(folder), "--claims", "--format", "json"]) == 0
    claims = json.loads(capsys.readouterr().out)
    assert [claim["subject"] for claim in claims][:3] == ["overview", "compared", "comparability"]
    assert all(claim["support"] for claim in claims if claim["kind"] in ("step", "gap"))
    assert not (folder / "out").exists()


@cases_from("reporting/region/cases/a_mistake_in_region_toml_is_named_with_its_place.csv")
def test_mistake_in_region_toml_is_reported_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], wrong: str, right: str, message: str
) -> None:
    (folder / "region.toml").write_text(STUDY.replace(wrong, right, 1), encoding="utf-8")
    assert message in refused([str(folder)], capsys)


def of_assessment(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Change the assessment of a country by hand."""

    def edit(folder: Path) -> None:
        path = folder / name / "out" / "assessment.json"
        document = json.loads(path.read_bytes())
        change(document)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    return edit


BY_HAND: dict[str, Callable[[Path], None]] = {
    "the year": of_assessment("sweden", lambda document: document["assessment"].update(year="2031")),
    "a score": of_assessment("georgia", lambda document: document["assessment"]["scores"].pop()),
    "the hash": of_assessment("georgia", lambda document: document.update(sha256="0" * 64)),
    "the hash is gone": of_assessment("georgia", lambda document: document.pop("sha256")),
    "a warning": of_assessment("georgia", lambda document: document["assessment"].update(findings=[["error", 0]])),
}


@pytest.mark.parametrize("case", BY_HAND)
@pytest.mark.sampled(4)
def test_edited_assessment_is_used_only_on_request(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdmxmig.reporting.sections.DOCUMENTS", {"report": ("md",)})
    BY_HAND[case](folder)
    message = refused([str(folder)], capsys)
    assert "This assessment was changed since sdmxmig made it." in message
    assert "--changed" in message
    assert not (folder / "out").exists()
    if case != "the country":  # which is then not the one that region.toml groups
        assert run(["region", str(folder), "--changed"]) == 0
        assert "was edited by hand" in capsys.readouterr().err
        text = (folder / "out" / "region-draft.fr.md").read_text(encoding="utf-8")
        assert text.count("modifiées à la main") == 1


def laid_out_anew(folder: Path) -> None:
    path = folder / "sweden" / "out" / "assessment.json"
    path.write_text(json.dumps(json.loads(path.read_bytes())), encoding="utf-8")


def test_another_layout_does_not_count_as_changed_assessment(
    folder: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdmxmig.reporting.sections.DOCUMENTS", {"report": ("md",)})
    laid_out_anew(folder)
    assert "changed" not in console.errors("region", folder, code=0)


DATA: dict[str, Callable[[Path], object]] = {
    "a figure": lambda data: (data / "DF_IMM.csv").write_text("figures, other ones\n", encoding="utf-8"),
    "the figures are gone": lambda data: (data / "DF_IMM.csv").unlink(),
    "figures that came later": lambda data: (data / "DF_EMI.csv").write_text("figures\n", encoding="utf-8"),
    "no record": lambda data: (data / "made.json").unlink(),
}


@pytest.mark.parametrize("case", DATA)
def test_edited_data_are_refused_in_a_study(case: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(folder / "sweden", folder / "sweden" / "out")
    with results.writing():
        results.put("data", {"DF_IMM.csv": b"figures\n"})
    DATA[case](folder / "sweden" / "out" / "data")
    message = refused([str(folder)], capsys)
    assert "These data have changed since sdmxmig made them." in message
    assert "sweden/out/data" in message


def test_assessment_older_than_its_profile_is_reported(
    folder: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdmxmig.reporting.sections.DOCUMENTS", {"report": ("md",)})
    results = Results(folder / "sweden", folder / "sweden" / "out")
    content = (results.root / "assessment.json").read_bytes()
    (results.root / "assessment.json").unlink()
    with results.writing():
        results.put("assessment", {"assessment.json": content})
    assert "older than" not in console.errors("region", folder, code=0)
    (folder / "sweden" / "profile.toml").write_text("# other answers\n", encoding="utf-8")
    message = " ".join(console.errors("region", folder, code=0).split())
    assert "assessment is older than its sources: profile.toml is new" in message


def test_study_in_another_language_keeps_the_first(folder: Path) -> None:
    out = folder / "both"
    arguments = ["region", str(folder / "georgia"), str(folder / "sweden"), "-o", str(out)]
    assert run([*arguments, "--language", "en"]) == 0
    english = (out / "region-draft.en.md").read_bytes()
    assert run([*arguments, "--language", "fr"]) == 0
    assert (out / "region-draft.en.md").read_bytes() == english
    assert (out / "region-draft.fr.md").is_file()
    assert (out / "countries" / "GE.en.html").is_file()
    assert (out / "countries" / "GE.fr.html").is_file()
