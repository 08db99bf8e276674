"""Peers: main indicators of other countries beside those of a country, where they count by the same rule.

Of the data of other countries an indicator is computed as it is of the country's own, unless they hold its value as it
was published (``DF_INDICATOR``). Nothing is ranked, averaged or filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.indicators import TOTAL, Indicator, TermSelection, Variant
from sdmxmig.sdmx.model.peers import PeerChoice, PeerComparison, PeerFigure, PeerMeasure
from sdmxmig.statistics.calculations.comparability import SILENT, caveats
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import POPULATIONS, lead_of, of_variant
from sdmxmig.statistics.calculations.terms import SourcedFigure, Yearly

INDICATORS = "DF_INDICATOR"
AREA, CONFIDENTIALITY, FREE = "REF_AREA", "CONF_STATUS", "F"
RULE, BASIS, DAY = "RES_RULE", "DUR_BASIS", "REF_DATE"
COUNTRY = re.compile(r"^[A-Z]{2}$")
FORECAST, STOCK = "F", "stock"
SEVERAL, IMPOSSIBLE = "several", "value"
REASONS = ("own", "rule", "caveat", "day", "year", SEVERAL, IMPOSSIBLE)
"""Why a figure is not shown, in the order in which it is asked; whoever passes them all may still find no room."""
ROOM, STRANGE_AREA = "room", "area"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure that might be compared, with its year; `is_plain` says that nothing keeps it from being a conclusion."""

    year: int
    figure: SourcedFigure
    _: KW_ONLY
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What others are compared with: the latest figure of the country, of which indicator, and how strictly."""

    latest: Candidate
    indicator: Indicator
    _: KW_ONLY
    measure: PeerMeasure
    choice: PeerChoice

    @property
    def can_be_compared(self) -> bool:
        """Whether the figure of the country itself is one that others can be compared with."""
        is_definite = self.latest.is_plain and definition(self.latest, self.choice) is not None
        return is_definite and self.measure.is_possible(self.latest.figure.value)

    def is_close(self, year: int) -> bool:
        """Whether a year is close enough to that of the country."""
        return abs(year - self.latest.year) <= self.choice.years_apart


def stated(candidate: Candidate, attribute: str) -> frozenset[str]:
    """What the terms of a figure say of their residence rule, kind of stay or reference day, as far as they say it."""
    traits = candidate.figure.traits
    codes = {
        RULE: (trait.rule or "" for trait in traits),
        BASIS: (trait.basis for trait in traits),
        DAY: (trait.day for trait in traits),
    }
    return frozenset(code for code in codes[attribute] if code not in SILENT)


def same_day(candidate: Candidate, own: Candidate) -> bool:
    """Whether two figures are of the same day of their years, as far as both say of which."""
    days, own_days = stated(candidate, DAY), stated(own, DAY)
    return not days or not own_days or days == own_days


def definition(candidate: Candidate, choice: PeerChoice) -> tuple[str, ...] | None:
    """Residence rule and kind of stay of a figure; None where it says none, several, or one that says too little."""
    codes = {attribute: stated(candidate, attribute) for attribute in (RULE, BASIS)}
    is_definite = all(
        len(several) == 1 and several.isdisjoint(choice.alone.get(attribute, ()))
        for attribute, several in codes.items()
    )
    return tuple(code for several in codes.values() for code in several) if is_definite else None


def obstacle(candidate: Candidate, yardstick: Yardstick) -> str:
    """Why a figure cannot be compared with that of the country; empty if it can."""
    own, choice = yardstick.latest, yardstick.choice
    own_definition = definition(own, choice)
    is_stock = yardstick.indicator.measure == STOCK
    is_comparable = {
        "own": yardstick.can_be_compared,
        "rule": definition(candidate, choice) == own_definition,
        "caveat": candidate.is_plain,
        "day": not is_stock or same_day(candidate, own),
        "year": yardstick.is_close(candidate.year),
        IMPOSSIBLE: yardstick.measure.is_possible(candidate.figure.value),
    }
    return next((reason for reason in REASONS if not is_comparable.get(reason, True)), "")


def closest(
    candidates: Sequence[Candidate], faults: Mapping[int, str], yardstick: Yardstick
) -> tuple[Candidate | None, str]:
    """The comparable figure of the closest year, of two equally close the later one; else why there is none.

    `faults` say by year why there is no figure though something is published. Of several reasons it is that of the
    figure which comes closest to being comparable.
    """
    obstacles = {candidate.year: obstacle(candidate, yardstick) for candidate in candidates}
    comparable = [candidate for candidate in candidates if not obstacles[candidate.year]]
    if not comparable:
        of_faults = (fault if yardstick.is_close(year) else "year" for year, fault in faults.items())
        reasons = [*obstacles.values(), *(of_faults if yardstick.can_be_compared else ["own"] * len(faults))]
        return None, max(reasons, key=REASONS.index, default="")
    year = yardstick.latest.year
    return min(comparable, key=lambda candidate: (abs(candidate.year - year), -candidate.year)), ""


def peers(
    own: Figures,
    own_name: Text,
    datasets: Sequence[Dataset],
    *,
    indicators: Mapping[str, Indicator],
    choice: PeerChoice,
) -> tuple[PeerComparison, ...]:
    """The measures of a country beside those of others: as many as there is room for, then those that none shares.

    `own` are the country's figures, `datasets` hold those of other countries, each in any dataflow from which an
    indicator is computed. What is not free for publication is not looked at, nor are forecasts and censuses.
    """
    areas = (*countries_in(datasets), *strange_areas_in(datasets))
    others = {area: Figures(of_country(datasets, area), area) for area in areas if area != own.area}
    names = {own.area: own_name, **{area: name_of(area, figures.datasets) for area, figures in others.items()}}
    comparisons = [
        comparison
        for measure in choice.measures
        for comparison in compared(measure, indicators[measure.indicator], own, others, choice=choice, names=names)
    ]
    shown = [comparison for comparison in comparisons if comparison.others]
    return (*shown[: choice.lines], *(comparison for comparison in comparisons if not comparison.others))


def compared(
    measure: PeerMeasure,
    indicator: Indicator,
    own: Figures,
    others: Mapping[str, Figures],
    *,
    choice: PeerChoice,
    names: Mapping[str, Text],
) -> Iterator[PeerComparison]:
    """One measure of the country beside those of others; nothing where the country or all others have no figure."""
    variant = next(variant for variant in indicator.variants if variant.id == measure.population)
    latest = max(computed(indicator, variant, own), key=lambda candidate: candidate.year, default=None)
    if latest is None:
        return
    yardstick = Yardstick(latest, indicator, measure=measure, choice=choice)
    figures: list[PeerFigure] = []
    reasons: Counter[str] = Counter()
    for area, of_other in others.items():
        candidates, faults = known(indicator, variant, of_other)
        nearest, reason = closest(candidates, faults, yardstick)
        if not candidates and not faults:
            continue
        if not COUNTRY.fullmatch(area):
            reasons[STRANGE_AREA] += 1
        elif nearest is not None and len(figures) < choice.countries:
            figures.append(as_peer(nearest, area, names[area]))
        else:
            reasons[reason or ROOM] += 1
    if figures or reasons:
        yield PeerComparison(
            f"{measure.indicator}_{measure.population}",
            measure.name,
            unit=indicator.unit,
            own=as_peer(latest, own.area, names[own.area]),
            others=tuple(figures),
            left_out=tuple(sorted(reasons.items())),
        )


def as_peer(candidate: Candidate, area: str, name: Text) -> PeerFigure:
    """A figure as it is set beside others."""
    figure = candidate.figure
    return PeerFigure(
        area, name, period=str(candidate.year), value=figure.value, status=figure.status, sources=figure.sources
    )


def known(indicator: Indicator, variant: Variant, figures: Figures) -> tuple[list[Candidate], dict[int, str]]:
    """The values of an indicator by year, and by year why there is none though something is published.

    Values that are published as such come before those that are computed. A year with two different ones has none, nor
    has one with a text in place of a number.
    """
    by_year = {candidate.year: candidate for candidate in computed(indicator, variant, figures)}
    of_terms = faults_of(figures.yearly(term) for term in variant.terms.values())
    faults = {year: fault for year, fault in of_terms.items() if year not in by_year}
    first: dict[int, Candidate] = {}
    for candidate in published(indicator, variant, figures):
        if first.setdefault(candidate.year, candidate).figure.value != candidate.figure.value:
            faults[candidate.year] = SEVERAL
    faults |= faults_of(figures.yearly(selection) for selection in as_published(indicator, variant))
    by_year |= first
    return [candidate for year, candidate in by_year.items() if year not in faults], faults


def faults_of(terms: Iterable[Yearly]) -> dict[int, str]:
    """The years for which a term has two different values, or a text in place of a number."""
    faults: dict[int, str] = {}
    for term in terms:
        faults |= dict.fromkeys(sorted(term.unclear), SEVERAL) | dict.fromkeys(sorted(term.garbled), IMPOSSIBLE)
    return faults


def computed(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[Candidate]:
    """The values of an indicator that regular figures give, without forecasts; a census does not stand in."""
    for year, figure in of_variant(indicator, variant, figures).figures.items():
        if figure.status != FORECAST:
            is_plain = not caveats(figure, variant.terms.values(), year, figures)
            yield Candidate(year, figure, is_plain=is_plain)


def published(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[Candidate]:
    """The values of an indicator as their producer exchanges them, without forecasts."""
    for selection in as_published(indicator, variant):
        for year, figure in figures.yearly(selection).figures.items():
            if figure.status != FORECAST:
                yield Candidate(year, figure, is_plain=not caveats(figure, (), year, figures))


def as_published(indicator: Indicator, variant: Variant) -> Iterator[TermSelection]:
    """Under which codes producers exchange an indicator.

    The population stands in the dimensions of the status by birth and by citizenship, in the code of the indicator,
    or in both.
    """
    code = indicator.id if variant.id == TOTAL else f"{indicator.id}_{variant.id}"
    statuses = tuple((name, code) for name, code in lead_of(indicator, variant)[1].codes if name in POPULATIONS)
    for named, divided in ((indicator.id, statuses), (code, ()), (code, statuses)):
        yield TermSelection(INDICATORS, (("INDICATOR", named), *divided, ("UNIT_MEASURE", indicator.unit)))


def countries_in(datasets: Sequence[Dataset]) -> tuple[str, ...]:
    """The countries of which datasets have observations, in the order of their codes; groups of countries are none."""
    areas = {area for dataset in datasets for area in areas_of(dataset)}
    return tuple(sorted(area for area in areas if COUNTRY.fullmatch(area)))


def strange_areas_in(datasets: Sequence[Dataset]) -> tuple[str, ...]:
    """The areas of which datasets have observations that are no country, and stand in no list either."""
    strange: set[str] = set()
    for dataset in datasets:
        codelist = dataset.flow.codelist(AREA)
        strange |= {area for area in areas_of(dataset) if codelist is None or area not in codelist}
    return tuple(sorted(area for area in strange if not COUNTRY.fullmatch(area)))


def areas_of(dataset: Dataset) -> set[str]:
    """The areas of which a dataset has observations."""
    frame = dataset.observations
    return set(frame.get_column(AREA).cast(pl.String).drop_nulls().unique()) if AREA in frame.columns else set()


def of_country(datasets: Sequence[Dataset], area: str) -> list[Dataset]:
    """What datasets hold of one country, without the observations that say they are not free for publication."""
    with_area = [dataset for dataset in datasets if AREA in dataset.observations.columns]
    return [
        replace(dataset, observations=free(dataset.observations.filter(pl.col(AREA).cast(pl.String) == area)))
        for dataset in with_area
    ]


def free(observations: pl.DataFrame) -> pl.DataFrame:
    """The observations that may be published: those that say so, or say nothing of it."""
    if CONFIDENTIALITY not in observations.columns:
        return observations
    return observations.filter(pl.col(CONFIDENTIALITY).cast(pl.String).fill_null("").is_in(["", FREE]))


def name_of(area: str, datasets: Sequence[Dataset]) -> Text:
    """What a country is called by the lists that the data follow; its code if they do not know it."""
    codelists = [dataset.flow.codelist(AREA) for dataset in datasets]
    names = (codelist[area].name for codelist in codelists if codelist and area in codelist)
    return next(names, Text.of(en=area))
