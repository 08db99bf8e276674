"""Every computed value with its formula, the published figures in it, and the cells where they stand."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.assessment import Assessment, IndicatorResult, IndicatorValue
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.indicators import place_of, written
from sdmxmig.reporting.wording import Wording


@VIEWS.add("values")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The table of all values; None if there are none."""
    results = sorted(assessment.indicators, key=place_of)
    rows = tuple(_row(value, result, assessment, wording) for result in results for value in result.values)
    return {
        "label": wording.say("Annex: computed values"),
        "heading": wording.count(
            "{n} value was computed from the tables of the country",
            "{n} values were computed from the tables of the country",
            len(rows),
        ),
        "table": table(rows, wording) if rows else None,
    }


def table(rows: tuple[Row, ...], wording: Wording) -> Table:
    """One row a value."""
    heads = (("Indicator", False), ("Population", False), ("Period", False), ("Value", True))
    columns = (
        *(Column(wording.say(head), is_number) for head, is_number in heads),
        Column(wording.say("Formula, and the cells of its terms")),
    )
    return Table("table-values", wording.say("Computed values, with formula, terms and cells"), columns, rows)


def _row(value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> Row:
    return row(
        (
            Cell(result.indicator.code),
            Cell(wording.of(value.name)),
            Cell(value.period, note=wording.say("break") if value.status == "B" else ""),
            Cell(written(value, result, assessment, wording)),
            Cell(wording.formula(value.formula), note=terms(value, wording)),
        )
    )


def terms(value: IndicatorValue, wording: Wording) -> str:
    """The terms of a value, each with the cell where it stands."""
    told = [f"{term}: {wording.formula(number)}" for term, number in value.terms]
    cells = [str(place) for place in value.places]
    if len(told) != len(cells):  # a term that is computed by a source of its own has no cell
        return "; ".join(filter(None, ["; ".join(told), ", ".join(cells)]))
    return "; ".join(f"{term} ({cell})" for term, cell in zip(told, cells, strict=True))
