"""Comments, acknowledgements and signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.catalogue.benchmarking import COMMENTED_FLOWS, NOT_VERIFIED
from sdmxmig.reporting.sections.blocks import ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.items import MEANING_ITEM, has_answers
from sdmxmig.reporting.sections.references import build_imprint
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import SubjectAnswer

COMMENT_ITEM, RESIDENTS = "O01", "DF_POP"
ACKNOWLEDGEMENTS = "ACKNOWLEDGEMENTS"


@VIEWS.add("office")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    if not has_answers(assessment):
        return {}
    return {
        "label": wording.say("Response of the statistical office"),
        "heading": wording.say("The office has reviewed this report")
        if assessment.signed_off
        else wording.say("The office has not yet reviewed this report"),
        "comments": list_further_comments(assessment, wording),
        "thanks": find_words(ACKNOWLEDGEMENTS, COMMENT_ITEM, assessment, wording),
        "abbreviations": list_abbreviations(assessment, wording),
        "imprint": build_imprint(assessment, wording),
        "signed_off": assessment.signed_off,
    }


def format_office_comment(subjects: Iterable[str], assessment: Assessment, wording: Wording) -> str:
    comments = (find_words(subject, COMMENT_ITEM, assessment, wording) for subject in subjects)
    words = " ".join(dict.fromkeys(filter(None, comments)))
    return wording.say("The office: {comment}", comment=words) if words else ""


def find_words(subject: str, item: str, assessment: Assessment, wording: Wording) -> str:
    answers = assessment.about.get(subject, ())
    return next((wording.of(answer.practice) for answer in answers if answer.item == item), "")


def list_sourced_comments(subject: str, assessment: Assessment) -> list[SubjectAnswer]:
    """List the comments that cite a source.

    They state its figures and rate nothing, so they need no quotation (`is_proven`).
    """
    answers = assessment.about.get(subject, ())
    cited = (answer for answer in answers if answer.item == COMMENT_ITEM and answer.sources)
    return [answer for answer in cited if answer.evidence not in ("", NOT_VERIFIED)]


def list_sourced_steps(assessment: Assessment) -> list[tuple[str, SubjectAnswer]]:
    """List comments on standard actions that cite a source, as proposed steps."""
    actions = [subject for subject in assessment.about if f"CL_ROADMAP_ACTION.{subject}" in assessment.labels]
    return [(subject, answer) for subject in actions for answer in list_sourced_comments(subject, assessment)]


def list_further_comments(assessment: Assessment, wording: Wording) -> ReportTable | None:
    gaps = (name for gap in assessment.gaps for name in (gap.id, *gap.subjects))
    actions, issues = (
        (action.id for action in assessment.roadmap.actions),
        (issue.issue for issue in assessment.quality),
    )
    shown = {
        ACKNOWLEDGEMENTS,
        *COMMENTED_FLOWS,
        *gaps,
        *actions,
        *(subject for subject, _ in list_sourced_steps(assessment)),
        *issues,
        *(counted.rule for counted in assessment.rules),
    }
    rows = [
        build_row((subject, words))
        for subject in assessment.about
        if subject not in shown and (words := find_words(subject, COMMENT_ITEM, assessment, wording))
    ]
    heads = ("Subject", "Comment of the office")
    caption = wording.say("Further comments of the office")
    return tabulate("table-comments", caption, heads, rows, wording, stacked=True)


def list_abbreviations(assessment: Assessment, wording: Wording) -> ReportTable | None:
    rows = [
        build_row((subject, words))
        for subject, answers in sorted(assessment.about.items())
        if len(answers) == 1 and (words := find_words(subject, MEANING_ITEM, assessment, wording))
    ]
    heads = ("Abbreviation", "Meaning")
    caption = wording.say("Abbreviations")
    return tabulate("table-abbreviations", caption, heads, rows, wording)
