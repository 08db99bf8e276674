"""Chart of the first page."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.reporting.sections.blocks import ReportFigure
from sdmxmig.reporting.sections.composition import migrants_over_time
from sdmxmig.reporting.sections.provisional import PROJECTION
from sdmxmig.reporting.sections.quantities import newest
from sdmxmig.reporting.sections.series import of_role
from sdmxmig.reporting.sections.trends import flow_years, flows, population_figure
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

YEARS = 10
MAX_NOTE_LENGTH = 300
"""Longer notes are in the report only, with the same figure."""
FIGURE, DATA = "figure-decade", "data-decade"


def decade(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    """Flows of the last ten years that are known, else migrants over time, else the population; None without any."""
    years = flow_years(assessment)[-YEARS:]
    if any(year.immigration is not None or year.emigration is not None or year.net is not None for year in years):
        return _renamed(flows(assessment, years, wording, name=FIGURE), wording)
    migrants = migrants_over_time(assessment)
    if migrants is not None:
        series = replace(migrants.series, points=migrants.series.points[-YEARS:])
        return population_figure(series, assessment, wording, group=migrants.group, name=FIGURE)
    population = of_role(assessment, "population")
    latest = newest(population)
    if population is None or latest is None or latest.status == PROJECTION:
        return None
    last_years = sorted(population.points, key=lambda point: point.period)[-YEARS:]
    return _renamed(
        population_figure(replace(population, points=tuple(last_years)), assessment, wording, name=FIGURE), wording
    )


def _renamed(figure: ReportFigure, wording: Wording) -> ReportFigure:
    section = wording.say("Production today")
    source = wording.say("Sources: report, section “{section}”.", section=section)
    caption = wording.say("{caption} (last ten years)", caption=figure.data.caption)
    notes = tuple(note for note in figure.notes if len(note) <= MAX_NOTE_LENGTH)
    return replace(figure, data=replace(figure.data, id=DATA, caption=caption), source=source, cited=(), notes=notes)
