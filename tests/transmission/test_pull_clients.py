"""Foreign clients use the service like any other: pysdmx with both APIs, sdmx1 with API 1.x."""

from __future__ import annotations

import threading
import urllib.request
import warnings
from collections.abc import Iterator

import pytest
from live_service import live
from small_service import small_holdings


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    bugs: list[BaseException] = []
    with live(small_holdings, bugs) as address:
        yield address
    assert not bugs


def test_pysdmx_registry_client_reads_the_service(address: str) -> None:
    from pysdmx.api.fmr import RegistryClient
    from pysdmx.errors import NotFound

    client = RegistryClient(f"{address}/v2")
    assert [code.id for code in client.get_codes("XX", "CL_SEX", "1.0.0")] == ["_T", "F", "M"]
    assert [code.name for code in client.get_codes("XX", "CL_FREQ")] == ["Item A", "Item Q"]
    assert [agency.id for agency in client.get_agencies("SDMX")] == ["XX", "YY"]
    assert [provider.id for provider in client.get_providers("XX")] == ["OFFICE", "OTHER"]
    assert "OBS_VALUE" in [concept.id for concept in client.get_concepts("XX", "CS")]
    assert [flow.id for flow in client.get_dataflows("XX", "DF")] == ["DF"]
    schema = client.get_schema("dataflow", "XX", "DF", "1.0.0")
    assert [each.id for each in schema.components.dimensions] == ["FREQ", "REF_AREA", "SEX", "TIME_PERIOD"]
    assert [code.id for code in schema.components["SEX"].local_codes] == ["F", "M"]
    assert client.get_report("XX", "MS").name == "Quality"
    assert client.get_hierarchy("XX", "H").id == "H"
    with pytest.raises(NotFound):
        client.get_codes("XX", "NOPE")


@pytest.mark.parametrize("version", ["V1_5_0", "V2_0_0", "V2_1_0", "V2_2_2"])
def test_addresses_built_by_pysdmx_are_answered(address: str, version: str) -> None:
    from pysdmx.api.dc.query import Operator, TextFilter
    from pysdmx.api.qb import ApiVersion
    from pysdmx.api.qb.availability import AvailabilityQuery
    from pysdmx.api.qb.data import DataContext, DataQuery
    from pysdmx.api.qb.schema import SchemaContext, SchemaQuery
    from pysdmx.api.qb.service import RestService
    from pysdmx.api.qb.structure import StructureQuery, StructureReference, StructureType

    api = getattr(ApiVersion, version)
    service = RestService(f"{address}/{'v1' if version.startswith('V1') else 'v2'}", api)
    structures = StructureQuery(StructureType.DATAFLOW, "XX", "DF", references=StructureReference.DESCENDANTS)
    assert b"CL_SEX" in service.structure(structures)
    assert b"9.5" in service.data(DataQuery(DataContext.DATAFLOW, "XX", "DF", key="A.GE.M"))
    assert b"Persons" in service.data(DataQuery(DataContext.DATAFLOW, "XX", "DF", last_n_obs=1))
    assert b'"SEX"' in service.availability(AvailabilityQuery(DataContext.DATAFLOW, "XX", "DF"))
    assert b"CL_SEX" in service.schema(SchemaQuery(SchemaContext.DATAFLOW, "XX", "DF", "1.0.0"))
    if version.startswith("V2"):
        filtered = DataQuery(DataContext.DATAFLOW, "XX", "DF", components=TextFilter("SEX", Operator.EQUALS, "M"))  # type: ignore[arg-type]
        assert b"9.5" in service.data(filtered)


def test_sdmx1_client_reads_the_service(address: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import sdmx

        supports = {"availableconstraint": True}
        sdmx.add_source({"id": "XX", "name": "small", "url": f"{address}/v1", "supports": supports}, override=True)
        client = sdmx.Client("XX")
        flows = client.dataflow("DF")
        assert str(flows.dataflow["DF"].name.localized_default("en")) == "Flow"
        assert list(client.codelist("CL_FREQ").codelist["CL_FREQ"]) == ["A", "Q"]
        assert len(client.codelist(params={"detail": "allstubs"}).codelist) == 3
        structure = client.datastructure("DSD", params={"references": "children"}).structure["DSD"]
        assert [each.id for each in structure.dimensions] == ["FREQ", "REF_AREA", "SEX", "TIME_PERIOD"]
        table = sdmx.to_pandas(client.data("DF", key={"SEX": "M"}, params={"startPeriod": "2021"}))
        assert table.to_dict() == {("A", "GE", "M", "2021"): 8.0}
        assert client.availableconstraint("DF").constraint
        assert client.categoryscheme("CAS").category_scheme["CAS"]


def test_fifty_concurrent_clients_get_equal_answers(address: str) -> None:
    """Each gets the whole answer, and all get the same one."""
    questions = [
        "v1/data/DF",
        "v2/data/dataflow/XX/DF",
        "v1/structure/XX?references=all",
        "v2/availability/dataflow/XX/DF",
    ]
    answers: dict[str, set[bytes]] = {question: set() for question in questions}
    faults: list[BaseException] = []

    def ask(number: int) -> None:
        question = questions[number % len(questions)]
        try:
            with urllib.request.urlopen(f"{address}/{question}", timeout=60) as answer:  # noqa: S310 - our own
                answers[question].add(answer.read())
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert [len(each) for each in answers.values()] == [1, 1, 1, 1]
