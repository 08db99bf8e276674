"""Conversion of attributes between a tree and an SDMX-CSV row."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.sdmx.formats.metadata_paths import Attributes, Branch, Grown, instances, reported
from sdmxmig.sdmx.formats.sdmx_csv.metadata_cells import in_languages, languages_in, listed, places
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import Column
from sdmxmig.sdmx.model.metadata import ReportedAttribute


def columns_of(tree: Branch) -> list[Column]:
    return [Column(path.ids, path.many, languages=path.languages) for path in tree.paths()]


def cell_of(attributes: Attributes, column: Column, inner: str, level: int = 0) -> str | None:
    """Return the field of an attribute path, or None if it has no value."""
    own = [attribute for attribute in instances(attributes) if attribute.id == column.path[level]]
    is_last = level + 1 == len(column.path)
    texts = [
        leaf(attribute, inner) if is_last else cell_of(attribute.attributes, column, inner, level + 1)
        for attribute in own
    ]
    if column.many[level]:
        is_several = column.languages is not None if is_last else any(column.many[level + 1 :])
        return listed(texts, inner, always=is_several)
    return texts[0] if texts else None


def leaf(attribute: ReportedAttribute, inner: str) -> str | None:
    text = attribute.text or attribute.structured
    if text:
        return in_languages(text, inner)
    return attribute.values[0] if attribute.values else None


def attributes_of(cells: Iterable[tuple[Column, str]], inner: str) -> tuple[ReportedAttribute, ...]:
    """Build attributes from the fields of a row, in column order.

    Raises `NoTextError` for texts without a language.
    """
    root = Grown()
    for column, cell in cells:
        for place, value in places(cell, sum(column.many), inner):
            numbers = iter(place)
            grown = root.reached(column.path, [next(numbers) if many else 0 for many in column.many])
            if column.languages is None:
                grown.values = (value,)
            else:
                grown.text = languages_in(value, column.languages, inner)
    return reported(root.below)
