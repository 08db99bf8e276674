"""Country and office of a small workspace, and mappings of tables of years by sex."""

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
override = "Only a test"
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
RESIDENTS = """
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
BIRTH_STATUS = "_T"
CTZ_STATUS = "_T"
C_BIRTH = "_T"
C_CITIZEN = "_T"
UNIT_MEASURE = "PS"
UNIT_MULT = "0"
REF_DATE = "D0101"
RES_RULE = "_U"
DUR_BASIS = "_U"
"""
"""What a block of DF_POP says of all residents; their sex or age is in a line, the other one may follow."""
POPULATION = f"""{RESIDENTS}AGE = "_T"
[block.components.TIME_PERIOD]
from = "column 1"
[block.components.SEX]
from = "header 1"
codes = {{ "Men" = "M", "Women" = "F" }}
"""
"""What a block of DF_POP says of years by sex."""
