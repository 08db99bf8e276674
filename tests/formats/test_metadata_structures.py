"""Metadata structures and metadataflows between SDMX 2.1 and 3: both ways, and back again as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import made
import made_artefacts as kinds
import pytest

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats import FORMATS, structure_bytes
from sdmxmig.formats.sdmx_json import judging
from sdmxmig.formats.sdmx_ml.xsd import problems
from sdmxmig.model.structures import ANYTHING, Artefact, MetadataStructure

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "sdmx-ml-2.1" / "metadata" / "esms-structure.xml"
SINCE_3 = ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
ONE_REPORT = replace(kinds.METADATA_STRUCTURE_2_1, reports=kinds.METADATA_STRUCTURE_2_1.reports[:1])


def again(name: str, artefact: Artefact) -> Artefact:
    """The artefact as it comes back from a valid message of a format."""
    form = FORMATS[name]
    content = structure_bytes(form, [artefact], made.HEADER)
    version = name.rpartition("-")[2]
    assert (judging.problems("m", content, version, "structure") if "json" in name else problems(content)) == []
    assert form.read_structures is not None
    [found] = form.read_structures("m", content)
    return found


def test_a_tree_of_attributes_is_a_report_in_2_1() -> None:
    content = structure_bytes(FORMATS["sdmx-ml-2.1"], [kinds.METADATA_STRUCTURE], made.HEADER).decode()
    assert '<str:ReportStructure id="REPORT">' in content
    assert '<str:MetadataTarget id="TARGET">' in content
    assert '<str:IdentifiableObjectTarget id="OBJECT" objectType="Any">' in content
    assert again("sdmx-ml-2.1", kinds.METADATA_STRUCTURE) == kinds.METADATA_STRUCTURE


@pytest.mark.parametrize("name", SINCE_3)
def test_a_report_of_2_1_is_a_tree_of_attributes(name: str) -> None:
    found = again(name, ONE_REPORT)
    assert isinstance(found, MetadataStructure)
    assert found.attributes == ONE_REPORT.reports[0].attributes
    assert not found.targets
    assert again("sdmx-ml-2.1", found) == ONE_REPORT


def test_each_version_keeps_its_own_shape() -> None:
    assert again("sdmx-ml-2.1", kinds.METADATA_STRUCTURE_2_1) == kinds.METADATA_STRUCTURE_2_1
    assert again("sdmx-ml-3.0", kinds.METADATA_STRUCTURE) == kinds.METADATA_STRUCTURE


@pytest.mark.parametrize("name", SINCE_3)
def test_several_report_structures_are_refused(name: str) -> None:
    with pytest.raises(SdmxmigError, match="the several report structures of MetadataStructure"):
        again(name, kinds.METADATA_STRUCTURE_2_1)


def test_targets_without_a_report_come_back() -> None:
    bare = replace(ONE_REPORT, reports=())
    found = again("sdmx-ml-3.0", bare)
    assert isinstance(found, MetadataStructure)
    assert found.attributes == ()
    assert again("sdmx-ml-3.1", found) == found


@pytest.mark.parametrize("name", SINCE_3)
def test_a_metadataflow_without_targets_may_describe_anything(name: str) -> None:
    flow = kinds.METADATAFLOW_2_1
    assert again(name, flow) == again("sdmx-ml-2.1", flow) == flow
    content = structure_bytes(FORMATS[name], [flow], made.HEADER).decode()
    assert (ANYTHING in content) == ("ml" in name)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample is not here")
@pytest.mark.parametrize("name", SINCE_3)
def test_each_report_structure_of_eurostat_is_told_since_3_0(name: str) -> None:
    read = FORMATS["sdmx-ml-2.1"].read_structures
    assert read is not None
    [given] = [one for one in read(SAMPLE.name, SAMPLE.read_bytes()) if isinstance(one, MetadataStructure)]
    for report in given.reports:
        alone = replace(given, reports=(report,))
        assert again("sdmx-ml-2.1", again(name, alone)) == alone
