"""Key figures of countries by definition, and migrants by country."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.composition import GROUPS, MIGRANTS, newest_migrants, source_of
from sdmxmig.reporting.sections.net_migration import latest_flow
from sdmxmig.reporting.sections.quantities import label_of, quantity
from sdmxmig.reporting.sections.region.comparability import coverage, flows_apart, has_flows, limits, practised
from sdmxmig.reporting.sections.region.courses import chart
from sdmxmig.reporting.sections.region.matrix import WIDE
from sdmxmig.reporting.sections.region.naming import (
    FEW,
    cited,
    comments,
    country_link,
    country_name,
    definition_name,
    figure_value,
    plain_name,
    quoted,
    rule_in_words,
)
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.series import labelled, not_final, year_in_words
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.region import (
    Comparable,
    Comparison,
    Country,
    CountryFigure,
    OneSourceComparison,
    RegionalStudy,
)

ORDINARY = ("", "A")


@REGION_VIEWS.add("figures")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Key figures"),
        "heading": heading(study, wording),
        "one_source": one_source(study, wording),
        "comparable": comparable(study, wording),
        "drawn": drawn.data if study.courses and (drawn := chart(study, wording)) else None,
        "apart": apart(study, wording),
        "limits": list(limits(study, wording)),
    }


def one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    if not study.one_source:
        return None
    is_wide = len(study.countries) <= WIDE
    return ReportTable(
        "table-one-source",
        wording.say("Figures from one source for several countries"),
        columns=wide_columns(study, wording) if is_wide else columns(("Country",), wording),
        rows=wide_rows(study, wording) if is_wide else long_rows(study, wording),
        notes=tuple(one_source_notes(study, wording)),
        stacked=is_wide,
    )


def wide_columns(study: RegionalStudy, wording: Wording) -> tuple[ReportColumn, ...]:
    names = (country_name(study, area, wording) for area in study.areas)
    return (ReportColumn(wording.say("Figure")), *(ReportColumn(name, is_number=True) for name in names))


def wide_rows(study: RegionalStudy, wording: Wording) -> tuple[ReportRow, ...]:
    return tuple(
        row(
            (
                ReportCell(wording.of(comparison.name), note=day_and_year(comparison, wording)),
                *(one_source_cell(comparison, area, wording) for area in study.areas),
            )
        )
        for comparison in study.one_source
    )


def long_rows(study: RegionalStudy, wording: Wording) -> tuple[ReportRow, ...]:
    rows: list[ReportRow] = []
    for comparison in study.one_source:
        rows.append(row((wording.pair(wording.of(comparison.name), day_and_year(comparison, wording)),), "group"))
        areas = (*(value.area for value in comparison.values), *comparison.missing)
        rows += [
            row((country_name(study, area, wording), one_source_cell(comparison, area, wording))) for area in areas
        ]
    return tuple(rows)


def year_of(comparison: OneSourceComparison, wording: Wording) -> str:
    return year_in_words(comparison.period, [value.status for value in comparison.values], wording)


def day_and_year(comparison: OneSourceComparison, wording: Wording) -> str:
    day = wording.day(comparison.day, comparison.period)
    remark = not_final([value.status for value in comparison.values], wording)
    if day and remark:
        return wording.say("{first} ({second})", first=day, second=remark)
    return day or wording.year(comparison.period, remark)


def one_source_cell(comparison: OneSourceComparison, area: str, wording: Wording) -> ReportCell:
    value = next((value for value in comparison.values if value.area == area), None)
    if value is None:
        return wording.absent("not in these data")
    is_mixed = len({value.status for value in comparison.values}) > 1
    return ReportCell(wording.number(value.value, 0), note=not_final([value.status], wording) if is_mixed else "")


def one_source_notes(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Yield the sources of the figures, their limits, and comments on single values."""
    yield from sources(study, wording)
    names_by_remarks: dict[tuple[str, ...], list[str]] = {}
    for comparison in study.one_source:
        name = wording.of(comparison.name)
        if comparison.note:
            yield wording.pair(name, wording.of(comparison.note))
        if remarks := tuple(comments(comparison, study, wording)):
            names_by_remarks.setdefault(remarks, []).append(name)
    if later := [*newer(study.one_source, study, wording), *several_editions(study.one_source, wording)]:
        yield " ".join(later)
    stock = stock_of(study)
    names_by_remarks.pop(tuple(comments(stock, study, wording)) if stock else (), None)  # page one has them
    for remarks, names in names_by_remarks.items():
        yield f"{wording.semicolons(names)} – {' '.join(remarks)}"


