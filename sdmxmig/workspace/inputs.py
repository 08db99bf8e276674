"""Inputs of results by hash: workspace files and shipped files."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.io.publishing.made import digest_of, hash_of
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.version import __version__
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import COUNTRY_FILE, DECLARED, OWN_FILES, OWN_FOLDERS

PROGRAM = "sdmxmig"
"""The name of what ships: the program by its version, and all its declarations and templates."""
SHIPPED = ("codelists", "structures", "templates")


def read_inputs(workspace: Path) -> dict[str, str]:
    """Return all inputs with SHA-256, without lock files of open documents."""
    single = {name: hash_of_input(workspace, name) for name in OWN_FILES}
    hashes = {name: sha256 for name, sha256 in single.items() if sha256}
    return {**hashes, **_hashes_below(workspace, OWN_FOLDERS), PROGRAM: _what_ships()}


def read_inputs_of_results(workspace: Path) -> dict[str, str]:
    """The inputs of results: as `read_inputs`, with the settings in ``country.toml`` one by one.

    The way to the receiver is left out: no result is made from it.
    """
    inputs = read_inputs(workspace)
    if inputs.pop(COUNTRY_FILE, ""):
        inputs |= hashes_of_settings((workspace / COUNTRY_FILE).resolve().read_bytes())
    return inputs


def hashes_of_settings(content: bytes) -> dict[str, str]:
    """The SHA-256 of each setting by its name, such as ``country.toml: report.contact``; of all, if it is not TOML."""
    try:
        tables = Declared.parse(COUNTRY_FILE, content).values
    except SdmxmigError:
        return {COUNTRY_FILE: hashlib.sha256(content).hexdigest()}
    settings = {
        f"{table}.{key}": value
        for table, values in tables.items()
        for key, value in (values.items() if isinstance(values, dict) else [("", values)])
    }
    settings.pop("receiver.delivery", None)
    return {
        f"{COUNTRY_FILE}: {name}": hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
        for name, value in settings.items()
    }


def hash_of_input(workspace: Path, name: str) -> str:
    path = workspace / name
    return hash_of(path.resolve()) if path.is_file() else ""


def hash_of_declarations(workspace: Path | None) -> str:
    declared = {} if workspace is None else _hashes_below(workspace, DECLARED)
    return digest_of({**declared, PROGRAM: _what_ships()})


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Describe the differences between two states of inputs.

    >>> differences({"tables/a.csv": "1", "profile.toml": "2"}, {"tables/a.csv": "3", "tables/b.csv": "4"})
    ['profile.toml is gone', 'tables/a.csv was changed', 'tables/b.csv is new']
    """
    if COUNTRY_FILE in before.keys() ^ after.keys():  # it cannot be read in one of them
        before, after = _with_country_as_a_whole(before), _with_country_as_a_whole(after)
    changes = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            change = "is new" if name not in before else "is gone" if name not in after else "was changed"
            changes.append(
                "sdmxmig or what ships with it is another version" if name == PROGRAM else f"{name} {change}"
            )
    return changes


@cache
def hash_of_program() -> str:
    """One hash for what makes results of inputs: the code, Python, and the libraries by their versions."""
    root = Path(__file__).parents[1]
    code = {_name(path, root): hash_of(path) for path in root.rglob("*.py")}
    folders = [Path(name) for name in sys.path if Path(name).is_dir()]
    libraries = {path.name: "" for folder in folders for path in folder.glob("*.dist-info")}
    return digest_of({**code, **libraries, "python": sys.version})


def _with_country_as_a_whole(inputs: Mapping[str, str]) -> dict[str, str]:
    """Inputs with one hash for all settings."""
    settings = {name: sha256 for name, sha256 in inputs.items() if name.partition(": ")[0] == COUNTRY_FILE}
    others = {name: sha256 for name, sha256 in inputs.items() if name not in settings}
    return {**others, COUNTRY_FILE: digest_of(settings)}


def _hashes_below(workspace: Path, folders: Iterable[str]) -> dict[str, str]:
    paths = (path for name in folders for path in _walk(workspace / name))
    return {_name(path, workspace): hash_of(path.resolve()) for path in paths if path.is_file()}


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder of the workspace, also those behind links to folders."""
    seen: set[str] = set()
    paths = []
    for name, folders, files in os.walk(folder, followlinks=True):
        is_new = (real := os.path.realpath(name)) not in seen
        seen.add(real)
        folders[:] = [each for each in folders if is_new and each[0] not in ".~"]
        paths += [Path(name, file) for file in files if is_new and file[0] not in ".~"]
    yield from sorted(paths)


def _name(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix().encode(errors="replace").decode()


@cache
def _what_ships() -> str:
    files = {f"{name}/{_name(path, shipped(name))}": hash_of(path) for name in SHIPPED for path in _walk(shipped(name))}
    return digest_of({**files, PROGRAM: __version__})
