"""ESS validation report 1.0.0 as JSON.

Rule ids are in `description` and `id`. Findings have value 0, passes 1, untested rules NA. `expression` is kind and
parameters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sdmxmig.primitives.text import show_all
from sdmxmig.primitives.version import __version__
from sdmxmig.quality.rules.words import write_reason
from sdmxmig.reporting.outputs.finding_reports import REPORTS, FindingReport, Validation, find_reason, list_first_places
from sdmxmig.sdmx.model.findings import Finding, Rule, Unlisted, Verdict

LANGUAGE = "sdmxmig rule"
NO_RULE = "no rule"
MAX_CELLS = 100
VALUE_BY_OUTCOME = {"pass": "1", "fail": "0", "not testable": "NA"}


def write(validation: Validation) -> Iterator[bytes]:
    separator = b"[\n"
    for record in build_records(validation):
        yield separator + json.dumps(show_all(record), ensure_ascii=False, separators=(",", ":")).encode()
        separator = b",\n"
    yield b"\n]\n" if separator != b"[\n" else b"[]\n"


def build_records(validation: Validation) -> Iterator[dict[str, Any]]:
    findings = validation.findings
    spoke = {(finding.rule, finding.flow) for finding in findings.items}
    for verdict in findings.verdicts:
        if verdict.outcome == "not testable" or (verdict.rule, verdict.flow) not in spoke:
            yield describe_verdict(verdict, validation)
    for number, finding in enumerate(findings.items, start=1):
        yield describe_finding(finding, number, validation)
    for more in findings.unlisted:
        yield describe_unlisted(more, validation)


def describe_verdict(verdict: Verdict, validation: Validation) -> dict[str, Any]:
    rule = validation.rules.get(verdict.rule)
    severity = rule.severity if rule else "information"
    return {
        "id": f"{verdict.rule} {verdict.flow}".strip(),
        "type": "validation",
        "event": describe_event(validation),
        "rule": build_rule_record(verdict.rule, rule, severity=severity, validation=validation),
        "data": {
            "source": [verdict.flow],
            "target": [verdict.flow],
            "description": write_reason(verdict, validation.language),
        },
        "value": VALUE_BY_OUTCOME[verdict.outcome],
    }


def describe_finding(finding: Finding, number: int, validation: Validation) -> dict[str, Any]:
    target = [str(place) for place in list_first_places(finding, MAX_CELLS)] or [get_key(finding)]
    related = [str(place) for place in finding.related[:MAX_CELLS]]
    rule = validation.rules.get(finding.rule)
    record = build_rule_record(finding.rule, rule, severity=finding.severity, validation=validation)
    if reason := find_reason(finding):
        record["explanation"] = reason
    return {
        "id": f"{finding.rule} {finding.flow} {finding.fingerprint} {number}",
        "type": "validation",
        "event": describe_event(validation),
        "rule": record,
        "data": {
            "source": [*target, *related],
            "target": target,
            "description": f"{get_key(finding)}: {finding.sentence(validation.language)}",
        },
        "value": "0",
    }


def describe_unlisted(more: Unlisted, validation: Validation) -> dict[str, Any]:
    return {
        "id": f"{more.rule} {more.flow} unlisted",
        "type": "aggregation",
        "event": describe_event(validation),
        "aggregate": {
            "language": LANGUAGE,
            "expression": "number of findings not listed",
            "description": f"{more.rule}: more findings of severity {more.severity}",
        },
        "data": {"source": [more.flow], "target": [more.flow]},
        "value": str(more.findings),
    }


def describe_event(validation: Validation) -> dict[str, str]:
    return {"time": validation.created, "actor": f"sdmxmig {__version__}", "agent": validation.header.sender.id}


def build_rule_record(rule_id: str, rule: Rule | None, *, severity: str, validation: Validation) -> dict[str, str]:
    name = rule.name.in_language(validation.language) if rule else ""
    version = f" (version {rule.version})" if rule else ""
    return {
        "language": LANGUAGE,
        "expression": write_expression(rule) if rule else rule_id or NO_RULE,
        "severity": severity,
        "description": f"{rule_id}{version}: {name}" if name else rule_id or NO_RULE,
    }


def write_expression(rule: Rule) -> str:
    return f"{rule.kind} {json.dumps(dict(rule.parameters), ensure_ascii=False, sort_keys=True, default=str)}"


def get_key(finding: Finding) -> str:
    key = ", ".join(f"{name}={value}" for name, value in finding.key)
    return f"{finding.flow}({key})" if key else finding.flow


REPORTS.add("ess-json")(FindingReport("ess-json", "ESS validation report 1.0.0", endings=(".ess.json",), write=write))
