"""Questions for structures: which artefacts answer them, in which detail, and with which others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_artefacts import METADATA_STRUCTURE_2_1, TAXONOMY, VTL_MAPPINGS
from made_artefacts import ref as made
from small_service import (
    ARTEFACTS,
    artefacts_in,
    asked,
    cases,
    format_artefacts,
    named,
    scheme,
    small_holdings,
)

from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Extension, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow
from sdmxmig.sdmx.model.maps import RepresentationMap, SourceValue, ValueMapping
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.transmission.pull.holdings import ArtefactCollection, Holdings
from sdmxmig.transmission.pull.service import Service
from sdmxmig.transmission.pull.structures import build_stub


def described(service: Service, address: str, accept: str = "", language: str = "") -> str:
    media_type, content = asked(service, address, accept, language)
    return format_artefacts(artefacts_in(media_type, content)) if content and not media_type.isdigit() else media_type


@pytest.mark.parametrize(("address", "accept", "expected"), cases("structure_cases.csv"))
def test_structure_queries_return_artefacts(service: Service, address: str, accept: str, expected: str) -> None:
    assert described(service, address, accept) == expected


DETAILS = ("full", "allstubs", "referencestubs", "referencepartial", "allcompletestubs", "referencecompletestubs")
REFERENCES = ("none", "parents", "parentsandsiblings", "children", "descendants", "all")


@pytest.mark.parametrize("references", REFERENCES)
@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("resource", ["v1/dataflow/XX/DF", "v2/structure/datastructure/XX/DSD"])
def test_detail_does_not_change_artefact_list(service: Service, resource: str, detail: str, references: str) -> None:
    """Whatever the detail, the same artefacts come; stubs are stubs, and the message is valid in any case."""
    full = artefacts_in(*asked(service, f"{resource}?references={references}"))
    told = artefacts_in(*asked(service, f"{resource}?references={references}&detail={detail}"))
    assert {artefact.ref for artefact in told} == {artefact.ref for artefact in full}
    meant = resource.rpartition("/")[2]
    for artefact in told:
        is_meant = artefact.ref.id == meant
        assert artefact.details.external is (detail.startswith("all") or ("stubs" in detail and not is_meant))
        if artefact.details.external and not detail.endswith("completestubs"):
            assert not artefact.description


def test_stub_links_to_the_full_artefact(service: Service) -> None:
    (artefact,) = artefacts_in(*asked(service, "v1/codelist/XX/CL_FREQ?detail=allstubs"))
    assert artefact.details.structure_url == "http://host/sdmx/v1/codelist/XX/CL_FREQ/1.0.0"
    address = artefact.details.structure_url.removeprefix("http://host/sdmx/")
    assert described(service, address) == "Codelist:CL_FREQ(1.0.0)[A,Q]"


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("complete", [True, False])
def test_stubs_of_all_kinds_are_valid(form: str, complete: bool) -> None:
    header = Header("STUBS", "2026-01-01T00:00:00Z", sender=Party("XX"))
    content = structure_bytes(
        FORMATS[form], [build_stub(artefact, complete=complete) for artefact in ARTEFACTS], header
    )
    assert FORMATS[form].structure_problem(content) == ""


@pytest.mark.parametrize(
    ("kind", "reference"), [("provisionagreement", b"StructureUsage>"), ("categorisation", b"Source>")]
)
def test_stub_in_2_1_has_no_references(service: Service, kind: str, reference: bytes) -> None:
    assert reference in asked(service, f"v1/{kind}")[1]
    assert reference not in asked(service, f"v1/{kind}?detail=allstubs")[1]


def test_stubs_of_metadata_structures_of_2_1_have_only_names(tmp_path: Path) -> None:
    collection = ArtefactCollection({METADATA_STRUCTURE_2_1.ref: METADATA_STRUCTURE_2_1})
    service = Service(Holdings(collection=collection, releases={}, sender=Party("XX")), tmp_path)
    assert b"MetadataTarget" in asked(service, "v1/metadatastructure")[1]
    assert b"MetadataStructureComponents" not in asked(service, "v1/metadatastructure?detail=allstubs")[1]


def test_reporting_taxonomies_refer_to_contents_of_categories(tmp_path: Path) -> None:
    flow = Dataflow(made("Dataflow", "DF_ALL"), TAXONOMY.name, structure=made("DataStructure", "DSD_ALL"))
    collection = ArtefactCollection({artefact.ref: artefact for artefact in (TAXONOMY, flow)})
    service = Service(Holdings(collection=collection, releases={}, sender=Party("XX")), tmp_path)
    both = "Dataflow:DF_ALL(2.1.0) ReportingTaxonomy:RT_ALL(2.1.0)[A,B]"
    for address in ("reportingtaxonomy?references=children", "dataflow?references=reportingtaxonomy"):
        assert described(service, f"v1/{address}") == both


def test_names_that_begin_like_urns_are_not_references(tmp_path: Path) -> None:
    (first, *_) = VTL_MAPPINGS.items
    named_so = replace(first, properties=(("alias", "urn:sdmx:our own"), *first.properties[1:]))
    collection = ArtefactCollection({VTL_MAPPINGS.ref: replace(VTL_MAPPINGS, items=(named_so,))})
    service = Service(Holdings(collection=collection, releases={}, sender=Party("XX")), tmp_path)
    assert described(service, "v2/structure/*?references=all") == "VtlMappingScheme:VM_ALL(2.1.0)[V1]"


def test_texts_are_in_the_requested_language(service: Service) -> None:
    """Artefacts with omitted languages are marked: resubmitted as complete they would delete the others."""
    (codelist,) = artefacts_in(*asked(service, "v1/codelist/XX/CL_FREQ", language="fr-CA, en;q=0.5"))
    assert isinstance(codelist, ItemScheme)
    assert dict(codelist.name) == {"fr": "Liste CL_FREQ"}
    assert dict(codelist["A"].name) == {"fr": "Poste A"}
    assert codelist.details.partial_language
    (whole,) = artefacts_in(*asked(service, "v1/codelist/XX/CL_FREQ"))
    assert dict(whole.name) == {"en": "List CL_FREQ", "fr": "Liste CL_FREQ"}
    assert not whole.details.partial_language


def test_extended_codelists_are_complete_unless_raw(tmp_path: Path) -> None:
    base = scheme(named("Codelist", "CL_BASE"), "A", "B", "C")
    codes = (Extension(base.ref, "X_", members=("A", "B")),)
    extended = ItemScheme(named("Codelist", "CL_MORE"), base.name, items=base.items[2:], extensions=codes)
    small = small_holdings(tmp_path)
    collection = ArtefactCollection({artefact.ref: artefact for artefact in (base, extended)})
    service = Service(Holdings(collection=collection, releases={}, sender=small.sender), tmp_path)
    address = "v2/structure/codelist/XX/CL_MORE"
    assert described(service, address) == "Codelist:CL_MORE(1.0.0)[C,X_A,X_B]"
    media_type, content = asked(service, f"{address}?detail=raw", "application/vnd.sdmx.structure+xml;version=3.1.0")
    (raw,) = artefacts_in(media_type, content)
    assert (raw.ids, raw.extensions) == (("C",), codes)


def test_unsupported_artefacts_are_left_out_of_lists_with_a_note(service: Service, tmp_path: Path) -> None:
    """SDMX 2.1 has no value lists: asked for alone one is not acceptable, among others it is missing with a note."""
    small = small_holdings(tmp_path)
    values = scheme(named("ValueList", "VL"), "= 1", ">= 1")
    collection = ArtefactCollection({**small.collection.artefacts, values.ref: values})
    with_values = Service(Holdings(collection=collection, releases={}, sender=small.sender), tmp_path)
    for _ in range(2):  # the second time it is known beforehand
        media_type, content = asked(with_values, "v1/structure/XX")
        assert "XX:VL(1.0.0)" in content.decode()
        assert "ValueList" not in described(with_values, "v1/structure/XX")
    alone = "v2/structure/valuelist/XX/VL"
    assert described(with_values, alone) == "ValueList:VL(1.0.0)[= 1,>= 1]"
    assert asked(with_values, alone, "application/vnd.sdmx.structure+xml;version=2.1")[0] == "406"
    assert media_type == "application/vnd.sdmx.structure+xml;version=2.1"


def test_artefacts_missing_in_2_1_have_no_siblings_or_stubs(tmp_path: Path) -> None:
    """SDMX 2.1 has maps of one list to one: the lists of others are no siblings there, and no stub leads to them."""
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
    collection = ArtefactCollection({each.ref: each for each in (*ARTEFACTS, *sources, wide, fine)})
    service = Service(Holdings(collection=collection, releases={}, sender=Party("XX")), tmp_path)
    sets = asked(service, "v1/structureset/all/all/all?detail=allstubs")[1]
    assert (b'"RM_FINE"' in sets, b'"RM"' in sets, b"CodelistMap" in sets) == (True, False, False)
    assert b"CodelistMap" in asked(service, "v1/structureset/XX/RM_FINE")[1]
    for _ in range(2):
        told = described(service, "v1/codelist/XX/CL_TWO?references=parentsandsiblings")
        assert told == "Codelist:CL_TWO(1.0.0)[A,B]"
    assert asked(service, "v1/structureset/XX/RM?detail=allstubs")[0] == "406"


def test_external_artefact_is_listed_as_stub_and_redirected(tmp_path: Path) -> None:
    codelist = scheme(named("Codelist", "CL_FREQ"), "A")
    details = replace(codelist.details, external=True, structure_url="https://x.example/CL_FREQ")
    collection = ArtefactCollection({codelist.ref: replace(codelist, items=(), details=details)})
    service = Service(Holdings(collection=collection, releases={}, sender=Party("XX")), tmp_path)
    assert asked(service, "v1/codelist")[0] == "404"
    media_type, content = asked(service, "v1/codelist/XX/CL_FREQ")
    assert media_type.startswith("application/vnd.sdmx")
    assert b'structureURL="https://x.example/CL_FREQ"' in content
