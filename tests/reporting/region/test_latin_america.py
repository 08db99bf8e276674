"""The study of Chile, Colombia, Mexico and Peru, from their workbooks to its pages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.cli import run

EXAMPLES = ROOT / "examples"
COUNTRIES = ("chile", "colombia", "mexico", "peru")
NAMES = ("Chile", "Colombia", "Mexico", "Peru")
# Each figure with its values for Chile, Colombia, Mexico and Peru, as the United Nations and UNHCR publish them.
OF_ONE_SOURCE = {
    "Refugees in the country": ("2,631", "1,464", "152,002", "6,788"),
    "Asylum seekers whose case is pending": ("9,561", "17,421", "173,532", "556,770"),
}
OF_PAGE_ONE = (
    ("19,370,624", "50,629,997", "126,799,054", "32,838,579"),
    ("1,645,015", "1,905,393", "1,197,624", "1,224,519"),
    ("643,800", "3,024,273", "11,185,737", "1,519,635"),
)


@pytest.mark.long
def test_the_four_countries_are_compared_in_what_one_source_has_of_them(tmp_path: Path) -> None:
    for name in (*COUNTRIES, "latin-america"):
        shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("out"))
    for name in COUNTRIES:
        for command in ("convert", "validate", "assess"):
            assert run([command, str(tmp_path / name)]) == 0
    assert run(["region", str(tmp_path / "latin-america"), "--language", "en"]) == 0
    page = (tmp_path / "latin-america" / "out" / "region-draft.en.md").read_text(encoding="utf-8")
    lines = page.splitlines()
    for figure, values in OF_ONE_SOURCE.items():
        row = next(line for line in lines if line.startswith(f"| {figure} |"))
        assert [cell.strip() for cell in row.split("|")[2:-1]] == list(values), figure
    # Two of four counts have refugees: a note says so.
    assert "Mexico and Peru: People born abroad with refugees, asylum seekers and Venezuelans" in page
    # No profile rates a residence rule: they are compared in words.
    assert "outside the country for at least one year" in page
    assert "Data sources used" not in page  # most of their answers are open
    assert "5,972,551" not in page  # a sum informs of none of them
    of_countries = [next(line for line in lines if line.startswith(f"| [{name}](")).split("|") for name in NAMES]
    for place, values in zip((2, 3, 6), OF_PAGE_ONE, strict=True):
        assert [cells[place].split()[0] for cells in of_countries] == list(values)
    # 100 × 1,645,015 / 19,370,624 and so on, by the population of 2020
    assert [cells[4].strip() for cells in of_countries] == ["8.5%", "3.8%", "0.9%", "3.7%"]
    # Each national figure has its source.
    assert re.search(r"\| Chile \| 1,608,650 \| 2024 .*CL1", page)
    assert "INE, citado por El Impulso" in page
    assert "1. \\[CO16\\] Migración Colombia, citada por Noticiero" in re.sub(r"\d+\.", "1.", page)  # named in a remark
    # The population of all four is of one source: no list calls it not comparable. Notes are translated or quoted.
    assert "Resident population" not in page
    assert "Personas nacidas" not in page
    assert "DF\\_" not in page
    # Three concepts of permits stand behind the inflows: they are not compared. Figures without values have names.
    assert "Inflows" not in page
    assert "MIG\\_SHARE\\_FC" not in page
