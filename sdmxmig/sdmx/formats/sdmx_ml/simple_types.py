"""Value types of a generated schema: enumerations and facets."""

from __future__ import annotations

from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
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