def sources(study: RegionalStudy, wording: Wording) -> list[str]:
    """Name the producer of each figure from one source."""
    names_by_source: dict[str, list[str]] = {}
    for comparison in study.one_source:
        source = cited(comparison.source, study, wording).rstrip(".")
        names_by_source.setdefault(source, []).append(wording.of(comparison.name))
    return [
        wording.say("Source for {figures}: {source}.", figures=wording.semicolons(names), source=source)
        for source, names in names_by_source.items()
    ]


def newer(comparisons: Sequence[OneSourceComparison], study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Describe values of later years that not all countries have, then their sources once."""
    for comparison in filter(lambda one: one.newer, comparisons):
        values = (
            wording.pair(
                country_name(study, value.area, wording),
                wording.qualified((wording.number(value.value), year_in_words(value.period, [value.status], wording))),
            )
            for value in comparison.newer
        )
        yield wording.say(
            "{figure}, newer figures of some countries: {values}.",
            figure=wording.of(comparison.name),
            values=wording.semicolons(values),
        )
    cited_sources = dict.fromkeys(cited(value.source, study, wording) for one in comparisons for value in one.newer)
    if cited_sources:
        sources = wording.semicolons(source.rstrip(".") for source in cited_sources)
        yield wording.say("Source: {sources}.", sources=sources)


def several_editions(comparisons: Iterable[OneSourceComparison], wording: Wording) -> list[str]:
    """Warn if figures of another publication are shown with those that are compared."""
    if all(value.source == comparison.source for comparison in comparisons for value in comparison.newer):
        return []
    return [wording.say("An edition may revise earlier years: do not compare editions.")]


def heading(study: RegionalStudy, wording: Wording) -> str:
    if not any(comparison.groups for comparison in study.comparisons) and not study.one_source:
        return wording.say("No data in any country of the study")
    if not comparable_figures(study):
        return wording.say("No figure is compared between countries: rules or years differ or are not stated")
    years = sorted({figure.period for figure in study.one_source} | years_compared(study))
    return wording.say("Key figures, {years}", years=years[0] if len(years) == 1 else f"{years[0]}–{years[-1]}")


def years_compared(study: RegionalStudy) -> set[str]:
    return {
        figure.period
        for comparison in study.comparisons
        for group in comparison.groups
        for figure in group.figures
        if group.is_comparable
    }


def comparable_figures(study: RegionalStudy) -> int:
    of_one_source = sum(figure.is_comparable for figure in study.one_source)
    return of_one_source + sum(comparison.is_comparable for comparison in study.comparisons)


def comparable(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    rows: list[ReportRow] = []
    for comparison in study.comparisons:
        for group in (group for group in comparison.groups if group.is_comparable):
            definition = definition_name(group.definition, wording)
            rows.append(row((f"{plain_name(comparison, study, wording)} · {definition}",), "group"))
            rows += [
                figure_row(figure, comparison, country_name(study, figure.area, wording), study=study, wording=wording)
                for figure in group.figures
            ]
    if not rows:
        return None
    caption = wording.say("Figures comparable between countries")
    return ReportTable("table-compared", caption, columns=columns(("Country", "Year"), wording), rows=tuple(rows))


def apart(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate figures that are not compared, by country; their rules are in the comparability section."""
    rows: list[ReportRow] = []
    for country in study.countries:
        of_country = [national_count(country, codes, study, wording) for codes in MIGRANTS if not are_alike(study)]
        of_country += [
            figure_row(figure, comparison, plain_name(comparison, study, wording), study=study, wording=wording)
            for comparison, group in groups_apart(study)
            for figure in group.figures
            if figure.area == country.area
        ]
        if of_country := list(filter(None, of_country)):
            rows += [row((country_name(study, country.area, wording),), "group"), *of_country]
    if not rows:
        return None
    warning = wording.say(
        "Warning: these figures follow different or unstated rules, or refer to different years. Do not "
        "compare the countries with each other."
    )
    caption = wording.say("National figures that are not comparable, by country")
    return ReportTable(
        "table-apart",
        caption,
        columns=columns(("Figure", "Year"), wording),
        rows=tuple(rows),
        notes=(warning, wording.say("sdmxmig computed the shares and rates.")),
    )


def groups_apart(study: RegionalStudy) -> Iterator[tuple[Comparison, Comparable]]:
    for comparison in study.comparisons:
        for group in comparison.groups:
            if not group.is_comparable:
                yield comparison, group


def columns(heads: tuple[str, ...], wording: Wording) -> tuple[ReportColumn, ...]:
    return (
        *(ReportColumn(wording.say(head)) for head in heads),
        ReportColumn(wording.say("Value"), is_number=True),
    )


def figure_row(
    figure: CountryFigure, comparison: Comparison, name: str, *, study: RegionalStudy, wording: Wording
) -> ReportRow:
    status = "" if figure.status in ORDINARY else lowered(wording.reference(study, "CL_OBS_STATUS", figure.status))
    assessment = study.country(figure.area).assessment
    caveats = (wording.statement(caveat, assessment) for caveat in figure.caveats)
    remarks = (
        day_of(figure, comparison, study, wording),
        wording.of(figure.basis),
        status,
        *caveats,
    )
    year = ReportCell(figure.period, note=wording.semicolons(filter(None, remarks)))
    return row((name, year, figure_value(figure, comparison, wording)))


def day_of(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    days = (
        column.note for column in study.country(figure.area).assessment.series if column.id == comparison.figure.series
    )
    return wording.of(next(days, Text()))


STOCK = "MIGRANT_STOCK"
"""The common migrant stock figure."""
SHARE, FOREIGN_BORN = "MIG_SHARE", ("FB", "_T")
"""The indicator whose rule national counts follow, and the codes of whom they count."""


def migrants_heading(study: RegionalStudy, wording: Wording) -> str:
    """State the migrants of each country, or how many countries count them and when."""
    stock = stock_of(study)
    if stock is not None and (shares := range_of_shares(stock, study, wording)):
        return shares
    if stock is not None:
        values = {value.area: value.value for value in stock.values}
        year = wording.year(stock.period, wording.say("estimated by the United Nations"))
        return by_country(values, year, study, wording)
    counts = [newest_migrants(country.assessment) for country in study.countries]
    if are_alike(study):
        alike = [(count, codes) for count, codes in filter(None, counts)]
        year = year_in_words(alike[0][0].period, [status for count, _ in alike for status in count.statuses], wording)
        numbers = (count.value(*codes) or Decimal(0) for count, codes in alike)
        return by_country(dict(zip(study.areas, numbers, strict=True)), year, study, wording)
    years = sorted(count[0].period[:4] for count in counts if count)
    if not years:
        return wording.say("No figures on migrants in any country of the study")
    return wording.say(
        "Migrants are counted by national definitions in {n} of {total} countries ({years})",
        n=wording.number(len(years)),
        total=wording.number(len(study.countries)),
        years=years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}",
    )


def range_of_shares(stock: OneSourceComparison, study: RegionalStudy, wording: Wording) -> str:
    """State the lowest and the highest share of migrants in the population; empty without two shares."""
    shares = sorted((value.share, value.area) for value in stock.values if value.share is not None)
    if not stock.is_comparable or len(shares) < 2:
        return ""
    (least, one), (most, other) = shares[0], shares[-1]
    return wording.say(
        "Share of international migrants in the population, {year}: {least} ({one}) to {most} ({other})",
        year=year_of(stock, wording),
        least=wording.percent(least),
        one=country_name(study, one, wording),
        most=wording.percent(most),
        other=country_name(study, other, wording),
    )


def by_country(values: Mapping[str, Decimal], year: str, study: RegionalStudy, wording: Wording) -> str:
    """List migrants by country; of many countries, those with most and fewest. A sum says little."""
    ordered = sorted(values.items(), key=lambda value: (-value[1], value[0]))
    few = [(area, values[area]) for area in study.areas if area in values]
    shown = few if len(ordered) <= FEW else [ordered[0], ordered[-1]]
    numbers = wording.semicolons(
        f"{country_name(study, area, wording)}\u00a0{wording.number(number)}" for area, number in shown
    )
    if len(shown) == len(ordered):
        return wording.say("International migrants in {year}: {numbers}", year=year, numbers=numbers)
    return wording.say(
        "International migrants in {year}, most and fewest of {n} countries: {numbers}",
        year=year,
        n=wording.number(len(ordered)),
        numbers=numbers,
    )


def are_alike(study: RegionalStudy) -> bool:
    counts = [newest_migrants(country.assessment) for country in study.countries]
    exact = [(count[0].period, count[1]) for count in counts if count and count[0].value(*count[1]) is not None]
    are_foreign_born = len(exact) == len(counts) and len(set(exact)) == 1 and exact[0][1] == FOREIGN_BORN
    return are_foreign_born and any(
        (comparison.figure.indicator, comparison.figure.population) == (SHARE, FOREIGN_BORN[0])
        and comparison.is_comparable_everywhere
        for comparison in study.comparisons
    )


def stock_of(study: RegionalStudy) -> OneSourceComparison | None:
    return next((figure for figure in study.one_source if figure.id == STOCK), None)


def table(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    stock = stock_of(study)
    year = [year_of(stock, wording)] if stock else []
    shown: list[tuple[ReportColumn, Callable[[Country], ReportCell]]] = [
        (
            ReportColumn(wording.qualified([wording.say("International migrants"), *year]), is_number=True),
            lambda country: of_one_source(stock, country, wording),
        ),
        (
            ReportColumn(wording.qualified([wording.say("Share of the population"), *year]), is_number=True),
            lambda country: share_of_one_source(stock, country, wording),
        ),
        (
            ReportColumn(wording.say("Immigration"), is_number=True),
            lambda country: flow(country, "immigration", wording),
        ),
        (ReportColumn(wording.say("Emigration"), is_number=True), lambda country: flow(country, "emigration", wording)),
        (ReportColumn(wording.say("Residence rule of flows")), lambda country: rule(country, study, wording)),
    ]
    filled = [(column, [say(country) for country in study.countries]) for column, say in shown]
    columns = [(column, cells) for column, cells in filled if not all(cell.is_absent for cell in cells)]
    if not columns:
        return None
    return ReportTable(
        "table-migrants",
        wording.say("Migrants by country"),
        columns=(ReportColumn(wording.say("Country")), *(column for column, _ in columns)),
        rows=tuple(
            row((country_link(study, country.area, wording), *(cells[place] for _, cells in columns)))
            for place, country in enumerate(study.countries)
        ),
        notes=tuple(notes(stock, study, wording)),
        stacked=True,
    )


def of_one_source(stock: OneSourceComparison | None, country: Country, wording: Wording) -> ReportCell:
    for value in stock.values if stock else ():
        if value.area == country.area:
            return ReportCell(wording.number(value.value))
    return wording.absent()


def share_of_one_source(stock: OneSourceComparison | None, country: Country, wording: Wording) -> ReportCell:
    for value in stock.values if stock else ():
        if value.area == country.area and value.share is not None:
            return ReportCell(wording.percent(value.share))
    return wording.absent()


def national_count(
    country: Country, codes: tuple[str, str], study: RegionalStudy, wording: Wording
) -> ReportRow | None:
    """Give the latest national count of a group of migrants, with what the data say about it."""
    latest = newest_migrants(country.assessment, groups=[codes])
    if latest is None:
        return None
    count, _ = latest
    known = count.known(*codes)
    source = "" if count.kind else lowered(source_of(count, wording))
    said = str(count.comment(*codes))
    comment = lowered(quoted(said, [country.area], study, wording).rstrip(".")) if said else ""
    remark = labelled(count.kind, (known.status,) if isinstance(known, Bounds) else count.statuses, wording)
    note = wording.semicolons(filter(None, (remark, source, comment)))
    return row((wording.say(GROUPS[codes]), ReportCell(count.period, note=note), quantity(known, wording)))


def flow(country: Country, role: str, wording: Wording) -> ReportCell:
    point = latest_flow(country.assessment, role)
    if point is None:
        return wording.absent()
    return ReportCell(quantity(point.known, wording), note=wording.year(point.period, label_of([point], wording)))


def rule(country: Country, study: RegionalStudy, wording: Wording) -> ReportCell:
    definition = dict(study.rules)[country.area]
    if not definition.is_stated:
        return wording.absent("in words only" if practised(study, country) else "not stated")
    return ReportCell(rule_in_words(definition, wording))


def notes(stock: OneSourceComparison | None, study: RegionalStudy, wording: Wording) -> list[str]:
    """Return paragraphs on the common source, its limits, national counts and flows."""
    paragraphs: list[list[str]] = []
    if stock is not None:
        source = cited(stock.source, study, wording).rstrip(".")
        sources = [wording.say("Source of the estimate: {source}.", source=source)]
        if stock.share_source:
            figures, whole = lowered(wording.say("Population")), cited(stock.share_source, study, wording).rstrip(".")
            sources.append(wording.say("Source for {figures}: {source}.", figures=figures, source=whole))
            sources.append(wording.say("sdmxmig computed the shares from these two sources."))
        paragraphs += [sources, comments(stock, study, wording)]
    national = list(coverage(study, wording))
    paragraphs += [national, list(flows_apart(study, wording)) if any(map(has_flows, study.countries)) else []]
    return [" ".join(sentences) for sentences in paragraphs if sentences]
