"""Key figures of countries by definition, and migrants by country."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    few,
    figure_value,
    plain_name,
    quoted,
    rule_in_words,
)
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.series import PERSONS, labelled, not_final, year_in_words
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds, Breakdown
from sdmxmig.statistics.model.region import (
    Comparable,
    Comparison,
    Country,
    CountryFigure,
    OneSourceComparison,
    OneSourceValue,
    RegionalStudy,
)

ORDINARY = ("", "A")
WARNING = (
    "Warning: these figures follow different or unstated rules, or refer to different years. Do not "
    "compare the countries with each other."
)


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
    if not beyond_page_one(study):
        return None
    is_wide = len(study.countries) <= WIDE
    return ReportTable(
        "table-one-source",
        wording.say("Figures from one source for several countries"),
        columns=wide_columns(study, wording) if is_wide else columns("Country", wording),
        rows=wide_rows(study, wording) if is_wide else long_rows(study, wording),
        notes=tuple(one_source_notes(study, wording)),
        stacked=is_wide,
    )


def beyond_page_one(study: RegionalStudy) -> list[OneSourceComparison]:
    """Return the figures of one source that are compared and that page one does not have."""
    stock = one_source_figure(STOCK, study)
    of_page_one = (STOCK, WOMEN, EMIGRANTS, *([POPULATION] if stock and stock.share_source else []))
    return [figure for figure in study.one_source if figure.is_comparable and figure.id not in of_page_one]


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
        for comparison in beyond_page_one(study)
    )


def long_rows(study: RegionalStudy, wording: Wording) -> tuple[ReportRow, ...]:
    rows: list[ReportRow] = []
    for comparison in beyond_page_one(study):
        rows.append(row((wording.pair(wording.of(comparison.name), day_and_year(comparison, wording)),), "group"))
        areas = (*(value.area for value in comparison.values), *comparison.missing)
        rows += [
            row((country_name(study, area, wording), one_source_cell(comparison, area, wording))) for area in areas
        ]
    return tuple(rows)


def year_of(comparison: OneSourceComparison | None, wording: Wording) -> str:
    if comparison is None:
        return ""
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
    """Yield the sources of the figures, and comments on single values."""
    shown = beyond_page_one(study)
    yield from sources(shown, study, wording)
    names_by_remarks: dict[tuple[str, ...], list[str]] = {}
    for comparison in shown:
        if remarks := tuple(comments(comparison, study, wording)):
            names_by_remarks.setdefault(remarks, []).append(wording.of(comparison.name))
    stock = one_source_figure(STOCK, study)
    names_by_remarks.pop(tuple(comments(stock, study, wording)) if stock else (), None)  # page one has them
    for remarks, names in names_by_remarks.items():
        yield f"{wording.semicolons(names)} – {' '.join(remarks)}"
    if noted := [wording.of(figure.name) for figure in study.one_source if not figure.is_comparable]:
        yield wording.say("Not compared, see the figures by country: {figures}.", figures=wording.semicolons(noted))


def sources(comparisons: Iterable[OneSourceComparison], study: RegionalStudy, wording: Wording) -> list[str]:
    """Name the producer of each figure from one source."""
    names_by_source: dict[str, list[str]] = {}
    for comparison in comparisons:
        source = cited(comparison.source, study, wording).rstrip(".")
        names_by_source.setdefault(source, []).append(wording.of(comparison.name))
    return [
        wording.say("Source for {figures}: {source}.", figures=wording.semicolons(names), source=source)
        for source, names in names_by_source.items()
    ]


def heading(study: RegionalStudy, wording: Wording) -> str:
    if not any(comparison.groups for comparison in study.comparisons) and not study.one_source:
        return wording.say("No data in any country of the study")
    if not comparable_figures(study):
        return wording.say("No figure is compared between countries: rules or years differ or are not stated")
    years = sorted({figure.period for figure in beyond_page_one(study)} | years_compared(study))
    if not years:
        return wording.say("National figures are not compared: rules or years differ or are not stated")
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
    return ReportTable("table-compared", caption, columns=columns("Country", wording, "Year"), rows=tuple(rows))


def apart(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate figures that are not compared, by country; their rules are in the comparability section."""
    rows: list[ReportRow] = []
    for country in study.countries:
        if of_country := list(rows_apart(study, country, wording)):
            rows += [row((country_name(study, country.area, wording),), "group"), *of_country]
    if not rows:
        return None
    noted = [comparison for comparison in study.one_source if not comparison.is_comparable]
    caption = wording.say("Figures that are not comparable, by country")
    return ReportTable(
        "table-apart",
        caption,
        columns=columns("Figure", wording, "Year"),
        rows=tuple(rows),
        notes=(
            " ".join((wording.say(WARNING), *computed(study, wording))),
            *(wording.pair(wording.of(comparison.name), wording.of(comparison.note)) for comparison in noted),
            *sources(noted, study, wording),
            *uncounted(study, wording),
        ),
    )


