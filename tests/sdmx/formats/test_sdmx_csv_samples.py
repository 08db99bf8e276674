"""SDMX-CSV of others: published files survive a round trip."""

from __future__ import annotations

from pathlib import Path

import made
import pytest
from folders import SHARED
from made_flows import of_table

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all

DATA = SHARED
SAMPLES = sorted(path for folder in ("sdmx-csv-1.0", "sdmx-csv-2.0") for path in (DATA / folder).rglob("*.csv"))
COUNTS = {
    "ESTAT_SDG_08_30A_employment_by_citizenship": 1796,
    "ESTAT_country_population": 1093,
    "ESTAT_migrants_illegally_present": 2535,
    "ESTAT_migration_permits_issued": 387,
    "ESTAT_temporary_protection_beneficiaries_monthly": 1136,
    "ISTAT_29_849_acquisition_citizenship": 408,
    "OECD_DSD_MIG_INT_PER_ITA": 36,
    "OECD_DSD_MIG_inflows_total": 393,
    "example-13": 1,
    "example-19A": 0,
    "data_v2_two_actions": 2,
    "data_v2_structures": 3,
    "example-09A": 3,
    "csv_labels_both": 1,
    "csv_nulls_20": 4,
}
"""How many observations the samples have, where it is not two."""


@pytest.mark.skipif(not SAMPLES, reason="the samples are not here")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_published_files_come_back(path: Path) -> None:
    content = path.read_bytes()
    flows = of_table(content.decode())
    form = FORMATS["sdmx-csv-1.0" if content.startswith(b"DATAFLOW") else "sdmx-csv-2.0"]
    datasets = read_all(form, path.name, content, flows)
    assert sum(dataset.observations.height for dataset in datasets) == COUNTS.get(path.stem, 2)
    form = FORMATS["sdmx-csv-2.0"]
    again = read_all(form, path.name, data_bytes(form, datasets, made.HEADER), flows)
    assert len(again) == len(datasets)
    for dataset, other in zip(datasets, again, strict=True):
        assert dataset.observations.equals(other.observations)
        assert dataset.series.equals(other.series)
        assert dataset.attributes == other.attributes
        assert (dataset.action, dataset.refers_to) == (other.action, other.refers_to)


@pytest.mark.skipif(not SAMPLES, reason="the samples are not here")
def test_the_spoilt_sample_is_refused() -> None:
    path = DATA / "invalid" / "csv" / "data_v1_exception.csv"
    for name in ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"):
        with pytest.raises(InputError, match="The first column of") as refused:
            read_all(FORMATS[name], path.name, path.read_bytes(), {})
        assert str(refused.value.place) == "data_v1_exception.csv:1:1"


def test_labels_of_others_are_taken_off() -> None:
    """Some senders repeat the values of uncoded components as their names."""
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: f,REF_AREA: r,SEX: s,CTZ: c,TIME_PERIOD: t,OBS_VALUE: v,COMMENT_OBS: n"
    row = (
        "DATAFLOW,SDMXMIG:DF_POP(1.0.0-draft): Population: all,R,A: A,GE: Georgia,M: Men: x,FC: f,2020: 2020,1: 1,a: b"
    )
    (dataset,) = read_all(FORMATS["sdmx-csv-2.0"], "a.csv", f"{head}\n{row}\n".encode(), made.FLOWS)
    assert dataset.observations.rows() == [("A", "GE", "M", "FC", "2020", "1", None, "a: b")]
