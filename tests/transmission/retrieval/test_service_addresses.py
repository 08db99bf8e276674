"""Where agencies are asked is declared; the addresses are those that pysdmx and sdmx1, written by others, would ask."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest
from case_tables import text_from
from folders import write_files

from sdmxmig.catalogue.agencies import DATA, AnswerFormat, WebService, find_agency_service, read_services
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.transmission.retrieval.addresses import build_data_query, build_request, build_structure_query

SERVICES = read_services(list_search_path("structures"))
ORIGIN = 'status = "candidate"\nsource = "made up"\n'
NEW = text_from("transmission/cases/service_addresses_new.toml")


def plain(api: int) -> WebService:
    data, structures = (AnswerFormat("sdmx-ml-3.0"),), (AnswerFormat("sdmx-ml-3.0"),)
    return WebService(
        "XX", Text.of(en="X"), address="https://x.example/rest", api=api, data=data, structures=structures
    )


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_service_has_addresses_of_data_and_structures(service: WebService) -> None:
    known = {entry["id"]: entry for entry in json.loads(files("sdmx").joinpath("sources.json").read_bytes())}
    there = known[service.client]["url"].replace("http://", "https://").rstrip("/")
    assert service.address == there, "the address is that of sdmx1, as the source says"
    for form in service.data:
        assert FORMATS[form.format].read_data is not None
        question = build_request(build_data_query(service.id, "FLOW", "A.B+C."), service, form.format)
        assert question.address.startswith(f"{service.address}/data/FLOW/A.B+C.")
        assert question.accept.startswith("application/vnd.sdmx.")
    for form in service.structures:
        assert FORMATS[form.format].read_structures is not None


def test_quirks_of_services_are_respected() -> None:
    estat, oecd = SERVICES["ESTAT"], SERVICES["OECD"]
    assert build_request(
        build_data_query("ESTAT", "MIGR_POP1CTZ", "A.AT", start="2015"), estat, "sdmx-csv-1.0"
    ).address == (
        "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1/data/MIGR_POP1CTZ/A.AT?startPeriod=2015&format=SDMX-CSV"
    )
    assert build_request(build_data_query("OECD.ELS.IMD", "DSD_MIG@DF_MIG(1.0)", "FRA"), oecd).address == (
        "https://sdmx.oecd.org/public/rest/data/OECD.ELS.IMD,DSD_MIG@DF_MIG,1.0/FRA"
    )
    everything = build_request(build_structure_query("ESTAT", "dataflow/MIGR_POP1CTZ", references="all"), estat).address
    assert everything.endswith("/dataflow/ESTAT/MIGR_POP1CTZ/latest?references=none"), "Eurostat knows no more"
    with pytest.raises(SdmxmigError, match="not declared to answer"):
        build_request(build_structure_query("ILO", "hierarchicalcodelist/X"), SERVICES["ILO"])
    assert oecd.limits[DATA].count == 60


@pytest.mark.parametrize(("api", "version"), [(1, "V1_5_0"), (2, "V2_2_2")])
@pytest.mark.parametrize("key", ["", "A.GE..M", "A..."])
def test_addresses_of_the_rest_api_equal_those_of_pysdmx(api: int, version: str, key: str) -> None:
    from pysdmx.api.qb import ApiVersion
    from pysdmx.api.qb.data import DataContext, DataQuery
    from pysdmx.api.qb.structure import StructureQuery, StructureReference, StructureType

    in_their_words = ".".join(part or "*" for part in key.split(".")) if api == 2 else key or "*"
    theirs = DataQuery(DataContext.DATAFLOW, "XX", "DF", "1.0", in_their_words).get_url(getattr(ApiVersion, version))
    ours = unquote(build_request(build_data_query("XX", "DF(1.0)", key), plain(api)).address)
    assert ours.removeprefix("https://x.example/rest") == theirs.partition("?")[0]
    query = StructureQuery(StructureType.DATAFLOW, "XX", "DF", "1.0", references=StructureReference.DESCENDANTS)
    ours = build_request(build_structure_query("XX", "dataflow/DF/1.0", references="descendants"), plain(api)).address
    path, _, parameters = ours.removeprefix("https://x.example/rest").partition("?")
    assert query.get_url(getattr(ApiVersion, version)).partition("?")[0].startswith(path)
    assert parameters == "references=descendants"


def test_alternatives_and_periods_are_written_in_addresses() -> None:
    query = build_data_query("XX", "DF", "A.GE+AM.", start="2015", end="2020-Q2")
    assert build_request(query, plain(1)).address.endswith("/data/XX,DF/A.GE+AM.?startPeriod=2015&endPeriod=2020-Q2")
    address = unquote(build_request(query, plain(2)).address)
    assert address.endswith("/data/dataflow/XX/DF/~/A.GE.*,A.AM.*?c[TIME_PERIOD]=ge:2015+le:2020-Q2")
    many = "+".join(f"C{number}" for number in range(201))
    with pytest.raises(SdmxmigError, match="more than 200 keys"):
        build_request(build_data_query("XX", "DF", many), plain(2))


@pytest.mark.parametrize(
    ("agency", "flow", "key", "start"),
    [
        ("XX/..", "DF", "", ""),
        ("XX", "DF?x=1", "", ""),
        ("XX", "DF(1.0/..)", "", ""),
        ("XX", "DF", "A/../..", ""),
        ("XX", "DF", "A&x", ""),
        ("XX", "DF", "A.é", ""),
        ("XX", "DF", "A" * 5000, ""),
        ("XX", "DF", "", "lately"),
    ],
)
def test_requested_names_cannot_change_the_address(agency: str, flow: str, key: str, start: str) -> None:
    with pytest.raises(SdmxmigError):
        build_data_query(agency, flow, key, start=start)


@pytest.mark.parametrize("what", ["dataflows", "dataflow/A B", "dataflow/A/x", "../data"])
def test_name_without_structure_type_is_refused(what: str) -> None:
    with pytest.raises(SdmxmigError):
        build_structure_query("XX", what)


def test_one_new_file_adds_a_service(tmp_path: Path) -> None:
    write_files(tmp_path, {"services/XX.toml": NEW})
    services = read_services([tmp_path, *list_search_path("structures")])
    assert services.keys() == {*SERVICES, "XX"}
    serving = find_agency_service("XX", services.values())
    assert serving.address == "https://data.example.org/rest"
    below = find_agency_service("OECD.ELS.IMD", services.values())
    assert below.id == "OECD"
    assert find_agency_service("OECDX", services.values()) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("api = 2", "api = 3"),
        ('[[structures]]\nformat = "sdmx-ml-3.0"', ""),
        ("[[data]]", f'[[limit]]\nof = "data"\ncount = 0\nseconds = 1\n{ORIGIN}[[data]]'),
        ("[[data]]", f'[preparation]\nstate = "x"\nanswer = "{{id}}"\nevery = 1\n{ORIGIN}[[data]]'),
        ('status = "candidate"', 'status = "verified"'),
        ("api = 2", "api = 2\nport = 80"),
    ],
)  # fmt: skip
def test_invalid_declaration_is_refused(old: str, new: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"services/XX.toml": NEW.replace(old, new)})
    with pytest.raises(DeclarationError):
        read_services([tmp_path])