def rows_apart(study: RegionalStudy, country: Country, wording: Wording) -> Iterator[ReportRow]:
    """Yield national counts of migrants with their share beside them, then other figures."""
    own = [
        (comparison, figure)
        for comparison, group in groups_apart(study)
        for figure in group.figures
        if figure.area == country.area
    ]
    beside: list[CountryFigure] = []
    for codes in MIGRANTS if not are_alike(study) else ():
        if latest := newest_migrants(country.assessment, groups=[codes]):
            share = next(
                (
                    figure
                    for comparison, figure in own
                    if comparison.figure.indicator == SHARE
                    and comparison.figure.population in codes
                    and figure.period == latest[0].period
                ),
                None,
            )
            beside += [share] if share else []
            yield national_count(latest[0], codes, share, country=country, study=study, wording=wording)
    for comparison, figure in own:
        if figure not in beside:
            yield figure_row(figure, comparison, plain_name(comparison, study, wording), study=study, wording=wording)
    for of_one_source in study.one_source:
        for value in of_one_source.values:
            if value.area == country.area and not of_one_source.is_comparable:
                said = " ".join(quoted(comment, [value.area], study, wording) for comment in value.comments)
                year = ReportCell(day_and_year(of_one_source, wording), note=said)
                yield row((wording.of(of_one_source.name), wording.number(value.value, 0), year))


