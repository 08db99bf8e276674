"""Dataflows built from the artefacts of a structure message with missing references."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.catalogue import build_flows
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref

SEX = ItemScheme(
    Ref("Codelist", "AG", id="CL_SEX", version="1.0"), Text.of(en="Sex"), items=(Item("F", Text.of(en="Women")),)
)
SCHEME = Ref("ConceptScheme", "AG", id="CS", version="1.0")
CONCEPTS = ItemScheme(SCHEME, Text.of(en="C"), items=(Item("SEX", Text.of(en="Sex"), codelist=SEX.ref),))
STRUCTURE = DataStructure(
    Ref("DataStructure", "AG", id="DSD", version="1.0"),
    Text.of(en="D"),
    components=(
        Component("SEX", "dimension", concept=replace(SCHEME, kind="Concept", item="SEX")),
        Component(
            "OBS_VALUE", "measure", concept=replace(SCHEME, kind="Concept", item="OBS_VALUE"), data_type="Decimal"
        ),
    ),
)
FLOW = Dataflow(Ref("Dataflow", "AG", id="DF", version="1.0"), Text.of(en="Flow"), structure=STRUCTURE.ref)


def test_flow_has_its_structure_codelists_and_concepts() -> None:
    flow = build_flows([SEX, CONCEPTS, STRUCTURE, FLOW])["DF"]
    assert flow.dataflow is FLOW
    assert flow.codelist("SEX") is SEX  # the list of the concept, since the component names none
    assert flow.structure["SEX"].codelist == SEX.ref
    assert flow.concepts == {"SEX": Text.of(en="Sex")}


def test_flow_of_a_partial_message_lacks_its_codelists() -> None:
    flow = build_flows([STRUCTURE, FLOW])["DF"]
    assert (flow.structure, flow.codelists, flow.concepts) == (STRUCTURE, {}, {})


def test_flow_without_structure_is_left_out() -> None:
    assert build_flows([FLOW, SEX]) == {}


def test_flows_with_equal_ids_are_found_by_full_name() -> None:
    newer = replace(FLOW, ref=replace(FLOW.ref, version="2.0"))
    assert set(build_flows([STRUCTURE, FLOW, newer])) == {"AG:DF(1.0)", "AG:DF(2.0)"}
