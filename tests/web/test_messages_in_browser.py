"""SDMX messages in the workbench: their figures are shown without questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_validation import workspace
from workbenches import visitor, workbench

from sdmxmig.web.workbench import Workbench

MESSAGE = """DATAFLOW,REF_AREA,CITIZENSHIP,FREQ,MEASURE,SEX,BIRTH_PLACE,EDUCATION_LEV,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE
OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),ITA,W,A,B11,_T,_Z,_Z,PS,2022,336495
OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),ITA,W,A,B21,_T,_Z,_Z,PS,2022,70000
"""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws")
    (folder / "tables" / "oecd.csv").write_text(MESSAGE)
    return workbench(folder)


def test_message_is_shown_without_asking_for_a_dataflow(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/mapping.json", params={"file": "oecd.csv"}).json()
    assert (facts["choose"], facts["proposal"]) == (None, None)
    assert [(dataset["flow"], dataset["observations"]) for dataset in facts["message"]["datasets"]] == [
        ("DF_OECD_B11", 1)
    ]
    assert "B21" in facts["message"]["left_out"][0]
    assert "336,495" in client.get("/mapping", params={"file": "oecd.csv"}).text


def test_message_is_listed_without_a_mapping_step(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/mapping.json").json()
    assert [file["name"] for file in facts["tables"] if file["is_message"]] == ["oecd.csv"]
    assert facts["left"] is None or facts["left"]["file"] != "oecd.csv"
    assert "oecd.csv" not in client.get("/home.json").json()["unmapped"]
