"""A catalogue takes in the artefacts of others; these win."""

from __future__ import annotations

from dataclasses import replace

import pytest
from declared import write

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load(write(tmp_path_factory.mktemp("with")))


def test_foreign_list_replaces_list_of_equal_name_in_all_flows(catalogue: Catalogue) -> None:
    newer = replace(catalogue.item_scheme("CL_TRY"), items=(Item("ONLY", Text.of(en="Only")),))
    found = catalogue.add_artefacts([newer])
    assert found.item_scheme("CL_TRY").ids == ("ONLY",)
    assert found.flow("DF_TRY").codelist("POPULATION") is newer
    assert len(catalogue.item_scheme("CL_TRY")) == 5, "the catalogue itself stays as it is"


def test_foreign_dataflow_follows_declarations_of_catalogue(catalogue: Catalogue) -> None:
    theirs = replace(catalogue.flow("DF_TRY").dataflow, ref=Ref("Dataflow", "ESTAT", id="DF_NEW", version="1.0"))
    component = catalogue.add_artefacts([theirs]).flow("DF_NEW")
    assert component.structure.ref.id == "DSD_TRY"
    codelist = component.codelist("POPULATION")
    assert codelist.ref.id == "CL_TRY"


def test_codelist_named_by_an_open_version_is_found(catalogue: Catalogue) -> None:
    ours = catalogue.flow("DF_TRY").structure
    codelist = catalogue.item_scheme("CL_TRY")
    theirs = replace(codelist, ref=replace(codelist.ref, agency="ESTAT", version="1.2.0"))
    opened = replace(theirs.ref, version="1.0+.0")
    components = tuple(
        replace(component, codelist=opened) if component.id == "POPULATION" else component
        for component in ours.components
    )
    structure = replace(ours, ref=replace(ours.ref, agency="ESTAT"), components=components)
    flow = Dataflow(Ref("Dataflow", "ESTAT", id="DF_OPEN", version="1.0"), Text(), structure=structure.ref)
    assert catalogue.add_artefacts([theirs, structure, flow]).flow("DF_OPEN").codelist("POPULATION") == theirs


def test_foreign_structures_precede_ours_for_short_names(catalogue: Catalogue) -> None:
    ours = catalogue.flow("DF_TRY")
    structure = replace(ours.structure, ref=replace(ours.structure.ref, agency="ZZ", version="0.1.0"))
    flow = replace(ours.dataflow, ref=Ref("Dataflow", "ZZ", id="DF_ZZ", version="0.1.0"), structure=structure.ref)
    flows = catalogue.add_artefacts([structure, flow]).flows
    asked = Ref("DataStructure", "", id=structure.ref.id, version="")
    assert find_flow(flows, asked).structure.ref == structure.ref


def test_partial_list_does_not_restrict_foreign_data(catalogue: Catalogue) -> None:
    here = next(
        artefact
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, ItemScheme) and artefact.partial and artefact.ref.kind == "Codelist"
    )
    ours = catalogue.flow("DF_TRY").structure
    coded = tuple(
        replace(component, codelist=here.ref) if component.id == "POPULATION" else component
        for component in ours.components
    )
    structure = replace(ours, ref=replace(ours.ref, id="DSD_THEIRS"), components=coded)
    flow = Dataflow(
        Ref("Dataflow", "ESTAT", id="DF_THEIRS", version="1.0"), Text.of(en="Theirs"), structure=structure.ref
    )
    assert catalogue.add_artefacts([structure, flow]).flow("DF_THEIRS").codelist("POPULATION") is None


def test_foreign_dataflow_takes_precedence_for_a_shared_id(catalogue: Catalogue) -> None:
    theirs = replace(catalogue.flow("DF_TRY").dataflow, ref=Ref("Dataflow", "ESTAT", id="DF_TRY", version="1.0"))
    flows = catalogue.add_artefacts([theirs]).flows
    assert flows["DF_TRY"].dataflow is theirs
    assert flows["SDMXMIG:DF_TRY(1.0.0-draft)"].dataflow.ref.agency == "SDMXMIG"


def test_dataflow_without_structure_does_not_hide_ours(catalogue: Catalogue) -> None:
    stub = replace(catalogue.flow("DF_TRY").dataflow, structure=Ref("DataStructure", "", id="", version=""))
    assert catalogue.add_artefacts([stub]).flow("DF_TRY").structure.ref.id == "DSD_TRY"


def test_data_may_follow_an_agreement_on_our_dataflow(catalogue: Catalogue) -> None:
    ours = next(
        artefact
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, Agreement) and artefact.ref.id == "PA_TRY"
    )
    theirs = replace(ours, ref=replace(ours.ref, id="PA_THEIRS"))
    flows = catalogue.add_artefacts([theirs]).flows
    assert flows[theirs.ref.urn].id == flows[ours.ref.urn].id == "DF_TRY"


def test_structure_without_dataflow_is_found_by_its_urn(catalogue: Catalogue) -> None:
    ours = catalogue.flow("DF_TRY").structure
    alone: DataStructure = replace(ours, ref=replace(ours.ref, id="DSD_ALONE"))
    assert alone.ref.urn in catalogue.add_artefacts([alone]).flows
