"""The SDMX-ML 2.1 data schema as specified by the standard; our own schemas are stricter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.sdmx_ml.dialects import AT_TIME, SDMX_21
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import FACETS, TEXT_PATTERNS, TYPES, XS, has_facet
from sdmxmig.sdmx.formats.sdmx_ml.xsd import build_data_schema
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

OWN = "own:"
TYPE_ATTRIBUTES = ("type", "base", "memberTypes")
TEXT_TYPES = {name: f"common:{name}Type" for name in TEXT_PATTERNS}
"""The types of texts of certain signs, which the standard has ready."""
OBSERVATION_TYPES = {
    "DataSetType": "TimeSeriesDataSetType",
    "SeriesType": "TimeSeriesType",
    "ObsType": "TimeSeriesObsType",
}
PROHIBITED_ATTRIBUTES = {"REPORTING_YEAR_START_DAY": "xs:gMonthDay", "type": "common:IDType"}
"""Types of prohibited attributes, as in the standard."""
PERIOD, PERIOD_TYPE = "TIME_PERIOD", "common:ObservationalTimePeriodType"
ONE_OCCURRENCE = {"minOccurs": "1", "maxOccurs": "1"}
"""Occurrences of parts of a type, if a schema does not state them."""
GROUP_ID = "GroupType.ID"


def build_standard_schema(
    flow: Flow,
    dimension_at_observation: str,
    namespace: str,
    *,
    explicit: Mapping[Ref, ItemScheme] | None = None,
) -> bytes:
    """Build the standard schema of a dataflow's data in SDMX-ML 2.1.

    With `explicit` (codelists of measures), observations are typed by measure. Raises `DeclarationError` like
    `build_data_schema` and `type_observations`.
    """
    text = build_data_schema(flow, SDMX_21, dimension_at_observation, partial=True, namespace=namespace)
    schema = set_default_namespace(etree.fromstring(text), namespace)
    types = {str(each.get("name")): each for each in schema if each.get("name")}
    for component in flow.structure.components:
        name_type_after_component(schema, types, component)
    write_prohibited_types(types)
    if dimension_at_observation == AT_TIME:
        for name, base in OBSERVATION_TYPES.items():
            find_restriction(types[name]).set("base", f"dsd:{base}")
    else:
        prohibit_period(types["ObsType"])
    if "SeriesType" in types:
        add_to_series(types, flow, dimension_at_observation)
    if flow.structure.groups:
        name_groups(schema, types, [group.id for group in flow.structure.groups])
    if explicit is not None:
        type_observations(schema, flow, dimension_at_observation, explicit)
    write_occurrences(schema)
    etree.indent(schema)
    content: bytes = etree.tostring(schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def set_default_namespace(schema: etree._Element, namespace: str) -> etree._Element:
    prefixes: dict[str | None, str] = {None: namespace}
    prefixes |= {prefix: uri for prefix, uri in schema.nsmap.items() if prefix != OWN[:-1]}
    moved = etree.Element(schema.tag, nsmap=prefixes)  # type: ignore[arg-type]  # the stub knows no default namespace
    for name in ("targetNamespace", "elementFormDefault"):
        moved.set(name, str(schema.get(name)))
    moved.extend(list(schema))
    for element in moved.iter(etree.Element):
        for name in TYPE_ATTRIBUTES:
            if name in element.attrib:
                element.set(name, str(element.get(name)).replace(OWN, ""))
    return moved


def find_restriction(complex_type: etree._Element) -> etree._Element:
    restriction = complex_type.find(f"{{{XS}}}complexContent/{{{XS}}}restriction")
    assert restriction is not None  # noqa: S101 - all types of the draft are restrictions
    return restriction


def find_attributes(complex_type: etree._Element) -> dict[str, etree._Element]:
    return {str(each.get("name")): each for each in find_restriction(complex_type).iterfind(f"{{{XS}}}attribute")}


def name_type_after_component(schema: etree._Element, types: dict[str, etree._Element], component: Component) -> None:
    """Name the type of a component's values after it, or use the standard's own type."""
    drafted = f"{component.id}Type"
    ready = TEXT_TYPES.get(component.data_type, "") if not component.is_coded and not component.facets else ""
    element = types.get(drafted)
    if element is None or element.tag != f"{{{XS}}}simpleType":
        return
    if ready:
        schema.remove(element)
    else:
        element.set("name", component.id)
        base = element.find(f"{{{XS}}}restriction")
        if base is not None and component.data_type in TEXT_TYPES and not component.is_coded:
            base.set("base", TYPES[component.data_type])
    for attribute in schema.iter(f"{{{XS}}}attribute"):
        if attribute.get("type") == drafted:
            attribute.set("type", ready or component.id)


def write_prohibited_types(types: dict[str, etree._Element]) -> None:
    for complex_type in types.values():
        for attribute in complex_type.iter(f"{{{XS}}}attribute"):
            name = str(attribute.get("name"))
            if attribute.get("use") == "prohibited" and name in PROHIBITED_ATTRIBUTES:
                attribute.set("type", PROHIBITED_ATTRIBUTES[name])


def prohibit_period(observation: etree._Element) -> None:
    """Prohibit the period at observations identified by other dimensions."""
    attribute = etree.Element(f"{{{XS}}}attribute", name=PERIOD, type=PERIOD_TYPE, use="prohibited")
    there = find_attributes(observation).get(PERIOD)
    if there is not None and there.get("use") == "prohibited":
        find_restriction(observation).replace(there, attribute)
    else:
        find_restriction(observation).append(attribute)


def write_occurrences(schema: etree._Element) -> None:
    """Write the occurrences of elements and choices, also default ones."""
    for complex_type in schema.iter(f"{{{XS}}}complexType"):
        for part in complex_type.iter(f"{{{XS}}}element", f"{{{XS}}}choice"):
            for name, value in ONE_OCCURRENCE.items():
                part.set(name, part.get(name, value))


def add_to_series(types: dict[str, etree._Element], flow: Flow, dimension: str) -> None:
    structure = flow.structure
    there = find_attributes(types["SeriesType"])
    known = {name: each for complex_type in types.values() for name, each in iterate_typed_attributes(complex_type)}
    for component in structure.attributes():
        described = set(component.dimensions) or (
            set(structure.series_key) if component.attachment == "series" else set()
        )
        if component.id not in there and component.id in known and (component.group or described - {dimension}):
            attribute = {"name": component.id, "type": str(known[component.id].get("type")), "use": "optional"}
            etree.SubElement(find_restriction(types["SeriesType"]), f"{{{XS}}}attribute", attribute)


def iterate_typed_attributes(element: etree._Element) -> Iterable[tuple[str, etree._Element]]:
    if element.tag != f"{{{XS}}}complexType":
        return []
    return [(name, each) for name, each in find_attributes(element).items() if each.get("type")]


def name_groups(schema: etree._Element, types: dict[str, etree._Element], groups: list[str]) -> None:
    if len(groups) == 1:
        schema.remove(types["GroupType"])
        find_restriction(types[groups[0]]).set("base", "dsd:GroupType")
        for element in types["DataSetType"].iter(f"{{{XS}}}element"):
            if element.get("name") == "Group":
                element.set("type", groups[0])
    else:
        simple = etree.Element(f"{{{XS}}}simpleType", name=GROUP_ID)
        restriction = etree.SubElement(simple, f"{{{XS}}}restriction", base="common:IDType")
        for group in groups:
            etree.SubElement(restriction, f"{{{XS}}}enumeration", value=group)
        schema.insert(len(schema.findall(f"{{{XS}}}import")), simple)
        for name in ("GroupType", *groups):
            find_attributes(types[name])["type"].set("type", GROUP_ID)
    for group in groups:
        year = find_attributes(types[group]).get("REPORTING_YEAR_START_DAY")
        if year is not None:
            year.set("use", "prohibited")


ID_TYPE, TYPE_ATTRIBUTE = "common:IDType", "type"
WIDER_TYPES = {"xs:short": "xs:int", "xs:int": "xs:long", "xs:long": "xs:integer", "xs:integer": "xs:decimal"}
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
    base.set("base", ID_TYPE)  # the official schema's attribute for it
    attributes = {str(each.get("name")): each for each in observation.iter(f"{{{XS}}}attribute")}
    kind = attributes[TYPE_ATTRIBUTE]
    kind.set("type", dimension)
    kind.set("use", "optional")
    for measure in measures.items:
        if measure.id in named:
            message = f"A measure and another type of {flow.structure.ref.short} are both called {measure.id}."
            raise DeclarationError(message, flow.structure.place, "Remove explicitMeasure.")
        values = find_value_type(schema, measure, primary, str(attributes[primary.id].get("type")), lists=lists)
        add_observation(schema, measure.id, dimension, {primary.id: values} if values else {})


def add_observation(schema: etree._Element, measure: str, dimension: str, values: Mapping[str, str]) -> None:
    complex_type = etree.SubElement(schema, f"{{{XS}}}complexType", name=measure)
    content = etree.SubElement(complex_type, f"{{{XS}}}complexContent")
    restriction = etree.SubElement(content, f"{{{XS}}}restriction", base="ObsType")
    sequence = etree.SubElement(restriction, f"{{{XS}}}sequence")
    etree.SubElement(sequence, f"{{{XS}}}element", ref="common:Annotations", minOccurs="0")
    for name, type_ in values.items():
        etree.SubElement(restriction, f"{{{XS}}}attribute", name=name, type=type_, use="optional")
    fixed = {"name": TYPE_ATTRIBUTE, "type": dimension, "use": "optional", "fixed": measure}
    etree.SubElement(restriction, f"{{{XS}}}attribute", fixed)


def find_value_type(
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
    facets = list(list_facets(measure, own, lists))
    if type_ in TYPES.values() and own in list_narrower_types(type_):
        base = own
    elif measure.codelist is not None or own == TYPES.get(primary.data_type or "String"):
        base = type_
    else:
        message = f"The values of the measure {measure.id} are not among those of {primary.id}."
        raise DeclarationError(message, hint="Remove explicitMeasure.")
    if not facets:
        return base if base != type_ else ""
    simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{measure.id}.{primary.id}")
    restriction = etree.SubElement(simple, f"{{{XS}}}restriction", base=base)
    for facet, value in facets:
        etree.SubElement(restriction, f"{{{XS}}}{facet}", value=value)
    return f"{measure.id}.{primary.id}"


def list_facets(measure: Item, own: str, lists: Mapping[Ref, ItemScheme]) -> Iterator[tuple[str, str]]:
    if measure.codelist is not None:
        codelist = lists.get(measure.codelist)
        yield from (("enumeration", code) for code in (codelist.ids if codelist else ()))
        return
    yield from ((FACETS[name], value) for name, value in measure.facets if own and has_facet(own, name))


def list_narrower_types(type_: str) -> set[str]:
    restricting = {type_}
    for name in reversed(WIDER_TYPES):
        if WIDER_TYPES[name] in restricting:
            restricting.add(name)
    return restricting
