"""Key figures of countries by definition, and migrants by country."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import (
    GROUP_NAMES,
    MIGRANTS,
    STOCK_FLOWS,
    MigrantCount,
    find_newest_migrants,
    name_source_type,
)
from sdmxmig.reporting.sections.key_figures import (
    find_source_keys,
    format_on_one_line,
    list_count_sources,
    name_edition,
)
from sdmxmig.reporting.sections.quantities import build_label, describe_quantity, find_latest_flow, state_share
from sdmxmig.reporting.sections.region.comparability import (
    list_country_limits,
)
from sdmxmig.reporting.sections.region.compared import RATE_SERIES, SHARE
from sdmxmig.reporting.sections.region.courses import draw_courses
from sdmxmig.reporting.sections.region.matrix import MIN_WIDE_COLUMNS
from sdmxmig.reporting.sections.region.naming import (
    MAX_NAMED,
    build_country_link,
    find_plain_name,
    join_country_names,
    list_sources,
    name_country,
    name_definition,
    quote_comment,
    translate_source,
    write_comments,
    write_figure_value,
)
from sdmxmig.reporting.sections.region.stocks import (
    EMIGRANTS,
    ORIGIN,
    STOCK,
    describe_edition,
    find_figure,
    find_value,
    state_change,
)
from sdmxmig.reporting.sections.series import (
    describe_year,
    label_statuses,
    state_not_final,
)
from sdmxmig.reporting.sections.standing import count_differing_years, list_conflicting_counts
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise, extract_first_sentence, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.availability import ESTIMATES_FLOW
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.region import (
    Comparable,
    Comparison,
    Country,
    CountryFigure,
    OneSourceComparison,
    RegionalStudy,
)

ORDINARY_STATUSES = ("", "A")
SEPARATE_TITLE = "National figures, not compared"
COMPUTED = "The shares were calculated for this study; a published share can differ."


@REGION_VIEWS.add("figures")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Key figures"),
        "heading": write_heading(study, wording),
        "one_source": tabulate_one_source(study, wording),
        "comparable": tabulate_comparable(study, wording),
        "drawn": drawn.data if (drawn := draw_courses(study, wording)) else None,
        "apart": tabulate_others(study, wording),
        "limits": list(list_country_limits(study, wording)),
    }


def tabulate_one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    days = dict.fromkeys(write_day_and_year(comparison, wording) for comparison in list_further_comparisons(study))
    if not days:
        return None
    is_wide = len(study.countries) <= MIN_WIDE_COLUMNS
    producers = {
        translate_source(comparison.source, study, wording).split(",")[0]
        for comparison in list_further_comparisons(study)
    }
    caption = (
        wording.say("Figures of {producer}", producer=producers.pop())
        if len(producers) == 1
        else wording.say("Figures from one source for several countries")
    )
    return ReportTable(
        "table-one-source",
        wording.qualified((caption, *days)) if len(days) == 1 else caption,
        columns=list_wide_columns(study, wording) if is_wide else list_columns("Country", wording),
        rows=build_wide_rows(study, wording, has_days=len(days) > 1) if is_wide else build_long_rows(study, wording),
        notes=tuple(list_one_source_notes(study, wording)),
        stacked=is_wide,
    )


def list_further_comparisons(study: RegionalStudy) -> list[OneSourceComparison]:
    return [figure for figure in study.one_source if figure.id not in (STOCK, ORIGIN, EMIGRANTS)]


def list_wide_columns(study: RegionalStudy, wording: Wording) -> tuple[ReportColumn, ...]:
    names = (name_country(study, area, wording) for area in study.areas)
    return (ReportColumn(wording.say("Figure")), *(ReportColumn(name, is_number=True) for name in names))


def build_wide_rows(study: RegionalStudy, wording: Wording, *, has_days: bool) -> tuple[ReportRow, ...]:
    return tuple(
        build_row(
            (
                ReportCell(
                    wording.of(comparison.name), note=write_day_and_year(comparison, wording) if has_days else ""
                ),
                *(build_one_source_cell(comparison, area, wording) for area in study.areas),
            )
        )
        for comparison in list_further_comparisons(study)
    )


def build_long_rows(study: RegionalStudy, wording: Wording) -> tuple[ReportRow, ...]:
    rows: list[ReportRow] = []
    for comparison in list_further_comparisons(study):
        rows.append(
            build_row((wording.pair(wording.of(comparison.name), write_day_and_year(comparison, wording)),), "group")
        )
        areas = (*(value.area for value in comparison.values), *comparison.missing)
        rows += [
            build_row((name_country(study, area, wording), build_one_source_cell(comparison, area, wording)))
            for area in areas
        ]
    return tuple(rows)


def write_day_and_year(comparison: OneSourceComparison, wording: Wording) -> str:
    remark = state_not_final([value.status for value in comparison.values], wording)
    day = wording.day(comparison.day, comparison.period)
    if day and remark:
        return wording.say("{first} ({second})", first=day, second=remark)
    return day or wording.year(comparison.period, remark)


def build_one_source_cell(comparison: OneSourceComparison, area: str, wording: Wording) -> ReportCell:
    value = next((value for value in comparison.values if value.area == area), None)
    if value is None:
        return wording.absent()
    is_mixed = len({value.status for value in comparison.values}) > 1
    status = state_not_final([value.status], wording) if is_mixed else ""
    share = "" if value.share is None else wording.write_percent(value.share)
    return ReportCell(wording.number(value.value, 0), note=wording.join_with_semicolons(filter(None, (share, status))))


def list_one_source_notes(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    shown = list_further_comparisons(study)
    yield from list_sources(shown, study, wording)
    stock = find_figure(STOCK, study)
    of_page_one = write_comments(stock, study, wording) if stock else []
    yield from list_remarks(shown, study, wording, besides=tuple(of_page_one))


def list_remarks(
    comparisons: Iterable[OneSourceComparison], study: RegionalStudy, wording: Wording, besides: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the remarks on figures from one source with the names of the figures, except those stated elsewhere."""
    names_by_remarks: dict[tuple[str, ...], list[str]] = {}
    for comparison in comparisons:
        if remarks := tuple(filter(None, (wording.of(comparison.note), *write_comments(comparison, study, wording)))):
            names_by_remarks.setdefault(remarks, []).append(wording.of(comparison.name))
    names_by_remarks.pop(besides, None)
    for remarks, names in names_by_remarks.items():
        yield wording.pair(wording.join_with_semicolons(names), " ".join(remarks))


