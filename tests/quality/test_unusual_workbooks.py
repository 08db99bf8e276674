"""A workbook that cannot be copied to be marked stops neither the findings nor the marked copies of the others."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from folders import ROOT
from stored_findings import listed as findings_in

from sdmxmig.cli import run

NAME = "population.xlsx"
CORE = "docProps/core.xml"
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with faults in two workbooks, and their findings."""
    workspace = tmp_path_factory.mktemp("odd") / "ge"
    others = ("out", "mi*", "im*", "em*", "ad*", "as*", "bo*", "ce*", "ex*", "ab*", "in*", "ne*", "pe*", "un*")
    shutil.copytree(ROOT / "examples" / "georgia-faults", workspace, ignore=shutil.ignore_patterns(*others))
    assert run(["convert", str(workspace)]) == 1  # one value is no number
    assert run(["validate", str(workspace)]) == 1
    return workspace


def replaced(member: str, pattern: bytes, new: bytes) -> Callable[[Members], None]:
    def edit(members: Members) -> None:
        content, count = re.subn(pattern, new, members[member])
        assert count, (member, pattern)
        members[member] = content

    return edit


def added(member: str, content: bytes) -> Callable[[Members], None]:
    def edit(members: Members) -> None:
        members[member] = content

    return edit


def without(member: str) -> Callable[[Members], None]:
    def edit(members: Members) -> None:
        del members[member]

    return edit


STYLES, SHEET, BOOK, THEME = "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/theme/theme1.xml"
FORMATS = rb"(?s)(<numFmts.*?</numFmts>)?<fonts"


def number_format(code: bytes) -> Callable[[Members], None]:
    new = b'<numFmts count="1"><numFmt numFmtId="170" formatCode="%b"/></numFmts><fonts' % code
    return replaced(STYLES, FORMATS, new)


NAMES = b'</sheets><definedNames><definedName name="1 2" localSheetId="99">x!</definedName></definedNames>'
PLAID = b'<fill><patternFill patternType="plaid"/></fill><fill>'
PAGE = b'<pageSetup paperSize="-1" scale="x"/></worksheet>'
ODD: dict[str, Callable[[Members], None]] = {
    "a date in its properties that is none": replaced(CORE, rb">\d{4}-[^<]*Z<", b">yesterday<"),
    "properties that are no properties": added(CORE, b"<letter/>"),
    "no properties": without(CORE),
    "a number format with a control character": number_format(b"0_x0000_"),
    "a colour that is none": replaced(STYLES, rb"<fill>", PLAID),
    "a font of no size": replaced(STYLES, rb'<sz val="[^"]*"/>', b'<sz val="large"/>'),
    "a theme that is none": added(THEME, b"<letter/>"),
    "a page of a negative size": replaced(SHEET, rb"</worksheet>", PAGE),
    "rows of no height": replaced(SHEET, rb"<sheetData", b'<sheetFormatPr defaultRowHeight="tall"/><sheetData'),
    "a name that is none": replaced(BOOK, rb"</sheets>", NAMES),
}


def spoilt(content: bytes, edit: Callable[[Members], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return written.getvalue()


@pytest.mark.parametrize("case", ODD)
@pytest.mark.sampled(4)
def test_findings_and_copies_survive_odd_workbook(case: str, converted: Path, tmp_path: Path, console: Console) -> None:
    workspace = Path(shutil.copytree(converted, tmp_path / "ge"))
    table = workspace / "tables" / NAME
    table.write_bytes(spoilt(table.read_bytes(), ODD[case]))
    assert run(["validate", str(workspace)]) == 1
    findings = workspace / "out" / "findings"
    before = findings_in(converted / "out" / "findings" / "findings.jsonl")
    assert findings_in(findings / "findings.jsonl") == before
    assert "population" in (findings / "findings.html").read_text(encoding="utf-8")
    copies = {path.name for path in (converted / "out" / "findings").glob("*.checked.xlsx")}
    assert len(copies) == 2
    made = {path.name for path in findings.glob("*.checked.xlsx")}
    assert made >= copies - {"population.checked.xlsx"}
    assert made == copies or f"No marked copy of {NAME}: " in console.readouterr().err


def test_damaged_workbook_is_named(converted: Path, tmp_path: Path, console: Console) -> None:
    workspace = Path(shutil.copytree(converted, tmp_path / "ge"))
    (workspace / "tables" / NAME).write_bytes(b"PK\x03\x04 and no more")
    assert f"--> {NAME}" in console.errors("validate", workspace)


def test_failure_of_marking_is_reported_and_findings_are_kept(
    converted: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise ValueError("an odd library")

    workspace = Path(shutil.copytree(converted, tmp_path / "ge"))
    monkeypatch.setattr("sdmxmig.reporting.outputs.marked_workbook.copy_with_marks", fail)
    errors = console.errors("validate", workspace, "--force", code=1)
    assert f"No marked copy of {NAME}: ValueError: an odd library" in errors
    assert {path.name for path in (workspace / "out" / "findings").iterdir()} == {
        *("findings.jsonl", "findings.html", "made.json")
    }


def test_unreadable_profile_does_not_stop_findings(converted: Path, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(converted, tmp_path / "ge"))
    (workspace / "profile.toml").write_text("[[", encoding="utf-8")
    assert run(["validate", str(workspace)]) == 1
    assert "not signed off" in (workspace / "out" / "findings" / "findings.html").read_text(encoding="utf-8")
