"""The study of Chile, Colombia, Mexico and Peru, from their workbooks to its pages."""

from __future__ import annotations

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
    "Population": ("19,658,835", "52,321,152", "129,739,759", "33,845,617"),
    "International migrant stock": ("1,645,015", "1,905,393", "1,197,624", "1,224,519"),
    "Women in the international migrant stock": ("814,942", "951,658", "596,115", "582,115"),
    "People born in the country who live in other countries": (
        "643,800",
        "3,024,273",
        "11,185,737",
        "1,519,635",
    ),
    "Refugees in the country": ("2,631", "1,464", "152,002", "6,788"),
    "Others in need of international protection": ("662,504", "2,810,778", "64,160", "1,098,014"),
    "Asylum seekers whose case is pending": ("9,561", "17,421", "173,532", "556,770"),
    "Live births": ("176,196", "705,009", "2,037,689", "539,623"),
    "Deaths": ("127,691", "282,433", "799,366", "185,861"),
}


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
        row = next(line for line in lines if line.startswith(f"| {figure} · "))
        assert [cell.strip() for cell in row.split("|")[2:-1]] == list(values), figure
    assert "Share of international migrants in the population, 2020 (estimate): 0.9% (Mexico) to 8.5% (Chile)" in page
    assert "5,972,551" not in page  # a sum informs of none of them
    # 100 × 1,645,015 / 19,370,624 and so on, by the population of 2020
    shares = [
        next(line for line in lines if line.startswith(f"| [{name}](") and "| 1," in line).split("|")[3].strip()
        for name in NAMES
    ]
    assert shares == ["8.5%", "3.8%", "0.9%", "3.7%"]
    # The population of all four is of one source: no list calls it not comparable. Notes are translated or quoted.
    assert "Resident population" not in page
    assert "Personas nacidas" not in page
    assert "DF\\_" not in page
    # Three concepts of permits stand behind the inflows: they are not compared. Figures without values have names.
    assert "Inflows" not in page
    assert "MIG\\_SHARE\\_FC" not in page
