"""Data messages as tables, without their structures."""

from __future__ import annotations

import pytest
from case_tables import text_from
from folders import SHARED

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table

MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"

SPECIFIC = f"""<?xml version="1.0"?>
<m:StructureSpecificData xmlns:m="{MESSAGE}" xmlns:ss="urn:ss" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"/></m:Header>
<m:DataSet ss:structureRef="S" ss:dataScope="DataStructure" action="Replace" RES_RULE="R12">
<Group xsi:type="g" REF_AREA="GE" TITLE="Georgia"/>
<Series FREQ="A" REF_AREA="GE" UNIT_MEASURE="PS"><Obs TIME_PERIOD="2023" OBS_VALUE="1.50"/>
<Obs TIME_PERIOD="2024" OBS_VALUE="01"><Comp id="NOTE"><Value>a</Value><Value>b</Value></Comp></Obs></Series>
<Series FREQ="A" REF_AREA="SE"/>
</m:DataSet></m:StructureSpecificData>"""

GENERIC = f"""<g:GenericData xmlns:g="{MESSAGE}">
<g:Header><g:Structure structureID="S" dimensionAtObservation="SEX"/></g:Header>
<g:DataSet structureRef="S"><g:Attributes><g:Value id="RES_RULE" value="R12"/></g:Attributes>
<g:Series><g:SeriesKey><g:Value id="REF_AREA" value="GE"/></g:SeriesKey>
<g:Attributes><g:Value id="UNIT_MEASURE" value="PS"/></g:Attributes>
<g:Obs><g:ObsDimension value="F"/><g:ObsValue value="7"/>
<g:Attributes><g:Value id="OBS_STATUS" value="A"/></g:Attributes></g:Obs></g:Series>
</g:DataSet></g:GenericData>"""


JSON = text_from("conversion/cases/sdmx_json.json")


def rows(table: Table) -> list[list[str]]:
    return [
        [table.text(row, column) for column in range(1, table.last_column + 1)] for row in range(1, table.last_row + 1)
    ]


def test_observation_rows_include_series_attributes() -> None:
    (data,) = read("a.xml", SPECIFIC.encode())
    assert data.sheet == "DataSet 1"
    assert rows(data) == [
        ["FREQ", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "NOTE", "UNIT_MEASURE", "TITLE", "RES_RULE"],
        ["A", "GE", "2023", "1.50", "", "PS", "Georgia", "R12"],
        ["A", "GE", "2024", "01", "a\nb", "PS", "Georgia", "R12"],
    ]


def test_generic_data_yield_equal_rows() -> None:
    (data,) = read("a.xml", GENERIC.encode())
    assert rows(data) == [
        ["REF_AREA", "SEX", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "RES_RULE"],
        ["GE", "F", "7", "A", "PS", "R12"],
    ]


def test_sdmx_json_yields_equal_rows() -> None:
    (data,) = read("a.json", JSON.encode())
    head, *figures = rows(data)
    assert head[:4] == ["REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE"]
    assert head[4:] == ["OBS_STATUS", "COMMENT_OBS", "UNIT_MEASURE", "TITLE", "RES_RULE"]
    assert figures == [
        ["GE", "F", "2023", "1.50", "", "", "PS", "", "R12"],
        ["GE", "F", "2024", "01", "", "a note", "PS", "", "R12"],
        ["SE", "F", "2024", "", "O", "", "", "Sweden", "R12"],
    ]
    with pytest.raises(InputError, match="0:7"):
        read("a.json", JSON.replace('"0:0"', '"0:7"').encode())


@pytest.mark.parametrize(
    "text",
    [SPECIFIC[:-40], GENERIC.replace("g:Series", "g:Row").replace("g:Obs", "g:O"), SPECIFIC.replace("DataSet", "Set")],
)
def test_broken_or_empty_sdmx_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read("a.xml", text.encode())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")
def test_sample_yields_equal_rows_in_all_layouts() -> None:
    folder = SHARED / "sdmx-ml-2.1" / "ecb_exr"
    key = ("FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_VAR", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS")
    keys_by_layout = {}
    for name in ("ng-flat", "ng-flat-ss", "ng-ts", "ng-ts-ss", "ng-xs"):
        head, *observations = rows(read(name, (folder / f"{name}.xml").read_bytes())[0])
        keys_by_layout[name] = {
            tuple(observation[head.index(id_)] for id_ in key if id_ in head) for observation in observations
        }
    assert len(keys_by_layout["ng-flat"]) == 12
    assert all(keys == keys_by_layout["ng-flat"] for keys in keys_by_layout.values())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")
def test_standard_sdmx_json_samples_are_parsed() -> None:
    def currencies(path: str) -> list[tuple[str, ...]]:
        head, *observations = rows(read(path, (SHARED / "sdmx-json-2.x" / "standard" / path).read_bytes())[0])
        known = ("CURRENCY", "CURRENCY_DENOM", "TIME_PERIOD", "OBS_VALUE")
        return sorted(
            tuple(observation[head.index(id_)] for id_ in known if id_ in head) for observation in observations
        )

    series = currencies("data_exr-time-series.json")
    assert ("NZD", "EUR", "2013-01-18", "1.5931") in series
    assert len(series) == len(currencies("data_exr-flat.json")) == 4
    full = (SHARED / "sdmx-json-2.x/standard/data_constructed-sample-full.json").read_bytes()
    assert len(read("full.json", full)) == 5


@pytest.mark.parametrize("message", [SPECIFIC.replace("StructureSpecificData", "CompactData"), GENERIC])
def test_data_in_sdmx_ml_1_0_are_refused(message: str) -> None:
    first_version = message.replace("schemas/v2_1", "schemas/v1_0")
    with pytest.raises(InputError, match=r"This is SDMX-ML 1\.0, which is no longer read\."):
        read("a.xml", first_version.encode())
