"""What CONTRIBUTING.md says about additions is true: it names files that exist, and five of them touch what it says.

The additions are made in a copy of the project, in which the tests that it names must pass (``make long``).
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from manual_pages import ROOT, blocks

PAGE = ROOT / "CONTRIBUTING.md"
PARTS = ("codelists", "structures", "templates", "sdmxmig", "tests", "benchmarks", "examples", "docs")
ROW = ",,Mode of entry,Mode d’entrée,Modo de entrada,طريقة الدخول,Способ въезда,入境方式,,candidate,sdmxmig proposal,,"
READER = '''"""JSON Lines: one record a line, with the names of the columns in row 1."""

from __future__ import annotations

import json

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.primitives.places import Place
from sdmxmig.conversion.tables.readers import READERS, TableReader


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read JSON Lines as one table without a sheet name; raises `InputError` naming a line that is no record."""
    cells, columns = CellColumns(), dict[str, int]()
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        try:
            record = dict(json.loads(line))
        except (ValueError, TypeError):
            raise InputError("This is no record of JSON.", Place(name, line=number), "Save it again.") from None
        for key, value in record.items():
            if key not in columns:
                columns[key] = len(columns) + 1
                cells.add(1, columns[key], key)
            cells.add(number + 1, columns[key], str(value))
    return (Table(name, "", cells=cells.frame().sort("row", "column")),)


READERS.add("jsonl")(TableReader("JSON Lines", (".jsonl",), magic=b"", read=read))
'''
READER_TEST = '''"""JSON Lines as text cells."""

from sdmxmig.conversion.tables import read


def test_a_record_is_a_row() -> None:
    (table,) = read("a.jsonl", b'{"Year": 2024, "Persons": "12"}\\n')
    assert table.cells["text"].to_list() == ["Year", "Persons", "2024", "12"]
'''
VIEW = '''"""The section on what is new."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording


@VIEWS.add("novelty")
def novelty(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """What the section shows."""
    return {"label": wording.say("Sources"), "heading": wording.say("Sources"), "country": assessment.area}
'''


def write(path: Path, text: str) -> None:
    """Write a new file, or add to the end of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(old + text, encoding="utf-8")


def add_an_indicator(copy: Path) -> None:
    """As the page says: one TOML, made from one of the same calculation."""
    folder = copy / "structures" / "indicators"
    text = (folder / "NET_RATE.toml").read_text(encoding="utf-8")
    text = text.replace('"NET_RATE"', '"GROSS_RATE"').replace("order = 5\n", "order = 10\n")
    write(folder / "GROSS_RATE.toml", text)


def add_a_rule_with_a_kind(copy: Path) -> None:
    """The entry and the function that the page shows, and four tables with what comes of them."""
    shown = {block.language: block.text for block in blocks(PAGE)}
    write(copy / "structures/rules/level-1.toml", f"\n{shown['toml']}")
    write(copy / "sdmxmig/quality/rules/ceilings.py", shown["python"])
    cases = copy / "tests/quality/rules/MIG-1-901"
    for name, value in {"ok": 10, "edge": 100000000, "na": 0, "bad": 100000001}.items():
        write(cases / f"{name}.csv", f"SEX,UNIT_MULT,OBS_VALUE\nM,0,{value}\n")
    said = '"Resident population by birth and citizenship status, 2022, Male: 100000001 is very high."'
    rows = ["case,outcome,severity,component,cells,observed,expected,related,said"]
    rows += [f"{name},pass,,,,,,," for name in ("ok", "edge", "na")]
    rows += [f"bad,fail,warning,OBS_VALUE,A1,100000001,at most 100000000,,{said}"]
    write(cases / "expected.csv", "\n".join(rows) + "\n")


def add_a_section(copy: Path) -> None:
    """A template and what it shows, under one name, and the row of its sentence."""
    write(copy / "templates/report/62-novelty.html.j2", '<p class="lead">{{ _("This section is new.") }}</p>\n')
    write(copy / "sdmxmig/reporting/sections/novelty.py", VIEW)
    sentence = "Cette section est nouvelle.,Esta sección es nueva.,هذا القسم جديد.,Этот раздел новый.,本节是新的。"
    write(copy / "templates/report/words.csv", f"This section is new.,,{sentence}\n")


