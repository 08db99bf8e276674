"""Rules on series find what is wrong with a workbook of an office, and name its cells."""

from __future__ import annotations

from pathlib import Path

from small_office import COUNTRY, POPULATION
from stored_findings import listed as findings_in

from sdmxmig.cli import run

MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office.csv"
[[block]]
sheet = "*"
anchor = "Year"
{POPULATION}
"""
TABLE = """Year,Men,Women
2010,10000,14000
2011,10100,14100
2012,10200,14200
2014,10400,14400
2015,10500,20000
2016,10600,14600
2017,14700,10700
2018,10800,14800
"""
"""No 2013; 20,000 women in place of 14,500 in 2015; the sexes of 2017 are exchanged."""


def test_a_gap_a_jump_and_exchanged_labels_are_found_at_their_cells(tmp_path: Path) -> None:
    for folder in ("tables", "mappings"):
        (tmp_path / folder).mkdir()
    (tmp_path / "country.toml").write_text(COUNTRY, encoding="utf-8")
    (tmp_path / "mappings" / "pop.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "tables" / "office.csv").write_text(TABLE, encoding="utf-8")
    assert run(["convert", str(tmp_path)]) == 0
    assert run(["validate", str(tmp_path)]) == 0
    listed = findings_in(tmp_path / "out" / "findings" / "findings.jsonl")
    cells: dict[str, set[str]] = {}
    for finding in listed:
        places = [finding["place"], *finding.get("others", [])]
        cells.setdefault(finding["rule"], set()).update(place["cell"] for place in places)
    assert cells["MIG-1-352"] == {"B5", "C5"}
    assert cells["MIG-2-116"] == {"C6", "B8", "C8"}, "the year after each is back where it was"
    assert cells["MIG-2-108"] == {"B8", "C8"}
    assert set(cells) <= {"MIG-1-112", "MIG-1-352", "MIG-1-402", "MIG-2-102", "MIG-2-108", "MIG-2-116"}
