"""Representations as elements: an enumeration, or a data type with facets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL, Representation
from sdmxmig.sdmx.model.data_structures import CODE_TYPES
from sdmxmig.sdmx.model.structures import Level

TEXTS = ("", "String", "Alpha", "AlphaNumeric", "Numeric")


def add_representation(writing: Writing, parent: etree._Element, name: str, what: Representation) -> None:
    """Add a representation, unless empty.

    Raises `SdmxmigError` for unsupported lists, types, multiple values and sentinels.
    """
    if what.is_empty:
        return
    check(writing, what)
    occurs = {"minOccurs": what.min_occurs, "maxOccurs": what.max_occurs}
    element = writing.add(parent, name, attributes={key: value for key, value in occurs.items() if value != "1"})
    facets = written_facets(writing, what)
    if what.codelist:
        writing.reference(element, "Enumeration", what.codelist)
        if what.data_type or facets:
            writing.add(element, "EnumerationFormat", attributes={"textType": what.data_type, **facets})
        return
    text_format = writing.add(element, "TextFormat", attributes={"textType": what.data_type, **facets})
    for sentinel in what.sentinels:
        meaning = writing.add(text_format, "SentinelValue")
        meaning.set("value", sentinel.value)
        writing.names(meaning, sentinel.value, sentinel.name, sentinel.description)


def check(writing: Writing, what: Representation) -> None:
    """Reject a representation that the version does not support here."""
    is_21 = writing.dialect.has_final
    if (what.min_occurs != "1" or what.max_occurs != "1") and (is_21 or what.place in ("dimension", "time")):
        raise writing.refusal(f"several values of {what.owner}")
    if what.sentinels and (is_21 or what.codelist):
        raise writing.refusal(f"the values with a meaning of their own of {what.owner}")
    if what.codelist and what.codelist.kind not in lists_at(what.place, is_21=is_21):
        raise writing.refusal(f"the {what.codelist.kind} as representation of {what.owner}")
    simple = what.place in ("dimension", "time") or (is_21 and what.place == "component")
    if what.data_type == "XHTML" and (simple or what.codelist):
        raise writing.refusal(f"the type XHTML of {what.owner}")
    if what.codelist and what.data_type and what.data_type not in CODE_TYPES:
        raise writing.refusal(f"the type {what.data_type} of the codes of {what.owner}", "Name a type that codes have.")
    if what.data_type == "GeospatialInformation" and is_21:
        raise writing.refusal(f"the type GeospatialInformation of {what.owner}")


def lists_at(place: str, *, is_21: bool) -> tuple[str, ...]:
    if is_21:
        return ("Codelist", "ConceptScheme") if place == "dimension" else ("Codelist",)
    codelists = ("Codelist", "GeographicCodelist", "GeoGridCodelist")
    return codelists if place in ("dimension", "metadata") else (*codelists, "ValueList")


def written_facets(writing: Writing, what: Representation) -> dict[str, str]:
    """Return facets as attributes; 3.0 texts are multilingual by default."""
    facets = check_facets(writing, what.owner, what.facets)
    is_text = what.codelist is None and what.data_type in TEXTS and what.place not in ("dimension", "time")
    if facets.get(MULTILINGUAL) == "true":
        if (
            what.codelist
            or what.place in ("dimension", "time")
            or (writing.dialect.has_final and what.place == "component")
        ):
            raise writing.refusal(f"texts in several languages for {what.owner}")
        return facets
    facets.pop(MULTILINGUAL, None)
    if is_text and not writing.dialect.is_one_language_by_default:
        facets[MULTILINGUAL] = "false"
    return facets


def check_facets(writing: Writing, owner: str, facets: Iterable[tuple[str, str]]) -> dict[str, str]:
    known = dict(facets)
    for name in known:
        if name not in (*FACETS, MULTILINGUAL):
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, (*FACETS, MULTILINGUAL)))
    return known


def add_coding_format(writing: Writing, parent: etree._Element, level: Level) -> None:
    facets: Mapping[str, str] = check_facets(writing, level.id, level.facets)
    if level.data_type or facets:
        writing.add(parent, "CodingFormat", attributes={"textType": level.data_type, **facets})
