"""Definitions section, with effects in data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from sdmxmig.catalogue.benchmarking import CONFIRMED, Scale
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.items import has_information, name_of, practice, rating, silent
from sdmxmig.reporting.sections.quantities import quantity
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording
from sdmxmig.statistics.model.alignment import Effect, EffectFigure
from sdmxmig.statistics.model.assessment import Assessment, Score

SCALE = "ALIGN"
"""The scale on which definitions are compared."""
GROUPS = "CL_DEF_GROUP"
PART = "effect.part"
"""The sentence of effects whose second figure is a part: a share."""


@VIEWS.add("definitions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    compared = [score for score in assessment.scores if score.item.scale == SCALE]
    answered = [score for score in compared if score.answer not in NOT_KNOWN]
    known = [score for score in compared if has_information(score)]
    effects_table = effects(assessment, wording)
    if not known and effects_table is None:
        return {}
    return {
        "label": wording.reference(assessment, "CL_BENCH_ITEM", "B"),
        "heading": wording.say("National definitions compared with the reference documents"),
        "table": table(known, assessment, wording) if known else None,
        "effects": effects_table,
        "no_effects": no_effects(assessment, wording),
        "silent": silent(compared, wording),
        "checked": checked(answered, wording),
    }


def checked(answered: list[Score], wording: Wording) -> str:
    """State how many ratings rest on no reference text; empty if none."""
    declared = sum(not score.item.recommendation for score in answered)
    if not declared:
        return ""
    return wording.say(
        "Definitions rated without a reference text: {n}. Their alignment is as declared in the profile and is not "
        "counted.",
        n=wording.number(declared),
    )


def table(scores: Sequence[Score], assessment: Assessment, wording: Wording) -> ReportTable:
    columns = ("Definition", "Reference text (paraphrase)", "National practice", "Alignment")
    scale = assessment.scale(SCALE)
    group_of = {alignment.item: alignment.group for alignment in assessment.alignment}
    order = {group: place for place, group in enumerate(dict.fromkeys(group_of.values()))}
    placed = sorted(scores, key=lambda score: order.get(group_of.get(score.item.id, ""), len(order)))
    rows: list[ReportRow] = []
    for group, members in groupby(placed, key=lambda score: group_of.get(score.item.id, "")):
        if group:
            rows.append(row((wording.reference(assessment, GROUPS, group),), "group"))
        rows.extend(_row(score, scale, wording) for score in members)
    return ReportTable(
        "table-definitions",
        wording.say("Definitions compared with reference documents"),
        columns=text_columns(columns, wording),
        rows=tuple(rows),
        stacked=True,
    )


def _recommended(score: Score, wording: Wording) -> ReportCell:
    """Quote the document in our words; a mark means that the wording was checked against it."""
    item = score.item
    if not item.recommendation:
        return ReportCell(wording.say("No reference text is included."), is_absent=True)
    citation = wording.citation(item.source)
    document = wording.qualified((citation, item.checked)) if item.checked else citation
    mark = wording.say("verified") if item.status == "verified" else ""
    return ReportCell(wording.of(item.recommendation), note=document, mark=mark)


def _row(score: Score, scale: Scale, wording: Wording) -> ReportRow:
    item = score.item
    return row(
        (
            ReportCell(wording.of(item.name), note=item.id),
            _recommended(score, wording),
            practice(score, wording),
            _alignment(score, scale, wording),
        )
    )


def _alignment(score: Score, scale: Scale, wording: Wording) -> ReportCell:
    rated = rating(score, scale, wording)
    if score.answer in NOT_KNOWN:
        return rated
    provisional = "" if score.evidence == CONFIRMED else wording.say("provisional rating")
    return replace(rated, note="" if score.item.recommendation else wording.say("as declared"), mark=provisional)


def effects(assessment: Assessment, wording: Wording) -> ReportTable | None:
    items: dict[tuple[str, EffectFigure, EffectFigure, str], list[str]] = {}
    by_comparison: dict[tuple[str, EffectFigure, EffectFigure, str], Effect] = {}
    for alignment in assessment.alignment:
        for effect in alignment.effects:
            key = (effect.sentence.id, effect.first, effect.second, effect.period)
            items.setdefault(key, []).append(alignment.item)
            by_comparison[key] = effect
    if not by_comparison:
        return None
    columns = (
        *text_columns(("Comparison", "Year"), wording),
        *number_columns(("First figure", "Second figure", "Difference", "Share of the first figure"), wording),
    )
    rows = tuple(_effect(effect, items[key], assessment, wording) for key, effect in by_comparison.items())
    notes = (
        wording.say(
            "Difference = second figure − first figure. If the second figure is part of the first, only "
            "its share is shown."
        ),
    )
    return ReportTable(
        "table-effects", wording.say("Figures that change with a definition"), columns=columns, rows=rows, notes=notes
    )


def _effect(effect: Effect, items: Sequence[str], assessment: Assessment, wording: Wording) -> ReportRow:
    is_part = effect.sentence.id == PART
    share = effect.share + 1 if is_part and effect.share is not None else effect.share
    named = wording.semicolons(in_full(item, assessment, wording) for item in items)
    return row(
        (
            ReportCell(wording.statement(effect.sentence, assessment), note=named),
            effect.period,
            _figure(effect.first, wording),
            _figure(effect.second, wording),
            ReportCell(wording.say("not applicable"), is_absent=True) if is_part else wording.signed(effect.difference),
            wording.absent() if share is None else wording.percent(share),
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
