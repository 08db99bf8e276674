"""Definitions, their reference documents and effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from sdmxmig.catalogue.benchmarking import CONFIRMED
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.standard import Standard
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import choose_text_columns
from sdmxmig.reporting.sections.consistency import list_rule_verdicts, state_rules
from sdmxmig.reporting.sections.items import build_rating_cell, name_annexed, name_subject, tabulate_practice
from sdmxmig.reporting.sections.quantities import describe_quantity
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Assessment, Score
from sdmxmig.statistics.model.availability import Effect
from sdmxmig.statistics.model.indicator_results import count_by_status


def count_checked_texts(assessment: Assessment) -> dict[str, int]:
    """Count the indicators and definitions: those verified against the published standard, and all."""
    counted = count_by_status(assessment.indicators)
    definitions = [score.item for score in assessment.scores if score.item.scale == RATING_SCALE]
    return {
        "indicators": counted.total - counted.candidates,
        "all_indicators": counted.total,
        "definitions": sum(bool(item.checked) for item in definitions),
        "all_definitions": len(definitions),
    }


def write_heading(standard: Standard, checked: Mapping[str, int], wording: Wording) -> str:
    if not standard.is_published:
        return wording.say("Documents of the United Nations")
    return wording.say(
        "{indicators} of {all_indicators} indicators and {definitions} of {all_definitions} definitions have been "
        "checked against the published Recommendations",
        **{name: wording.number(count) for name, count in checked.items()},
    )


def describe_standard(assessment: Assessment, checked: Mapping[str, int], wording: Wording) -> list[str]:
    standard = assessment.standard
    if not standard.name:
        return []
    return (
        describe_published_standard(standard, checked, wording)
        if standard.is_published
        else describe_proposed_standard(assessment, wording)
    )


def describe_outdated_answers(assessment: Assessment, wording: Wording) -> list[str]:
    if not assessment.outdated:
        return []
    return [
        wording.say(
            ("Answers to an earlier wording of the question: {items}. They are not counted until they are reviewed."),
            items=wording.join_with_commas(assessment.outdated),
        )
    ]


def describe_proposed_standard(assessment: Assessment, wording: Wording) -> list[str]:
    return [
        wording.say(
            "Not included yet: the expert group’s final report on concepts (April 2021), the UN indicator set of 2023 "
            "and the revised Recommendations of {year}.",
            year=assessment.standard.awaited_date,
        )
    ]


def describe_published_standard(standard: Standard, checked: Mapping[str, int], wording: Wording) -> list[str]:
    sentences = [
        wording.say(
            "Practice is compared with “{document}” ({year}).",
            document=wording.of(standard.name),
            year=standard.date[:4],
        ),
        wording.say(
            "Checked against this document, with the passage cited: {indicators} of {all_indicators} "
            "indicators, {definitions} of {all_definitions} definitions.",
            **{name: wording.number(count) for name, count in checked.items()},
        ),
    ]
    if checked["indicators"] < checked["all_indicators"]:
        sentences.append(
            wording.say(
                "Unchecked indicators are marked “UN text not included”, or “UN proposal” if they come from an "
                "earlier document of the United Nations."
            )
        )
    if standard.removed:
        n = wording.number(len(standard.removed))
        sentences.append(wording.say("Indicators of earlier proposals that this document does not contain: {n}.", n=n))
    return sentences


VERIFIED = "verified"
"""The status of an indicator that a document of the United Nations contains."""


def format_status_mark(indicator: Indicator, wording: Wording) -> str:
    if indicator.checked:
        return ""
    return wording.say("UN proposal" if indicator.status == VERIFIED else "UN text not included")


RATING_SCALE = "ALIGN"


@VIEWS.add("definitions")
def view_definitions(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    with_text = list_compared_scores(assessment)
    effects_in_figures = list_effects(assessment, wording)
    if not with_text and not effects_in_figures and not assessment.outdated:
        return {}
    definitions = [score for score in assessment.scores if score.item.scale == RATING_SCALE]
    return {
        "label": wording.reference(assessment, "CL_BENCH_ITEM", "B"),
        "heading": state_rules(assessment, wording)
        or wording.say(
            "{n} of {all} definitions are compared with reference documents",
            n=wording.number(len(with_text)),
            all=wording.number(len(definitions)),
        ),
        "statement": [
            *name_annexed((score for score in definitions if is_shown(score) and score not in with_text), wording),
            *describe_standard(assessment, count_checked_texts(assessment), wording),
            *describe_outdated_answers(assessment, wording),
        ],
        "table": tabulate_definitions(with_text, assessment, wording) if with_text else None,
        "effects": effects_in_figures,
        "no_effects": list_without_effect(assessment, wording),
    }


def list_compared_scores(assessment: Assessment) -> list[Score]:
    compared = (score for score in assessment.scores if score.item.scale == RATING_SCALE and score.item.recommendation)
    return [
        score
        for score in compared
        if is_rated(score) or (score.is_described and (score.question or list_rule_verdicts(score, assessment)))
    ]


def is_shown(score: Score) -> bool:
    return is_rated(score) or score.is_described


def is_rated(score: Score) -> bool:
    return score.answer not in UNKNOWN_ANSWERS


def is_provisional(score: Score) -> bool:
    return is_rated(score) and score.evidence != CONFIRMED


def tabulate_definitions(scores: Sequence[Score], assessment: Assessment, wording: Wording) -> ReportTable:
    """Tabulate practice beside the reference text, with a column of ratings if most definitions are rated."""
    has_ratings = 2 * sum(map(is_rated, scores)) >= len(scores)
    compared = [score for score in scores if is_rated(score) or list_rule_verdicts(score, assessment)]
    are_alike = len(compared) > 1 and all(score.evidence != CONFIRMED for score in compared)

    def conclude(score: Score) -> str:
        verdicts = [wording.say(verdict) for verdict in list_rule_verdicts(score, assessment)]
        if is_rated(score):
            verdicts = [_build_alignment_cell(score, assessment, wording).text]
        if not verdicts:
            question = wording.of(score.question)
            return wording.say("Question to the office: {question}", question=question) if question else ""
        is_marked = score.evidence != CONFIRMED and not are_alike
        provisional = [wording.say("provisional: not confirmed by the office")] if is_marked else []
        return wording.join_with_semicolons((*verdicts, *provisional))

    def rate(score: Score) -> ReportCell:
        cell = _build_alignment_cell(score, assessment, wording)
        is_marked = is_provisional(score) and not are_alike
        return replace(cell, note=wording.say("provisional: not confirmed by the office") if is_marked else "")

    texts: dict[str, str] = {}
    for score in reversed(scores):
        texts[wording.of(score.item.recommendation)] = score.item.id
    cells_by_head: dict[str, Callable[[Score, str], ReportCell]] = {
        "Definition": lambda score, _: ReportCell(wording.of(score.item.name), note=score.item.id),
        **({"Alignment": lambda score, _: rate(score)} if has_ratings else {}),
        "National practice": lambda score, _: replace(
            tabulate_practice(score, wording), note="" if has_ratings and is_rated(score) else conclude(score)
        ),
        "Reference text (paraphrase)": lambda score, place: _build_reference(score, place, texts, wording),
    }
    rows_by_document: dict[str, list[ReportRow]] = {}
    for score in scores:
        document, place = wording.split_citation(score.item.source)
        rows = rows_by_document.setdefault(document, [build_row((document,), "group")] if document else [])
        rows.append(build_row([cell(score, place) for cell in cells_by_head.values()]))
    return ReportTable(
        "table-definitions",
        wording.say("Definitions compared with reference documents"),
        columns=choose_text_columns(cells_by_head, wording),
        rows=tuple(chain.from_iterable(rows_by_document.values())),
        notes=(wording.say("The comparisons with the reference texts are provisional: not confirmed by the office."),)
        if are_alike
        else (),
        stacked=True,
    )


def _build_reference(score: Score, place: str, texts: Mapping[str, str], wording: Wording) -> ReportCell:
    """Build the reference text, with a mark if it was verified; a repeated text refers to the first item with it."""
    item = score.item
    words = wording.of(item.recommendation)
    first = texts[words]
    return ReportCell(
        words if first == item.id else wording.say("The same text as for {item}.", item=first),
        note=wording.qualified((place, item.checked)),
        mark=wording.say("verified") if item.status == "verified" and item.recommendation else "",
    )


def _build_alignment_cell(score: Score, assessment: Assessment, wording: Wording) -> ReportCell:
    return (
        build_rating_cell(score, assessment.scale(RATING_SCALE), wording)
        if is_rated(score)
        else wording.absent("not rated")
    )


def list_effects(assessment: Assessment, wording: Wording) -> list[str]:
    items: dict[Effect, list[str]] = {}
    for alignment in assessment.alignment:
        for effect in alignment.effects:
            items.setdefault(effect, []).append(alignment.item)
    return [_describe_effect(effect, of_effect, assessment, wording) for effect, of_effect in items.items()]


def _describe_effect(effect: Effect, items: Sequence[str], assessment: Assessment, wording: Wording) -> str:
    bounds = [
        wording.pair(wording.of(figure.name), describe_quantity(figure.bounds, wording))
        for figure in (effect.first, effect.second)
        if figure.bounds
    ]
    named = wording.join_with_semicolons((*(format_definition(item, assessment, wording) for item in items), *bounds))
    return f"{wording.statement(effect.sentence, assessment)} ({named})"


def list_without_effect(assessment: Assessment, wording: Wording) -> list[str]:
    silent: dict[str, list[str]] = {}
    for alignment in assessment.alignment:
        if not alignment.effects and alignment.untold:
            silent.setdefault(wording.statement(alignment.untold, assessment), []).append(alignment.item)
    return [
        f"{reason} ({wording.join_with_semicolons(format_definition(item, assessment, wording) for item in items)})"
        for reason, items in silent.items()
    ]


def format_definition(item: str, assessment: Assessment, wording: Wording) -> str:
    return f"{name_subject(item, assessment, wording)} ({item})"
