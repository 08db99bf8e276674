"""Value types of a generated schema: enumerations and facets.

Value checks by the types of the generated schema, also used for tables and JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast
from xml.sax.saxutils import escape

from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.faults import FORBIDDEN
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, Dialect
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

XS = "http://www.w3.org/2001/XMLSchema"

TYPES = {
    "String": "xs:string",
    "Alpha": "xs:string",
    "AlphaNumeric": "xs:string",
    "Numeric": "xs:string",
    "BigInteger": "xs:integer",
    "Integer": "xs:int",
    "Long": "xs:long",
    "Short": "xs:short",
    "Decimal": "xs:decimal",
    "Float": "xs:float",
    "Double": "xs:double",
    "Boolean": "xs:boolean",
    "URI": "xs:anyURI",
    "Count": "xs:integer",
    "DateTime": "xs:dateTime",
    "Duration": "xs:duration",
    "Time": "xs:time",
    "Month": "xs:gMonth",
    "MonthDay": "xs:gMonthDay",
    "Day": "xs:gDay",
    "GregorianYear": "xs:gYear",
    "GregorianYearMonth": "xs:gYearMonth",
    "GregorianDay": "xs:date",
    "ObservationalTimePeriod": "common:ObservationalTimePeriodType",
    "StandardTimePeriod": "common:StandardTimePeriodType",
    "BasicTimePeriod": "common:BasicTimePeriodType",
    "GregorianTimePeriod": "common:GregorianTimePeriodType",
    "ReportingTimePeriod": "common:ReportingTimePeriodType",
    "ReportingYear": "common:ReportingYearType",
    "ReportingSemester": "common:ReportingSemesterType",
    "ReportingTrimester": "common:ReportingTrimesterType",
    "ReportingQuarter": "common:ReportingQuarterType",
    "ReportingMonth": "common:ReportingMonthType",
    "ReportingWeek": "common:ReportingWeekType",
    "ReportingDay": "common:ReportingDayType",
    "TimeRange": "common:TimeRangeType",
    "InclusiveValueRange": "xs:decimal",
    "ExclusiveValueRange": "xs:decimal",
    "Incremental": "xs:decimal",
    "GeospatialInformation": "xs:string",
    "XHTML": "xs:string",
    "KeyValues": "xs:string",
    "IdentifiableReference": "xs:string",
    "DataSetReference": "xs:string",
    "AttachmentConstraintReference": "xs:string",
}
"""SDMX data types as XML Schema types (``DataType`` in SDMXCommon.xsd)."""

TIMES = {
    "StandardTimePeriod": "[^/]+",
    "BasicTimePeriod": r"-?\d{4,}(-\d\d(-\d\d(T[^/]+)?)?)?(Z|[+\-]\d\d:\d\d)?",
    "GregorianTimePeriod": r"-?\d{4,}(-\d\d(-\d\d)?)?(Z|[+\-]\d\d:\d\d)?",
    "ReportingTimePeriod": r"-?\d{4,}-[ASTQMWD]\d.*",
}
"""Patterns of period types.

