"""Scores section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import choose_number_columns, tabulate
from sdmxmig.reporting.sections.items import has_answers
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import ModuleScore

TIER_NAMES = {"core": "core", "additional": "additional"}


@VIEWS.add("scores")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    if not has_answers(assessment):
        return {}
    return {
        "label": wording.say("Counts of answers"),
        "heading": wording.say("Answers by module, indicators by policy area"),
        "modules": tabulate_modules(assessment.modules, assessment, wording),
        "areas": tabulate_areas(assessment, wording),
        "formulas": list_formulas(assessment, wording) if assessment.signed_off else [],
    }


def tabulate_modules(scored: Sequence[ModuleScore], assessment: Assessment, wording: Wording) -> ReportTable | None:
    if not scored:
        return None
    heads = ["Questions", "Rated", "Not applicable", "Not rated", "Gaps", "Partial gaps"]
    if assessment.signed_off:  # public sources rarely state what is missing: a score from them would be high by itself
        heads.append("Score")
    columns = (ReportColumn(wording.say("Module")), *choose_number_columns(heads, wording))
    rows = tuple(_build_module_row(module_score, assessment, wording) for module_score in scored)
    return ReportTable("table-modules", wording.say("Answers by module"), columns=columns, rows=rows, stacked=True)


def _build_module_row(module_score: ModuleScore, assessment: Assessment, wording: Wording) -> ReportRow:
    counts = (
        module_score.asked,
        module_score.answered,
        module_score.not_applicable,
        module_score.unknown,
        module_score.gaps,
        module_score.partial,
    )
    return build_row(
        (
            ReportCell(wording.reference(assessment, "CL_BENCH_ITEM", module_score.module), note=module_score.module),
            *map(wording.number, counts),
            *([find_module(module_score, wording)] if assessment.signed_off else []),
        )
    )


def find_module(module_score: ModuleScore, wording: Wording) -> ReportCell:
    answered, asked = module_score.answered, module_score.answered + module_score.unknown
    rests_on = wording.say("{known} of {all} rated", known=wording.number(answered), all=wording.number(asked))
    if answered and 2 * answered < asked:
        return ReportCell(wording.say("too few answers"), note=rests_on, is_absent=True)
    value = module_score.score.value
    cell = wording.absent("not rated") if value is None else ReportCell(wording.write_percent(value))
    return replace(cell, note=rests_on if answered else "")


def tabulate_areas(assessment: Assessment, wording: Wording) -> ReportTable | None:
    heads = (
        "Indicators",
        "Known to be produced",
        "With all primary topics",
        "With values",
        "Not rated",
        "Feasible within one year",
    )

    rows = []
    for area_score in assessment.areas:
        n = area_score.counts
        counts = (n.total, n.produced, n.complete, n.shown, n.unknown, n.soon)
        name = ReportCell(wording.reference(assessment, "CL_POLICY_AREA", area_score.area), note=area_score.area)
        rows.append(build_row((name, wording.label(TIER_NAMES, area_score.tier), *map(wording.number, counts))))
    return tabulate(
        "table-areas",
        wording.say("Indicators by policy area and tier"),
        ("Policy area", "Tier", *heads),
        rows,
        wording,
        numbers=range(2, 2 + len(heads)),
        stacked=True,
    )


def list_formulas(assessment: Assessment, wording: Wording) -> list[str]:
    scored = [module_score.score for module_score in assessment.modules]
    ids = dict.fromkeys(score.formula for score in scored if score.formula in assessment.sentences)
    return [wording.of(assessment.sentences[formula]) for formula in ids]
