"""Codes of other validation services for our rules: one table by version, of which the newest counts."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT, write_files
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.catalogue.rules import add_aliases
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.outputs import findings_json
from sdmxmig.sdmx.model.findings import Findings, Verdict

TABLE = ROOT / "structures" / "rule_aliases.csv"
HEAD = "service,version,code,rule,status,source\n"


def workspace(folder: Path, *rows: str) -> Path:
    return write_files(folder, {"structures/rule_aliases.csv": HEAD + "".join(f"{row}\n" for row in rows)})


def test_shipped_aliases_name_existing_rules_once_with_a_source() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["rule"] for row in rows} - {""} <= set(CATALOGUE.rules)
    assert all(row["source"] and row["status"] == "candidate" for row in rows)
    assert set(Counter((row["service"], row["version"], row["code"]) for row in rows).values()) == {1}


def test_findings_name_the_codes_of_other_services() -> None:
    findings = Findings((), (Verdict("MIG-1-008", "DF_POP", outcome="pass"),))
    document = json.loads(findings_json.render(findings, CATALOGUE.rules))
    assert document["rules"]["MIG-1-008"]["aliases"] == {"FMR": "201-051", "STRUVAL": "150/008"}


def test_newest_version_of_a_service_wins_with_all_its_codes(tmp_path: Path) -> None:
    rows = (
        "STRUVAL,1.100,150/002,MIG-1-002,candidate,a page",
        "STRUVAL,1.55,150/003,MIG-1-002,candidate,a page",
        "STRUVAL,1.100,150/001,MIG-1-002,candidate,a page",
        "STRUVAL,1.55,150/004,MIG-1-003,candidate,a page",
        "FMR,11,201-000,,candidate,a page",
    )
    rules = load(workspace(tmp_path, *rows)).rules
    assert {rule.id: dict(rule.aliases) for rule in rules.values() if rule.aliases} == {
        "MIG-1-002": {"STRUVAL": "150/002, 150/001"},
        "MIG-1-003": {"STRUVAL": "150/004"},
    }


@cases_from("catalogue/cases/a_row_that_cannot_be_so_is_refused_with_its_line.csv")
def test_invalid_row_is_refused_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        load(workspace(tmp_path, row))
    assert refused.value.message.startswith(said)
    assert (refused.value.place.file, refused.value.place.line) == ("rule_aliases.csv", 2)  # type: ignore[union-attr]


def test_other_columns_are_refused(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "structures" / "rule_aliases.csv").write_text("service,code\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="columns of the rule aliases"):
        load(folder)


def test_shipped_aliases_may_name_a_rule_hidden_by_a_workspace(tmp_path: Path) -> None:
    rules = {"MIG-1-008": CATALOGUE.rules["MIG-1-008"]}
    assert list(add_aliases(rules, [tmp_path, TABLE.parent])) == ["MIG-1-008"]
    with pytest.raises(DeclarationError, match="There is no rule"):
        add_aliases(rules, [TABLE.parent])
