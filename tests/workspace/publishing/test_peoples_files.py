"""Reviews, forms, lists and letters edited by people are never overwritten; unedited ones may be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from console import Console
from folders import write_files

from sdmxmig.cli import run

pytestmark = pytest.mark.usefixtures("readable_reports")
WORK = b"two weeks of work"


@pytest.fixture
def place(tmp_path: Path, sealed_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a workspace that has results."""
    shutil.copytree(sealed_once, tmp_path / "ws")
    monkeypatch.chdir(tmp_path)
    return tmp_path


TABLE = "ws/tables/population.csv"
DATA = "ws/out/data/DF_POP.csv"
OVER: dict[str, tuple[str, str]] = {
    "a review": (f"map {TABLE} DF_POP --area GE --review mine.xlsx", "mine.xlsx"),
    "a mapping": (f"map {TABLE} DF_POP --area GE -o mine.toml", "mine.toml"),
    "a mapping of the workspace": (f"map {TABLE} DF_POP --area GE -o ws/mappings/population.toml", ""),
    "a list": ("show SDMXMIG:CL_CTZ_STATUS -o mine.xlsx", "mine.xlsx"),
    "a form": ("profile form --area GE -o mine.xlsx", "mine.xlsx"),
    "a profile": ("profile read ws/profile.toml -o mine.toml", "mine.toml"),
    "a marked copy": ("profile read ws/profile.toml --marked mine.xlsx", "mine.xlsx"),
    "a questionnaire": ("questionnaire make DF_POP --area GE --years 2020 -o mine.xlsx", "mine.xlsx"),
    "a workbook, by a message": (f"transform {DATA} --to sdmx-csv-2.0 -o mine.xlsx", "mine.xlsx"),
    "a letter, by maps": ("convert ws --maps letter.xml", "letter.xml"),
    "a packed letter, by a message": (f"transform {DATA} --to sdmx-ml-3.0 -o letter.gz", "letter.gz"),
}
LOOKS = {"table.csv": b"Year,Men\n2020,1\n", "page.xml": b"<letter>Dear colleague</letter>\n"}


@pytest.mark.parametrize("case", OVER)
@pytest.mark.sampled(4)
def test_file_that_a_person_may_have_edited_is_kept(case: str, place: Path, console: Console) -> None:
    command, file = OVER[case]
    path = place / (file or "ws/mappings/population.toml")
    if file:
        path.write_bytes(LOOKS.get(file, WORK))
    before = path.read_bytes()
    messages = console.errors(*command.split())
    assert "Name another" in messages
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in place.iterdir()) == sorted({"ws", *([file] if file else [])})


def test_filled_form_is_not_overwritten(place: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Year", "2020"])  # type: ignore[union-attr]
    workbook.save(place / "form.xlsx")
    (place / "form.filled.xlsx").write_bytes(WORK)
    options = ["--mapping", "ws/mappings/population.toml", "--data", DATA]
    assert run(["questionnaire", "fill", "form.xlsx", *options]) == 2
    assert (place / "form.filled.xlsx").read_bytes() == WORK


AGAIN: dict[str, str] = {
    "a mapping": f"map {TABLE} DF_POP --area GE -o mine.toml",
    "a profile": "profile read ws/profile.toml -o mine.toml",
    "a message": f"transform {DATA} --to sdmx-ml-3.0 -o mine.xml",
    "a message of another format": f"transform {DATA} --to sdmx-json-2.0 -o mine.xml",
    "a packed message": f"transform {DATA} --to sdmx-ml-3.0 -o mine.xml.gz",
    "maps": "convert ws --maps mine.xml",
}


@pytest.mark.parametrize("case", AGAIN)
def test_unchanged_output_can_be_overwritten(case: str, place: Path) -> None:
    first = run(AGAIN[case].split())
    assert first in (0, 1)
    assert run(AGAIN[case].split()) == first


@pytest.mark.parametrize("case", ["a mapping", "a profile"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + "\n",
        lambda text: text.replace("GE", "MD", 1),
        lambda text: "# mine\n" + text,
        lambda text: "\n".join(text.splitlines()[:-1]) + "\n",
    ],
)
def test_output_edited_by_a_person_is_not_overwritten(case: str, edit: Callable[[str], str], place: Path) -> None:
    run(AGAIN[case].split())
    path = place / "mine.toml"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = path.read_bytes()
    assert run(AGAIN[case].split()) == 2
    assert path.read_bytes() == before


def test_profile_written_by_init_can_be_replaced_until_changed(place: Path) -> None:
    assert run(["init", "new"]) == 0
    assert run(["profile", "read", "ws/profile.toml", "-o", "new"]) == 0
    with (place / "new" / "profile.toml").open("a", encoding="utf-8") as file:
        file.write("# looked through\n")
    assert run(["profile", "read", "ws/profile.toml", "-o", "new"]) == 2


def test_empty_file_may_be_overwritten_by_a_message(place: Path) -> None:
    (place / "new.xml").touch()
    assert run(f"transform {DATA} --to sdmx-ml-3.0 -o new.xml".split()) == 0
    assert (place / "new.xml").stat().st_size > 100


def test_corrected_workbooks_are_not_overwritten(place: Path, console: Console) -> None:
    corrected = place / "corrected.csv"
    corrected.write_bytes((place / DATA).read_bytes().replace(b"2018,3729.6,", b"2018,3729.7,"))
    command = ["questionnaire", "correct", "--data", "corrected.csv", "--workspace", "ws"]
    assert run(command) == 0
    (target,) = (place / "ws" / "out" / "corrected").iterdir()
    target.write_bytes(WORK)
    console.readouterr()
    assert "already" in console.errors(*command)
    assert target.read_bytes() == WORK
    assert run([*command, "-o", "elsewhere"]) == 0


@pytest.mark.long
def test_files_of_people_among_results_survive_every_command(place: Path) -> None:
    theirs = {
        "out/data/thesis.txt": WORK,
        "out/data/notes.csv": b"Year,Note\n2020,why\n",
        "out/findings/read/notes.docx": WORK,
        "out/structures/.hidden": WORK,
        "out/submission/receipt.pdf": WORK,
        "out/letter.docx": WORK,
        "out/corrected/mine.xlsx": WORK,
    }
    write_files(place / "ws", theirs)
    assert run(["build", "ws", "--now", "2026-01-31T12:00:00+00:00"]) == 0
    for command in ("convert", "validate", "package", "assess", "report", "run", "run"):
        assert run([command, "ws", "--now", "2026-02-28T12:00:00"]) == 0, command
    assert {name: (place / "ws" / name).read_bytes() for name in theirs} == theirs


def test_edited_result_is_kept_and_named(place: Path, console: Console) -> None:
    findings = place / "ws" / "out" / "findings" / "findings.html"
    findings.write_bytes(WORK)
    assert "findings.html was changed since sdmxmig wrote it; that is kept as findings.changed-1.html" in " ".join(
        console.errors("validate", "ws", code=0).split()
    )
    assert (findings.parent / "findings.changed-1.html").read_bytes() == WORK
    assert "changed-1" not in console.errors("validate", "ws", code=0), "it is said once"
