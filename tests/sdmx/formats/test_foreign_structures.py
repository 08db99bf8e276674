"""Structures of other tools: unusual schemas, and hierarchies whose codes share an id."""

from __future__ import annotations

import re
from dataclasses import replace

import made
import made_artefacts as of
import made_data
import pytest
from case_tables import cases_from
from tries import fifth_of

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import TYPES
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import HierarchicalCode, HierarchicalCodelist, Hierarchy

SINCE_3 = ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


def with_component(role_or_id: str, **changes: object) -> Dataset:
    """The small dataset with a component said otherwise."""
    dataset = made_data.plain()
    structure = made.with_component(dataset.flow.structure, role_or_id, **changes)
    return replace(dataset, flow=replace(dataset.flow, structure=structure))


def judged(one: Dataset, version: str = "3.0", at: str = "TIME_PERIOD", **replaced: str) -> list[str]:
    """Problems of a message under the schema of its structure, after texts in it are replaced."""
    text = data_bytes(FORMATS[f"sdmx-ml-{version}"], [one], made.HEADER, Layout(dimension_at_observation=at)).decode()
    text = re.sub('TIME_PERIOD="[0-9][^"]*"', f'TIME_PERIOD="{replaced.get("period", "2020")}"', text)
    return [message for _, message in xsd.validate(text.encode(), {one.flow.id: one.flow}).problems]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("data_type", "version"), fifth_of(TYPES, ("2.1", "3.0", "3.1")))
def test_schema_is_made_for_any_type_of_time_dimension(data_type: str, version: str) -> None:
    said = judged(with_component("time", data_type=data_type), version)
    assert not any("No schema" in one for one in said)


@pytest.mark.parametrize("version", ["2.1", "3.0", "3.1"])
@pytest.mark.parametrize("at", ["TIME_PERIOD", "AllDimensions", "SEX"])
def test_schema_is_made_for_coded_time_dimension(version: str, at: str) -> None:
    assert not judged(with_component("time", codelist=of.CL_AGE, data_type=""), version, at)


@cases_from("sdmx/formats/cases/each_time_type_accepts_only_its_own_periods.csv")
def test_each_time_type_accepts_only_its_own_periods(data_type: str, good: str, bad: str) -> None:
    one = with_component("time", data_type=data_type)
    assert judged(one, period=good) == []
    assert judged(one, period=bad)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("data_type", TYPES)
def test_schema_is_made_for_facets_beside_any_type(data_type: str) -> None:
    facets = (("maxLength", "5"), ("decimals", "2"), ("minValue", "0"), ("pattern", ".*"))
    said = judged(with_component("SEX", codelist=None, data_type=data_type, facets=facets))
    assert not any("No schema" in one for one in said)


def test_structure_that_allows_no_schema_is_reported() -> None:
    dataset = with_component("SEX", codelist=None, data_type="String", facets=(("pattern", "(?=x)["),))
    content = data_bytes(FORMATS["sdmx-ml-3.0"], [dataset], made.HEADER)
    found = identify_and_check("a.xml", content, {dataset.flow.id: dataset.flow})
    assert found.size == 3
    assert "The type of SEX in SDMXMIG:DSD_STOCK(1.0.0-draft) is none" in found.unchecked


def test_time_series_messages_of_2_1_are_checked() -> None:
    dataset = made_data.plain()
    content = data_bytes(FORMATS["sdmx-ml-2.1"], [dataset], made.HEADER)
    series = content.replace(b"StructureSpecificData", b"StructureSpecificTimeSeriesData")
    assert series != content
    flows = {dataset.flow.id: dataset.flow}
    assert xsd.find_problems(series, flows) == []
    (wrong,) = xsd.find_problems(series.replace(b' SEX="M"', b' SEX="Q"', 1), flows)[:1]
    assert "Q" in wrong[1]
    ((_, told),) = [
        each
        for each in xsd.find_problems(
            data_bytes(FORMATS["sdmx-ml-2.1"], [dataset], made.HEADER, Layout("SEX")).replace(
                b"StructureSpecificData", b"StructureSpecificTimeSeriesData"
            ),
            flows,
        )
        if "at observation" in each[1]
    ]
    assert "not “SEX”" in told


def test_datasets_with_other_namespace_than_header_are_checked() -> None:
    dataset = made_data.plain()
    content = data_bytes(FORMATS["sdmx-ml-3.0"], [dataset], made.HEADER)
    other = re.sub(rb'( namespace="urn:[^"]*?):ObsLevelDim:TIME_PERIOD"', rb'\1"', content)
    assert other != content
    assert xsd.find_problems(other, {dataset.flow.id: dataset.flow}) == []
    assert xsd.find_problems(other.replace(b' SEX="M"', b' SEX="Q"', 1), {dataset.flow.id: dataset.flow})


def grouped() -> HierarchicalCodelist:
    """A hierarchy with a code in two groups under one id, and another code with the generated id."""
    inner = tuple(
        HierarchicalCode(one, of.code("M"), children=(HierarchicalCode("M", of.code("M")),))
        for one in ("A", "B", "M_2")
    )
    hierarchy = Hierarchy(replace(of.HIERARCHIES.hierarchies[0].ref), of.NAME, codes=inner)
    return replace(of.HIERARCHIES, hierarchies=(hierarchy,))


@pytest.mark.parametrize("name", SINCE_3)
def test_codes_sharing_an_id_get_own_ids_in_3_and_revert_in_2_1(name: str) -> None:
    form, old = FORMATS[name], FORMATS["sdmx-ml-2.1"]
    content = structure_bytes(form, [grouped()], made.HEADER)
    assert identify_and_check("a", content, {}).problems == []
    (hierarchy,) = form.read_structures("a", content)
    assert [code.children[0].id for code in hierarchy.codes] == ["M", "M_2", "M_3"]
    assert old.read_structures("b", structure_bytes(old, [hierarchy], made.HEADER)) == (grouped(),)


@pytest.mark.parametrize("name", SINCE_3)
def test_hierarchy_of_3_whose_codes_share_an_id_is_refused(name: str) -> None:
    twice = replace(grouped().hierarchies[0], ref=Ref("Hierarchy", "SDMXMIG", id="TWICE", version="1.0.0"))
    with pytest.raises(SdmxmigError, match="two codes with the id M"):
        structure_bytes(FORMATS[name], [twice], made.HEADER)
