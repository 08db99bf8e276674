"""Text columns as JSON columns: indices, numbers, quoted texts, arrays and languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.faults import carried, carried_column
from sdmxmig.sdmx.formats.sdmx_json.versions import LANGUAGE
from sdmxmig.sdmx.formats.sdmx_json.walk import first_forbidden
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data_structures import Component

NUMBER = r"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
NUMERIC = frozenset(("BigInteger", "Integer", "Long", "Short", "Decimal", "Float", "Double", "Count", "Incremental"))
SIGNS = {chr(sign): f"\\u{sign:04x}" for sign in range(32)} | {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip
MEANT = r'["\\\x00-\x1f\x{fffe}\x{ffff}]'
NULL = "null"


def to_json(value: object) -> str:
    content = msgspec.json.encode(value)
    if character := first_forbidden(content):
        carried(character, "A text")
    return content.decode()


def is_numeric(component: Component) -> bool:
    return component.data_type in NUMERIC or (component.role == "measure" and not component.data_type)


def quoted(column: pl.Series) -> pl.Series:
    if 2 * column.null_count() > column.len():  # few texts: only these are looked at
        is_given = column.is_not_null()
        rows = pl.DataFrame({"given": is_given, "row": is_given.cast(pl.UInt32).cum_sum()})
        return quoted(column.drop_nulls()).gather(rows.select(pl.when("given").then(pl.col("row") - 1)).to_series())
    if column.str.contains(MEANT).any():
        column = carried_column(column, column.name or "A text").str.replace_many(list(SIGNS), list(SIGNS.values()))
    return '"' + column + '"'


def numbers(column: pl.Series) -> pl.Series:
    """Write a column of numbers unchanged; quote invalid JSON numbers (``01``, ``NaN``)."""
    exact = column.str.contains(NUMBER) & (column != "-0")  # readers take -0 for 0
    if exact.all():
        return column
    frame = pl.DataFrame({"exact": exact, "given": column, "quoted": quoted(column)})
    return frame.select(pl.when("exact").then("given").otherwise("quoted"))["given"]


class ListedValues:
    """The values of a component in index order, extended while data arrive."""

    def __init__(self, component: Component, codelist: ItemScheme | None) -> None:
        self.component = component
        self.codelist = codelist
        self.known: list[str] = []
        self._seen: set[str] = set()
        self._rank = {item.id: rank for rank, item in enumerate(codelist or ())}

    def learn(self, values: Iterable[str | None]) -> None:
        fresh = {carried(value, self.component.id) for value in values if value is not None and value not in self._seen}
        self.known += sorted(fresh, key=lambda value: (self._rank.get(value, len(self._rank)), value))
        self._seen |= fresh

    def indices(self, name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Enum(self.known)).to_physical().cast(pl.UInt32)


def rich_text(column: pl.Series, component: Component, values: ListedValues | None, *, numeric: bool) -> pl.Series:
    """Write a column of lists or multilingual texts as JSON; an empty list is no value.

    `numeric` allows arrays of bare numbers.
    """
    index = {value: number for number, value in enumerate(values.known)} if values else {}

    def part_value(cell: Any) -> object:
        if isinstance(cell, str):
            return index[cell] if values else cell
        return languages(cell, component)

    def text(cell: Any) -> str | None:
        if not cell:
            return None
        if not component.is_array:
            return to_json(part_value(cell))
        if numeric and is_numeric(component) and numbers(pl.Series(cell, dtype=pl.String)).to_list() == cell:
            return f"[{','.join(cell)}]"
        return to_json([part_value(part) for part in cell if part is not None])

    return pl.Series([text(cell) for cell in column.to_list()], dtype=pl.String)


def languages(cell: list[dict[str, str]], component: Component) -> dict[str, str]:
    texts_by_language: dict[str, str] = {}
    for part in cell:
        language = part["language"] or ""
        if not LANGUAGE.fullmatch(language) or language in texts_by_language:
            hint = "Each text has one language, such as “en”, and each language one text."
            raise SdmxmigError(f"{component.id} has a text in the language “{language}”.", hint=hint)
        texts_by_language[language] = part["text"] or ""
    return texts_by_language
