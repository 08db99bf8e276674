"""Locations of declarations, templates and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def shipped(folder: str) -> Path:
    packaged = PACKAGE / folder
    return packaged if packaged.is_dir() else PACKAGE.parent / folder


def search_path(folder: str, workspace: Path | None = None) -> tuple[Path, ...]:
    in_workspace = (workspace / folder,) if workspace is not None and (workspace / folder).is_dir() else ()
    return (*in_workspace, shipped(folder))


def walk(folder: Path, suffix: str) -> Iterator[Path]:
    next(folder.iterdir(), None)  # reports an unreadable folder, which rglob would skip
    return iter(sorted(path for path in folder.rglob(f"*{suffix}") if path.is_file()))


def first_of_each(folders: Sequence[Path], suffix: str) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for folder in folders:
        for path in walk(folder, suffix):
            paths.setdefault(path.relative_to(folder).as_posix(), path)
    return dict(sorted(paths.items()))
