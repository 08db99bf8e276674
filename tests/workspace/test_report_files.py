"""Reports of findings never replace the data that they are about, nor each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import write_files
from small_office import COUNTRY

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.tasks.finding_lists import parse_reports


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace with a table and its declaration."""
    return write_files(tmp_path / "ge", {"country.toml": COUNTRY, "tables/population.csv": "Year,Persons\n2022,10\n"})


@pytest.mark.parametrize(
    "place", ["tables/population.csv", "text=country.toml", "out/data/DF_POP.csv", "html=out/findings/findings.jsonl"]
)
def test_report_does_not_replace_files_of_the_workspace(office: Path, place: str) -> None:
    kind, equals, path = place.rpartition("=")
    with pytest.raises(SdmxmigError, match="belongs to the checked files"):
        parse_reports([f"{kind}{equals}{office / path}"], [office])


def test_report_does_not_replace_the_checked_message(tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="belongs to the checked files"):
        parse_reports([str(tmp_path / "emi.csv")], [tmp_path / "emi.csv"])


@pytest.mark.parametrize("files", [["a.html", "./a.html"], ["html=-", "json=-"], ["csv=b.x", "json=./b.x"]])
def test_two_reports_cannot_share_a_file(files: list[str]) -> None:
    with pytest.raises(SdmxmigError, match="cannot both be written"):
        parse_reports(files)


def test_report_beside_the_tables_may_be_replaced(office: Path) -> None:
    (office / "findings.json").write_text("{}", encoding="utf-8")
    assert [path for _, path in parse_reports([str(office / "findings.json")], [office])] == [office / "findings.json"]
