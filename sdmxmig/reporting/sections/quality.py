"""Quality section."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.consistency import list_coverage_answers
from sdmxmig.reporting.sections.items import describe_answer, list_module_scores, tabulate_answers
from sdmxmig.reporting.sections.office import format_office_comment
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import (
    DECLARED,
    FOUND,
    NOT_FOUND,
    UNTESTED,
    QualityIssue,
    RuleCount,
    UnknownShare,
)

MODULE = "J"
ISSUE_LIST = "CL_QUALITY_ISSUE"
OUTCOME_ORDER = (FOUND, DECLARED, NOT_FOUND)
INFORMATION = "information"
"""The severity of findings about partial checks, listed on the page of findings."""


@VIEWS.add("quality")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    quoted = list_coverage_answers(assessment)  # on page one
    scores = [score for score in list_module_scores(assessment, MODULE) if score not in quoted]
    return {
        "label": wording.say("Quality"),
        "heading": write_heading(assessment, wording),
        "table": tabulate_answers("table-quality", wording.say("Answers on quality"), scores, assessment, wording),
        "rules": tabulate_rules(assessment, wording),
        "issues": tabulate_issues(assessment, wording),
        "untested": describe_untested(assessment, wording),
        "counted": count_untested(assessment, wording),
        "unknown": describe_unknown(assessment, wording),
    }


def write_heading(assessment: Assessment, wording: Wording) -> str:
    counts = dict(assessment.findings)
    errors, warnings = (counts.get(severity, 0) for severity in ("error", "warning"))
    if not errors and not warnings:
        return wording.say("Quality of the national figures")
    found = (
        wording.count("{n} error", "{n} errors", errors) if errors else "",
        wording.count("{n} warning", "{n} warnings", warnings) if warnings else "",
    )
    return wording.say(
        "Automatic checks of the national figures, wherever published, gave {findings}",
        findings=wording.series(list(filter(None, found))),
    )


def tabulate_rules(assessment: Assessment, wording: Wording) -> ReportTable | None:
    counted = [rule_count for rule_count in assessment.rules if rule_count.severity != INFORMATION]
    heads = ("Severity", "Found in the data", "Findings")
    rows = (
        (
            wording.say(rule_count.severity),
            ReportCell(
                describe_found_issues(rule_count, wording),
                note=" · ".join(
                    filter(
                        None,
                        [
                            name_source_type_of_flow(rule_count.flow, assessment, wording),
                            wording.pair(wording.say("requirement"), wording.of(rule_count.name)),
                            format_office_comment((rule_count.rule,), assessment, wording),
                            list_reasons_given(rule_count, wording),
                        ],
                    )
                ),
            ),
            wording.number(rule_count.findings),
        )
        for rule_count in counted
    )
    return tabulate("table-rules", wording.say("Findings of validation by rule"), heads, rows, wording, numbers=(2,))


def list_reasons_given(counted: RuleCount, wording: Wording) -> str:
    given = wording.join_with_semicolons(counted.reasons)
    return wording.say("Reason given: {reasons}", reasons=given) if given else ""


def name_source_type_of_flow(flow: str, assessment: Assessment, wording: Wording) -> str:
    """Name the source type of a dataflow, since figures from permits count permits."""
    source = next((held.source for held in assessment.holdings if held.flow == flow), Text())
    return wording.pair(wording.say("type of source"), lower_first_letter(wording.of(source))) if source else ""


def describe_found_issues(counted: RuleCount, wording: Wording) -> str:
    example = wording.of(counted.example)
    return example if counted.findings == 1 else wording.say("For example: {example}", example=example)


def list_notable_issues(assessment: Assessment, wording: Wording) -> list[QualityIssue]:
    found = [
        issue
        for issue in assessment.quality
        if issue.state in (FOUND, DECLARED) or is_commented(issue, assessment, wording)
    ]
    return sorted(found, key=lambda issue: OUTCOME_ORDER.index(issue.state))


def tabulate_issues(assessment: Assessment, wording: Wording) -> ReportTable | None:
    rows = [
        _build_issue_row(quality_issue, assessment, wording)
        for quality_issue in list_notable_issues(assessment, wording)
    ]
    heads = ("Issue", "Signs")
    return tabulate("table-issues", wording.say("Common quality issues"), heads, rows, wording, stacked=True)


def _build_issue_row(issue: QualityIssue, assessment: Assessment, wording: Wording) -> ReportRow:
    described = [score for score in assessment.scores if score.item.id in issue.items]
    practice = " ".join(describe_answer(score, wording) for score in described)
    return build_row(
        (
            ReportCell(wording.reference(assessment, ISSUE_LIST, issue.issue), note=issue.issue),
            ReportCell(
                f"{explain_issue(issue, assessment, wording)} {practice}".strip() or wording.say("none"),
                note=format_office_comment((issue.issue,), assessment, wording),
                sources=tuple(source for score in described for source in score.sources),
            ),
        )
    )


def is_commented(issue: QualityIssue, assessment: Assessment, wording: Wording) -> bool:
    return issue.state == NOT_FOUND and bool(format_office_comment((issue.issue,), assessment, wording))


def describe_untested(assessment: Assessment, wording: Wording) -> str:
    names = []
    for issue in assessment.quality:
        if issue.state == UNTESTED:
            name = wording.reference(assessment, ISSUE_LIST, issue.issue)
            reason = wording.join_with_semicolons(wording.statement(sign, assessment) for sign in issue.signs)
            names.append(wording.say("{first} ({second})", first=name, second=reason) if reason else name)
    issues = wording.join_with_semicolons(names)
    return wording.say("Not checked, or only in part: {issues}.", issues=issues) if names else ""


def count_untested(assessment: Assessment, wording: Wording) -> str:
    untested = sum(issue.state == UNTESTED for issue in assessment.quality)
    if not untested:
        return ""
    return wording.say(
        "For {n} of {total} common quality issues, the data of this report allow no check or only a partial one. "
        "The annexes list them.",
        n=wording.number(untested),
        total=wording.number(len(assessment.quality)),
    )


def explain_issue(issue: QualityIssue, assessment: Assessment, wording: Wording) -> str:
    return " ".join(wording.statement(sign, assessment) for sign in issue.signs)


def describe_unknown(assessment: Assessment, wording: Wording) -> str:
    """List unknown characteristics of persons by share, without shares that round to zero."""
    none = wording.write_percent(Decimal(0))
    shares = [share for share in assessment.unknown_shares if wording.write_percent(share.share) != none]
    shares.sort(key=lambda share: -share.share)
    phrases = wording.join_with_semicolons(_describe_unknown_share(share, assessment, wording) for share in shares)
    return wording.pair(wording.say("Persons with unknown characteristics"), phrases) if shares else ""


def _describe_unknown_share(share: UnknownShare, assessment: Assessment, wording: Wording) -> str:
    names = (wording.of(holding.name) for holding in assessment.holdings if holding.flow == share.flow)
    characteristic = lower_first_letter(wording.reference(assessment, "", share.dimension))
    counted = wording.say("{n} of {total}", n=wording.number(share.unknown), total=wording.number(share.total))
    return wording.say(
        "{first} ({second})",
        first=wording.join_with_commas((next(names, share.flow), characteristic, share.period, counted)),
        second=wording.write_percent(share.share),
    )
