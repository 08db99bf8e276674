"""Reports of a validation on the command line: valid, complete, and without confidential figures."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from console import Console
from made_findings import finding_at
from report_schemas import ESS
from reported import datasets
from shipped import CATALOGUE
from small_validation import NOW, TABLE, report_in, validated, workspace

from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.validation import validate
from sdmxmig.reporting.outputs.finding_reports import REPORTS, Validation, choose_report
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Findings, Justification, UnlistedFindings, Verdict
from sdmxmig.sdmx.model.submission import Header, Party

FILES = {
    "html": "f.html",
    "text": "f.txt",
    "csv": "f.csv",
    "xlsx": "f.xlsx",
    "json": "f.json",
    "jsonl": "f.jsonl",
    "ess-json": "f.ess.json",
    "sdmx-csv": "f.sdmx.csv",
    "sdmx-ml": "f.sdmx.xml",
    "sdmx-json": "f.sdmx.json",
}
TOTAL = "MIG-1-101"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which two totals are wrong, with a report of each kind."""
    from sdmxmig import catalogue

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "load", lambda _: CATALOGUE)
        folder = workspace(tmp_path_factory.mktemp("reports"))
        assert validated(folder, *FILES.values()) == 1
    return folder


def content(folder: Path, report: str) -> bytes:
    return (folder / FILES[report]).read_bytes()


def texts_of(workbook: bytes) -> str:
    sheets = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets
    return ",".join(str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row)


def records(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(folder, "csv").decode("utf-8-sig"))))


def test_report_kind_follows_from_the_file_name() -> None:
    assert set(REPORTS) == set(FILES)
    assert {choose_report(file)[0].id: file for file in FILES.values()} == FILES
    assert choose_report("json=out/f.txt")[0].id == "json"
    assert choose_report("f.csv.gz")[0].id == "csv"


@pytest.mark.parametrize(
    ("file", "words"), [("f.xml", "does not identify"), ("jsno=f.xml", "There is no report “jsno”")]
)
def test_unknown_report_is_refused_before_any_work(file: str, words: str, tmp_path: Path, console: Console) -> None:
    with pytest.raises(SdmxmigError, match=words):
        choose_report(file)
    assert run(["validate", str(workspace(tmp_path)), "--report", file]) == 2
    assert not (tmp_path / "out" / "findings").exists()
    assert "json" in console.readouterr().err


def test_report_can_be_written_to_standard_output_or_compressed(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = workspace(tmp_path)
    capsysbinary.readouterr()
    packed = tmp_path / "f.csv.gz"
    assert run(["validate", str(folder), "--now", NOW, "--report", "ess-json=-", "--report", str(packed)]) == 1
    jsonschema.validate(json.loads(capsysbinary.readouterr().out), ESS, jsonschema.Draft4Validator)
    assert gzip.decompress(packed.read_bytes()).startswith(b"\xef\xbb\xbfSeverity")


def test_list_has_every_finding_and_untested_check(folder: Path) -> None:
    totals = [record for record in records(folder) if record["Rule"] == TOTAL]
    assert [(record["Place"], record["Value"], record["Expected"]) for record in totals] == [
        ("office.csv › B3", "1010", "1027"),
        ("office.csv › B4", "•••", "•••"),
    ]
    assert totals[0]["Difference"] == "-17"
    assert {record["Severity"] for record in records(folder)} >= {"error", "not run"}


def test_reports_do_not_disclose_confidential_figures(folder: Path) -> None:
    """398 is suppressed: beside 610 it follows from the sum 1,008, from the difference 12 to the total, and others."""
    figures = re.compile(r"(?<![\w.])(398|1[,\s]?008)(?![\w.])|\b12 apart|[\">,]12[\"<,]")
    for report in FILES:
        text = content(folder, report).decode() if report != "xlsx" else texts_of(content(folder, report))
        assert "•••" in text, report
        assert not figures.search(text), report
    for name in ("findings.jsonl", "findings.html"):
        assert not figures.search((folder / "out" / "findings" / name).read_text(encoding="utf-8")), name
    (finding,) = [record for record in records(folder) if record["Place"].endswith("B4") and record["Rule"] == TOTAL]
    assert finding["Finding"] == (
        "Resident population by birth and citizenship status, 2022: the total ••• differs from •••, "
        "the sum of its parts by sex. Difference: •••; tolerance for rounding: •••. Parts: Female ••• + Male •••."
    )
    assert finding["Key"].endswith("SEX=_T AGE=_T C_BIRTH=_T C_CITIZEN=_T TIME_PERIOD=2022")


def test_ess_report_is_valid_with_three_verdicts(folder: Path) -> None:
    document = json.loads(content(folder, "ess-json"))
    jsonschema.validate(document, ESS, jsonschema.Draft4Validator)
    assert {record["value"] for record in document} == {"0", "1", "NA"}
    (finding,) = [record for record in document if record["data"]["target"] == ["office.csv › B3"]]
    assert finding["data"]["source"] == ["office.csv › B3", "office.csv › D3", "office.csv › C3"]
    assert finding["rule"]["description"].startswith("MIG-1-101 (version 1): ")
    assert finding["rule"]["severity"] == "error"


@pytest.mark.parametrize("report", ["sdmx-csv", "sdmx-ml", "sdmx-json"])
def test_findings_in_sdmx_are_valid(report: str, folder: Path, console: Console) -> None:
    assert "valid" in console.output("check", folder / FILES[report])


def test_findings_in_sdmx_equal_those_of_vtl_checks(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(content(folder, "sdmx-csv").decode())))
    totals = [row for row in rows if row["RULE_ID"] == TOTAL and row["COMPONENT_ID"] == "OBS_VALUE"]
    shown, masked = totals
    assert (shown["BOOL_VAR"], Decimal(shown["IMBALANCE"]), shown["ERRORLEVEL"]) == ("false", Decimal(-17), "error")
    assert (masked["BOOL_VAR"], masked["IMBALANCE"], masked["OBSERVED"]) == ("false", "", "•••")
    (verdict,) = [row for row in rows if row["RULE_ID"] == TOTAL and row["FINDING_KEY"] == "*"]
    assert (verdict["BOOL_VAR"], verdict["OUTCOME"], verdict["N_FINDINGS"]) == ("false", "fail", "2")
    assert {row["BOOL_VAR"] for row in rows if row["OUTCOME"] == "not testable"} == {""}


