"""How near the definitions of each country are to the reference documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.items import rating
from sdmxmig.reporting.sections.region.matrix import Line, matrices, silent_note, stated
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Score
from sdmxmig.statistics.model.region import Country, RegionalStudy

UNRATED = ("unknown", "described")


def compared(study: RegionalStudy) -> list[str]:
    asked_items = {score.item.id for country in study.countries for score in country.assessment.scores}
    return [item for item in study.definitions if item in asked_items]


def scores(country: Country) -> Mapping[str, Score]:
    return {score.item.id: score for score in country.assessment.scores}


def one_by_one(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    kept, silent = stated(lines_of(study, wording), study)
    if not any(say and say(country).level not in UNRATED for _, say in kept for country in study.countries):
        return []
    caption = wording.say("Alignment of definitions with the reference documents, by country")
    tables = matrices("table-alignment", caption, lines=kept, study=study, wording=wording)
    note = silent_note(len(silent), len(kept) + len(silent), wording)
    return [replace(table, notes=tuple(filter(None, (*table.notes, note)))) for table in tables]


def lines_of(study: RegionalStudy, wording: Wording) -> list[Line]:
    scores_by_area = {country.area: scores(country) for country in study.countries}
    lines: list[Line] = []
    for item in compared(study):
        question = next(of[item] for of in scores_by_area.values() if item in of).item
        lines.append((ReportCell(wording.of(question.name)), partial(item_cell, item, wording)))
    return lines


def item_cell(item: str, wording: Wording, country: Country) -> ReportCell:
    score = scores(country).get(item)
    if score is None:
        return ReportCell(wording.say("not asked"), is_absent=True)
    return rating(score, country.assessment.scale(score.item.scale), wording)
