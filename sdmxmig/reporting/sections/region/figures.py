"""Key figures with year and definition: what can be compared first, then the others country by country."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.region.courses import chart
from sdmxmig.reporting.sections.region.naming import country_name, definition_name, figure_name, figure_value
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.region import Comparable, Comparison, CountryFigure, OneSourceValue, RegionalStudy

ORDINARY = ("", "A")
"""Observation statuses that say nothing worth telling."""


@REGION_VIEWS.add("figures")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """What can be compared first, then what cannot, country by country, with one warning."""
    silent = [figure_name(comparison, study, wording) for comparison in study.comparisons if not comparison.groups]
    return {
        "label": wording.say("Key figures"),
        "heading": heading(study, wording),
        "one_source": one_source(study, wording),
        "comparable": comparable(study, wording),
        "drawn": drawn.data if study.courses and (drawn := chart(study, wording)) else None,
        "apart": apart(study, wording),
        "silent": wording.say("No data in any country: {figures}.", figures=wording.semicolons(silent))
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
        "One producer compiles each of these figures for all countries named, for one year. The figures "
        "can be compared under any national rule. They may differ from the countries’ own figures."
    )
    return ReportTable(
        "table-one-source",
        wording.say("Figures from one source for several countries"),
        columns=(*text_columns(("Country",), wording), ReportColumn(wording.say("Value"), is_number=True)),
        rows=tuple(rows),
        notes=(note,),
    )


def one_source_row(value: OneSourceValue, study: RegionalStudy, wording: Wording) -> ReportRow:
    """The value of one country, with what its status and its comment say."""
    status = "" if value.status in ORDINARY else lowered(wording.reference(study, "CL_OBS_STATUS", value.status))
    note = wording.semicolons([remark for remark in (status, value.comment) if remark])
    return row((country_name(study, value.area, wording), ReportCell(wording.number(value.value, 0), note=note)))


def heading(study: RegionalStudy, wording: Wording) -> str:
    """How many figures can be compared."""
    if not any(comparison.groups for comparison in study.comparisons) and not study.one_source:
        return wording.say("No data in any country of the study")
    if not comparable_figures(study):
        return wording.say("No figure can be compared between countries: each follows the rule of its country")
    return wording.say(
        "Comparable figures: {n} of {all}",
        n=wording.number(comparable_figures(study)),
        all=wording.number(len(study.comparisons) + len(study.one_source)),
    )


def comparable_figures(study: RegionalStudy) -> int:
    """How many figures can be compared between two countries or more, those of one source among them."""
    return len(study.one_source) + sum(comparison.is_comparable for comparison in study.comparisons)


def comparable(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """The figures of countries that count alike, on one basis and for one year; None if there are none."""
    rows: list[ReportRow] = []
    for comparison in study.comparisons:
        for group in (group for group in comparison.groups if group.is_comparable):
            definition = definition_name(group.definition, wording)
            rows.append(row((f"{figure_name(comparison, study, wording)} · {definition}",), "group"))
            rows += [
                figure_row(figure, comparison, country_name(study, figure.area, wording), study=study, wording=wording)
                for figure in group.figures
            ]
    if not rows:
        return None
    caption = wording.say("Figures comparable between countries")
    return ReportTable("table-compared", caption, columns=columns(("Country", "Year"), wording), rows=tuple(rows))


def apart(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """What is compared with no other country: under each country its rules, and what stands under each of them."""
    rows: list[ReportRow] = []
    for country in study.countries:
        by_rule: dict[tuple[object, ...], list[ReportRow]] = {}
        names: dict[tuple[object, ...], str] = {}
        for comparison, group in groups_apart(study):
            for figure in (figure for figure in group.figures if figure.area == country.area):
                names[group.definition.key] = definition_name(group.definition, wording)
                name = figure_name(comparison, study, wording)
                cells = figure_row(figure, comparison, name, study=study, wording=wording)
                by_rule.setdefault(group.definition.key, []).append(cells)
        for key, figure_rows in by_rule.items():
            head = wording.pair(country_name(study, country.area, wording), names[key])
            rows += [row((head,), "group"), *figure_rows]
    if not rows:
        return None
    warning = wording.say(
        "Warning: these figures follow different rules or bases, or refer to different years. Do not "
        "compare the countries with each other."
    )
    caption = wording.say("Figures that are not comparable, by country")
    return ReportTable(
        "table-apart", caption, columns=columns(("Figure", "Year"), wording), rows=tuple(rows), notes=(warning,)
    )


def groups_apart(study: RegionalStudy) -> Iterator[tuple[Comparison, Comparable]]:
    """The figures that are compared with no other country."""
    for comparison in study.comparisons:
        for group in comparison.groups:
            if not group.is_comparable:
                yield comparison, group


def columns(heads: tuple[str, ...], wording: Wording) -> tuple[ReportColumn, ...]:
    """The columns of a table of figures."""
    return (
        *(ReportColumn(wording.say(head)) for head in heads),
        ReportColumn(wording.say("Value"), is_number=True),
    )


def figure_row(
    figure: CountryFigure, comparison: Comparison, name: str, *, study: RegionalStudy, wording: Wording
) -> ReportRow:
    """The figure of one country with its year and unit, what it rests on, and what keeps it from being a conclusion."""
    status = "" if figure.status in ORDINARY else lowered(wording.reference(study, "CL_OBS_STATUS", figure.status))
    assessment = study.country(figure.area).assessment
    caveats = (wording.statement(caveat, assessment) for caveat in figure.caveats)
    remarks = (day_of(figure, comparison, study, wording), wording.of(figure.basis), status, *caveats)
    unit = "" if comparison.unit == "PT" else wording.unit(study, comparison.unit)
    value = ReportCell(figure_value(figure, comparison, wording), note=unit)
    return row((name, ReportCell(figure.period, note=wording.semicolons(filter(None, remarks))), value))


def day_of(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    """On which day of the year a stock of a country is counted; empty for a flow."""
    days = (
        column.note for column in study.country(figure.area).assessment.series if column.id == comparison.figure.series
    )
    return wording.of(next(days, Text()))
