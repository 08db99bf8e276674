"""All that a validation found, for programs: as one JSON document, or as one finding a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from sdmxmig.outputs import findings_json
from sdmxmig.outputs.finding_reports import REPORTS, FindingReport, Validation, total


def write_json(validation: Validation) -> Iterator[bytes]:
    """The findings as the JSON that one command leaves for the next."""
    yield findings_json.render(validation.findings, validation.rules, validation.judged)


def write_lines(validation: Validation) -> Iterator[bytes]:
    """One line of JSON for each finding and verdict; the first line says of what, and the counts are exact."""
    findings = validation.findings
    ids = sorted({item.rule for item in findings.items} | {verdict.rule for verdict in findings.verdicts})
    rules = {rule: findings_json.of_rule(validation.rules[rule]) for rule in ids if rule in validation.rules}
    head = {
        "schema": "sdmxmig-findings-lines",
        "version": 1,
        "title": validation.title,
        "created": validation.created,
        "findings": total(findings),
        "verdicts": len(findings.verdicts),
        "rules": rules,
    }
    yield _line(head)
    for verdict in findings.verdicts:
        yield _line({"type": "verdict", **asdict(verdict)})
    for finding in findings.items:
        yield _line({"type": "finding", **findings_json.of_finding(finding)})
    for finding in findings.gone:
        yield _line({"type": "gone", **findings_json.of_finding(finding)})
    for more in findings.unlisted:
        yield _line({"type": "unlisted", "rule": more.rule, "flow": more.flow, "findings": more.findings})


def _line(record: dict[str, object]) -> bytes:
    return (json.dumps(record, ensure_ascii=False) + "\n").encode()


REPORTS.add("json")(FindingReport("json", "findings of sdmxmig", endings=(".json",), write=write_json))
REPORTS.add("jsonl")(FindingReport("jsonl", "findings of sdmxmig, one a line", endings=(".jsonl",), write=write_lines))
