"""Trends section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.reporting.charts.years import FlowYear, PopulationYear, draw_flow_years, draw_population_years
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, build_figure
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.composition import MIGRANTS_IN_WORDS, MOVE_FLOWS, list_doubtful_years
from sdmxmig.reporting.sections.consistency import find_population, warn_about_rates
from sdmxmig.reporting.sections.quantities import (
    THOUSAND,
    build_label,
    describe_quantity,
    describe_residence,
    find_newest,
    list_different_rules,
    name_flow_unit,
)
from sdmxmig.reporting.sections.series import (
    build_axis,
    build_labels,
    build_source_line,
    describe_missing_years,
    describe_year,
    explain_mark,
    find_known,
    find_series,
    find_value,
    index_by_period,
    is_break,
    is_one_publication,
    list_periods,
    list_statuses,
    list_years,
    mark_years,
    name_break,
    state_not_final,
)
from sdmxmig.reporting.sections.wording import Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment, Point, Series
from sdmxmig.statistics.model.availability import Bounds

DRAWN_SERIES = ("immigration", "emigration", "net")
TOTAL_TITLE = "Population"


def has_values(year: FlowYear, assessment: Assessment) -> bool:
    return year.net is not None or any(
        find_known(find_series(assessment, role), year.period) is not None for role in DRAWN_SERIES
    )


def list_flow_years(assessment: Assessment) -> list[FlowYear]:
    coming, going, net = (find_series(assessment, role) for role in ("immigration", "emigration", "net"))
    points = [index_by_period(series) for series in (coming, going, net)]
    years = []
    for period in list_periods((coming, going, net)):
        inflow, outflow, balance = (find_value(series, period) for series in (coming, going, net))
        if balance is None and inflow is not None and outflow is not None:
            balance = inflow - outflow
        broken = any(is_break(series.get(period)) for series in points)
        years.append(FlowYear(period, inflow, emigration=outflow, net=balance, is_break=broken))
    return years


def draw_flows(
    assessment: Assessment, years: Sequence[FlowYear], wording: Wording, *, name: str, title: str
) -> ReportFigure:
    words = {
        "axis": name_flow_unit(assessment, wording),
        "immigration": wording.say("Immigration"),
        "emigration": wording.say("Emigration"),
        "net": wording.say("Net migration"),
        "missing": wording.say("no figure"),
        "break": wording.say("break"),
    }
    labels = build_labels(name, title, description=describe_flows(years, wording), words=words, wording=wording)
    drawn = [find_series(assessment, role) for role in DRAWN_SERIES]
    source, cited = build_source_line(drawn, assessment, wording, years=[year.period for year in years])
    words_by_year = name_flow_statuses(years, assessment, wording)
    notes = (*explain_mark(words_by_year, wording), *list_flow_notes(assessment, wording))
    figure_data = collect_flows_data(years, words_by_year, assessment, wording)
    labelled = [
        replace(year, label=label) for year, label in zip(years, mark_years(words_by_year).values(), strict=True)
    ]
    signed = [value for year in years for value in (year.immigration, year.net) if value is not None]
    signed += [-year.emigration for year in years if year.emigration is not None]
    drawn_flows = draw_flow_years(labelled, build_axis(signed, wording), labels)
    return build_figure(labels, drawn_flows, data=figure_data, source=source, cited=cited, notes=notes)


def name_flow_statuses(years: Iterable[FlowYear], assessment: Assessment, wording: Wording) -> dict[str, str]:
    """State for each year that its figures are not final, or are in doubt."""
    doubtful = list_doubtful_years(assessment, *MOVE_FLOWS)
    return {
        year.period: wording.say("in doubt")
        if year.period in doubtful
        else state_not_final(list_flow_statuses(year.period, assessment), wording)
        for year in years
    }


def list_flow_notes(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    counts_moves = name_flow_unit(assessment, wording) == wording.say("Moves")
    return (
        *([wording.say("A person who moves more than once in a year is counted each time.")] if counts_moves else ()),
        *describe_residence(("DF_IMM", "DF_EMI"), assessment, wording),
        *list_different_rules(("DF_IMM", "DF_EMI"), assessment, wording),
    )


def describe_flow_year(year: FlowYear, assessment: Assessment, wording: Wording) -> str:
    return wording.year(year.period, name_flow_statuses([year], assessment, wording)[year.period])


def explain_rounding(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    years = [test.period for test in assessment.net_tests if test.outcome == "ROUNDING"]
    message = "Figures are rounded: in {years}, net migration is not exactly immigration minus emigration."
    return (wording.say(message, years=list_years(years, wording)),) if years else ()


def tabulate_flows(assessment: Assessment, wording: Wording) -> ReportTable:
    drawn = [find_series(assessment, role) for role in DRAWN_SERIES]
    years = [year for year in list_flow_years(assessment) if has_values(year, assessment)]
    data = collect_flows_data(years, name_flow_statuses(years, assessment, wording), assessment, wording)
    cited = [build_source_line(drawn, assessment, wording, years=[year.period]) for year in years]
    rows = tuple(
        replace(line, cells=(replace(line.cells[0], sources=keys), *line.cells[1:]))
        for line, (_, keys) in zip(data.rows, cited, strict=True)
    )
    unlisted = dict.fromkeys(words for words, keys in cited if words and not keys)
    caption = caption_flows(assessment, wording)
    missing = describe_missing_years((year.period for year in years), wording)
    notes = (
        *missing,
        *explain_rounding(assessment, wording),
        *data.notes,
        *list_flow_notes(assessment, wording),
        *unlisted,
    )
    return replace(data, id="table-flows", caption=caption, rows=rows, notes=notes)


def list_net_alone(years: Sequence[FlowYear], wording: Wording) -> tuple[str, ...]:
    alone = [year.period for year in years if year.net and year.immigration is None and year.emigration is None]
    message = "Immigration and emigration not found: {years}."
    return (wording.say(message, years=list_years(alone, wording)),) if alone else ()


def name_drawn_parts(years: Sequence[FlowYear], wording: Wording) -> str:
    parts = (
        (wording.say("immigration as bars above the axis"), [year.immigration for year in years]),
        (wording.say("emigration as bars below the axis"), [year.emigration for year in years]),
        (wording.say("net migration as a line"), [year.net for year in years]),
    )
    drawn = [part for part, values in parts if any(value is not None for value in values)]
    return wording.join_with_commas(drawn)


def list_flow_statuses(period: str, assessment: Assessment) -> list[str]:
    return list_statuses([find_series(assessment, role) for role in DRAWN_SERIES], period)


def describe_flows(years: Sequence[FlowYear], wording: Wording) -> str:
    drawn = wording.pair(list_years([year.period for year in years], wording), name_drawn_parts(years, wording))
    return wording.say("{sentence}.", sentence=drawn)


def caption_flows(assessment: Assessment, wording: Wording) -> str:
    what = wording.say("Immigration, emigration and net migration")
    return wording.qualified((what, lower_first_letter(name_flow_unit(assessment, wording))))


def collect_flows_data(
    years: Sequence[FlowYear], words_by_year: Mapping[str, str], assessment: Assessment, wording: Wording
) -> ReportTable:
    heads = ("Immigration", "Emigration", "Net migration")
    drawn = [find_series(assessment, role) for role in DRAWN_SERIES]
    years_by_remark: dict[str, list[str]] = {}
    for series, head in zip(drawn, heads, strict=True):
        for period, point in index_by_period(series).items():
            if comment := wording.of(point.comment).rstrip("."):
                remark = wording.pair(wording.say(head), lower_first_letter(comment))
                years_by_remark.setdefault(remark, []).append(period)
    return build_table(
        "data-flows",
        wording.say("Data for this figure: {what}", what=lower_first_letter(caption_flows(assessment, wording))),
        ("Year", *heads),
        (
            (
                write_year(year.period, words_by_year[year.period], drawn, wording),
                *(_build_number(find_known(series, year.period), wording) for series in drawn[:2]),
                _build_number(year.net or find_known(drawn[-1], year.period), wording, signed=True),
            )
            for year in years
            if has_values(year, assessment)
        ),
        wording,
        numbers=range(1, 1 + len(heads)),
        notes=(
            wording.say(
                "{sentence}.",
                sentence=wording.say("{first} ({second})", first=remark, second=list_years(of_remark, wording)),
            )
            for remark, of_remark in years_by_remark.items()
        ),
    )


def write_year(year: str, word: str, several: Iterable[Series | None], wording: Wording) -> ReportCell:
    """Write a year with its breaks and a word such as “estimate”."""
    breaks = (name_break(index_by_period(series), year, wording) for series in several)
    return ReportCell(year, note=wording.qualified(dict.fromkeys((*breaks, word))))


def draw_population(
    series: Series,
    assessment: Assessment,
    wording: Wording,
    *,
    group: str = TOTAL_TITLE,
    name: str = "figure-population",
) -> ReportFigure:
    """Draw a population as a line, from its last break on, with censuses; `name` is the figure's id."""
    whole, series = series, keep_since_break(series)
    points = index_by_period(series)
    words_by_year = {
        period: state_not_final(list_statuses((series,), period), wording) for period in list_periods((series,))
    }
    censuses = find_series(assessment, "census") if group == TOTAL_TITLE else None
    unit = choose_axis_unit([series, censuses])
    years = [
        PopulationYear(
            period,
            divide(find_value(series, period), unit),
            census=divide(find_value(censuses, period), unit),
            census_at=compute_years_to_census(index_by_period(censuses).get(period), series),
            census_label=wording.say("census of {year}", year=period),
            label=mark_years(words_by_year)[period],
        )
        for period in words_by_year
    ]
    known = [(year.period, value) for year in years if (value := find_value(series, year.period)) is not None]
    label_by_year = {period: build_label([point], wording) for period, point in points.items()}
    compared = [points[year] for year, _ in (*known[:1], *known[-1:])]
    is_led_by_census = group == TOTAL_TITLE and find_population(assessment) is find_series(assessment, "census")
    is_compared = is_one_publication(compared) and not is_led_by_census
    title, description = _write_population_words(series, known, label_by_year, wording, is_compared=is_compared)
    if is_led_by_census and known and (census := find_newest(censuses)):
        after = round(compute_years_to_census(census, series))
        now = points.get(str(int(census.period) + after), points[known[-1][0]])
        title = wording.say(
            "The yearly population figure was {now} ({date}); the census of {year} gives {counted}",
            now=describe_quantity(now.known, wording),
            date=format_population_date(series, now.period, label_by_year, wording),
            year=census.period,
            counted=describe_quantity(census.known, wording),
        )
    if group != TOTAL_TITLE and known:
        year, value = known[-1]
        number, year = wording.number(value), wording.year(year, label_by_year[year])
        title = capitalise(wording.say(MIGRANTS_IN_WORDS[group], number=number, year=year))
    counted = wording.say("Thousand persons" if unit == THOUSAND else "Persons")
    words = {"axis": counted, "missing": wording.say("no figure")}
    drawn = [value for year in years for value in (year.value, year.census) if value is not None]
    marks = build_axis(drawn, wording, from_zero=False)
    begins_above_zero = [wording.say("The axis does not begin at zero.")] if marks[0][0] > 0 else []
    labels = build_labels(name, title, description=description, words=words, wording=wording)
    counted_in = [point.period for point in censuses.points] if censuses and group == TOTAL_TITLE else []
    source, cited = build_source_line([series, censuses], assessment, wording, years=[*words_by_year, *counted_in])
    figure_data = build_table(
        "data-population" if group == TOTAL_TITLE else "data-migrants",
        wording.say("Data for this figure: {series}, persons", series=lower_first_letter(wording.say(group))),
        ("Year", group),
        (
            (
                write_year(year.period, words_by_year[year.period], (series,), wording),
                _build_number(find_known(series, year.period), wording),
            )
            for year in years
            if find_known(series, year.period) is not None
        ),
        wording,
        numbers=(1,),
    )
    notes = (
        *begins_above_zero,
        *explain_mark(words_by_year, wording),
        *describe_omitted_years(whole, series, wording),
        *(list_population_notes(assessment, wording) if group == TOTAL_TITLE else ()),
    )
    return build_figure(
        labels, draw_population_years(years, marks, labels), data=figure_data, source=source, cited=cited, notes=notes
    )


