"""``sdmxmig report`` with what an office put into its workspace: its template, its words, its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from assessed import georgia
from case_tables import text_from
from console import Console
from folders import write_files

from sdmxmig.cli import run
from sdmxmig.reporting.outputs import typed_json

pytestmark = pytest.mark.usefixtures("readable_reports")

COUNTRY = text_from("reporting/cases/report_in_a_workspace_country.toml")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sdmxmig.reporting.sections.REPORT_FORMATS", ("md",))
    (tmp_path / "templates" / "report").mkdir(parents=True)
    return write_files(tmp_path, {"country.toml": COUNTRY, "out/assessment.json": typed_json.render(georgia())})


def test_untranslated_texts_are_counted_and_listed(workspace: Path, console: Console) -> None:
    assert run(["report", str(workspace)]) == 0
    listed = (workspace / "out" / "untranslated-fr.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed[0] == "en,form,fr"
    assert "Use one rule.,," in listed
    assert f"in English: {len(listed) - 1} texts without a translation into fr" in console.readouterr().err
    words = "\n".join([listed[0], "Use one rule.,,Appliquer une seule règle."])
    (workspace / "templates" / "report" / "words.csv").write_text(words, encoding="utf-8")
    assert run(["report", str(workspace)]) == 0
    assert "Appliquer une seule règle." in (workspace / "out" / "report-draft.fr.md").read_text(encoding="utf-8")


def test_mistake_in_a_template_is_the_only_message(workspace: Path, console: Console) -> None:
    section = workspace / "templates" / "report" / "15-context.html.j2"
    section.write_text("<p>\n{{ contry }}</p>", encoding="utf-8")
    errors = console.errors("report", workspace)
    assert "'contry' is undefined" in errors
    assert "15-context.html.j2:2" in errors
    assert "Traceback" not in errors
