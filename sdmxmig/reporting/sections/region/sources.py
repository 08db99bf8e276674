"""Data sources by country, as their profiles state them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.module_answers import SOURCES
from sdmxmig.reporting.sections.region.comparability import build_item_cell, index_scores
from sdmxmig.reporting.sections.region.matrix import (
    Line,
    build_matrices,
    drop_empty_lines,
    explain_signs,
    is_rated,
)
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import RegionalStudy


@REGION_VIEWS.add("sources")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    lines = build_lines(study, wording)
    shown = drop_empty_lines(lines, study)
    answers = [is_rated(say(country)) for _, say in shown if say for country in study.countries]
    if not shown or sum(answers) * 2 < len(answers):  # mostly gaps of what was read, not of what countries use
        return {}
    caption = wording.say("Data sources used for migration statistics, by country")
    tables = build_matrices("table-sources", caption, shown, study, wording, head="Source")
    unrated = [line[0].text for line in lines if line not in shown]
    omitted = (
        wording.say("Not rated in any country: {sources}.", sources=wording.join_with_semicolons(unrated))
        if unrated
        else ""
    )
    return {
        "label": wording.say("Data sources"),
        "heading": caption,
        "tables": tables,
        "legend": explain_signs(tables, wording),
        "omitted": omitted,
    }


def build_lines(study: RegionalStudy, wording: Wording) -> list[Line]:
    names = {
        item: score.item.name
        for country in study.countries
        for item, score in index_scores(country).items()
        if item.startswith(SOURCES)
    }
    return [(ReportCell(wording.of(names[item])), partial(build_item_cell, item, wording)) for item in sorted(names)]
