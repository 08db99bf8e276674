"""Findings as a self-contained HTML page and as plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Any

from sdmxmig.catalogue.folders import find_shipped_folder, read_words_in
from sdmxmig.primitives import text
from sdmxmig.primitives.places import Place, name_column
from sdmxmig.primitives.templating import Templates, hash_content
from sdmxmig.primitives.text import escape_invisible, shorten_text, show_lines
from sdmxmig.quality.confidential import MASK
from sdmxmig.quality.rules.words import FIRST_LANGUAGE, is_worded, join_flows, write_reason
from sdmxmig.reporting.outputs import findings_text
from sdmxmig.reporting.outputs.finding_reports import (
    REPORTS,
    Excerpt,
    FindingReport,
    Validation,
    choose_examples,
    count_by_rule,
    count_total,
    find_reason,
)
from sdmxmig.reporting.outputs.findings_text import FindingSubject, shorten_cells, translate_expected
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, Rule, Verdict
from sdmxmig.sdmx.words import LanguageText


def write_text(validation: Validation) -> Iterator[bytes]:
    text = findings_text.render(
        validation.findings,
        language=validation.language,
        flows=validation.flows,
        workspace="WORKSPACE" if validation.can_be_justified else "",
        notice=validation.notice if validation.mark else "",
    )
    reasons = [
        escape_invisible(f"{verdict.rule} on {verdict.flow}: {write_reason(verdict, validation.language)}")
        for verdict in validation.findings.verdicts
        if verdict.outcome == "not testable"
    ]
    yield show_lines("\n".join([text, *(["Checks not run:", *reasons, ""] if reasons else [])])).encode()


SIGNS = {"error": "✕", "warning": "!", "information": "i"}
NOUNS = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "information": ("information item", "information items"),
}
OUTCOMES = ("pass", "fail", "not testable")
LEVELS = {
    0: "0: the file",
    1: "1: within one dataset",
    2: "2: between datasets of one source",
    3: "3: between sources of one domain",
    4: "4: between domains of one provider",
    5: "5: between providers",
}
OF_A_RULE, MAX_EXAMPLES = 100, 1_000
"""Maximum number of findings shown by rule and in total; all are counted."""
MAX_UNFOLDED = 40


@dataclass(frozen=True, slots=True)
class RuleLine:
    rule: str
    name: str
    _: KW_ONLY
    level: int
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]


def write_page(validation: Validation) -> Iterator[bytes]:
    language, flows = text.normalise_tag(validation.language), validation.flows
    filled = Templates(
        [find_shipped_folder("templates") / "findings"],
        words={
            "_": read_words_in("findings", language).say,
            "noun": read_words_in("findings", language).noun,
            "counted": lambda severity, count: read_words_in("findings", language).noun(*NOUNS[severity], count),
            "number": lambda value: text.format_number(value, language),
            "cells": shorten_cells,
            "column": name_column,
            "reason_for": find_reason,
            "about": FindingSubject(validation.findings, flows, language),
            "short": shorten_text,
            "listed": text.join_texts,
            "of_flows": join_flows,
            "expected": lambda finding: translate_expected(finding.expected, language),
        },
        finalize=format_value,
    )
    style = filled.source("style.css")
    page = filled.fill(
        "page.html.j2",
        title=validation.title,
        notice=validation.notice,
        can_be_justified=validation.can_be_justified,
        created=write_moment(validation.created, language),
        language=language,
        direction=text.find_direction(language),
        style=style,
        style_hash=hash_content(style),
        **collect_template_values(validation.findings, validation.rules, language, validation.excerpt),
    )
    yield page.encode()


def format_value(value: Any) -> Any:
    is_markup = hasattr(value, "__html__")
    return show_lines(str(value)) if isinstance(value, str | Place) and not is_markup else value


def collect_template_values(
    findings: Findings, rules: Mapping[str, Rule], language: str, excerpt: Callable[[Finding], Excerpt | None]
) -> dict[str, object]:
    lines = list_overview(findings, rules, language)
    line_by_rule = {line.rule: line for line in lines}
    shown = choose_examples(findings, of_a_rule=OF_A_RULE, most=MAX_EXAMPLES)
    return {
        "severities": SEVERITIES,
        "signs": SIGNS,
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "state": determine_state(findings),
        "outcomes": {outcome: sum(verdict.outcome == outcome for verdict in findings.verdicts) for outcome in OUTCOMES},
        "lines": lines,
        "levels": count_by_level(lines),
        "level_names": LEVELS,
        "spoke": sum(any(line.counts.values()) for line in lines),
        "untested": group_untested(findings.verdicts, language),
        "groups": [
            {"line": line_by_rule[rule], "shown": [(finding, excerpt(finding)) for finding in listed]}
            for rule, listed in shown.items()
        ],
        "unfolded": sum(map(len, shown.values())) <= MAX_UNFOLDED,
        "compared": count_comparisons(findings),
        "unjudged": findings.unjudged_flows if findings.has_run else (),
        "justified": findings.justified,
        "gone": findings.gone[:OF_A_RULE],
        "gone_count": len(findings.gone) + findings.more_fixed,
        "masked": any(MASK in finding.sentence(language) or MASK in finding.observed for finding in findings.items),
        "names": {rule_id: rule.name.in_language(language) for rule_id, rule in rules.items()},
    }


def count_comparisons(findings: Findings) -> dict[str, int | str]:
    if not findings.is_compared:
        return {}
    return {
        "at": findings.against[:16].replace("T", " "),
        "new": findings.new,
        "unchanged": findings.unchanged,
        "fixed": findings.fixed,
    }


def determine_state(findings: Findings) -> str:
    """Return the overall state; ``sound`` only if every rule passed."""
    if not (findings.has_run or count_total(findings)):
        return "unchecked"
    if findings.has_errors:
        return "stopped"
    if count_total(findings):
        return "ready" if findings.count("warning") else "informed"
    return "partly" if any(verdict.outcome == "not testable" for verdict in findings.verdicts) else "sound"


def count_by_level(lines: Sequence[RuleLine]) -> dict[int, dict[str, int]]:
    levels: dict[int, dict[str, int]] = {}
    for line in lines:
        if line.level >= 0:
            counts = levels.setdefault(line.level, dict.fromkeys((*SEVERITIES, *OUTCOMES), 0))
            for name, number in (*line.counts.items(), *line.outcomes.items()):
                counts[name] += number
    return dict(sorted(levels.items()))


def write_moment(created: str, language: str) -> str:
    try:
        when = datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        return created
    return text.join_texts([text.spell_date(when.date(), language), f"{when:%H:%M} UTC"], language)


def list_overview(findings: Findings, rules: Mapping[str, Rule], language: str) -> list[RuleLine]:
    levels = {finding.rule: finding.level for finding in findings.items}
    levels |= {more.rule: more.level for more in findings.unlisted}
    lines = [
        RuleLine(
            rule_id,
            rules[rule_id].name.in_language(language) if rule_id in rules else "",
            level=rules[rule_id].level if rule_id in rules else levels.get(rule_id, -1),
            counts={severity: of_rule.get(severity, 0) for severity in SEVERITIES},
            outcomes={outcome: of_rule.get(outcome, 0) for outcome in OUTCOMES},
        )
        for rule_id, of_rule in count_by_rule(findings).items()
    ]
    return sorted(lines, key=lambda line: ([-line.counts[severity] for severity in SEVERITIES], line.rule))


def group_untested(verdicts: Sequence[Verdict], language: str) -> list[tuple[str, LanguageText, list[str], bool]]:
    groups: dict[tuple[str, str, bool], list[str]] = {}
    reasons: dict[str, LanguageText] = {}
    for verdict in verdicts:
        if verdict.reason:
            nothing = verdict.outcome == "not testable"
            groups.setdefault((verdict.rule, verdict.reason, nothing), []).append(verdict.flow)
            own = language if is_worded(verdict, language) else FIRST_LANGUAGE
            reasons[verdict.reason] = LanguageText(write_reason(verdict, language), own)
    return [(rule, reasons[reason], flows, nothing) for (rule, reason, nothing), flows in sorted(groups.items())]


REPORTS.add("html")(FindingReport("html", "page", endings=(".html", ".htm"), write=write_page))
REPORTS.add("text")(FindingReport("text", "plain text", endings=(".txt",), write=write_text))
