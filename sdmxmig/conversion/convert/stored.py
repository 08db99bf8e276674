"""Stored and displayed figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.tables.shown import cut_short, shown
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.rule_ids import RuleId

DIGITS = 15
"""Spreadsheet programs show at most 15 digits; further ones are rounding noise."""


def without_noise(cells: pl.DataFrame) -> pl.DataFrame:
    """Round stored numbers as spreadsheet programs show them: 1250.7, not 1250.7000000000003."""
    text = pl.col("text")
    digits = text.str.replace_all(r"[^0-9]", "").str.strip_chars_start("0").str.len_chars()
    is_long = (pl.col("kind") == "number") & (text.str.len_bytes() > DIGITS) & text.str.contains(".", literal=True)
    noisy = cells.with_row_index("at").filter(is_long & (digits > DIGITS))
    if noisy.is_empty():
        return cells
    return cells.with_columns(text=cells["text"].scatter(noisy["at"], [shortened(number) for number in noisy["text"]]))


def shortened(number: str) -> str:
    """Round a number to the digits that spreadsheet programs show.

    >>> shortened("1250.7000000000003"), shortened("0.30000000000000004"), shortened("-2.9999999999999996")
    ('1250.7', '0.3', '-3')
    """
    with localcontext(prec=DIGITS):
        shortest = f"{+Decimal(number):f}"
    return shortest.rstrip("0").rstrip(".") if "." in shortest else shortest


def value_cells(layout: Layout, context: ConversionContext) -> pl.DataFrame:
    """Return the value cells of a block; `as_shown` uses displayed figures.

    Reports once per block if displayed digits differ from stored ones.
    """
    table, cells = layout.table, without_noise(layout.values())
    differing = cells.filter(cut_short(replace(table, cells=cells)))
    if not differing.is_empty():
        places = table.places(differing)
        first_shown = shown(replace(table, cells=differing.head(1)))["figure"].item()
        sheet = table.sheet or table.file
        context.collector.add(
            RuleId.OTHER_DIGITS_SHOWN,
            places,
            "",
            value=differing["text"][0],
            first=first_shown,
            sheet=sheet,
            count=str(len(places)),
        )
    if not layout.block.values.as_shown:
        return cells.drop("format")
    shown_cells = cells.filter((pl.col("kind") == "number") & pl.col("format").is_not_null())
    shown_cells = shown_cells.select("row", "column").hstack(shown(replace(table, cells=shown_cells)).select("figure"))
    figures = cells.drop("format").join(shown_cells, on=["row", "column"], how="left", maintain_order="left")
    return figures.with_columns(text=pl.coalesce("figure", "text")).drop("figure")
