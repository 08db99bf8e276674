"""`transform` of data: a message that the schema would refuse is not written, unless a lenient reading is asked for."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import made
import polars as pl
import pytest
from console import Console

from sdmxmig.cli import run
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes

pytestmark = pytest.mark.sampled(4)

SPECIFIC = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
WRONG = {
    "no frequency": ("FREQ", ""),
    "no area": ("REF_AREA", ""),
    "no sex": ("SEX", ""),
    "no citizenship": ("CTZ", ""),
    "no period": ("TIME_PERIOD", ""),
    "a period that is none": ("TIME_PERIOD", "last year"),
    "a month that is none": ("TIME_PERIOD", "2023-13"),
    "a day that is none": ("TIME_PERIOD", "2023-02-30"),
    "a quarter that is none": ("TIME_PERIOD", "2023-Q5"),
    "no status": ("OBS_STATUS", ""),
    "no unit": ("UNIT", ""),
    "no rule of residence": ("RES_RULE", ""),
}
HARMLESS = {
    "nothing": ("NOTE", None),
    "no value": ("OBS_VALUE", ""),
    "no comment": ("COMMENT_OBS", ""),
    "no note": ("NOTE", ""),
    "no title": ("TITLE", ""),
    "another year": ("TIME_PERIOD", "1923"),
    "a code": ("SEX", "F"),
    "a value with digits behind a point": ("OBS_VALUE", "1.50"),
    "a negative value": ("OBS_VALUE", "-7"),
    "signs of XML": ("TITLE", "<a> & 'b'"),
}
OF_VALUES = {
    "a month": ("TIME_PERIOD", "2023-12"),
    "a quarter": ("TIME_PERIOD", "2023-Q4"),
    "a week": ("TIME_PERIOD", "2023-W52"),
    "a day": ("TIME_PERIOD", "2024-02-29"),
    "a value that is no number": ("OBS_VALUE", "many"),
    "a value with a blank": ("OBS_VALUE", "1 000"),
    "a code that is not in the list": ("SEX", "Z"),
    "a status that is not in the list": ("OBS_STATUS", "?"),
    "an area that is not in the list": ("REF_AREA", "XX"),
    "a frequency that is not in the list": ("FREQ", "H"),
    "a unit that is not in the list": ("UNIT", "TONNES"),
    "a comment that is too long": ("COMMENT_OBS", "x" * 351),
}
"""What the official schema takes, but not the structure: it is written and told."""


@cache
def own(content: bytes) -> bytes:
    """A message about a structure that is not shipped."""
    return content.replace(b"DF_POP", b"DF_OWN").replace(b"DSD_STOCK", b"DSD_OWN")


def table(column: str, value: str | None) -> bytes:
    """One row of data, of which one cell is another."""
    content = own(data_bytes(FORMATS["sdmx-csv-2.0"], [made.SMALL], made.HEADER)).decode()
    head, row, *_ = csv.reader(io.StringIO(content))
    out = io.StringIO()
    cells = [value if name == column and value is not None else cell for name, cell in zip(head, row, strict=True)]
    csv.writer(out, lineterminator="\n").writerows([head, cells])
    return out.getvalue().encode()


def transformed(folder: Path, content: bytes, target: str, name: str, *options: str) -> tuple[int, Path]:
    source, structures = folder / "data.csv", folder / "structures.xml"
    out = Path(name) if name == "-" else folder / name
    source.write_bytes(content)
    structures.write_bytes(own(structure_bytes(FORMATS["sdmx-ml-3.0"], made.ARTEFACTS, made.HEADER)))
    arguments = ["transform", str(source), "--to", target, "-o", str(out), "--structure", str(structures)]
    return run([*arguments, "--now", "2026-11-20T08:00:00Z", *options]), out


def test_invalid_message_does_not_reach_standard_output(tmp_path: Path, console: Console) -> None:
    code, _ = transformed(tmp_path, table("FREQ", ""), "sdmx-ml-3.0", "-")
    out, err = console.readouterr()
    assert (code, out) == (2, "")
    assert "cannot express these data" in " ".join(err.split())


@pytest.mark.parametrize("target", SPECIFIC)
@pytest.mark.parametrize("what", WRONG)
def test_data_that_violate_the_schema_are_not_written(what: str, target: str, tmp_path: Path, console: Console) -> None:
    code, out = transformed(tmp_path, table(*WRONG[what]), target, "out.xml")
    err = console.readouterr().err
    assert code == 2
    assert not out.exists()
    assert f"{FORMATS[target].name} cannot express these data: line " in " ".join(err.split())
    assert WRONG[what][0] in err
    assert str(tmp_path / "data.csv") in err


@pytest.mark.parametrize("target", [*SPECIFIC, "sdmx-ml-2.1-generic", "sdmx-json-2.0", "sdmx-json-2.1", "sdmx-csv-2.0"])
@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.sampled(6)
def test_valid_data_are_written(what: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = transformed(tmp_path, table(*HARMLESS[what]), target, "out")
    assert code == 0, capsys.readouterr().err
    assert out.stat().st_size


@pytest.mark.parametrize("target", ["sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-csv-2.0"])
@pytest.mark.parametrize("what", OF_VALUES)
def test_unknown_values_are_written_and_reported(what: str, target: str, tmp_path: Path, console: Console) -> None:
    column, value = OF_VALUES[what]
    content = table(column, value)
    code, out = transformed(tmp_path, content, target, "out")
    err = console.readouterr().err
    place = content.decode().splitlines()[0].split(",").index(column) + 1
    assert (code, out.exists()) == (1, True)
    assert "1 problem with the data, which were written unchanged" in err
    assert f"data.csv:2:{place}: " in err
    assert column in err
    assert value[:40] in err


def test_faults_in_piped_data_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    piped = io.TextIOWrapper(io.BytesIO(table("SEX", "Z")))
    monkeypatch.setattr("sys.stdin", piped)
    (tmp_path / "structures.xml").write_bytes(own(structure_bytes(FORMATS["sdmx-ml-3.0"], made.ARTEFACTS, made.HEADER)))
    arguments = ["transform", "-", "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "out.csv")]
    assert run([*arguments, "--structure", str(tmp_path / "structures.xml")]) == 1
    assert "standard input: “Z” of SEX is not a code of" in console.readouterr().err


@pytest.mark.parametrize("same", [True, False], ids=["the same", "others"])
def test_observations_of_two_datasets_are_reported(same: bool, tmp_path: Path, console: Console) -> None:
    later = (pl.col("TIME_PERIOD").cast(pl.Int32) + (0 if same else 10)).cast(pl.String)
    again = replace(made.SMALL, observations=made.SMALL.observations.with_columns(later))
    content = own(data_bytes(FORMATS["sdmx-ml-3.0"], [made.SMALL, again], made.HEADER))
    code, out = transformed(tmp_path, content, "sdmx-ml-3.1", "out.xml")
    assert (code, out.exists()) == (int(same), True)
    assert ("A.GE.M.FC.2023 is in datasets 1 and 2. The first is at" in console.readouterr().err) == same


@pytest.mark.parametrize("target", SPECIFIC)
@pytest.mark.parametrize(("action", "code"), [("A", 0), ("M", 0), ("D", 0), ("R", 2), ("I", 2)])
def test_partial_update_may_omit_mandatory_attributes(action: str, code: int, target: str, tmp_path: Path) -> None:
    content = table("UNIT", "").replace(b",I,", f",{action},".encode()).replace(b",R,", f",{action},".encode())
    assert f",{action},".encode() in content
    done, out = transformed(tmp_path, content, target, "out.xml")
    assert (done, out.exists()) == (code, code == 0)


@pytest.mark.parametrize("name", ["out.xml.gz", "out.zip"])
def test_compressed_output_is_checked_with_the_schema(name: str, tmp_path: Path) -> None:
    code, out = transformed(tmp_path, table("TIME_PERIOD", "last year"), "sdmx-ml-3.0", name)
    assert (code, out.exists()) == (2, False)
    code, out = transformed(tmp_path, table("TIME_PERIOD", "2023"), "sdmx-ml-3.0", name)
    assert (code, out.exists()) == (0, True)


def test_existing_output_is_kept_if_data_are_invalid(tmp_path: Path) -> None:
    _, out = transformed(tmp_path, table("TIME_PERIOD", "2023"), "sdmx-ml-3.0", "out.xml")
    before = out.read_bytes()
    code, _ = transformed(tmp_path, table("TIME_PERIOD", "last year"), "sdmx-ml-3.0", "out.xml")
    assert (code, out.read_bytes()) == (2, before)


def test_lenient_reading_writes_valid_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = transformed(tmp_path, table("OBS_STATUS", ""), "sdmx-ml-3.0", "out.xml", "--lenient")
    assert (code, out.exists()) == (1, True)
    assert "Observation A.GE.M.FC.2023 lacks the attribute OBS_STATUS." in capsys.readouterr().err
