"""The examples of `sdmxmig show RULE` are the bad cases of the rules with their findings.

Update them with ``pytest tests/quality/rules/test_rule_examples.py --update-golden``.
"""

from __future__ import annotations

import csv
import io

import pytest
from shipped import AS_LISTED
from test_rules import HERE, RULES, cells, validated

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.catalogue.rules import COLUMNS, EXAMPLES_FILE, LANGUAGES, index_rule_examples
from sdmxmig.sdmx.model.findings import SEVERITIES

PATH = find_shipped_folder("structures") / EXAMPLES_FILE


def row(rule: str) -> list[str]:
    findings = validated(rule, "bad", AS_LISTED).items
    finding = min(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    table = (HERE / rule / "bad.csv").read_text(encoding="utf-8")
    at = cells(finding.flow, finding.place, *finding.others)
    said = [finding.sentence(language) for language in LANGUAGES]
    return [rule, table, at, finding.severity, finding.observed, finding.expected, *said]


def test_rule_examples_equal_the_bad_cases(request: pytest.FixtureRequest) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row(rule.id) for rule in sorted(RULES, key=lambda rule: rule.id))
    if request.config.getoption("--update-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
        index_rule_examples.cache_clear()
    assert PATH.read_text(encoding="utf-8") == text.getvalue(), "look at it, then: pytest … --update-golden"
    assert set(index_rule_examples()) == {rule.id for rule in RULES}
