"""Comparison of countries.

Figures are compared only under one residence rule and duration basis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.region import Country, RegionalStudy, StudyRequest
from sdmxmig.statistics.comparison.corridors import corridors
from sdmxmig.statistics.comparison.courses import drawn
from sdmxmig.statistics.comparison.definitions import Rulebook
from sdmxmig.statistics.comparison.distances import distances
from sdmxmig.statistics.comparison.figures import comparison
from sdmxmig.statistics.comparison.gaps import common_gaps
from sdmxmig.statistics.comparison.groups import peer_groups, source_of
from sdmxmig.statistics.comparison.one_source import drop_covered, one_source
from sdmxmig.statistics.comparison.roadmap import shared_actions

SERIES = "CL_SERIES"


def compare(
    countries: Sequence[Country],
    request: StudyRequest,
    catalogue: Catalogue,
    *,
    datasets: Mapping[str, Sequence[Dataset]] | None = None,
) -> RegionalStudy:
    """Compare assessments of several countries.

    Independent of order. Raises `SdmxmigError` for fewer than two or duplicate countries and unknown group members.
    """
    ordered = tuple(sorted(countries, key=lambda country: country.area))
    check(ordered)
    comparisons = read_comparisons(search_path("structures"), catalogue)
    rulebook = Rulebook.of(ordered, comparisons.alone)
    rules = {country.area: rulebook.definition(country.area, comparisons.flows) for country in ordered}
    sources = {country.area: source_of(country.assessment, comparisons.same_source) for country in ordered}
    groups = peer_groups(request.groups, rules, sources, catalogue)
    series_names = {item.id: item.name for item in catalogue.item_scheme(SERIES)}
    figures = tuple(comparison(figure, ordered, rulebook, series_names) for figure in comparisons.figures)
    figures_of_one_source = one_source(datasets or {}, comparisons.one_source)
    course_figures, drawn_figure = drawn(comparisons.chart, ordered, figures, figures_of_one_source, rulebook=rulebook)
    return RegionalStudy(
        name=request.name,
        countries=ordered,
        definitions=comparisons.definitions,
        groups=groups,
        comparisons=drop_covered(figures, figures_of_one_source, ordered),
        distances=distances(ordered, groups),
        gaps=common_gaps(ordered),
        actions=shared_actions(ordered),
        corridors=corridors(datasets or {}, comparisons.mirrored, rulebook),
        one_source=figures_of_one_source,
        rules=tuple(rules.items()),
        courses=course_figures,
        drawn=drawn_figure,
        translations=request.translations,
        status=comparisons.status,
        source=comparisons.source,
    )


def check(countries: Sequence[Country]) -> None:
    if len(countries) < 2:
        raise SdmxmigError("A regional study compares two countries or more.", hint="Name more workspaces.")
    for country, next_country in pairwise(countries):
        if country.area == next_country.area:
            message = f"“{country.area}” is in the study twice: in {country.file} and in {next_country.file}."
            raise SdmxmigError(message, hint="Remove one of them.")
