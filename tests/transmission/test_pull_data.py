"""Questions for data: which observations answer them, with which attributes, in which layout and representation."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from case_tables import as_set, cases_from, optional
from small_service import (
    CSV,
    DF,
    FIRST,
    ROWS_1,
    asked,
    cases,
    dataset,
    datasets_in,
    rows_in,
    small_holdings,
)

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.transmission.pull.holdings import Holdings, Release
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.pull.service import Service
from sdmxmig.transmission.pull.storage import store

ML_31, ML_21 = (
    "application/vnd.sdmx.data+xml;version=3.1.0",
    "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
)


@pytest.mark.parametrize(("address", "expected"), cases("data_cases.csv"))
def test_data_queries_return_the_expected_rows(service: Service, address: str, expected: str) -> None:
    media_type, content = asked(service, address, CSV)
    assert (rows_in(content) if "csv" in media_type else media_type) == expected


@pytest.mark.parametrize(
    ("api", "media_type", "form"),
    [
        (api, f"{offer.media_type};version={offer.version}", offer.format)
        for (api, kind), offers in OFFERS.items()
        if kind == "data"
        for offer in offers
    ],
)
def test_every_representation_is_valid_and_equivalent(service: Service, api: int, media_type: str, form: str) -> None:
    address = "v1/data/DF" if api == 1 else "v2/data/dataflow/XX/DF"
    answered, content = asked(service, address, media_type)
    assert answered == media_type
    read = datasets_in(form, content)
    values = {tuple(row[:5]) for each in read for row in each.observations.select(COLUMNS).rows()}
    assert values == {
        ("A", "GE", "F", "2019", "10"),
        ("A", "GE", "F", "2020", "12"),
        ("A", "GE", "M", "2020", "9.5"),
        ("A", "GE", "M", "2021", "8"),
        ("Q", "GE", "F", "2020-Q1", "3"),
    }


COLUMNS = ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE")


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("generictimeseriesdata", b"<mes:GenericTimeSeriesData "),
        ("structurespecifictimeseriesdata", b"<mes:StructureSpecificTimeSeriesData "),
        ("genericdata", b"<mes:GenericData "),
    ],
)
def test_time_series_messages_have_their_own_root_element(service: Service, name: str, root: bytes) -> None:
    accept = f"application/vnd.sdmx.{name}+xml;version=2.1"
    _, content = asked(service, "v1/data/DF", accept)
    assert root in content
    status = asked(service, "v1/data/DF?dimensionAtObservation=AllDimensions", accept)[0]
    assert status == ("406" if "timeseries" in name else accept)


@cases_from(
    "transmission/cases/details_of_data.csv",
    unit=optional,
    status=optional,
    note=optional,
    title=optional,
    observations=int,
)
def test_detail_parameter_limits_data(
    service: Service,
    query: str,
    unit: str | None,
    status: str | None,
    note: str | None,
    title: str | None,
    observations: int,
) -> None:
    _, content = asked(service, f"v1/data/DF?{query}", ML_21)
    (read,) = datasets_in("sdmx-ml-2.1", content)
    assert read.observations.height == observations
    assert read.series.height == 3 or observations
    assert first(read.series, "UNIT") == unit
    assert first(read.observations, "OBS_STATUS") == status
    assert first(read.partial.get(("REF_AREA",), pl.DataFrame()), "NOTE") == note
    assert read.attributes.get("TITLE") == title


@cases_from("transmission/cases/attributes_that_are_asked_for.csv", expected=as_set)
def test_only_requested_attributes_are_returned(service: Service, query: str, expected: set[str]) -> None:
    _, content = asked(service, f"v2/data/dataflow/XX/DF?{query}", ML_31)
    (read,) = datasets_in("sdmx-ml-3.1", content)
    frames = [read.observations, read.series, *read.partial.values()]
    there = {name for frame in frames for name in frame.columns if frame[name].null_count() < frame.height}
    assert there & {"OBS_STATUS", "UNIT", "NOTE", "TITLE"} | read.attributes.keys() == expected


def first(frame: pl.DataFrame, name: str) -> str | None:
    """The first value of a column; None where there is no such column or no value."""
    return frame.get_column(name).drop_nulls().first() if name in frame.columns else None  # type: ignore[return-value]


def test_history_states_the_validity_of_each_release(service: Service) -> None:
    _, content = asked(service, "v1/data/DF?includeHistory=true", ML_21)
    told = [
        (
            each.action,
            each.observations.height,
            each.properties.get("validFromDate"),
            each.properties.get("validToDate"),
        )
        for each in datasets_in("sdmx-ml-2.1", content)
    ]
    assert told == [
        ("R", 5, "2024-01-01T00:00:00Z", None),
        ("R", 2, "2025-01-01T00:00:00Z", None),
        ("D", 1, None, "2025-01-01T00:00:00Z"),
    ]


def test_data_refer_to_the_requested_artefact(service: Service) -> None:
    """Dataflow, structure or agreement: the context of the question is that of the answer."""
    for address, name in [
        ("v2/data/dataflow/XX/DF", "Dataflow=XX:DF(1.0.0)"),
        ("v2/data/datastructure/XX/DSD", "DataStructure=XX:DSD(1.0.0)"),
        ("v2/data/provisionagreement/XX/PA", "ProvisionAgreement=XX:PA(1.0.0)"),
        ("v1/data/DF/all/OFFICE", "Dataflow=XX:DF(1.0.0)"),
    ]:
        _, content = asked(service, address, ML_31)
        assert f"{name}</com:" in content.decode() or f"{name}</" in content.decode()


@pytest.mark.parametrize("level", ["observation", "series", "dataset"])
def test_confidential_observations_are_not_served(tmp_path: Path, level: str) -> None:
    """Wherever confidentiality is declared, neither the figure nor its existence is disclosed."""
    data = confidential_data(level)
    shown = store([data], tmp_path, "shown")
    everything = store([data], tmp_path, "everything", with_confidential=True)
    assert everything.count == 5
    assert (shown.count, shown.withheld) == {"observation": (4, 1), "series": (3, 2), "dataset": (0, 5)}[level]
    assert "10" not in shown.scan().collect().get_column("OBS_VALUE").to_list()


def test_attributes_of_confidential_series_are_left_out(tmp_path: Path) -> None:
    """The notes on a group stay away with the last of its observations; those on the other groups remain."""
    data = confidential_data("observation")
    areas = data.observations.get_column("REF_AREA")
    confidential = pl.Series(["C" if area == areas[0] else "F" for area in areas])
    kept_back = replace(data, observations=data.observations.with_columns(CONF_STATUS=confidential))
    stored = store([kept_back], tmp_path, "shown")
    assert 0 < stored.count < areas.len()
    for frame in (stored.series, *stored.partial.values()):
        assert frame.height > 0
        assert areas[0] not in frame.get_column("REF_AREA").to_list()


def confidential_data(level: str) -> Dataset:
    """Data of which the first observation, its series, or all are confidential."""
    from small_service import STRUCTURE, concept, small_flow

    from sdmxmig.sdmx.model.data_structures import Component

    status = Component(
        "CONF_STATUS", "attribute", concept=concept("NOTE"), data_type="String", mandatory=False, attachment=level
    )
    flow = replace(small_flow(), structure=replace(STRUCTURE, components=(*STRUCTURE.components, status)))
    data = dataset(ROWS_1)
    if level == "observation":
        return replace(
            data, flow=flow, observations=data.observations.with_columns(CONF_STATUS=mark(data.observations))
        )
    if level == "series":
        return replace(data, flow=flow, series=data.series.with_columns(CONF_STATUS=mark(data.series)))
    return replace(data, flow=flow, attributes={"CONF_STATUS": "C"})


def mark(frame: pl.DataFrame) -> pl.Series:
    """The status of confidential figures for the first row, that of free ones for the others."""
    return pl.Series(["C", *["F"] * (frame.height - 1)])


def test_data_in_blocks_are_stored_as_one_dataset(tmp_path: Path) -> None:
    first_block, second = dataset(ROWS_1[:2]), dataset(ROWS_1[2:], continues=True)
    stored = store([first_block, second], tmp_path, "blocks")
    assert stored.count == 5
    assert stored.series.height == 4
    assert stored.scan().collect().get_column("OBS_VALUE").to_list() == ["10", "11", "9.5", "5", "3"]


def test_large_data_are_streamed(tmp_path: Path) -> None:
    """Every option gives the same rows for one piece and for many."""
    from sdmxmig.transmission.pull import storage

    years = [("A", "GE", "F", f"{1700 + n}", f"{n}", "A") for n in range(300)]
    whole = small_holdings(tmp_path)
    data = store([dataset(years)], tmp_path, "many")
    assert data is not None
    service = Service(
        Holdings(
            collection=whole.collection,
            releases={DF: (Release(id="R", prepared=FIRST, data=data),)},
            sender=whole.sender,
        ),
        tmp_path,
    )
    queries = (
        "",
        "?limit=70&offset=30",
        "?c[OBS_VALUE]=ge:250",
        "?lastNObservations=7",
        "?sort=TIME_PERIOD:desc&limit=9",
    )
    at_once = [rows_in(asked(service, f"v2/data/dataflow/XX/DF{query}", CSV)[1]) for query in queries]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storage, "ROWS_PER_PIECE", 11)
        in_pieces = [rows_in(asked(service, f"v2/data/dataflow/XX/DF{query}", CSV)[1]) for query in queries]
    assert in_pieces == at_once
    assert [text.count("R:") for text in at_once] == [300, 70, 50, 7, 9]


@pytest.mark.parametrize("form", ["sdmx-csv-2.1", "sdmx-ml-3.0", "sdmx-ml-2.1-generic"])
def test_uniform_blocks_are_written_before_the_last_arrives(form: str) -> None:
    """The header of a message is out before its second block is asked for: so it can be sent while it is written."""
    import io

    from sdmxmig.sdmx.formats import Layout, UniformBlocks
    from sdmxmig.sdmx.model.submission import Header, Party

    out = io.BytesIO()
    lengths: list[int] = []

    def blocks() -> object:
        yield dataset(ROWS_1[:2])
        lengths.append(len(out.getvalue()))
        yield dataset(ROWS_1[2:], continues=True, partial={})

    write = FORMATS[form].write_data
    write(UniformBlocks(blocks()), Header("X", "2026-01-01T00:00:00Z", sender=Party("X")), out, Layout())  # type: ignore[arg-type]
    assert lengths[0] > 0
    assert sum(each.observations.height for each in datasets_in(form, out.getvalue())) == 5


def test_streamed_json_equals_unstreamed_json(tmp_path: Path) -> None:
    """Its values are known beforehand and come first: a streamed message equals a buffered one."""
    from dataclasses import replace as replaced

    from sdmxmig.transmission.pull import data, storage

    years = [("A", area, "F", f"{1700 + n}", f"{n}", None) for area in ("GE", "AM") for n in range(40)]
    whole = small_holdings(tmp_path)
    stored = store([dataset(years)], tmp_path, "many")
    assert (stored.listed["REF_AREA"], len(stored.listed["TIME_PERIOD"])) == (["AM", "GE"], 40)

    def answered(served: object) -> bytes:
        release = Release(id="R", prepared=FIRST, data=served)  # type: ignore[arg-type]
        service = Service(
            Holdings(collection=whole.collection, releases={DF: (release,)}, sender=whole.sender), tmp_path
        )
        return asked(service, "v2/data/dataflow/XX/DF")[1]

    with pytest.MonkeyPatch.context() as patched:
        for module in (storage, data):
            patched.setattr(module, "ROWS_PER_PIECE", 7)
        at_once, waiting = answered(stored), answered(replaced(stored, listed=None))
    (first_read,), (second,) = (datasets_in("sdmx-json-2.1", content) for content in (at_once, waiting))
    assert first_read.observations.equals(second.observations)
    assert first_read.observations.height == 80
    assert first_read.series.sort("REF_AREA").equals(second.series.sort("REF_AREA"))
    assert first_read.attributes == second.attributes


@pytest.mark.parametrize("detail", ["serieskeysonly", "nodata"])
def test_series_without_data_survive_csv_1_0(service: Service, detail: str) -> None:
    _, content = asked(service, f"v1/data/DF?detail={detail}", "application/vnd.sdmx.data+csv;version=1.0.0")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    keys = [(row["FREQ"], row["REF_AREA"], row["SEX"], row.get("TIME_PERIOD"), row.get("OBS_VALUE")) for row in rows]
    assert [key[:3] for key in keys] == [("A", "GE", "F"), ("A", "GE", "M"), ("Q", "GE", "F")]
    assert not any(key[3] or key[4] for key in keys)
    (read,) = datasets_in("sdmx-csv-1.0", content)
    assert (read.series.height, read.observations.height) == (3, 0)


@pytest.mark.parametrize("query", ["lastNObservations=2", "firstNObservations=2", "detail=dataonly"])
def test_observations_of_a_series_are_in_time_order(tmp_path: Path, query: str) -> None:
    shuffled = [ROWS_1[1], ROWS_1[0], *ROWS_1[2:]]
    holdings = replace(small_holdings(tmp_path), releases={})
    release = Release(id="r1", prepared=FIRST, data=store([dataset(shuffled)], tmp_path, "shuffled"))
    service = Service(replace(holdings, releases={DF: [release]}), tmp_path)
    _, content = asked(service, f"v1/data/DF/A.GE.F?{query}", ML_21)
    (read,) = datasets_in("sdmx-ml-2.1", content)
    assert read.observations["TIME_PERIOD"].to_list() == ["2019", "2020"]
