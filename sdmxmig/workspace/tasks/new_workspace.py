"""New workspaces and copies of examples."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sdmxmig.io.publishing.folders import WORK, make_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place

LEFT_BEHIND = {"out", "figures"}
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
"""Examples that are workspaces."""
STUDIES = ("region", "latin-america", "fictional-neighbours")
"""Examples that compare the workspaces of several countries."""
FILES = ("first-table", "border-records", "two-registers", "population-lists", "combined-sources")
"""Examples that are tables or records to begin with."""


def copy_workspace(source: Path, target: Path) -> list[Path]:
    if target.is_dir() and any(path.name != WORK for path in target.iterdir()):
        raise SdmxmigError(
            "This folder is not empty.", Place(str(target)), "Name a new folder; nothing is overwritten."
        )
    return make_folder(target, files_of(source), "the argument FOLDER")


def files_of(source: Path) -> dict[str, bytes]:
    """Files of an example by their path; the countries of a study are in its folder."""
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not LEFT_BEHIND.intersection(path.relative_to(source).parts)
    }
    if study := files.get("region.toml"):
        from sdmxmig.catalogue.folders import shipped

        files["region.toml"] = study.replace(b'"../', b'"')
        for name in tomllib.loads(study.decode())["region"]["workspaces"]:
            if name.startswith("../"):
                country = files_of(shipped("examples") / name[3:])
                files |= {f"{name[3:]}/{path}": content for path, content in country.items()}
    return files


def is_copy(folder: Path, example: Path) -> bool:
    named = [name for name in ("README.md", "country.toml", "region.toml") if (example / name).is_file()]
    return all((folder / name).is_file() for name in named) and (
        (folder / "README.md").read_bytes() == (example / "README.md").read_bytes()
    )
