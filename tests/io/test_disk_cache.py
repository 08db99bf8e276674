"""The cache of values made from shipped files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sdmxmig.io.disk_cache import IN_MEMORY, cache_folder, load_or_make


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "list.csv").write_text("1", encoding="utf-8")
    return tmp_path / "source" / "list.csv"


def read(source: Path) -> tuple[str, bool]:
    """The value in a new process, and whether it was made rather than loaded."""
    IN_MEMORY.clear()
    made = []

    def make() -> str:
        made.append(True)
        return source.read_text(encoding="utf-8")

    return load_or_make("value", [source.parent], make), bool(made)


def test_second_reading_loads_the_value(source: Path) -> None:
    assert [read(source), read(source)] == [("1", True), ("1", False)]


def add_a_file(source: Path) -> None:
    source.with_name("new.toml").write_text("", encoding="utf-8")


def change_in_the_same_size(source: Path) -> None:
    source.write_text("2", encoding="utf-8")
    os.utime(source, ns=(1, 1))


@pytest.mark.parametrize("change", [add_a_file, change_in_the_same_size])
def test_changed_sources_are_read_again(source: Path, change: Callable[[Path], None]) -> None:
    read(source)
    change(source)
    assert read(source) == (source.read_text(encoding="utf-8"), True)


@pytest.mark.parametrize("keep", [0, 10, 32, 40])
def test_damaged_cache_is_replaced(source: Path, keep: int) -> None:
    read(source)
    (file,) = cache_folder().iterdir()
    file.write_bytes(file.read_bytes()[:keep])
    assert [read(source), read(source)] == [("1", True), ("1", False)]


def test_value_is_made_where_no_cache_can_be_written(source: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert [read(source), read(source)] == [("1", True), ("1", True)]


def test_process_holds_one_copy(source: Path) -> None:
    assert load_or_make("value", [source.parent], lambda: ["1"]) is load_or_make("value", [source.parent], list)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file to another user")
def test_cache_of_another_user_is_not_loaded(source: Path) -> None:
    read(source)
    (file,) = cache_folder().iterdir()
    os.chown(file, 65534, 65534)
    assert read(source) == ("1", True)
