"""Tables of indicators with availability, latest value and topics."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from assessed import georgia

from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.indicators import tabulate_core, tabulate_core_tiers
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import IndicatorResult

EN = Wording("en")


def texts(table: ReportTable | None) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def with_indicators(*results: IndicatorResult) -> Assessment:
    assessment = georgia()
    return replace(assessment, indicators=results)


def core(**more: Any) -> IndicatorResult:
    return replace(georgia().indicators[0], **more)


def test_indicator_without_information_is_not_listed() -> None:
    known = core(practice=Text())
    silent = georgia().indicators[1]
    table = tabulate_core((known, silent), with_indicators(known, silent), EN)
    assert texts(table) == [
        ["Policy area: Measuring migration"],
        ["Immigration rate", "Counts: some topics", "55.4 per 1,000 population (2023)"],
    ]
    assert table.caption == "Core migration indicators"
    assert tabulate_core_tiers(with_indicators(silent), EN) == []


def test_indicator_table_shows_the_practice() -> None:
    table = tabulate_core((core(),), with_indicators(core()), EN)
    assert texts(table)[1][1] == "Published as a number, not as a rate."


def test_values_without_total_are_shown() -> None:
    by_age = tuple(replace(value, codes=(("AGE", age),)) for age in ("Y0T14", "Y15T64") for value in core().values)
    without_total = core(values=(), parts=by_age)
    table = tabulate_core((without_total,), with_indicators(without_total), EN)
    assert texts(table)[1][2] == ("Y0T14: 55.4 per 1,000 population (2023); Y15T64: 55.4 per 1,000 population (2023)")


def test_number_of_cases_has_no_unit() -> None:
    first = core()
    cases = core(
        indicator=replace(first.indicator, calculation="count"),
        values=tuple(replace(value, unit="NUMBER", value=Decimal(254)) for value in first.values[-1:]),
    )
    table = tabulate_core((cases,), with_indicators(cases), EN)
    assert texts(table)[1][2] == "254 (2023)"
