"""SDMX messages of agencies become our dataflows without a question, and what has no counterpart is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.messages import CarriedMessage, carry_over
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.submission import Header, Party

OECD = "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)"
OECD_HEAD = (
    "DATAFLOW,REF_AREA,CITIZENSHIP,FREQ,MEASURE,SEX,BIRTH_PLACE,EDUCATION_LEV,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE"
)


def oecd(*rows: str, dataflow: str = OECD, head: str = OECD_HEAD) -> bytes:
    return "\n".join([head, *(f"{dataflow},{row}" for row in rows), ""]).encode()


INFLOW = "ITA,W,A,B11,_T,_Z,_Z,PS,2022,336495"
ALBANIANS = "ITA,ALB,A,B11,F,_Z,_Z,PS,2022,9120"
STOCK = "ITA,W,A,B15,_T,_Z,_Z,PS,2022,5030716"
WORKERS = "ITA,W,A,B21,_T,_Z,_Z,PS,2022,70000"


def carried(content: bytes, name: str = "data.csv") -> CarriedMessage:
    return carry_over(name, content, CATALOGUE)


def figures(dataset: Dataset, *components: str) -> set[tuple[str, ...]]:
    return set(dataset.observations.select(*components, "OBS_VALUE").rows())


def found(message: CarriedMessage) -> list[tuple[str, str]]:
    return [
        (finding.rule, dict(finding.parameters).get("subject", finding.observed)) for finding in message.findings.items
    ]


def test_each_measure_goes_to_its_dataflow_and_one_without_is_named() -> None:
    message = carried(oecd(INFLOW, ALBANIANS, STOCK, WORKERS))
    assert message.named == (OECD,)
    by_flow = {dataset.flow.id: dataset for dataset in message.datasets}
    assert by_flow.keys() == {"DF_OECD_B11", "DF_OECD_B15"}
    inflows = figures(by_flow["DF_OECD_B11"], "REF_AREA", "CTZ_STATUS", "C_CITIZEN", "SEX", "TIME_PERIOD")
    assert inflows == {("IT", "FC", "_T", "_T", "2022", "336495"), ("IT", "FC", "AL", "F", "2022", "9120")}
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "MEASURE B21")]


def test_what_the_message_does_not_state_is_unknown() -> None:
    (inflows,) = carried(oecd(INFLOW)).datasets
    assert {"RES_RULE": "_U", "DUR_BASIS": "_U"}.items() <= dict(inflows.attributes).items()


FORMS = [name for name in FORMATS if FORMATS[name].write_data and FORMATS[name].read_data]


@pytest.mark.parametrize("form", FORMS)
def test_message_reads_the_same_in_every_format(form: str) -> None:
    own = oecd(INFLOW, ALBANIANS)
    published = read_all(FORMATS["sdmx-csv-1.0"], "data.csv", own, CATALOGUE.flows)
    content = data_bytes(FORMATS[form], published, Header("M", "2026-01-01T00:00:00", sender=Party("OECD")))
    (dataset,) = carried(content, f"data{FORMATS[form].suffix}").datasets
    (expected,) = carried(own).datasets
    key = expected.flow.structure.key
    assert (dataset.flow.id, figures(dataset, *key)) == ("DF_OECD_B11", figures(expected, *key))


@pytest.mark.parametrize(
    "dataflow", ["OECD.ELS.IMD:DSD_MIG@DF_MIG(2.3)", "OECD.ELS.IMD:DSD_MIG@DF_MIG$DV_7(1.0)", OECD]
)
def test_version_and_saved_view_do_not_change_the_dataflow(dataflow: str) -> None:
    assert [dataset.flow.id for dataset in carried(oecd(INFLOW, dataflow=dataflow)).datasets] == ["DF_OECD_B11"]


def test_order_of_columns_does_not_matter() -> None:
    head = "DATAFLOW,OBS_STATUS,TIME_PERIOD,OBS_VALUE,SEX,MEASURE,FREQ,UNIT_MEASURE,CITIZENSHIP,REF_AREA"
    (dataset,) = carried(oecd("A,2022,9120,F,B11,A,PS,ALB,ITA", head=head)).datasets
    assert figures(dataset, "REF_AREA", "C_CITIZEN", "SEX") == {("IT", "AL", "F", "9120")}


def test_unknown_dimension_that_limits_the_figures_stops_them() -> None:
    head = f"{OECD_HEAD.replace(',SEX', ',SEX,REGION')}"
    message = carried(oecd("ITA,W,A,B11,_T,ITC4,_Z,_Z,PS,2022,90000", head=head))
    assert message.datasets == ()
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "REGION ITC4")]


def test_unknown_dimension_at_its_total_changes_nothing() -> None:
    head = f"{OECD_HEAD.replace(',SEX', ',SEX,REGION')}"
    message = carried(oecd("ITA,W,A,B11,_T,_T,_Z,_Z,PS,2022,336495", head=head))
    assert [dataset.observations.height for dataset in message.datasets] == [1]


def test_missing_dimension_stops_the_figures_and_is_named() -> None:
    head = OECD_HEAD.replace(",CITIZENSHIP", "")
    message = carried(oecd("ITA,A,B11,_T,_Z,_Z,PS,2022,336495", head=head))
    assert message.datasets == ()
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "CITIZENSHIP")]


def test_code_without_counterpart_leaves_out_its_figures_alone() -> None:
    message = carried(oecd(INFLOW, "ITA,ATLANTIS,A,B11,_T,_Z,_Z,PS,2022,5"))
    assert [dataset.observations.height for dataset in message.datasets] == [1]
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "CITIZENSHIP ATLANTIS")]


def test_different_figures_of_one_key_are_both_left_out() -> None:
    message = carried(oecd(INFLOW, INFLOW.replace("336495", "5"), ALBANIANS))
    assert [figures(dataset, "C_CITIZEN") for dataset in message.datasets] == [{("AL", "9120")}]


def test_dataflow_without_counterpart_is_named() -> None:
    message = carried(oecd("ITA,1", dataflow="OECD.SDD:DF_PRICES(1.0)", head="DATAFLOW,REF_AREA,OBS_VALUE"))
    assert message.datasets == ()
    assert found(message) == [(RuleId.NO_COUNTERPART, "OECD.SDD:DF_PRICES(1.0)")]


def test_message_of_our_own_dataflow_stays_as_it_is() -> None:
    (ours,) = carried(oecd(INFLOW, ALBANIANS)).datasets
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [ours], Header("M", "2026-01-01T00:00:00", sender=Party("IT1")))
    (again,) = carried(content).datasets
    assert again.flow.id == "DF_OECD_B11"
    assert again.observations.select(ours.observations.columns).equals(ours.observations)


def test_map_and_start_ask_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inflows.csv.gz").write_bytes(gzip.compress(oecd(INFLOW, ALBANIANS)))
    assert run(["map", "inflows.csv.gz"]) == 0
    assert "336,495" in capfd.readouterr().err
    assert run(["start", "inflows.csv.gz", "italy"]) in {0, 1}  # 1: there are findings
    assert not list(Path("italy").glob("mappings/*"))
    (dataset,) = read_all(
        FORMATS["sdmx-csv-2.0"], *read_message(Path("italy/out/data/DF_OECD_B11.csv")), CATALOGUE.flows
    )
    assert figures(dataset, "C_CITIZEN") == {("_T", "336495"), ("AL", "9120")}
    assert 'area = "IT"' in Path("italy/country.toml").read_text(encoding="utf-8")


def test_map_names_the_dataflow_that_has_no_counterpart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prices.csv").write_bytes(
        oecd("ITA,1", dataflow="OECD.SDD:DF_PRICES(1.0)", head="DATAFLOW,REF_AREA,OBS_VALUE")
    )
    assert run(["map", "prices.csv"]) == 1
    assert "OECD.SDD:DF_PRICES(1.0)" in capfd.readouterr().err
