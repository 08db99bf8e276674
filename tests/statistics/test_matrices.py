"""Figures of ratings of indicators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assessed import georgia

from sdmxmig.reporting.sections.blocks import ReportFigure
from sdmxmig.reporting.sections.matrices import availability_figure
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import IndicatorResult

EN = Wording("en")


def texts(figure: ReportFigure | None) -> list[list[str]]:
    assert figure is not None
    return [[cell.text for cell in row.cells] for row in figure.data.rows]


def with_indicators(*results: IndicatorResult) -> Assessment:
    assessment = georgia()
    return replace(assessment, indicators=results)


def core(**more: Any) -> IndicatorResult:
    return replace(georgia().indicators[0], **more)


def test_indicator_without_information_is_counted_and_not_drawn() -> None:
    known = core(topics=(("AGE", False), ("SEX", True)))
    silent = georgia().indicators[1]
    figure = availability_figure((known, silent), with_indicators(known, silent), EN, name="core-a")
    assert texts(figure) == [
        ["Measuring migration"],
        ["Immigration rate", "Some topics", "1 of 2", "2023"],
    ]
    assert figure
    assert figure.title == "Core migration indicators (Part A)"
    assert availability_figure((silent,), with_indicators(silent), EN, name="core-a") is None


def test_topics_of_some_years_and_values_without_a_total_are_data() -> None:
    by_age = tuple(replace(value, codes=(("AGE", "Y0T14"),)) for value in core().values)
    some_years = core(topics=(("AGE", False), ("SEX", False)), parts=by_age)
    without_total = core(topics=(("AGE", False), ("SEX", False)), values=(), parts=by_age)
    figure = availability_figure((some_years, without_total), with_indicators(some_years, without_total), EN, name="a")
    assert [row[2:4] for row in texts(figure)[1:]] == [["1 of 2", "2023"], ["1 of 2", "2023"]]


def test_topics_are_unknown_without_values() -> None:
    declared = core(values=(), topics=(("SEX", False),))
    shown = core(topics=(("SEX", True),))
    figure = availability_figure((declared, shown), with_indicators(declared, shown), EN, name="core-a")
    assert texts(figure)[1:] == [
        ["Immigration rate", "Some topics", "no data", "no data"],
        ["Immigration rate", "Some topics", "1 of 1", "2023"],
    ]


def test_a_column_without_any_answer_or_value_is_left_out() -> None:
    declared = core(values=(), topics=(("SEX", False),))
    figure = availability_figure((declared,), with_indicators(declared), EN, name="core-a")
    assert figure
    assert [column.label for column in figure.data.columns] == ["Indicator", "Available"]
    assert texts(figure)[1:] == [["Immigration rate", "Some topics"]]
