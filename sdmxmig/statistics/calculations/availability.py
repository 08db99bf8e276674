"""Availability of data by dataflow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.breakdowns import Availability
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.indicators import TOTAL
from sdmxmig.statistics.calculations.evidence import measure_of, of_area, time_of


def data_availability(datasets: Iterable[Dataset], area: str) -> tuple[Availability, ...]:
    datasets_by_flow: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        in_area = of_area(dataset, area)
        if in_area.observations.get_column(measure_of(in_area.flow)).count():
            datasets_by_flow.setdefault(in_area.flow.id, []).append(in_area)
    return tuple(availability_of(of_flow) for _, of_flow in sorted(datasets_by_flow.items()))


def availability_of(datasets: Sequence[Dataset]) -> Availability:
    flow, measure = datasets[0].flow, measure_of(datasets[0].flow)
    frames = [dataset.observations.drop_nulls(measure) for dataset in datasets]
    periods = sorted({str(period) for frame in frames for period in frame.get_column(time_of(flow)).drop_nulls()})
    topics = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if codelist is None or TOTAL not in codelist:
            continue
        codes = {str(code) for frame in frames for code in frame.get_column(dimension).unique().drop_nulls()}
        if codes - {TOTAL}:
            topics.append((dimension, flow.concepts.get(dimension, Text())))
    values = sum(frame.height for frame in frames)
    return Availability(
        flow.id,
        flow.dataflow.name,
        first=periods[0] if periods else "",
        last=periods[-1] if periods else "",
        values=values,
        topics=tuple(topics),
    )