They restrict the official time type: libxml2 does not accept a union of unions there.
"""
PERIODS = {name for name, type_ in TYPES.items() if name.startswith("Gregorian") or "common:" in type_} | {"DateTime"}
"""Types allowed for a time dimension in the official schema."""

PATTERNS = {"Alpha": "[A-Za-z]+", "AlphaNumeric": "[A-Za-z0-9]+", "Numeric": "[0-9]+"}

FACETS = {
    "minLength": "minLength",
    "maxLength": "maxLength",
    "minValue": "minInclusive",
    "maxValue": "maxInclusive",
    "decimals": "fractionDigits",
    "pattern": "pattern",
}
TEXTS = ("xs:string", "xs:anyURI")
EXACT = ("xs:integer", "xs:int", "xs:long", "xs:short", "xs:decimal")
NUMBERS = (*EXACT, "xs:float", "xs:double")
HOLDERS = {"minLength": TEXTS, "maxLength": TEXTS, "fractionDigits": EXACT}
HOLDERS |= dict.fromkeys(("minInclusive", "maxInclusive"), NUMBERS)
"""The types that XML Schema has a facet for; SDMX lets any facet stand beside any type."""


WITHOUT_NAN = ("BigInteger", "Integer", "Long", "Short", "Decimal", "Count")
MISSING = {"number": "NaN", "text": "#N/A"}
"""Codes for intentionally missing values in SDMX 3.1 (Technical Notes, missing observation values)."""


def add_type(schema: etree._Element, flow: Flow, component: Component, *, with_nan: bool = False) -> str:
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
            raise DeclarationError(f"The codelist of {component.id} is not known.", flow.structure.place)
        codes = [*codelist.ids, *([MISSING["text"]] if with_nan else [])]
        return add_restriction(schema, component.id, "xs:string", [("enumeration", code) for code in codes])
    data_type = component.data_type or "String"
    if data_type not in TYPES:
        hint = f"Known are {', '.join(TYPES)}."
        raise DeclarationError(f"“{data_type}” is not a type for {component.id}.", flow.structure.place, hint)
    facets = [("pattern", PATTERNS[data_type])] if data_type in PATTERNS else []
    facets += [(FACETS[name], value) for name, value in component.facets if holds(TYPES[data_type], name)]
    if with_nan and data_type in WITHOUT_NAN:
        number = add_restriction(schema, f"{component.id}Number", TYPES[data_type], facets)
        missing = add_restriction(schema, f"{component.id}Missing", "xs:string", [("enumeration", MISSING["number"])])
        simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{component.id}Type")
        etree.SubElement(simple, f"{{{XS}}}union", memberTypes=f"{number} {missing}")
        return f"own:{component.id}Type"
    return add_restriction(schema, component.id, TYPES[data_type], facets) if facets else TYPES[data_type]


def holds(type_: str, facet: str) -> bool:
    return facet in FACETS and (facet == "pattern" or type_ in HOLDERS[FACETS[facet]])


def add_time(schema: etree._Element, component: Component) -> str:
    kind = component.data_type if component.data_type in PERIODS and not component.is_coded else ""
    if kind in TIMES:
        return add_restriction(schema, component.id, TYPES["ObservationalTimePeriod"], [("pattern", TIMES[kind])])
    return TYPES[kind or "ObservationalTimePeriod"]


def add_restriction(schema: etree._Element, name: str, base: str, facets: list[tuple[str, str]]) -> str:
    simple = etree.SubElement(schema, f"{{{XS}}}simpleType", name=f"{name}Type")
    restriction = etree.SubElement(simple, f"{{{XS}}}restriction", base=base)
    for facet, value in facets:
        etree.SubElement(restriction, f"{{{XS}}}{facet}", value=value)
    return f"own:{name}Type"


OWN = "urn:sdmxmig:values"
COMMON = "SDMXCommon.xsd"
MANY = 10_000
"""So many texts are judged at once."""
UNWRITABLE = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")
INSTEAD = "\ufffd"
"""Stands for a character that no XML can hold."""
FACET = re.compile(r"\[facet '(\w+)'\]")
NAMES = {name: facet for facet, name in FACETS.items()}
BLANKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
HEAD, TAIL = f'<o:values xmlns:o="{OWN}">\n', "\n</o:values>"


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
            common = etree.Element(f"{{{XS}}}import", namespace=dialect.common, schemaLocation=COMMON)
            schema.insert(0, common)
        values = etree.SubElement(schema, f"{{{XS}}}element", name="values")
        sequence = etree.SubElement(etree.SubElement(values, f"{{{XS}}}complexType"), f"{{{XS}}}sequence")
        etree.SubElement(sequence, f"{{{XS}}}element", name="v", type=type_, maxOccurs="unbounded")
        self._where = f"The type of {component.id} in {flow.structure.ref.short}"
        try:
            self._schema = _compiled(dialect.id, etree.tostring(schema))
        except etree.XMLSchemaParseError as error:
            raise DeclarationError(f"{self._where} is none: {error}.", hint="Its values were not checked.") from error

    def wrong(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield invalid texts with the violated facet; empty if the type is wrong."""
        for start in range(0, len(texts), MANY):
            part = texts[start : start + MANY]
            broken = self._broken(part)
            yield from ((text, broken[number]) for number, text in enumerate(part) if number in broken)

    def _broken(self, texts: Sequence[str]) -> dict[int, str]:
        escaped = (escape(UNWRITABLE.sub(INSTEAD, text), BLANKS) for text in texts)
        content = HEAD + "\n".join(f"<v>{text}</v>" for text in escaped) + TAIL
        root = etree.fromstring(content.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
        try:
            if self._schema.validate(root):
                return {}
        except etree.XMLSchemaValidateError as error:
            message = f"{self._where} has a pattern that takes too long to be tried."
            raise DeclarationError(message, hint="Its values were not checked.") from error
        facets: dict[int, str] = {}
        for entry in cast("Iterable[Any]", self._schema.error_log):
            facet = FACET.search(entry.message)
            facets.setdefault(entry.line - 2, NAMES.get(facet[1], "") if facet else "")
        return facets


@lru_cache(maxsize=64)
def _compiled(dialect_id: str, text: bytes) -> etree.XMLSchema:
    dialect = next(dialect for dialect in DIALECTS if dialect.id == dialect_id)
    parser = etree.XMLParser(no_network=True)
    beside = dialect.schema.with_name("values.xsd").as_uri()
    return etree.XMLSchema(etree.fromstring(text, parser, base_url=beside))
