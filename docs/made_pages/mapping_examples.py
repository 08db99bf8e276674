"""Two mapping files that have every section, so that their reader asks for every key."""

WHOLE = b"""
id = "MAP_ALL"
flow = "DF_POP"
file = "population.xlsx"

[text]
encoding = "utf-8"
delimiter = ";"

[[block]]
sheet = "*"
anchor = ["Year"]
header_rows = 2
header_columns = 1
until = ["Source*"]
says = ["Population"]
sections = [{ match = "*" }]
skip_rows = [{ match = "of which*", reason = "not additive" }]
skip_columns = [{ match = "*%*", reason = "recomputed" }]

[block.fixed]
FREQ = "A"
REF_AREA = "GE"
BIRTH_STATUS = "_T"
CTZ_STATUS = "_T"
C_BIRTH = "_T"
C_CITIZEN = "_T"
AGE = "_T"
UNIT_MEASURE = "PS"

[block.components.TIME_PERIOD]
from = "column 1"
pattern = ["yyyy"]

[block.components.SEX]
from = "header 2"
codes = { Men = "M", Women = "F" }

[block.values]
columns = ["Persons"]

[block.footnotes]
marks = '\\d\\)'
component = "COMMENT_OBS"

[[block.notes]]
where = { TIME_PERIOD = "2024" }
set = { OBS_STATUS = "P" }

[[derived]]
component = "SEX"
code = "M"
formula = "_T - F"

[[drop]]
component = "SEX"
code = "_T"
reason = "recomputed by the receiver"

[[ignore]]
sheet = "*"
reason = "title"

[[answer]]
sheet = "Table 1"
part = "codes SEX"
label = "Men"
proposed = "M"
answer = "M"
"""
SHORT = (
    WHOLE.replace(b'anchor = ["Year"]', b'anchor = "Year"')
    .replace(b'until = ["Source*"]', b'until = "Source*"')
    .replace(b'says = ["Population"]', b'says = "Population"')
    .replace(b'pattern = ["yyyy"]', b'pattern = "yyyy"')
    .replace(b'columns = ["Persons"]', b'columns = "Persons"')
    .replace(b'sections = [{ match = "*" }]', b"sections = true")
)
EXAMPLES = {"whole": WHOLE, "short": SHORT}
