"""Findings as SARIF 2.1.0 for code hosts and editors.

Cells are logical locations (``Table 1!C14``), text lines regions; fingerprints are stable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import blanks, visible_all
from sdmxmig.primitives.version import __version__
from sdmxmig.quality.rules.words import reason_in
from sdmxmig.reporting.outputs.finding_reports import (
    REPORTS,
    FindingReport,
    Validation,
    first_places,
    key_text,
    reason_for,
)
from sdmxmig.sdmx.model.findings import Finding, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "information": "note"}
STATES = {"new": "new", "unchanged": "unchanged", "fixed": "absent", "not tested": "unchanged"}
BASE = "TABLES"
CELLS = 20
"""Maximum number of cells of a finding that are its locations, or related to it."""


def write(validation: Validation) -> Iterator[bytes]:
    """Write one run with the rules that ran, then one result per finding and line."""
    ids = sorted(_rule_ids(validation))
    index = {rule_id: number for number, rule_id in enumerate(ids)}
    run = {
        "tool": {"driver": driver(validation, ids)},
        "automationDetails": {"id": f"sdmxmig/validate/{quote(validation.title)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": "Folder of the validated tables."}}},
        "invocations": [invocation(validation)],
        "artifacts": [{"location": location} for location in _files(validation)],
        **({"properties": dict(validation.mark)} if validation.mark else {}),
    }
    head = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [visible_all(run)]}, ensure_ascii=False)
    yield (head.removesuffix("}]}") + ', "results": [').encode()
    separator = "\n"
    for finding in (*validation.findings.items, *validation.findings.gone):
        record = visible_all(result_of(finding, index, validation))
        result = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        yield (separator + result).encode()
        separator = ",\n"
    yield b"\n]}]}\n"


def _rule_ids(validation: Validation) -> set[str]:
    findings = validation.findings
    spoke = {finding.rule for finding in (*findings.items, *findings.gone)} | {more.rule for more in findings.unlisted}
    return spoke | {verdict.rule for verdict in findings.verdicts if verdict.rule}


def _files(validation: Validation) -> list[dict[str, str]]:
    files = {place.file for finding in validation.findings.items for place in first_places(finding, CELLS)}
    return [artifact(Place(file)) for file in sorted(files)]


def driver(validation: Validation, rule_ids: list[str]) -> dict[str, Any]:
    return {
        "name": "sdmxmig",
        "version": __version__,
        "rules": [descriptor(rule_id, validation) for rule_id in rule_ids],
    }


def descriptor(rule_id: str, validation: Validation) -> dict[str, Any]:
    rule = validation.rules.get(rule_id)
    if rule is None:
        return {"id": rule_id}
    record: dict[str, Any] = {
        "id": rule_id,
        "name": rule.kind,
        "shortDescription": {"text": rule.name.in_language(validation.language) or rule_id},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": rule_properties(rule),
    }
    hint = rule.hint.in_language(validation.language)
    if hint and not blanks(hint):
        record["help"] = {"text": hint}
    return record


def rule_properties(rule: Rule) -> dict[str, Any]:
    return {
        "version": rule.version,
        "level": rule.level,
        "status": rule.status,
        "source": rule.source,
        "aliases": dict(sorted(rule.aliases.items())),
    }


def invocation(validation: Validation) -> dict[str, Any]:
    untested = [verdict for verdict in validation.findings.verdicts if verdict.outcome == "not testable"]
    notes = [
        {
            "level": "note",
            "message": {
                "text": f"Not checked on {verdict.flow} ({verdict.rule or 'all rules'}): "
                + reason_in(verdict, validation.language)
            },
            **({"associatedRule": {"id": verdict.rule}} if verdict.rule else {}),
        }
        for verdict in untested
    ]
    notes += [
        {
            "level": LEVELS[more.severity],
            "message": {"text": f"{more.findings} more findings of {more.rule} on {more.flow} are not listed."},
            "associatedRule": {"id": more.rule},
        }
        for more in validation.findings.unlisted
    ]
    return {
        "executionSuccessful": validation.findings.has_run,
        "toolExecutionNotifications": notes,
        "properties": {"created": validation.created},
    }


def result_of(finding: Finding, index: dict[str, int], validation: Validation) -> dict[str, Any]:
    record: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": message_of(finding, validation.language)},
        "locations": [location(place, finding) for place in first_places(finding, CELLS)]
        or [{"logicalLocations": [key_location(finding)]}],
        "partialFingerprints": {"sdmxmigFinding/v1": finding.fingerprint},
        "occurrenceCount": max(1, finding.observations),
        "properties": properties_of(finding),
    }
    related = [{"id": number, **location(place)} for number, place in enumerate(finding.related[:CELLS], start=1)]
    if related:
        record["relatedLocations"] = related
    if state := STATES.get(finding.state):
        record["baselineState"] = state
    if justification := reason_for(finding):
        record["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return record


def message_of(finding: Finding, language: str) -> str:
    return " ".join(filter(None, [finding.sentence(language), finding.remedy(language)])) or finding.rule


def properties_of(finding: Finding) -> dict[str, Any]:
    properties = {
        "flow": finding.flow,
        "key": dict(finding.key),
        "component": finding.component,
        "observed": finding.observed,
        "expected": finding.expected,
        "difference": finding.difference,
        "tolerance": finding.tolerance,
        "ruleVersion": finding.version,
        "validationLevel": finding.level,
    }
    return {name: value for name, value in properties.items() if value not in ("", {})}


def location(place: Place, finding: Finding | None = None) -> dict[str, Any]:
    """Describe a place: file, line and column or cell, and the observation."""
    physical: dict[str, Any] = {"artifactLocation": artifact(place)}
    if place.line:
        physical["region"] = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
    record: dict[str, Any] = {"physicalLocation": physical}
    logical = []
    if name := "!".join(part for part in (place.sheet, place.cell) if part) or place.key:
        logical.append({"fullyQualifiedName": name, "kind": "member"})
    if finding is not None and finding.key:
        logical.append(key_location(finding))
    if logical:
        record["logicalLocations"] = logical
    return record


def key_location(finding: Finding) -> dict[str, str]:
    return {"fullyQualifiedName": f"{finding.flow} {key_text(finding)}".strip(), "kind": "object"}


def artifact(place: Place) -> dict[str, str]:
    return {"uri": quote(place.file.replace("\\", "/").lstrip("/")), "uriBaseId": BASE}


REPORTS.add("sarif")(FindingReport("sarif", "SARIF 2.1.0", endings=(".sarif", ".sarif.json"), write=write))
