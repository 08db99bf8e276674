"""Coverage matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdmxmig.reporting.charts.grid import GridCell, GridRow, RatingGrid
from sdmxmig.reporting.charts.grid import draw as draw_grid
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.sections.items import of_module
from sdmxmig.reporting.sections.series import labels_of
from sdmxmig.reporting.sections.wording import EXCLUDED, NOT_KNOWN, Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import CONTRADICTED

AVAILABILITY = "AVAIL"
UNKNOWN, EXCLUDED_TOO = "unknown", "na"


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    name: str
    answers: tuple[str, ...]


def statistics_figure(modules: Sequence[str], assessment: Assessment, wording: Wording) -> ReportFigure | None:
    counted = [
        AnswerCounts(
            wording.reference(assessment, "CL_BENCH_ITEM", module),
            tuple(score.standing for score in of_module(assessment, module)),
        )
        for module in modules
    ]
    counted = with_ratings(counted)
    if not counted:
        return None
    title = wording.say("Number of statistics by how they are published, according to the profile")
    return counts_figure("coverage", counted, assessment, wording, title=title)


def with_ratings(counted: Sequence[AnswerCounts]) -> list[AnswerCounts]:
    return [counts for counts in counted if not NOT_KNOWN.issuperset(counts.answers)]


def claims_figure(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    core = [result for result in assessment.indicators if result.indicator.tier == "core"]
    areas = sorted({result.indicator.policy_area for result in core})
    counted = [
        AnswerCounts(
            wording.reference(assessment, "CL_POLICY_AREA", area),
            tuple(result.standing for result in core if result.indicator.policy_area == area),
        )
        for area in areas
    ]
    counted = with_ratings(counted)
    if not counted:
        return None
    title = wording.say("Number of core indicators by how they are published, according to the profile")
    return counts_figure("claims", counted, assessment, wording, title=title)


def counts_figure(
    name: str, counted: Sequence[AnswerCounts], assessment: Assessment, wording: Wording, *, title: str
) -> ReportFigure:
    """Draw rows by answers on availability, best first, with counts."""
    scale = assessment.scale(AVAILABILITY)
    levels = [(f"l{level}", code) for code, _ in scale.labels if (level := scale.level(code)) is not None]
    levels.sort(reverse=True)
    heads = [wording.of(scale.label(code)) for _, code in levels] + [wording.say("not rated")]
    kinds = [*levels, (UNKNOWN, ""), (EXCLUDED_TOO, ""), (UNKNOWN, CONTRADICTED)]
    heads += [wording.say("not applicable"), wording.say("contradicted by the data, to confirm")]
    # Unused answers would be empty columns.
    answers = [answer for counts in counted for answer in counts.answers]
    occurring = [number for number, kind in enumerate(kinds) if any(fits(answer, *kind) for answer in answers)]
    heads, kinds = [heads[number] for number in occurring], [kinds[number] for number in occurring]
    cells = [[sum(fits(answer, *kind) for answer in counts.answers) for kind in kinds] for counts in counted]
    drawing = RatingGrid(
        tuple(heads),
        tuple(
            GridRow(counts.name, tuple(cell(level, n, wording) for (level, _), n in zip(kinds, numbers, strict=True)))
            for counts, numbers in zip(counted, cells, strict=True)
        ),
    )
    description = wording.say(
        "Matrix of counts: {rows}.",
        rows=wording.semicolons(in_words(counts, heads, n, wording) for counts, n in zip(counted, cells, strict=True)),
    )
    figure = f"figure-{name}"
    labels = labels_of(figure, title, description=description, words={}, wording=wording)
    columns = (ReportColumn(""), *(ReportColumn(head, is_number=True) for head in heads))
    rows = tuple(
        row((counts.name, *(ReportCell(wording.number(n)) for n in numbers)))
        for counts, numbers in zip(counted, cells, strict=True)
    )
    columns = (ReportColumn(wording.say("Statistics")), *columns[1:])
    # Regions of a page need unique names, and this figure may appear more than once.
    figure_data = ReportTable(
        f"data-{name}", wording.say("Data of this figure: {title}", title=title), columns=columns, rows=rows
    )
    return figure_of(labels, draw_grid, drawing, data=figure_data, source=wording.say("Source: country profile."))


def fits(answer: str, level: str, code: str) -> bool:
    if level == UNKNOWN and not code:
        return answer in NOT_KNOWN
    return answer in EXCLUDED if level == EXCLUDED_TOO else answer == code


def cell(level: str, n: int, wording: Wording) -> GridCell:
    return GridCell(level, wording.number(n)) if n else GridCell()


def in_words(counts: AnswerCounts, heads: Sequence[str], numbers: Iterable[int], wording: Wording) -> str:
    phrases = [f"{head} {wording.number(n)}" for head, n in zip(heads, numbers, strict=True) if n]
    return wording.pair(counts.name, wording.commas(phrases))
