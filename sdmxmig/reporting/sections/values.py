"""Computed values section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.indicators import build_indicator_sort_key
from sdmxmig.reporting.sections.latest_values import format_number, format_unit, list_value_cautions
from sdmxmig.reporting.sections.series import state_not_final
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import IndicatorResult, IndicatorValue

Computed = tuple[IndicatorResult, IndicatorValue]


@VIEWS.add("values")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    results = sorted(assessment.indicators, key=build_indicator_sort_key)
    values = [(result, value) for result in results for value in (*result.values, *result.group_rates)]
    number = len(values) + sum(len(result.parts) for result in results)
    return {
        "label": wording.say("Computed values"),
        "heading": wording.count(
            "{n} value was computed from the tables", "{n} values were computed from the tables", number
        ),
        "table": tabulate_values(select_newest(values), number, assessment, wording) if values else None,
    }


def select_newest(values: Iterable[Computed]) -> list[Computed]:
    chosen: list[Computed] = []
    for _, group in groupby(values, key=lambda computed: computed[0].indicator.id):
        of_indicator = list(group)
        last = max(value.period for _, value in of_indicator)
        chosen += [computed for computed in of_indicator if computed[1].period == last]
    return chosen


def tabulate_values(values: list[Computed], number: int, assessment: Assessment, wording: Wording) -> ReportTable:
    heads = ("Population", "Period", "Value", "Unit", "Formula and source cells of its terms")
    return build_table(
        "table-values",
        wording.say("Computed values, with formula, terms and cells"),
        heads,
        build_indicator_rows(values, assessment, wording),
        wording,
        numbers=(2,),
        notes=(
            wording.say(
                "Values of the newest period of each indicator. All values, with those by topic ({n}), are in "
                "assessment.json.",
                n=wording.number(number),
            ),
            *list_cautions(values, assessment, wording),
        ),
        stacked=True,
    )


def build_indicator_rows(values: Iterable[Computed], assessment: Assessment, wording: Wording) -> tuple[ReportRow, ...]:
    rows: list[ReportRow] = []
    for indicator, computed in groupby(values, key=lambda one: one[0].indicator):
        rows.append(build_row((ReportCell(wording.of(indicator.name), note=indicator.code),), "group"))
        rows += [_build_row(value, result, assessment, wording) for result, value in computed]
    return tuple(rows)


def _build_row(value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportRow:
    return build_row(
        (
            ReportCell(wording.of(value.name)),
            ReportCell(value.period, note=format_remark(value, wording)),
            ReportCell(format_number(value, result, wording)),
            ReportCell(format_unit(value, assessment, wording)),
            ReportCell(wording.formula(value.formula), note=format_terms(value, wording)),
        )
    )


def format_remark(value: IndicatorValue, wording: Wording) -> str:
    broken = wording.say("break") if value.status == "B" else ""
    status = state_not_final([value.status], wording, str(value.basis))
    return wording.qualified(filter(None, (broken, wording.of(value.basis), status)))


def list_cautions(values: Iterable[Computed], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    names_by_sentence: dict[str, dict[str, None]] = {}
    for result, value in values:
        for sentence in list_value_cautions([value], assessment, wording):
            names_by_sentence.setdefault(sentence, {})[wording.of(result.indicator.name)] = None
    return tuple(
        wording.say("{sentence}.", sentence=wording.pair(wording.join_with_semicolons(names), sentence))
        for sentence, names in names_by_sentence.items()
    )


def format_terms(value: IndicatorValue, wording: Wording) -> str:
    phrases = [wording.formula(number) for _, number in value.terms]
    cells = [str(place) for place in value.places]
    if len(phrases) != len(cells):  # a term computed from its own source has no cell
        return wording.join_with_semicolons(
            filter(None, [wording.join_with_semicolons(phrases), wording.join_with_commas(cells)])
        )
    return wording.join_with_semicolons(f"{term} ({cell})" for term, cell in zip(phrases, cells, strict=True))
