"""An attribute with two values is refused with its place, at any position in the message."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import made
import made_data
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.duplicates import AttributeContradiction, AttributeHistory
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_csv import reading as csv_reading
from sdmxmig.sdmx.formats.sdmx_json import data_reading as json_reading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import datasets
from sdmxmig.sdmx.model.data import Dataset

FLOWS = {made_data.PLAIN_FLOW.id: made_data.PLAIN_FLOW}
GROUP = made_data.GROUP.dimensions


@pytest.fixture
def blocks_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every observation is its own block."""
    for module in (datasets, csv_reading, json_reading):
        monkeypatch.setattr(module, "BLOCK", 1)


def blocks(form: str, content: bytes, faults: Faults | None = None) -> list[Dataset]:
    reader = FORMATS[form].read_data
    return list(reader("data", io.BytesIO(content), FLOWS, faults))


def contradicted(form: str, content: bytes, said: str) -> tuple[InputError, list[Dataset]]:
    """The refusal of a strict reading of a message, and the result of a lenient one."""
    with pytest.raises(InputError, match=said) as caught:
        blocks(form, content)
    faults = Faults()
    found = blocks(form, content, faults)
    assert str(faults.listed[0]) == str(caught.value)
    assert {fault.message for fault in faults.listed} == {caught.value.message}
    return caught.value, found


def line_of(content: bytes, part: str) -> int:
    return next(number for number, line in enumerate(content.decode().splitlines(), 1) if part in line)


PLAIN = made_data.plain()
GROUPED = replace(PLAIN, partial={GROUP: PLAIN.partial[GROUP]})


@pytest.mark.usefixtures("blocks_of_one")
def test_repeated_group_in_xml_must_agree() -> None:
    content = data_bytes(FORMATS["sdmx-ml-3.0"], [GROUPED], made.HEADER)
    group = next(line for line in content.splitlines() if b"<Group" in line)
    again = group.replace(b'METHOD="', b'METHOD="other ')
    content = content.replace(b"  </mes:DataSet>", again + b"\n  </mes:DataSet>")
    error, found = contradicted("sdmx-ml-3.0", content, r"METHOD has two values for GE.M.FC \(REF_AREA, SEX, CTZ\)")
    assert error.place.line > line_of(content, "<Series"), "where its block begins"
    given = [frame["METHOD"].to_list() for one in found for frame in one.partial.values()]
    assert given == [[made.AWKWARD], [None]], "the first one holds"
    same = content.replace(again, group)
    assert blocks("sdmx-ml-3.0", same), "the same twice is no contradiction"


@pytest.mark.usefixtures("blocks_of_one")
def test_repeated_series_in_xml_must_agree() -> None:
    content = data_bytes(FORMATS["sdmx-ml-2.1"], [GROUPED], made.HEADER)
    start, end = content.index(b"    <Series"), content.index(b"</Series>") + len(b"</Series>\n")
    series = content[start:end]
    again = series.replace(b'UNIT="PS"', b'UNIT="HH"')
    assert again != series
    spoilt = content.replace(b"  </mes:DataSet>", again + b"  </mes:DataSet>")
    contradicted("sdmx-ml-2.1", spoilt, r"UNIT has two values for A.GE.\w.FC")
    assert blocks("sdmx-ml-2.1", content)


@pytest.mark.usefixtures("blocks_of_one")
def test_repeated_dataset_in_xml_must_agree() -> None:
    content = data_bytes(FORMATS["sdmx-ml-3.1"], [GROUPED], made.HEADER)
    spoilt = content.replace(b"  </mes:DataSet>", b'    <Atts RES_RULE="OTHER"/>\n  </mes:DataSet>')
    error, found = contradicted("sdmx-ml-3.1", spoilt, "The dataset has two values of RES_RULE")
    assert error.place.line == line_of(spoilt, "<Atts")
    assert {one.attributes["RES_RULE"] for one in found} == {"M12"}


def rows(content: bytes, change: Callable[[dict[str, str]], None], number: int = -1) -> bytes:
    """A table with one changed row."""
    head, *lines = content.decode().splitlines()
    names, cells = head.split(","), lines[number].split(",")
    row = dict(zip(names, cells, strict=True))
    change(row)
    lines[number] = ",".join(row.values())
    return "\n".join([head, *lines, ""]).encode()


@pytest.mark.usefixtures("blocks_of_one")
@pytest.mark.parametrize("name", ["UNIT", "RES_RULE"])
def test_contradiction_in_csv_is_reported_at_its_cell(name: str) -> None:
    simple = replace(
        made.SMALL, flow=made_data.PLAIN_FLOW, series=made.SMALL.series.drop("NOTE"), attributes={"RES_RULE": "M12"}
    )
    observations = simple.observations.drop("COMMENT_OBS").sort("TIME_PERIOD", "SEX")
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [replace(simple, observations=observations)], made.HEADER)
    assert len(blocks("sdmx-csv-2.0", content)) == 3
    spoilt = rows(content, lambda row: row.update({name: "HH"}))
    error, _ = contradicted("sdmx-csv-2.0", spoilt, f"The attribute {name} is “HH” here and differs above")
    column = content.decode().splitlines()[0].split(",").index(name) + 1
    assert (error.place.line, error.place.column) == (4, column)


@pytest.mark.parametrize("form", ["sdmx-json-2.0", "sdmx-json-2.1"])
def test_contradictory_partial_keys_in_json_are_refused(form: str) -> None:
    message: Any = json.loads(data_bytes(FORMATS[form], [PLAIN], made.HEADER))
    (dataset,) = message["data"]["dataSets"]
    groups = dataset["dimensionGroupAttributes"]
    key, cells = next((key, cells) for key, cells in groups.items() if any(type(cell) is str for cell in cells))
    listed = message["data"]["structures"][0]["attributes"]["dimensionGroup"]
    assert len(cells) <= len(listed)
    place = next(number for number, cell in enumerate(cells) if type(cell) is str)
    wider = key.split(":")
    wider[0] = "0"  # the same part of the key, and a dimension that the attribute does not describe
    groups[":".join(wider)] = [*([None] * place), "something else"]
    contradicted(form, json.dumps(message).encode(), f"The values of {listed[place]['id']} contradict each other")


def test_memory_is_bounded_for_any_number_of_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.sdmx.formats.duplicates.MAX_REMEMBERED", 1)
    told, found = AttributeHistory(), list[AttributeContradiction]()
    other = replace(
        made.SMALL, series=made.SMALL.series.with_columns(UNIT=made.SMALL.series["UNIT"] + "x"), continues=True
    )
    told.drop_contradictions(made.SMALL, found.append)
    mended = told.drop_contradictions(other, found.append)
    assert [str(one)[:20] for one in found] == ["UNIT has two values "]
    assert mended.series["UNIT"].null_count() == 1


def test_deleted_attributes_do_not_contradict_each_other() -> None:
    told, found = AttributeHistory(), list[AttributeContradiction]()
    for value in ("M12", "OTHER"):
        block = replace(made.SMALL, action="D", attributes={"RES_RULE": value}, continues=value == "OTHER")
        assert told.drop_contradictions(block, found.append) is block
    assert found == []
