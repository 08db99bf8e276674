"""The cache of values made from declarations."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import NamedTuple

import pytest

from sdmxmig.io.disk_cache import MAX_KEPT, MEMORY_CACHE, ValueSharing, cache_folder, load_or_make, load_or_make_from
from sdmxmig.workspace.results import hash_code


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "list.csv").write_text("1", encoding="utf-8")
    return tmp_path / "source" / "list.csv"


def read(source: Path) -> tuple[str, bool]:
    """The value in a new process, and whether it was made rather than loaded."""
    MEMORY_CACHE.clear()
    made = []

    def make() -> str:
        made.append(True)
        return source.read_text(encoding="utf-8")

    return load_or_make("value", [source.parent], make), bool(made)


def test_second_reading_uses_the_cache(source: Path) -> None:
    assert [read(source), read(source)] == [("1", True), ("1", False)]


def add_a_file(source: Path) -> None:
    source.with_name("new.toml").write_text("", encoding="utf-8")


def change_in_the_same_size(source: Path) -> None:
    source.write_text("2", encoding="utf-8")
    os.utime(source, ns=(1, 1))


@pytest.mark.parametrize("change", [add_a_file, change_in_the_same_size])
def test_changed_sources_are_reloaded(source: Path, change: Callable[[Path], None]) -> None:
    read(source)
    change(source)
    assert read(source) == (source.read_text(encoding="utf-8"), True)


@pytest.mark.parametrize("name", ["module.cpython-311.pyc", "compiled.scan-299.py311.nbi"])
def test_compiled_files_do_not_invalidate_the_cache(source: Path, name: str) -> None:
    before = [read(source)[0], hash_code(source.parent)]
    (source.parent / "__pycache__").mkdir()
    (source.parent / "__pycache__" / name).write_bytes(b"compiled")
    assert [read(source), hash_code(source.parent)] == [(before[0], False), before[1]]


@pytest.mark.parametrize("keep", [0, 10, 32, 40])
def test_damaged_cache_is_replaced(source: Path, keep: int) -> None:
    read(source)
    (file,) = cache_folder().rglob("*.pickle")
    file.write_bytes(file.read_bytes()[:keep])
    assert [read(source), read(source)] == [("1", True), ("1", False)]


def test_value_is_computed_if_the_cache_is_unwritable(source: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert [read(source), read(source)] == [("1", True), ("1", True)]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file to another user")
def test_cache_of_another_user_is_not_loaded(source: Path) -> None:
    read(source)
    (file,) = cache_folder().rglob("*.pickle")
    os.chown(file, 65534, 65534)
    assert read(source) == ("1", True)


def read_own(folder: Path) -> tuple[str, bool]:
    """The value of a workspace's folder in a new process, and whether it was made rather than loaded."""
    MEMORY_CACHE.clear()
    made = []

    def make() -> str:
        made.append(True)
        return ";".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.toml")))

    return load_or_make("value", [], make, own=[folder]), bool(made)


def edit(own: Path) -> None:
    (own / "a.toml").write_text("2", encoding="utf-8")


def add_beside(own: Path) -> None:
    (own / "deep" / "b.toml").write_text("3", encoding="utf-8")


def edit_behind_a_link(own: Path) -> None:
    (own.parent / "elsewhere.toml").write_text("4", encoding="utf-8")


