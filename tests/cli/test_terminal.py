"""Hostile text is printed without control of the terminal: no command prints an invisible character."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT

from sdmxmig.cli import run, terminal
from sdmxmig.io.edited_toml import quote_text
from sdmxmig.primitives.text import escape_invisible, escape_json, show_lines

pytestmark = pytest.mark.usefixtures("readable_reports")
SEEN = "Owned"
"""Stands in every hostile text, so that each test can tell that it was printed."""
HOSTILE = f"\x1b]0;{SEEN}\x07\x1b[31m\x9b2J\x85\u202etxet\u2066\u200b\ufeff\U000e0041"
LEGAL = HOSTILE.replace("\x1b", "").replace("\x07", "")
"""What XML may carry of it, so that every stage runs to its end."""
MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"
NAME = f"{SEEN}\x1b[2J\u202e\x9b\n✓ validate 0 errors"
"""Files may be called so."""
ALLOWED = {"\n", "\t", "\u200e", "\u200f", "\u061c"}


def hidden(text: str) -> set[str]:
    """The signs of a text that nobody sees, judged by the Unicode database and not by our list."""
    return {
        f"U+{ord(sign):04X}"
        for sign in text
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in ALLOWED
    }


def escaped(text: str) -> str:
    """A text between the quotation marks of TOML."""
    return "".join(f"\\U{ord(sign):08X}" if hidden(sign) else sign for sign in text)


def hostile_workspace(folder: Path, text: str) -> None:
    """A workspace whose names, labels, figures and answers hold this text."""
    shutil.copytree(ROOT / "templates" / "workspace", folder)
    for name, keys in {"country.toml": ("office.en", "name.en"), "profile.toml": ("practice.en", "P1")}.items():
        content = (folder / name).read_text(encoding="utf-8")
        for key in keys:
            content = content.replace(f'{key} = "', f'{key} = "{escaped(text)}')
        (folder / name).write_text(content, encoding="utf-8")
    table = f"{text}\n\nYear,Population\n2018,{text}\n{text},12\n2020,-5\n"
    (folder / "tables" / "population.csv").write_text(table, encoding="utf-8")
    (folder / "tables" / f"{NAME}.csv").write_text(table, encoding="utf-8")
    (folder / "wrong.toml").write_text(
        f'area = "GE"\nyear = "2024"\n[items."{escaped(text)}"]\nanswer = "{escaped(text)}"\n', encoding="utf-8"
    )


def hostile_lists(folder: Path) -> None:
    """Two releases of a list, and one that comes from a spreadsheet."""
    for own in ("lists", "other"):
        lists = folder / own / "codelists" / "NSO"
        lists.mkdir(parents=True)
        rows = (
            f'id,parent,name_en,status,source\n,,"{LEGAL}",candidate,"{LEGAL}"\nA,,"{LEGAL}{own}",candidate,"{LEGAL}"\n'
        )
        rows += f'B,,"{LEGAL}",candidate,\n' if own == "other" else ""
        (lists / "CL_OWN.1.0.csv").write_text(rows, encoding="utf-8")
    sheet = openpyxl.Workbook()
    for row in (
        ["id", "parent", "name_en", "status", "source"],
        ["", "", LEGAL, "candidate", LEGAL],
        ["A", "", LEGAL, "candidate", ""],
        [1.5, "", LEGAL, "candidate", ""],
        [LEGAL, "", LEGAL, "candidate", ""],
    ):
        sheet.worksheets[0].append(row)
    sheet.save(folder / "CL_OWN.xlsx")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with workspaces, tables, lists, profiles and messages of somebody who means harm."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_workspace(folder / NAME, LEGAL)
    hostile_workspace(folder / "control", HOSTILE)
    hostile_lists(folder)
    header = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ"
    messages = {
        "header.csv": f"{header},{HOSTILE}\ndataflow,SDMXMIG:DF_POP(1.0.0),I,A,1\n",
        "values.csv": f"{header}\ndataflow,{LEGAL}:DF_POP(1.0),I,{LEGAL}\n",
        "action.csv": f"{header}\ndataflow,SDMXMIG:DF_POP(1.0.0),{HOSTILE},A\n",
        "root.xml": f"<{SEEN}\u200dx xmlns='urn:{SEEN}\x9b\u202e'><a>\x9b</a></{SEEN}\u200dx>",
        "attribute.xml": f"<Structure xmlns='{MESSAGE}' {SEEN}='{LEGAL}'><{SEEN}>{LEGAL}</{SEEN}></Structure>",
        "message.json": json.dumps({"meta": {"schema": HOSTILE}, "data": {"dataSets": [{HOSTILE: 1}]}}),
        f"{NAME}.csv": HOSTILE,
        "wide.csv": f"Year,{HOSTILE},Women\n2020,1,2\n2021,3,{HOSTILE}\n2022,5,6\n",
        "broken.toml": f'"{escaped(HOSTILE)}" = 1\n',
    }
    for name, content in messages.items():
        (folder / name).write_text(content, encoding="utf-8")
    for stage in ("convert", "validate", "assess"):
        assert run([stage, str(folder / NAME)]) in (0, 1), stage
    return folder


@cases_from("cli/cases/no_command_prints_what_steers_a_terminal.csv")
@pytest.mark.sampled(6)
def test_commands_print_no_terminal_control_codes(
    command: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    place = tmp_path / "here"
    shutil.copytree(made, place)
    monkeypatch.chdir(place)
    meant = {"WS": NAME, "NAME": NAME, "HOSTILE": HOSTILE}
    words = command.split(" ")
    for word, text in meant.items():
        words = [one.replace(word, text) for one in words]
    code = run(words)
    out, err = console.readouterr()
    assert not hidden(out), f"standard output: {out!r}"
    assert not hidden(err), f"standard error: {err!r}"
    assert code in (0, 1, 2), err
    assert SEEN in out + err
    assert not [line for line in f"{out}\n{err}".splitlines() if line.startswith("✓ validate 0 errors")]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("\x1b]0;title\x07", "<U+001B>]0;title<U+0007>"),
        ("\x9b2J", "<U+009B>2J"),
        ("a\rb", "a<U+000D>b"),
        ("a\nb", "a<U+000A>b"),
        ("a\x08b", "a<U+0008>b"),
        ("a\x7f", "a<U+007F>"),
        ("\u202e321", "<U+202E>321"),
        ("\u2066\u2069", "<U+2066><U+2069>"),
        ("F\u200bT", "F<U+200B>T"),
        ("F\u200dT", "F<U+200D>T"),
        ("F\u200c", "F<U+200C>"),
        ("\ufeffF", "<U+FEFF>F"),
        ("F\u00adT", "F<U+00AD>T"),
        ("\U000e0041", "<U+E0041>"),
        ("\u2028", "<U+2028>"),
        ("\u3164", "<U+3164>"),
        ("\udc80", "<U+DC80>"),
    ],
)
def test_invisible_characters_are_shown_as_escapes(hostile: str, shown: str) -> None:
    assert escape_invisible(hostile) == shown
    assert json.loads(escape_json(json.dumps(hostile, ensure_ascii=False))) == hostile
    assert not hidden(escape_json(json.dumps(hostile, ensure_ascii=False)))
    if hostile != "\udc80":
        assert tomllib.loads(f"a = {quote_text(hostile)}")["a"] == hostile
        assert not hidden(quote_text(hostile))


@pytest.mark.parametrize(
    "text",
    [
        "Île-de-France, Côte d’Ivoire",
        "می\u200cشود",
        "क्\u200dष",
        "👨\u200d👩\u200d👧",
        "\u200e−51",
        "ארץ\u200f",
        "1\u00a0234\u202f567",
        "a\tb",
        "[bold]x[/bold] :warning:",
        "e\u0301 á",
        "東京　都",
        "ไทย",
        "<U+001B>",
        "C:\\x1b",
        "۱۲۳",
    ],
)
def test_ordinary_text_is_printed_unchanged(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert escape_invisible(text) == show_lines(text) == escape_json(text) == text
    terminal.say(text)
    terminal.show(text)
    assert capfd.readouterr() == (f"{text}\n", f"{text.expandtabs()}\n")


def test_result_written_to_a_file_keeps_its_bytes(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source = tmp_path / "data.csv"
    flow = "dataflow,SDMXMIG:DF_BIRTHS(1.0.0),A"
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,EVENT,BIRTH_STATUS,CTZ_STATUS,SEX,AGE,TIME_PERIOD,OBS_VALUE"
    row = f"{flow},A,GE,LBIRTH,_T,_T,_T,_T,2020,1"
    source.write_text(f"{head},COMMENT_OBS\r\n{row},\x9b\u202e\u200bx\r\n", encoding="utf-8", newline="")
    assert run(["transform", str(source), "--to", "sdmx-csv-2.0", "-o", "-"]) == 0
    assert "\x9b\u202e\u200bx".encode() in capfdbinary.readouterr().out


def test_closed_output_pipe_causes_no_error() -> None:
    command = [sys.executable, "-m", "sdmxmig", "show"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        assert listing.stdout.readline().startswith("AgencyScheme")
        listing.stdout.close()
        assert listing.stderr.read() == ""
        assert listing.wait(timeout=60) == 0
