"""Ids in data without a known structure are names, never expressions: those that select many columns are refused."""

from __future__ import annotations

import io
import json

import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS

GENERIC = """<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"
  xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<m:Header><m:ID>X</m:ID><m:Test>false</m:Test><m:Prepared>2020-01-01T00:00:00</m:Prepared><m:Sender id="XX"/>
<m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><c:Structure><Ref agencyID="XX" id="D" version="1.0"/>
</c:Structure></m:Structure></m:Header>
<m:DataSet structureRef="S"><g:Series><g:SeriesKey><g:Value id="{id}" value="A"/><g:Value id="FREQ" value="A"/>
</g:SeriesKey><g:Obs><g:ObsDimension value="2020"/><g:ObsValue value="1"/></g:Obs></g:Series></m:DataSet>
</m:GenericData>"""


def described(name: str) -> bytes:
    """A message in SDMX-JSON that describes a dimension of this id."""
    dimensions = {
        "series": [{"id": name, "keyPosition": 0, "values": [{"id": "A"}]}],
        "observation": [{"id": "TIME_PERIOD", "keyPosition": 1, "values": [{"value": "2020"}]}],
    }
    structure = {"dataSets": [0], "dimensions": dimensions, "measures": {"observation": [{"id": "OBS_VALUE"}]}}
    structure["attributes"] = {}
    sets = [{"structure": 0, "action": "Information", "series": {"0": {"observations": {"0": ["1"]}}}}]
    meta = {"id": "X", "test": False, "prepared": "2020-01-01T00:00:00Z", "sender": {"id": "XX"}}
    return json.dumps({"meta": meta, "data": {"structures": [structure], "dataSets": sets}}).encode()


@pytest.mark.parametrize("name", ["*", "^FR.*$", "^.*$", "^NOMATCH$", "a b", "(A|B)", "A,B"])
def test_ids_that_select_columns_are_refused_with_their_place(name: str) -> None:
    for file, content in (("m.xml", GENERIC.replace("{id}", name).encode()), ("m.json", described(name))):
        with pytest.raises(InputError, match="cannot be the id of a component") as caught:
            transform(file, io.BytesIO(content), FORMATS["sdmx-csv-2.0"], io.BytesIO(), flows={})
        assert str(caught.value.place).startswith(file)


@pytest.mark.parametrize("name", ["GEO", "2ND", "a.b", "A-B", "país", "A$", "A@B"])
def test_ids_that_senders_use_are_read(name: str) -> None:
    for file, content in (("m.xml", GENERIC.replace("{id}", name).encode()), ("m.json", described(name))):
        csv = io.BytesIO()
        transform(file, io.BytesIO(content), FORMATS["sdmx-csv-2.0"], csv, flows={})
        assert name in csv.getvalue().decode().splitlines()[0].split(",")
