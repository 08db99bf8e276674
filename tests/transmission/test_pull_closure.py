"""References in SDMX-ML 2.1 bring exactly the artefacts that an answer refers to, and stubs are names.

The references are taken from the message, as an independent client does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lxml import etree
from small_service import ARTEFACTS, asked, named, scheme, small_holdings
from test_pull_structures import DETAILS, REFERENCES

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, SchemeMap, SourceValue, StructureSet, ValueMapping
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    Constraint,
    CubeRegion,
    Member,
    Process,
    ProcessStep,
    Selection,
    StepObject,
)
from sdmxmig.transmission.pull.holdings import Holdings, Shelf
from sdmxmig.transmission.pull.service import Service

RESOURCES = {
    "AgencyScheme": "Agency",
    "DataProviderScheme": "DataProvider",
    "DataConsumerScheme": "DataConsumer",
    "OrganisationUnitScheme": "OrganisationUnit",
    "Categorisation": "Source Target",
    "CategoryScheme": "Category",
    "Codelist": "Code",
    "ConceptScheme": "Concept",
    "ContentConstraint": "ConstraintAttachment",
    "Dataflow": "Structure",
    "DataStructure": "DataStructureComponents",
    "HierarchicalCodelist": "IncludedCodelist Hierarchy",
    "Metadataflow": "Structure",
    "MetadataStructure": "MetadataStructureComponents",
    "Process": "ProcessStep",
    "ProvisionAgreement": "StructureUsage DataProvider",
    "ReportingTaxonomy": "ReportingCategory",
    "StructureSet": "CodelistMap StructureMap ConceptSchemeMap",
}
"""The kinds of artefacts, and what of each is its content."""
SCHEME_OF = {"Category": "CategoryScheme", "Concept": "ConceptScheme", "Code": "Codelist"} | {
    kind: f"{kind}Scheme" for kind in ("Agency", "DataProvider", "DataConsumer", "OrganisationUnit")
}
Name = tuple[str, str, str, str]


@dataclass
class Answered:
    """An artefact in a message: its references, the items that they use, and its details."""

    refers_to: dict[Name, set[str]]
    items: list[str]
    is_whole: bool
    is_described: bool


NAME = Text.of(en="Name")
MEASURES, SEX = named("ConceptScheme", "MEASURES"), named("Codelist", "CL_SEX")
DSD, DF = named("DataStructure", "DSD_M"), named("Dataflow", "DF_M")
MEASURED = DataStructure(
    DSD,
    NAME,
    components=(
        Component("SEX", "dimension", concept=replace(named("Concept", "CS"), item="SEX"), codelist=SEX),
        Component("MEASURE", "dimension", concept=replace(named("Concept", "CS"), item="UNIT"), codelist=MEASURES),
        Component("OBS_VALUE", "measure", concept=replace(named("Concept", "CS"), item="OBS_VALUE")),
    ),
)
AGREED = named("ProvisionAgreement", "PA_M")
ALL_KINDS: tuple[Artefact, ...] = (
    scheme(named("Codelist", "CL_SEX", agency="YY"), "F", "M"),
    scheme(MEASURES, "STOCK", "FLOW"),
    scheme(named("DataConsumerScheme", "DATA_CONSUMERS", "1.0"), "UN"),
    scheme(named("OrganisationUnitScheme", "UNITS"), "U1", "U2<U1"),
    ItemScheme(
        named("ReportingTaxonomy", "RT"), NAME, items=(Item("R", NAME, properties=(("ProvisioningMetadata", DF.urn),)),)
    ),
    MEASURED,
    Dataflow(DF, NAME, structure=DSD),
    Agreement(AGREED, NAME, flow=DF, provider=replace(named("DataProvider", "DATA_PROVIDERS", "1.0"), item="OTHER")),
    *(
        Constraint(
            named("DataConstraint", f"CON_{to.kind}"),
            NAME,
            attached=(to,),
            regions=(CubeRegion((Selection("SEX", (Member("F"),)),)),),
        )
        for to in (DSD, DF, AGREED)
    ),
    Process(
        named("Process", "PROC"),
        NAME,
        steps=(ProcessStep("S", NAME, inputs=(StepObject(DF, "IN"),), outputs=(StepObject(SEX),)),),
    ),
    StructureSet(
        named("StructureSet", "SS"),
        NAME,
        maps=(
            SchemeMap(
                "CodelistMap",
                "M",
                name=NAME,
                source=SEX,
                target=named("Codelist", "CL_SEX", agency="YY"),
                links=(("F", "F", ""),),
            ),
        ),
    ),
    Categorisation(
        named("Categorisation", "CAT_CL"), NAME, source=SEX, target=replace(named("Category", "CAS"), item="C")
    ),
)
"""Artefacts that the small service lacks: every kind of SDMX 2.1, a dimension of measures, three limits of one flow."""


def artefacts_at(service: Service, address: str) -> dict[Name, Answered]:
    """The artefacts of an answer by their names."""
    media_type, content = asked(service, address)
    assert media_type == "application/vnd.sdmx.structure+xml;version=2.1", (address, media_type)
    is_agreements = "provisionagreement" in address and "stubs" in address
    assert is_agreements or not FORMATS["sdmx-ml-2.1"].structure_problem(content)
    holders = etree.fromstring(content).find("{*}Structures")
    assert holders is not None
    return {named_in(element): answered(element) for holder in holders for element in holder}


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def named_in(element: etree._Element) -> Name:
    return local(element), element.get("agencyID", ""), element.get("id", ""), element.get("version", "1.0")


def answered(element: etree._Element) -> Answered:
    content = RESOURCES[local(element)].split()
    children = {local(child) for child in element}
    refers_to: dict[Name, set[str]] = {}
    for name, item in references_in(element):
        refers_to.setdefault(name, set()).add(item)
    items = [str(each.get("id")) for each in element.iter(f"{{*}}{content[-1]}") if each.get("id")]
    is_described = bool(children & {"Description", "Annotations"})
    return Answered(refers_to, items, bool(children & set(content)), is_described)


def references_in(element: etree._Element) -> Iterator[tuple[Name, str]]:
    """The artefacts that an element refers to, with the item that is meant."""
    for ref in element.iter("{*}Ref", "Ref"):
        kind, agency = ref.get("class", ""), ref.get("agencyID", "")
        if kind in SCHEME_OF and agency:
            yield (
                (
                    SCHEME_OF[kind],
                    agency,
                    ref.get("maintainableParentID", ""),
                    ref.get("maintainableParentVersion", "1.0"),
                ),
                ref.get("id", ""),
            )
        elif kind in RESOURCES:
            yield (kind, agency, ref.get("id", ""), ref.get("version", "1.0")), ""


def expected(there: Mapping[Name, Answered], meant: Name, word: str) -> set[Name]:
    """Artefacts that must accompany another for a word of the API, by the references in the message."""
    parents = {name for name, each in there.items() if meant in each.refers_to}
    children = set(there[meant].refers_to)
    siblings = {name for parent in parents for name in there[parent].refers_to}
    descendants, frontier = set[Name](), children
    while frontier:
        descendants |= frontier
        frontier = {name for each in frontier if each in there for name in there[each].refers_to} - descendants
    sets = {
        "none": set[Name](),
        "parents": parents,
        "children": children,
        "descendants": descendants,
        "parentsandsiblings": parents | siblings,
        "all": parents | siblings | descendants,
    }
    if word in sets:
        return sets[word]
    return {name for name in parents | children if name[0].lower() == word}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The small service, one of whose lists names its source."""
    folder = tmp_path_factory.mktemp("served")
    small = small_holdings(folder)
    told = {
        ref: replace(each, source="an office") if ref.id == "CS" else each  # type: ignore[call-arg]
        for ref, each in ({each.ref: each for each in ALL_KINDS} | dict(small.shelf.artefacts)).items()
    }
    return Service(replace(small, shelf=Shelf(told)), folder)


