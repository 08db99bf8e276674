"""Properties of metadata sets and their formats."""

from __future__ import annotations

import re

ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
TIME = rf"{DAY}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?{ZONE}"
CALENDAR = rf"(?:\d{{4}}{ZONE}|\d{{4}}-(?:0[1-9]|1[0-2]){ZONE}|{DAY}{ZONE}|{TIME})"
REPORTING = (
    r"\d{4}-(?:A1|S[12]|T[1-3]|Q[1-4]|M(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])"
    r"|D(?:00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))" + ZONE
)
RANGE = rf"(?:{DAY}|{TIME})/P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=[^=]+")
"""A URN, perhaps with wildcards."""
DATE_TIME = re.compile(TIME)
PERIOD = re.compile(f"{CALENDAR}|{REPORTING}|{RANGE}")
"""An observational time period: of the calendar, of a reporting year, or a range."""
PROPERTIES = {
    "setID": re.compile(r"[A-Za-z0-9_@$\-]+"),
    "reportingBeginDate": re.compile(CALENDAR),
    "reportingEndDate": re.compile(CALENDAR),
    "publicationYear": re.compile(rf"\d{{4}}{ZONE}"),
    "publicationPeriod": PERIOD,
}
"""Properties of a set and their formats (common schema, SetAttributeGroup).

``setID`` only in SDMX 2.1.
"""
