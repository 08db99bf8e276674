"""Structures as SDMX-JSON 1.0, which some agencies still ask for: valid by the official schema, and read back equal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sdmxmig.catalogue import load
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Details, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCode, HierarchicalCodelist, Hierarchy
from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("X", "2026-01-01T00:00:00Z", sender=Party("XX"))
FORM = FORMATS["sdmx-json-1.0"]
LIST = ItemScheme(
    Ref("Codelist", "XX", id="CL", version="1.0.0"),
    Text.of(en="List", fr="Liste"),
    items=(Item("A", Text.of(en="A")), Item("B", Text.of(en="B"), parent="A")),
)


def read_back(artefact: Artefact) -> Artefact:
    """Return the artefact as read back from its valid message."""
    content = structure_bytes(FORM, [artefact], HEADER)
    assert FORM.structure_problem(content) == ""
    (read,) = FORM.read_structures("x.json", content)
    return read


KINDS = ("Codelist", "ConceptScheme", "DataStructure", "MetadataStructure", "Categorisation", "ProvisionAgreement")


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_artefacts_survive_a_round_trip(kind: str) -> None:
    known = load(find_shipped_folder("structures").parent).artefacts
    artefacts = [artefact for ref, artefact in sorted(known.items()) if ref.kind == kind and has_one_measure(artefact)]
    assert artefacts
    for artefact in artefacts[:8]:
        assert read_back(artefact) == artefact


def has_one_measure(artefact: Artefact) -> bool:
    """Whether SDMX 2.1 can say it: there every structure has the measure OBS_VALUE alone."""
    return not isinstance(artefact, DataStructure) or [each.id for each in artefact.measures] == ["OBS_VALUE"]


@pytest.mark.parametrize(
    "changed",
    [
        LIST,
        replace(LIST, ref=replace(LIST.ref, version="1.0.0-draft")),
        replace(LIST, ref=replace(LIST.ref, version="1.0"), details=Details(final=False)),
        replace(LIST, partial=True),
        replace(LIST, details=Details(external=True, structure_url="https://example.org/x"), items=()),
        ItemScheme(
            Ref("ConceptScheme", "XX", id="CS", version="1.0.0"),
            Text.of(en="Concepts"),
            items=(Item("A", Text.of(en="A")), Item("B", Text.of(en="B"), parent="A", data_type="String")),
        ),
        Dataflow(
            Ref("Dataflow", "XX", id="DF", version="1.0.0-draft"),
            Text.of(en="Flow"),
            structure=Ref("DataStructure", "XX", id="DSD", version="1.0.0"),
        ),
        HierarchicalCodelist(
            Ref("HierarchicalCodelist", "XX", id="HCL", version="1.0"),
            Text.of(en="Frame"),
            included=(("CL", LIST.ref),),
            hierarchies=(
                Hierarchy(
                    Ref("Hierarchy", "XX", id="HCL", version="1.0", item="ONE"),
                    Text.of(en="One"),
                    codes=(HierarchicalCode("A", replace(LIST.ref, kind="Code", item="A")),),
                ),
            ),
        ),
    ],
)
def test_details_of_artefacts_survive_a_round_trip(changed: Artefact) -> None:
    assert read_back(changed) == changed


def test_references_to_drafts_use_plain_version_numbers() -> None:
    flow = Dataflow(
        Ref("Dataflow", "XX", id="DF", version="1.0.0"),
        Text.of(en="Flow"),
        structure=Ref("DataStructure", "XX", id="DSD", version="2.0.0-draft"),
    )
    assert b"DataStructure=XX:DSD(2.0.0)" in structure_bytes(FORM, [flow], HEADER)


def test_single_hierarchy_survives_as_hierarchical_codelist() -> None:
    hierarchy = Hierarchy(
        Ref("Hierarchy", "XX", id="H", version="1.0.0"),
        Text.of(en="Tree"),
        codes=(HierarchicalCode("A", replace(LIST.ref, kind="Code", item="A")),),
    )
    assert b'"hierarchicalCodelists"' in structure_bytes(FORM, [hierarchy], HEADER)
    assert replace(read_back(hierarchy), place=None) == hierarchy


@pytest.mark.parametrize("kind", ["ValueList", "MetadataProviderScheme"])
def test_artefacts_introduced_later_are_refused(kind: str) -> None:
    with pytest.raises(SdmxmigError, match=r"SDMX-JSON 1\.0 cannot express"):
        structure_bytes(FORM, [replace(LIST, ref=replace(LIST.ref, kind=kind))], HEADER)
