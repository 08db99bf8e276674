"""Small tables of an office with their mappings, each another layout; every figure is different.

A table is written as text: cells between bars, a row a line; ``=`` before a figure says that it is stored as a number.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Range, Table

FIXED = {
    "FREQ": "A",
    "REF_AREA": "GE",
    "DIRECTION": "I",
    "BIRTH_STATUS": "_T",
    "CTZ_STATUS": "_T",
    "SEX": "_T",
    "AGE": "_T",
    "C_BIRTH": "_T",
    "C_CITIZEN": "_T",
    "C_RESIDENCE": "_T",
    "RES_RULE": "R12",
    "DUR_BASIS": "INT",
    "UNIT_MEASURE": "PS",
    "UNIT_MULT": "0",
}
SEXES = 'codes = { "Men" = "M", "Women" = "F" }'
COUNTRIES = 'codes = { "Armenia" = "AM", "Brazil" = "BR", "India" = "IN", "Ukraine" = "UA" }'
AREAS = "areas = true"
YEAR = 'pattern = "yyyy"'


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """A workbook or text file with its mapping: sheets by name, each as text."""

    id: str
    sheets: tuple[tuple[str, str], ...]
    _: KW_ONLY
    blocks: str
    merged: tuple[Range, ...] = ()

    @property
    def mapping(self) -> str:
        """The mapping file."""
        return HEAD + self.blocks

    @property
    def tables(self) -> tuple[Table, ...]:
        """The sheets as tables."""
        return tuple(table_of(name, text, self.merged) for name, text in self.sheets)


def table_of(sheet: str, text: str, merged: tuple[Range, ...]) -> Table:
    """A sheet from its text."""
    columns = CellColumns()
    for row, line in enumerate(text.strip("\n").split("\n"), start=1):
        for column, cell in enumerate(line.split("|"), start=1):
            if written := cell.strip():
                columns.add(row, column, written.removeprefix("="), kind="number" if written[0] == "=" else "text")
    return Table("office.xlsx", sheet, cells=columns.frame(), merged=merged)


HEAD = 'id = "MAP"\nflow = "DF_IMM"\nfile = "office.xlsx"\n'


def block_of(
    keys: str, components: dict[str, tuple[str, str]], rest: str = "", fixed: dict[str, str] | None = None
) -> str:
    """A block of a mapping: its own keys, where each component stands with its further keys, and more sections."""
    given = {name: code for name, code in (FIXED | (fixed or {})).items() if name not in components}
    lines = ["[[block]]", keys, "[block.fixed]", *(f'{name} = "{code}"' for name, code in given.items())]
    for name, (source, more) in components.items():
        lines += [f"[block.components.{name}]", f'from = "{source}"', more]
    return "\n".join([*lines, rest, ""])


CROSSED = """
Immigrants by citizenship (persons)

Country | 2020 | 2020 | 2021 | 2021 | 2022 | 2022
| Men | Women | Men | Women | Men | Women
Armenia | =1201 | =1310 | =1422 | =1533 | =1644 | =1755
Brazil | =2866 | =2977 | =3088 | =3199 | =3201 | =3312
India | =14423 | =15534 | =16645 | =17756 | =18867 | =19978
Ukraine | =21089 | =22190 | =23201 | =24312 | =25423 | =26534
"""
LONG = """
Country | Year | Sex | Persons
Armenia | 2021 | Men | 1201.5
Armenia | 2021 | Women | 1310.25
Armenia | 2022 | Men | 1422.5
Armenia | 2022 | Women | 1533.75
Brazil | 2021 | Men | 2866.5
Brazil | 2021 | Women | 2977.25
Brazil | 2022 | Men | 3088.5
Brazil | 2022 | Women | 3199.75
"""
SECTIONS = """
Immigrants by country of origin

Country | 2020 | 2021 | 2022
Men
Armenia | =1201 | =1310 | =1422
Brazil | =2866 | =2977 | =3088
India | =14423 | =15534 | =16645
Women
Armenia | =1533 | =1644 | =1755
Brazil | =3199 | =3201 | =3312
India | =17756 | =18867 | =19978
Source: border register.
"""
CARRIED = """
Country | 2021 | | 2022 |
| Men | Women | Men | Women
Armenia | =1201 | =1310 | =1422 | =1533
Brazil | =2866 | =2977 | =3088 | =3199
India | =4423 | =5534 | =6645 | =7756
"""
MONTH = """
Immigrants in {month}

Country | 2021 | 2022
Armenia | ={0}201 | ={0}310
Brazil | ={0}866 | ={0}977
India | ={0}423 | ={0}534
"""
SIGNED = """
Immigrants, thousands set apart by a blank

Country | 2020 | 2021 | 2022
Armenia | 1 201,5 | 1 310,2 | 1 422,1
Brazil | 2 866,5 | .. | 3 088,5
India | 14 423,5 | 15 534,2 | 16 645,8p

p Provisional.
"""
CORRIDORS = """
Year | Country of birth | Country of citizenship | Persons
2022 | Armenia | Brazil | =1201
2022 | Brazil | Armenia | =1310
2022 | India | Ukraine | =1422
2022 | Ukraine | India | =1533
2022 | Armenia | Ukraine | =1644
2022 | India | Brazil | =1755
"""
MERGED = """
Table 4. Immigrants, persons
Country | 2021 | | 2022 |
| Men | Women | Men | Women
Armenia | =1201 | =1310 | =1422 | =1533
Brazil | =2866 | =2977 | =3088 | =3199
India | =4423 | =5534 | =6645 | =7756
"""
FLAGGED = """
Country | 2021 | Flag | 2022 | Flag
Armenia | =1201 | | =1310 | p
Brazil | =2866 | e | =2977 | p
India | =4423 | | =5534 |
Ukraine | =1089 | | =2190 |
"""
STACKED = """
Men
Country | 2021 | 2022
Armenia | =1201 | =1310
Brazil | =2866 | =2977