def test_workbook_counts_and_lists_findings_and_checks_not_run(folder: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content(folder, "xlsx")))
    assert book.sheetnames == ["Overview", "Findings", "not run"]
    rules = {row[0]: row for row in book["Overview"].iter_rows(min_row=6, values_only=True)}
    assert rules[TOTAL][3] == 2
    assert book["Findings"].max_row - 1 == sum(sum(row[3:6]) for row in rules.values())
    assert book["not run"].max_row > 1


def test_equal_validations_yield_identical_bytes(folder: Path, tmp_path: Path) -> None:
    again = workspace(tmp_path)
    assert validated(again, *FILES.values()) == 1
    for report in FILES:
        assert content(again, report) == content(folder, report), report


def test_hostile_texts_remain_text_in_every_report(tmp_path: Path) -> None:
    call = '=HYPERLINK("http://x.example","\u202e<script>alert(1)</script>")'
    table = TABLE + "2024,1,1,1\n"
    quoted = '"' + call.replace('"', '""') + '"'
    folder = workspace(tmp_path, table.replace("Women", quoted))
    validated(folder, *FILES.values())
    page = content(folder, "html").decode()
    assert "<script" not in page
    assert "\u202e" not in page
    for record in records(folder):
        assert not any(text.lstrip().startswith(("=", "@")) for text in record.values()), record
    cells = [
        cell
        for sheet in openpyxl.load_workbook(folder / FILES["xlsx"]).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert run(["check", str(folder / FILES["sdmx-ml"])]) == 0


ITEM = finding_at(
    Place("a b.csv", line=3, column=2),
    "It is {value}.\x00",
    rule=TOTAL,
    severity="warning",
    flow="DF_POP",
    parameters=(("value", "7\x1b[31m"),),
    key=(("SEX", "F"), ("TIME_PERIOD", "2020")),
    component="OBS_VALUE",
    observed="7",
    expected="8",
)


def judged(findings: Findings, language: str = "en") -> Validation:
    return Validation(
        findings=findings,
        header=Header("GE", NOW, sender=Party("GE1"), receivers=(Party("UNSD"),)),
        title="Georgia",
        language=language,
        rules=CATALOGUE.rules,
        flows=CATALOGUE.flows,
    )


def written(report: str, findings: Findings, language: str = "en") -> bytes:
    return b"".join(REPORTS[report].write(judged(findings, language)))


def test_every_report_contains_states_and_reasons() -> None:
    reason = Justification(fingerprint=ITEM.fingerprint, text="A new register.", by="N. N.", at="2026-01-30")
    findings = Findings(
        (replace(ITEM, state="unchanged", justification=reason), replace(ITEM, state="new", key=(("SEX", "M"),))),
        (Verdict(TOTAL, "DF_POP", outcome="fail", findings=2),),
        gone=(replace(ITEM, state="fixed", key=(("FREQ", "A"), ("SEX", "_T"))),),
    )
    ess = json.loads(written("ess-json", findings))
    assert ess[0]["rule"]["explanation"] == "A new register. (N. N., 2026-01-30)"
    page = written("html", findings, "fr").decode()
    assert "A new register. (N. N., 2026-01-30)" in page
    assert "nouvelles : 1, inchangées : 1, corrigées : 1" in page
    assert "corrigé" in page
    rows = list(csv.DictReader(io.StringIO(written("csv", findings).decode("utf-8-sig"))))
    assert [row["State"] for row in rows] == ["unchanged", "new", "fixed"]


HIDING = "\x1b\x07\u009b\u202a\u202e\u2066\u2067\u2069\u200b\ufeff"
"""What steers a terminal, turns the order of signs, or takes no room."""


@pytest.mark.parametrize("report", FILES)
def test_invisible_characters_are_named_in_every_report(report: str) -> None:
    hostile = replace(
        ITEM,
        message=Text.of(en="“{value}” is odd."),
        parameters=(("value", f"Wo{HIDING}men"),),
        key=(("SEX", f"Wo{HIDING}men"),),
        observed=f"Wo{HIDING}men",
        place=Place(f"a{HIDING}.csv", line=3),
    )
    verdicts = (
        Verdict(TOTAL, "DF_POP", outcome="fail", findings=1),
        Verdict("MIG-1-004", "DF_POP", outcome="not testable", reason=f"“{HIDING}” is not a period"),
    )
    content = written(report, Findings((hostile,), verdicts))
    if report == "xlsx":
        content = texts_of(content).encode()
    assert not set(HIDING) & set(content.decode("utf-8-sig"))
    if report == "ess-json":  # nor once a program has read it
        assert not set(HIDING) & set(json.dumps(json.loads(content), ensure_ascii=False))
    if report in ("json", "jsonl"):  # which keep what was sent
        assert json.dumps(f"Wo{HIDING}men")[1:-1] in content.decode()


def test_list_cells_form_no_formula_under_any_delimiter() -> None:
    texts = {"value": "a;=1+1", "second": "a;\t@SUM(1)", "third": "a|+cmd|x", "plain": "a; -5"}
    item = replace(
        ITEM, message=Text.of(en="; ".join(f"{{{name}}}" for name in texts)), parameters=tuple(texts.items())
    )
    (row,) = csv.DictReader(io.StringIO(written("csv", Findings((item,))).decode("utf-8-sig")))
    assert row["Finding"] == "a;'=1+1; a; '@SUM(1); a|'+cmd|x; a; -5"


@pytest.mark.parametrize("report", ["text", "html", "csv", "xlsx"])
def test_very_long_text_is_shortened_in_readable_reports(report: str) -> None:
    (dataset,) = datasets(f"SEX,OBS_VALUE\n{'L' * 10_000},1\nF,{'L' * 10_000}", CATALOGUE.flows)
    content = written(report, validate(dataset, CATALOGUE))
    text = texts_of(content) if report == "xlsx" else content.decode("utf-8-sig")
    assert max(map(len, re.findall("L+", text))) == 300
    assert "L…" in text


@pytest.mark.parametrize("report", FILES)
def test_control_characters_are_removed_from_every_report(report: str) -> None:
    content = written(report, Findings((ITEM,), (Verdict(TOTAL, "DF_POP", outcome="fail", findings=1),)))
    if report != "xlsx":
        assert not {"\x00", "\x1b"} & set(content.decode())


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ((Verdict(TOTAL, "DF_POP", outcome="pass"),), "All checks passed."),
        (
            (Verdict(TOTAL, "DF_POP", outcome="pass"), Verdict("R", "DF_POP", outcome="not testable", reason="no age")),
            "All checks that ran passed. Checks not run: 1.",
        ),
        ((Verdict("", "DF_NEW", outcome="not testable", reason="no rule is switched on"),), "No checks were run."),
        ((), "No checks were run."),
    ],
)
def test_only_complete_checks_are_shown_as_success(verdicts: tuple[Verdict, ...], words: str) -> None:
    findings = Findings((), verdicts)
    assert words in written("html", findings).decode()
    jsonschema.validate(json.loads(written("ess-json", findings)), ESS, jsonschema.Draft4Validator)


