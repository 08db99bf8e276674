"""Every declared rule on four small tables: kept, broken, at its edge, and where it cannot judge.

`tests/rules/<rule>/{ok,bad,edge,na}.csv` are the tables (see `tests/reported.py`), `expected.csv` says what comes of
each: the outcome, and one row for each finding. `left.csv` has the figures that a mapping leaves out beside them.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.cli.data_folder import LEFT_COLUMNS
from sdmxmig.rules import KINDS
from sdmxmig.validation import validate

HERE = Path(__file__).parent
CASES = ("ok", "bad", "edge", "na")
RULES = [rule for rule in CATALOGUE.rules.values() if rule.level in (1, 2) and rule.kind in KINDS]


def expected(rule: str, case: str) -> list[tuple[str, ...]]:
    rows = csv.reader(io.StringIO((HERE / rule / "expected.csv").read_text(encoding="utf-8")))
    return sorted(tuple(row[1:]) for row in rows if row[0] == case)


def left_out(rule: str, case: str, flow: str) -> pl.DataFrame | None:
    """What a mapping leaves out of column A of the sheet of a case; None where nothing says what it leaves out."""
    path = HERE / rule / "left.csv"
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if path.is_file() else ()
    cells = [("data.xlsx", flow, int(row["row"]), 1, "skipped", row["reason"]) for row in rows if row["case"] == case]
    return pl.DataFrame(cells, schema=LEFT_COLUMNS, orient="row") if cells else None


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_rule(rule: str, case: str) -> None:
    table = (HERE / rule / f"{case}.csv").read_text(encoding="utf-8")
    dataset, *others = datasets(table, CATALOGUE.flows)
    left = left_out(rule, case, dataset.flow.id)
    findings = validate(switched_on(dataset, rule), AS_LISTED, others, left=left)
    (verdict,) = findings.verdicts
    seen = [
        (
            verdict.outcome,
            finding.severity,
            finding.component,
            " ".join(place.cell for place in (finding.place, *finding.others) if place),
            finding.observed,
        )
        for finding in findings.items
    ]
    assert sorted(seen or [(verdict.outcome, "", "", "", "")]) == expected(rule, case)
    assert verdict.reason or verdict.outcome != "not testable"
    for finding in findings.items:
        for language, _ in finding.message:
            assert "{" not in finding.sentence(language)
            assert finding.remedy(language) or rule == "MIG-1-003"


def test_every_kind_is_used_by_a_rule_and_every_rule_has_a_kind() -> None:
    used = {rule.kind for rule in CATALOGUE.rules.values() if rule.level in (1, 2)}
    assert set(KINDS) == used


def test_every_rule_of_a_flow_is_declared_and_every_language_of_a_rule_is_whole() -> None:
    catalogue: Catalogue = CATALOGUE
    for rule in RULES:
        assert {name for name, _ in rule.name} == {name for name, _ in rule.message} == {name for name, _ in rule.hint}
        assert rule.source
    assert {one for flow in catalogue.flows.values() for one in flow.dataflow.rules} <= set(catalogue.rules)
