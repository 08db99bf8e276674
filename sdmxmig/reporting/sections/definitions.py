"""Definitions section, with effects in data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from sdmxmig.catalogue.benchmarking import CONFIRMED, Scale
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.items import name_of, practice, rating
from sdmxmig.reporting.sections.quantities import quantity
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording
from sdmxmig.statistics.model.alignment import Effect, EffectFigure
from sdmxmig.statistics.model.assessment import Assessment, Score

SCALE = "ALIGN"
"""The scale on which definitions are compared."""


@VIEWS.add("definitions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    compared = [score for score in assessment.scores if score.item.scale == SCALE]
    rated = [score for score in compared if score.answer not in NOT_KNOWN]
    shown = [score for score in compared if score in rated or (score.is_described and score.item.recommendation)]
    with_text = [score for score in shown if score.item.recommendation]
    declared = [score for score in shown if not score.item.recommendation]
    others = len(compared) - len(shown)
    effects_table = effects(assessment, wording)
    if not shown and effects_table is None:
        return {}
    return {
        "label": wording.reference(assessment, "CL_BENCH_ITEM", "B"),
        "heading": wording.say("National definitions and the reference documents"),
        "table": table(with_text, assessment, wording) if with_text else None,
        "declared": table(declared, assessment, wording) if declared else None,
        "others": wording.say(
            "Definitions that are not compared, because the practice or a reference text is unknown: {n}. "
            "The annexes list them.",
            n=wording.number(others),
        )
        if shown and others
        else "",
        "effects": effects_table,
        "no_effects": no_effects(assessment, wording),
        "unrated": wording.say(
            "A practice without a rating is only described: the sources do not show whether it follows the reference "
            "text."
        )
        if rated and len(shown) > len(rated)
        else "",
    }


def table(scores: Sequence[Score], assessment: Assessment, wording: Wording) -> ReportTable:
    """Tabulate practice beside the reference text, under the document that has it; without a text, practice alone."""
    has_text = any(score.item.recommendation for score in scores)
    rows_by_document: dict[str, list[ReportRow]] = {}
    for score in scores:
        document, place = wording.passages(score.item.source) if has_text else ("", "")
        rows = rows_by_document.setdefault(document, [row((document,), "group")] if document else [])
        cells = _cells(score, place, assessment.scale(SCALE), wording)
        rows.append(row(cells if has_text else cells[:2]))
    heads = ("Definition", "National practice", "Reference text (paraphrase)")
    return ReportTable(
        "table-definitions" if has_text else "table-declared",
        wording.say("Definitions compared with reference documents")
        if has_text
        else wording.say("Definitions without a reference text, rated as the profile declares"),
        columns=text_columns(heads if has_text else heads[:2], wording),
        rows=tuple(chain.from_iterable(rows_by_document.values())),
        stacked=True,
    )


def _cells(score: Score, place: str, scale: Scale, wording: Wording) -> tuple[ReportCell, ...]:
    """Put the rating beside the practice; a mark means that the reference text was checked against its document."""
    item = score.item
    reference = ReportCell(
        wording.of(item.recommendation),
        note=wording.qualified(filter(None, (place, item.checked))),
        mark=wording.say("verified") if item.status == "verified" and item.recommendation else "",
    )
    return ReportCell(wording.of(item.name), note=item.id), _practice(score, scale, wording), reference


def _practice(score: Score, scale: Scale, wording: Wording) -> ReportCell:
    if score.answer in NOT_KNOWN:
        return practice(score, wording)
    rated = rating(score, scale, wording)
    provisional = "" if score.evidence == CONFIRMED else wording.say("provisional rating")
    note = wording.qualified(filter(None, (rated.text, provisional)))
    return replace(practice(score, wording), sign=rated.sign, level=rated.level, note=note)


def effects(assessment: Assessment, wording: Wording) -> ReportTable | None:
    items: dict[Effect, list[str]] = {}
    for alignment in assessment.alignment:
        for effect in alignment.effects:
            items.setdefault(effect, []).append(alignment.item)
    if not items:
        return None
    columns = (
        *text_columns(("Comparison", "Year"), wording),
        *number_columns(("First figure", "Second figure", "Second figure ÷ first figure"), wording),
    )
    rows = tuple(_effect(effect, of_effect, assessment, wording) for effect, of_effect in items.items())
    return ReportTable(
        "table-effects", wording.say("Figures that change with a definition"), columns=columns, rows=rows
    )


def _effect(effect: Effect, items: Sequence[str], assessment: Assessment, wording: Wording) -> ReportRow:
    named = wording.semicolons(in_full(item, assessment, wording) for item in items)
    return row(
        (
            ReportCell(wording.statement(effect.sentence, assessment), note=named),
            effect.period,
            _figure(effect.first, wording),
            _figure(effect.second, wording),
            wording.absent() if effect.share is None else wording.percent(effect.share + 1),
        )
    )


def _figure(figure: EffectFigure, wording: Wording) -> ReportCell:
    interval = quantity(figure.bounds, wording)
    return ReportCell(
        wording.number(figure.value), note=wording.qualified(filter(None, (wording.of(figure.name), interval)))
    )


def no_effects(assessment: Assessment, wording: Wording) -> list[str]:
    silent: dict[str, list[str]] = {}
    for alignment in assessment.alignment:
        if not alignment.effects and alignment.untold:
            silent.setdefault(wording.statement(alignment.untold, assessment), []).append(alignment.item)
    return [
        f"{reason} ({wording.semicolons(in_full(item, assessment, wording) for item in items)})"
        for reason, items in silent.items()
    ]


def in_full(item: str, assessment: Assessment, wording: Wording) -> str:
    """Name a definition, with its code."""
    return f"{name_of(item, assessment, wording)} ({item})"