DESCRIBED = (("XX", "CL_SEX", "1.0.0"), ("XX", "DF", "1.0.0"), ("XX", "CS", "1.0.0"))


@pytest.mark.parametrize("kind", RESOURCES)
def test_references_bring_exactly_the_referenced_artefacts(service: Service, kind: str) -> None:
    for meant in artefacts_at(service, f"v1/{kind.lower()}/all/all/all?detail=allstubs"):
        address = "v1/" + "/".join((kind.lower(), *meant[1:]))
        for word in (*REFERENCES, *(each.lower() for each in RESOURCES)):
            there = artefacts_at(service, f"{address}?references={word}")
            assert all(each.is_whole for each in there.values()), (meant, word)
            assert set(there) - {meant} == expected(there, meant, word) - {meant}, (meant, word)


@pytest.mark.parametrize("kind", RESOURCES)
def test_stubs_are_names(service: Service, kind: str) -> None:
    """Complete stubs also have description and annotations, including the source.

    An agreement that another artefact brings keeps its references: the schema of SDMX 2.1 requires them.
    """
    whole = artefacts_at(service, f"v1/{kind.lower()}/all/all/all?references=children")
    for detail in DETAILS:
        told = artefacts_at(service, f"v1/{kind.lower()}/all/all/all?references=children&detail={detail}")
        assert set(told) == set(whole)
        for name, each in told.items():
            is_stub = detail.startswith("all") or ("stubs" in detail and name[0] != kind)
            is_stub = is_stub and (kind == name[0] or name[0] != "ProvisionAgreement")
            assert each.is_whole is not is_stub, (name, detail)
            if is_stub:
                assert each.is_described is ("complete" in detail and name[1:] in DESCRIBED), (name, detail)


