"""Findings as one JSON document, as commands print them: the records of the store (`findings_lines`) in one piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.primitives.visible import visible_json
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import (
    SEVERITIES,
    Finding,
    Findings,
    JudgedInputs,
    Justification,
    Reason,
    Rule,
    Verdict,
)

NO_MARK: Mapping[str, bool] = MappingProxyType({})
"""Where records are not simulated."""


def render(
    findings: Findings,
    rules: Mapping[str, Rule] | None = None,
    judged: JudgedInputs | None = None,
    *,
    mark: Mapping[str, bool] = NO_MARK,
) -> bytes:
    """Findings and verdicts as JSON; the same findings give the same bytes.

    Each finding has its rule and fingerprint, its place and those of the further cells, and its sentence and remedy in
    every language that the rule has, beside the templates and parameters that they are made of. `rules` describe those
    that ran or spoke: what they demand, where that comes from, and the codes by which other validation services call
    the same trouble. `judged` says which files the findings are about; `mark` is that of simulated records.
    """
    rules_by_id = rules or {}
    document = {
        "schema": "sdmxmig-findings",
        "version": 2,
        **mark,
        "judged": None if judged is None else asdict(judged),
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "rules": {rule: of_rule(rules_by_id[rule]) for rule in rules_in(findings, rules_by_id)},
        "findings": [of_finding(finding) for finding in findings.items],
        "gone": [of_finding(finding) for finding in findings.gone],
        "unused": [asdict(justification) for justification in findings.unused],
        "verdicts": [of_verdict(verdict) for verdict in findings.verdicts],
    }
    return (visible_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n").encode()


def rules_in(findings: Findings, rules: Mapping[str, Rule]) -> list[str]:
    """The ids of those rules that ran or spoke."""
    speaking = {finding.rule for finding in (*findings.items, *findings.gone)}
    ran = {verdict.rule for verdict in findings.verdicts} | {more.rule for more in findings.unlisted}
    return sorted(rules.keys() & (speaking | ran))


def of_rule(rule: Rule) -> dict[str, Any]:
    """One rule as what JSON knows: what says how to read its findings."""
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


def of_finding(finding: Finding) -> dict[str, Any]:
    """One finding as what JSON knows."""
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
        "place": of_place(finding.place),
        "others": [of_place(place) for place in finding.others],
        "difference": finding.difference,
        "tolerance": finding.tolerance,
        "related": [of_place(place) for place in finding.related],
        "observations": finding.observations,
        "state": finding.state,
        "justification": None if finding.justification is None else asdict(finding.justification),
        "sentence": {language: finding.sentence(language) for language in languages},
        "remedy": {language: remedy for language in languages if (remedy := finding.remedy(language))},
        "message": dict(finding.message.values),
        "hint": dict(finding.hint.values),
        "parameters": dict(finding.parameters),
    }


def of_verdict(verdict: Verdict) -> dict[str, Any]:
    """How a rule ended as what JSON knows: the reason in English, and what it is made of, by message and parameters."""
    record = {name: value for name, value in asdict(verdict).items() if name != "reasons"}
    reasons = [{"message": reason.message, "parameters": dict(reason.parameters)} for reason in verdict.reasons]
    return {**record, "reasons": reasons} if reasons else record


def verdict_from(record: Mapping[str, Any]) -> Verdict:
    """How a rule ended from what JSON gave; an older store has the reason in English alone."""
    reasons = (Reason(str(parts["message"]), pairs(parts["parameters"])) for parts in record.get("reasons", ()))
    return Verdict(**{**record, "reasons": tuple(reasons)})


def of_place(place: Place | None) -> dict[str, Any] | None:
    """A place with its parts and as it is shown."""
    return None if place is None else {"text": str(place), **asdict(place)}


def finding_from(record: Mapping[str, Any]) -> Finding:
    """A finding from what JSON gave."""
    return Finding(
        rule=record["rule"],
        version=record["version"],
        severity=record["severity"],
        level=int(record["level"]),
        flow=record["flow"],
        message=Text(pairs(record["message"])),
        hint=Text(pairs(record["hint"])),
        parameters=pairs(record["parameters"]),
        key=pairs(record["key"]),
        component=record["component"],
        observed=record["observed"],
        expected=record["expected"],
        place=place_from(record["place"]),
        others=places_from(record["others"]),
        observations=int(record["observations"]),
        related=places_from(record["related"]),
        difference=record["difference"],
        tolerance=record["tolerance"],
        cells=record["cells"],
        state=record["state"],
        justification=justification_from(record["justification"]),
    )


def justification_from(record: Mapping[str, str] | None) -> Justification | None:
    """The reason for a warning from what JSON gave."""
    return None if record is None else Justification(**record)


def pairs(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """An object as pairs, in its order."""
    return tuple((str(name), str(value)) for name, value in values.items())


def place_from(record: Mapping[str, Any] | None) -> Place | None:
    """A place from what JSON gave."""
    return None if record is None else Place(**{name: value for name, value in record.items() if name != "text"})


def places_from(listed: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    """Places from what JSON gave."""
    return tuple(place for record in listed if (place := place_from(record)))
