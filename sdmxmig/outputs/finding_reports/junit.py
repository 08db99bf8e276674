"""Findings as JUnit XML, which servers of continuous integration show as tests.

A suite is a dataflow, a test is a rule on it. A rule with errors fails; warnings and notes are its output, with those
errors beyond the first; one that could not be tested is skipped, with the reason. There is no reading that makes a
rule which did not run look passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from sdmxmig.model.findings import SEVERITIES, Finding, Verdict
from sdmxmig.outputs.finding_reports import REPORTS, FindingReport, Validation
from sdmxmig.visible import visible

EXAMPLES = 20
"""So many findings of a rule on a dataflow are listed; all are counted."""


def write(validation: Validation) -> Iterator[bytes]:
    """One suite for each dataflow, one test for each rule that ran or spoke on it."""
    findings: dict[tuple[str, str], list[Finding]] = {}
    for finding in validation.findings.items:
        findings.setdefault((finding.flow, finding.rule), []).append(finding)
    verdicts = {(verdict.flow, verdict.rule): verdict for verdict in validation.findings.verdicts}
    tests = sorted(findings.keys() | verdicts.keys())
    root = etree.Element("testsuites", name=shown(validation.title))
    for flow in dict.fromkeys(flow for flow, _ in tests):
        suite = etree.SubElement(root, "testsuite", name=shown(flow) or "tables", timestamp=validation.created[:19])
        for test in tests:
            if test[0] == flow:
                case(suite, test[1], findings.get(test, ()), verdict=verdicts.get(test), validation=validation)
        count(suite)
    count(root)
    yield etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def count(suite: etree._Element) -> None:
    """Say how many tests there are, how many failed, and how many could not be made."""
    suite.set("tests", str(len(list(suite.iter("testcase")))))
    suite.set("failures", str(len(list(suite.iter("failure")))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(list(suite.iter("skipped")))))


def case(
    suite: etree._Element,
    rule_id: str,
    findings: Sequence[Finding],
    *,
    verdict: Verdict | None,
    validation: Validation,
) -> None:
    """One rule on one dataflow."""
    rule = validation.rules.get(rule_id)
    name = rule.name.in_language(validation.language) if rule else ""
    test = etree.SubElement(suite, "testcase", classname=shown(suite.get("name", "")), name=shown(f"{rule_id} {name}"))
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    counts = ", ".join(
        f"{sum(finding.severity == severity for finding in findings)} {severity}" for severity in SEVERITIES
    )
    listing = [line(finding, validation.language) for finding in ordered[:EXAMPLES]]
    if len(ordered) > EXAMPLES:
        listing.append(f"… {len(ordered) - EXAMPLES} more")
    if ordered and ordered[0].severity == "error":
        failure = etree.SubElement(test, "failure", type=rule_id, message=shown(f"{counts}: {listing[0]}"))
        failure.text = "\n".join(listing)
    elif verdict is not None and verdict.outcome == "not testable":
        etree.SubElement(test, "skipped", message=shown(verdict.reason))
    output = [f"{counts}", *listing] if ordered and ordered[0].severity != "error" else []
    if verdict is not None and verdict.reason and verdict.outcome != "not testable":
        output.append(shown(f"not tested in part: {verdict.reason}"))
    if output:
        etree.SubElement(test, "system-out").text = "\n".join(output)


def line(finding: Finding, language: str) -> str:
    """One finding in one line: severity, place, sentence."""
    where = f"{finding.place}: " if finding.place else ""
    return shown(f"{finding.severity}: {where}{finding.sentence(language)}")


def shown(text: str) -> str:
    """A text that XML can hold, in one line."""
    return visible(text).strip()


REPORTS.add("junit")(FindingReport("junit", "JUnit XML", endings=(".junit.xml",), write=write))
