"""Only the table that changed is converted again, and never is a figure kept that should be another one."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import ROOT
from small_office import COUNTRY, POPULATION

from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.workspace import results
from sdmxmig.workspace.tasks import converting

pytestmark = [pytest.mark.every_day, pytest.mark.usefixtures("readable_reports")]

TABLE = "Year,Men,Women\n2021,1,2\n2022,x,4\n"
ALL, ONE, NONE = ["a.csv", "b.csv"], ["b.csv"], list[str]()
OWN_AREAS = "examples/fictional/codelists/SDMXMIG/CL_PARTNER.1.0.0+.csv"


def mapping(name: str) -> str:
    return (
        f'id = "MAP_{name}"\nflow = "DF_POP"\nfile = "{name}.csv"\n[[block]]\nsheet = "*"\nanchor = "Year"\n'
        + POPULATION
    )


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace whose two tables have been converted; a cell of each is no number."""
    folder = tmp_path / "ge"
    write(folder, "country.toml", COUNTRY)
    for name in "ab":
        write(folder, f"mappings/{name}.toml", mapping(name))
        write(folder, f"tables/{name}.csv", TABLE.replace("202", "202" if name == "a" else "201"))
    run(["convert", str(folder), "--now", "2026-01-31"])
    return folder


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        write(folder, name, text.replace(old, new))

    return change


def add(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: write(folder, name, text)


CHANGES = {
    "a figure": (edit("tables/b.csv", "4", "5"), ONE),
    "a cell without number": (edit("tables/b.csv", "x", "y"), ONE),
    "a title": (edit("tables/b.csv", "Year", "Residents\nYear"), ONE),
    "a table that no mapping reads": (add("tables/c.csv", TABLE), NONE),
    "a mapping": (edit("mappings/a.toml", '"Men" = "M", "Women" = "F"', '"Men" = "F", "Women" = "M"'), ALL),
    "the country": (edit("country.toml", 'office.en = "Office"', 'office.en = "Another"'), ALL),
    "a codelist": (add("codelists/SDMXMIG/CL_PARTNER.1.0.0+.csv", (ROOT / OWN_AREAS).read_text("utf-8")), ALL),
    "a rule": (add("structures/rules/own.toml", "# No rule yet.\n"), ALL),
    "the profile": (add("profile.toml", ""), NONE),
    "nothing": (lambda _: None, NONE),
}


def convert_counted(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[str]:
    """Convert a workspace; returns the tables that were converted."""
    converted: list[str] = []

    def convert_and_note(*arguments: object, **others: object) -> object:
        converted.append(arguments[0][0].file)  # type: ignore[index]
        return convert(*arguments, **others)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(converting.conversion, "convert", convert_and_note)
        run(["convert", str(folder), "--now", "2026-01-31", *options])
    return converted


def read_data(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted((folder / "out/data").iterdir()) if path.name != "made.json"
    }


@pytest.mark.parametrize("kind", CHANGES)
def test_what_a_change_concerns_is_converted_again(
    kind: str, office: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    change, expected = CHANGES[kind]
    change(office)
    assert convert_counted(office, monkeypatch) == expected
    anew = tmp_path / "anew" / "ge"
    shutil.copytree(office, anew, ignore=shutil.ignore_patterns("out"))
    assert convert_counted(anew, monkeypatch) == ALL
    assert read_data(office) == read_data(anew)


def test_force_and_another_version_of_the_program_convert_all(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert convert_counted(office, monkeypatch, "--force") == ALL
    monkeypatch.setattr(results, "hash_of_program", lambda: "another version")
    assert convert_counted(office, monkeypatch) == ALL


def test_a_forced_run_converts_all(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit("tables/b.csv", "4", "5")(office)
    forced = converting.convert

    def note(*arguments: object, **others: object) -> object:
        assert arguments[1].force  # type: ignore[attr-defined]
        return forced(*arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(converting, "convert", note)
    run(["run", str(office), "--now", "2026-01-31", "--force"])


def test_only_their_user_reads_kept_conversions_of_the_newest_tables(office: Path) -> None:
    kept = office / "out/.converted"
    before = {path.name for path in kept.iterdir()}
    assert kept.stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept.iterdir()) or os.name == "nt"
    edit("tables/b.csv", "4", "5")(office)
    run(["convert", str(office), "--now", "2026-01-31"])
    after = {path.name for path in kept.iterdir()}
    assert (len(before), len(after), len(before & after)) == (2, 2, 1)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("harm"),)


@pytest.mark.parametrize("content", [b"", b"0" * 100, pickle.dumps(Harmful()), pickle.dumps(["no conversion"])])
def test_a_strange_file_among_them_does_nothing(
    content: bytes, office: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (office / "out/.converted").iterdir():
        path.write_bytes(hashlib.sha256(content).digest() + content)
    shutil.rmtree(office / "out/data")
    assert convert_counted(office, monkeypatch) == ALL
    assert not Path("harm").exists()


def test_a_link_in_its_place_is_left_alone(office: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.kept").touch()
    shutil.rmtree(office / "out/.converted")
    (office / "out/.converted").symlink_to(own)
    edit("tables/b.csv", "4", "5")(office)
    run(["convert", str(office), "--now", "2026-01-31"])
    assert [path.name for path in own.iterdir()] == ["mine.kept"]
