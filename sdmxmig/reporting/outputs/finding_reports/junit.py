"""Findings as JUnit XML for CI.

Suites are dataflows, tests rules. Errors fail; untested rules are skipped; a run without any test is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from sdmxmig.primitives.text import visible
from sdmxmig.quality.rules.words import reason_in
from sdmxmig.reporting.outputs.finding_reports import REPORTS, FindingReport, Validation, reason_for
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Verdict

EXAMPLES = 20
"""Maximum number of findings listed by rule and dataflow; all are counted."""
COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
SECONDS = len("2026-01-31T12:00:00")


@dataclass(slots=True, kw_only=True)
class RuleOnFlow:
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    verdict: Verdict | None = None


def write(validation: Validation) -> Iterator[bytes]:
    root = etree.Element("testsuites", name=visible_text(validation.title))
    suites: dict[str, etree._Element] = {}
    for (flow, rule_id), result in sorted(results_of(validation).items()):
        if flow not in suites:
            suites[flow] = suite_of(root, visible_text(flow) or "tables", validation)
        add_test(suites[flow], rule_id, result, validation)
    if not validation.findings.has_run:
        test = etree.SubElement(suite_of(root, "sdmxmig", validation), "testcase", classname="sdmxmig", name="validate")
        etree.SubElement(test, "error", type="not testable", message="No checks were run.")
    for element in (root, *root):
        for name, tag in COUNTED.items():
            if element is not root or name != "skipped":  # not allowed there
                element.set(name, str(sum(1 for _ in element.iter(tag))))
    yield etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def results_of(validation: Validation) -> dict[tuple[str, str], RuleOnFlow]:
    results: dict[tuple[str, str], RuleOnFlow] = {}
    for verdict in validation.findings.verdicts:
        results.setdefault((verdict.flow, verdict.rule), RuleOnFlow()).verdict = verdict
    for severity in SEVERITIES:
        for finding in validation.findings.items:
            if finding.severity == severity:
                result = results.setdefault((finding.flow, finding.rule), RuleOnFlow())
                result.counts[severity] += 1
                result.examples += [finding] if len(result.examples) < EXAMPLES else []
    for more in validation.findings.unlisted:
        results.setdefault((more.flow, more.rule), RuleOnFlow()).counts[more.severity] += more.findings
    return results


def suite_of(root: etree._Element, name: str, validation: Validation) -> etree._Element:
    suite = etree.SubElement(root, "testsuite", name=name, timestamp=validation.created[:SECONDS])
    if validation.mark:
        properties = etree.SubElement(suite, "properties")
        for mark in validation.mark:
            etree.SubElement(properties, "property", name=mark, value="true")
    return suite


def add_test(suite: etree._Element, rule_id: str, result: RuleOnFlow, validation: Validation) -> None:
    rule = validation.rules.get(rule_id)
    name = rule.name.in_language(validation.language) if rule else ""
    test = etree.SubElement(
        suite, "testcase", classname=suite.get("name", ""), name=visible_text(f"{rule_id} {name}") or "no rule"
    )
    verdict = result.verdict
    lines = listing(result, validation.language)
    if result.counts["error"]:
        failure = etree.SubElement(test, "failure", type=rule_id, message=visible_text(" ".join(lines[:2])))
        failure.text = "\n".join(lines)
    elif verdict is not None and verdict.outcome == "not testable":
        etree.SubElement(test, "skipped", message=visible_text(reason_in(verdict, validation.language)))
    output = [] if result.counts["error"] else lines
    if verdict is not None and verdict.reason and verdict.outcome != "not testable":
        output = [*output, visible_text(f"partly checked: {reason_in(verdict, validation.language)}")]
    if output:
        etree.SubElement(test, "system-out").text = "\n".join(output)


def listing(result: RuleOnFlow, language: str) -> list[str]:
    count = sum(result.counts.values())
    if not count:
        return []
    counts = ", ".join(f"{result.counts[severity]} {severity}" for severity in SEVERITIES if result.counts[severity])
    lines = [f"{counts}:", *(line_of(finding, language) for finding in result.examples)]
    return lines + ([f"… {count - len(result.examples)} more"] if count > len(result.examples) else [])


def line_of(finding: Finding, language: str) -> str:
    where = f"{finding.place}: " if finding.place else ""
    reason = f" [{reason_for(finding)}]" if reason_for(finding) else ""
    return visible_text(f"{finding.severity}: {where}{finding.sentence(language)}{reason}")


def visible_text(text: str) -> str:
    return visible(text).strip()


REPORTS.add("junit")(FindingReport("junit", "JUnit XML", endings=(".junit.xml",), write=write))
