"""Reports for people list the checks that were not run, with reasons in the language of the workspace."""

from __future__ import annotations

import html
import io
from pathlib import Path

import openpyxl
import pytest
from folders import write_files
from small_office import COUNTRY, RESIDENTS

from sdmxmig.cli import run
from sdmxmig.quality.rules.words import write_reason
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.model.findings import Verdict

REPORTS = ("r.html", "r.txt", "r.csv", "r.xlsx", "r.ess.json", "sdmx-csv=r.sdmx.csv")
MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "ages.csv"
[[block]]
sheet = "*"
anchor = "Age"
header_rows = 1
header_columns = 1
{RESIDENTS}SEX = "_T"
[block.components.TIME_PERIOD]
from = "header 1"
[block.components.AGE]
from = "column 1"
codes = {{ "All" = "_T", "0-4" = "Y0T4", "10-14" = "Y10T14" }}
"""
AGES = "Age,2021,2022\nAll,22,24\n0-4,10,11\n10-14,12,13\n"
"""A hole at age 5, so that the total cannot be tested; one table alone, so that nothing can be compared."""


def shown(path: Path) -> str:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
        rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
        return "\n".join(str(cell) for row in rows for cell in row if cell)
    return html.unescape(path.read_text(encoding="utf-8-sig")).replace('\\"', '"').replace('""', '"')


def is_said_in_words(verdict: Verdict) -> bool:
    """Whether a reason is more than codes and years, which are the same in every language."""
    return any(word.isalpha() and word.islower() for word in verdict.reason.split())


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_reasons_are_in_the_language_of_the_workspace(tmp_path: Path, language: str) -> None:
    files = {
        "country.toml": COUNTRY.replace('"en"', f'"{language}"'),
        "mappings/pop.toml": MAPPING,
        "tables/ages.csv": AGES,
    }
    write_files(tmp_path, files)
    assert run(["convert", str(tmp_path)]) == 0
    files = [name.replace("r.", f"{tmp_path}/r.") for name in REPORTS]
    assert run(["validate", str(tmp_path), *(part for file in files for part in ("--report", file))]) == 0
    findings = findings_lines.read((tmp_path / "out" / "findings" / "findings.jsonl").read_bytes())
    untested = [verdict for verdict in findings.verdicts if verdict.outcome == "not testable"]
    assert len(untested) > 50
    for file in files:
        text = shown(Path(file.rpartition("=")[2]))
        english = {verdict.reason for verdict in untested if is_said_in_words(verdict) and verdict.reason in text}
        assert english == set(), file
        assert {verdict.rule for verdict in untested if write_reason(verdict, language) not in text} == set(), file
