"""How near the definitions of each country are to the reference documents: by group of definitions, and one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.region.matrix import Line, matrices, silent_note, stated
from sdmxmig.reporting.sections.wording import FULLY, SIGNS, UNKNOWN, Wording
from sdmxmig.reporting.sections.wording import NOT_APPLICABLE as DASH
from sdmxmig.sdmx.model.assessment import Score
from sdmxmig.sdmx.model.indicator_results import NOT_APPLICABLE
from sdmxmig.sdmx.model.region import Country, RegionalStudy

SCALE, GROUPS = "ALIGN", "CL_DEF_GROUP"


def compared(study: RegionalStudy) -> list[str]:
    """The items that are set side by side, as far as the assessments ask them."""
    asked_items = {score.item.id for country in study.countries for score in country.assessment.scores}
    return [item for item in study.definitions if item in asked_items]


def scores(country: Country) -> Mapping[str, Score]:
    """The answers of a country by item."""
    return {score.item.id: score for score in country.assessment.scores}


def by_group(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    """One row a group of definitions, one column a country; none without groups."""
    members: dict[str, dict[str, None]] = {}
    for alignment in (alignment for country in study.countries for alignment in country.assessment.alignment):
        members.setdefault(alignment.group, {})[alignment.item] = None
    lines: list[Line] = [
        (ReportCell(wording.reference(study, GROUPS, group)), partial(group_cell, tuple(items), wording))
        for group, items in members.items()
        if group
    ]
    caption = wording.say("Alignment of definitions with the reference documents, by group of definitions and country")
    note = wording.say(
        "The symbol shows the least aligned of the answered definitions. Groups with fewer than half of "
        "their definitions answered have no symbol."
    )
    kept, _ = stated(lines, study)
    tables = matrices("table-alignment-groups", caption, lines=kept, study=study, wording=wording) if kept else []
    return [replace(table, notes=(*table.notes, note)) for table in tables]


def group_cell(items: tuple[str, ...], wording: Wording, country: Country) -> ReportCell:
    """How far the answered definitions of a group go; of less than half of them nothing is said."""
    score_by_item = scores(country)
    applicable = [
        score_by_item[item] for item in items if item in score_by_item and score_by_item[item].answer != NOT_APPLICABLE
    ]
    if not applicable:
        return ReportCell(wording.say("not applicable"), sign=DASH, level="na")
    scale = country.assessment.scale(SCALE)
    levels = [level for score in applicable if (level := scale.level(score.standing)) is not None]
    note = wording.say("{n} of {total} answered", n=wording.number(len(levels)), total=wording.number(len(applicable)))
    if len(levels) * 2 < len(applicable):
        return ReportCell(wording.say("too few answers"), note=note, sign=UNKNOWN, level="unknown")
    # A mean would let a good answer hide a bad one.
    least, aligned = min(levels), levels.count(FULLY)
    words = wording.say("{n} of {total} aligned", n=wording.number(aligned), total=wording.number(len(levels)))
    return ReportCell(words, note=note, sign=SIGNS[least], level=f"l{least}")


def one_by_one(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    """One row a definition that the study sets side by side and at least one country has answered."""
    kept, silent = stated(lines_of(study, wording), study)
    caption = wording.say("Alignment of definitions with the reference documents, by country")
    tables = matrices("table-alignment", caption, lines=kept, study=study, wording=wording) if kept else []
    note = silent_note(len(silent), len(kept) + len(silent), wording)
    return [replace(table, notes=tuple(filter(None, (*table.notes, note)))) for table in tables]


def lines_of(study: RegionalStudy, wording: Wording) -> list[Line]:
    """One line a definition that the study sets side by side."""
    scores_by_area = {country.area: scores(country) for country in study.countries}
    lines: list[Line] = []
    for item in compared(study):
        question = next(of[item] for of in scores_by_area.values() if item in of).item
        first = ReportCell(wording.of(question.name), note=item, mark=wording.candidate(question.status))
        lines.append((first, partial(item_cell, item, wording)))
    return lines


def item_cell(item: str, wording: Wording, country: Country) -> ReportCell:
    """How near one definition of one country is."""
    score = scores(country).get(item)
    scale = country.assessment.scale(score.item.scale if score else "")
    return wording.rating(scale, score.standing if score else "")
