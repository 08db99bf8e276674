"""The same figures as a text of an old system, a cube, columns and a message: one dataset, each value with its cell."""

from __future__ import annotations

import polars as pl
import pytest

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.places import cell_name
from sdmxmig.sdmx.model.data import Flow

TEXT = (
    "sep=;\r\nAño;Varones;Mujeres\r\n2022;1.793,8;1.942,5\r\n2023;..;1.955,0\r\n\r\n"
    "Población según el padrón de extranjería\r\n"
).encode("cp1252")
CUBE = """CHARSET="ANSI";
CODEPAGE="windows-1252";
STUB="Año";
HEADING="Sexo";
VALUES("Año")="2022","2023";
VALUES("Sexo")="Varones","Mujeres";
DATA=1793.8 1942.5 ".." 1955.0;
""".encode("cp1252")
MESSAGE = b"""<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><m:DataSet>
<Obs YEAR="2022" SEX="1" OBS_VALUE="1793.8"/><Obs YEAR="2022" SEX="2" OBS_VALUE="1942.5"/>
<Obs YEAR="2023" SEX="1" OBS_VALUE=".."/><Obs YEAR="2023" SEX="2" OBS_VALUE="1955.0"/>
</m:DataSet></m:StructureSpecificData>"""


WIDE = """
from = "header 1"
codes = { "Varones" = "M", "Mujeres" = "F" }
"""
LONG = """
from = "column 2"
codes = { "1" = "M", "2" = "F" }
"""
FILES = {
    "old.csv": (TEXT, 'anchor = "Año"', WIDE, 'thousands = "."\ndecimal = ","', ("B3", "C3", "B4", "C4")),
    "cube.px": (CUBE, 'cell = "A1"\nheader_rows = 1', WIDE, "", ("B2", "C2", "B3", "C3")),
    "message.xml": (MESSAGE, 'anchor = "YEAR"\nheader_columns = 2', LONG, "", ("C2", "C3", "C4", "C5")),
}


@pytest.mark.parametrize("name", FILES)
def test_one_dataset_from_every_format(name: str, population_flow: Flow) -> None:
    content, block, sex, signs, cells = FILES[name]
    sheet = {"cube.px": "data"}.get(name, "*")
    mapping = f"""
id = "MAP_TEST"
flow = "DF_TEST"
file = "{name}"
[[block]]
sheet = "{sheet}"
{block}
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
AGE = "_T"
[block.components.TIME_PERIOD]
from = "column 1"
[block.components.SEX]{sex}
[block.values]
missing = {{ ".." = "M" }}
{signs}
"""
    declared = load("office.toml", mapping.encode(), {"DF_TEST": population_flow})
    dataset = convert(read(name, content), declared, population_flow).dataset
    assert dataset.observations.select("TIME_PERIOD", "SEX", "OBS_VALUE", "OBS_STATUS").rows() == [
        ("2022", "M", "1793.8", "A"),
        ("2022", "F", "1942.5", "A"),
        ("2023", "M", None, "M"),
        ("2023", "F", "1955.0", "A"),
    ]
    origins = dataset.origins.filter(pl.col("component") == "OBS_VALUE").sort("observation")
    assert tuple(cell_name(row, column) for row, column in origins.select("row", "column").rows()) == cells
