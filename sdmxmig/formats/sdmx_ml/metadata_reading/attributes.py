"""Reported attributes: values, texts in languages, structured texts, and the attributes below them."""

from __future__ import annotations

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.faults import each
from sdmxmig.formats.metadata_values import arrays
from sdmxmig.formats.sdmx_ml.dialects import SDMX_21
from sdmxmig.formats.sdmx_ml.elements import LANGUAGE as LANGUAGE_TAG
from sdmxmig.formats.sdmx_ml.markup import NoXhtml, markup_of
from sdmxmig.formats.sdmx_ml.parts import LANGUAGE, Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of
from sdmxmig.model.artefacts import Text
from sdmxmig.model.metadata import ReportedAttribute

ATTRIBUTES = ("ReportedAttribute", "Attribute")
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
IS_ATTRIBUTE = f"{{{SDMX_21.namespace('metadata/structurespecific')}}}isMetadataAttribute"


def attribute_of(part: Part) -> ReportedAttribute:
    """One attribute with those below it."""
    is_21 = part.message.is_21
    attribute_id = own_name(part) or part.needed("id")
    notes = annotations_of(part)
    if is_21:
        values = tuple([part.attribute("value")] if "value" in part.element.attrib else [])
        inner_set = part.part("AttributeSet")
        attributes_below = attribute_set(inner_set) if inner_set else ()
    else:
        values = tuple(part.texts("Value"))
        if len(values) > 1 and part.message.version != "3.0":
            part.wrong("has several <Value>, of which there may be one.", "Repeat the attribute instead.")
        attributes_below = arrays(part.each(attribute_of, "Attribute"))
    text, structured = languages(part, "com:Text"), structured_texts(part)
    part.close()
    if not is_21 and any(len(dict(content)) < len(content.values) for content in (text, structured)):
        raise part.error("has two texts of one language.", "Put them together.")
    if (text and structured) or (not is_21 and values and (text or structured)):
        raise part.error("has more than one kind of <Value>, <Text> and <StructuredText>.", "Write one of them.")
    return ReportedAttribute(
        part.checked_id(attribute_id),
        values,
        text=text,
        structured=structured,
        attributes=attributes_below,
        annotations=notes,
    )


def own_name(part: Part) -> str:
    """The id of an attribute in a structure-specific message, which is the name of an element without a namespace.

    Raises `InputError` for an element of a generic message that is no attribute.
    """
    if str(part.element.tag).startswith("{"):
        if part.message.names[part.element.tag] not in ATTRIBUTES:
            raise part.error("stands where an attribute belongs.", did_you_mean(part.name, ATTRIBUTES))
        return ""
    part.flag(IS_ATTRIBUTE)
    return part.attribute("id") or (name_of_type(part) if part.name == "ReportedAttribute" else part.name)


def name_of_type(part: Part) -> str:
    """The name of the type (xsi:type) of an element, without those of the types around it; empty if it has none.

    In structure-specific messages ids may be left out, since the schema of the structure has a type for each.
    """
    return str(part.element.get(TYPE, "")).rpartition(":")[2].rpartition(".")[2]


def id_of(part: Part) -> str:
    """The id of a report, a target or an object of it; only structure-specific messages may leave it out."""
    part_id = part.attribute("id")
    if str(part.element.tag).startswith("{"):
        return part.checked_id(part_id or part.needed("id"))
    part_id = part_id or name_of_type(part)
    return part.checked_id(part_id) if part_id else ""


def attribute_set(part: Part) -> tuple[ReportedAttribute, ...]:
    """The attributes of a set in SDMX 2.1; in structure-specific messages their elements may have their own names."""
    attribute_parts = [child for _, child in part.children()]
    if not attribute_parts:
        part.wrong("holds no attribute.")
    attributes = each(part.message.faults, attribute_of, attribute_parts)
    part.close()
    return arrays(attributes)


def languages(part: Part, name: str) -> Text:
    """The texts of all children of a name, also empty ones; without a language it is English."""
    texts = []
    for child in part.parts(name) if part.has(name) else ():
        language = language_of(child)
        texts.append((language, child.content()))
    return Text(tuple(texts))


def language_of(part: Part) -> str:
    """The language of a text; without one it is English."""
    language = part.attribute(LANGUAGE, "en")
    if not LANGUAGE_TAG.fullmatch(language):
        part.wrong(f"has “{language[:80]}” for a language.", "Write a tag such as en or pt-BR.")
    return language


def structured_texts(part: Part) -> Text:
    """The structured texts, as markup by language."""
    texts = []
    for child in part.parts("com:StructuredText") if part.has("com:StructuredText") else ():
        language = language_of(child)
        for _ in child.children():  # they are read as markup
            pass
        child.close(text=True)
        try:
            texts.append((language, markup_of(child.element)))
        except NoXhtml as error:
            hint = "Structured text is XHTML, with the namespace http://www.w3.org/1999/xhtml."
            raise child.error(f"holds <{error.name}>, which is no XHTML.", hint, error.element) from error
    return Text(tuple(texts))
