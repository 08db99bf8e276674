"""Data sources by country, as their profiles state them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.region.comparability import item_cell, scores
from sdmxmig.reporting.sections.region.matrix import Line, matrices, occurring, signs, stated
from sdmxmig.reporting.sections.region.naming import listed
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.sources import SOURCES
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording
from sdmxmig.statistics.model.region import RegionalStudy

YES = "Y"


@REGION_VIEWS.add("sources")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    lines = stated(lines_of(study, wording), study)
    if not lines:
        return {}
    tables = matrices("table-sources", wording.say("Data sources by country"), lines, study, wording)
    return {
        "label": wording.say("Data sources"),
        "heading": heading(study, wording),
        "tables": tables,
        "legend": occurring(signs(wording), tables),
    }


def lines_of(study: RegionalStudy, wording: Wording) -> list[Line]:
    names = {
        item: score.item.name
        for country in study.countries
        for item, score in scores(country).items()
        if item.startswith(SOURCES)
    }
    return [(ReportCell(wording.of(names[item])), partial(item_cell, item, wording)) for item in sorted(names)]


def heading(study: RegionalStudy, wording: Wording) -> str:
    """Name the source that most countries use by their profiles, and countries without a rating; empty if none."""
    users: dict[str, list[str]] = {}
    for country in study.countries:
        for item, score in scores(country).items():
            if item.startswith(SOURCES) and score.standing == YES:
                users.setdefault(item, []).append(country.area)
    if not users:
        return ""
    item = max(sorted(users), key=lambda name: len(users[name]))
    name = next(scores(country)[item].item.name for country in study.countries if item in scores(country))
    using = wording.say(
        "{source}: in use according to the profiles of {countries}",
        source=wording.of(name),
        countries=listed(study, users[item], wording),
    )
    unrated = [
        country.area
        for country in study.countries
        if item in scores(country) and scores(country)[item].standing in NOT_KNOWN
    ]
    others = wording.say("not rated: {countries}", countries=listed(study, unrated, wording)) if unrated else ""
    return wording.semicolons(filter(None, (using, others)))
