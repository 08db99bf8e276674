"""New workspaces and copies of examples.

Portable file names.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from unicodedata import normalize

from sdmxmig.io.publishing.folders import WORK, make_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.transmission.sealing import is_part_name

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
        raise SdmxmigError("This folder is not empty.", Place(str(target)), "Name a new folder. No file was changed.")
    return make_folder(target, files_of(source), "the argument FOLDER")


def files_of(source: Path) -> dict[str, bytes]:
    """Return the files of an example by path; countries of a study are in its folder."""
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


DEVICES = frozenset(
    (
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"),
    )
)
LONGEST_BYTES = 200
"""Maximum bytes of a name in UTF-8; systems allow 255, but temporary names are longer."""


def composed(name: str) -> str:
    return normalize("NFC", name)


def not_a_device(name: str) -> str:
    stem, stop, rest = name.partition(".")
    return f"{stem}_{stop}{rest}" if stem.rstrip(" ").upper() in DEVICES else name


def last_part(name: str, signs: int) -> str:
    name = name[-signs:]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[1:]
    return name


def first_part(name: str, signs: int) -> str:
    name = name[:signs]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[:-1]
    return name


def is_file_in(folder: Path, name: str) -> bool:
    path = folder / name
    return is_part_name(name) and path.is_file() and path.resolve().is_relative_to(folder.resolve())
