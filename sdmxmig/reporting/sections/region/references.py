"""Sources that a regional report cites."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sdmxmig.reporting.sections.references import list_cited_sources
from sdmxmig.reporting.sections.region.comparability import (
    list_country_limits,
    list_coverage_remarks,
    tabulate_practices,
)
from sdmxmig.reporting.sections.region.figures import separate_figures, tabulate_overview
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, build_sort_key
from sdmxmig.statistics.model.region import RegionalStudy

KEY_IN_NOTE = re.compile(r"\[([^\[\]]+)\]")


@REGION_VIEWS.add("references")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """List each key once; countries that use one key for different sources have them side by side."""
    shown = (
        tabulate_overview(study, wording),
        *(make(study, wording) for make in (separate_figures, tabulate_practices)),
    )
    cells = [cell for one in shown if one for row in one.rows for cell in row.cells]
    keys = {key for cell in cells for key in (*cell.sources, *KEY_IN_NOTE.findall(cell.note))}
    keys |= {
        key
        for sentence in (*list_coverage_remarks(study, wording), *list_country_limits(study, wording))
        for key in KEY_IN_NOTE.findall(sentence)
    }
    named: dict[str, dict[str, None]] = {}
    for country in study.countries:
        for key, source in list_cited_sources(keys, country.assessment):
            named.setdefault(key, {})[source] = None
    if not named:
        return {}
    ordered = sorted(named.items(), key=lambda of: build_sort_key(of[0]))
    return {
        "label": wording.say("Sources"),
        "heading": wording.say("Sources of the report"),
        "sources": [{"key": key, "parts": ((wording.join_with_semicolons(texts), False),)} for key, texts in ordered],
    }
