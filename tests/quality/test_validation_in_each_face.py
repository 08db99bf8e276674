"""The command line, a workspace and Python find the same in the same data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import text_from
from folders import write_files
from small_office import COUNTRY, MAPPING

import sdmxmig
from sdmxmig.cli import run
from sdmxmig.reporting.outputs import findings_lines

TABLE = "Year,Men,Women\n2010,10000,14000\n2011,#REF!,14100\n2012,10200,14200\n"
PROFILE = text_from("quality/cases/validation_in_each_face_profile.toml")
NOW = "2026-01-31T12:00:00Z"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace with a cell that holds an error."""
    (tmp_path / "structures" / "rule_profiles").mkdir(parents=True)
    return write_files(tmp_path, {"tables/office.csv": TABLE, "mappings/pop.toml": MAPPING, "country.toml": COUNTRY})


def test_profile_changes_severity_in_each_face(office: Path) -> None:
    def converted() -> sdmxmig.Conversion:
        return sdmxmig.convert(office / "tables" / "office.csv", office / "mappings" / "pop.toml", workspace=office)

    rule = next(finding.rule for finding in converted().findings.items if finding.severity == "error")
    (office / "structures" / "rule_profiles" / "mine.toml").write_text(PROFILE.format(rule), encoding="utf-8")
    workspace = sdmxmig.Workspace(office, now=NOW)
    workspace.convert()
    for findings in (
        workspace.validate(profile="MINE"),
        sdmxmig.validate(converted(), profile="MINE", workspace=office),
    ):
        assert {finding.severity for finding in findings.items if finding.rule == rule} == {"information"}


def test_rules_apply_to_given_structure_in_each_face(office: Path, tmp_path: Path) -> None:
    flow = sdmxmig.load().flow("DF_POP")
    other = replace(flow.dataflow, ref=replace(flow.dataflow.ref, id="DF_OTHER"), rules=())
    structures = sdmxmig.write([other, flow.structure], tmp_path / "structures.xml")
    table = office / "tables" / "office.csv"
    table.write_text(TABLE.replace("#REF!", "10100"), encoding="utf-8")
    converted = sdmxmig.convert(table, office / "mappings" / "pop.toml")
    data = sdmxmig.write(replace(converted.dataset, flow=replace(flow, dataflow=other)), tmp_path / "data.csv")
    found = tmp_path / "found.jsonl"
    run(["validate", str(data), "--structure", str(structures), "-o", str(found), "--now", NOW])
    python = sdmxmig.validate(sdmxmig.read(data, structure=structures))
    on_command_line = findings_lines.read(found.read_bytes(), "found.jsonl")
    assert {verdict.rule for verdict in python.verdicts} == {verdict.rule for verdict in on_command_line.verdicts}
    assert len(python.verdicts) > 1
