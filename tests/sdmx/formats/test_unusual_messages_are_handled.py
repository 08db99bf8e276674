"""Messages that once caused an internal error are accepted or refused with their place, and so are similar ones."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from case_tables import cases_from
from made import DATAFLOW, FLOW, FLOWS, HEADER, SMALL, STRUCTURE, component

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import read_structures, transform
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all, structure_bytes
from sdmxmig.sdmx.formats.flows import explain_contradiction, find_flow
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Group, parse_whole_number
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header

SPECIFIC = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")


def written(form: str, dataset: Dataset = SMALL) -> bytes:
    return data_bytes(FORMATS[form], [dataset], HEADER)


def same_header(header: Header | None) -> Header:
    return header or HEADER


def outcome(form: str, content: bytes, flows: Mapping[str, Flow] = FLOWS) -> str:
    """The result of a message in `check` and in `transform`; neither may crash."""
    target, told = FORMATS["sdmx-csv-2.0"], "read"
    try:
        transform("f", io.BytesIO(content), target, io.BytesIO(), flows=flows, header=same_header)
    except InputError as error:
        told = f"{error.message} {error.hint}" if error.place is not None else "no place"
    problems = identify_and_check("f", content, flows).problems
    assert problems or told == "read"
    return told


# -- the header names structures --------------------------------------------------------------------------------------


def doubled(form: str, old: bytes = b"", new: bytes = b"") -> bytes:
    """A message whose header lists its structure twice, the second time with another text for one."""
    content = written(form)
    start, end = content.index(b"<mes:Structure "), content.index(b"</mes:Structure>") + len(b"</mes:Structure>")
    return content[:end] + content[start:end].replace(old, new) + content[end:]


@pytest.mark.parametrize("form", [*SPECIFIC, "sdmx-ml-2.1-generic"])
def test_structure_listed_twice_in_header_counts_once(form: str) -> None:
    checked = identify_and_check("f", doubled(form), FLOWS)
    assert checked.size == 3
    assert all("structureID" in problem.message for problem in checked.problems)
    (dataset,) = read_all(FORMATS[form], "f", doubled(form), FLOWS)
    assert dataset.observations.height == 3


@pytest.mark.parametrize("form", [*SPECIFIC, "sdmx-ml-2.1-generic"])
def test_two_structures_with_one_id_are_refused(form: str) -> None:
    assert "lists two structures as" in outcome(form, doubled(form, b"DF_POP", b"DF_IMM"))


@pytest.mark.parametrize("form", SPECIFIC)
@pytest.mark.parametrize("name", ["", "x", "DF_POP", "SDMXMIG:DF_POP(1.0)", "Nonsense=SDMXMIG:DF_POP(1.0.0)"])
def test_namespace_without_artefact_kind_does_not_crash_check(form: str, name: str) -> None:
    content = written(form)
    start = content.index(b'namespace="') + len(b'namespace="')
    spoilt = content[:start] + name.encode() + content[content.index(b'"', start) :]
    assert identify_and_check("f", spoilt, FLOWS).size in (0, 3)


@pytest.mark.parametrize("kind", ["", "Codelist", "Nonsense", "Metadataflow"])
def test_codelist_is_refused_as_structure_of_data(kind: str) -> None:
    with pytest.raises(InputError, match="No data can follow"):
        find_flow(FLOWS, Ref(kind, "SDMXMIG", id="DF_POP", version="1.0.0"))


# -- structures that contradict themselves ----------------------------------------------------------------------------

COPY = STRUCTURE["SEX"]
CONTRADICTIONS = {
    "a dimension twice": replace(STRUCTURE, components=(*STRUCTURE.components, COPY)),
    "an attribute called as a dimension": replace(
        STRUCTURE, components=(*STRUCTURE.components, replace(COPY, role="attribute", attachment="series"))
    ),
    "a measure twice": replace(STRUCTURE, components=(*STRUCTURE.components, STRUCTURE["OBS_VALUE"])),
    "an attribute twice": replace(STRUCTURE, components=(*STRUCTURE.components, STRUCTURE["OBS_STATUS"])),
    "two time dimensions": replace(
        STRUCTURE, components=(*STRUCTURE.components, replace(component("TIME_2", "time"), codelist=None))
    ),
    "a group of what is nothing": replace(STRUCTURE, groups=(Group("Sibling", ("SEX", "NOBODY")),)),
    "a group of a measure": replace(STRUCTURE, groups=(Group("Sibling", ("SEX", "OBS_VALUE")),)),
    "a group of one dimension twice": replace(STRUCTURE, groups=(Group("Sibling", ("SEX", "SEX")),)),
}
SOUND = {
    "unchanged": STRUCTURE,
    "a group": replace(STRUCTURE, groups=(Group("Sibling", ("REF_AREA", "SEX", "CTZ")),)),
    "a group with the time": replace(STRUCTURE, groups=(Group("Late", ("TIME_PERIOD",)),)),
    "two groups alike": replace(STRUCTURE, groups=(Group("A", ("SEX",)), Group("B", ("SEX",)))),
    "no measure": replace(STRUCTURE, components=tuple(one for one in STRUCTURE.components if one.role != "measure")),
    "no time": replace(STRUCTURE, components=tuple(one for one in STRUCTURE.components if one.role != "time")),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_data_of_self_contradictory_structure_are_refused(name: str) -> None:
    flows = {"DF_POP": Flow(DATAFLOW, CONTRADICTIONS[name], codelists=FLOW.codelists, concepts=FLOW.concepts)}
    for form in (*SPECIFIC, "sdmx-ml-2.1-generic", "sdmx-csv-2.0"):
        assert "contradicts itself" in outcome(form, written(form), flows), form


@pytest.mark.parametrize("name", SOUND)
def test_consistent_structures_are_accepted(name: str) -> None:
    assert explain_contradiction(SOUND[name]) == ""


# -- several values where the structure has one -------------------------------------------------------------------


def insert_component(form: str, name: str, inside: str) -> bytes:
    """The small message with the values of an attribute of its first observation in an element."""
    content = written(form).decode()
    start = content.index("<Obs ")
    end = content.index("/>", start)
    observation = content[start:end].replace(f' {name}="A"', "")
    comp = f'<Comp id="{name}">{inside}</Comp>'
    return f"{content[:start]}{observation}>{comp}</Obs>{content[end + 2 :]}".encode()


@pytest.mark.parametrize("form", SPECIFIC[1:])
@cases_from("sdmx/cases/several_values_of_an_attribute_that_has_one_are_refused.csv")
def test_several_values_of_single_valued_attribute_are_refused(form: str, inside: str, said: str) -> None:
    assert said in outcome(form, insert_component(form, "OBS_STATUS", inside))


@pytest.mark.parametrize("form", SPECIFIC[1:])
@pytest.mark.parametrize("inside", ["<Value>A</Value>", '<Value><com:Text xml:lang="en">A</com:Text></Value>', ""])
def test_single_value_in_an_element_is_parsed(form: str, inside: str) -> None:
    (dataset,) = read_all(FORMATS[form], "f", insert_component(form, "OBS_STATUS", inside), FLOWS)
    assert dataset.observations["OBS_STATUS"][0] == ("A" if inside else None)


# -- SDMX-JSON --------------------------------------------------------------------------------------------------------


def json_with(level: str, relationship: dict[str, Any], values: list[Any], **more: Any) -> bytes:
    """A message with an attribute listed at one level, of any relationship."""
    message = json.loads(written("sdmx-json-2.0"))
    structure, dataset = message["data"]["structures"][0], message["data"]["dataSets"][0]
    listed = {"id": "TIME_FORMAT", "relationship": relationship, "values": [{"value": one} for one in values], **more}
    structure["attributes"].setdefault(level, []).append(listed)
    if level == "dataSet":
        dataset.setdefault("attributes", []).append(0)
    structure["links"] = dataset["links"] = []  # the message describes its structure itself
    return json.dumps(message).encode()


RELATIONSHIPS = {
    "observation": {"observation": {}},
    "primary measure": {"primaryMeasure": "OBS_VALUE"},
    "all dimensions": {"dimensions": ["FREQ", "REF_AREA", "SEX", "CTZ", "TIME_PERIOD"]},
    "series": {"dimensions": ["FREQ", "REF_AREA", "SEX", "CTZ"]},
    "one dimension": {"dimensions": ["SEX"]},
    "dataflow": {"dataflow": {}},
    "none": {"none": {}},
}
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "several": {"format": {"maxOccurs": 3, "dataType": "String"}},
    "languages": {"format": {"isMultiLingual": True, "dataType": "String"}},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_attribute_of_any_level_may_be_listed_at_dataset(relationship: str, kind: str) -> None:
    content = json_with("dataSet", RELATIONSHIPS[relationship], ["P1Y"], **KINDS[kind])
    (dataset,) = read_all(FORMATS["sdmx-json-2.0"], "f", content, {})
    assert dataset.observations.height == 3
    frames = [dataset.observations, dataset.series, *dataset.partial.values()]
    told = [one for frame in frames if "TIME_FORMAT" in frame.columns for one in frame["TIME_FORMAT"].to_list()]
    assert [one for one in (*told, dataset.attributes.get("TIME_FORMAT")) if one]
    assert identify_and_check("f", content, {}).size == 3


@pytest.mark.parametrize("form", ["sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("name", ["maxLength", "minLength", "decimals", "minValue", "maxValue", "interval"])
@pytest.mark.parametrize("value", ["", "x", "9" * 5000, -1, 0, "²", None])
@pytest.mark.sampled(6)
def test_non_numeric_facet_is_refused_or_left_out(form: str, name: str, value: object) -> None:
    message = json.loads(structure_bytes(FORMATS[form], [STRUCTURE], HEADER))
    listed = message["data"]["dataStructures"][0]["dataStructureComponents"]["attributeList"]["attributes"]
    comment = next(record for record in listed if record["id"] == "COMMENT_OBS")
    comment["localRepresentation"]["format"][name] = value
    content = json.dumps(message).encode()
    is_fine = value is None or (name in ("minValue", "maxValue", "interval") and value not in ("", "x", "²"))
    assert identify_and_check("f", content, {}).problems or is_fine
    if is_fine:
        assert read_structures("f", content)
    else:
        with pytest.raises(InputError) as caught:
            read_structures("f", content)
        assert caught.value.place is not None


@pytest.mark.parametrize("text", ["9" * 5000, "²", "-1", "", "1.0", " 1", "unbounded", "٣"])
def test_non_integer_text_is_parsed_as_none(text: str) -> None:
    assert parse_whole_number(text) is None


@pytest.mark.parametrize("occurs", ["9" * 5000, "²", "unbounded", "3"])
def test_array_of_unlimited_size_is_written_in_json(occurs: str) -> None:
    many = Component(
        "MANY",
        "attribute",
        concept=STRUCTURE["NOTE"].concept,
        codelist=None,
        data_type="String",
        attachment="observation",
    )
    many = replace(many, max_occurs=occurs, mandatory=False)
    structure = replace(STRUCTURE, components=(*STRUCTURE.components, many))
    listed = SMALL.observations.with_columns(MANY=pl.Series([["a"], None, None], dtype=pl.List(pl.String)))
    flow = Flow(DATAFLOW, structure, codelists=FLOW.codelists, concepts=FLOW.concepts)
    content = written("sdmx-json-2.0", replace(SMALL, flow=flow, observations=listed))
    assert identify_and_check("f", content, {"DF_POP": flow}).problems == []


def test_annotations_on_missing_series_are_skipped() -> None:
    message = json.loads(written("sdmx-json-2.0"))
    dataset = message["data"]["dataSets"][0]
    message["data"]["structures"][0]["annotations"] = [{"id": "A", "type": "T", "title": "t"}]
    for body in dataset["series"].values():
        body["annotations"] = []
        body["observations"] = {}
    assert identify_and_check("f", json.dumps(message).encode(), FLOWS).size == 0


def of_version(folder: str) -> bytes:
    """A structure message with nothing in it."""
    root = "SDMX.org/resources/SDMXML" if folder < "v2_1" else "sdmx.org/resources/sdmxml"
    return f'<Structure xmlns="http://www.{root}/schemas/{folder}/message"><Header/></Structure>'.encode()


@pytest.mark.parametrize("folder", ["v2_0", "v2_1", "v3_0", "v3_1"])
def test_empty_structure_message_of_every_version_is_accepted(folder: str) -> None:
    assert read_structures("old.xml", of_version(folder)) == ()


@pytest.mark.parametrize("folder", ["v0_9", "v1_0", "v1_1", "v1_5", "v2_2", "v3_2", "v4_0"])
def test_structure_of_unsupported_version_is_refused_with_place(folder: str) -> None:
    with pytest.raises(SdmxmigError) as caught:
        read_structures("old.xml", of_version(folder))
    assert str(caught.value.place) == "old.xml"
