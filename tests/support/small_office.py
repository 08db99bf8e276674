"""Country and office of a small workspace, and mappings of tables of years by sex."""

from __future__ import annotations

from case_tables import text_from

COUNTRY = text_from("support/cases/small_office_country.toml")
BY_SEX = text_from("support/cases/small_office_by_sex.toml")
RESIDENTS = text_from("support/cases/small_office_residents.toml")
"""What a block of DF_POP says of all residents; their sex or age is in a line, the other one may follow."""
POPULATION = f"""{RESIDENTS}AGE = "_T"
[block.components.TIME_PERIOD]
from = "column 1"
[block.components.SEX]
from = "header 1"
codes = {{ "Men" = "M", "Women" = "F" }}
"""
"""What a block of DF_POP says of years by sex."""
MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office.csv"
[[block]]
sheet = "*"
anchor = "Year"
{POPULATION}
"""
"""The mapping of office.csv with years by sex."""