def test_million_findings_are_counted_and_few_shown_per_rule() -> None:
    more = UnlistedFindings(
        rule="MIG-1-012", version="1", flow="DF_POP", level=1, severity="error", fingerprints=bytes(8 * 990_000)
    )
    items = tuple(replace(ITEM, key=(("TIME_PERIOD", str(number)),)) for number in range(9_000))
    other = tuple(replace(ITEM, rule="MIG-1-012", severity="error") for _ in range(1_000))
    findings = Findings((*items, *other), (), unlisted=(more,))
    page = written("html", findings).decode()
    assert "991,000" in page
    assert page.count("<article") == 200, "a hundred of each rule"
    assert len(page) < 1_000_000
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", findings)), read_only=True)
    assert book["Overview"]["A3"].value == "2,000 of 1,000,000 findings are listed. The counts include all findings."
    counts = {row[0]: row[3:5] for row in book["Overview"].iter_rows(min_row=6, values_only=True)}
    assert counts == {TOTAL: (0, 9_000), "MIG-1-012": (991_000, 0)}
    assert '"value":"990000"' in written("ess-json", findings).decode()
    assert "991,000" in written("text", findings).decode() or "991000" in written("text", findings).decode()


def test_reports_are_in_the_language_of_the_office(tmp_path: Path) -> None:
    folder = workspace(tmp_path, language="ar")
    validated(folder, "f.html", "f.csv", "f.xlsx")
    assert '<html lang="ar" dir="rtl">' in content(folder, "html").decode()
    assert content(folder, "csv").decode("utf-8-sig").startswith("الخطورة,القاعدة,اسم القاعدة")
    assert openpyxl.load_workbook(folder / FILES["xlsx"]).worksheets[0].sheet_view.rightToLeft
    assert report_in(folder, "json=f.txt").startswith("json=/")
