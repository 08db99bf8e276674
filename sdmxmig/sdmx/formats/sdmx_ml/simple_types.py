"""A schema for data of one structure, built type by type; its types also check values of tables and JSON.

Every type restricts an official one, so valid messages are valid for the official schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Any, cast

from lxml import etree
from lxml.builder import ElementMaker

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.faults import FORBIDDEN
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_30, SDMX_31, Dialect, Placement
from sdmxmig.sdmx.formats.structures.representations import FACET_ROWS
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import DATA_TYPES, TIME_TYPES, Component

XS = "http://www.w3.org/2001/XMLSchema"

TYPES = {name: row["schema"] for name, row in DATA_TYPES.items()}
"""SDMX data types as XML Schema types."""
TIME_PATTERNS = {
    "StandardTimePeriod": "[^/]+",
    "BasicTimePeriod": r"-?\d{4,}(-\d\d(-\d\d(T[^/]+)?)?)?(Z|[+\-]\d\d:\d\d)?",
    "GregorianTimePeriod": r"-?\d{4,}(-\d\d(-\d\d)?)?(Z|[+\-]\d\d:\d\d)?",
    "ReportingTimePeriod": r"-?\d{4,}-[ASTQMWD]\d.*",
}
"""Patterns of period types.

They restrict the official time type: libxml2 does not accept a union of unions there.
"""
TEXT_PATTERNS = {"Alpha": "[A-Za-z]+", "AlphaNumeric": "[A-Za-z0-9]+", "Numeric": "[0-9]+"}

FACETS = {row["facet"]: row["schema"] for row in FACET_ROWS if row["schema"]}
TEXT_TYPES = ("xs:string", "xs:anyURI")
EXACT_TYPES = ("xs:integer", "xs:int", "xs:long", "xs:short", "xs:decimal")
NUMBER_TYPES = (*EXACT_TYPES, "xs:float", "xs:double")
TYPES_BY_FACET = {"minLength": TEXT_TYPES, "maxLength": TEXT_TYPES, "fractionDigits": EXACT_TYPES}
TYPES_BY_FACET |= dict.fromkeys(("minInclusive", "maxInclusive"), NUMBER_TYPES)
"""Types that XML Schema allows for each facet; SDMX allows any type."""


TYPES_WITHOUT_NAN = ("BigInteger", "Integer", "Long", "Short", "Decimal", "Count")
MISSING_TEXTS = {"number": "NaN", "text": "#N/A"}
"""Codes for intentionally missing values in SDMX 3.1 (Technical Notes, missing observation values)."""


def add_type(schema: etree._Element, flow: Flow, component: Component, *, with_nan: bool) -> str:
    """Add the type of a component's values, if needed, and return its name.

    `with_nan` allows NaN for numbers and ``#N/A`` for codes of measures and attributes (intentionally missing).

    Raises `DeclarationError` for an unknown data type, facet or codelist.
    """
    with_nan = with_nan and component.role in ("measure", "attribute")
    if component.role == "time":
        return add_time(schema, component)
    if component.is_coded:
        codelist = flow.codelist(component)
        if codelist is None:
            raise DeclarationError(f"The codelist of {component.id} is missing.", flow.structure.place)
        codes = [*codelist.ids, *([MISSING_TEXTS["text"]] if with_nan else [])]
        return add_restriction(schema, component.id, "xs:string", [("enumeration", code) for code in codes])
    data_type = component.data_type or "String"
    if data_type not in TYPES:
        hint = f"Use one of: {', '.join(TYPES)}."
        raise DeclarationError(f"“{data_type}” is not a type for {component.id}.", flow.structure.place, hint)
    facets = [("pattern", TEXT_PATTERNS[data_type])] if data_type in TEXT_PATTERNS else []
    facets += [(FACETS[name], value) for name, value in component.facets if has_facet(TYPES[data_type], name)]
    if with_nan and data_type in TYPES_WITHOUT_NAN:
        number = add_restriction(schema, f"{component.id}Number", TYPES[data_type], facets)
        missing = add_restriction(
            schema, f"{component.id}Missing", "xs:string", [("enumeration", MISSING_TEXTS["number"])]
        )
        simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{component.id}Type")
        etree.SubElement(simple, f"{{{XS}}}union", memberTypes=f"{number} {missing}")
        return f"own:{component.id}Type"
    return add_restriction(schema, component.id, TYPES[data_type], facets) if facets else TYPES[data_type]


def has_facet(type_: str, facet: str) -> bool:
    return facet in FACETS and (facet == "pattern" or type_ in TYPES_BY_FACET[FACETS[facet]])


def add_time(schema: etree._Element, component: Component) -> str:
    kind = component.data_type if component.data_type in TIME_TYPES and not component.is_coded else ""
    if kind in TIME_PATTERNS:
        return add_restriction(
            schema, component.id, TYPES["ObservationalTimePeriod"], [("pattern", TIME_PATTERNS[kind])]
        )
    return TYPES[kind or "ObservationalTimePeriod"]


def add_restriction(schema: etree._Element, name: str, base: str, facets: list[tuple[str, str]]) -> str:
    simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{name}Type")
    restriction = etree.SubElement(simple, f"{{{XS}}}restriction", base=base)
    for facet, value in facets:
        etree.SubElement(restriction, f"{{{XS}}}{facet}", value=value)
    return f"own:{name}Type"


OWN = "urn:sdmxmig:values"
COMMON_SCHEMA = "SDMXCommon.xsd"
MAX_TEXTS = 10_000
UNWRITABLE = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")
REPLACEMENT_CHARACTER = "\ufffd"
"""Replaces characters that XML cannot contain."""
FACET_MESSAGE = re.compile(r"\[facet '(\w+)'\]")
FACET_BY_NAME = {name: facet for facet, name in FACETS.items()}
BLANK_ESCAPES = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
VALUES_BEGIN, VALUES_END = f'<o:values xmlns:o="{OWN}">\n', "\n</o:values>"


class ValueType:
    """The allowed texts of a component in a version of SDMX.

    `with_nan` allows NaN and ``#N/A`` (intentionally missing). Raises `DeclarationError` for an invalid pattern;
    `wrong` raises it for a pattern that takes too long.
    """

    def __init__(self, flow: Flow, component: Component, dialect: Dialect, *, with_nan: bool) -> None:
        schema = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS, "own": OWN, "common": dialect.common})
        schema.set("targetNamespace", OWN)
        type_ = add_type(schema, flow, component, with_nan=with_nan)
        named = [type_, *(str(value) for element in schema.iter() for value in element.attrib.values())]
        if any("common:" in name for name in named):
            common = etree.Element(f"{{{XS}}}import", namespace=dialect.common, schemaLocation=COMMON_SCHEMA)
            schema.insert(0, common)
        values = etree.SubElement(schema, f"{{{XS}}}element", name="values")
        sequence = etree.SubElement(etree.SubElement(values, f"{{{XS}}}complexType"), f"{{{XS}}}sequence")
        etree.SubElement(sequence, f"{{{XS}}}element", name="v", type=type_, maxOccurs="unbounded")
        self._where = f"The type of {component.id} in {flow.structure.ref.short}"
        try:
            self._schema = _compile_schema(dialect.id, etree.tostring(schema))
        except etree.XMLSchemaParseError as error:
            raise DeclarationError(f"{self._where} is none: {error}.", hint="Its values were not checked.") from error

    def wrong(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield invalid texts with the violated facet, or an empty text if the type is wrong."""
        for start in range(0, len(texts), MAX_TEXTS):
            part = texts[start : start + MAX_TEXTS]
            broken = self._find_broken(part)
            yield from ((text, broken[number]) for number, text in enumerate(part) if number in broken)

    def _find_broken(self, texts: Sequence[str]) -> dict[int, str]:
        escaped = (
            escape(UNWRITABLE.sub(REPLACEMENT_CHARACTER, text), quote=False).translate(BLANK_ESCAPES) for text in texts
        )
        content = VALUES_BEGIN + "\n".join(f"<v>{text}</v>" for text in escaped) + VALUES_END
        root = etree.fromstring(content.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
        try:
            if self._schema.validate(root):
                return {}
        except etree.XMLSchemaValidateError as error:
            message = f"{self._where} has a pattern that takes too long to match."
            raise DeclarationError(message, hint="Its values were not checked.") from error
        facets: dict[int, str] = {}
        for entry in cast("Iterable[Any]", self._schema.error_log):
            facet = FACET_MESSAGE.search(entry.message)
            facets.setdefault(entry.line - 2, FACET_BY_NAME.get(facet[1], "") if facet else "")
        return facets


@lru_cache(maxsize=64)
def _compile_schema(dialect_id: str, text: bytes) -> etree.XMLSchema:
    dialect = next(dialect for dialect in DIALECTS if dialect.id == dialect_id)
    parser = etree.XMLParser(no_network=True)
    beside = dialect.schema.with_name("values.xsd").as_uri()
    return etree.XMLSchema(etree.fromstring(text, parser, base_url=beside))


SCHEMA_FILES = {
    "dsd": "SDMXDataStructureSpecific.xsd",
    "common": "SDMXCommon.xsd",
    "metadata": "SDMXMetadataGeneric.xsd",
}
ANY_TYPE, ANY_TYPES = "xs:string", {"time": "common:ObservationalTimePeriodType"}
"""Types that accept all texts; a time dimension may not be wider."""
ANY_OCCURRENCE = {"minOccurs": "0", "maxOccurs": "unbounded"}
XSD = ElementMaker(namespace=XS, nsmap={"xs": XS})


class SchemaDraft:
    """A schema under construction; with `any_values`, values other than periods may be any text."""

    def __init__(
        self, flow: Flow, dialect: Dialect, namespace: str, placement: Placement, *, any_values: bool = False
    ) -> None:
        self.flow = flow
        self.dialect = dialect
        self.placement = placement
        prefixes = {"xs": XS, "own": namespace, "dsd": dialect.specific, "common": dialect.common}
        if dialect.id == SDMX_30.id:  # data may contain whole metadata sets
            prefixes["metadata"] = dialect.namespace("metadata/generic")
        self.schema = etree.Element(f"{{{XS}}}schema", nsmap=prefixes)
        self.schema.set("targetNamespace", namespace)
        self.schema.set("elementFormDefault", "qualified")
        for prefix, file in SCHEMA_FILES.items():
            if prefix in prefixes:
                self.schema.append(XSD("import", namespace=prefixes[prefix], schemaLocation=file))
        components = flow.structure.components
        self.types = {
            component.id: ANY_TYPES.get(component.role, ANY_TYPE)
            if any_values
            else add_type(self.schema, flow, component, with_nan=dialect.has_nan)
            for component in components
        }
        self.several = {component.id for component in components if has_parts(component, dialect)}
        for component in components:
            if component.id in self.several:
                self._add_comp_type(component)

    def text(self) -> bytes:
        text: bytes = etree.tostring(self.schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return text

    def add_observation(self, components: Sequence[Component], optional: Sequence[str]) -> None:
        key = self._key(self.placement.observation_key)
        attributes = [*self._attributes(key, components, optional), *self._prohibited("ObsType", (*key, *components))]
        self._restrict("ObsType", [*self._parts(components), *self._reports()], attributes)

    def add_series(self, components: Sequence[Component], optional: Sequence[str]) -> None:
        key = self._key(self.placement.series_key)
        attributes = [
            *self._attributes(key, components, optional),
            *self._prohibited("SeriesType", (*key, *components)),
        ]
        elements = [*self._parts(components), element("Obs", **ANY_OCCURRENCE), *self._reports()]
        self._restrict("SeriesType", elements, attributes)

    def add_groups(self) -> None:
        # SDMX 2.1: attributes of some dimensions may name groups that may also hold them.
        grouped = [component for component in self.flow.structure.attributes() if component.group]
        group_type = {"name": "type", "type": "common:IDType", "use": "optional"}
        year_start = {"name": "REPORTING_YEAR_START_DAY", "type": "xs:gMonthDay", "use": "optional"}
        attributes = [
            XSD.attribute(group_type),
            *([XSD.attribute(year_start)] if self.dialect.has_final else []),
            XSD.anyAttribute(namespace="##local"),
        ]
        self._restrict("GroupType", [*self._parts(grouped), *self._reports()], attributes, abstract="true")
        for group in self.flow.structure.groups:
            own = [component for component in grouped if group.id in component.group.split()]
            attributes = [
                XSD.attribute(group_type, fixed=group.id),
                *self._attributes(self._key(group.dimensions), own, [component.id for component in own]),
                *self._prohibited("GroupType", own),
            ]
            self._restrict(group.id, [*self._parts(own), *self._reports()], attributes, base="own:GroupType")

    def add_atts(self) -> None:
        attributes = self.flow.structure.attributes()
        components = (*self.flow.structure.dimensions, *attributes)
        stated = self._attributes((), components, [component.id for component in components])
        self._restrict("AttsType", self._parts(attributes), [*stated, *self._prohibited("AttsType", components)])

    def add_dataset(self, attributes: Sequence[Component], optional: Sequence[str]) -> None:
        """Add the type of datasets. Where the official type has a choice, only a choice is a valid restriction."""
        child = "Obs" if self.placement.is_flat else "Series"
        provider = element("DataProvider", "common:DataProviderReferenceType", minOccurs="0")
        groups = bool(self.flow.structure.groups)
        if self.dialect.mixes_groups:
            choices = [element(name) for name in ("Atts", *(["Group"] if groups else []), child)]
            elements = [provider, XSD.choice(ANY_OCCURRENCE, *choices), *self._reports()]
        else:
            elements = [provider, *([element("Group", **ANY_OCCURRENCE)] if groups else [])]
            elements.append(XSD.choice(element(child, maxOccurs="unbounded"), minOccurs="0"))
        stated = self._attributes((), attributes, optional)
        self._restrict("DataSetType", elements, [*stated, *self._prohibited("DataSetType", attributes)])

    def _key(self, names: Sequence[str]) -> list[Component]:
        return [self.flow.structure[name] for name in names]

    def _restrict(
        self,
        name: str,
        elements: Iterable[etree._Element],
        attributes: Iterable[etree._Element],
        *,
        base: str = "",
        **more: str,
    ) -> None:
        """Add a type that allows these elements and attributes of an official one."""
        sequence = XSD.sequence(XSD.element(ref="common:Annotations", minOccurs="0"), *elements)
        restriction = XSD.restriction(sequence, *attributes, base=base or f"dsd:{name}")
        self.schema.append(XSD.complexType(XSD.complexContent(restriction), name=name, **more))

    def _parts(self, components: Sequence[Component]) -> list[etree._Element]:
        is_several = any(component.id in self.several for component in components)
        return [element("Comp", "dsd:CompType", **ANY_OCCURRENCE)] if is_several else []

    def _reports(self) -> list[etree._Element]:
        """Allow reference metadata in data: a whole set in SDMX-ML 3.0, attributes in 3.1."""
        type_ = "dsd:MetadataType" if self.dialect == SDMX_31 else "metadata:MetadataSetType"
        return [element("Metadata", type_, minOccurs="0")] if self.dialect.mixes_groups else []

    def _attributes(
        self, key: Sequence[Component], components: Sequence[Component], optional: Sequence[str]
    ) -> list[etree._Element]:
        return [
            XSD.attribute(
                name=component.id,
                type=self.types[component.id],
                use="required"
                if (component in key or component.mandatory) and component.id not in optional
                else "optional",
            )
            for component in (*key, *(component for component in components if component.id not in self.several))
        ]

    def _prohibited(self, name: str, used: Iterable[Component]) -> list[etree._Element]:
        declared = ["TIME_PERIOD"] if name in ("ObsType", "SeriesType", "AttsType") else []
        declared += ["type"] if name == "ObsType" else []
        if self.dialect.has_final:
            declared += ["REPORTING_YEAR_START_DAY", *(["OBS_VALUE"] if name == "ObsType" else [])]
        known = {component.id for component in used}
        return [XSD.attribute(name=attribute, use="prohibited") for attribute in declared if attribute not in known]

    def _add_comp_type(self, component: Component) -> None:
        value_type = "common:TextValueType"
        if not component.is_multilingual:
            value_type = f"own:{component.id}ValueType"
            simple = XSD.simpleType(XSD.restriction(base=self.types[component.id]))
            content = XSD.simpleContent(XSD.restriction(simple, base="common:ValueType"))
            self.schema.append(XSD.complexType(content, name=f"{component.id}ValueType"))
        most = component.max_occurs if component.is_array else "1"
        value = element("Value", value_type, minOccurs="0", maxOccurs=most)
        named = XSD.attribute(name="id", type="common:NCNameIDType", use="required", fixed=component.id)
        self._restrict(f"{component.id}CompType", [value], [named], base="dsd:CompType")


def element(name: str, type_: str = "", **occurs: str) -> etree._Element:
    made: etree._Element = XSD.element(name=name, type=type_ or f"own:{name}Type", form="unqualified", **occurs)
    return made


def has_parts(component: Component, dialect: Dialect) -> bool:
    return dialect.mixes_groups and (component.is_array or component.is_multilingual)
