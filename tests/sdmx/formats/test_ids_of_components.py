"""Ids in data without a known structure are names, never expressions: those that select many columns are refused."""

from __future__ import annotations

import csv as csv_rows
import io
import json
import random
from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from case_tables import text_from
from made import HEADER

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS

GENERIC = text_from("sdmx/cases/ids_of_components_generic.xml")


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
def test_ids_that_act_as_column_selectors_are_refused(name: str) -> None:
    for file, content in (("m.xml", GENERIC.replace("{id}", name).encode()), ("m.json", described(name))):
        with pytest.raises(InputError, match="cannot be the id of a component") as caught:
            transform(file, io.BytesIO(content), FORMATS["sdmx-csv-2.0"], io.BytesIO(), flows={})
        assert str(caught.value.place).startswith(file)


LEVELS = {
    "dataset": '<g:Attributes><g:Value id="{id}" value="x"/></g:Attributes><g:Series>',
    "group": '<g:Group type="G"><g:GroupKey><g:Value id="FREQ" value="A"/></g:GroupKey><g:Attributes>'
    '<g:Value id="{id}" value="x"/></g:Attributes></g:Group><g:Series>',
    "observation": "<g:Series>",
}
IN_OBSERVATION = '<g:ObsValue value="1"/><g:Attributes><g:Value id="{id}" value="x"/></g:Attributes>'


def inferred_at(level: str, name: str) -> bytes:
    """A message whose structure has to be inferred, with an attribute of this id at a level."""
    text = GENERIC.replace("{id}", "GEO").replace("<g:Series>", LEVELS[level])
    text = text.replace('<g:ObsValue value="1"/>', IN_OBSERVATION) if level == "observation" else text
    return text.replace("{id}", escape(name)).encode()


@pytest.mark.parametrize("level", LEVELS)
def test_any_text_as_id_is_kept_as_column_or_refused(level: str) -> None:
    draw = random.Random(42)
    names = [
        "*",
        "^.*$",
        "^OBS_VALUE$",
        *("".join(draw.choices("*^$.A_(|)é \\[]+?", k=draw.randint(1, 6))) for _ in range(60)),
    ]
    for name in names:
        csv = io.BytesIO()
        try:
            transform("m.xml", io.BytesIO(inferred_at(level, name)), FORMATS["sdmx-csv-2.0"], csv, flows={})
        except InputError as error:
            assert "cannot be the id" in error.message, name  # noqa: PT017 - either is right
            continue
        rows = list(csv_rows.DictReader(io.StringIO(csv.getvalue().decode())))
        assert "x" in {row[name] for row in rows}
        assert ("A", "1") in {(row["GEO"], row["OBS_VALUE"]) for row in rows}


@pytest.mark.parametrize("name", ["GEO", "2ND", "a.b", "A-B", "país", "A$", "A@B"])
def test_component_ids_of_senders_are_kept(name: str) -> None:
    for file, content in (("m.xml", GENERIC.replace("{id}", name).encode()), ("m.json", described(name))):
        csv = io.BytesIO()
        transform(file, io.BytesIO(content), FORMATS["sdmx-csv-2.0"], csv, flows={})
        assert name in csv.getvalue().decode().splitlines()[0].split(",")


def test_dotted_column_without_dimensions_causes_no_crash() -> None:
    table = (
        b"STRUCTURE,STRUCTURE_ID,1.0,Id_1,Id_2,Me_1\ndatastructure,TEST:TEST_MD([]),D,,,\n"
        b"datastructure,TEST:TEST_MD(1.0),R,A,A,6\ndatastructure,TEST:TEST_MD(1.0),,A,B,1"
    )
    with suppress(SdmxmigError):
        transform("m.csv", io.BytesIO(table), FORMATS["sdmx-csv-2.0"], io.BytesIO(), flows={}, header=lambda _: HEADER)
