"""Flows reported by both countries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.comparisons import EMIGRATION, IMMIGRATION, Mirrored
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.indicators import TOTAL
from sdmxmig.sdmx.model.region import Corridor, ReportedFlow
from sdmxmig.statistics.calculations.evidence import time_of
from sdmxmig.statistics.comparison.definitions import Rulebook
from sdmxmig.statistics.demography.amounts import Amounts, amounts

ANNUAL = "A"
AREA, FREQUENCY = "REF_AREA", "FREQ"
ReportKey = tuple[str, str, str, str]
"""Origin, destination, period and direction of what was reported."""


def corridors(
    datasets: Mapping[str, Sequence[Dataset]], mirrored: Sequence[Mirrored], rulebook: Rulebook
) -> tuple[Corridor, ...]:
    """Pair mirror flows in the latest fullest year.

    Conflicting reports count as none.
    """
    reports: dict[ReportKey, ReportedFlow] = {}
    for area in sorted(datasets):
        for mirror in mirrored:
            reports |= reported(area, datasets[area], mirror, rulebook)
    by_pair: dict[tuple[str, str], dict[str, dict[str, ReportedFlow]]] = {}
    for (origin, destination, period, direction), report in reports.items():
        by_pair.setdefault((origin, destination), {}).setdefault(period, {})[direction] = report
    all_corridors = []
    for (origin, destination), periods in sorted(by_pair.items()):
        period = max(periods, key=lambda year: (len(periods[year]), year))
        sides = periods[period]
        all_corridors.append(
            Corridor(
                origin, destination, period=period, emigration=sides.get(EMIGRATION), immigration=sides.get(IMMIGRATION)
            )
        )
    return tuple(all_corridors)


def reported(
    area: str, datasets: Sequence[Dataset], mirrored: Mirrored, rulebook: Rulebook
) -> dict[ReportKey, ReportedFlow]:
    partners = frozenset(rulebook.rules) - {area}
    definition = rulebook.definition(area, ((mirrored.flow,),))
    figures: dict[ReportKey, Decimal] = {}
    unclear: set[ReportKey] = set()
    for dataset in datasets:
        if dataset.flow.id == mirrored.flow:
            for partner, period, value in totals(dataset, area, mirrored, partners):
                route = (partner, area) if mirrored.direction == IMMIGRATION else (area, partner)
                key = (*route, period, mirrored.direction)
                if figures.setdefault(key, value) != value:
                    unclear.add(key)
    return {key: ReportedFlow(value, definition) for key, value in figures.items() if key not in unclear}


def totals(
    dataset: Dataset, area: str, mirrored: Mirrored, partners: frozenset[str]
) -> Iterator[tuple[str, str, Decimal]]:
    """The yearly figures of everybody by partner: partner, year, number of persons."""
    dataset_amounts: Amounts = amounts(dataset)
    time = time_of(dataset.flow)
    conditions = [
        pl.col(AREA) == area,
        pl.col(mirrored.partner).is_in(sorted(partners)),
        pl.col("amount").is_not_null(),
    ]
    for dimension in dataset.flow.structure.series_key:
        codelist = dataset.flow.codelist(dimension)
        if dimension == FREQUENCY:
            conditions.append(pl.col(dimension) == ANNUAL)
        elif dimension not in (AREA, mirrored.partner) and codelist is not None and TOTAL in codelist:
            conditions.append(pl.col(dimension) == TOTAL)
    rows = (
        dataset_amounts.frame.filter(*conditions).select(mirrored.partner, time, "amount").sort(mirrored.partner, time)
    )
    for partner, period, amount in rows.iter_rows():
        yield partner, period, dataset_amounts.exact(amount)