@pytest.fixture
def own(source: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.toml").write_text("1", encoding="utf-8")
    (tmp_path / "elsewhere.toml").write_text("0", encoding="utf-8")
    (folder / "linked.toml").symlink_to(tmp_path / "elsewhere.toml")
    (folder / "deep" / "loop").symlink_to(folder)
    return folder


@pytest.mark.parametrize("change", [edit, add_beside, edit_behind_a_link])
def test_changes_in_a_workspace_are_detected_by_content(own: Path, change: Callable[[Path], None]) -> None:
    first = read_own(own)
    assert read_own(own) == (first[0], False)
    times = {path: path.stat().st_mtime_ns for path in own.rglob("*.toml")}
    change(own)
    for path, time in times.items():  # an editor or a copying program may keep the time
        os.utime(path, ns=(time, time))
    value, made = read_own(own)
    assert made
    assert value != first[0]


def test_each_workspace_gets_its_own_value(own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.toml").write_text("9", encoding="utf-8")
    expected = read_own(own)[0]
    assert [read_own(other)[0], read_own(own)[0]] == ["9", expected]


def test_value_of_a_moved_or_copied_workspace_is_loaded(own: Path, tmp_path: Path) -> None:
    first = read_own(own)[0]
    shutil.copytree(own, tmp_path / "elsewhere" / "own", symlinks=False, ignore=shutil.ignore_patterns("loop"))
    assert read_own(tmp_path / "elsewhere" / "own") == (first, True)  # the folder behind the link is not there
    shutil.copytree(tmp_path / "elsewhere", tmp_path / "third")
    assert read_own(tmp_path / "third" / "own") == (first, False)
    assert read_own(own) == (first, False)


def test_value_of_files_that_change_meanwhile_is_not_cached(own: Path) -> None:
    MEMORY_CACHE.clear()
    before = (own / "a.toml").read_text(encoding="utf-8")

    def make() -> str:
        edit(own)
        return "of the changed file"

    load_or_make("value", [], make, own=[own])
    (own / "a.toml").write_text(before, encoding="utf-8")
    assert read_own(own)[1]


def test_value_is_recomputed_only_for_other_inputs(source: Path) -> None:
    made: list[list[str]] = []

    def draw(*inputs: str) -> str:
        return load_or_make_from("drawings", inputs, lambda: made.append([*inputs]) or f"drawn from {inputs}")

    given = [("a", "b"), ("a", "b"), ("ab", ""), ("a", "c"), ("a", "b")]
    assert [draw(*inputs) for inputs in given] == [f"drawn from {inputs}" for inputs in given]
    assert made == [["a", "b"], ["ab", ""], ["a", "c"]]


def test_oldest_cached_values_are_removed(source: Path) -> None:
    for number in range(MAX_KEPT + 3):
        load_or_make_from("drawings", [str(number)], lambda number=number: number)
        os.utime(newest := max((cache_folder() / "drawings").iterdir(), key=os.path.getmtime), ns=(number, number))
        assert newest.is_file()
    kept = [load_or_make_from("drawings", [str(number)], lambda: None) for number in (3, MAX_KEPT + 2)]
    assert kept == [3, MAX_KEPT + 2]
    assert load_or_make_from("drawings", ["0"], lambda: "made again") == "made again"


class Place(NamedTuple):
    names: frozenset[str]


@dataclass(frozen=True)
class Record:
    name: str
    parts: tuple[object, ...]
    index: dict[str, tuple[str, ...]]


def make_record(number: int) -> Record:
    """A record of texts and groups that are equal, but not the same objects."""
    first, second = ("".join(letters) for letters in (["Gh", "ana"], ["Togo", str(number)]))
    return Record(first, (first, 1, True, 1.0, Place(frozenset([first, second]))), {first: (first, second)})


def test_only_equal_parts_of_a_value_are_shared() -> None:
    value = [make_record(1), make_record(1), make_record(2)]
    shared = ValueSharing().share(value)
    assert shared == [make_record(1), make_record(1), make_record(2)]
    one, same, other = shared
    assert one.index["Ghana"] is same.index["Ghana"]
    assert one.parts[-1] is same.parts[-1]
    assert one.index["Ghana"] != other.index["Ghana"]
    assert [type(part) for part in other.parts[1:4]] == [int, bool, float]


def test_value_that_contains_itself_is_shared() -> None:
    value: dict[str, object] = {"name": "a"}
    value["itself"] = value
    shared = ValueSharing().share(value)
    assert shared["itself"] is shared
    assert shared["name"] == "a"


def test_original_of_a_cached_value_is_freed_immediately() -> None:
    class Source(list[str]):
        """A list that can be watched."""

    sharing, made = ValueSharing(), Source(["a"])
    sharing.share([("a", "b"), {"a": ("a", "b")}, Record("a", (made,), {})])
    watched = weakref.ref(sharing)
    gc.disable()
    try:
        del sharing
        assert watched() is None, "nothing waits for the search for garbage, which is paused"
    finally:
        gc.enable()


def test_value_is_computed_once_by_two_threads(source: Path) -> None:
    MEMORY_CACHE.clear()
    made: list[int] = []

    def make() -> tuple[str, ...]:
        made.append(1)
        sleep(0.2)
        return ("value",)

    threads = [threading.Thread(target=load_or_make, args=("shared", [source.parent], make)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
