"""Structure-specific data messages: valid, escaped exactly, and read alike by two other libraries."""

from __future__ import annotations

from dataclasses import replace

import made
import polars as pl
import pytest
from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset

VERSIONS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
SECOND = made.dataset([(*made.MEN, "2024", "5", "A", None)], [(*made.MEN, "PS", None)], flow=made.OTHER)


def written(version: str, *datasets: Dataset) -> bytes:
    return data_bytes(FORMATS[version], datasets or (made.SMALL, SECOND), made.HEADER)


def attributes(content: bytes, name: str) -> list[dict[str, str]]:
    return [
        {str(key): str(value) for key, value in element.attrib.items()}
        for element in etree.fromstring(content).iter(name)
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_action_is_written_as_qualified_attribute(version: str) -> None:
    datasets = (made.SMALL, replace(SECOND, action="D"))
    content = written(version, *datasets)
    assert find_problems(content, made.FLOWS.values()) == []
    root = etree.fromstring(content)
    space = root.nsmap["ss"]
    assert [one.get(f"{{{space}}}action") for one in root.findall("{*}DataSet")] == ["Replace", "Delete"]
    assert root.find("{*}Header/{*}DataSetAction") is None
    assert attributes(content, "{*}DataSet")[0]["RES_RULE"] == "M12"


def test_datasets_of_one_dataflow_share_its_structure() -> None:
    content = written("sdmx-ml-2.1", made.SMALL, replace(made.SMALL, action="A"))
    assert find_problems(content, made.FLOWS.values()) == []
    assert content.count(b"<mes:Structure ") == 1
    assert b"<mes:DataSetID>DF_POP-2</mes:DataSetID>" in content


@pytest.mark.parametrize("version", VERSIONS)
def test_series_named_in_only_one_table_are_written(version: str) -> None:
    lonely = made.dataset([(*made.MEN, "2024", "5", "A", None)], [(*made.WOMEN, "PS", None)])
    content = written(version, lonely)
    assert [attribute["SEX"] for attribute in attributes(content, "Series")] == ["F", "M"]
    assert [len(one) for one in etree.fromstring(content).iter("Series")] == [0, 1]


def test_empty_message_and_contradictory_series_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="no dataset"):
        data_bytes(FORMATS["sdmx-ml-2.1"], (), made.HEADER)
    with pytest.raises(SdmxmigError, match="occurs twice"):
        written("sdmx-ml-2.1", made.dataset([], [(*made.MEN, "PS", "a"), (*made.MEN, "PS", "b")]))


def test_forbidden_character_is_refused_with_row_and_cell() -> None:
    rows = [(*made.MEN, "2023", "1", "A", None), (*made.MEN, "2024", "2", "A", "bell \x07")]
    with pytest.raises(SdmxmigError, match=r"COMMENT_OBS of observation 2 of DF_POP .* U\+0007"):
        written("sdmx-ml-3.0", made.dataset(rows))
    cells = [(1, "OBS_VALUE", "population.xlsx", "Table 1", 7, 3)]
    origins = pl.DataFrame(cells, schema=list(ORIGIN_COLUMNS), orient="row")
    with pytest.raises(SdmxmigError) as refused:
        written("sdmx-ml-3.0", made.dataset(rows, origins=origins))
    assert str(refused.value.place) == "population.xlsx › Table 1 › C7"
    with pytest.raises(SdmxmigError, match="TITLE of DF_POP"):
        written("sdmx-ml-3.0", made.dataset([], attributes={"TITLE": "\ud800"}))
