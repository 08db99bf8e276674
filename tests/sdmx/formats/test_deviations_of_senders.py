"""Deviations from the standard that leave no doubt about the content are read, and listed by `check`."""

from __future__ import annotations

import io
import json

from sdmxmig.quality.checking import check
from sdmxmig.sdmx.exchange import read_structures, transform
from sdmxmig.sdmx.formats import FORMATS

EUROSTAT = b"""<?xml version="1.0" encoding="UTF-8"?>
<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
  xmlns:u="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0):ObsLevelDim:TIME_PERIOD"
  xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:ID>D</m:ID><m:Test>false</m:Test><m:Prepared>2023-04-25T09:55:24</m:Prepared><m:Sender id="ESTAT"/>
<m:Structure structureID="A" dimensionAtObservation="TIME_PERIOD"
  namespace="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0):ObsLevelDim:TIME_PERIOD">
<c:Structure><URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0)</URN></c:Structure>
</m:Structure></m:Header>
<u:DataSet xsi:type="u:DataSetType" ss:structureRef="A" ss:dataScope="DataStructure">
<Series freq="A" geo="AT"><Obs TIME_PERIOD="2019" OBS_VALUE="109167"/></Series></u:DataSet>
</m:StructureSpecificData>
"""
"""The layout of Eurostat's structure-specific answers: the dataset is in the namespace of its structure."""


def test_dataset_in_the_namespace_of_its_structure_is_read_and_listed() -> None:
    csv = io.BytesIO()
    transform("f.xml", io.BytesIO(EUROSTAT), FORMATS["sdmx-csv-2.0"], csv, flows={})
    assert csv.getvalue().splitlines()[1] == b"datastructure,ESTAT:A(1.0),I,A,AT,2019,109167"
    assert any("namespace" in problem.message for problem in check("f.xml", EUROSTAT, {}).problems)


def test_final_mark_of_sdmx_json_1_0_is_read_in_2_0_and_listed() -> None:
    codelist = {"id": "CL_A", "agencyID": "FR1", "version": "1.0", "name": "A", "codes": [{"id": "A", "name": "a"}]}
    schema = "https://json.sdmx.org/2.0.0/sdmx-json-structure-schema.json"
    meta = {"schema": schema, "id": "M", "test": False, "prepared": "2024-05-01T10:00:00Z", "sender": {"id": "FR1"}}
    for final, expected in ((True, None), (False, False)):
        message = json.dumps({"meta": meta, "data": {"codelists": [codelist | {"isFinal": final}]}}).encode()
        (read,) = read_structures("f.json", message)
        assert read.details.final is expected
        assert any("isFinal" in problem.message for problem in check("f.json", message, {}).problems)
