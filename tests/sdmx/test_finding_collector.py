"""Faults become findings by their declared rule, in one way for tables, forms and validation."""

from __future__ import annotations

import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId

RULE = Rule(
    "MIG-0-012",
    "3",
    kind="CONVERSION",
    level=0,
    severity="warning",
    name=Text.of(en="No errors"),
    message=Text.of(en="The cell holds {value}."),
    hint=Text.of(en="Write {expected}."),
)
CELLS = [Place("office.xlsx", "Table 1", cell=cell) for cell in ("B2", "B3", "C4")]


def collector() -> FindingCollector:
    return FindingCollector("DF_POP", {RULE.id: RULE})


def test_findings_are_counted_by_severity_and_no_other_word() -> None:
    findings = collector()
    findings.add(RuleId.ERROR_CELL, CELLS, "OBS_VALUE", value="#REF!", expected="a number")
    found = Findings(tuple(findings.findings))
    assert [found.count(severity) for severity in ("error", "warning", "information")] == [0, 1, 0]
    for word in ("errors", "Error", "warnings", ""):
        with pytest.raises(SdmxmigError, match=f"“{word}” is not a severity") as refused:
            found.count(word)
        assert refused.value.hint == "Severities are error, warning, information."
