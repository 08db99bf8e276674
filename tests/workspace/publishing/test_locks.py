"""Locks: many can wait for one, and an abandoned one is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.io.publishing.files import lock_folder


def test_folder_removed_during_the_check_is_created_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lets go of a lock removes its folder: twelve who asked at once met that now and then."""
    folder = tmp_path / "turn"
    folder.mkdir()

    def gone_meanwhile(path: Path) -> bool:
        monkeypatch.undo()
        path.rmdir()
        return path.is_dir()

    monkeypatch.setattr(Path, "is_dir", gone_meanwhile)
    with lock_folder(folder):
        assert [path.name for path in folder.iterdir()] == ["lock"]
