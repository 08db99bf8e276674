"""Time series by comparable countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.reporting.charts import line_charts as courses_chart
from sdmxmig.reporting.charts.line_charts import SeriesLine, SeriesPlot, SeriesPoint
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, build_figure
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.region.naming import (
    name_areas,
    name_country,
    name_definition,
    write_figure_value,
)
from sdmxmig.reporting.sections.series import (
    PROVISIONAL_NAMES,
    build_labels,
    choose_marks,
    describe_year,
    state_not_final,
)
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import CountryFigure
from sdmxmig.statistics.model.region import (
    Comparison,
    RegionalStudy,
    SeriesPanel,
    SeriesSet,
)

FIGURE_NAME = "figure-courses"
BREAK_STATUS = "B"


def draw_comparable_series(study: RegionalStudy, wording: Wording) -> ReportFigure | None:
    """Draw a yearly series of the countries under one rule; None if no two countries have one."""
    courses = study.courses
    if courses is None:
        return None
    drawn_areas = [area for panel in courses.panels for area in panel.areas]
    years = sorted({figure.period for panel in courses.panels for course in panel.courses for figure in course})
    phrase = wording.say(
        "{figure}, {unit}, {first} to {last}",
        figure=wording.of(courses.comparison.name),
        unit=wording.unit(study, courses.comparison.unit),
        first=years[0],
        last=years[-1],
    )
    title = wording.pair(phrase, name_areas(study, sorted(drawn_areas), wording))
    values = [
        describe_series_line(course, courses.comparison, study, wording)
        for panel in courses.panels
        for course in panel.courses
    ]
    description = wording.say("Lines by year: {countries}.", countries=wording.join_with_semicolons(values))
    words = {"provisional": wording.say("marked as provisional, estimated or forecast")}
    labels = build_labels(FIGURE_NAME, title, description=description, words=words, wording=wording)
    plots = [build_plot(panel, courses, study, wording) for panel in courses.panels]
    others = [area for area in study.areas if area not in drawn_areas]
    notes = [
        wording.say(
            "{countries} use the same rule ({rule}).",
            countries=name_areas(study, panel.areas, wording),
            rule=name_definition(panel.definition, wording),
        )
        for panel in courses.panels
    ]
    if others:
        notes.append(wording.say("Not drawn: {countries}.", countries=name_areas(study, others, wording)))
    return build_figure(
        labels,
        courses_chart.draw(plots, labels),
        data=collect_data(courses.panels, courses.comparison, title=title, study=study, wording=wording),
        source=wording.say("Source: the reports on the countries, which name the sources of each figure."),
        notes=tuple(notes),
    )


def describe_series_line(
    course: Sequence[CountryFigure], comparison: Comparison, study: RegionalStudy, wording: Wording
) -> str:
    first, last = course[0], course[-1]
    values = [
        wording.pair(
            describe_year(figure.period, [figure.status], wording), write_figure_value(figure, comparison, wording)
        )
        for figure in (first, last)[: len(course)]
    ]
    return f"{name_country(study, first.area, wording)} ({wording.join_with_commas(values)})"


def build_plot(panel: SeriesPanel, courses: SeriesSet, study: RegionalStudy, wording: Wording) -> SeriesPlot:
    lines = tuple(
        SeriesLine(
            name_country(study, course[0].area, wording),
            tuple(
                SeriesPoint(
                    int(figure.period),
                    float(figure.value),
                    is_final=figure.status not in PROVISIONAL_NAMES,
                    is_break=figure.status == BREAK_STATUS,
                )
                for figure in course
            ),
        )
        for course in panel.courses
    )
    values = [figure.value for each in courses.panels for course in each.courses for figure in course]
    marks, decimals = choose_marks(values)
    write = wording.write_signed if courses.comparison.figure.is_balance else wording.number
    return SeriesPlot(lines, tuple((float(mark), write(mark, decimals)) for mark in marks))


def collect_data(
    panels: Sequence[SeriesPanel], comparison: Comparison, *, title: str, study: RegionalStudy, wording: Wording
) -> ReportTable:
    by_area: Mapping[str, Mapping[str, CountryFigure]] = {
        course[0].area: {figure.period: figure for figure in course} for panel in panels for course in panel.courses
    }
    years = sorted({year for figures in by_area.values() for year in figures})
    caption = wording.say("Data for this figure: {title}", title=title)
    return build_table(
        FIGURE_NAME.replace("figure", "data"),
        caption,
        ("Year", *(ReportColumn(name_country(study, area, wording), is_number=True) for area in by_area)),
        (
            (year, *(build_value_cell(figures.get(year), comparison, wording) for figures in by_area.values()))
            for year in years
        ),
        wording,
    )


def build_value_cell(figure: CountryFigure | None, comparison: Comparison, wording: Wording) -> ReportCell:
    if figure is None:  # some countries have figures for the year, but with a break
        return wording.absent("not calculated")
    note = wording.say("break") if figure.status == BREAK_STATUS else state_not_final([figure.status], wording)
    return ReportCell(write_figure_value(figure, comparison, wording), note=note)
