"""Findings as one JSON document (see `findings_lines`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import escape_json
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import (
    SEVERITIES,
    Finding,
    Findings,
    Justification,
    Reason,
    Rule,
    ValidatedInputs,
    Verdict,
)

NO_MARK: Mapping[str, bool] = MappingProxyType({})


def render(
    findings: Findings,
    rules: Mapping[str, Rule] | None = None,
    judged: ValidatedInputs | None = None,
    *,
    mark: Mapping[str, bool] = NO_MARK,
) -> bytes:
    rules_by_id = rules or {}
    document = {
        "schema": "sdmxmig-findings",
        "version": 2,
        **mark,
        "judged": None if judged is None else asdict(judged),
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "rules": {rule: describe_rule(rules_by_id[rule]) for rule in find_rules(findings, rules_by_id)},
        "findings": [describe_finding(finding) for finding in findings.items],
        "gone": [describe_finding(finding) for finding in findings.gone],
        "unused": [asdict(justification) for justification in findings.unused],
        "verdicts": [describe_verdict(verdict) for verdict in findings.verdicts],
    }
    return (escape_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n").encode()


def find_rules(findings: Findings, rules: Mapping[str, Rule]) -> list[str]:
    speaking = {finding.rule for finding in (*findings.items, *findings.gone)}
    ran = {verdict.rule for verdict in findings.verdicts} | {more.rule for more in findings.unlisted}
    return sorted(rules.keys() & (speaking | ran))


def describe_rule(rule: Rule) -> dict[str, Any]:
    return {
        "version": rule.version,
        "kind": rule.kind,
        "level": rule.level,
        "severity": rule.severity,
        "name": dict(rule.name.values),
        "status": rule.status,
        "source": rule.source,
        "aliases": dict(rule.aliases),
    }


def describe_finding(finding: Finding) -> dict[str, Any]:
    languages = sorted({language for text in (finding.message, finding.hint) for language, _ in text})
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "version": finding.version,
        "severity": finding.severity,
        "level": finding.level,
        "flow": finding.flow,
        "component": finding.component,
        "key": dict(finding.key),
        "cells": finding.cells,
        "observed": finding.observed,
        "expected": finding.expected,
        "place": describe_place(finding.place),
        "others": [describe_place(place) for place in finding.others],
        "difference": finding.difference,
        "tolerance": finding.tolerance,
        "related": [describe_place(place) for place in finding.related],
        "observations": finding.observations,
        "state": finding.state,
        "justification": None if finding.justification is None else asdict(finding.justification),
        "sentence": {language: finding.sentence(language) for language in languages},
        "remedy": {language: remedy for language in languages if (remedy := finding.remedy(language))},
        "message": dict(finding.message.values),
        "hint": dict(finding.hint.values),
        "parameters": dict(finding.parameters),
    }


def describe_verdict(verdict: Verdict) -> dict[str, Any]:
    record = {part.name: getattr(verdict, part.name) for part in fields(verdict) if part.name != "reasons"}
    reasons = [{"message": reason.message, "parameters": dict(reason.parameters)} for reason in verdict.reasons]
    return {**record, "reasons": reasons} if reasons else record


def read_verdict(record: Mapping[str, Any]) -> Verdict:
    reasons = (Reason(str(parts["message"]), read_pairs(parts["parameters"])) for parts in record.get("reasons", ()))
    return Verdict(**{**record, "reasons": tuple(reasons)})


def describe_place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"text": str(place), **asdict(place)}


def read_pairs(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in values.items())


def read_place(record: Mapping[str, Any] | None) -> Place | None:
    return None if record is None else Place(**{name: value for name, value in record.items() if name != "text"})


def read_places(listed: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(place for record in listed if (place := read_place(record)))


def read_text(record: Mapping[str, str]) -> Text:
    return Text(read_pairs(record))


READERS: Mapping[str, Callable[[Any], object]] = {
    "level": int,
    "message": read_text,
    "hint": read_text,
    "parameters": read_pairs,
    "key": read_pairs,
    "place": read_place,
    "others": read_places,
    "observations": int,
    "related": read_places,
    "justification": lambda record: None if record is None else Justification(**record),
}


def read_finding(record: Mapping[str, Any]) -> Finding:
    read = {name: READERS[name](record[name]) for name in READERS}
    return Finding(**{field.name: record[field.name] for field in fields(Finding)} | read)
