"""The dataflows on which rules run, including those that an office declares."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from folders import write_files
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.catalogue.rules import is_in_scope
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import RuleScope

FLOWS = CATALOGUE.flows
OFFICE = text_from("catalogue/cases/rule_reach_office.toml")
RULE = text_from("catalogue/cases/rule_reach_rule.toml")


@pytest.mark.parametrize(
    ("reach", "flow", "runs"),
    [
        (RuleScope(structures=("DSD_FLOW",)), "DF_IMM", True),
        (RuleScope(structures=("DSD_FLOW",)), "DF_POP", False),
        (RuleScope(structures=("*",)), "DF_IND_TERM", True),
        (RuleScope(structures=("*",)), "DF_ASSESS", False),  # its figures are texts
        (RuleScope(structures=("DSD_FLOW",), open=("C_CITIZEN",)), "DF_ESTAT_MIGR_IMM1CTZ", True),
        (RuleScope(structures=("DSD_FLOW",), open=("C_CITIZEN",)), "DF_ESTAT_MIGR_IMM3CTB", False),  # held at its total
        (RuleScope(structures=("DSD_FLOW",), any_open=("C_CITIZEN", "C_BIRTH")), "DF_ESTAT_MIGR_IMM3CTB", True),
        (RuleScope(structures=("DSD_FLOW",), any_open=("C_CITIZEN", "C_BIRTH")), "DF_ESTAT_MIGR_IMM8", False),
        (RuleScope(structures=("DSD_PROTECTION",), frequency="M"), "DF_ESTAT_MIGR_ASYAPPCTZM", True),
        (RuleScope(structures=("DSD_PROTECTION",), frequency="M"), "DF_ESTAT_MIGR_ASYAPPCTZA", False),
        (RuleScope(structures=("DSD_PROTECTION",), frequency="M"), "DF_PROTECTION", True),  # holds any frequency
        (RuleScope(structures=("DSD_FLOW",), unless=("DF_IMM",)), "DF_IMM", False),
        (RuleScope(only=("DF_EMI",)), "DF_EMI", True),
        (RuleScope(only=("DF_EMI",)), "DF_IMM", False),
        (RuleScope(structures=("DSD_FLOW",), only=("DF_POP",)), "DF_POP", True),
        (RuleScope(structures=("DSD_FLOW",), only=("DF_POP",), unless=("DF_POP",)), "DF_POP", False),
        (RuleScope(structures=("*",), unless=("DSD_FLOW", "DF_POP")), "DF_IMM", False),
        (RuleScope(structures=("*",), unless=("DSD_FLOW", "DF_POP")), "DF_POP", False),
        (RuleScope(structures=("*",), unless=("DSD_FLOW", "DF_POP")), "DF_BIRTHS", True),
        (None, "DF_IMM", False),
    ],
)
def test_rule_runs_on_its_declared_dataflows(reach: RuleScope | None, flow: str, runs: bool) -> None:
    assert is_in_scope(reach, FLOWS[flow]) == runs


def test_office_dataflow_has_the_rules_of_its_structure(tmp_path: Path) -> None:
    write_files(tmp_path, {"structures/dataflows/DF_OFFICE.toml": f'{OFFICE}rules = ["MIG-2-055"]\n'})
    flow = load(tmp_path).flows["DF_OFFICE"]
    named_alone = {name for name, rule in CATALOGUE.rules.items() if rule.runs_on and "DF_IMM" in rule.runs_on.only}
    assert set(flow.dataflow.rules) == (set(FLOWS["DF_IMM"].dataflow.rules) - named_alone) | {"MIG-2-055"}


@cases_from("catalogue/cases/rule_with_unknown_dataflow_is_refused.csv")
def test_rule_with_unknown_dataflow_is_refused(tmp_path: Path, line: str, message: str) -> None:
    write_files(tmp_path, {"structures/rules/office.toml": f"{RULE}{line}\n"})
    with pytest.raises(DeclarationError, match=message):
        load(tmp_path)


def test_every_data_rule_runs_on_some_dataflow() -> None:
    switched_on = {rule for flow in FLOWS.values() for rule in flow.dataflow.rules}
    idle = [rule.id for rule in CATALOGUE.rules.values() if rule.runs_on and rule.id not in switched_on]
    assert idle == []


def test_every_numeric_dataflow_has_rules_on_totals() -> None:
    without = {
        name
        for name, flow in FLOWS.items()
        if is_in_scope(RuleScope(structures=("*",)), flow) and not {"MIG-1-107", "MIG-1-012"} & set(flow.dataflow.rules)
    }
    assert without == {"DF_ILO_EARA"}  # earnings are no counts: nothing is added up


STRUCTURE = text_from("catalogue/cases/rule_reach_structure.toml")


@cases_from("catalogue/cases/a_negative_count_is_seen_in_the_own_structure_of_an_office.csv")
def test_negative_count_is_found_in_structure_of_an_office(
    tmp_path: Path, unit: str, data_type: str, code: str, value: str, outcome: str, reason: str
) -> None:
    declared = {
        "structures/dsd/DSD_OFFICE.toml": STRUCTURE.format(unit=unit, type=data_type),
        "structures/dataflows/DF_OFFICE.toml": OFFICE.replace("DSD_FLOW", "DSD_OFFICE"),
    }
    catalogue = load(write_files(tmp_path, declared))
    (dataset,) = datasets(f"einheit,OBS_VALUE\n{code},{value}", catalogue.flows, "DF_OFFICE")
    findings = validate(dataset, catalogue)
    (verdict,) = [verdict for verdict in findings.verdicts if verdict.rule == "MIG-1-028"]
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    seen = [(finding.severity, finding.observed) for finding in findings.items if finding.rule == "MIG-1-028"]
    assert seen == ([("warning", value)] if outcome == "fail" else [])
