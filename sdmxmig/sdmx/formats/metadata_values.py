"""Attribute values for formats without arrays and text types: single values and detected XHTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import ReportedAttribute

if TYPE_CHECKING:
    from sdmxmig.io.intake import xml as intake_xml
else:
    intake_xml = later("sdmxmig.io.intake.xml")

XHTML = "http://www.w3.org/1999/xhtml"


def one_by_one(attribute: ReportedAttribute) -> tuple[ReportedAttribute, ...]:
    types = attribute.types or ("",) * len(attribute.values)
    return tuple(
        replace(attribute, values=(value,), types=(type_,) if attribute.types else ())
        for value, type_ in zip(attribute.values, types, strict=True)
    )


def is_array(attribute: ReportedAttribute) -> bool:
    """Whether an attribute has only values, so that it can be repeated for each of them."""
    return bool(attribute.values) and attribute == ReportedAttribute(
        attribute.id, attribute.values, types=attribute.types
    )


def arrays(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    """Merge adjacent attributes with the same id and only plain values."""

    def sameness(numbered: tuple[int, ReportedAttribute]) -> tuple[str, int]:
        number, attribute = numbered
        return (attribute.id, -1 if is_array(attribute) else number)

    joined = []
    for _, group in groupby(enumerate(attributes), sameness):
        attributes_of_one = [attribute for _, attribute in group]
        types = tuple(
            type_ for attribute in attributes_of_one for type_ in attribute.types or ("string",) * len(attribute.values)
        )
        values = tuple(value for attribute in attributes_of_one for value in attribute.values)
        joined.append(replace(attributes_of_one[0], values=values, types=types if set(types) - {"string"} else ()))
    return tuple(joined)


def is_xhtml(text: Text) -> bool:
    return bool(text) and all(map(_is_markup, dict(text).values()))


def _is_markup(text: str) -> bool:
    if XHTML not in text:
        return False
    try:
        root = intake_xml.parse_xml(f"<text>{text}</text>".encode("utf-8", "surrogatepass"), "text")
    except InputError:
        return False
    element_tags: Iterator[object] = (element.tag for element in root.iterdescendants())
    tags = [str(tag) for tag in element_tags]
    return bool(tags) and all(tag.startswith(f"{{{XHTML}}}") for tag in tags)
