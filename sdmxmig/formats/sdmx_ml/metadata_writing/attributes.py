"""Reported attributes: values, texts in languages, structured texts, and the attributes below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.dialects import SDMX_30
from sdmxmig.formats.sdmx_ml.elements import add_texts
from sdmxmig.formats.sdmx_ml.markup import add_markup
from sdmxmig.formats.sdmx_ml.metadata_writing.writing import SetWriting
from sdmxmig.model.artefacts import Text
from sdmxmig.model.metadata import ReportedAttribute


def add_attributes(writing: SetWriting, holder: etree._Element, attributes: Sequence[ReportedAttribute]) -> None:
    """Add attributes in their order; in 2.1 they stand in a set of their own.

    Raises `SdmxmigError` for what the version cannot say.
    """
    if writing.is_21 and attributes:
        holder = writing.add(holder, "AttributeSet")
    for attribute in attributes:
        for single in one_by_one(writing, attribute):
            add_attribute(writing, holder, single)


def one_by_one(writing: SetWriting, attribute: ReportedAttribute) -> Iterator[ReportedAttribute]:
    """An attribute once for each of its values, where a version allows only one value."""
    if len(attribute.values) < 2 or writing.dialect.id == SDMX_30.id:
        yield attribute
        return
    if attribute.text or attribute.structured or attribute.attributes or attribute.annotations:
        what = f"the several values of {attribute.id}, which has texts, annotations or attributes below it too"
        raise writing.refusal(what, "Give each value an attribute of its own.")
    for value in attribute.values:
        yield replace(attribute, values=(value,))


def add_attribute(writing: SetWriting, holder: etree._Element, attribute: ReportedAttribute) -> None:
    """Add one attribute with those below it."""
    contents = [bool(attribute.values) and not writing.is_21, bool(attribute.text), bool(attribute.structured)]
    if sum(contents) > 1:
        hint = "An attribute has values, or text, or structured text."
        raise writing.refusal(f"more than one kind of content in {attribute.id}", hint)
    name = "ReportedAttribute" if writing.is_21 else "Attribute"
    attributes = {"id": writing.checked_id(attribute.id, "an attribute")}
    element = writing.add(holder, name, attributes=attributes)
    writing.notes(element, attribute.annotations)
    for value in attribute.values:
        if writing.is_21:
            element.set("value", carried(value, f"The value of {attribute.id}"))
        else:
            writing.add(element, "Value", value)
    add_texts(element, writing.dialect.common, "Text", by_language(writing, attribute, attribute.text))
    for language, markup in by_language(writing, attribute, attribute.structured):
        add_texts(element, writing.dialect.common, "StructuredText", Text(((language, ""),)))
        add_markup(
            element[-1], carried(markup, f"The text of {attribute.id}"), f"The structured text of {attribute.id}"
        )
    add_attributes(writing, element, attribute.attributes)


def by_language(writing: SetWriting, attribute: ReportedAttribute, text: Text) -> Text:
    """A text in languages; since SDMX 3.0 there is one for each.

    Raises `SdmxmigError` for two of one language.
    """
    languages = [language for language, _ in text]
    if not writing.is_21 and len(set(languages)) < len(languages):
        raise writing.refusal(f"two texts of one language in {attribute.id}", "Put them together.")
    return text
