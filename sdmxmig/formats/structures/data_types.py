"""The names of SDMX for types of values: those of times, and those that codes may have."""

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
