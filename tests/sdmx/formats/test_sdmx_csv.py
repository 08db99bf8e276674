"""SDMX-CSV 2.0: written data come back, and faults have their line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import made
import pytest

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all, structure_bytes
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.model.data import Dataset, Flow

CSV = FORMATS["sdmx-csv-2.0"]
LEADING = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
HEAD = ",".join([*LEADING, *made.OBSERVATION, "UNIT", "NOTE", "RES_RULE", "TITLE"])
START = "dataflow,SDMXMIG:DF_POP(1.0.0-draft),R"
GOOD = f"{START},A,GE,M,FC,2023,01,A,,PS,,M12,"
STRAY = GOOD.replace("PS", 'P"S')


def written(*datasets: Dataset) -> str:
    return data_bytes(CSV, datasets, made.HEADER).decode()


def read(text: str | bytes, flows: Mapping[str, Flow] = made.FLOWS) -> tuple[Dataset, ...]:
    return read_all(CSV, "pop.csv", text if isinstance(text, bytes) else text.encode(), flows)


def content(dataset: Dataset) -> tuple[object, ...]:
    """The content of a dataset except its origins."""
    tables = [(table.columns, table.rows()) for table in (dataset.observations, dataset.series)]
    return (dataset.flow.id, dataset.action, *tables, dict(dataset.attributes))


def same(datasets: Sequence[Dataset]) -> None:
    assert [content(dataset) for dataset in read(written(*datasets))] == [content(dataset) for dataset in datasets]


def test_each_row_has_attributes_of_all_levels() -> None:
    dataset = made.dataset([(*made.MEN, "2023", "01", "A", None)], [(*made.MEN, "PS", None)])
    assert written(dataset).splitlines() == [HEAD, GOOD]


def test_file_may_hold_several_dataflows_and_actions() -> None:
    row = [(*made.MEN, "2024", "5", "A", None)], [(*made.MEN, "PS", None)]
    same([made.SMALL, made.dataset(*row, flow=made.OTHER), made.dataset(*row, action="D")])
    with pytest.raises(SdmxmigError, match="Merge them first"):
        written(made.SMALL, made.SMALL)
    with pytest.raises(SdmxmigError, match="no dataset"):
        written()


def test_value_in_a_column_of_another_dataflow_is_reported() -> None:
    kept = tuple(c for c in made.STRUCTURE.components if c.id != "NOTE")
    narrow = Flow(made.OTHER_DATAFLOW, replace(made.STRUCTURE, components=kept), codelists=made.CODELISTS, concepts={})
    other = GOOD.replace("DF_POP", "DF_IMM")
    flows = {"A": made.FLOW, "B": narrow}
    assert len(read("\n".join([HEAD, GOOD, other, ""]), flows)) == 2
    with pytest.raises(InputError, match="DF_IMM has no NOTE, but the field contains “x”") as refused:
        read("\n".join([HEAD, GOOD, other.replace("PS,,", "PS,x,"), ""]), flows)
    assert str(refused.value.place) == "pop.csv:3:13"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_usual_variants_of_csv_are_accepted(mark: bytes, end: str, separator: str) -> None:
    text = mark + end.join([HEAD, GOOD, ""]).replace(",", separator).encode()
    (dataset,) = read(text)
    assert dataset.observations.rows() == [(*made.MEN, "2023", "01", "A", None)]
    assert dataset.attributes == {"RES_RULE": "M12"}


@pytest.mark.parametrize("rows", [["", GOOD], ["\r", GOOD], ["," * 14, GOOD], [GOOD, "," * 14, "", "," * 14]])
def test_empty_rows_are_left_out_and_listed(rows: list[str]) -> None:
    text = "\n".join([HEAD, *rows, ""]).encode()
    (dataset,) = read_all(CSV, "pop.csv", text, made.FLOWS, faults := Faults(TOLERANT))
    assert dataset.observations.rows() == [(*made.MEN, "2023", "01", "A", None)]
    assert {fault.message for fault in faults.listed} == {"This row is empty."}


def test_columns_may_be_reordered_and_optional_ones_missing() -> None:
    head = "STRUCTURE,STRUCTURE_ID,OBS_VALUE,TIME_PERIOD,CTZ,SEX,REF_AREA,FREQ,SERIES_KEY"
    (dataset,) = read(f"{head}\ndataflow,SDMXMIG:DF_POP(1.0.0-draft),1,2023,FC,M,GE,A,A.GE.M.FC\n")
    assert dataset.action == "I"
    assert dataset.observations.columns == list(made.OBSERVATION)
    assert dataset.observations.rows() == [(*made.MEN, "2023", "1", None, None)]
    assert dataset.series.rows() == [(*made.MEN, None, None)]


def test_series_attribute_in_one_row_applies_to_the_series() -> None:
    text = "\n".join([HEAD, GOOD.replace("PS", ""), GOOD.replace("2023", "2024"), ""])
    assert read(text)[0].series.rows() == [(*made.MEN, "PS", None)]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "pop.csv:1:1", "This is not SDMX-CSV 2.0"),
        ("DATAFLOW,FREQ\n", "pop.csv:1:1", "This looks like SDMX-CSV 1.0"),
        ("STRUCTURE[;],FREQ\n", "pop.csv:1", "column STRUCTURE_ID is missing"),
        (HEAD.replace("STRUCTURE_ID,", ""), "pop.csv:1", "column STRUCTURE_ID is missing"),
        (HEAD.replace(",SEX", ",FREQ"), "pop.csv:1:6", "“FREQ” occurs twice"),
        (f"{HEAD}\n{GOOD}\n{GOOD},x\n", "pop.csv:3", "Fields in this row: 16; columns: 15"),
        (f"{HEAD}\n{GOOD}\n\n{GOOD}\n", "pop.csv:3", "Fields in this row: 1; columns: 15"),
        (f"{HEAD}\n{GOOD[:-5]}\n", "pop.csv:2", "Fields in this row: 13; columns: 15"),
        (
            f'{HEAD}\n{START},A,GE,M,FC,2023,1,A,"two\nlines",PS,,M12,\n{GOOD},x\n',
            "pop.csv:4",
            "Fields in this row: 16",
        ),
        (f"{HEAD}\n{STRAY}\n", f"pop.csv:2:{STRAY.index(chr(34)) + 1}", "quotation mark is not closed"),
        (f'{HEAD}\n{GOOD}"', f"pop.csv:2:{len(GOOD) + 1}", "quotation mark is not closed"),
        (
            f"{HEAD}\n{GOOD}\n{GOOD.replace('DF_POP', 'DF_PPO')}\n",
            "pop.csv:3:2",
            "Did you mean “SDMXMIG:DF_POP(1.0.0-draft)”",
        ),
        (f"{HEAD}\n{GOOD.replace(',R,', ',Z,')}\n", "pop.csv:2:3", "“Z” is not a known ACTION"),
        (f"{HEAD}\n{GOOD.replace('dataflow', 'datatable')}\n", "pop.csv:2:1", "“datatable” is not a known STRUCTURE"),
        (f"{HEAD.replace('SEX', 'SEXX')}\n{GOOD}\n", "pop.csv:1", "The column SEX is missing"),
        (f"{HEAD.replace('NOTE', 'NOTES')}\n{GOOD}\n", "pop.csv:1:13", "Did you mean “NOTE”"),
        (
            f"{HEAD}\n{GOOD}\n{GOOD.replace('PS', 'KG')}\n",
            "pop.csv:3:12",
            "UNIT is “KG” here and differs above",
        ),
        (f"{HEAD}\n{GOOD}\n{GOOD.replace('M12', 'M6')}\n", "pop.csv:3:14", "RES_RULE is “M6” here"),
    ],
)
def test_faulty_rows_are_refused_with_their_place(text: str, place: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(text)
    assert str(refused.value.place) == place
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("encoded", "place"),
    [
        (f"{HEAD}\n{GOOD}".encode("utf-16"), "pop.csv:1"),
        (f"{HEAD}\n{GOOD}é".encode("latin-1"), f"pop.csv:2:{len(GOOD) + 1}"),
    ],
)
def test_other_encoding_is_refused_with_its_place(encoded: bytes, place: str) -> None:
    with pytest.raises(InputError, match="UTF-8") as refused:
        read(encoded)
    assert str(refused.value.place) == place


def test_table_with_only_a_header_yields_no_dataset() -> None:
    assert read(f"{HEAD}\n") == ()


def test_structures_are_refused_in_csv() -> None:
    with pytest.raises(SdmxmigError, match="cannot contain structures"):
        structure_bytes(CSV, (), made.HEADER)


def test_labels_added_by_senders_are_removed() -> None:
    """Some senders repeat the values of uncoded components as their names."""
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: f,REF_AREA: r,SEX: s,CTZ: c,TIME_PERIOD: t,OBS_VALUE: v,COMMENT_OBS: n"
    row = (
        "DATAFLOW,SDMXMIG:DF_POP(1.0.0-draft): Population: all,R,A: A,GE: Georgia,M: Men: x,FC: f,2020: 2020,1: 1,a: b"
    )
    (dataset,) = read_all(FORMATS["sdmx-csv-2.0"], "a.csv", f"{head}\n{row}\n".encode(), made.FLOWS)
    assert dataset.observations.rows() == [("A", "GE", "M", "FC", "2020", "1", None, "a: b")]
