"""Dot plots of peers."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.reporting.charts.dots import MAX_NAMED_DOTS, Dot, DotLine, draw
from sdmxmig.reporting.sections.blocks import (
    ReportCell,
    ReportColumn,
    ReportFigure,
    ReportRow,
    ReportTable,
    build_figure,
    build_row,
)
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.region.naming import count_decimals, group_name, name_country
from sdmxmig.reporting.sections.series import build_labels
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import Distance, PeerGroup, RegionalStudy


def draw_peers(group: PeerGroup, study: RegionalStudy, wording: Wording, *, own_area: str = "") -> ReportFigure | None:
    distances = [distance for distance in study.distances if distance.group == group.id]
    if not distances:
        return None
    name = f"figure-dots-{group.id.lower().replace('.', '-').replace('_', '-')}"
    called = group_name(group, wording)
    title = (
        wording.say("{country} and its peers: {group}", country=name_country(study, own_area, wording), group=called)
        if own_area
        else wording.say("Requirements met by the countries: {group}", group=called)
    )
    description = wording.say(
        "One line for each measure, from zero to the level of the reference documents. Each dot is a "
        "country: {measures}.",
        measures=wording.join_with_semicolons(describe_measure(distance, study, wording) for distance in distances),
    )
    labels = build_labels(
        name, title, description=description, words={"median": wording.say("Median")}, wording=wording
    )
    source = wording.say("Source: the reports on the countries, which name the sources of each figure.")
    codes = wording.join_with_semicolons(f"{area} {name_country(study, area, wording)}" for area in group.areas)
    notes = (f"{codes}.",) if len(group.areas) <= MAX_NAMED_DOTS else ()
    table = collect_data(name, title, group=group, distances=distances, study=study, wording=wording)
    return build_figure(
        labels,
        draw,
        [build_line(distance, own_area, wording) for distance in distances],
        data=table,
        source=source,
        notes=notes,
    )


def build_line(distance: Distance, own_area: str, wording: Wording) -> DotLine:
    most = max(reach.asked for reach in distance.reaches)
    dots = tuple(
        Dot(reach.area, reach.reached, is_own=reach.area == own_area) for reach in distance.reaches if reach.is_known
    )
    median = None if distance.median is None else float(distance.median)
    return DotLine(
        wording.say_code("distance", distance.measure), dots, most=most, written=wording.number(most), median=median
    )


def describe_measure(distance: Distance, study: RegionalStudy, wording: Wording) -> str:
    reached = [reach.reached for reach in distance.reaches if reach.is_known]
    if distance.median is None:
        values = (
            f"{name_country(study, reach.area, wording)} ({wording.number(reach.reached)})"
            for reach in distance.reaches
            if reach.is_known
        )
        return wording.say(
            "{measure}, of {asked}: {countries}",
            measure=wording.say_code("distance", distance.measure),
            asked=wording.number(max(reach.asked for reach in distance.reaches)),
            countries=wording.join_with_semicolons(values),
        )
    return wording.say(
        "{measure}: {least} to {most} of {asked}, median {median}",
        measure=wording.say_code("distance", distance.measure),
        least=wording.number(min(reached)),
        most=wording.number(max(reached)),
        asked=wording.number(max(reach.asked for reach in distance.reaches)),
        median=wording.number(distance.median, count_decimals(distance.median)),
    )


def collect_data(
    name: str, title: str, group: PeerGroup, distances: Sequence[Distance], study: RegionalStudy, wording: Wording
) -> ReportTable:
    rows = (
        _build_area_row(area, place, distances=distances, study=study, wording=wording)
        for place, area in enumerate(group.areas)
    )
    caption = wording.say("Data for this figure: {title}", title=title)
    return build_table(
        name.replace("figure", "data"),
        caption,
        (
            "Country",
            *(ReportColumn(wording.say_code("distance", distance.measure), is_number=True) for distance in distances),
        ),
        rows,
        wording,
    )


def _build_area_row(
    area: str, place: int, distances: Sequence[Distance], study: RegionalStudy, wording: Wording
) -> ReportRow:
    reaches = [distance.reaches[place] for distance in distances]
    cells = (
        ReportCell(wording.number(reach.reached)) if reach.is_known else wording.absent("too few answers")
        for reach in reaches
    )
    return build_row((ReportCell(name_country(study, area, wording), note=area), *cells))
