"""Findings as one HTML file: counts first, then every finding with its cell and remedy; works without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime

from sdmxmig import text
from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import SEVERITIES, Finding, Findings, Rule, Verdict
from sdmxmig.outputs.finding_reports import Excerpt, examples, no_excerpt
from sdmxmig.outputs.findings_text import FindingSubject, cells
from sdmxmig.outputs.findings_words import finding_words
from sdmxmig.outputs.templating import Templates, content_hash

SIGNS = {"error": "✕", "warning": "!", "information": "i"}
OUTCOMES = ("pass", "fail", "not testable")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One line of the overview: how often a rule spoke, and how it ended on the flows."""

    rule: str
    name: str
    _: KW_ONLY
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]


def render(
    findings: Findings,
    *,
    title: str,
    created: str,
    language: str = "en",
    rules: Mapping[str, Rule] | None = None,
    notice: str = "",
    flows: Mapping[str, Flow] | None = None,
    excerpt: Callable[[Finding], Excerpt | None] = no_excerpt,
) -> bytes:
    """Findings as one self-contained HTML file in the order header, overview, details.

    `created` is the time to be shown, `notice` a line on top; `rules` and `flows` give rules, tables and codes their
    names. Nothing in it runs or is fetched: no script, no network.
    """
    language = text.tag(language)
    filled = Templates(
        [shipped("templates") / "findings"],
        words={
            "_": finding_words(language).say,
            "number": lambda value: text.number(value, language),
            "cells": cells,
            "about": FindingSubject(findings, flows, language),
        },
    )
    style = filled.source("style.css")
    page = filled.fill(
        "page.html.j2",
        title=title,
        notice=notice,
        created=moment(created, language),
        language=language,
        direction=text.direction(language),
        style=style,
        style_hash=content_hash(style),
        **template_values(findings, rules or {}, language),
    )
    return page.encode()


def template_values(findings: Findings, rules: Mapping[str, Rule], language: str) -> dict[str, object]:
    """What the page counts and lists, by the names that its template uses."""
    return {
        "severities": SEVERITIES,
        "signs": SIGNS,
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "ready": not findings.has_errors,
        "outcomes": {outcome: sum(verdict.outcome == outcome for verdict in findings.verdicts) for outcome in OUTCOMES},
        "lines": overview(findings, rules, language),
        "spoke": len({finding.rule for finding in findings.items}),
        "untested": untested(findings.verdicts),
        "findings": sorted(findings.items, key=lambda finding: SEVERITIES.index(finding.severity)),
        "names": {rule_id: rule.name.in_language(language) for rule_id, rule in rules.items()},
    }


def moment(created: str, language: str) -> str:
    """A time as people write it, with the hour in UTC; a text that is no time stays as it is."""
    try:
        when = datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        return created
    return f"{text.date(when.date(), language)}, {when:%H:%M} UTC"


def overview(findings: Findings, rules: Mapping[str, Rule], language: str) -> list[RuleLine]:
    """Every rule that ran or spoke, those that spoke first."""
    ids = sorted({finding.rule for finding in findings.items} | {verdict.rule for verdict in findings.verdicts})
    lines = [
        RuleLine(
            rule_id,
            rules[rule_id].name.in_language(language) if rule_id in rules else "",
            counts={severity: count(findings.items, rule_id, severity) for severity in SEVERITIES},
            outcomes={
                outcome: sum(verdict.rule == rule_id and verdict.outcome == outcome for verdict in findings.verdicts)
                for outcome in OUTCOMES
            },
        )
        for rule_id in ids
    ]
    return sorted(lines, key=lambda line: ([-line.counts[severity] for severity in SEVERITIES], line.rule))


def count(items: Sequence[Finding], rule_id: str, severity: str) -> int:
    """How many findings a rule has of a severity."""
    return sum(finding.rule == rule_id and finding.severity == severity for finding in items)


def untested(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[str], bool]]:
    """What could not be tested: rule, reason, flows, and whether nothing at all was tested."""
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for verdict in verdicts:
        if verdict.reason:
            nothing = verdict.outcome == "not testable"
            groups.setdefault((verdict.rule, verdict.reason, nothing), []).append(verdict.flow)
    return [(rule, reason, flows, nothing) for (rule, reason, nothing), flows in sorted(groups.items())]