Women
Country | 2021 | 2022
Armenia | =1533 | =1644
Brazil | =3199 | =3201
"""
ARRIVED = """
Table {number}. {sex} who came to live here, persons

Country | 2021 | 2022
Armenia | ={number}201 | ={number}310
Brazil | ={number}866 | ={number}977
"""
TABLES = (
    OfficeTable(
        "crossed",
        (("Table 1", CROSSED),),
        blocks=block_of(
            'sheet = "Table 1"\nanchor = "Country"\nheader_rows = 2\nsays = "Immigrants by citizenship (persons)"',
            {"TIME_PERIOD": ("header 1", YEAR), "SEX": ("header 2", SEXES), "C_CITIZEN": ("column 1", COUNTRIES)},
        ),
    ),
    OfficeTable(
        "long",
        (("", LONG),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Country"\nheader_columns = 3',
            {
                "TIME_PERIOD": ("column Year", YEAR),
                "SEX": ("column Sex", SEXES),
                "C_CITIZEN": ("column Country", COUNTRIES),
            },
            '[block.values]\ncolumns = "Persons"',
        ),
    ),
    OfficeTable(
        "sections",
        (("Data", SECTIONS),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Country"\nsections = true\nuntil = "Source*"\n'
            'says = "Immigrants by country of origin"',
            {"TIME_PERIOD": ("header 1", YEAR), "SEX": ("section", SEXES), "C_RESIDENCE": ("column 1", AREAS)},
        ),
    ),
    OfficeTable(
        "carried",
        (("Data", CARRIED),),
        blocks=block_of(
            'sheet = "Data"\ncell = "A1"\nheader_rows = 2',
            {
                "TIME_PERIOD": ("header 1", f"{YEAR}\ncarried = true"),
                "SEX": ("header 2", SEXES),
                "C_BIRTH": ("column 1", AREAS),
            },
        ),
    ),
    OfficeTable(
        "sheets",
        tuple((month, MONTH.format(number, month=month)) for number, month in enumerate(("January", "February"), 1)),
        blocks=block_of(
            'sheet = "/^(January|February)$/"\nanchor = "Country"\nsays = "/^Immigrants in [A-Z][a-z]+$/"',
            {
                "TIME_PERIOD": ("header 1", YEAR),
                "AGE": ("sheet", 'codes = { "January" = "Y0T14", "February" = "Y15T64" }'),
                "C_CITIZEN": ("column 1", COUNTRIES),
            },
        ),
    ),
    OfficeTable(
        "signs",
        (("Data", SIGNED),),
        blocks=block_of(
            'sheet = "Data"\ncell = "A3"\nsays = "Immigrants, thousands set apart by a blank"',
            {"TIME_PERIOD": ("header 1", YEAR), "C_CITIZEN": ("column 1", COUNTRIES)},
            '[block.values]\nthousands = " "\ndecimal = ","\nmissing = { ".." = "M" }\n'
            'marks = { "p" = { OBS_STATUS = "P" } }',
        ),
    ),
    OfficeTable(
        "corridors",
        (("", CORRIDORS),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Year"\nheader_columns = 3',
            {
                "TIME_PERIOD": ("column Year", YEAR),
                "C_BIRTH": ("column Country of birth", AREAS),
                "C_CITIZEN": ("column Country of citizenship", AREAS),
            },
            '[block.values]\ncolumns = "Persons"',
        ),
    ),
    OfficeTable(
        "merged",
        (("Data", MERGED),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Country"\nheader_rows = 2\nsays = "Table 4. Immigrants, persons"',
            {"TIME_PERIOD": ("header 1", YEAR), "SEX": ("header 2", SEXES), "C_CITIZEN": ("column 1", COUNTRIES)},
        ),
        merged=(
            Range(2, 1, last_row=3, last_column=1),
            Range(2, 2, last_row=2, last_column=3),
            Range(2, 4, last_row=2, last_column=5),
        ),
    ),
    OfficeTable(
        "flags",
        (("Data", FLAGGED),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Country"',
            {
                "TIME_PERIOD": ("header 1", YEAR),
                "C_CITIZEN": ("column 1", COUNTRIES),
                "OBS_STATUS": ("beside Flag", 'codes = { "p" = "P", "e" = "E" }'),
            },
        ),
    ),
    OfficeTable(
        "stacked",
        (("Data", STACKED),),
        blocks=block_of(
            'sheet = "*"\nanchor = "Country"\nevery = true\nsays = ["Men", "Women"]',
            {"TIME_PERIOD": ("header 1", YEAR), "SEX": ("above 1", SEXES), "C_CITIZEN": ("column 1", COUNTRIES)},
        ),
    ),
    OfficeTable(
        "blocks",
        tuple((f"Table {n}", ARRIVED.format(number=n, sex=sex)) for n, sex in ((1, "Men"), (2, "Women"))),
        blocks="".join(
            block_of(
                f'sheet = "Table {number}"\nanchor = "Country"\nsays = "*{name} who came*persons"',
                {"TIME_PERIOD": ("header 1", YEAR), "C_CITIZEN": ("column 1", COUNTRIES)},
                fixed={"SEX": code},
            )
            for number, (name, code) in enumerate((("Men", "M"), ("Women", "F")), 1)
        ),
    ),
)
