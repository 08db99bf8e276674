"""Datasets go to other libraries and come back with every text as it was."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any

import made
import made_data
import pandas as pd
import polars as pl
import pytest
import sdmx
import sdmx.message
import sdmx.model.v21 as model
from folders import SHARED
from shipped import CATALOGUE

from sdmxmig.catalogue import structures_of
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.fitting import fitting
from sdmxmig.sdmx.interchange import HEADER
from sdmxmig.sdmx.interchange.sdmx1 import from_sdmx1, to_sdmx1
from sdmxmig.sdmx.interchange.tables import from_pandas, from_polars, to_arrow, to_pandas, to_polars
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

FLOW = CATALOGUE.flow("DF_IMM")
ROWS = {
    **{name: ["A", "A"] if name == "FREQ" else ["_T", "_T"] for name in FLOW.structure.key},
    "REF_AREA": ["NA", "NO"],
    "DIRECTION": ["I", "I"],
    "TIME_PERIOD": ["2022", "2022"],
    "OBS_VALUE": ["1.50", None],
    "OBS_STATUS": ["A", "O"],
    "UNIT_MULT": ["0", "0"],
    "COMMENT_OBS": ['l\'été, "x"\n01', None],
    "UNIT_MEASURE": ["PS", "PS"],
    "RES_RULE": ["R6", "R6"],
}


@pytest.fixture
def dataset() -> Dataset:
    return from_polars(pl.DataFrame(ROWS), FLOW)


def test_a_table_becomes_a_dataset_with_attributes_at_their_levels(dataset: Dataset) -> None:
    assert dataset.attributes["RES_RULE"] == "R6"
    assert dataset.series["UNIT_MEASURE"].to_list() == ["PS", "PS"]
    assert dataset.observations["OBS_VALUE"].to_list() == ["1.50", None]
    assert dataset.observations["REF_AREA"].to_list() == ["NA", "NO"]


def test_pandas_and_back_is_the_same(dataset: Dataset) -> None:
    table = to_pandas(dataset)
    assert table["REF_AREA"].tolist() == ["NA", "NO"]
    assert table["OBS_VALUE"].tolist() == ["1.50", None]
    again = from_pandas(table, FLOW)
    assert again.observations.equals(dataset.observations)
    assert again.series.equals(dataset.series)
    assert again.attributes == dataset.attributes


def test_polars_and_arrow_hold_the_same(dataset: Dataset) -> None:
    assert to_polars(dataset)["COMMENT_OBS"].to_list() == ROWS["COMMENT_OBS"]
    assert to_arrow(dataset)["COMMENT_OBS"].to_pylist() == ROWS["COMMENT_OBS"]


@pytest.mark.parametrize("there_and_back", [(to_polars, from_polars), (to_pandas, from_pandas)])
def test_several_values_and_languages_are_lists_and_come_back(there_and_back: tuple[Any, Any]) -> None:
    rich, (there, back) = made_data.rich(), there_and_back
    dataset = replace(rich, partial={(): rich.partial[()]})
    table = there(dataset)
    assert [None if value is None else list(value) for value in table["SOURCES"]] == [
        ["a", made.AWKWARD],
        None,
        ["one"],
    ]
    assert {text["language"] for text in table["ABSTRACT"][0]} == {"en", "fr"}
    again = back(table, dataset.flow)
    assert again.observations.select(dataset.observations.columns).equals(dataset.observations)
    assert again.series.equals(dataset.series)
    assert {key: frame.to_dicts() for key, frame in again.partial.items()} == {
        key: frame.to_dicts() for key, frame in dataset.partial.items()
    }


def test_a_missing_value_of_pandas_is_not_sent() -> None:
    table = pd.DataFrame(ROWS)
    table.loc[0, "COMMENT_OBS"] = float("nan")
    assert from_pandas(table, FLOW).observations["COMMENT_OBS"].to_list() == [None, None]


def test_a_strange_column_is_refused() -> None:
    with pytest.raises(InputError, match="REF_ARAE"):
        from_polars(pl.DataFrame(ROWS).rename({"REF_AREA": "REF_ARAE"}), FLOW)


TAKEN = ("AgencyScheme", "Codelist", "ConceptScheme", "DataStructure", "Dataflow")
"""The kinds that sdmx1 reads and that are taken back from it whole."""


@cache
def shipped() -> list[Artefact]:
    """Shipped artefacts of these kinds that SDMX 2.1 supports; sdmx1 knows one agency scheme in a message."""
    artefacts = [artefact for artefact in structures_of(CATALOGUE) if artefact.ref.kind in TAKEN]
    artefacts = [
        artefact for artefact in artefacts if artefact.ref.kind != "AgencyScheme" or artefact.ref.agency == "SDMX"
    ]
    left_out = {ref for ref, _ in fitting(FORMATS["sdmx-ml-2.1"], artefacts, HEADER).left_out}
    return [artefact for artefact in artefacts if artefact.ref not in left_out]


@cache
def in_sdmx1() -> Any:
    """The same as sdmx1 has it, which takes long."""
    return to_sdmx1(shipped())


@pytest.mark.sampled(3)
def test_sdmx1_finds_the_same_artefacts() -> None:
    message = in_sdmx1()
    flows = {artefact.ref.id for artefact in shipped() if artefact.ref.kind == "Dataflow"}
    assert {flow.id for flow in message.dataflow.values()} == flows
    (sex,) = (
        codelist
        for codelist in message.codelist.values()
        if (codelist.id, codelist.maintainer.id) == ("CL_SEX", "SDMX")
    )
    assert [code.id for code in sex] == list(CATALOGUE.item_scheme("SDMX:CL_SEX").ids)


@pytest.mark.sampled(3)
def test_the_catalogue_comes_back_from_sdmx1_as_sdmx_2_1_says_it() -> None:
    sent = read_structures("message", structure_bytes(FORMATS["sdmx-ml-2.1"], shipped(), HEADER))
    back = from_sdmx1(in_sdmx1())
    assert {artefact.ref: unmarked(artefact) for artefact in back} == {
        artefact.ref: unmarked(artefact) for artefact in sent
    }


def unmarked(artefact: Artefact) -> Artefact:
    """sdmx1 puts codes behind their parents: order them by id.

    It reads the annotations of a data structure as those of its first dimension: leave both out.
    """
    if isinstance(artefact, ItemScheme):
        return replace(artefact, items=tuple(sorted(artefact.items, key=lambda item: item.id)))
    if not isinstance(artefact, DataStructure):
        return artefact
    first, *others = artefact.components
    components = (replace(first, annotations=()), *others)
    return replace(artefact, status="", source="", annotations=(), components=components)


def test_objects_made_in_sdmx1_become_artefacts() -> None:
    agency = model.Agency(id="XX")
    sex = model.Codelist(id="CL_SEX", name={"en": "Sex", "fr": "Sexe"}, maintainer=agency, version="1.0", is_final=True)
    sex.append(model.Code(id="_T", name="Total"))
    sex.append(model.Code(id="F", name="Women", parent=sex["_T"]))
    message = sdmx.message.StructureMessage()
    message.add(sex)
    (scheme,) = from_sdmx1(message)
    assert scheme == ItemScheme(
        Ref("Codelist", "XX", id="CL_SEX", version="1.0"),
        Text.of(en="Sex", fr="Sexe"),
        items=(Item("_T", Text.of(en="Total")), Item("F", Text.of(en="Women"), parent="_T")),
    )


def test_artefact_not_final_in_sdmx1_is_a_draft_in_every_reference() -> None:
    agency = model.Agency(id="XX")
    structure = model.DataStructureDefinition(id="DSD", name="Structure", maintainer=agency, version="1.2.3")
    structure.dimensions.append(model.Dimension(id="FREQ", concept_identity=concept(agency, "FREQ")))
    flow = model.DataflowDefinition(
        id="DF", name="Flow", maintainer=agency, version="1.0.0", is_final=True, structure=structure
    )
    message = sdmx.message.StructureMessage()
    message.add(structure)
    message.add(flow)
    artefacts = {artefact.ref.id: artefact for artefact in from_sdmx1(message)}
    assert artefacts["DSD"].ref.version == "1.2.3-draft"
    assert artefacts["DF"] == Dataflow(
        Ref("Dataflow", "XX", id="DF", version="1.0.0"),
        Text.of(en="Flow"),
        structure=Ref("DataStructure", "XX", id="DSD", version="1.2.3-draft"),
    )


def test_a_kind_that_cannot_be_taken_is_named() -> None:
    message = sdmx.message.StructureMessage()
    message.add(model.StructureSet(id="MAPS", name="Maps", maintainer=model.Agency(id="XX"), version="1.0"))
    with pytest.raises(SdmxmigError, match=r"StructureSet cannot be taken from sdmx1 \(MAPS\)"):
        from_sdmx1(message)


SAMPLES = SHARED / "sdmx-ml-2.1"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample messages are not here")
@pytest.mark.parametrize("name", ["ecb_exr/ng-structure-full.xml", "bis_der/datastructure_descendants.xml"])
def test_published_structures_are_the_same_by_way_of_sdmx1(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    direct = read_structures(name, content)
    converted = from_sdmx1(sdmx.read_sdmx(io.BytesIO(content)))
    assert {artefact.ref: artefact for artefact in converted} == {artefact.ref: artefact for artefact in direct}


def concept(agency: Any, name: str) -> Any:
    scheme = model.ConceptScheme(id="CS", name="Concepts", maintainer=agency, version="1.0", is_final=True)
    return scheme.append(model.Concept(id=name, name=name)) or scheme[name]
