"""Data find the flow that they name: dataflow, data structure or provision agreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made import FLOW, FLOWS, STRUCTURE

from sdmxmig.primitives.errors import InputError, UnknownStructure
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.model.references import Ref


@pytest.mark.parametrize("version", ["1.0.0-draft", "1.0.0", "", "1.0+", "*"])
def test_dataflow_is_found_by_any_form_of_its_version(version: str) -> None:
    assert find_flow(FLOWS, Ref("Dataflow", "SDMXMIG", id="DF_POP", version=version)).structure is FLOW.structure


def test_data_structure_yields_a_flow_of_its_own() -> None:
    found = find_flow(FLOWS, Ref("DataStructure", "", id="DSD_STOCK", version=""))
    assert (found.id, found.structure, found.dataflow.structure) == ("DSD_STOCK", STRUCTURE, STRUCTURE.ref)
    assert found.codelists is FLOW.codelists


def test_agreement_is_found_by_name() -> None:
    ref = Ref("ProvisionAgreement", "SDMXMIG", id="PA", version="1.0")
    assert find_flow({**FLOWS, ref.urn: FLOW}, ref) is FLOW
    with pytest.raises(InputError, match="no provision agreement"):
        find_flow(FLOWS, ref)


@pytest.mark.parametrize("other", [{"agency": "OTHER"}, {"version": "9.0"}, {"version": ""}, {"agency": ""}])
def test_agreement_is_not_found_by_dataflow_id_alone(other: dict[str, str]) -> None:
    ref = replace(Ref("ProvisionAgreement", "SDMXMIG", id=FLOW.id, version=FLOW.dataflow.ref.version), **other)
    with pytest.raises(UnknownStructure, match="no provision agreement"):
        find_flow(FLOWS, ref)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (Ref("Dataflow", "SDMXMIG", id="DF_POPP", version="1.0.0"), "There is no dataflow “SDMXMIG:DF_POPP(1.0.0)”."),
        (Ref("Dataflow", "SDMXMIG", id="DF_POP", version="2.0.0"), "There is no dataflow “SDMXMIG:DF_POP(2.0.0)”."),
        (Ref("Dataflow", "OTHER", id="DF_POP", version="1.0.0"), "There is no dataflow “OTHER:DF_POP(1.0.0)”."),
        (Ref("DataStructure", "", id="DSD_STOC", version=""), "There is no data structure “DSD_STOC”."),
    ],
)
def test_unknown_name_is_refused_and_nearest_suggested(ref: Ref, message: str) -> None:
    with pytest.raises(InputError) as caught:
        find_flow(FLOWS, ref, Place("a.xml", line=3))
    assert (caught.value.message, caught.value.place) == (message, Place("a.xml", line=3))
    assert "Did you mean" in caught.value.hint
