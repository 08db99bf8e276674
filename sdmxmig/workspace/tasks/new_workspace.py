"""New workspaces: copies of the template, or of an example."""

from __future__ import annotations

from pathlib import Path

from sdmxmig.io.publishing.folders import WORK, make_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place

LEFT_BEHIND = ("out", "figures")
EXAMPLES = (
    "georgia",
    "moldova",
    "norway",
    "sweden",
    "chile",
    "colombia",
    "mexico",
    "peru",
    "georgia-faults",
    "fictional",
    "integrated",
)
"""The examples that ship with sdmxmig."""


def copy_workspace(source: Path, target: Path) -> list[Path]:
    """Copy a workspace without its results; raises `SdmxmigError` rather than overwrite anything."""
    if target.is_dir() and any(path.name != WORK for path in target.iterdir()):
        raise SdmxmigError(
            "This folder is not empty.", Place(str(target)), "Name a new folder; nothing is overwritten."
        )
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.relative_to(source).parts[0] not in LEFT_BEHIND
    }
    return make_folder(target, files, "FOLDER")


def is_copy(folder: Path, example: Path) -> bool:
    """Whether a folder holds this example already, perhaps changed since: it has the same description."""
    return all((folder / name).is_file() for name in ("country.toml", "README.md")) and (
        (folder / "README.md").read_bytes() == (example / "README.md").read_bytes()
    )
