"""The first page of a regional report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.reporting.sections.office import list_sourced_steps
from sdmxmig.reporting.sections.plain_words import write_gap_sentence
from sdmxmig.reporting.sections.region import figures
from sdmxmig.reporting.sections.region.comparability import has_flows, list_item_rows, tabulate_facts
from sdmxmig.reporting.sections.region.courses import draw_study_courses
from sdmxmig.reporting.sections.region.naming import (
    count_answers,
    name_areas,
    name_group,
)
from sdmxmig.reporting.sections.standard import count_checked_texts, describe_standard
from sdmxmig.reporting.sections.standard import write_heading as checked_against
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.region import CommonGap, RegionalStudy

THREE = 3
"""Maximum number of gaps and steps on the first page."""
FLOW_SERIES = ("IMM", "EMI")


@REGION_VIEWS.add("overview")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Summary"),
        "heading": figures.state_migrants(study, wording),
        "migrants": figures.tabulate_overview(study, wording),
        "facts": tabulate_facts(study, wording),
        "limits": [*figures.describe_changes(study, wording), *explain_limits(study, wording)],
        "chart": draw_study_courses(study, wording),
        "gaps": list_shared_gaps(study, wording),
        "answered": wording.say("{sentence}.", sentence=count_answers(study, wording)),
        "steps": [
            {"name": wording.of(name), "countries": name_areas(study, areas, wording)}
            for name, areas in list_joint_steps(study)[:THREE]
        ],
        "checked": state_status(study, wording),
    }


def explain_limits(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Explain why flows and chosen peer groups are not compared."""
    if not any(of.is_comparable for of in study.comparisons if of.figure.series in FLOW_SERIES):
        reason = (
            "Migration flows are not compared: the residence rules of the countries differ or are unclear."
            if sum(map(has_flows, study.countries)) > 1
            else "Migration flows are not compared: fewer than two countries have yearly national series here."
        )
        yield wording.say(reason)
    measured = {distance.group for distance in study.distances}
    for group in (group for group in study.groups if group.kind == "chosen" and group.id not in measured):
        yield wording.say(
            "Peer group: {group} ({countries}). It is not compared, because too few questions are rated.",
            group=name_group(group, wording),
            countries=name_areas(study, group.areas, wording),
        )


def list_joint_steps(study: RegionalStudy) -> list[tuple[Text, tuple[str, ...]]]:
    """List the actions that several countries need, or else those that sources support in several countries."""
    sourced: dict[str, tuple[Text, tuple[str, ...]]] = {}
    for country in study.countries:
        for subject, _ in list_sourced_steps(country.assessment):
            name, areas = sourced.get(subject, (country.assessment.labels[f"CL_ROADMAP_ACTION.{subject}"], ()))
            sourced[subject] = name, (*areas, country.area)
    shared = sorted((step for step in sourced.values() if len(step[1]) > 1), key=lambda step: -len(step[1]))
    return [(action.name, action.areas) for action in study.actions] or shared


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


def state_status(study: RegionalStudy, wording: Wording) -> str:
    assessment = study.countries[0].assessment
    checked = count_checked_texts(assessment)
    sentences = []
    if assessment.standard.name and (study.gaps or list_item_rows(study, wording)):
        sentences = describe_standard(assessment, checked, wording)[:2]
        if assessment.standard.is_published:
            sentence = checked_against(assessment.standard, checked, wording)
            sentences = [wording.say("{sentence}.", sentence=sentence), *sentences]
    if changed := [country.area for country in study.countries if country.is_changed]:
        sentences.append(
            wording.say("Assessments edited by hand: {countries}.", countries=name_areas(study, changed, wording))
        )
    return " ".join(sentences)
