"""The first page of a regional report."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.plain_words import write_gap_sentence
from sdmxmig.reporting.sections.region import figures
from sdmxmig.reporting.sections.region.comparable_series import draw_comparable_series
from sdmxmig.reporting.sections.region.compared import list_findings, tabulate_steps
from sdmxmig.reporting.sections.region.naming import build_country_link, name_areas
from sdmxmig.reporting.sections.region.net_migration import draw_net_migration, find_net_migration
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.statistics.model.region import CommonGap, RegionalStudy

THREE = 3
"""Maximum number of gaps and steps on the first page."""


@REGION_VIEWS.add("overview")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    edited = [country.area for country in study.countries if country.is_changed]
    net = find_net_migration(study)
    return {
        "label": wording.say("Summary"),
        "heading": figures.state_migrants(study, wording),
        "leads": figures.list_leads(study, wording),
        "lines": list_findings(study, wording),
        "chart": draw_net_migration(net, study, wording) if net else draw_comparable_series(study, wording),
        "migrants": figures.tabulate_one_source(study, wording),
        "proposed": tabulate_steps(study, wording),
        "pages": () if study.findings else [build_country_link(study, area, wording) for area in study.areas],
        "edited": wording.say(EDITED, countries=name_areas(study, edited, wording)) if edited else "",
        "gaps": list_shared_gaps(study, wording),
        "steps": list_joint_steps(study, wording),
    }


EDITED = "Assessments edited by hand: {countries}."


def list_joint_steps(study: RegionalStudy, wording: Wording) -> list[Mapping[str, str]]:
    """List the actions that close gaps of several countries."""
    return [
        {"name": wording.of(action.name), "countries": name_areas(study, action.areas, wording)}
        for action in study.actions[:THREE]
    ]


def list_shared_gaps(study: RegionalStudy, wording: Wording) -> list[Mapping[str, str]]:
    shared = [gap for gap in study.gaps if len(gap.areas) > 1]
    return [
        {
            "name": describe_gap(gap, study, wording),
            "countries": name_areas(study, gap.areas, wording),
            "action": wording.of(gap.action),
        }
        for gap in shared[:THREE]
    ]


def describe_gap(common_gap: CommonGap, study: RegionalStudy, wording: Wording) -> str:
    areas_by_words: dict[str, list[str]] = {}
    for country in study.countries:
        produced = {result.indicator.id for result in country.assessment.indicators if result.is_produced}
        for gap in (gap for gap in country.assessment.gaps if gap.id == common_gap.subject):
            sentence = write_gap_sentence(gap, produced)
            words = wording.of(sentence.text if sentence else common_gap.statement)
            areas_by_words.setdefault(words, []).append(country.area)
    if len(areas_by_words) == 1:
        return next(iter(areas_by_words))
    parts = (
        wording.say("{first} ({second})", first=words, second=name_areas(study, areas, wording))
        for words, areas in areas_by_words.items()
    )
    first, *others = parts
    return wording.join_with_semicolons([first, *map(lower_first_letter, others)])
