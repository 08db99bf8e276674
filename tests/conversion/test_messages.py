"""SDMX messages of agencies become our dataflows without a question, and what has no counterpart is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from console import Console
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.messages import ConvertedMessage, carry_over, detect_message
from sdmxmig.conversion.tables import read
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.frames import join_attributes
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


def carried(content: bytes, name: str = "data.csv") -> ConvertedMessage:
    return carry_over(name, content, CATALOGUE)


def figures(dataset: Dataset, *components: str) -> set[tuple[str | None, ...]]:
    return set(dataset.observations.select(*components, "OBS_VALUE").rows())


def found(message: ConvertedMessage) -> list[tuple[str, str]]:
    return [
        (finding.rule, dict(finding.parameters).get("subject", finding.observed)) for finding in message.findings.items
    ]


def test_each_measure_is_sent_to_its_dataflow() -> None:
    message = carried(oecd(INFLOW, ALBANIANS, STOCK, WORKERS))
    assert message.named == (OECD,)
    by_flow = {dataset.flow.id: dataset for dataset in message.datasets}
    assert by_flow.keys() == {"DF_OECD_B11", "DF_OECD_B15"}
    inflows = figures(by_flow["DF_OECD_B11"], "REF_AREA", "CTZ_STATUS", "C_CITIZEN", "SEX", "TIME_PERIOD")
    assert inflows == {("IT", "FC", "_T", "_T", "2022", "336495"), ("IT", "FC", "AL", "F", "2022", "9120")}
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "MEASURE B21")]


def test_attributes_missing_from_the_message_are_unknown() -> None:
    (inflows,) = carried(oecd(INFLOW)).datasets
    assert inflows.series.select("RES_RULE", "DUR_BASIS").unique().rows() == [("_U", "_U")]


EUROSTAT = "freq,citizen,agedef,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"


@pytest.mark.parametrize("missing", ["", "NaN"])
@pytest.mark.parametrize("others", [(), ("2020,5,p", "2019,5,")])
def test_missing_value_without_a_flag_is_marked_as_missing(missing: str, others: tuple[str, ...]) -> None:
    rows = [f"ESTAT:MIGR_IMM1CTZ(1.0),A,TOTAL,COMPLET,TOTAL,NR,T,GE,{row}" for row in (f"2021,{missing},", *others)]
    content = "\n".join([f"DATAFLOW,{EUROSTAT}", *rows, ""]).encode()
    for form in ("sdmx-csv-1.0", "sdmx-ml-2.1", "sdmx-ml-2.1-generic"):
        own = read_all(FORMATS["sdmx-csv-1.0"], "data.csv", content, CATALOGUE.flows)
        message = data_bytes(FORMATS[form], own, Header("M", "2026-01-01T00:00:00", sender=Party("ESTAT")))
        (dataset,) = carried(message, f"data{FORMATS[form].suffix}").datasets
        statuses = dict(dataset.observations.select("TIME_PERIOD", "OBS_STATUS").rows())
        assert statuses == {"2021": "O"} | ({"2020": "P", "2019": "A"} if others else {})


FORMS = [name for name in FORMATS if FORMATS[name].write_data and FORMATS[name].read_data]


@pytest.mark.parametrize("form", FORMS)
def test_message_is_parsed_alike_in_every_format(form: str) -> None:
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


def test_unknown_limiting_dimension_blocks_the_figures() -> None:
    head = f"{OECD_HEAD.replace(',SEX', ',SEX,REGION')}"
    message = carried(oecd("ITA,W,A,B11,_T,ITC4,_Z,_Z,PS,2022,90000", head=head))
    assert message.datasets == ()
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "REGION ITC4")]


def test_unknown_dimension_at_its_total_is_ignored() -> None:
    head = f"{OECD_HEAD.replace(',SEX', ',SEX,REGION')}"
    message = carried(oecd("ITA,W,A,B11,_T,_T,_Z,_Z,PS,2022,336495", head=head))
    assert [dataset.observations.height for dataset in message.datasets] == [1]


def test_missing_dimension_blocks_the_figures_and_is_named() -> None:
    head = OECD_HEAD.replace(",CITIZENSHIP", "")
    message = carried(oecd("ITA,A,B11,_T,_Z,_Z,PS,2022,336495", head=head))
    assert message.datasets == ()
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "CITIZENSHIP")]


def test_code_without_counterpart_omits_only_its_figures() -> None:
    message = carried(oecd(INFLOW, "ITA,ATLANTIS,A,B11,_T,_Z,_Z,PS,2022,5"))
    assert [dataset.observations.height for dataset in message.datasets] == [1]
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "CITIZENSHIP ATLANTIS")]


def test_contradictory_figures_of_a_key_are_left_out() -> None:
    message = carried(oecd(INFLOW, INFLOW.replace("336495", "5"), ALBANIANS))
    assert [figures(dataset, "C_CITIZEN") for dataset in message.datasets] == [{("AL", "9120")}]


def test_dataflow_without_counterpart_is_named() -> None:
    message = carried(oecd("ITA,1", dataflow="OECD.SDD:DF_PRICES(1.0)", head="DATAFLOW,REF_AREA,OBS_VALUE"))
    assert message.datasets == ()
    assert found(message) == [(RuleId.NO_COUNTERPART, "OECD.SDD:DF_PRICES(1.0)")]


def test_message_of_our_own_dataflow_is_unchanged() -> None:
    (ours,) = carried(oecd(INFLOW, ALBANIANS)).datasets
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [ours], Header("M", "2026-01-01T00:00:00", sender=Party("IT1")))
    (again,) = carried(content).datasets
    assert again.flow.id == "DF_OECD_B11"
    assert again.observations.select(ours.observations.columns).equals(ours.observations)


def test_messages_raise_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inflows.csv.gz").write_bytes(gzip.compress(oecd(INFLOW, ALBANIANS)))
    assert "336,495" in console.errors("map", "inflows.csv.gz", code=0)
    assert run(["start", "inflows.csv.gz", "italy"]) in {0, 1}  # 1: there are findings
    assert not list(Path("italy").glob("mappings/*"))
    (dataset,) = read_all(
        FORMATS["sdmx-csv-2.0"], *read_message(Path("italy/out/data/DF_OECD_B11.csv")), CATALOGUE.flows
    )
    assert figures(dataset, "C_CITIZEN") == {("_T", "336495"), ("AL", "9120")}
    assert 'area = "IT"' in Path("italy/country.toml").read_text(encoding="utf-8")


def test_map_names_the_unsupported_dataflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prices.csv").write_bytes(
        oecd("ITA,1", dataflow="OECD.SDD:DF_PRICES(1.0)", head="DATAFLOW,REF_AREA,OBS_VALUE")
    )
    assert "OECD.SDD:DF_PRICES(1.0)" in console.errors("map", "prices.csv", code=1)


ASYLUM = "ESTAT:MIGR_ASYAPPCTZA(1.0)"
ASYLUM_ROWS = {
    "applicant": ("A,PER,SY,T,TOTAL,TOTAL,EL,2022,13215,,", "A,PER,SY,T,FRST,TOTAL,EL,2022,12035,p,"),
    "asyl_app": ("A,PER,SY,T,ASY_APP,TOTAL,EL,2022,13215,,", "A,PER,SY,T,NASY_APP,TOTAL,EL,2022,12035,p,"),
}


def eurostat(dataflow: str, columns: str, *rows: str) -> bytes:
    head = f"DATAFLOW,LAST UPDATE,{columns},TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
    return "\n".join([head, *(f"{dataflow},22/05/26 11:00:00,{row}" for row in rows), ""]).encode()


@pytest.mark.parametrize("component", ASYLUM_ROWS)
def test_eurostat_applicants_are_parsed_under_both_names(component: str) -> None:
    content = eurostat(ASYLUM, f"freq,unit,citizen,sex,{component},age,geo", *ASYLUM_ROWS[component])
    message = carried(content)
    (dataset,) = message.datasets
    assert (dataset.flow.id, message.findings.items) == ("DF_ESTAT_MIGR_ASYAPPCTZA", ())
    assert figures(dataset, "REF_AREA", "C_CITIZEN", "PROT_ITEM", "OBS_STATUS") == {
        ("GR", "SY", "APPLIED", "A", "13215"),
        ("GR", "SY", "APPLIED_FIRST", "P", "12035"),
    }


def test_names_in_place_of_codes_are_read_by_agency_lists() -> None:
    columns = "freq,unit,citizen,sex,applicant,age,geo"
    rows = ("Annual,Person,Syria,Males,First time applicant,From 18 to 34 years,Greece,2022,77,,",)
    (dataset,) = carried(eurostat(ASYLUM, columns, *rows)).datasets
    assert figures(dataset, "FREQ", "REF_AREA", "C_CITIZEN", "SEX", "PROT_ITEM", "AGE") == {
        ("A", "GR", "SY", "M", "APPLIED_FIRST", "Y18T34", "77")
    }


def test_unlisted_name_omits_only_its_figures() -> None:
    columns = "freq,unit,citizen,sex,applicant,age,geo"
    good = "Annual,Person,Syria,Total,Total,Total,Greece,2022,1,,"
    message = carried(eurostat(ASYLUM, columns, good, good.replace("Greece", "Ruritania")))
    assert [figures(dataset, "REF_AREA") for dataset in message.datasets] == [{("GR", "1")}]
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "geo Ruritania")]


def test_figures_by_two_definitions_of_age_are_not_mixed() -> None:
    columns = "freq,citizen,agedef,age,unit,sex,geo"
    rows = (
        "A,TOTAL,COMPLET,Y15-19,NR,T,AT,2022,10,,",
        "A,TOTAL,REACH,Y15-19,NR,T,AT,2022,11,,",
        "A,TOTAL,REACH,Y20-24,NR,T,AT,2022,21,,",
    )
    message = carried(eurostat("ESTAT:MIGR_IMM1CTZ(1.0)", columns, *reversed(rows)))
    (dataset,) = message.datasets
    assert (figures(dataset, "AGE"), dataset.attributes["AGEDEF"]) == ({("Y15T19", "10")}, "COMPLET")
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "AGEDEF REACH")]


@cases_from("conversion/cases/other_names_of_a_dataflow_lead_to_the_same.csv")
def test_other_names_of_a_dataflow_are_recognised(dataflow: str, ours: str) -> None:
    rows = ("A,TOTAL,TOTAL,TOTAL,PER,AT,2022,37816,bp,",)
    message = carried(eurostat(dataflow, "freq,reason,citizen,duration,unit,geo", *rows))
    (dataset,) = message.datasets
    assert (dataset.flow.id, dataset.observations["OBS_STATUS"].to_list()) == (
        ours,
        ["_U"],
    )  # two flags: none is chosen
    assert found(message) == [(RuleId.ATTRIBUTE_LEFT_OUT, "OBS_FLAG bp")]


JSON_STAT = {
    "version": "2.0",
    "class": "dataset",
    "id": ["freq", "unit", "citizen", "sex", "applicant", "age", "geo", "time"],
    "size": [1, 1, 1, 1, 2, 1, 2, 2],
    "value": {"0": 100, "1": 110, "3": 7, "6": 5},
    "status": {"1": "p", "2": "c"},
    "dimension": {
        "freq": {"category": {"index": {"A": 0}, "label": {"A": "Annual"}}},
        "unit": {"category": {"index": {"PER": 0}}},
        "citizen": {"category": {"index": {"SY": 0}}},
        "sex": {"category": {"index": ["T"]}},
        "applicant": {"category": {"index": {"FRST": 1, "TOTAL": 0}}},
        "age": {"category": {"label": {"TOTAL": "Total"}}},
        "geo": {"category": {"index": {"AT": 0, "EL": 1}}},
        "time": {"category": {"index": {"2021": 0, "2022": 1}}},
    },
    "extension": {"id": "MIGR_ASYAPPCTZA", "agencyId": "ESTAT", "version": "1.0"},
}


def test_json_stat_of_eurostat_is_read_by_its_codes() -> None:
    (dataset,) = carried(json.dumps(JSON_STAT).encode(), "data.json").datasets
    assert dataset.flow.id == "DF_ESTAT_MIGR_ASYAPPCTZA"
    assert figures(dataset, "REF_AREA", "PROT_ITEM", "TIME_PERIOD", "OBS_STATUS") == {
        ("AT", "APPLIED", "2021", "A", "100"),
        ("AT", "APPLIED", "2022", "P", "110"),
        ("GR", "APPLIED", "2021", "_U", None),  # confidential: a status without a value
        ("GR", "APPLIED", "2022", "A", "7"),
        ("GR", "APPLIED_FIRST", "2021", "A", "5"),
    }


def test_json_stat_without_a_dataflow_is_a_table() -> None:
    """Dimensions of one category are above it; cells without value and status are left out."""
    content = json.dumps({**JSON_STAT, "label": "Applicants", "extension": {}}).encode()
    assert detect_message("data.json", content) is None
    (table,) = read("data.json", content)
    titles = [["Applicants"], ["freq: Annual"], ["unit: PER"], ["citizen: SY"], ["sex: T"], ["age: Total"]]
    assert [list(row.values()) for row in table.rows.values()] == [
        *titles,
        ["applicant", "geo", "time", "value", "status"],
        ["TOTAL", "AT", "2021", "100"],
        ["TOTAL", "AT", "2022", "110", "p"],
        ["TOTAL", "EL", "2021", "c"],
        ["TOTAL", "EL", "2022", "7"],
        ["FRST", "EL", "2021", "5"],
    ]


@pytest.mark.parametrize("status", ["p", ["p"]])
def test_single_json_stat_status_applies_to_all_values(status: object) -> None:
    (dataset,) = carried(json.dumps({**JSON_STAT, "status": status}).encode(), "data.json").datasets
    assert dataset.observations["OBS_STATUS"].to_list() == ["P"] * len(JSON_STAT["value"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "damage",
    [
        {"size": [1]},
        {"value": {"99": 1}},
        {"value": [1, 2]},
        {"value": "12345678"},
        {"status": ["p", "c"]},
        {"id": ["freq"]},
        {"id": ["freq"] * 8},
        {"dimension": {}},
    ],
)
def test_inconsistent_json_stat_is_refused_with_its_place(damage: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        carried(json.dumps({**JSON_STAT, **damage}).encode(), "data.json")
    assert refused.value.place


def test_eurostat_balance_yields_items_of_the_account() -> None:
    rows = (
        "Annual,Population on 1 January - total,Georgia,2022,3688647,,",
        "Annual,Deaths - total,Georgia,2022,49118,p,",
    )
    (dataset,) = carried(eurostat("ESTAT:DEMO_GIND(1.0)", "freq,indic_de,geo", *rows)).datasets
    assert figures(dataset, "REF_AREA", "ACC_ITEM", "OBS_STATUS") == {
        ("GE", "POP_BEG", "A", "3688647"),
        ("GE", "DEATH", "P", "49118"),
    }


def test_istat_acquisitions_of_two_ways_are_left_out() -> None:
    head = "DATAFLOW,FREQ,REF_AREA,DATA_TYPE,SEX,MOSTREL_CCITENSHIP,ACQUISITION_PROCESS,AGE,TIME_PERIOD,OBS_VALUE"
    rows = ("A,IT,ACQCITIZ,1,WORLD,MAT,TOTAL,2019,2597", "A,IT,ACQCITIZ,9,WORLD,TRS,Y_UN20,2021,48270")
    message = carried(oecd(*rows, dataflow="IT1:29_849_DF_DCIS_ACQCITIZ_1(1.0)", head=head))
    (dataset,) = message.datasets
    assert dataset.flow.id == "DF_CITIZENSHIP"
    assert figures(dataset, "CTZ_ITEM", "CTZ_MODE", "SEX", "AGE") == {("ACQ", "MARR", "M", "_T", "2597")}
    assert found(message) == [(RuleId.LEFT_OUT_OF_MESSAGE, "ACQUISITION_PROCESS TRS")]


OLD_EUROSTAT = """<CompactData xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message">
<Header><ID>M</ID><Test>false</Test><Prepared>2013-05-29</Prepared><Sender id="ESTAT"/>
<KeyFamilyRef>DSD_migr_imm8</KeyFamilyRef><KeyFamilyAgency>ESTAT</KeyFamilyAgency></Header>
<DataSet xmlns="urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=ESTAT:DSD_migr_imm8:compact">
<Series FREQ="A" AGEDEF="COMPLET" AGE="TOTAL" UNIT="NR" SEX="F" GEO="EL">
<Obs TIME="2012" OBS_VALUE="50700" OBS_FLAG="e"/></Series></DataSet></CompactData>
"""


def test_old_message_in_other_case_keeps_its_dataflow() -> None:
    (dataset,) = carried(OLD_EUROSTAT.encode(), "migr_imm8.xml").datasets
    assert dataset.flow.id == "DF_ESTAT_MIGR_IMM8"
    assert figures(dataset, "REF_AREA", "DIRECTION", "SEX", "TIME_PERIOD", "OBS_STATUS") == {
        ("GR", "I", "F", "2012", "E", "50700")
    }


MULTIPLIED = text_from("conversion/cases/messages_multiplied.xml")


def test_multiplier_of_a_group_of_series_is_kept() -> None:
    (inflows,) = carried(MULTIPLIED.encode(), "data.xml").datasets
    assert set(join_attributes(inflows).select("UNIT_MULT", "OBS_VALUE").rows()) == {("3", "336")}


def test_findings_on_messages_name_their_files(tmp_path: Path, console: Console) -> None:
    folder = tmp_path / "ws"
    assert run(["init", str(folder)]) == 0
    for path in (*(folder / "tables").iterdir(), *(folder / "mappings").iterdir()):
        path.unlink()
    row = "ESTAT:MIGR_IMM1CTZ(1.0),A,TOTAL,COMPLET,TOTAL,NR,T,GE,2021"
    for name, value in (("one", "51"), ("two", "52")):
        text = f"DATAFLOW,{EUROSTAT}\n{row},{value},\n"
        (folder / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run(["convert", str(folder)]) == 0
    console.readouterr()
    said = console.output("validate", folder, code=1).partition("MIG-1-007")[2].partition("fix:")[0]
    assert "one.csv" in said
    assert "two.csv" in said
    assert "one.csv" in console.output("trace", folder, "DF_ESTAT_MIGR_IMM1CTZ", "TIME_PERIOD=2021")
    assert run(["trace", str(folder), "--usage"]) == 0
