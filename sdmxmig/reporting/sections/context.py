"""Size of migration and of the population."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.reporting.sections.quantities import (
    build_label,
    describe_quantity,
    find_latest_flow,
    find_newest,
    write_figure,
)
from sdmxmig.reporting.sections.series import PROJECTION, PROVISIONAL_NAMES, find_series, index_by_period
from sdmxmig.reporting.sections.standing import list_counts_apart
from sdmxmig.reporting.sections.wording import Wording, raise_first
from sdmxmig.statistics.model.assessment import Assessment, Point, Series
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE

RECENT_YEARS = 5


def state_size(assessment: Assessment, wording: Wording) -> str:
    coming, going = (find_series(assessment, role) for role in ("immigration", "emigration"))
    latest_periods = [point.period for point in (find_newest(coming), find_newest(going)) if point]
    year = min(latest_periods) if len(latest_periods) == 2 else ""
    inflow, outflow = (index_by_period(series).get(year) for series in (coming, going))
    net = find_latest_flow(assessment, "net")
    if net is not None and net.period > year:
        figure = wording.say(
            "Net migration was {net} in {year}",
            net=describe_quantity(net.known, wording, signed=True),
            year=wording.year(net.period, build_label([net], wording)),
        )
        series = find_series(assessment, "net")
        final = find_newest(series and replace(series, points=tuple(filter(is_final, series.points))))
        if final is None or final.period == net.period:
            return figure
        earlier = describe_quantity(final.known, wording, signed=True)
        return wording.say("{figure}; final: {earlier} in {year}", figure=figure, earlier=earlier, year=final.period)
    if inflow is None or outflow is None or inflow.known is None or outflow.known is None:
        return ""
    return raise_first(
        wording.say(
            "Immigration was {inflow} and emigration {outflow} in {year}",
            inflow=write_figure(inflow.known, wording),
            outflow=write_figure(outflow.known, wording),
            year=wording.year(year, label_flows(inflow, outflow, wording)),
        )
    )


def is_final(point: Point) -> bool:
    return point.status not in PROVISIONAL_NAMES


FLOW_TEXTS = {
    "immigration": "Immigration was {number} in {year}",
    "emigration": "Emigration was {number} in {year}",
}


def state_size_of_one_flow(assessment: Assessment, wording: Wording) -> str:
    for role, sentence in FLOW_TEXTS.items():
        point = find_latest_flow(assessment, role)
        if point is not None:
            year = wording.year(point.period, build_label([point], wording))
            return raise_first(wording.say(sentence, number=write_figure(point.known, wording), year=year))
    return ""


def find_population(assessment: Assessment) -> Series | None:
    """Return the yearly population; a recent census precedes projections and models, or figures that differ from it."""
    yearly, census = (find_series(assessment, role) for role in ("population", "census"))
    latest, counted = find_newest(yearly), find_newest(census)
    if counted is None or not is_recent(counted.period, assessment):
        return yearly
    is_apart = any(effect.period == counted.period for effect in list_counts_apart(assessment))
    is_counted = latest is not None and latest.status != PROJECTION and latest.kind != MODEL_ESTIMATE
    return yearly if is_counted and not is_apart else census


def is_recent(period: str, assessment: Assessment) -> bool:
    return int(assessment.year) - int(period[:4]) <= RECENT_YEARS


def label_flows(inflow: Point, outflow: Point, wording: Wording) -> str:
    labels = {
        wording.say("immigration"): build_label([inflow], wording),
        wording.say("emigration"): build_label([outflow], wording),
    }
    if len(set(labels.values())) == 1:
        return build_label([inflow], wording)
    return wording.join_with_commas(wording.pair(flow, label) for flow, label in labels.items() if label)