def add_a_codelist_with_an_attribute(copy: Path) -> None:
    """The list, the concept, and the attribute of a data structure."""
    lists = copy / "codelists" / "SDMXMIG"
    head = "id,parent,name_en,name_fr,name_es,name_ar,name_ru,name_zh,description_en,status,source,valid_from,valid_to"
    code = "FIRST,,First,Première,Primera,الأولى,Первый,首次,,candidate,sdmxmig proposal,,"
    write(lists / "CL_ENTRY_MODE.1.0.0.csv", f"{head}\n{ROW}\n{code}\n")
    write(lists / "CS_MIG.1.0.0.csv", f"ENTRY_MODE{ROW},SDMXMIG:CL_ENTRY_MODE(1.0.0),\n")
    attribute = '\n[[attribute]]\nid = "ENTRY_MODE"\nattachment = "observation"\nmandatory = false\n'
    write(copy / "structures/dsd/DSD_EVENT.toml", attribute)


def add_a_table_reader(copy: Path) -> None:
    """One module, and its test."""
    write(copy / "sdmxmig/conversion/tables/jsonl.py", READER)
    write(copy / "tests/conversion/tables/test_jsonl.py", READER_TEST)


ADDITIONS: dict[Callable[[Path], None], tuple[int, str]] = {
    add_an_indicator: (1, "an indicator"),
    add_a_rule_with_a_kind: (7, "a rule"),
    add_a_section: (3, "a report section"),
    add_a_codelist_with_an_attribute: (3, "a codelist with an attribute"),
    add_a_table_reader: (2, "a table reader"),
}
"""What is added, how many files that touches (five of those of a rule are its cases), and its row in the page."""


@pytest.mark.long
@pytest.mark.parametrize("add", ADDITIONS, ids=lambda add: add.__name__)
def test_an_addition_touches_the_files_that_the_page_names_and_the_tests_pass(
    add: Callable[[Path], None], tmp_path: Path
) -> None:
    for name in PARTS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("out", "__pycache__", "_site"))
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, tmp_path)
    before = states(tmp_path)
    add(tmp_path)
    files, row = ADDITIONS[add]
    changed = {path for path, state in states(tmp_path).items() if before.get(path) != state}
    assert len(changed) == files, changed
    line = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| [{row}]"))
    named = {name for name in re.findall(r"tests/[\w/.]+", line.split("|")[3]) if (tmp_path / name).exists()}
    named |= {path.relative_to(tmp_path).as_posix() for path in changed if path.name.startswith("test_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", *sorted(named)]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def states(folder: Path) -> dict[Path, bytes]:
    """Every file with its content."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path: path.read_bytes() for path in found}


def test_what_the_examples_import_exists() -> None:
    sources = [READER, READER_TEST, VIEW, *(block.text for block in blocks(PAGE) if block.language == "python")]
    imports = [node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    ours = [
        (node.module, name.name) for node in imports for name in node.names if str(node.module).startswith("sdmxmig")
    ]
    assert [pair for pair in ours if not hasattr(importlib.import_module(str(pair[0])), pair[1])] == []
    assert len(ours) > 8


def test_the_page_names_files_and_folders_that_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    known = {"structures/rules/level-N.toml", "tests/test_contributing.py"}
    named = (
        set(re.findall(r"(?<![\w/])(?:tests|structures|sdmxmig|codelists|templates|docs)/[\w/.-]*[\w/]", text)) - known
    )
    made = (
        "MIG-1-901",
        "<",
        "NN-",
        "62-",
        "CL_ENTRY_MODE",
        "sdmxmig/reporting/sections/name.py",
        "test_<",
        "docs/_site",
    )
    absent = [name for name in named if not any(one in name for one in made) and not (ROOT / name).exists()]
    cut = {
        "tests/conversion/tables/test_",
        "tests/statistics/calculations",
        "tests/quality/rules",
        "codelists",
        "structures/maps",
    }
    assert [name for name in absent if name.rstrip("/") not in cut] == []
    assert len(named) > 40
