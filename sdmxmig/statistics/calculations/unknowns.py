"""Unknown codes by dataflow and dimension."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.evidence import UnknownShare
from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations.figures import Figures

UNKNOWN = "_U"
OF_COUNTRIES = {"C_BIRTH": "BIRTH_STATUS", "C_CITIZEN": "CTZ_STATUS"}


def unknown_shares(figures: Figures) -> tuple[UnknownShare, ...]:
    flows = {dataset.flow.id: dataset for dataset in figures.datasets}
    return tuple(share for flow_id in sorted(flows) for share in shares_of(flows[flow_id], figures))


def shares_of(dataset: Dataset, figures: Figures) -> Iterator[UnknownShare]:
    """The shares of one dataflow."""
    flow = dataset.flow
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if codelist is None or UNKNOWN not in codelist or UNKNOWN not in figures.codes_in(flow.id, dimension):
            continue
        total = figures.yearly(TermSelection(flow.id, ())).figures
        selections = (TermSelection(flow.id, codes) for codes in ways(dimension, flow.structure.series_key))
        candidates = (figures.yearly(selection).figures for selection in selections)
        unknown = next(filter(None, candidates), {})
        years = [year for year in unknown if year in total and total[year].value]
        if years:
            part, whole = unknown[max(years)], total[max(years)]
            places = tuple(dict.fromkeys((*part.places, *whole.places)))
            yield UnknownShare(
                flow.id,
                dimension,
                period=str(max(years)),
                unknown=part.value,
                total=whole.value,
                share=part.value / whole.value,
                places=places,
            )


def ways(dimension: str, dimensions: Sequence[str]) -> Sequence[tuple[tuple[str, str], ...]]:
    fixed = ((dimension, UNKNOWN),)
    status = OF_COUNTRIES.get(dimension)
    return (fixed, (*fixed, (status, UNKNOWN))) if status and status in dimensions else (fixed,)
