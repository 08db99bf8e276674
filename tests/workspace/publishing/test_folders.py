"""A result folder is replaced as a whole, and files of other people in it are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from folders import write_files
from other_systems import not_on_windows

from sdmxmig.io.publishing import files as durable
from sdmxmig.io.publishing import folders
from sdmxmig.io.publishing.files import MADE_FILE
from sdmxmig.io.publishing.folders import add_files, make_folder, publish_folder
from sdmxmig.primitives.errors import InputError, OutputError

EARLIER = {"a.csv": b"1", "old.csv": b"2", "sub/c.csv": b"3"}
LATER = {"a.csv": b"4", "sub/b.csv": b"5"}


def publish(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    return publish_folder(folder, "site", files, maker="a test", option="-o DIR")[1]


def contents(folder: Path) -> dict[str, bytes]:
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return {name: path.read_bytes() for name, path in paths.items() if path.name != MADE_FILE}


@pytest.fixture(params=[True, False], ids=["in one step", "in two steps"])
def swaps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without the system call that swaps folders."""
    if not request.param:
        monkeypatch.setattr(folders, "find_system_exchange", lambda: None)


@pytest.mark.usefixtures("swaps")
def test_folder_contains_only_the_last_publication(tmp_path: Path) -> None:
    assert publish(tmp_path / "site", EARLIER) == []
    assert publish(tmp_path / "site", LATER) == []
    assert contents(tmp_path / "site") == LATER
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.usefixtures("swaps")
def test_foreign_files_are_kept_and_named_once(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(folder, EARLIER)
    theirs = {"letter.txt": b"Dear colleague", "sub/deep/notes.md": b"# Notes", ".hidden": b"h"}
    write_files(folder, theirs)
    (folder / "plans").mkdir()
    notes = publish(folder, LATER)
    assert contents(folder) == LATER | theirs
    assert (folder / "plans").is_dir()
    assert [note.removeprefix(f"{folder.as_posix()}/") for note in notes] == [
        f"{name} was not made by sdmxmig and stays where it is."
        for name in (".hidden", "letter.txt", "plans", "sub/deep/notes.md")
    ]
    assert publish(folder, EARLIER) == []
    assert contents(folder) == EARLIER | theirs


@pytest.mark.usefixtures("swaps")
def test_edited_result_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(folder, EARLIER)
    (folder / "a.csv").write_bytes(b"my own figure")
    (folder / "old.csv").write_bytes(b"mine too, and it will not come again")
    (note, second_note) = publish(folder, LATER)
    assert contents(folder) == LATER | {
        "a.changed-1.csv": b"my own figure",
        "old.csv": b"mine too, and it will not come again",
    }
    assert note.endswith("was changed since sdmxmig wrote it; that is kept as a.changed-1.csv.")
    assert second_note.endswith("old.csv was not made by sdmxmig and stays where it is.")
    (folder / "a.csv").write_bytes(b"my own figure, again")
    publish(folder, LATER)
    assert contents(folder)["a.changed-2.csv"] == b"my own figure, again"
    assert contents(folder)["a.changed-1.csv"] == b"my own figure"


@not_on_windows("Windows has other links")
@pytest.mark.usefixtures("swaps")
def test_foreign_links_are_kept_as_links(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "outside"
    publish(folder, EARLIER)
    outside.mkdir()
    (outside / "thesis.txt").write_bytes(b"years")
    (folder / "link").symlink_to(outside)
    (folder / "broken").symlink_to("nowhere")
    publish(folder, LATER)
    assert (folder / "link").readlink() == outside
    assert os.path.lexists(folder / "broken")
    assert contents(outside) == {"thesis.txt": b"years"}


@pytest.mark.usefixtures("swaps")
@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_interrupted_write_leaves_the_earlier_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    publish(tmp_path / "site", EARLIER)
    synced = iter(range(1))

    def fail_at_second(_: int) -> None:
        if next(synced, None) is None:
            raise trouble

    monkeypatch.setattr(durable.os, "fsync", fail_at_second)
    with pytest.raises((KeyboardInterrupt, OutputError)):
        publish(tmp_path / "site", LATER)
    monkeypatch.undo()
    assert contents(tmp_path / "site") == EARLIER
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_interrupted_exchange_of_folders_keeps_the_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "find_system_exchange", lambda: None)
    publish(tmp_path / "site", EARLIER)
    renamed, interrupts = Path.rename, iter([KeyboardInterrupt])

    def interrupt(path: Path, target: Path) -> Path:
        if Path(target) == tmp_path / "site" and (raised := next(interrupts, None)):
            raise raised
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path / "site", LATER)
    assert contents(tmp_path / "site") == LATER
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_bytes(b"years")
    with pytest.raises(OutputError, match="not made by a test and would be replaced") as caught:
        publish(tmp_path / "site", LATER)
    assert "-o DIR" in caught.value.hint
    assert contents(tmp_path / "site") == {"thesis.txt": b"years"}


def test_file_in_place_of_a_folder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    for place in (tmp_path / "out", tmp_path / "out" / "site"):
        with pytest.raises(OutputError) as caught:
            publish(place, LATER)
        assert "-o DIR" in caught.value.hint


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user without all rights")
def test_read_only_folder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written to"):
            publish(tmp_path / "site", LATER)
    finally:
        tmp_path.chmod(0o700)


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "no JSON": lambda _: b"{",
    "another document": lambda _: b'{"schema": "letter", "version": 1}',
    "no results": lambda content: content.replace(b'"results"', b'"result"'),
    "a name that leads out": lambda content: content.replace(b'"a.csv"', b'"../a.csv"'),
    "an absolute name": lambda content: content.replace(b'"a.csv"', b'"/etc/a.csv"'),
    "files that are no list": lambda content: content.replace(b'"files": {', b'"files": 3, "other": {'),
}


@pytest.mark.parametrize("case", SPOILT)
def test_damaged_record_of_written_files_is_refused(case: str, tmp_path: Path) -> None:
    publish(tmp_path / "site", EARLIER)
    record = tmp_path / "site" / MADE_FILE
    record.write_bytes(SPOILT[case](record.read_bytes()))
    with pytest.raises(InputError, match=MADE_FILE):
        publish(tmp_path / "site", LATER)
    assert contents(tmp_path / "site") == EARLIER


def test_new_files_are_added_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.csv").write_bytes(b"mine")
    with pytest.raises(OutputError, match="already"):
        add_files(tmp_path, LATER, "-o DIR")
    assert contents(tmp_path) == {"sub/b.csv": b"mine"}
    assert add_files(tmp_path, {"a.csv": b"4"}, "-o DIR") == [tmp_path / "a.csv"]
    assert contents(tmp_path) == {"sub/b.csv": b"mine", "a.csv": b"4"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "sub"]


@pytest.mark.parametrize("exists", [True, False])
def test_new_folder_contains_exactly_its_files(exists: bool, tmp_path: Path) -> None:
    if exists:
        (tmp_path / "new").mkdir()
    make_folder(tmp_path / "new", LATER, "FOLDER")
    assert contents(tmp_path / "new") == LATER
    assert not (tmp_path / "new" / MADE_FILE).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
