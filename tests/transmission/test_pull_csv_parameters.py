"""Options of SDMX-CSV beside labels: columns that repeat keys, and periods as days."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from small_service import CSV, DF, FIRST, ROWS_2, STRUCTURE, asked, dataset, datasets_in, small_holdings

from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.transmission.pull.holdings import Release
from sdmxmig.transmission.pull.service import Service
from sdmxmig.transmission.pull.storage import store

ADDRESS = "v2/data/dataflow/XX/DF/~/*.GE.F"


def table(content: bytes, *names: str) -> list[tuple[str, ...]]:
    """Some columns of the rows that name a period."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    return [tuple(row[name] for name in names) for row in rows if row["TIME_PERIOD"]]


@pytest.mark.parametrize(
    ("keys", "columns"),
    [("none", []), ("series", ["SERIES_KEY"]), ("obs", ["OBS_KEY"]), ("both", ["SERIES_KEY", "OBS_KEY"])],
)
def test_key_columns_follow_the_action(service: Service, keys: str, columns: list[str]) -> None:
    _, content = asked(service, ADDRESS, f"{CSV};keys={keys}")
    expected = {
        "SERIES_KEY": ["A.GE.F", "A.GE.F", "Q.GE.F"],
        "OBS_KEY": ["A.GE.F.2019", "A.GE.F.2020", "Q.GE.F.2020-Q1"],
    }
    assert content.decode().splitlines()[0].split(",")[3:-9] == columns
    for name in columns:
        assert [row[0] for row in table(content, name)] == expected[name]
    (read,) = datasets_in("sdmx-csv-2.0", content)
    assert read.observations.height == 3, "columns of keys say nothing that is not said elsewhere"


def test_flat_observations_have_no_series_key(service: Service) -> None:
    _, content = asked(service, f"{ADDRESS}?dimensionAtObservation=AllDimensions", f"{CSV};keys=both")
    assert table(content, "SERIES_KEY", "OBS_KEY")[0] == ("", "A.GE.F.2019")
    _, content = asked(service, f"{ADDRESS}?dimensionAtObservation=SEX", f"{CSV};keys=series")
    assert table(content, "SERIES_KEY")[0] == ("A.GE.2019",)


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "2.1.0"])
def test_normalised_times_are_first_days_of_periods(service: Service, version: str) -> None:
    accept = f"application/vnd.sdmx.data+csv;version={version};timeFormat=normalized"
    media_type, content = asked(service, ADDRESS, accept)
    assert media_type == accept
    assert table(content, "FREQ", "TIME_PERIOD") == [("A", "2019-01-01"), ("A", "2020-01-01"), ("Q", "2020-01-01")]


def test_periods_with_equal_first_days_are_not_normalised(tmp_path: Path) -> None:
    """Without a frequency in the key a year and its first quarter would be the same."""
    components = tuple(each for each in STRUCTURE.components if each.id != "FREQ")
    base = dataset(ROWS_2)
    without = replace(
        base,
        flow=replace(base.flow, structure=replace(STRUCTURE, components=components)),
        observations=base.observations.drop("FREQ").unique(["REF_AREA", "SEX", "TIME_PERIOD"], maintain_order=True),
        series=base.series.drop("FREQ").unique(maintain_order=True),
    )
    data = store([without], tmp_path, "R1")
    assert data is not None
    holdings = replace(small_holdings(tmp_path), releases={DF: (Release(id="R1", prepared=FIRST, data=data),)})
    service = Service(holdings, tmp_path)
    status, reason = asked(service, "v2/data/dataflow/XX/DF", f"{CSV};timeFormat=normalized")
    assert status == "406"
    assert b"2020 and 2020-Q1 of DF begin on the same day" in reason
    assert asked(service, "v2/data/dataflow/XX/DF", f"{CSV};timeFormat=original")[0] == CSV


def example() -> Dataset:
    """The observations of the examples in the field guide of SDMX-CSV."""
    structure = DataStructure(
        Ref("DataStructure", "ESTAT", id="NA", version="1.6.0"),
        Text.of(en="NA"),
        components=(
            *(Component(f"DIM_{number}", "dimension", concept=CONCEPT) for number in (1, 2)),
            Component("DIM_3", "time", concept=CONCEPT),
            Component("OBS_VALUE", "measure", concept=CONCEPT),
            Component("ATTR_3", "attribute", concept=CONCEPT, attachment="observation"),
        ),
    )
    ref = Ref("Dataflow", "ESTAT", id="NA_MAIN", version="1.6.0")
    flow = Flow(
        Dataflow(ref, Text.of(en="National Accounts Main Aggregates"), structure=structure.ref),
        structure,
        codelists={},
        concepts={},
    )
    rows = [("A", "B", "2014-01", "12.4", "N"), ("A", "B", "2014-02", "10.8", "Y")]
    names = [component.id for component in structure.components]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Dataset(flow, frame, series=pl.DataFrame(), attributes={}, origins=build_origins(), action="I")


CONCEPT = Ref("Concept", "ESTAT", id="CS", version="1.0.0", item="X")
HEADER = Header("M", "2024-01-01T00:00:00Z", sender=Party("XX", Text.of(en="An office")))


def test_examples_of_the_field_guide_are_reproduced() -> None:
    """Its example of both keys, and that of normalised times, with its own codes (DIM_3 is the time)."""
    layout = Layout("DIM_3", keys="both", times="normalized")
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [example()], HEADER, layout).decode()
    assert content.splitlines() == [
        "STRUCTURE,STRUCTURE_ID,ACTION,SERIES_KEY,OBS_KEY,DIM_1,DIM_2,DIM_3,OBS_VALUE,ATTR_3",
        "dataflow,ESTAT:NA_MAIN(1.6.0),I,A.B,A.B.2014-01,A,B,2014-01-01,12.4,N",
        "dataflow,ESTAT:NA_MAIN(1.6.0),I,A.B,A.B.2014-02,A,B,2014-02-01,10.8,Y",
    ]


def test_pysdmx_reads_data_with_keys_and_days(service: Service) -> None:
    from pysdmx.io import read_sdmx

    _, content = asked(service, ADDRESS, f"{CSV};keys=both;timeFormat=normalized")
    (read,) = read_sdmx(content.decode(), validate=False).data
    assert [str(time) for time in read.data["TIME_PERIOD"]][:3] == ["2019-01-01", "2020-01-01", "2020-01-01"]
    assert {"SERIES_KEY", "OBS_KEY"}.isdisjoint(read.data.columns), "they are no components"
