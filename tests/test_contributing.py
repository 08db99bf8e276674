"""CONTRIBUTING.md: its additions pass the tests that it names, and mistakes in them are named with their file.

Additions are made in a copy of the project, all at once; so are mistakes that do not hide each other.
"""

from __future__ import annotations

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
SHOWN = {block.language: block.text for block in blocks(PAGE)}
SENTENCE = "Cette section est nouvelle.,Esta sección es nueva.,هذا القسم جديد.,Этот раздел новый.,本节是新的。"
READER = '''"""JSON Lines: one record a line, with the names of the columns in row 1."""

from __future__ import annotations

import json

from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Table


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read JSON Lines as one table without a sheet name; raises `InputError` naming a line that is no record."""
    cells, columns = CellColumns(), dict[str, int]()
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        try:
            record = dict(json.loads(line))
        except (ValueError, TypeError):
            raise InputError("This is not a JSON record.", Place(name, line=number), "Save it again.") from None
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

from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment


@VIEWS.add("novelty")
def novelty(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The values of the section."""
    return {"label": wording.say("Sources"), "heading": wording.say("Sources"), "country": assessment.area}
'''


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one commit."""
    folder = tmp_path_factory.mktemp("copy") / "sdmxmig"
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("out", "__pycache__", "_site"))
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x")
    return folder


@pytest.fixture
def copy(repository: Path) -> Path:
    """The copy, without what an earlier test changed."""
    git(repository, "reset", "--hard", "-q")
    git(repository, "clean", "-fdq")
    return repository


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def write(path: Path, text: str) -> None:
    """Write a new file, or add to the end of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(old + text, encoding="utf-8")


def add_rule(copy: Path, id_: str = "MIG-1-901", **changes: str) -> None:
    """The entry that the page shows, with other values for some keys."""
    entry = SHOWN["toml"].replace("MIG-1-901", id_)
    for key, value in changes.items():
        entry = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", entry)
    write(copy / "structures/rules/level-1.toml", f"\n{entry}")


def add_cases(copy: Path, id_: str = "MIG-1-901", observed: str = "100000001") -> None:
    """The tables of the rule that the page shows, and what it finds there."""
    cases = copy / "tests/quality/rules" / id_
    for name, value in {"ok": 10, "edge": 100000000, "na": 0, "bad": 100000001}.items():
        write(cases / f"{name}.csv", f"SEX,UNIT_MULT,OBS_VALUE\nM,0,{value}\n")
    said = f'"Resident population by birth and citizenship status, 2022, Male: {observed} is very high."'
    rows = ["case,outcome,severity,component,cells,observed,expected,related,said"]
    rows += [f"{name},pass,,,,,,," for name in ("ok", "edge", "na")]
    rows += [f"bad,fail,warning,OBS_VALUE,A1,{observed},at most 100000000,,{said}"]
    write(cases / "expected.csv", "\n".join(rows) + "\n")


def add_indicator(copy: Path, name: str = "GROSS_RATE", old: str = "", new: str = "") -> None:
    """One TOML, made from one of the same calculation; `new` takes the place of `old`."""
    folder = copy / "structures" / "indicators"
    text = (folder / "NET_RATE.toml").read_text(encoding="utf-8")
    text = text.replace('"NET_RATE"', f'"{name}"').replace("order = 5\n", "order = 10\n")
    assert old in text
    write(folder / f"{name}.toml", text.replace(old, new))


def add_section(copy: Path, template: str = "62-novelty", sentence: str = "This section is new.") -> None:
    """A template with a sentence."""
    write(copy / f"templates/report/{template}.html.j2", f'<p class="lead">{{{{ _("{sentence}") }}}}</p>\n')


def add_codelist(copy: Path, status: str = "candidate") -> None:
    """The list, the concept, and the attribute of a data structure."""
    lists = copy / "codelists" / "SDMXMIG"
    head = "id,parent,name_en,name_fr,name_es,name_ar,name_ru,name_zh,description_en,status,source,valid_from,valid_to"
    names = ",,Mode of entry,Mode d’entrée,Modo de entrada,طريقة الدخول,Способ въезда,入境方式,"
    names += ",candidate,sdmxmig proposal,,"
    code = f"FIRST,,First,Première,Primera,الأولى,Первый,首次,,{status},sdmxmig proposal,,"
    write(lists / "CL_ENTRY_MODE.1.0.0.csv", f"{head}\n{names}\n{code}\n")
    write(lists / "CS_MIG.1.0.0.csv", f"ENTRY_MODE{names},SDMXMIG:CL_ENTRY_MODE(1.0.0),\n")
    attribute = '\n[[attribute]]\nid = "ENTRY_MODE"\nattachment = "observation"\nmandatory = false\n'
    write(copy / "structures/dsd/DSD_EVENT.toml", attribute)


