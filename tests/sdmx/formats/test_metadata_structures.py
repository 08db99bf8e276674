"""Metadata structures and metadataflows between SDMX 2.1 and 3 survive the round trip."""

from __future__ import annotations

from dataclasses import replace

import made
import made_artefacts as kinds
import pytest
from folders import SHARED

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_json import schemas
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.structures import (
    Artefact,
    MetadataAttribute,
    MetadataStructure,
    MetadataTarget,
    ReportStructure,
)

SAMPLE = SHARED / "sdmx-ml-2.1" / "metadata" / "esms-structure.xml"
SINCE_3 = ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
ONE_REPORT = replace(kinds.METADATA_STRUCTURE_2_1, reports=kinds.METADATA_STRUCTURE_2_1.reports[:1])


def again(name: str, artefact: Artefact) -> Artefact:
    """The artefact as it comes back from a valid message of a format."""
    form = FORMATS[name]
    content = structure_bytes(form, [artefact], made.HEADER)
    version = name.rpartition("-")[2]
    assert (
        schemas.find_problems("m", content, version, "structure") if "json" in name else find_problems(content)
    ) == []
    [found] = form.read_structures("m", content)
    return found


def test_attribute_tree_is_written_as_report_in_2_1() -> None:
    content = structure_bytes(FORMATS["sdmx-ml-2.1"], [kinds.METADATA_STRUCTURE], made.HEADER).decode()
    assert '<str:ReportStructure id="REPORT">' in content
    assert '<str:MetadataTarget id="TARGET">' in content
    assert '<str:IdentifiableObjectTarget id="OBJECT" objectType="Any">' in content
    assert again("sdmx-ml-2.1", kinds.METADATA_STRUCTURE) == kinds.METADATA_STRUCTURE


@pytest.mark.parametrize("name", SINCE_3)
def test_report_of_2_1_is_read_as_attribute_tree(name: str) -> None:
    report = again(name, ONE_REPORT)
    assert report.attributes == ONE_REPORT.reports[0].attributes
    assert not report.targets
    assert again("sdmx-ml-2.1", report) == ONE_REPORT


@pytest.mark.parametrize("name", SINCE_3)
def test_report_structures_form_one_tree_and_round_trip(name: str) -> None:
    given = kinds.METADATA_STRUCTURE_2_1
    found = again(name, given)
    assert not found.reports
    assert {one.id for one in found.attributes} == {one.id for report in given.reports for one in report.attributes}
    assert again("sdmx-ml-2.1", found) == given


def attribute(own: str, *children: MetadataAttribute, concept: str = "", **more: object) -> MetadataAttribute:
    said = {"data_type": "String"} | more
    return MetadataAttribute(own, kinds.concept(concept or own), children=children, **said)  # type: ignore[arg-type]


def of_reports(*trees: tuple[MetadataAttribute, ...]) -> MetadataStructure:
    reports = tuple(ReportStructure(f"R{number}", ("T",), attributes=tree) for number, tree in enumerate(trees))
    targets = (MetadataTarget("T", (("OBJECT", "Dataflow", ""),)),)
    return MetadataStructure(
        kinds.ref("MetadataStructure", "MSD"), kinds.NAME, attributes=(), targets=targets, reports=reports
    )


SEVERAL = {
    "no attribute in both": ((attribute("A"),), (attribute("B"),)),
    "one in both": ((attribute("A"), attribute("B")), (attribute("B"),)),
    "the same": ((attribute("A"),), (attribute("A"),)),
    "another order": ((attribute("A"), attribute("B")), (attribute("B"), attribute("A"))),
    "other attributes below": ((attribute("A", attribute("B")),), (attribute("A", attribute("C")),)),
    "none below": ((attribute("A", attribute("B")),), (attribute("A"),)),
    "another number": ((attribute("A", max_occurs="3"),), (attribute("A", min_occurs="0", max_occurs="unbounded"),)),
    "three reports": ((attribute("A"),), (attribute("B"),), (attribute("A", attribute("D")),)),
    "a heading": ((attribute("A", attribute("B"), presentational=True),), (attribute("A", presentational=True),)),
    "deep": (
        (attribute("A", attribute("B", attribute("C"))),),
        (attribute("A", attribute("B", attribute("C"), attribute("D"))),),
    ),
}
CONTRARY = {
    "another concept": ((attribute("A"),), (attribute("A", concept="B"),)),
    "another type": ((attribute("A"),), (attribute("A", data_type="Integer"),)),
    "another type below": ((attribute("A", attribute("B")),), (attribute("A", attribute("B", data_type="Integer")),)),
}


@pytest.mark.parametrize("name", SINCE_3)
@pytest.mark.parametrize("what", [*SEVERAL])
def test_reports_are_merged_into_one_tree(what: str, name: str) -> None:
    given = of_reports(*SEVERAL[what])
    assert again("sdmx-ml-2.1", again(name, given)) == given


def test_attribute_of_one_report_is_optional_in_merged_tree() -> None:
    artefact = again("sdmx-ml-3.0", of_reports(*SEVERAL["one in both"]))
    assert [(one.id, one.min_occurs) for one in artefact.attributes] == [("A", "0"), ("B", "1")]


@pytest.mark.parametrize("name", SINCE_3)
@pytest.mark.parametrize("what", [*CONTRARY])
def test_reports_that_contradict_each_other_are_refused(what: str, name: str) -> None:
    with pytest.raises(SdmxmigError, match=r"the attributes [AB] of several report structures of MetadataStructure"):
        again(name, of_reports(*CONTRARY[what]))


def test_changed_attribute_tree_is_written_as_changed() -> None:
    artefact = again("sdmx-ml-3.0", of_reports(*SEVERAL["one in both"]))
    changed = replace(artefact, attributes=(*artefact.attributes, attribute("NEW")))
    back = again("sdmx-ml-2.1", changed)
    assert back.attributes == changed.attributes


def test_targets_without_report_survive_a_round_trip() -> None:
    bare = replace(ONE_REPORT, reports=())
    artefact = again("sdmx-ml-3.0", bare)
    assert artefact.attributes == ()
    assert again("sdmx-ml-3.1", artefact) == artefact


@pytest.mark.parametrize("name", SINCE_3)
def test_metadataflow_without_targets_may_describe_anything(name: str) -> None:
    flow = kinds.METADATAFLOW_2_1
    assert again(name, flow) == again("sdmx-ml-2.1", flow) == flow
    content = structure_bytes(FORMATS[name], [flow], made.HEADER).decode()
    assert ("urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*)" in content) == ("ml" in name)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample is not here")
@pytest.mark.parametrize("name", SINCE_3)
def test_each_eurostat_report_structure_survives_3_0(name: str) -> None:
    read = FORMATS["sdmx-ml-2.1"].read_structures
    [given] = [
        artefact for artefact in read(SAMPLE.name, SAMPLE.read_bytes()) if isinstance(artefact, MetadataStructure)
    ]
    for report in given.reports:
        alone = replace(given, reports=(report,))
        assert again("sdmx-ml-2.1", again(name, alone)) == alone
