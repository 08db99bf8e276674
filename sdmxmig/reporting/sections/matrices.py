"""Rating matrices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.reporting.charts.grid import GridCell, GridRow, RatingGrid
from sdmxmig.reporting.charts.grid import draw as draw_grid
from sdmxmig.reporting.sections.blocks import (
    ReportCell,
    ReportColumn,
    ReportFigure,
    ReportRow,
    ReportTable,
    figure_of,
    row,
)
from sdmxmig.reporting.sections.series import labels_of
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import IndicatorResult, headline

MEANINGS = {"described": "described", "unknown": "unanswered or no data", "na": "not applicable"}
UNKNOWN_LEVEL = "unknown"
AVAILABILITY = "AVAIL"
TIERS = {
    ("A", "core"): "Core migration indicators (Part A)",
    ("B", "core"): "Core indicators of other fields (Part B)",
    ("A", "additional"): "Additional migration indicators (Part A)",
    ("B", "additional"): "Additional indicators of other fields (Part B)",
}
HEADS = ("Available", "Breakdowns in the data", "Latest year")
"""The columns of the matrix of indicators."""


def legend(results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> dict[str, str]:
    """Explain the signs by the answers that are drawn with them."""
    answers: dict[str, dict[str, None]] = {}
    for result in results:
        declared = wording.rating(assessment.scale(AVAILABILITY), result.standing, is_described=bool(result.practice))
        answers.setdefault(declared.level, {})[lowered(declared.text)] = None
    meanings = {level: wording.say(meaning) for level, meaning in MEANINGS.items()}
    return {level: wording.semicolons(sorted(texts)) for level, texts in answers.items() if level} | meanings


def availability_figure(
    results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording, *, name: str
) -> ReportFigure | None:
    """Draw indicators of a tier by policy area: availability, topics, latest year; None if unknown."""
    if not any(result.is_known for result in results):
        return None
    known_results = [result for result in results if result.is_known]
    cells = [cells_of(result, assessment, wording) for result in known_results]
    shown = [head for head in HEADS if any(levels[head][0] != UNKNOWN_LEVEL for levels in cells)]
    heads = [wording.say(head) for head in shown]
    drawing, rows = lines_of(known_results, shown, assessment, wording)
    title = tier_name(results[0].indicator, wording)
    description = wording.say(
        "Matrix with one row for each indicator that has an answer or data, and columns for: {columns}. "
        "The table below gives the same information in words.",
        columns=wording.commas(heads),
    )
    figure = f"figure-availability-{name}"
    labels = labels_of(
        figure, title, description=description, words=legend(known_results, assessment, wording), wording=wording
    )
    columns = (ReportColumn(wording.say("Indicator")), *(ReportColumn(head) for head in heads))
    caption = wording.say("Data of this figure: {title}", title=title)
    figure_data = ReportTable(f"data-availability-{name}", caption, columns=columns, rows=tuple(rows))
    source = wording.say("Source: country profile and the data of this report.")
    return figure_of(labels, draw_grid, RatingGrid(tuple(heads), tuple(drawing)), data=figure_data, source=source)


def tier_name(indicator: Indicator, wording: Wording) -> str:
    return wording.say(TIERS[indicator.part, indicator.tier])


def production(results: Sequence[IndicatorResult], wording: Wording) -> str:
    """Count indicators by what is known of them; “0 produced” needs every answer."""
    counted = headline(results)
    total, unknown = wording.number(counted.total), wording.number(counted.unknown)
    phrases = []
    if counted.produced or not counted.unknown:
        produced = wording.number(counted.produced)
        phrases.append(wording.say("{n} of {total} known to be produced", n=produced, total=total))
    if counted.unknown:
        other = counted.total - counted.produced - counted.unknown
        if other:
            phrases.append(
                wording.say("{n} of {total} with other answers or values", n=wording.number(other), total=total)
            )
        phrases.append(wording.say("{n} of {total} not rated", n=unknown, total=total))
    return wording.semicolons(phrases)


def lines_of(
    results: Sequence[IndicatorResult], heads: Sequence[str], assessment: Assessment, wording: Wording
) -> tuple[list[GridRow], list[ReportRow]]:
    lines: list[GridRow] = []
    rows: list[ReportRow] = []
    ordered = sorted(
        results, key=lambda result: (result.indicator.policy_area, result.indicator.order, result.indicator.id)
    )
    for area, members in groupby(ordered, key=lambda result: result.indicator.policy_area):
        head = wording.reference(assessment, "CL_POLICY_AREA", area)
        lines.append(GridRow(head))
        rows.append(row((head,), "group"))
        for result in members:
            cells_by_head = cells_of(result, assessment, wording)
            cells = [cells_by_head[head] for head in heads]
            called = wording.of(result.indicator.name)
            lines.append(GridRow(called, tuple(GridCell(level, words) for level, words, _ in cells)))
            rows.append(row((called, *(ReportCell(words) for _, _, words in cells))))
    return lines, rows


def cells_of(result: IndicatorResult, assessment: Assessment, wording: Wording) -> dict[str, tuple[str, str, str]]:
    declared = wording.rating(assessment.scale(AVAILABILITY), result.standing, is_described=bool(result.practice))
    latest = result.latest or max((part.period for part in result.parts), default="")
    value = ("plain", latest, latest) if latest else (UNKNOWN_LEVEL, "", wording.say("no data"))
    return dict(zip(HEADS, ((declared.level, "", declared.text), topics(result, wording), value), strict=True))


def topics(result: IndicatorResult, wording: Wording) -> tuple[str, str, str]:
    if not result.topics or not (result.is_shown or result.parts):
        return UNKNOWN_LEVEL, "", wording.say("no data")
    shown, asked = (wording.number(len(topics)) for topics in (result.topics_in_data, result.topics))
    words = wording.say("{shown} of {asked}", shown=shown, asked=asked)
    return "plain", words, words
