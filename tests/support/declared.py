"""One small declaration of every kind, as files of a workspace: those in the folder beside this module."""

from __future__ import annotations

from pathlib import Path

from folders import write_files

DRAFT = "1.0.0-draft"
FOLDER = Path(__file__).with_suffix("")
FILES = {
    path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.*"))
    if path.is_file()
}


def write(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write these files (all of `FILES` if none are given) into a folder."""
    return write_files(folder, {name: text.lstrip() for name, text in (FILES if files is None else files).items()})
