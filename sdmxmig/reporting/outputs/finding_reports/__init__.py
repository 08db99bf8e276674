"""Validation report formats, identified by id or file suffix; here those in JSON, with the ESS validation report 1.0.0.

In the latter, rule ids are in `description` and `id`. Findings have value 0, passes 1, untested rules NA. `expression`
is kind and parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import PurePath
from typing import Any

from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.primitives.text import shorten_text, show_all
from sdmxmig.quality.rules.words import write_reason
from sdmxmig.records.files import SIMULATED
from sdmxmig.reporting.outputs import findings_json, findings_lines
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, Rule, UnlistedFindings, ValidatedInputs, Verdict
from sdmxmig.sdmx.model.submission import Header

PACKED_SUFFIXES = (".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Excerpt:
    row: int
    column: int
    _: KW_ONLY
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[tuple[int, int]] = frozenset()


def build_empty_excerpt(_: Finding) -> Excerpt | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The content of a validation report.

    `judged` are the files, `excerpt` returns neighbouring cells, `mark` denotes simulated records.
    """

    findings: Findings
    header: Header
    title: str
    language: str = "en"
    notice: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    judged: ValidatedInputs | None = None
    excerpt: Callable[[Finding], Excerpt | None] = build_empty_excerpt
    can_be_justified: bool = True
    is_simulated: bool = False

    @property
    def mark(self) -> Mapping[str, bool]:
        return {SIMULATED: True} if self.is_simulated else {}

    @property
    def created(self) -> str:
        return self.header.prepared


@dataclass(frozen=True, slots=True)
class FindingReport:
    id: str
    name: str
    _: KW_ONLY
    endings: tuple[str, ...]
    write: Callable[[Validation], Iterator[bytes]]


REPORTS: Kind[FindingReport] = Kind("sdmxmig.reporting.outputs.finding_reports")


def choose_report(file: str) -> tuple[FindingReport, str]:
    """Determine the report of ``FILE`` or ``REPORT=FILE`` by longest suffix; raise `SdmxmigError` if unknown.

    >>> from sdmxmig.reporting.outputs.finding_reports import choose_report
    >>> choose_report("json=result.txt")[0].id, choose_report("out/findings.ess.json.gz")[0].id
    ('json', 'ess-json')
    """
    report_id, equals, path = file.partition("=")
    if equals and "/" not in report_id and report_id in REPORTS:
        return REPORTS[report_id], path
    name = PurePath(file).name.lower()
    for packed in PACKED_SUFFIXES:
        name = name.removesuffix(packed)
    endings = {ending: report for report in map(REPORTS.__getitem__, REPORTS) for ending in report.endings}
    fitting = [ending for ending in endings if name.endswith(ending)]
    if fitting:
        return endings[max(fitting, key=len)], file
    known = f"Write one of {', '.join(REPORTS)} before the file, as in json=FILE."
    if equals and "/" not in report_id:
        raise SdmxmigError(f"There is no report “{report_id}”.", hint=did_you_mean(report_id, REPORTS) or known)
    raise SdmxmigError("The file name does not identify a kind of report.", Place(file), known)


def list_first_places(finding: Finding, most: int) -> Sequence[Place]:
    return tuple(dict.fromkeys(([finding.place] if finding.place else []) + list(finding.others[: most - 1])))[:most]


def write_key_text(finding: Finding) -> str:
    return " ".join(f"{name}={value}" for name, value in finding.key)


def choose_examples(findings: Findings, *, of_a_rule: int, most: int) -> dict[str, list[Finding]]:
    by_rule: dict[str, list[Finding]] = {}
    for severity in SEVERITIES:
        for finding in findings.items:
            if finding.severity == severity:
                by_rule.setdefault(finding.rule, []).append(finding)
    room = min(of_a_rule, max(1, most // max(1, len(by_rule))))
    return {rule: listed[: of_a_rule if len(findings.items) <= most else room] for rule, listed in by_rule.items()}


def find_reason(finding: Finding) -> str:
    justification = finding.justification
    if justification is None:
        return ""
    signed = ", ".join(filter(None, [justification.by, justification.at]))
    reason = f"{justification.text} ({signed})" if signed else justification.text
    then = finding.justified_figure
    return f"{reason} [{then} → {shorten_text(finding.observed)}]" if then else reason


def count_total(findings: Findings) -> int:
    return sum(findings.count(severity) for severity in SEVERITIES)


def count_by_rule(findings: Findings) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}

    def add(rule: str, what: str, number: int) -> None:
        of_rule = counts.setdefault(rule, {})
        of_rule[what] = of_rule.get(what, 0) + number

    for finding in findings.items:
        add(finding.rule, finding.severity, 1)
    for more in findings.unlisted:
        add(more.rule, more.severity, more.findings)
    for verdict in findings.verdicts:
        if verdict.rule:  # a verdict without a rule means that no rule is enabled
            add(verdict.rule, verdict.outcome, 1)
    return counts


def write_json(validation: Validation) -> Iterator[bytes]:
    yield findings_json.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


def write_lines(validation: Validation) -> Iterator[bytes]:
    yield findings_lines.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


REPORTS.add("json")(FindingReport("json", "findings of sdmxmig", endings=(".json",), write=write_json))
REPORTS.add("jsonl")(FindingReport("jsonl", "store of findings", endings=(".jsonl",), write=write_lines))


EXPRESSION_LANGUAGE = "sdmxmig rule"
NO_RULE = "no rule"
MAX_CELLS = 100
VALUE_BY_OUTCOME = {"pass": "1", "fail": "0", "not testable": "NA"}


def write_ess_records(validation: Validation) -> Iterator[bytes]:
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


def describe_unlisted(more: UnlistedFindings, validation: Validation) -> dict[str, Any]:
    return {
        "id": f"{more.rule} {more.flow} unlisted",
        "type": "aggregation",
        "event": describe_event(validation),
        "aggregate": {
            "language": EXPRESSION_LANGUAGE,
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
        "language": EXPRESSION_LANGUAGE,
        "expression": write_expression(rule) if rule else rule_id or NO_RULE,
        "severity": severity,
        "description": f"{rule_id}{version}: {name}" if name else rule_id or NO_RULE,
    }


def write_expression(rule: Rule) -> str:
    return f"{rule.kind} {json.dumps(dict(rule.parameters), ensure_ascii=False, sort_keys=True, default=str)}"


def get_key(finding: Finding) -> str:
    key = ", ".join(f"{name}={value}" for name, value in finding.key)
    return f"{finding.flow}({key})" if key else finding.flow


REPORTS.add("ess-json")(
    FindingReport("ess-json", "ESS validation report 1.0.0", endings=(".ess.json",), write=write_ess_records)
)
