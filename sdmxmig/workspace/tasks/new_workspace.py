"""New workspaces, copies of examples, and recently opened workspaces."""

from __future__ import annotations

import contextlib
import json
import tomllib
from pathlib import Path
from unicodedata import normalize

from sdmxmig.io.disk_cache import find_user_folder
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.folders import WORK_FOLDER, make_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.transmission.sealing import is_part_name
from sdmxmig.workspace.folder import COUNTRY_FILE

SKIPPED_FOLDERS = {"out", "figures"}
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
STUDIES = ("region", "latin-america", "fictional-neighbours")
"""Examples that compare the workspaces of several countries."""
FILES = ("first-table", "border-records", "two-registers", "population-lists", "combined-sources")
"""Examples that are tables or records to begin with."""


def copy_workspace(source: Path, target: Path) -> list[Path]:
    if target.is_dir() and any(path.name != WORK_FOLDER for path in target.iterdir()):
        raise SdmxmigError("This folder is not empty.", Place(str(target)), "Name a new folder. No file was changed.")
    return make_folder(target, read_example_files(source), "the argument FOLDER")


def read_example_files(source: Path) -> dict[str, bytes]:
    """Return the files of an example by path, including the countries of a study."""
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not SKIPPED_FOLDERS.intersection(path.relative_to(source).parts)
    }
    if study := files.get("region.toml"):
        from sdmxmig.catalogue.folders import find_shipped_folder

        files["region.toml"] = study.replace(b'"../', b'"')
        for name in tomllib.loads(study.decode())["region"]["workspaces"]:
            if name.startswith("../"):
                country = read_example_files(find_shipped_folder("examples") / name[3:])
                files |= {f"{name[3:]}/{path}": content for path, content in country.items()}
    return files


def is_copy(folder: Path, example: Path) -> bool:
    named = [name for name in ("README.md", "country.toml", "region.toml") if (example / name).is_file()]
    return all((folder / name).is_file() for name in named) and (
        (folder / "README.md").read_bytes() == (example / "README.md").read_bytes()
    )


DEVICE_NAMES = frozenset(
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


def normalise_name(name: str) -> str:
    return normalize("NFC", name)


def check_device_name(name: str) -> str:
    stem, stop, rest = name.partition(".")
    return f"{stem}_{stop}{rest}" if stem.rstrip(" ").upper() in DEVICE_NAMES else name


def has_file(folder: Path, name: str) -> bool:
    path = folder / name
    return is_part_name(name) and path.is_file() and path.resolve().is_relative_to(folder.resolve())


RECENT_FILE = "recent.json"
MAX_WORKSPACES, MAX_BYTES = 20, 100_000
"""Maximum number of workspaces remembered, and of bytes in a list."""
MAX_NEARBY = 200
"""Maximum number of workspaces listed below a folder."""


def find_state_folder() -> Path:
    return find_user_folder("XDG_STATE_HOME", Path(".local", "state"), on_mac="Application Support")


def list_recent_workspaces() -> list[Path]:
    try:
        path = find_state_folder() / RECENT_FILE
        if path.stat().st_size > MAX_BYTES:
            return []
        names = json.loads(path.read_bytes())
    except (OSError, ValueError, RuntimeError, RecursionError):  # an unreadable list counts as empty
        return []
    if not isinstance(names, list):
        return []
    folders = [Path(name) for name in names[:MAX_WORKSPACES] if isinstance(name, str) and "\0" not in name]
    return [folder for folder in folders if folder.is_absolute() and is_workspace(folder)]


def add_recent_workspace(folder: Path) -> None:
    folder = folder.resolve()
    names = [str(folder), *(str(other) for other in list_recent_workspaces() if other != folder)]
    with contextlib.suppress(OSError, RuntimeError, SdmxmigError):
        place = find_state_folder()
        place.mkdir(parents=True, exist_ok=True)
        publish_file(place / RECENT_FILE, json.dumps(names[:MAX_WORKSPACES], ensure_ascii=False, indent=1).encode())


def list_workspaces(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir()) if is_workspace(path)][:MAX_NEARBY]
    except OSError:
        return []


def is_workspace(folder: Path) -> bool:
    try:
        return (folder / COUNTRY_FILE).is_file()
    except OSError:
        return False
