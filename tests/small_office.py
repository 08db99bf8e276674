"""What a small workspace says of its country and office, and the mapping of a table of years by sex."""

from __future__ import annotations

COUNTRY = """
[country]
area = "GE"
name.en = "Georgia"
office.en = "Office"
language = "en"
[message]
sender = "GE1"
receiver = "UNSD"
test = true
"""
BY_SEX = """
id = "MAP_TEST"
flow = "DF_TEST"
file = "office.csv"
[[block]]
sheet = "*"
anchor = "Year"
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
AGE = "_T"
UNIT_MEASURE = "PS"
[block.components.TIME_PERIOD]
from = "column 1"
[block.components.SEX]
from = "header 1"
codes = { "All" = "_T", "Men" = "M", "Women" = "F" }
"""
