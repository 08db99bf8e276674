"""Alignment strip of rated questions."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from itertools import groupby

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.wording import NOT_APPLICABLE, NOT_KNOWN, SIGNS, Wording
from sdmxmig.sdmx.model.assessment import Assessment, Score


@dataclass(frozen=True, slots=True)
class ModuleStrip:
    """One module of the strip: a cell for each rated item, and how many of its items are rated."""

    id: str
    name: str
    _: KW_ONLY
    cells: tuple[tuple[str, ReportCell], ...]
    known: str


def modules(assessment: Assessment, wording: Wording) -> list[ModuleStrip]:
    """The alignment strip: the modules of which something is known, a cell an item."""
    strip = []
    for name, scores in by_module(assessment):
        cells = tuple((score.item.id, _cell(score, assessment, wording)) for score in scores if is_known(score))
        if cells:
            strip.append(
                ModuleStrip(
                    name,
                    wording.reference(assessment, "CL_BENCH_ITEM", name),
                    cells=cells,
                    known=wording.say(
                        "{known} of {all} rated", known=wording.number(len(cells)), all=wording.number(len(scores))
                    ),
                )
            )
    return strip


def silent(assessment: Assessment, wording: Wording) -> str:
    names = [
        wording.reference(assessment, "CL_BENCH_ITEM", module)
        for module, scores in by_module(assessment)
        if not any(is_known(score) for score in scores)
    ]
    return wording.say("Subjects without any rating: {modules}.", modules=wording.commas(names)) if names else ""


def by_module(assessment: Assessment) -> list[tuple[str, list[Score]]]:
    return [(name, list(scores)) for name, scores in groupby(assessment.scores, key=lambda score: score.item.module)]


def no_gap(assessment: Assessment, wording: Wording) -> str:
    if is_mostly_rated(assessment):
        return wording.say("No gap is known.")
    return wording.say("Too few questions are rated to show gaps.")


def is_mostly_rated(assessment: Assessment) -> bool:
    return 2 * sum(map(is_known, assessment.scores)) >= len(assessment.scores)


def is_known(score: Score) -> bool:
    return score.answer not in NOT_KNOWN


def _cell(score: Score, assessment: Assessment, wording: Wording) -> ReportCell:
    rated = wording.rating(assessment.scale(score.item.scale), score.standing)
    name = wording.of(score.item.name)
    return ReportCell(name, wording.pair(name, rated.text), mark="", sign=rated.sign or "·", level=rated.level)


def legend(wording: Wording) -> list[ReportCell]:
    return [
        ReportCell(wording.say("not in place"), sign=SIGNS[0], level="l0"),
        ReportCell(wording.say("begun"), sign=SIGNS[1], level="l1"),
        ReportCell(wording.say("partly"), sign=SIGNS[2], level="l2"),
        ReportCell(wording.say("mostly"), sign=SIGNS[3], level="l3"),
        ReportCell(wording.say("fully"), sign=SIGNS[4], level="l4"),
        ReportCell(wording.say("not applicable"), sign=NOT_APPLICABLE, level="na"),
    ]
