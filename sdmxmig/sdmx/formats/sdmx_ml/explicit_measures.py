"""Observation types by measure in SDMX-ML 2.1 schemas.

With a measure dimension at observation, the standard allows one type per measure concept, derived from an abstract
type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import FACETS, TYPES, XS, holds
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

ID_TYPE, KIND = "common:IDType", "type"
WIDER = {"xs:short": "xs:int", "xs:int": "xs:long", "xs:long": "xs:integer", "xs:integer": "xs:decimal"}
"""XML Schema types and the types that they restrict."""


def type_observations(schema: etree._Element, flow: Flow, dimension: str, lists: Mapping[Ref, ItemScheme]) -> None:
    """Add an observation type for each measure.

    `lists` are the codelists of measure values. Raises `DeclarationError` for duplicate type names, and for measure
    values outside those of the primary measure, which the standard forbids.
    """
    measures, primary = flow.codelists[dimension], flow.structure[flow.structure.measures[0].id]
    named = {str(each.get("name")): each for each in schema if each.get("name")}
    observation = named["ObsType"]
    observation.set("abstract", "true")
    base = named[dimension].find(f"{{{XS}}}restriction")
    assert base is not None  # noqa: S101 - all simple types of lists are restrictions
    base.set("base", ID_TYPE)  # that of the attribute which the official schema has for it
    attributes = {str(each.get("name")): each for each in observation.iter(f"{{{XS}}}attribute")}
    kind = attributes[KIND]
    kind.set("type", dimension)
    kind.set("use", "optional")
    for measure in measures.items:
        if measure.id in named:
            message = f"A measure and another type of {flow.structure.ref.short} are both called {measure.id}."
            raise DeclarationError(message, flow.structure.place, "Leave explicitMeasure away.")
        values = value_type(schema, measure, primary, str(attributes[primary.id].get("type")), lists=lists)
        add_observation(schema, measure.id, dimension, {primary.id: values} if values else {})


def add_observation(schema: etree._Element, measure: str, dimension: str, values: Mapping[str, str]) -> None:
    """Add the type of the observations of a measure; `values` is the type of its values if it has one of its own."""
    complex_type = etree.SubElement(schema, f"{{{XS}}}complexType", name=measure)
    content = etree.SubElement(complex_type, f"{{{XS}}}complexContent")
    restriction = etree.SubElement(content, f"{{{XS}}}restriction", base="ObsType")
    sequence = etree.SubElement(restriction, f"{{{XS}}}sequence")
    etree.SubElement(sequence, f"{{{XS}}}element", ref="common:Annotations", minOccurs="0")
    for name, type_ in values.items():
        etree.SubElement(restriction, f"{{{XS}}}attribute", name=name, type=type_, use="optional")
    fixed = {"name": KIND, "type": dimension, "use": "optional", "fixed": measure}
    etree.SubElement(restriction, f"{{{XS}}}attribute", fixed)


def value_type(
    schema: etree._Element, measure: Item, primary: Component, type_: str, *, lists: Mapping[Ref, ItemScheme]
) -> str:
    """Return the type name of a measure's values, or an empty text if it equals the primary measure's.

    Raises `DeclarationError` if it is not a restriction.
    """
    is_said = measure.codelist is not None or measure.data_type or measure.facets
    if not is_said or (measure.codelist, measure.data_type, measure.facets) == (
        primary.codelist,
        primary.data_type,
        primary.facets,
    ):
        return ""
    own = TYPES.get(measure.data_type or "String", "")
    facets = list(facets_of(measure, own, lists))
    if type_ in TYPES.values() and own in narrower(type_):
        base = own
    elif measure.codelist is not None or own == TYPES.get(primary.data_type or "String"):
        base = type_
    else:
        message = f"The values of the measure {measure.id} are not among those of {primary.id}."
        raise DeclarationError(message, hint="Leave explicitMeasure away.")
    if not facets:
        return base if base != type_ else ""
    simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{measure.id}.{primary.id}")
    restriction = etree.SubElement(simple, f"{{{XS}}}restriction", base=base)
    for facet, value in facets:
        etree.SubElement(restriction, f"{{{XS}}}{facet}", value=value)
    return f"{measure.id}.{primary.id}"


def facets_of(measure: Item, own: str, lists: Mapping[Ref, ItemScheme]) -> Iterator[tuple[str, str]]:
    if measure.codelist is not None:
        codelist = lists.get(measure.codelist)
        yield from (("enumeration", code) for code in (codelist.ids if codelist else ()))
        return
    yield from ((FACETS[name], value) for name, value in measure.facets if own and holds(own, name))


def narrower(type_: str) -> set[str]:
    restricting = {type_}
    for name in reversed(WIDER):
        if WIDER[name] in restricting:
            restricting.add(name)
    return restricting
