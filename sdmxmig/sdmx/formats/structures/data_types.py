"""SDMX names of value types: times, codes and maps."""

from __future__ import annotations

TIMES = (
    *("ObservationalTimePeriod", "StandardTimePeriod", "BasicTimePeriod", "GregorianTimePeriod", "GregorianYear"),
    *("GregorianYearMonth", "GregorianDay", "ReportingTimePeriod", "ReportingYear", "ReportingSemester"),
    *("ReportingTrimester", "ReportingQuarter", "ReportingMonth", "ReportingWeek", "ReportingDay"),
)
CODE_TYPES = (
    *("String", "Alpha", "AlphaNumeric", "Numeric", "BigInteger", "Integer", "Long", "Short", "Boolean", "URI"),
    *("Count", "InclusiveValueRange", "ExclusiveValueRange", "Incremental", *TIMES, "Month", "MonthDay", "Day"),
    "Duration",
)
SIMPLE_TYPES = (*CODE_TYPES, "Decimal", "Float", "Double", "DateTime", "TimeRange", "Time", "GeospatialInformation")
MAP_TYPES = (*SIMPLE_TYPES, "XHTML", "KeyValues", "IdentifiableReference", "DataSetReference")
"""The types of which a map of values may speak in place of a list."""
