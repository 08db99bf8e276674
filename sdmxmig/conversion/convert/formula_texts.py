"""Warnings about texts that a spreadsheet program would run as formulas."""

from __future__ import annotations

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.conversion.mapping.sourced_values import SourcedValues
from sdmxmig.primitives.formulas import RUNS, is_formula
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.rule_ids import RuleId


def check_formula_texts(readings: Readings, context: ConversionContext) -> None:
    """Report the values and attributes that are formulas to a spreadsheet program, once a component."""
    measure = context.flow.structure.measure.id
    values = SourcedValues(readings.number, readings.cells["row"], cell_columns=readings.cells["column"])
    for name, cell_values in {measure: values, **readings.components}.items():
        formula_rows = formulas(cell_values.cell_values).arg_true()
        cells = zip(
            cell_values.cell_rows.gather(formula_rows), cell_values.cell_columns.gather(formula_rows), strict=True
        )
        places = [readings.layout.table.place(row, column) for row, column in dict.fromkeys(cells) if row is not None]
        if places:
            context.collector.add(
                RuleId.TEXT_IS_FORMULA,
                places,
                name,
                value=str(cell_values.cell_values[formula_rows[0]]),
                count=str(len(places)),
            )
    for name, text in readings.fixed.items():
        if is_formula(text):
            place = Place(context.mapping_place.file, key=f"{readings.layout.block.key}.fixed.{name}")
            context.collector.add(RuleId.TEXT_IS_FORMULA, [place], name, value=text, count="1")


def formulas(texts: pl.Series) -> pl.Series:
    return texts.str.contains(RUNS).fill_null(value=False)
