"""The study of Chile, Colombia, Mexico and Peru, from their workbooks to its pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.cli import run

EXAMPLES = ROOT / "examples"
COUNTRIES = ("chile", "colombia", "mexico", "peru")
# Each figure with its values for Chile, Colombia, Mexico and Peru, as the United Nations and UNHCR publish them.
OF_ONE_SOURCE = {
    "Population: 2023": ("19,658,835", "52,321,152", "129,739,759", "33,845,617"),
    "International migrant stock: 2020": ("1,645,015", "1,905,393", "1,197,624", "1,224,519"),
    "Women in the international migrant stock: 2020": ("814,942", "951,658", "596,115", "582,115"),
    "People born in the country who live in other countries: 2020": (
        "643,800",
        "3,024,273",
        "11,185,737",
        "1,519,635",
    ),
    "Refugees in the country: 2025": ("2,631", "1,464", "152,002", "6,788"),
    "Asylum seekers whose case is pending: 2025": ("9,561", "17,421", "173,532", "556,770"),
    "Live births: 2023": ("176,196", "705,009", "2,037,689", "539,623"),
    "Deaths: 2023": ("127,691", "282,433", "799,366", "185,861"),
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
        start = next(number for number, line in enumerate(lines) if line.startswith(f"| {figure} · "))
        rows = [line for line in lines[start + 1 : start + 6] if not line.startswith("| ---")][:4]
        assert [row.split("|")[2].split(" · ")[0].strip() for row in rows] == list(values), figure
    # Three concepts of permits stand behind the inflows: they are not compared. Figures without values have names.
    assert "Inflows" not in page
    assert "MIG\\_SHARE\\_FC" not in page
