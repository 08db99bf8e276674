"""Shared gaps and actions."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.items import name_subject
from sdmxmig.reporting.sections.region.naming import MAX_NAMED, join_country_names
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import CommonGap, RegionalStudy, SharedAction

MAX_ROWS = 60


@REGION_VIEWS.add("shared")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    if not study.gaps:
        return {}
    shared = [gap for gap in study.gaps if len(gap.areas) > 1]
    return {
        "label": wording.say("Common gaps and shared roadmap"),
        "heading": write_heading(study, wording),
        "gaps": tabulate_gaps(shared, study, wording) if shared else None,
        "alone": wording.count(
            "{n} gap is specific to one country. The country report lists it.",
            "{n} gaps are specific to one country. The country reports list them.",
            len(study.gaps) - len(shared),
        ),
        "roadmap": tabulate_roadmap(study, wording) if study.actions else None,
    }


def write_heading(study: RegionalStudy, wording: Wording) -> str:
    every = sum(len(gap.areas) == len(study.countries) for gap in study.gaps)
    shared = sum(len(gap.areas) > 1 for gap in study.gaps)
    if not shared:
        return wording.say("No evidenced gap is shared by two countries")
    sentence = wording.count("At least two countries share {n} gap", "At least two countries share {n} gaps", shared)
    if not every:
        return sentence
    return wording.say("{sentence}; all countries share {n} of them", sentence=sentence, n=wording.number(every))


def tabulate_gaps(shared: list[CommonGap], study: RegionalStudy, wording: Wording) -> ReportTable:
    heads = ("Requirement", "Open", "Started", "Unanswered", "Action to close the gap")
    rows = (build_gap_row(gap, study, wording) for gap in shared[:MAX_ROWS])

    caption = wording.say("Gaps shared by countries")
    return build_table(
        "table-gaps",
        caption,
        heads,
        rows,
        wording,
        notes=describe_omitted_gaps(len(shared) - MAX_ROWS, wording),
        stacked=True,
    )


def describe_omitted_gaps(omitted: int, wording: Wording) -> tuple[str, ...]:
    if omitted <= 0:
        return ()
    return (
        wording.count(
            "{n} more is shared by fewer countries. The country reports list it.",
            "Shared by fewer countries: {n} more. The country reports list them.",
            omitted,
        ),
    )


def build_gap_row(gap: CommonGap, study: RegionalStudy, wording: Wording) -> ReportRow:
    return build_row(
        (
            ReportCell(wording.of(gap.statement), note=gap.code),
            build_countries_cell(gap.whole, study, wording),
            build_countries_cell(gap.partial, study, wording),
            build_countries_cell(gap.unknown, study, wording),
            wording.of(gap.action),
        )
    )


def build_countries_cell(areas: tuple[str, ...], study: RegionalStudy, wording: Wording) -> ReportCell:
    if not areas:
        return ReportCell(wording.say("none"))
    names = join_country_names(study, areas, wording) if len(areas) <= MAX_NAMED else wording.join_with_commas(areas)
    counted = wording.say("{n} of {total}", n=wording.number(len(areas)), total=wording.number(len(study.countries)))
    return ReportCell(counted, note=names)


def tabulate_roadmap(study: RegionalStudy, wording: Wording) -> ReportTable:
    heads = ("Action", "Countries", "Gaps closed", "Phase", "After")
    names = {shared_action.id: wording.of(shared_action.name) for shared_action in study.actions}
    rows = (build_action_row(shared_action, names, study, wording) for shared_action in study.actions[:MAX_ROWS])

    note = wording.say(
        "Two or more countries need each action. Actions needed by most countries come first, each after "
        "its prerequisites. The country reports give lead agencies and dates."
    )
    return build_table(
        "table-roadmap",
        wording.say("Shared roadmap"),
        heads,
        rows,
        wording,
        notes=(note, *describe_omitted_gaps(len(study.actions) - MAX_ROWS, wording)),
        stacked=True,
    )


def build_action_row(
    action: SharedAction, names: Mapping[str, str], study: RegionalStudy, wording: Wording
) -> ReportRow:
    phase = study.countries[0].assessment.scale("PHASE").label(action.phase)
    return build_row(
        (
            wording.of(action.name),
            build_countries_cell(action.areas, study, wording),
            wording.join_with_semicolons(
                name_subject(subject, study.countries[0].assessment, wording) for subject in action.closes
            ),
            ReportCell(wording.of(phase) or action.phase),
            ReportCell(wording.join_with_semicolons(names[earlier] for earlier in action.after)),
        )
    )