def test_partial_concept_schemes_have_what_the_structure_uses(service: Service) -> None:
    there = artefacts_at(service, "v1/datastructure/XX/DSD?references=children&detail=referencepartial")
    used = there["DataStructure", "XX", "DSD", "1.0.0"].refers_to
    concepts = "ConceptScheme", "XX", "CS", "1.0.0"
    assert set(there[concepts].items) == used[concepts]


@pytest.mark.parametrize("kind", ["Codelist", "ConceptScheme", "CategoryScheme", "AgencyScheme", "DataProviderScheme"])
def test_the_first_two_items_of_any_scheme_may_be_asked_for(service: Service, kind: str) -> None:
    """By their ids in the message, nested or not."""
    for name, each in artefacts_at(service, f"v1/{kind.lower()}/all/all/all").items():
        address = "v1/" + "/".join((kind.lower(), *name[1:], "+".join(each.items[:2])))
        assert artefacts_at(service, address)[name].items == each.items[:2]


def test_artefacts_that_2_1_lacks_have_no_siblings_and_no_stub(tmp_path: Path) -> None:
    """SDMX 2.1 has maps of one list to one: the lists of others are no siblings there, and no stub leads to them."""
    small = small_holdings(tmp_path)
    sources = [scheme(named("Codelist", f"CL_{name}"), "A", "B") for name in ("ONE", "TWO", "MANY")]
    one, two, many = (each.ref for each in sources)
    lines = (ValueMapping((SourceValue("A"), SourceValue("B")), ("A",)),)
    wide = RepresentationMap(
        named("RepresentationMap", "RM"), Text.of(en="M"), sources=(one, two), targets=(many,), mappings=lines
    )
    fine = replace(
        wide,
        ref=named("RepresentationMap", "RM_FINE"),
        sources=(one,),
        mappings=(ValueMapping((SourceValue("A"),), ("A",)),),
    )
    shelf = Shelf({each.ref: each for each in (*ARTEFACTS, *sources, wide, fine)})
    service = Service(Holdings(shelf=shelf, releases={}, sender=small.sender), tmp_path)
    sets = artefacts_at(service, "v1/structureset/all/all/all?detail=allstubs")
    assert {name[2]: (each.is_whole, each.is_described) for name, each in sets.items()} == {"RM_FINE": (False, False)}
    assert artefacts_at(service, "v1/structureset/XX/RM_FINE")["StructureSet", "XX", "RM_FINE", "1.0.0"].is_whole
    for _ in range(2):
        told = artefacts_at(service, "v1/codelist/XX/CL_TWO?references=parentsandsiblings")
        assert [name[2] for name in told] == ["CL_TWO"]
    assert asked(service, "v1/structureset/XX/RM?detail=allstubs")[0] == "406"


def test_external_artefact_is_a_stub_in_lists_and_a_redirect_by_name(tmp_path: Path) -> None:
    small = small_holdings(tmp_path)
    codelist = scheme(named("Codelist", "CL_FREQ"), "A")
    details = replace(codelist.details, external=True, structure_url="https://x.example/CL_FREQ")
    shelf = Shelf({codelist.ref: replace(codelist, items=(), details=details)})
    service = Service(Holdings(shelf=shelf, releases={}, sender=small.sender), tmp_path)
    assert asked(service, "v1/codelist")[0] == "404"
    media_type, content = asked(service, "v1/codelist/XX/CL_FREQ")
    assert media_type.startswith("application/vnd.sdmx")
    assert b'structureURL="https://x.example/CL_FREQ"' in content
