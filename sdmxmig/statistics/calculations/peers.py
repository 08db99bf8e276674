"""Peers under the same residence rule, without ranking or imputation; ``DF_INDICATOR`` values take precedence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.catalogue.indicators import TOTAL, Indicator, TermSelection, Variant
from sdmxmig.catalogue.regional import PeerChoice, PeerMeasure
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.figures import Figures, SourcedFigure, YearlyTerm
from sdmxmig.statistics.calculations.indicator_values import (
    POPULATIONS,
    SILENT,
    compute_variant,
    get_divided_term,
    list_caveats,
)
from sdmxmig.statistics.model.assessment import CountryFigure, PeerComparison

INDICATOR_FLOW = "DF_INDICATOR"
AREA, CONFIDENTIALITY, FREE = "REF_AREA", "CONF_STATUS", "F"
RULE, BASIS, DAY = "RES_RULE", "DUR_BASIS", "REF_DATE"
COUNTRY = re.compile(r"^[A-Z]{2}$")
FORECAST, STOCK = "F", "stock"
SEVERAL, IMPOSSIBLE = "several", "value"
EXCLUSION_REASONS = ("own", "rule", "caveat", "day", "year", SEVERAL, IMPOSSIBLE)
ROOM, STRANGE_AREA = "room", "area"


@dataclass(frozen=True, slots=True)
class Candidate:
    year: int
    figure: SourcedFigure
    is_plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonBasis:
    latest: Candidate
    indicator: Indicator
    measure: PeerMeasure
    choice: PeerChoice

    @property
    def can_be_compared(self) -> bool:
        is_definite = self.latest.is_plain and list_definition(self.latest, self.choice) is not None
        return is_definite and self.measure.is_possible(self.latest.figure.value)

    def is_close(self, year: int) -> bool:
        return abs(year - self.latest.year) <= self.choice.years_apart


def collect_stated_codes(candidate: Candidate, attribute: str) -> frozenset[str]:
    traits = candidate.figure.traits
    codes = {
        RULE: (trait.rule or "" for trait in traits),
        BASIS: (trait.basis for trait in traits),
        DAY: (trait.day for trait in traits),
    }
    return frozenset(code for code in codes[attribute] if code not in SILENT)


def is_same_day(candidate: Candidate, own: Candidate) -> bool:
    days, own_days = collect_stated_codes(candidate, DAY), collect_stated_codes(own, DAY)
    return not days or not own_days or days == own_days


def list_definition(candidate: Candidate, choice: PeerChoice) -> tuple[str, ...] | None:
    codes = {attribute: collect_stated_codes(candidate, attribute) for attribute in (RULE, BASIS)}
    is_definite = all(
        len(several) == 1 and several.isdisjoint(choice.alone.get(attribute, ()))
        for attribute, several in codes.items()
    )
    return tuple(code for several in codes.values() for code in several) if is_definite else None


def explain_obstacle(candidate: Candidate, basis: ComparisonBasis) -> str:
    own, choice = basis.latest, basis.choice
    own_definition = list_definition(own, choice)
    is_stock = basis.indicator.measure == STOCK
    is_comparable = {
        "own": basis.can_be_compared,
        "rule": list_definition(candidate, choice) == own_definition,
        "caveat": candidate.is_plain,
        "day": not is_stock or is_same_day(candidate, own),
        "year": basis.is_close(candidate.year),
        IMPOSSIBLE: basis.measure.is_possible(candidate.figure.value),
    }
    return next((reason for reason in EXCLUSION_REASONS if not is_comparable.get(reason, True)), "")


def choose_closest(
    candidates: Sequence[Candidate], faults: Mapping[int, str], basis: ComparisonBasis
) -> tuple[Candidate | None, str]:
    obstacles = {candidate.year: explain_obstacle(candidate, basis) for candidate in candidates}
    comparable = [candidate for candidate in candidates if not obstacles[candidate.year]]
    if not comparable:
        of_faults = (fault if basis.is_close(year) else "year" for year, fault in faults.items())
        reasons = [*obstacles.values(), *(of_faults if basis.can_be_compared else ["own"] * len(faults))]
        return None, max(reasons, key=EXCLUSION_REASONS.index, default="")
    year = basis.latest.year
    return min(comparable, key=lambda candidate: (abs(candidate.year - year), -candidate.year)), ""


def build_peer_comparisons(
    own: Figures,
    own_name: Text,
    datasets: Sequence[Dataset],
    *,
    indicators: Mapping[str, Indicator],
    choice: PeerChoice,
) -> tuple[PeerComparison, ...]:
    areas = (*list_countries(datasets), *list_unknown_areas(datasets))
    others = {area: Figures(select_country(datasets, area), area) for area in areas if area != own.area}
    names = {own.area: own_name, **{area: find_area_name(area, figures.datasets) for area, figures in others.items()}}
    comparisons = [
        comparison
        for measure in choice.measures
        for comparison in compare_peers(measure, indicators[measure.indicator], own, others, choice=choice, names=names)
    ]
    shown = [comparison for comparison in comparisons if comparison.others]
    return (*shown[: choice.lines], *(comparison for comparison in comparisons if not comparison.others))


def compare_peers(
    measure: PeerMeasure,
    indicator: Indicator,
    own: Figures,
    others: Mapping[str, Figures],
    *,
    choice: PeerChoice,
    names: Mapping[str, Text],
) -> Iterator[PeerComparison]:
    """Compare a measure between countries; empty if the country or all others lack it."""
    variant = next(variant for variant in indicator.variants if variant.id == measure.population)
    latest = max(compute_candidates(indicator, variant, own), key=lambda candidate: candidate.year, default=None)
    if latest is None:
        return
    basis = ComparisonBasis(latest=latest, indicator=indicator, measure=measure, choice=choice)
    figures: list[CountryFigure] = []
    reasons: Counter[str] = Counter()
    for area, of_other in others.items():
        candidates, faults = list_known_candidates(indicator, variant, of_other)
        nearest, reason = choose_closest(candidates, faults, basis)
        if not candidates and not faults:
            continue
        if not COUNTRY.fullmatch(area):
            reasons[STRANGE_AREA] += 1
        elif nearest is not None and len(figures) < choice.countries:
            figures.append(convert_to_peer(nearest, area, names[area]))
        else:
            reasons[reason or ROOM] += 1
    if figures or reasons:
        yield PeerComparison(
            f"{measure.indicator}_{measure.population}",
            measure.name,
            unit=indicator.unit,
            own=convert_to_peer(latest, own.area, names[own.area]),
            others=tuple(figures),
            left_out=tuple(sorted(reasons.items())),
        )


def convert_to_peer(candidate: Candidate, area: str, name: Text) -> CountryFigure:
    figure = candidate.figure
    return CountryFigure(
        area=area,
        name=name,
        period=str(candidate.year),
        value=figure.value,
        status=figure.status,
        sources=figure.sources,
    )


def list_known_candidates(
    indicator: Indicator, variant: Variant, figures: Figures
) -> tuple[list[Candidate], dict[int, str]]:
    by_year = {candidate.year: candidate for candidate in compute_candidates(indicator, variant, figures)}
    of_terms = find_faults(figures.yearly(term) for term in variant.terms.values())
    faults = {year: fault for year, fault in of_terms.items() if year not in by_year}
    first: dict[int, Candidate] = {}
    for candidate in find_published(indicator, variant, figures):
        if first.setdefault(candidate.year, candidate).figure.value != candidate.figure.value:
            faults[candidate.year] = SEVERAL
    faults |= find_faults(figures.yearly(selection) for selection in list_published_terms(indicator, variant))
    by_year |= first
    return [candidate for year, candidate in by_year.items() if year not in faults], faults


def find_faults(terms: Iterable[YearlyTerm]) -> dict[int, str]:
    faults: dict[int, str] = {}
    for term in terms:
        faults |= dict.fromkeys(sorted(term.unclear), SEVERAL) | dict.fromkeys(sorted(term.garbled), IMPOSSIBLE)
    return faults


def compute_candidates(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[Candidate]:
    for year, figure in compute_variant(indicator, variant, figures).figures.items():
        if figure.status != FORECAST:
            is_plain = not list_caveats(figure, variant.terms.values(), year, figures)
            yield Candidate(year, figure, is_plain=is_plain)


def find_published(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[Candidate]:
    for selection in list_published_terms(indicator, variant):
        for year, figure in figures.yearly(selection).figures.items():
            if figure.status != FORECAST:
                yield Candidate(year, figure, is_plain=not list_caveats(figure, (), year, figures))


def list_published_terms(indicator: Indicator, variant: Variant) -> Iterator[TermSelection]:
    code = indicator.id if variant.id == TOTAL else f"{indicator.id}_{variant.id}"
    statuses = tuple(
        (name, code) for name, code in get_divided_term(indicator, variant)[1].codes if name in POPULATIONS
    )
    for named, divided in ((indicator.id, statuses), (code, ()), (code, statuses)):
        yield TermSelection(INDICATOR_FLOW, (("INDICATOR", named), *divided, ("UNIT_MEASURE", indicator.unit)))


def list_countries(datasets: Sequence[Dataset]) -> tuple[str, ...]:
    areas = {area for dataset in datasets for area in list_areas(dataset)}
    return tuple(sorted(area for area in areas if COUNTRY.fullmatch(area)))


def list_unknown_areas(datasets: Sequence[Dataset]) -> tuple[str, ...]:
    strange: set[str] = set()
    for dataset in datasets:
        codelist = dataset.flow.codelist(AREA)
        strange |= {area for area in list_areas(dataset) if codelist is None or area not in codelist}
    return tuple(sorted(area for area in strange if not COUNTRY.fullmatch(area)))


def list_areas(dataset: Dataset) -> set[str]:
    frame = dataset.observations
    return set(frame.get_column(AREA).cast(pl.String).drop_nulls().unique()) if AREA in frame.columns else set()


def select_country(datasets: Sequence[Dataset], area: str) -> list[Dataset]:
    with_area = [dataset for dataset in datasets if AREA in dataset.observations.columns]
    return [
        replace(
            dataset,
            observations=select_free_observations(dataset.observations.filter(pl.col(AREA).cast(pl.String) == area)),
        )
        for dataset in with_area
    ]


def select_free_observations(observations: pl.DataFrame) -> pl.DataFrame:
    if CONFIDENTIALITY not in observations.columns:
        return observations
    return observations.filter(pl.col(CONFIDENTIALITY).cast(pl.String).fill_null("").is_in(["", FREE]))


def find_area_name(area: str, datasets: Sequence[Dataset]) -> Text:
    codelists = [dataset.flow.codelist(AREA) for dataset in datasets]
    names = (codelist[area].name for codelist in codelists if codelist and area in codelist)
    return next(names, Text.of(en=area))
