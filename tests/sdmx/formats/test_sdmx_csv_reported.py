"""Reference metadata in a table of data: left out and listed on reading, reported as lost on writing."""

from __future__ import annotations

import io
from dataclasses import replace

import made
import polars as pl
import pytest
from made_reports import unpacked

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.dataset_notes import REPORT, build_reports_frame
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

MSD = "urn:sdmx:org.sdmx.infomodel.metadatastructure.MetadataAttribute=SDMXMIG:MSD(1.0).CONTACT"
USED = Component("CONTACT", "metadata", concept=Ref.parse(MSD), attachment="dimensions", dimensions=("REF_AREA",))
STRUCTURE = replace(made.STRUCTURE, components=(*made.STRUCTURE.components, USED))
FLOW = replace(made.FLOW, structure=STRUCTURE)
FLOWS = {FLOW.id: FLOW}
SMALL = replace(made.SMALL, flow=FLOW, properties={})
METHOD = (ReportedAttribute("CONTACT", attributes=(ReportedAttribute("NAME", text=Text.of(en="Census")),)),)


def read(content: str, faults: Faults | None = None) -> Dataset:
    (found,) = read_all(FORMATS["sdmx-csv-2.0"], "x.csv", content=content.encode(), flows=FLOWS, faults=faults)
    return found


HEAD = f"STRUCTURE[;],STRUCTURE_ID,ACTION,{','.join(STRUCTURE.key)},OBS_VALUE"
ROW = f"dataflow,{made.DATAFLOW.ref.short},R"


def test_columns_of_reference_metadata_are_left_out_and_listed() -> None:
    """Rows that hold nothing else make neither series nor observations."""
    content = (
        f"{HEAD},CONTACT.NAME[en;fr],CONTACT[]\n{ROW},A,GE,F,GE,2023,1,en:Office,\n{ROW},,GE,,,,,en:Office,1\n"
        f"{ROW},A,GE,M,GE,2023,,,1;2\n"
    )
    with pytest.raises(InputError, match="is a column of reference metadata") as caught:
        read(content)
    assert str(caught.value.place) == "x.csv:1:10"
    faults = Faults(TOLERANT)
    dataset = read(content, faults)
    assert (dataset.observations.height, dataset.series.height, dataset.reports) == (1, 1, None)
    assert [str(fault.place) for fault in faults.left_out] == ["x.csv:1:10", "x.csv:1:11"]


@pytest.mark.parametrize("form", ["sdmx-csv-1.0", "sdmx-csv-2.1", "sdmx-ml-2.1", "sdmx-ml-3.0"])
def test_loss_of_reported_attributes_is_reported(form: str) -> None:
    reports = build_reports_frame(pl.DataFrame({"REF_AREA": ["GE"]}), [METHOD], STRUCTURE.key)
    given = replace(SMALL, reports=reports, partial={}, action="I")
    said: list[str] = []
    transform(
        "x.json",
        io.BytesIO(data_bytes(FORMATS["sdmx-json-2.0"], [given], made.HEADER)),
        FORMATS[form],
        io.BytesIO(),
        flows=FLOWS,
        header=lambda _: made.HEADER,
        tell=said.append,
    )
    loss = f"Reference metadata are not written into data of {FORMATS[form].name}: send them as a message of their own."
    assert loss in said


def test_reports_survive_a_round_trip_as_text() -> None:
    reports = build_reports_frame(pl.DataFrame({"REF_AREA": ["GE"]}), [METHOD], STRUCTURE.key)
    assert unpacked(reports[REPORT][0]) == METHOD