def write_heading(study: RegionalStudy, wording: Wording) -> str:
    if not any(comparison.groups for comparison in study.comparisons) and not study.one_source:
        return wording.say("No figures in this study")
    is_compared = any(comparison.is_comparable for comparison in study.comparisons)
    has_table = is_compared or list_further_comparisons(study)
    return wording.say("Key figures by country" if has_table else SEPARATE_TITLE)


def tabulate_comparable(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    rows: list[ReportRow] = []
    for comparison in study.comparisons:
        for group in (group for group in comparison.groups if group.is_comparable):
            definition = name_definition(group.definition, wording)
            rows.append(build_row((f"{find_plain_name(comparison, study, wording)} · {definition}",), "group"))
            rows += [
                build_figure_row(
                    figure, comparison, name_country(study, figure.area, wording), study=study, wording=wording
                )
                for figure in group.figures
            ]
    caption = wording.say("Figures comparable between countries")
    return tabulate("table-compared", caption, list_columns("Country", wording, "Year"), rows, wording)


def tabulate_others(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate national figures that are not compared; their rules are in the comparability section."""
    rows = tuple(yield_uncompared_rows(study, wording))
    if not rows:
        return None
    return ReportTable(
        "table-apart",
        wording.say(SEPARATE_TITLE),
        columns=list_columns("Country", wording, "Year and remarks"),
        rows=rows,
        notes=(wording.say(COMPUTED),) if any(one.unit == "PT" for one, _ in list_uncompared_groups(study)) else (),
    )


def warn_about_censuses(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Warn about each annual population that a census contradicts."""
    for country in study.countries:
        differences = [
            count_differing_years(one, country.assessment, wording)
            for one in list_conflicting_counts(country.assessment)
        ]
        if differences:
            sentence = wording.say("{sentence}.", sentence=capitalise(wording.join_with_semicolons(differences)))
            use = wording.say("The resident population is that of the yearly figures.")
            yield wording.pair(name_country(study, country.area, wording), f"{sentence} {use}")


def yield_uncompared_rows(study: RegionalStudy, wording: Wording) -> Iterator[ReportRow]:
    """Yield national counts of migrants with their shares, then other figures, by country."""
    beside: list[CountryFigure] = []
    for codes in MIGRANTS if not are_alike(study) else ():
        counts, uncounted = [], []
        for country in study.countries:
            latest = find_newest_migrants(country.assessment, groups=[codes])
            if latest is None:
                uncounted.append(country.area)
            else:
                if latest.count.whole:
                    beside += list_migrant_shares(study, country.area, latest.count.period, codes)
                counts.append(build_national_count(latest, country=country, study=study, wording=wording))
        if counts:
            yield build_group_row(wording.say(GROUP_NAMES[codes]), uncounted, study, wording)
            yield from counts
    for comparison in (one for one in study.comparisons if one.figure.series not in RATE_SERIES):
        groups = (group for group in comparison.groups if not group.is_comparable)
        if figures := [figure for group in groups for figure in group.figures if figure not in beside]:
            yield build_group_row(find_plain_name(comparison, study, wording), comparison.missing, study, wording)
            for figure in sorted(figures, key=lambda figure: study.areas.index(figure.area)):
                name = name_country(study, figure.area, wording)
                yield build_figure_row(figure, comparison, name, study=study, wording=wording)


def build_group_row(name: str, absent: Sequence[str], study: RegionalStudy, wording: Wording) -> ReportRow:
    """Build the header row of figures with one name, listing the countries without data."""
    names = join_country_names(study, absent, wording)
    note = wording.say("not in the data of this study: {countries}", countries=names) if absent else ""
    return build_row((ReportCell(name, note=note),), "group")


def list_migrant_shares(study: RegionalStudy, area: str, period: str, codes: tuple[str, str]) -> list[CountryFigure]:
    """Return shares that are not compared because a count of the same or a later year replaces them."""
    return [
        figure
        for comparison, group in list_uncompared_groups(study)
        for figure in group.figures
        if comparison.figure.indicator == SHARE and comparison.figure.population in codes
        if figure.area == area and figure.period <= period
    ]


def list_uncompared_groups(study: RegionalStudy) -> Iterator[tuple[Comparison, Comparable]]:
    for comparison in study.comparisons:
        for group in comparison.groups:
            if not group.is_comparable:
                yield comparison, group


def list_columns(head: str, wording: Wording, *others: str) -> tuple[ReportColumn, ...]:
    return (
        ReportColumn(wording.say(head)),
        ReportColumn(wording.say("Value"), is_number=True),
        *(ReportColumn(wording.say(other)) for other in others),
    )


def build_figure_row(
    figure: CountryFigure, comparison: Comparison, name: str, *, study: RegionalStudy, wording: Wording
) -> ReportRow:
    status = (
        ""
        if figure.status in ORDINARY_STATUSES
        else lower_first_letter(wording.reference(study, "CL_OBS_STATUS", figure.status))
    )
    assessment = study.country(figure.area).assessment
    caveats = (wording.statement(caveat, assessment) for caveat in figure.caveats)
    remarks = (format_day(figure, comparison, study, wording), wording.of(figure.basis), status, *caveats)
    keys = find_source_keys(figure.sources, assessment)
    note = wording.join_with_semicolons(filter(None, remarks))
    return build_row(
        (name, write_figure_value(figure, comparison, wording), ReportCell(figure.period, note=note, sources=keys))
    )


def format_day(figure: CountryFigure, comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    days = (
        column.note for column in study.country(figure.area).assessment.series if column.id == comparison.figure.series
    )
    return wording.of(next(days, Text()))


FOREIGN_BORN = ("FB", "_T")
"""The indicator whose rule national counts follow, and the codes of whom they count."""


def state_migrants(study: RegionalStudy, wording: Wording) -> str:
    stock = find_figure(STOCK, study)
    if change := state_change(study, wording):
        return change
    if stock is not None:
        values = {value.area: value.value for value in stock.values}
        year = wording.year(stock.period, describe_edition(stock, study, wording))
        return describe_migrants_by_country(values, year, study, wording)
    counts = [find_newest_migrants(country.assessment) for country in study.countries]
    if are_alike(study):
        alike = [one for one in counts if one]
        statuses = [status for one in alike for status in one.count.statuses]
        year = describe_year(alike[0].count.period, statuses, wording)
        numbers = (one.count.value(*one.codes) or Decimal(0) for one in alike)
        return describe_migrants_by_country(dict(zip(study.areas, numbers, strict=True)), year, study, wording)
    years = sorted(one.count.period[:4] for one in counts if one)
    if not years:
        return wording.say("No figures on migrants in any country of the study")
    return wording.say(
        "Migrants are counted by national definitions in {n} of {total} countries ({years})",
        n=wording.number(len(years)),
        total=wording.number(len(study.countries)),
        years=years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}",
    )


def describe_migrants_by_country(
    values: Mapping[str, Decimal], year: str, study: RegionalStudy, wording: Wording
) -> str:
    ordered = sorted(values.items(), key=lambda value: (-value[1], value[0]))
    areas_named = [(area, values[area]) for area in study.areas if area in values]
    shown = areas_named if len(ordered) <= MAX_NAMED else [ordered[0], ordered[-1]]
    numbers = wording.join_with_semicolons(
        f"{name_country(study, area, wording)}\u00a0{wording.number(number)}" for area, number in shown
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
    counts = [find_newest_migrants(country.assessment) for country in study.countries]
    exact = [(one.count.period, one.codes) for one in counts if one and one.is_exact]
    are_foreign_born = len(exact) == len(counts) and len(set(exact)) == 1 and exact[0][1] == FOREIGN_BORN
    return are_foreign_born and any(
        (comparison.figure.indicator, comparison.figure.population) == (SHARE, FOREIGN_BORN[0])
        and comparison.is_comparable_everywhere
        for comparison in study.comparisons
    )


def tabulate_overview(study: RegionalStudy, wording: Wording) -> ReportTable:
    """Tabulate the figures of one source by country; the last column has newer ones, which are not compared."""
    stock, origin, abroad = (find_figure(name, study) for name in (STOCK, ORIGIN, EMIGRANTS))
    shown: list[tuple[ReportColumn, Callable[[Country], ReportCell]]] = [
        (head_figure(stock, wording), partial(build_number, stock, wording)),
        (build_number_column("Share of the population", wording), partial(build_share, stock, wording)),
        (head_figure(abroad, wording), partial(build_number, abroad, wording)),
        (build_number_column("Relative to the population", wording), partial(build_share, abroad, wording)),
        (head_figure(origin, wording), partial(build_number, origin, wording)),
        (build_number_column("Newest figure, not compared", wording), partial(build_newer_count, stock, wording)),
        (build_number_column("Net migration, newest year", wording), partial(build_net_migration, wording)),
    ]
    filled = [(column, [say(country) for country in study.countries]) for column, say in shown]
    columns = [(column, cells) for column, cells in filled if not all(cell.is_absent for cell in cells)]
    return ReportTable(
        "table-migrants",
        wording.say("Migrants by country"),
        columns=(ReportColumn(wording.say("Country")), *(column for column, _ in columns)),
        rows=tuple(
            build_row((build_country_link(study, country.area, wording), *(cells[place] for _, cells in columns)))
            for place, country in enumerate(study.countries)
        ),
        notes=tuple(list_notes(study, wording)),
        stacked=True,
    )


def head_figure(comparison: OneSourceComparison | None, wording: Wording) -> ReportColumn:
    name = wording.qualified((wording.of(comparison.name), comparison.period)) if comparison else ""
    return ReportColumn(name, is_number=True)


def build_number_column(name: str, wording: Wording) -> ReportColumn:
    return ReportColumn(wording.say(name), is_number=True)


def build_number(comparison: OneSourceComparison | None, wording: Wording, country: Country) -> ReportCell:
    """Write a figure, and its change since an earlier year in the same source."""
    value = find_value(comparison, country)
    if comparison is None or value is None:
        return wording.absent()
    earlier = next((one for one in comparison.earlier if one.area == country.area), None)
    if earlier is None or not earlier.value:
        return ReportCell(wording.number(value.value))
    change = value.value - earlier.value
    note = wording.say(
        "{change} ({percent}) since {year}",
        change=wording.write_signed(change, 0),
        percent=wording.write_percent(change / earlier.value, 0),
        year=earlier.period,
    )
    return ReportCell(wording.number(value.value), note=note)


def build_share(comparison: OneSourceComparison | None, wording: Wording, country: Country) -> ReportCell:
    value = find_value(comparison, country)
    return ReportCell(wording.write_percent(value.share)) if value and value.share is not None else wording.absent()


def build_national_count(
    migrants: MigrantCount, *, country: Country, study: RegionalStudy, wording: Wording
) -> ReportRow:
    count, known, said = migrants.count, migrants.known, str(migrants.comment)
    source = "" if count.kind else lower_first_letter(name_source_type(count, wording))
    comment = lower_first_letter(quote_comment(said, [country.area], study, wording).rstrip(".")) if said else ""
    remark = label_statuses(count.kind, (known.status,) if isinstance(known, Bounds) else count.statuses, wording)
    if extract_first_sentence(comment) in remark:
        comment = lower_first_letter(comment.removeprefix(extract_first_sentence(comment)).lstrip(".。 "))
    part = state_share(known, count.whole, wording) if known is not None and count.whole else ""
    year = ReportCell(
        count.period,
        note=wording.join_with_semicolons(filter(None, (remark, source, part, comment))),
        sources=list_count_sources(migrants, country.assessment),
    )
    return build_row((name_country(study, country.area, wording), format_on_one_line(known, wording), year))


def find_newer_count(stock: OneSourceComparison | None, country: Country) -> MigrantCount | None:
    """Return the newest count or estimate of migrants that is newer than the common one."""
    known = country.assessment
    national, estimate = (find_newest_migrants(known, flows=flows) for flows in (STOCK_FLOWS, [ESTIMATES_FLOW]))
    newer = [one for one in (national, estimate) if one and (stock is None or one.count.period[:4] > stock.period)]
    return max(newer, key=lambda one: one.count.period, default=None)


def describe_count(migrants: MigrantCount, wording: Wording) -> str:
    count = migrants.count
    if count.flow != ESTIMATES_FLOW:
        known = migrants.known
        label = label_statuses(count.kind, (known.status,) if isinstance(known, Bounds) else count.statuses, wording)
        name = lower_first_letter(wording.say(migrants.name))
        return wording.qualified((name, count.period, label))
    return wording.qualified((count.period, name_edition(count.source, wording)))


def build_newer_count(stock: OneSourceComparison | None, wording: Wording, country: Country) -> ReportCell:
    newer = find_newer_count(stock, country)
    if newer is None:
        return wording.absent()
    share = state_share(newer.known, newer.count.whole, wording) if newer.known and newer.count.whole else ""
    note = wording.join_with_semicolons((describe_count(newer, wording), share))
    keys = list_count_sources(newer, country.assessment)
    return ReportCell(format_on_one_line(newer.known, wording), note=note, sources=keys)


def build_net_migration(wording: Wording, country: Country) -> ReportCell:
    newest = find_latest_flow(country.assessment, "net")
    if newest is None:
        return wording.absent()
    return ReportCell(
        describe_quantity(newest.known, wording, signed=True),
        note=wording.year(newest.period, build_label([newest], wording)),
        sources=find_source_keys(newest.sources, country.assessment),
    )


def list_notes(study: RegionalStudy, wording: Wording) -> list[str]:
    stock = find_figure(STOCK, study)
    common = [figure for figure in (find_figure(name, study) for name in (STOCK, EMIGRANTS, ORIGIN)) if figure]
    wholes = dict.fromkeys(
        translate_source(of.share_source, study, wording).rstrip(".") for of in common if of.share_source
    )
    computed = "Shares calculated for this study (a published share can differ); denominator: {source}."
    paragraphs = [
        [
            *list_sources(common, study, wording),
            *(wording.say(computed, source=whole) for whole in wholes),
        ],
        write_comments(stock, study, wording) if stock is not None else [],
        list(list_remarks([one for one in common if one is not stock], study, wording)),
    ]
    return [" ".join(sentences) for sentences in paragraphs if sentences]
