"""Very many findings are all counted and known by their fingerprints, while few of them are listed."""

from __future__ import annotations

from dataclasses import replace

from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.reporting.outputs import findings_lines, findings_text
from sdmxmig.sdmx.model.findings import Findings, Justification
from sdmxmig.workspace.tasks.justifying import (
    apply_justifications,
    compare_findings,
    keep_earlier_run,
    list_fingerprints,
)

NEGATIVE = "MIG-1-011"


def negatives(*values: int, listed: int | None, severity: str = "error") -> Findings:
    rule = replace(AS_LISTED.rules[NEGATIVE], severity=severity)
    catalogue = replace(AS_LISTED, rules={**AS_LISTED.rules, NEGATIVE: rule})
    table = "\n".join(["TIME_PERIOD,OBS_VALUE", *(f"{2000 + n},{value}" for n, value in enumerate(values))])
    (dataset,) = datasets(table, CATALOGUE.flows)
    return validate(switched_on(dataset, NEGATIVE), catalogue, listed=listed)


def test_unlisted_findings_are_counted_with_fingerprints() -> None:
    whole, short = negatives(-1, -2, -3, -4, listed=None), negatives(-1, -2, -3, -4, listed=1)
    assert (len(whole.items), len(short.items)) == (4, 1)
    assert (whole.count("error"), short.count("error")) == (4, 4)
    assert sorted(list_fingerprints(short)) == sorted(list_fingerprints(whole))
    assert [verdict.findings for verdict in short.verdicts] == [4]
    assert "… and 3 more findings" in findings_text.render(short)
    assert findings_text.render(short).rstrip().endswith("4 errors.")
    assert findings_lines.read(findings_lines.render(short)) == short


def test_unlisted_findings_are_compared_with_earlier_ones() -> None:
    earlier = negatives(-1, -2, -3, 4, listed=1)
    now = compare_findings(negatives(1, -2, -30, -4, listed=1), earlier)
    assert (now.new, now.unchanged, now.fixed) == (1, 2, 1)
    assert now.gone[0].state == "fixed"
    now = compare_findings(negatives(-1, 2, 3, 4, listed=1), earlier)
    assert (now.new, now.unchanged, now.fixed, now.more_fixed) == (0, 1, 2, 2)
    content = findings_lines.render(now)
    assert findings_lines.read(content) == now
    assert findings_lines.render(keep_earlier_run(negatives(-1, 2, 3, 4, listed=1), now)) == content


def test_unlisted_warnings_can_be_justified() -> None:
    for severity, count in (("warning", 2), ("error", 0)):
        findings = negatives(-1, -2, -3, listed=1, severity=severity)
        reasons = {
            name: Justification(fingerprint=name, text="So it is.") for name in list(list_fingerprints(findings))[1:]
        }
        assert apply_justifications(findings, reasons).justified == count
