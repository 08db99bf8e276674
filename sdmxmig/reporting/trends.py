"""Migration and population over time, with gaps and breaks as they are: figures and tables of the series."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sdmxmig.charts import flows as flows_chart
from sdmxmig.charts import population as population_chart
from sdmxmig.charts.flows import FlowYear
from sdmxmig.charts.population import PopulationYear
from sdmxmig.model.assessment import Assessment, Series
from sdmxmig.reporting.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.columns import number_columns
from sdmxmig.reporting.residence import residence
from sdmxmig.reporting.series import by_period, is_break, labels_of, of_part, of_role, periods, sources, value_in
from sdmxmig.reporting.wording import Wording


def span(net: Sequence[FlowYear], wording: Wording) -> str:
    """Between which values net migration lay."""
    if not net:
        return wording.say("Net migration is not known for any year")
    low, high = _extremes(net)
    return wording.say(
        "Net migration lay between {low} in {low_year} and {high} in {high_year}",
        low=wording.signed(low.net or 0),
        low_year=low.period,
        high=wording.signed(high.net or 0),
        high_year=high.period,
    )


def _extremes(net: Sequence[FlowYear]) -> tuple[FlowYear, FlowYear]:
    ordered = sorted(net, key=lambda year: (year.net or Decimal(0), year.period))
    return ordered[0], ordered[-1]


def flow_years(assessment: Assessment) -> list[FlowYear]:
    """Immigration, emigration and net by period; net is taken from its series, else from the two flows."""
    coming, going, net = (of_role(assessment, role) for role in ("immigration", "emigration", "net"))
    points = [by_period(series) for series in (coming, going, net)]
    years = []
    for period in periods((coming, going, net)):
        inflow, outflow, balance = (value_in(series, period) for series in (coming, going, net))
        if balance is None and inflow is not None and outflow is not None:
            balance = inflow - outflow
        broken = any(is_break(series.get(period)) for series in points)
        years.append(FlowYear(period, inflow, emigration=outflow, net=balance, is_break=broken))
    return years


def flows(
    assessment: Assessment, years: Sequence[FlowYear], wording: Wording, *, name: str = "figure-flows"
) -> ReportFigure:
    """Immigration above the axis, emigration below it, net migration as a line; `name` is the id of the figure."""
    complete = [year for year in years if year.immigration is not None and year.emigration is not None]
    title = wording.say("Immigration above the axis, emigration below it, net migration as a line")
    if complete:
        newest = complete[-1]
        title = wording.say(
            "Immigration was {immigration} and emigration {emigration} in {year}",
            immigration=wording.number(newest.immigration or 0),
            emigration=wording.number(newest.emigration or 0),
            year=newest.period,
        )
    words = {
        "axis": wording.say("Persons"),
        "immigration": wording.say("Immigration"),
        "emigration": wording.say("Emigration"),
        "net": wording.say("Net migration"),
        "missing": wording.say("not known"),
        "break": wording.say("break"),
    }
    labels = labels_of(name, title, description=flows_described(years, complete, wording), words=words, wording=wording)
    source, cited = sources([of_role(assessment, role) for role in ("immigration", "emigration")], assessment, wording)
    notes = residence(("DF_IMM", "DF_EMI"), assessment, wording)
    return figure_of(
        labels, flows_chart.draw, years, data=flows_data(years, wording), source=source, cited=cited, notes=notes
    )


def flows_described(years: Sequence[FlowYear], complete: Sequence[FlowYear], wording: Wording) -> str:
    """What the figure of flows shows, in words; `complete` are the years with both flows."""
    sentences = [wording.say("Bars by year: immigration above the axis, emigration below it; net migration is a line.")]
    if complete:
        first, last = complete[0], complete[-1]
        sentences.append(
            wording.say(
                "Immigration went from {a} in {first} to {b} in {last}, emigration from {c} to {d}.",
                a=wording.number(first.immigration or 0),
                b=wording.number(last.immigration or 0),
                c=wording.number(first.emigration or 0),
                d=wording.number(last.emigration or 0),
                first=first.period,
                last=last.period,
            )
        )
    if any(year.net is not None for year in years):
        sentences.append(span([year for year in years if year.net is not None], wording) + ".")
    missing = [year.period for year in years if year.immigration is None and year.emigration is None]
    if missing:
        sentences.append(wording.say("Flows are not known for {years}.", years=wording.series(missing)))
    return " ".join(sentences)


def flows_data(years: Sequence[FlowYear], wording: Wording) -> ReportTable:
    """The numbers that the figure of flows shows."""
    heads = ("Immigration", "Emigration", "Net migration")
    return ReportTable(
        "data-flows",
        wording.say("Data of this figure: immigration, emigration and net migration, persons"),
        columns=(
            ReportColumn(wording.say("Year")),
            *number_columns(heads, wording),
        ),
        rows=tuple(
            row(
                (
                    ReportCell(year.period, note=wording.say("break") if year.is_break else ""),
                    _number(year.immigration, wording),
                    _number(year.emigration, wording),
                    _number(year.net, wording, signed=True),
                )
            )
            for year in years
        ),
    )


def population_figure(
    series: Series, assessment: Assessment, wording: Wording, *, name: str = "figure-population"
) -> ReportFigure:
    """The population as bars from zero, a mark where the series breaks; `name` is the id of the figure."""
    points = by_period(series)
    years = []
    for period in periods((series,)):
        value = value_in(series, period)
        short = wording.number(value / 1000, 1) if value is not None else ""
        years.append(
            PopulationYear(
                period, None if value is None else value / 1000, written=short, is_break=is_break(points.get(period))
            )
        )
    known = [(year.period, value) for year in years if (value := value_in(series, year.period)) is not None]
    broken = [year.period for year in years if year.is_break]
    title, sentences = _population_words(known, broken, wording)
    words = {
        "axis": wording.say("Thousand persons"),
        "missing": wording.say("not known"),
        "break": wording.say("break"),
    }
    labels = labels_of(name, title, description=" ".join(sentences), words=words, wording=wording)
    source, cited = sources([series], assessment, wording)
    figure_data = ReportTable(
        "data-population",
        wording.say("Data of this figure: population, persons"),
        columns=(ReportColumn(wording.say("Year")), ReportColumn(wording.say("Population"), is_number=True)),
        rows=tuple(
            row(
                (
                    ReportCell(year.period, note=wording.say("break") if year.is_break else ""),
                    _number(value_in(series, year.period), wording),
                )
            )
            for year in years
        ),
    )
    notes = residence(("DF_POP",), assessment, wording)
    return figure_of(labels, population_chart.draw, years, data=figure_data, source=source, cited=cited, notes=notes)


def _population_words(
    points: Sequence[tuple[str, Decimal]], broken: Sequence[str], wording: Wording
) -> tuple[str, list[str]]:
    """Title and description; numbers on both sides of a break are not compared."""
    if not points:
        return wording.say("The population is not known for any year"), [wording.say("No bar: no value is known.")]
    comparable = [entry for entry in points if not broken or entry[0] >= broken[-1]] or list(points)
    first, last = comparable[0], comparable[-1]
    change = last[1] - first[1]
    title = wording.say(
        "The population was {now} in {year}, {change} more than in {first}"
        if change >= 0
        else "The population was {now} in {year}, {change} fewer than in {first}",
        now=wording.number(last[1]),
        year=last[0],
        change=wording.number(abs(change)),
        first=first[0],
    )
    if first == last:
        title = wording.say("The population was {now} in {year}", now=wording.number(last[1]), year=last[0])
    sentences = [
        wording.say(
            "Bars from zero for {n} years; from {a} in {first} to {b} in {last}.",
            n=wording.number(len(points)),
            a=wording.number(points[0][1]),
            first=points[0][0],
            b=wording.number(last[1]),
            last=last[0],
        )
    ]
    if broken:
        sentences.append(
            wording.say(
                "The series breaks in {years}: values before and after are not comparable.",
                years=wording.series([*broken]),
            )
        )
    return title, sentences


def parts_table(assessment: Assessment, wording: Wording) -> ReportTable | None:
    """Population and flows by sex as far as they are published; None if they are not."""
    series = of_part(assessment, "SEX")
    if not series:
        return None
    return ReportTable(
        "table-sex",
        wording.say("Women and men, persons"),
        columns=(
            ReportColumn(wording.say("Year")),
            *(
                ReportColumn(wording.of(part.name), is_number=True, unit=wording.reference(assessment, "CL_SEX", code))
                for code, part in series
            ),
        ),
        rows=tuple(
            row((ReportCell(period), *(_number(value_in(part, period), wording) for _, part in series)))
            for period in periods(part for _, part in series)
        ),
    )


def rates_table(series: Sequence[Series], net: Series | None, wording: Wording) -> ReportTable | None:
    """Crude rates, one column each, that of net migration with its sign; None without rates."""
    if not series:
        return None
    unit = wording.say("per 1,000")
    return ReportTable(
        "table-rates",
        wording.say("Crude rates per 1,000 of the average population"),
        columns=(
            ReportColumn(wording.say("Year")),
            *(ReportColumn(wording.of(rate.name), is_number=True, unit=unit) for rate in series),
        ),
        rows=tuple(
            row((ReportCell(period), *(_rate(value_in(rate, period), wording, signed=rate is net) for rate in series)))
            for period in periods(series)
        ),
        notes=(
            wording.say(
                "Average population = half of the sum of the populations at the start and at the end of the year."
            ),
        ),
    )


def _rate(value: Decimal | None, wording: Wording, *, signed: bool) -> ReportCell:
    if value is None:
        return wording.absent()
    return ReportCell(wording.signed(value, 1) if signed else wording.number(value, 1))


def _number(value: Decimal | None, wording: Wording, *, signed: bool = False) -> ReportCell:
    if value is None:
        return wording.absent()
    return ReportCell(wording.signed(value) if signed else wording.number(value))