def computed(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    units = {comparison.unit for comparison, _ in groups_apart(study)}
    if "PT" in units:
        yield wording.say("The shares are computed for this study.")
    if units - {"PT", PERSONS}:
        yield wording.say("The rates are computed for this study.")


def uncounted(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    areas = [country.area for country in study.countries if newest_migrants(country.assessment) is None]
    if areas:
        yield wording.say(
            "No national count of migrants found for this study: {countries}.", countries=few(study, areas, wording)
        )


def groups_apart(study: RegionalStudy) -> Iterator[tuple[Comparison, Comparable]]:
    for comparison in study.comparisons:
        for group in comparison.groups:
            if not group.is_comparable:
                yield comparison, group


def columns(head: str, wording: Wording, *others: str) -> tuple[ReportColumn, ...]:
    return (
        ReportColumn(wording.say(head)),
        ReportColumn(wording.say("Value"), is_number=True),
        *(ReportColumn(wording.say(other)) for other in others),
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
    return row((name, figure_value(figure, comparison, wording), year))


def day_of(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    days = (
        column.note for column in study.country(figure.area).assessment.series if column.id == comparison.figure.series
    )
    return wording.of(next(days, Text()))


POPULATION, STOCK, WOMEN, EMIGRANTS = "POPULATION", "MIGRANT_STOCK", "MIGRANT_WOMEN", "EMIGRANTS"
"""Common figures of page one: residents, migrants, women among them, persons born in the country who live abroad."""
SHARE, FOREIGN_BORN = "MIG_SHARE", ("FB", "_T")
"""The indicator whose rule national counts follow, and the codes of whom they count."""


def migrants_heading(study: RegionalStudy, wording: Wording) -> str:
    """State the migrants of each country, or how many countries count them and when."""
    stock = one_source_figure(STOCK, study)
    if stock is not None and (shares := range_of_shares(stock, study, wording)):
        return shares
    if stock is not None:
        values = {value.area: value.value for value in stock.values}
        year = wording.year(stock.period, wording.say("estimated by the United Nations"))
        if len(stock.ways) > 1 and len(values) <= FEW:
            return by_way(stock, year, study, wording)
        return by_country(values, year, study, wording, is_ranked=stock.is_alike)
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


def by_way(stock: OneSourceComparison, year: str, study: RegionalStudy, wording: Wording) -> str:
    """List migrants by country, apart for each way of counting."""
    groups = (
        wording.series(
            [f"{country_name(study, value.area, wording)}\u00a0{wording.number(value.value)}" for value in way]
        )
        for way in stock.ways
    )
    return wording.say(
        "International migrants in {year}, counted in {n} ways: {numbers}",
        year=year,
        n=wording.number(len(stock.ways)),
        numbers=wording.semicolons(groups),
    )


def range_of_shares(stock: OneSourceComparison, study: RegionalStudy, wording: Wording) -> str:
    """State the lowest and the highest share of migrants in the population; empty without two shares."""
    shares = sorted((value.share, value.area) for value in stock.values if value.share is not None)
    if not stock.is_comparable or not stock.is_alike or len(shares) < 2:
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


def by_country(
    values: Mapping[str, Decimal], year: str, study: RegionalStudy, wording: Wording, *, is_ranked: bool = True
) -> str:
    """List migrants by country; of many countries, those with most and fewest. A sum says little."""
    ordered = sorted(values.items(), key=lambda value: (-value[1], value[0]))
    few = [(area, values[area]) for area in study.areas if area in values]
    shown = few if len(ordered) <= FEW else [ordered[0], ordered[-1]]
    numbers = wording.semicolons(
        f"{country_name(study, area, wording)}\u00a0{wording.number(number)}" for area, number in shown
    )
    if not is_ranked and len(shown) < len(ordered):
        counted = wording.count("{n} country", "{n} countries", len(ordered))
        return wording.say("International migrants in {year}: {numbers}", year=year, numbers=counted)
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


def one_source_figure(name: str, study: RegionalStudy) -> OneSourceComparison | None:
    return next((figure for figure in study.one_source if figure.id == name), None)


def table(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    stock, women, abroad = (one_source_figure(name, study) for name in (STOCK, WOMEN, EMIGRANTS))
    shown: list[tuple[ReportColumn, Callable[[Country], ReportCell]]] = [
        (number_column("Population", wording, stock.period if stock else ""), lambda of: whole(stock, of, wording)),
        (
            number_column("International migrants", wording, year_of(stock, wording)),
            lambda of: part(stock, of, wording, women),
        ),
        (
            number_column("Born in the country, living in other countries", wording, year_of(abroad, wording)),
            lambda of: part(abroad, of, wording, share="equal to {share} of the population"),
        ),
        (number_column("Immigration", wording), lambda country: flow(country, "immigration", wording)),
        (number_column("Emigration", wording), lambda country: flow(country, "emigration", wording)),
        (ReportColumn(wording.say("Residence rule of flows")), lambda country: rule(country, study, wording)),
        (ReportColumn(wording.say("Remarks on migrants")), lambda country: remark(stock, country, study, wording)),
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
        notes=tuple(notes(study, wording)),
        stacked=True,
    )


def number_column(name: str, wording: Wording, year: str = "") -> ReportColumn:
    return ReportColumn(wording.qualified(filter(None, (wording.say(name), year))), is_number=True)


def value_of(comparison: OneSourceComparison | None, country: Country) -> OneSourceValue | None:
    values = comparison.values if comparison else ()
    return next((value for value in values if value.area == country.area), None)


def whole(stock: OneSourceComparison | None, country: Country, wording: Wording) -> ReportCell:
    value = value_of(stock, country)
    return ReportCell(wording.number(value.whole)) if value and value.whole else wording.absent()


def part(
    comparison: OneSourceComparison | None,
    country: Country,
    wording: Wording,
    women: OneSourceComparison | None = None,
    *,
    share: str = "{share} of the population",
) -> ReportCell:
    """Give a number of people with its share in the words for it, and the share of women in it."""
    value, of_women = value_of(comparison, country), value_of(women, country)
    if value is None:
        return wording.absent("not in these data")
    shares = (
        wording.say(share, share=wording.percent(value.share)) if value.share is not None else "",
        wording.say("{share} women", share=wording.percent(of_women.share)) if of_women and of_women.share else "",
    )
    return ReportCell(wording.number(value.value), note=wording.semicolons(filter(None, shares)))


def remark(stock: OneSourceComparison | None, country: Country, study: RegionalStudy, wording: Wording) -> ReportCell:
    # What is said of every country is a note below the table.
    value = value_of(stock, country) if stock and not stock.is_alike else None
    if value is None or not value.comments:
        return ReportCell("", is_absent=True)
    return ReportCell(" ".join(quoted(comment, [value.area], study, wording) for comment in value.comments))


def national_count(
    count: Breakdown,
    codes: tuple[str, str],
    share: CountryFigure | None,
    *,
    country: Country,
    study: RegionalStudy,
    wording: Wording,
) -> ReportRow:
    """Give a national count of a group of migrants, with its share and what the data say about it."""
    known = count.known(*codes)
    source = "" if count.kind else lowered(source_of(count, wording))
    said = str(count.comment(*codes))
    comment = lowered(quoted(said, [country.area], study, wording).rstrip(".")) if said else ""
    remark = labelled(count.kind, (known.status,) if isinstance(known, Bounds) else count.statuses, wording)
    note = wording.semicolons(filter(None, (remark, source, comment)))
    is_computed = share and "%" not in said  # a share that the office states comes first
    number = ReportCell(
        quantity(known, wording), note=of_population(share.value / 100, wording) if share and is_computed else ""
    )
    return row((wording.say(GROUPS[codes]), number, ReportCell(count.period, note=note)))


def of_population(share: Decimal, wording: Wording) -> str:
    return wording.say("{share} of the population", share=wording.percent(share))


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


def notes(study: RegionalStudy, wording: Wording) -> list[str]:
    """Return paragraphs on the common sources, their limits, national counts and flows."""
    stock = one_source_figure(STOCK, study)
    common = [figure for figure in (stock, one_source_figure(EMIGRANTS, study)) if figure]
    paragraphs = [
        [*sources(common, study, wording), *sources_of_shares(common, study, wording)],
        comments(stock, study, wording) if stock is not None and stock.is_alike else [],
        list(coverage(study, wording)),
        list(flows_apart(study, wording)) if any(map(has_flows, study.countries)) else [],
    ]
    return [" ".join(sentences) for sentences in paragraphs if sentences]


def sources_of_shares(
    comparisons: Iterable[OneSourceComparison], study: RegionalStudy, wording: Wording
) -> Iterator[str]:
    wholes = dict.fromkeys(figure.share_source for figure in comparisons if figure.share_source)
    for source in wholes:
        yield wording.say(
            "Source for {figures}: {source}.",
            figures=lowered(wording.say("Population")),
            source=cited(source, study, wording).rstrip("."),
        )
    if wholes:
        yield wording.say("The shares are computed for this study.")
