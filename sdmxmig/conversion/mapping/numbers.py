"""Conversion of value cells to numbers, by column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sdmxmig.conversion.mapping.grid import folded, translated
from sdmxmig.conversion.mapping.meanings import attributes_of
from sdmxmig.conversion.mapping.sourced_values import BETWEEN, MINUS, number_expression, number_of, without_marks
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Attributes, Values

PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class CellReading:
    """The number of a value cell (None: missing) and its attributes."""

    number: str | None
    attributes: Attributes


def cell_reading(text: str, values: Values, *, numeric: bool) -> CellReading:
    """Interpret the text of a value cell.

    >>> cell_reading("1 234p", Values(thousands=" ", marks=(("p", (("OBS_STATUS", "P"),)),)), numeric=False)
    CellReading(number='1234', attributes=(('OBS_STATUS', 'P'),))
    """
    missing = {folded(sign): attributes for sign, attributes in values.missing}
    numbers = {folded(sign): number for sign, number in values.numbers}
    marks = dict(values.marks)
    written = folded(text)
    attributes: Attributes = ()
    if written not in missing and written not in numbers and not numeric:
        written, text_marks = without_marks(written, marks)
        attributes = attributes_of(text_marks, marks)
    if written in missing:
        return CellReading(None, (*attributes, *missing[written]))
    if written in numbers:
        return CellReading(numbers[written], attributes)
    return CellReading(written if numeric else number_of(written, values.thousands, values.decimal), attributes)


def read_numbers(
    cells: pl.DataFrame, values: Values, free_text: frozenset[str]
) -> tuple[pl.Series, list[tuple[str, pl.Series]]]:
    """Read the numbers and attributes of value cells (``text``, ``kind``).

    Regular numbers are read by column, other texts once each. The last attribute value counts; `free_text` ones are all
    kept.
    """
    signs = [sign for sign, _ in (*values.missing, *values.numbers)]
    special = pl.col("text").is_in(pl.Series(signs, dtype=pl.String).implode()) if signs else pl.lit(value=False)
    like_numbers = [sign for sign in signs if re.fullmatch(PLAIN, folded(sign))]
    special_numbers = special if like_numbers else pl.lit(value=False)
    numeric = pl.col("kind") == "number"
    unread = cells.with_row_index("at").filter(~numeric | special_numbers)
    if not values.thousands and values.decimal == ".":
        unread = unread.filter(~pl.col("text").str.contains(PLAIN) | special_numbers)
    if unread.is_empty():
        return rescaled(cells["text"], values), []
    bare = pl.col("text").str.strip_chars().str.replace_all(MINUS, "-", literal=True)
    if values.thousands.isspace():
        bare = bare.str.replace_all(r"\s", " ")
    judged = unread.select("at", "text", special=special, numeric=numeric, bare=bare)
    easy = ~pl.col("special") & pl.col("bare").str.contains(number_expression(values.thousands, values.decimal))
    judged = judged.with_columns(easy=easy).with_columns(number=pl.when("easy").then(_separators_removed(values)))
    numbers = (
        cells["text"].scatter(judged["at"], judged["number"]) if unread.height < cells.height else judged["number"]
    )
    hard = judged.filter(~pl.col("easy")).select("at", "text", "numeric")
    if hard.is_empty():
        return rescaled(numbers, values), []
    distinct = hard.select("text", "numeric").unique(maintain_order=True)
    readings = [cell_reading(text, values, numeric=number) for text, number in distinct.iter_rows()]
    names = list(dict.fromkeys(name for reading in readings for name, _ in reading.attributes))
    columns = {"number": [reading.number for reading in readings]}
    columns |= {f"set {name}": [_value(reading.attributes, name, free_text) for reading in readings] for name in names}
    read_texts = distinct.with_columns(pl.Series(name, texts, dtype=pl.String) for name, texts in columns.items())
    hard = hard.join(read_texts, on=["text", "numeric"], how="left", maintain_order="left")
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
    attributes = [(name, empty.clone().scatter(hard["at"], hard[f"set {name}"])) for name in names]
    return rescaled(numbers.scatter(hard["at"], hard["number"]), values), attributes


def _value(attributes: Attributes, name: str, free_text: frozenset[str]) -> str | None:
    values = list(dict.fromkeys(value for attribute, value in attributes if attribute == name))
    if name in free_text:
        return BETWEEN.join(values) or None
    return values[-1] if values else None


def _separators_removed(values: Values) -> pl.Expr:
    number = pl.col("bare").str.strip_prefix("+")
    if values.thousands:
        number = number.str.replace_all(" " if values.thousands.isspace() else values.thousands, "", literal=True)
    return number if values.decimal == "." else number.str.replace(values.decimal, ".", literal=True)


def rescaled(numbers: pl.Series, values: Values) -> pl.Series:
    """Reverse signs or scale numbers as the mapping says; other texts stay."""
    if values.multiply:
        numbers = translated(numbers, lambda number: multiplied(number, values.multiply))
    if values.turned:
        frame = pl.DataFrame({"n": numbers})
        column = pl.col("n")
        turned = (
            pl.when(column.str.starts_with("-"))
            .then(column.str.slice(1))
            .when(column.str.contains("[1-9]") & column.str.contains("^[0-9]"))
            .then(pl.lit("-") + column)
            .otherwise(column)
        )
        numbers = frame.select(turned).to_series()
    return numbers


def multiplied(number: str, factor: str) -> str:
    try:
        product = Decimal(number) * Decimal(factor)
    except InvalidOperation:
        return number
    written = f"{product:f}" if product.is_finite() else number
    return written.rstrip("0").rstrip(".") if "." in written and product == product.to_integral_value() else written
