"""The SDMX-ML 2.1 data schema exactly as the standard specifies it, including type names.

Our own validation schemas are stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21
from sdmxmig.sdmx.formats.sdmx_ml.explicit_measures import type_observations
from sdmxmig.sdmx.formats.sdmx_ml.placement import AT_TIME
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import PATTERNS, TYPES, XS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import data_schema
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

OWN = "own:"
NAMED = ("type", "base", "memberTypes")
"""Attributes of a schema that name types."""
OF_TEXTS = {name: f"common:{name}Type" for name in PATTERNS}
"""The types of texts of certain signs, which the standard has ready."""
AT_OBSERVATIONS = {
    "DataSetType": "TimeSeriesDataSetType",
    "SeriesType": "TimeSeriesType",
    "ObsType": "TimeSeriesObsType",
}
PROHIBITED = {"REPORTING_YEAR_START_DAY": "xs:gMonthDay", "type": "common:IDType"}
"""Which types attributes have that are not allowed; the standard says that, too."""
PERIOD, PERIOD_TYPE = "TIME_PERIOD", "common:ObservationalTimePeriodType"
ONCE = {"minOccurs": "1", "maxOccurs": "1"}
"""How often parts of a type stand where a schema does not say it."""
GROUP_ID = "GroupType.ID"


def standard_schema(
    flow: Flow,
    dimension_at_observation: str,
    namespace: str,
    *,
    explicit: Mapping[Ref, ItemScheme] | None = None,
) -> bytes:
    """Build the standard schema of a dataflow's data in SDMX-ML 2.1.

    With `explicit` (codelists of measures), observations are typed by measure. Raises `DeclarationError` like
    `data_schema` and `type_observations`.
    """
    text = data_schema(flow, SDMX_21, dimension_at_observation, partial=True, namespace=namespace)
    schema = in_own_namespace(etree.fromstring(text), namespace)
    types = {str(each.get("name")): each for each in schema if each.get("name")}
    for component in flow.structure.components:
        name_as_component(schema, types, component)
    tell_types_of_prohibited(types)
    if dimension_at_observation == AT_TIME:
        for name, base in AT_OBSERVATIONS.items():
            restriction_of(types[name]).set("base", f"dsd:{base}")
    else:
        prohibit_period(types["ObsType"])
    if "SeriesType" in types:
        add_to_series(types, flow, dimension_at_observation)
    if flow.structure.groups:
        name_groups(schema, types, [group.id for group in flow.structure.groups])
    if explicit is not None:
        type_observations(schema, flow, dimension_at_observation, explicit)
    tell_occurrences(schema)
    etree.indent(schema)
    content: bytes = etree.tostring(schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def in_own_namespace(schema: etree._Element, namespace: str) -> etree._Element:
    """The schema with its namespace as the one that names without a prefix are in."""
    prefixes: dict[str | None, str] = {None: namespace}
    prefixes |= {prefix: uri for prefix, uri in schema.nsmap.items() if prefix != OWN[:-1]}
    moved = etree.Element(schema.tag, nsmap=prefixes)  # type: ignore[arg-type]  # the stub knows no default namespace
    for name in ("targetNamespace", "elementFormDefault"):
        moved.set(name, str(schema.get(name)))
    moved.extend(list(schema))
    for element in moved.iter(etree.Element):
        for name in NAMED:
            if name in element.attrib:
                element.set(name, str(element.get(name)).replace(OWN, ""))
    return moved


def restriction_of(complex_type: etree._Element) -> etree._Element:
    restriction = complex_type.find(f"{{{XS}}}complexContent/{{{XS}}}restriction")
    assert restriction is not None  # noqa: S101 - all types of the draft are restrictions
    return restriction


def attributes_of(complex_type: etree._Element) -> dict[str, etree._Element]:
    return {str(each.get("name")): each for each in restriction_of(complex_type).iterfind(f"{{{XS}}}attribute")}


def name_as_component(schema: etree._Element, types: dict[str, etree._Element], component: Component) -> None:
    """Call the type of a component's values as the component, or take the one that the standard has ready."""
    drafted = f"{component.id}Type"
    ready = OF_TEXTS.get(component.data_type, "") if not component.is_coded and not component.facets else ""
    element = types.get(drafted)
    if element is None or element.tag != f"{{{XS}}}simpleType":
        return
    if ready:
        schema.remove(element)
    else:
        element.set("name", component.id)
        base = element.find(f"{{{XS}}}restriction")
        if base is not None and component.data_type in OF_TEXTS and not component.is_coded:
            base.set("base", TYPES[component.data_type])
    for attribute in schema.iter(f"{{{XS}}}attribute"):
        if attribute.get("type") == drafted:
            attribute.set("type", ready or component.id)


def tell_types_of_prohibited(types: dict[str, etree._Element]) -> None:
    for complex_type in types.values():
        for attribute in complex_type.iter(f"{{{XS}}}attribute"):
            name = str(attribute.get("name"))
            if attribute.get("use") == "prohibited" and name in PROHIBITED:
                attribute.set("type", PROHIBITED[name])


def prohibit_period(observation: etree._Element) -> None:
    """Say that the period does not tell observations apart where another dimension stands there, or all do."""
    attribute = etree.Element(f"{{{XS}}}attribute", name=PERIOD, type=PERIOD_TYPE, use="prohibited")
    there = attributes_of(observation).get(PERIOD)
    if there is not None and there.get("use") == "prohibited":
        restriction_of(observation).replace(there, attribute)
    else:
        restriction_of(observation).append(attribute)


def tell_occurrences(schema: etree._Element) -> None:
    """Write how often elements and choices of types stand, also where that goes without saying."""
    for complex_type in schema.iter(f"{{{XS}}}complexType"):
        for part in complex_type.iter(f"{{{XS}}}element", f"{{{XS}}}choice"):
            for name, value in ONCE.items():
                part.set(name, part.get(name, value))


def add_to_series(types: dict[str, etree._Element], flow: Flow, dimension: str) -> None:
    structure = flow.structure
    there = attributes_of(types["SeriesType"])
    known = {name: each for complex_type in types.values() for name, each in attributes_in(complex_type)}
    for component in structure.attributes():
        described = set(component.dimensions) or (
            set(structure.series_key) if component.attachment == "series" else set()
        )
        if component.id not in there and component.id in known and (component.group or described - {dimension}):
            attribute = {"name": component.id, "type": str(known[component.id].get("type")), "use": "optional"}
            etree.SubElement(restriction_of(types["SeriesType"]), f"{{{XS}}}attribute", attribute)


def attributes_in(element: etree._Element) -> Iterable[tuple[str, etree._Element]]:
    if element.tag != f"{{{XS}}}complexType":
        return []
    return [(name, each) for name, each in attributes_of(element).items() if each.get("type")]


def name_groups(schema: etree._Element, types: dict[str, etree._Element], groups: list[str]) -> None:
    """Let a single group be the type of its elements; of several, one names which it is."""
    if len(groups) == 1:
        schema.remove(types["GroupType"])
        restriction_of(types[groups[0]]).set("base", "dsd:GroupType")
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
            attributes_of(types[name])["type"].set("type", GROUP_ID)
    for group in groups:
        year = attributes_of(types[group]).get("REPORTING_YEAR_START_DAY")
        if year is not None:
            year.set("use", "prohibited")
