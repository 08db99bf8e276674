"""What is valid: schemas that data of the service obey, and structures with what constraints leave."""

from __future__ import annotations

import pytest
from lxml import etree
from small_service import artefacts_in, asked, in_one_line, small_service

from sdmxmig.pull.service import Service

XS = "{http://www.w3.org/2001/XMLSchema}"
STRUCTURES = "application/vnd.sdmx.structure+xml;version=2.1"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return small_service(tmp_path_factory.mktemp("served"))


def schema(service: Service, address: str, accept: str = "") -> etree._Element:
    media_type, content = asked(service, address, accept)
    assert "schema+xml" in media_type
    return etree.fromstring(content)


def codes(root: etree._Element, component: str) -> list[str]:
    """The codes of the type of a component."""
    path = f"{XS}simpleType[@name='{component}Type']/{XS}restriction/{XS}enumeration"
    return [str(element.get("value")) for element in root.iterfind(path)]


def attributes(root: etree._Element, name: str) -> dict[str, str]:
    """The attributes of a type, and whether they have to be there."""
    found = root.iterfind(f"{XS}complexType[@name='{name}']//{XS}attribute")
    return {str(each.get("name")): str(each.get("use")) for each in found if each.get("use") != "prohibited"}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("datastructure/XX/DSD", ["_T", "F", "M"]),
        ("dataflow/XX/DF", ["F", "M"]),
        ("provisionagreement/XX/PA", ["F", "M"]),
        ("dataflow/XX/DF_EMPTY", ["_T", "F", "M"]),
    ],
)
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_codes_are_those_that_the_constraints_of_the_context_leave(
    service: Service, api: str, context: str, expected: list[str]
) -> None:
    root = schema(service, f"{api}/schema/{context}")
    assert codes(root, "SEX") == expected
    assert codes(root, "FREQ") == ["A", "Q"]


@pytest.mark.parametrize(
    ("dimension", "series", "observation"),
    [
        ("", {"FREQ", "REF_AREA", "SEX", "UNIT"}, {"TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"}),
        ("TIME_PERIOD", {"FREQ", "REF_AREA", "SEX", "UNIT"}, {"TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"}),
        ("SEX", {"FREQ", "REF_AREA", "TIME_PERIOD"}, {"SEX", "OBS_VALUE", "OBS_STATUS", "UNIT"}),
        (
            "AllDimensions",
            set(),
            {"FREQ", "REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT"},
        ),
    ],
)
def test_the_dimension_at_observation_decides_what_stands_where(
    service: Service, dimension: str, series: set[str], observation: set[str]
) -> None:
    root = schema(service, f"v1/schema/dataflow/XX/DF?dimensionAtObservation={dimension}")
    assert set(attributes(root, "SeriesType")) - {"REPORTING_YEAR_START_DAY"} == series
    assert set(attributes(root, "ObsType")) - {"REPORTING_YEAR_START_DAY"} == observation


def test_deletions_need_no_more_than_keys(service: Service) -> None:
    whole = attributes(schema(service, "v2/schema/dataflow/XX/DF"), "ObsType")
    deletion = attributes(schema(service, "v2/schema/dataflow/XX/DF?deletion=true"), "ObsType")
    assert whole["TIME_PERIOD"] == deletion["TIME_PERIOD"] == "required"
    assert deletion["OBS_VALUE"] == "optional"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "application/vnd.sdmx.schema+xml;version=3.1.0"),
        ("application/vnd.sdmx.schema+xml;version=3.0.0", "application/vnd.sdmx.schema+xml;version=3.0.0"),
        ("application/vnd.sdmx.schema+xml;version=2.1", "application/vnd.sdmx.schema+xml;version=2.1"),
        ("application/vnd.sdmx.schema+json;version=2.0.0", "406"),
    ],
)
def test_versions_of_schemas(service: Service, accept: str, answered: str) -> None:
    assert asked(service, "v2/schema/dataflow/XX/DF", accept)[0] == answered


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("v1/schema/dataflow/XX/NOPE", "404"),
        ("v1/schema/nothing/XX/DF", "400"),
        ("v1/schema/dataflow/XX", "400"),
        ("v1/schema/dataflow/XX/DF?dimensionAtObservation=NOPE", "400"),
        ("v2/schema/metadataflow/XX/MDF", "501"),
        ("v2/schema/dataflow/XX/DF?explicitMeasure=true", "400"),
    ],
)
def test_what_there_is_no_schema_of(service: Service, address: str, status: str) -> None:
    assert asked(service, address)[0] == status


def test_what_is_valid_as_structures(service: Service) -> None:
    """Only what says what is valid, lists with the codes and concepts that count in the context."""
    answered = in_one_line(artefacts_in(*asked(service, "v1/schema/dataflow/XX/DF", STRUCTURES)))
    assert answered == (
        "AgencyScheme:AGENCIES(1.0)[XX]… Codelist:CL_AREA(1.0.0)[GE,AM,AZ] Codelist:CL_FREQ(1.0.0)[A,Q] "
        "Codelist:CL_SEX(1.0.0)[F,M]… "
        "ConceptScheme:CS(1.0.0)[FREQ,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT,NOTE,TITLE]… "
        "DataStructure:DSD(1.0.0)"
    )
    metadata = in_one_line(artefacts_in(*asked(service, "v2/schema/metadataflow/XX/MDF", "application/json")))
    assert "MetadataStructure:MSD(1.0.0)" in metadata
