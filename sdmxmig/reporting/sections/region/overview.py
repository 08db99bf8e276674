"""The first page of a regional report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.evidence import Claim, describe_support
from sdmxmig.reporting.sections.plain_words import write_gap_sentence
from sdmxmig.reporting.sections.region import figures
from sdmxmig.reporting.sections.region.comparability import tabulate_practices
from sdmxmig.reporting.sections.region.comparable_series import draw_comparable_series
from sdmxmig.reporting.sections.region.compared import list_findings, tabulate_national, tabulate_steps
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


def list_claims(study: RegionalStudy, language: str = "en") -> Iterator[Claim]:
    """Return the headings, facts, steps and shared gaps of a study with their sources."""
    wording = Wording(language)
    steps = tabulate_steps(study, wording)
    facts = [(ReportCell(), lead) for lead in figures.list_leads(study, wording)] + list_findings(study, wording)
    cells = {
        "overview": [words for _, words in facts],
        "compared": list_cells(tabulate_national(study, wording)),
        "comparability": list_cells(tabulate_practices(study, wording)),
    }
    for section, cited in cells.items():
        if view := REGION_VIEWS[section](study, wording):
            own = study.headings.get(section)
            yield Claim("headline", section, wording.of(own) if own else str(view["heading"]), cite(cited, study))
    for kind, lines in (("fact", facts), ("step", [row.cells for row in steps.rows] if steps else [])):
        for countries, words in lines:
            names = countries.text or ", ".join(name for _, name in countries.links)
            yield Claim(kind, names, words.text, cite([words], study))
    for gap in study.gaps:
        if len(gap.areas) > 1:
            reasons = (
                describe_support(reason, country.assessment, wording)
                for country in study.countries
                for found in country.assessment.gaps
                if found.id == gap.subject
                for reason in found.reasons
            )
            yield Claim("gap", gap.subject, describe_gap(gap, study, wording), tuple(reasons))
    for action in study.actions[:THREE]:
        yield Claim("action", action.id, wording.of(action.name), action.closes)


def list_cells(table: ReportTable | None) -> list[ReportCell]:
    return [cell for row in table.rows for cell in row.cells] if table else []


def cite(cells: Iterable[ReportCell], study: RegionalStudy) -> tuple[str, ...]:
    sources = {key: source for country in study.countries for key, source in country.assessment.sources.items()}
    keys = dict.fromkeys(key for cell in cells for key in cell.sources)
    return tuple(f"{key}: {sources.get(key, key)}" for key in keys)
