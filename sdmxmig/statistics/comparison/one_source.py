"""Figures of one producer for several countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sdmxmig.catalogue.indicators import TOTAL
from sdmxmig.catalogue.regional import OneSourceFigure
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import split_by_definition
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.figures import find_figure_kind, find_time_dimension
from sdmxmig.statistics.demography.amounts import compute_amounts
from sdmxmig.statistics.model.region import Comparison, Country, OneSourceComparison, OneSourceValue

ANNUAL, FORECAST = "A", "F"
FREQUENCIES_OF_STOCKS = (ANNUAL, "A5", "A10")
AREA, FREQUENCY, DAY = "REF_AREA", "FREQ", "REF_DATE"
NO_DAY_CODES = ("", "_Z", "_U")
SOURCE, STATUS, COMMENT, OF_DATASET = "SOURCE_DETAIL", "OBS_STATUS", "COMMENT_OBS", "COMMENT_DSET"
BREAK, ESTIMATED = "B", "E"
MAX_YEARS_OF_CHANGE = 7
UNMARKED_STATUSES = ("", "A", BREAK)
"""Statuses that do not distinguish counts from estimates."""
SOURCE_KEY = re.compile(r"\s*\[[A-Z]+\d+\]")
"""The key of a source in the references of one country."""
Edition = tuple[str, str]
"""A year and a source; figures of one edition are comparable."""


def find_one_source(
    datasets: Mapping[str, Sequence[Dataset]], figures: Sequence[OneSourceFigure]
) -> tuple[OneSourceComparison, ...]:
    """Find figures from the same cited source in the latest common year, without forecasts and conflicts."""
    figure_by_id = {figure.id: figure for figure in figures}
    comparisons = (
        choose_comparison(
            compare_figure(datasets, selected, figure_by_id.get(figure.share_of))
            for selected in select_partners(datasets, figure)
        )
        for figure in figures
    )
    return tuple(comparison for comparison in comparisons if comparison is not None)


def choose_comparison(comparisons: Iterable[OneSourceComparison | None]) -> OneSourceComparison | None:
    """Return the comparison with most countries, then the newest, then the one with most persons."""
    return max(
        filter(None, comparisons),
        key=lambda one: (len(one.values), one.period, sum(value.value for value in one.values)),
        default=None,
    )


def select_partners(datasets: Mapping[str, Sequence[Dataset]], figure: OneSourceFigure) -> Iterator[OneSourceFigure]:
    """Yield the figure for each partner country that the data of two countries have, or the figure itself."""
    if not figure.partner:
        yield figure
        return
    names: dict[str, Text] = {}
    areas_by_code: dict[str, set[str]] = {}
    of_flow = ((area, one) for area, several in datasets.items() for one in several if one.flow.id == figure.flow)
    for area, dataset in of_flow:
        codelist = dataset.flow.codelist(figure.partner)
        for code in compute_amounts(dataset).frame[figure.partner].drop_nulls().unique():
            if codelist is not None and code in codelist and code.isalpha():
                names[code] = codelist[code].name
                areas_by_code.setdefault(code, set()).add(area)
    for code in (code for code, areas in sorted(areas_by_code.items()) if len(areas) > 1):
        named = {language: words.format(partner=names[code].in_language(language)) for language, words in figure.name}
        yield replace(figure, name=Text.of(named), codes=(*figure.codes, (figure.partner, code)))


def compare_figure(
    datasets: Mapping[str, Sequence[Dataset]], figure: OneSourceFigure, whole: OneSourceFigure | None
) -> OneSourceComparison | None:
    """Compare a figure across countries; None unless two have it from one source and year."""
    editions: dict[Edition, list[OneSourceValue]] = {}
    title = figure.latest.rpartition(" ")[0]
    for area in sorted(datasets):
        for edition, value in collect_values(area, datasets[area], figure).items():
            if title in edition[1]:
                editions.setdefault(edition, []).append(value)
    if not editions:
        return None
    period, source = max(editions, key=lambda edition: (len(editions[edition]), edition))
    values = tuple(editions[period, source])
    if len(values) < 2:
        return None
    having = {value.area for value in values}
    start = str(int(period[:4]) - MAX_YEARS_OF_CHANGE)
    before = [of for (year, cited), of in sorted(editions.items()) if cited == source and start <= year < period]
    share_source, wholes = find_totals_by_source(period, sorted(having), datasets, whole) if whole else ("", {})
    return OneSourceComparison(
        id=figure.id,
        name=figure.name,
        partner=figure.codes[-1][1] if figure.partner else "",
        period=period,
        source=source,
        values=tuple(replace(value, whole=wholes.get(value.area)) for value in values),
        missing=tuple(area for area in sorted(datasets) if area not in having),
        earlier=tuple(value for of in before for value in of),
        share_source=share_source,
        superseded_by=find_later_edition(source, figure.latest),
        day=values[0].day if len({value.day for value in values}) == 1 else Text(),
    )


def find_later_edition(source: str, latest: str) -> str:
    """Return the year of the latest edition if the source is an earlier one.

    >>> find_later_edition("UN DESA, Migrant Stock 2020, Table 1", "Migrant Stock 2024")
    '2024'
    """
    title, _, year = latest.rpartition(" ")
    cited = re.search(rf"{re.escape(title)} (\d{{4}})", source) if title else None
    return year if cited and cited[1] < year else ""


def find_totals_by_source(
    period: str, areas: Sequence[str], datasets: Mapping[str, Sequence[Dataset]], figure: OneSourceFigure
) -> tuple[str, Mapping[str, Decimal]]:
    by_source: dict[str, dict[str, Decimal]] = {}
    for area in areas:
        for (year, source), value in collect_values(area, datasets[area], figure).items():
            if year == period:
                by_source.setdefault(source, {})[area] = value.value
    # Shares of different national populations are as little comparable as these.
    several = [(source, wholes) for source, wholes in by_source.items() if len(wholes) > 1]
    return max(several, key=lambda item: (len(item[1]), item[0]), default=("", {}))


def drop_covered(
    comparisons: Sequence[Comparison], figures: Sequence[OneSourceComparison], countries: Sequence[Country]
) -> tuple[Comparison, ...]:
    source_by_id = {figure.id: figure for figure in figures}
    return tuple(
        kept
        for comparison in comparisons
        if (kept := drop_covered_areas(comparison, source_by_id.get(comparison.figure.one_source), countries))
    )


def drop_covered_areas(
    comparison: Comparison, figure: OneSourceComparison | None, countries: Sequence[Country]
) -> Comparison | None:
    if figure is None:
        return comparison
    covered = {value.area for value in figure.values} & {
        country.area
        for country in countries
        for series in country.assessment.series
        if series.id == comparison.figure.series and strip_citation_keys(series.source) == figure.source
    }
    groups = [
        group
        if group.is_comparable
        else replace(group, figures=tuple(value for value in group.figures if value.area not in covered))
        for group in comparison.groups
    ]
    left = tuple(group for group in groups if group.figures)
    return replace(comparison, groups=left) if left or not comparison.groups else None


def collect_values(area: str, datasets: Sequence[Dataset], figure: OneSourceFigure) -> dict[Edition, OneSourceValue]:
    values: dict[Edition, OneSourceValue] = {}
    unclear: set[Edition] = set()
    for dataset in (part for each in datasets if each.flow.id == figure.flow for part in split_by_definition(each)):
        for edition, value in list_rows(area, dataset, figure):
            if values.setdefault(edition, value).value != value.value:
                unclear.add(edition)
    known = {edition: value for edition, value in values.items() if edition not in unclear}
    for term in figure.terms:
        (dimension, _), *others = figure.codes
        part = collect_values(area, datasets, replace(figure, codes=((dimension, term[1:]), *others), terms=()))
        known = {
            edition: replace(value, value=value.value + (-1 if term[0] == "-" else 1) * part[edition].value)
            for edition, value in known.items()
            if edition in part
        }
    # A balance of rounded figures is not exact to the person.
    return {key: replace(one, value=round(one.value, -2)) for key, one in known.items()} if figure.terms else known


def strip_citation_keys(source: str) -> str:
    """Remove citation keys, which differ between countries for the same source.

    >>> strip_citation_keys("United Nations, Table 1 [G31]")
    'United Nations, Table 1'
    """
    return SOURCE_KEY.sub("", source)


def list_rows(area: str, dataset: Dataset, figure: OneSourceFigure) -> Iterator[tuple[Edition, OneSourceValue]]:
    dataset_amounts = compute_amounts(dataset)
    is_stock = dataset.attributes.get(DAY, "") not in NO_DAY_CODES
    days = dataset.flow.codelist(DAY) if is_stock else None
    code_of_day = dataset.attributes.get(DAY, "")
    day = days[code_of_day].name if days is not None and code_of_day in days else Text()
    codes = {dimension: (code,) for dimension, code in figure.codes}
    wanted = {AREA: (area,), FREQUENCY: FREQUENCIES_OF_STOCKS if is_stock else (ANNUAL,), **codes}
    conditions = [pl.col("amount").is_not_null(), pl.col(SOURCE).is_not_null(), pl.col(STATUS).ne_missing(FORECAST)]
    for dimension in dataset.flow.structure.series_key:
        codelist = dataset.flow.codelist(dimension)
        if dimension in wanted:
            conditions.append(pl.col(dimension).is_in(wanted[dimension]))
        elif codelist is not None and TOTAL in codelist:
            conditions.append(pl.col(dimension) == TOTAL)
    time = find_time_dimension(dataset.flow)
    figures = dataset_amounts.frame.filter(*conditions).sort(time, SOURCE)
    of_dataset = dataset.attributes.get(OF_DATASET, "")
    for row in figures.iter_rows(named=True):
        status = row[STATUS] or ""
        # An explained break in series concerns more than one year.
        remarks = (of_dataset, "" if status == BREAK else row[COMMENT])
        is_estimated = status in UNMARKED_STATUSES and find_figure_kind(dataset, row) == "estimate"
        source = strip_citation_keys(row[SOURCE])
        yield (
            (row[time], source),
            OneSourceValue(
                area=area,
                value=dataset_amounts.exact(row["amount"]),
                period=row[time],
                source=source,
                status=ESTIMATED if is_estimated else status,
                comments=tuple(filter(None, remarks)),
                day=day,
            ),
        )
