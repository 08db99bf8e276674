"""Key figures by country, with year and definition; figures under different definitions never stand together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.model.artefacts import Text
from sdmxmig.model.region import Comparable, Comparison, CountryFigure, OneSourceValue, RegionalStudy
from sdmxmig.reporting.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, row
from sdmxmig.reporting.columns import text_columns
from sdmxmig.reporting.region.naming import country_name, definition_name, figure_name, figure_value, listed
from sdmxmig.reporting.region.views import REGION_VIEWS
from sdmxmig.reporting.wording import Wording, lowered

ORDINARY = ("", "A")
"""Observation statuses that say nothing worth telling."""


@REGION_VIEWS.add("figures")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """A table for each key figure of which some country has a value."""
    comparisons = [comparison for comparison in study.comparisons if comparison.groups]
    silent = [figure_name(comparison, study, wording) for comparison in study.comparisons if not comparison.groups]
    return {
        "label": wording.say("Key figures"),
        "heading": heading(comparisons, study, wording),
        "one_source": one_source(study, wording),
        "tables": [table(comparison, study, wording) for comparison in comparisons],
        "silent": wording.say("No country has a value of: {figures}.", figures=wording.semicolons(silent))
        if silent
        else "",
    }


def one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """What one producer has of several countries, a group of rows for each figure; None if there is nothing of it."""
    if not study.one_source:
        return None
    rows: list[ReportRow] = []
    for comparison in study.one_source:
        head = wording.pair(wording.of(comparison.name), comparison.period)
        rows.append(row((f"{head} · {comparison.source}",), "group"))
        rows += [one_source_row(value, study, wording) for value in comparison.values]
        rows += [row((country_name(study, area, wording), wording.absent())) for area in comparison.missing]
    note = wording.say(
        "One producer has each of these figures of all countries named, for one year: they can be compared, whatever "
        "rule the countries’ own data follow. They need not agree with the countries’ own figures."
    )
    return ReportTable(
        "table-one-source",
        wording.say("Figures that one source has of several countries"),
        columns=(*text_columns(("Country",), wording), ReportColumn(wording.say("Value"), is_number=True)),
        rows=tuple(rows),
        notes=(note,),
    )


def one_source_row(value: OneSourceValue, study: RegionalStudy, wording: Wording) -> ReportRow:
    """The value of one country, with what its status and its comment say."""
    status = "" if value.status in ORDINARY else lowered(wording.reference(study, "CL_OBS_STATUS", value.status))
    note = wording.semicolons([remark for remark in (status, value.comment) if remark])
    return row((country_name(study, value.area, wording), ReportCell(wording.number(value.value, 0), note=note)))


def heading(comparisons: Sequence[Comparison], study: RegionalStudy, wording: Wording) -> str:
    """How many figures there are, and for how many countries."""
    having = {figure.area for comparison in comparisons for group in comparison.groups for figure in group.figures}
    if not comparisons:
        return wording.say("No country of the study has figures yet")
    return wording.say(
        "{countries} of {all} countries have figures; each stands under the definition of its own data",
        countries=wording.number(len(having)),
        all=wording.number(len(study.countries)),
    )


def table(comparison: Comparison, study: RegionalStudy, wording: Wording) -> ReportTable:
    """One key figure: a group of rows for each definition, with the warning where figures may not be compared."""
    rows: list[ReportRow] = []
    for group in comparison.groups:
        rows.append(row((group_head(group, wording),), "group"))
        rows += [figure_row(figure, comparison, study, wording) for figure in group.figures]
    unit = wording.reference(study, "CL_UNIT_MEASURE", comparison.unit)
    columns = (
        *text_columns(("Country", "Year"), wording),
        ReportColumn(wording.say("Value"), is_number=True, unit=unit),
    )
    name = f"table-figure-{comparison.figure.id.lower().replace('_', '-')}"
    return ReportTable(
        name,
        figure_name(comparison, study, wording),
        columns=columns,
        rows=tuple(rows),
        notes=notes(comparison, study, wording),
    )


def group_head(group: Comparable, wording: Wording) -> str:
    """The definition under which some figures stand, and whether they may be compared."""
    name = definition_name(group.definition, wording)
    if not group.definition.is_definite:
        return wording.say("Not comparable with any other country ({definition})", definition=name)
    if len(group.figures) == 1:
        return wording.say("Alone under its definition ({definition})", definition=name)
    return wording.say("Comparable with each other ({definition})", definition=name)


def figure_row(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> ReportRow:
    """The figure of one country."""
    status = "" if figure.status in ORDINARY else lowered(wording.reference(study, "CL_OBS_STATUS", figure.status))
    remarks = (day_of(figure, comparison, study, wording), wording.of(figure.basis), status)
    note = wording.commas(filter(None, remarks))
    value = ReportCell(figure_value(figure, comparison, wording))
    return row((country_name(study, figure.area, wording), ReportCell(figure.period, note=note), value))


def day_of(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    """On which day of the year a stock of a country is counted; empty for a flow."""
    days = (
        column.note for column in study.country(figure.area).assessment.series if column.id == comparison.figure.series
    )
    return wording.of(next(days, Text()))


def notes(comparison: Comparison, study: RegionalStudy, wording: Wording) -> tuple[str, ...]:
    """The warning, and the countries without a value."""
    sentences = []
    if len(comparison.groups) > 1:
        sentences.append(
            wording.say("Warning: figures under different headings rest on different definitions; do not compare them.")
        )
    periods = {figure.period for group in comparison.groups for figure in group.figures}
    if len(periods) > 1:
        sentences.append(wording.say("The figures are of different years."))
    if comparison.missing:
        names = listed(study, comparison.missing, wording)
        sentences.append(wording.say("No value is known for {countries}.", countries=names))
    return tuple(sentences)
