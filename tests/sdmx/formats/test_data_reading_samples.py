"""Published data messages give the counts of their list."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from folders import SHARED
from made_flows import COUNTS, ecb_flow
from made_messages import inferred
from pysdmx.io import read_sdmx

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import read_data
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header, read_notes
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")

ECB = ("ng-flat-ss", "ng-flat", "ng-ts-ss", "ng-ts", "ng-xs")


def read(path: Path, flow: Flow, *, fast: bool = True) -> list[Dataset]:
    with path.open("rb") as stream:
        return list(read_data(path.name, stream, {flow.id: flow}, fast=fast))


def test_the_specification_sample_is_the_same_in_every_layout() -> None:
    flow = ecb_flow("ng-structure-full")
    found = {}
    for name in ECB:
        (dataset,) = read(SHARED / "sdmx-ml-2.1/ecb_exr" / f"{name}.xml", flow)
        key = list(flow.structure.key)
        rows = dataset.observations.sort(key)
        parts = {dims: frame.sort(dims) for dims, frame in dataset.partial.items()}
        found[name] = (rows.write_csv(), {dims: frame.write_csv() for dims, frame in parts.items()})
        assert dataset.observations.height == 12
        assert dataset.refers_to == flow.structure.ref
    assert all(one == found["ng-ts"] for one in found.values())
    first = read(SHARED / "sdmx-ml-2.1/ecb_exr/ng-flat.xml", flow)[0]
    chf = first.observations.filter((pl.col("CURRENCY") == "CHF") & (pl.col("TIME_PERIOD") == "2010-08"))
    assert chf.select("OBS_VALUE", "OBS_STATUS").row(0) == ("1.3413", "A")


def test_groups_of_a_generic_message_are_attributes_of_parts_of_the_key() -> None:
    known = ecb_flow("rg-structure")
    structure = replace(known.structure, ref=replace(known.structure.ref, id="ECB_EXR_RG"))  # as the data name it
    flow = Flow(known.dataflow, structure, codelists={}, concepts={})
    (dataset,) = read(SHARED / "sdmx-ml-2.1/ecb_exr/rg-ts.xml", flow)
    assert dataset.observations.height == 12
    assert sorted(frame.height for frame in dataset.partial.values())[-1] == 4
    assert any("COLL_METHOD" in frame.columns for frame in dataset.partial.values())


def test_groups_of_a_message_are_attributes_of_parts_of_the_key() -> None:
    path = SHARED / "sdmx-ml-2.1/bis_der/str_ser_group.xml"
    flow = inferred(path.read_bytes(), **COUNTS["sdmx-ml-2.1/bis_der/str_ser_group.xml"][1])
    blocks = read(path, flow)
    (frame,) = blocks[0].partial.values()
    assert frame.height > 1
    assert frame["AVAILABILITY"].unique().to_list() == ["K"]


def test_footer_without_data_gives_its_note() -> None:
    path = SHARED / "sdmx-ml-2.1/agencies/ESTAT__footer2.xml"
    assert list(read_data(path.name, io.BytesIO(path.read_bytes()), {})) == []
    (note,) = read_notes(path.name, io.BytesIO(path.read_bytes()))
    assert (note.code, note.severity) == ("413", "Infomation")
    assert "http://ec.europa.eu/eurostat/" in str(note.text)


def test_header_of_a_sample_gives_sender_contacts_and_test_flag() -> None:
    path = SHARED / "sdmx-ml-2.1/agencies/WB__gh-78.xml"
    header = read_header(path.name, io.BytesIO(path.read_bytes()))
    assert (header.id, header.sender.id, header.test) == ("DF_WITS_Tariff_TRAINS", "WBG_WITS", False)
    assert header.sender.contacts[0].details == (("email", "wits@worldbank.org"),)
    assert (header.dataset_action, header.extracted) == ("Information", "2024-11-05T06:16:41")
    assert header.structures[0].ref == Ref("DataStructure", "WBG_WITS", id="TARIFF_TRAINS", version="1.1")


@pytest.mark.parametrize("path", sorted((SHARED / "invalid/xml").glob("*.xml")), ids=lambda path: path.name)
def test_other_messages_are_refused_with_their_place(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(read_data(path.name, io.BytesIO(path.read_bytes()), {}))
    assert caught.value.place is not None
    assert caught.value.place.line


@pytest.mark.parametrize("name", ["ng-flat-ss", "ng-ts-ss"])
def test_pysdmx_reads_the_same_observations(name: str) -> None:
    flow = ecb_flow("ng-structure-full")
    path = SHARED / "sdmx-ml-2.1/ecb_exr" / f"{name}.xml"
    (ours,) = read(path, flow)
    theirs = pl.DataFrame(read_sdmx(path.read_text(), validate=False).data[0].data.astype(str).to_dict("list"))
    shared = [*flow.structure.key, "OBS_VALUE", "OBS_STATUS"]
    assert set(ours.observations.select(shared).rows()) == set(theirs.select(shared).rows())


SDMX1 = """
import json, sys, sdmx
message = sdmx.read_sdmx(sys.argv[1])
rows = [[dict((k, str(v.value)) for k, v in o.key.values.items()), str(o.value)] for d in message.data for o in d.obs]
print(json.dumps(rows))
"""


@pytest.mark.parametrize("name", ["ng-flat", "ng-ts", "ng-xs"])
def test_sdmx1_reads_the_same_observations(name: str) -> None:
    flow = ecb_flow("ng-structure-full")
    path = SHARED / "sdmx-ml-2.1/ecb_exr" / f"{name}.xml"
    (ours,) = read(path, flow)
    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", SDMX1, path], capture_output=True, check=True)
    theirs = {(tuple(sorted(key.items())), float(value)) for key, value in json.loads(answer.stdout)}
    own = ours.observations.select(*flow.structure.key, "OBS_VALUE").to_dicts()
    values = [(row.pop("OBS_VALUE"), row) for row in own]
    assert {(tuple(sorted(row.items())), float(value)) for value, row in values} == theirs
