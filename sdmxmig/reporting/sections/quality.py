"""Quality section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import CitedSentence, ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.consistency import list_coverage_answers, list_quality_findings
from sdmxmig.reporting.sections.items import describe_answer, list_module_scores, tabulate_answers
from sdmxmig.reporting.sections.key_figures import SENTENCE_END
from sdmxmig.reporting.sections.office import format_office_comment, list_sourced_comments, list_sourced_steps
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import (
    DECLARED,
    FOUND,
    NOT_FOUND,
    UNTESTED,
    QualityIssue,
    QueriedFigure,
    RuleCount,
    UnknownShare,
)

MODULE = "J"
ISSUE_LIST = "CL_QUALITY_ISSUE"
OUTCOME_ORDER = (FOUND, DECLARED, NOT_FOUND)
INFORMATION = "information"
"""The severity of findings about partial checks, listed on the page of findings."""
MAX_QUERIED_FIGURES = 10
BLANK = re.compile(r"\s")


@VIEWS.add("quality")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    quoted = list_coverage_answers(assessment)  # in `points`
    scores = [score for score in list_module_scores(assessment, MODULE) if score not in quoted]
    return {
        "label": wording.say("Quality"),
        "heading": write_heading(assessment, wording),
        "table": tabulate_answers("table-quality", wording.say("Answers on quality"), scores, assessment, wording),
        "points": list_quality_findings(assessment, wording),
        "findings": tabulate_findings(assessment, wording),
        "issues": tabulate_issues(assessment, wording),
        "untested": describe_untested(assessment, wording),
        "unknown": describe_unknown(assessment, wording),
    }


def write_heading(assessment: Assessment, wording: Wording) -> str:
    queried = list_unexplained(assessment, wording)
    if not queried:
        return wording.say("Quality of the national figures")
    return wording.say(
        "Automatic checks ask the office to explain {n} of the national figures", n=wording.number(len(queried))
    )


def list_warned_rules(assessment: Assessment) -> list[RuleCount]:
    return [counted for counted in assessment.rules if counted.severity != INFORMATION]


def list_unexplained(assessment: Assessment, wording: Wording) -> list[tuple[QueriedFigure, RuleCount]]:
    """List the figures that checks question, without those that a sourced comment on the rule explains.

    A comment on a flow may repeat a figure without a reason, so it answers no question.
    """
    return [
        (figure, counted)
        for counted in list_warned_rules(assessment)
        for figure in counted.figures
        if not any(
            states_number(wording.of(answer.practice), figure.observed, wording)
            for answer in list_sourced_comments(counted.rule, assessment)
        )
    ]


def tabulate_findings(assessment: Assessment, wording: Wording) -> ReportTable | None:
    """List the figures that need an explanation, with the step on them and the words of the office."""
    cells = [
        (ReportCell(wording.of(figure.sentence)), describe_figure(figure, counted, assessment, wording))
        for figure, counted in list_unexplained(assessment, wording)
    ]
    listed = sorted(cells[:MAX_QUERIED_FIGURES], key=lambda row: row[0].text)
    rows = [row if any(note.text for _, note in cells) else row[:1] for row in listed]
    question = wording.say("Question to the office: can you explain these figures?")
    more = wording.say("Further figures that the checks question: {n}.", n=wording.number(len(cells) - len(rows)))
    heads = ("Figure", "Notes")[: len(rows[0]) if rows else 2]
    return tabulate(
        "table-findings",
        wording.say("Figures that automatic checks question"),
        heads,
        rows,
        wording,
        notes=(question, *([more] if len(cells) > len(rows) else [])),
        stacked=True,
    )


def describe_figure(figure: QueriedFigure, counted: RuleCount, assessment: Assessment, wording: Wording) -> ReportCell:
    """Quote the proposed steps that state the figure, the office, and the reasons given for findings of its rule."""
    cited = [
        CitedSentence(sentence, step.sources)
        for _, step in list_sourced_steps(assessment)
        for sentence in SENTENCE_END.split(wording.of(step.practice))
        if states_number(sentence, figure.observed, wording)
    ]
    given = wording.join_with_semicolons(counted.reasons)
    said = (
        *(one.sentence for one in cited),
        ""
        if list_sourced_comments(counted.rule, assessment)
        else format_office_comment((counted.rule,), assessment, wording),
        wording.say("Reason given: {reasons}", reasons=given) if given else "",
    )
    keys = dict.fromkeys(key for one in cited for key in one.sources)
    return ReportCell(" ".join(filter(None, said)), sources=tuple(keys))


def states_number(sentence: str, number: str, wording: Wording) -> bool:
    """Check whether a sentence has a number, whatever blanks group its digits."""
    if not number.isdecimal():
        return False
    written = str(wording.number(Decimal(number)))
    return re.search(rf"(?<![\d.,]){re.escape(BLANK.sub(' ', written))}(?!\d)", BLANK.sub(" ", sentence)) is not None


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