def compute_years_to_census(census: Point | None, series: Series) -> float:
    """Return the time from annual figures to a census in years: as stated in a remark, or half a year."""
    day = text.find_day_in_year(str(series.note), census.period) if census else None
    if census is None or day is None:
        return 0
    remarked = re.search(r"\d+ [A-Z][a-z]+", str(census.comment))
    counted_on = text.find_day_in_year(remarked[0] if remarked else "1 July", census.period) or day
    return (counted_on - day).days / 365


def choose_axis_unit(several: Iterable[Series | None]) -> int:
    """Return the unit of an axis: 1 for populations below ten thousand, else 1,000."""
    values = (value for series in several if series for point in series.points if (value := point.value) is not None)
    return THOUSAND if max(values, default=0) >= 10 * THOUSAND else 1


def divide(value: Decimal | None, unit: int) -> Decimal | None:
    return None if value is None else value / unit


def list_population_notes(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    return (*describe_census_counts(assessment, wording), *describe_residence(("DF_POP",), assessment, wording))


def describe_census_counts(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """State census counts, which are separate from annual figures; empty without a census."""
    series = find_series(assessment, "census")
    phrases = [
        f"{wording.number(point.value)} ({describe_year(point.period, [point.status], wording)})"
        for point in (series.points if series else ())
        if point.value is not None
    ]
    if not phrases:
        return ()
    counts = wording.join_with_semicolons(phrases)
    return (wording.count("Census: {counts}.", "Censuses: {counts}.", len(phrases), counts=counts),)


def keep_since_break(series: Series) -> Series:
    start = max((point.period for point in series.points if is_break(point)), default="")
    return replace(series, points=tuple(point for point in series.points if point.period >= start))


def describe_omitted_years(whole: Series, series: Series, wording: Wording) -> tuple[str, ...]:
    if len(series.points) == len(whole.points):
        return ()
    first = min(series.points, key=lambda point: point.period)
    reason = name_break(index_by_period(whole), first.period, wording)
    note = wording.say("The line begins in {year}: {reason}.", year=first.period, reason=reason)
    return tuple(filter(None, (note, wording.of(first.comment))))


def format_population_date(series: Series, year: str, label_by_year: Mapping[str, str], wording: Wording) -> str:
    day = wording.day(series.note, year) or year
    return wording.qualified((day, label_by_year[year]))


def _write_population_words(
    series: Series,
    points: Sequence[tuple[str, Decimal]],
    label_by_year: Mapping[str, str],
    wording: Wording,
    *,
    is_compared: bool,
) -> tuple[str, str]:
    """Write title and description, without comparing figures of different publications."""
    if not points:
        return wording.say("No exact population figure"), wording.say("No line: no exact figure.")
    first, last = points[0], points[-1]
    change = last[1] - first[1]
    date, now = format_population_date(series, last[0], label_by_year, wording), wording.number(last[1])
    title = wording.say(
        "The population was {now} ({date}), {change} more than in {first}"
        if change >= 0
        else "The population was {now} ({date}), {change} fewer than in {first}",
        now=now,
        date=date,
        change=wording.number(abs(change)),
        first=wording.year(first[0], label_by_year[first[0]]),
    )
    if first == last or not is_compared:
        title = wording.say("The population was {now} ({date})", now=now, date=date)
    return title, wording.count(
        "Line chart for {n} year, from {a} in {first} to {b} in {last}.",
        "Line chart for {n} years, from {a} in {first} to {b} in {last}.",
        len(points),
        a=wording.number(first[1]),
        first=first[0],
        b=wording.number(last[1]),
        last=last[0],
    )


def tabulate_parts(assessment: Assessment, wording: Wording) -> ReportTable | None:
    series = [(code, one) for one in assessment.series for name, code in one.codes if name == "SEX"]
    if not series:
        return None
    parts = [part for _, part in series]
    years = [period for period in list_periods(parts) if any(find_known(part, period) is not None for part in parts)]
    return build_table(
        "table-sex",
        wording.say("Women and men, persons"),
        (
            "Year",
            *(
                ReportColumn(wording.of(part.name), is_number=True, unit=wording.reference(assessment, "CL_SEX", code))
                for code, part in series
            ),
        ),
        (
            (
                write_year(period, state_not_final(list_statuses(parts, period), wording), parts, wording),
                *(_build_number(find_known(part, period), wording) for _, part in series),
            )
            for period in years
        ),
        wording,
        notes=describe_missing_years(years, wording),
    )


def tabulate_rates(
    series: Sequence[Series], net: Series | None, assessment: Assessment, wording: Wording
) -> ReportTable | None:
    if not series:
        return None
    known = [period for period in list_periods(series) if any(find_value(rate, period) is not None for rate in series)]
    return build_table(
        "table-rates",
        wording.say("Crude rates per 1,000 of the average total population"),
        ("Year", *(ReportColumn(wording.of(rate.name), is_number=True) for rate in series)),
        (
            (
                write_year(period, state_not_final(list_statuses(series, period), wording), series, wording),
                *(_build_rate(find_value(rate, period), wording, signed=rate is net) for rate in series),
            )
            for period in known
        ),
        wording,
        notes=(
            wording.say("Average population = (population at the start + population at the end of the year) ÷ 2."),
            *warn_about_rates(assessment, wording),
            *list_different_rules(("DF_POP", "DF_IMM", "DF_EMI"), assessment, wording),
        ),
    )


def _build_rate(value: Decimal | None, wording: Wording, *, signed: bool) -> ReportCell:
    if value is None:
        return wording.absent()
    return ReportCell(wording.write_signed(value, 1) if signed else wording.number(value, 1))


def _build_number(known: Decimal | Bounds | None, wording: Wording, *, signed: bool = False) -> ReportCell:
    return ReportCell(describe_quantity(known, wording, signed=signed)) if known is not None else wording.absent()