def named_tests(*rows: str) -> list[str]:
    """The tests that rows of the page name."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [next(line for line in lines if line.startswith(f"| [{row}]")) for row in rows]
    return sorted({name for line in found for name in re.findall(r"tests/[\w/.]+\.py", line.split("|")[3])})


def run_tests(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in the copy, as the page says."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.sampled(12)
def test_additions_of_the_page_pass_its_named_tests(copy: Path) -> None:
    add_rule(copy)
    write(copy / "sdmxmig/quality/rules/ceilings.py", SHOWN["python"])
    add_cases(copy)
    add_indicator(copy)
    add_section(copy)
    write(copy / "sdmxmig/reporting/sections/novelty.py", VIEW)
    write(copy / "templates/report/words.csv", f"This section is new.,,{SENTENCE}\n")
    add_codelist(copy)
    write(copy / "sdmxmig/conversion/tables/jsonl.py", READER)
    write(copy / "tests/conversion/tables/test_jsonl.py", READER_TEST)
    tests = named_tests("a rule", "an indicator", "a report section", "a codelist with an attribute", "a table reader")
    done = run_tests(copy, *tests, "tests/conversion/tables/test_jsonl.py", "tests/test_layers.py")
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.sampled(12)
def test_mistakes_in_additions_are_reported_with_their_file(copy: Path) -> None:
    write(copy / "sdmxmig/quality/rules/ceilings.py", SHOWN["python"])
    add_rule(copy)  # without cases
    add_rule(copy, "MIG-1-902")
    add_cases(copy, "MIG-1-902", observed="7")  # the sentence and the value are wrong
    add_rule(copy, "MIG-1-903", kind='"BELOW-CEILINGS"')
    add_indicator(copy, "GROSS_RATE", 'calculation = "net_rate"', 'calculation = "net_rates"')
    add_section(copy)  # without a view and a translation
    tests = named_tests("a rule", "an indicator", "a report section")
    said = run_tests(copy, *tests).stdout
    for sentence in (
        "tests/quality/rules/MIG-1-901/ok.csv is missing. Each rule needs ok.csv, bad.csv, edge.csv, na.csv",
        "The rows of case bad in tests/quality/rules/MIG-1-902/expected.csv differ from what MIG-1-902 finds.",
        "there is no kind “BELOW-CEILINGS” (MIG-1-903). Did you mean “BELOW-CEILING”?",
        "GROSS_RATE.toml: There is no calculation “net_rates”. Did you mean “net_rate”?",
        "templates/report/62-novelty.html.j2: no module in sdmxmig/reporting/sections registers a view “novelty”.",
        "templates/report/62-novelty.html.j2: “This section is new.” has no row in words.csv (ar, es, fr, ru, zh).",
    ):
        assert sentence in said


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lambda copy: add_rule(copy, runs_on="[", only='["DF_BIRTH"]'), "level-1.toml"),
        (lambda copy: add_indicator(copy, old='"DF_IMM"', new='"DF_IMMI"'), "GROSS_RATE.toml"),
        (lambda copy: add_codelist(copy, status="final"), "CL_ENTRY_MODE.1.0.0.csv:3"),
    ],
    ids=["a rule for a dataflow that does not exist", "an indicator of such a dataflow", "a code with a wrong status"],
)
def test_unloadable_declarations_end_the_run(copy: Path, mistake: Callable[[Path], None], sentence: str) -> None:
    mistake(copy)
    done = run_tests(copy, "tests/quality/rules/test_rules.py")
    assert done.returncode == 2
    assert "The declarations cannot be loaded." in done.stdout + done.stderr
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_page_names_only_existing_files_and_folders() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/])(?:tests|structures|sdmxmig|codelists|templates|docs)/[\w/.-]*[\w/]", text))
    made = (
        "MIG-1-901",
        "NN-",
        "62-",
        "CL_ENTRY_MODE",
        "sections/name.py",
        "tables/test_",
        "docs/_site",
        "statistics/calculations/",
    )
    assert [name for name in sorted(named) if not (ROOT / name).exists() and not any(one in name for one in made)] == []
    assert len(named) > 40
