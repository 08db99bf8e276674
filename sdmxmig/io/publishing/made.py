"""Record of written files by hash (``made.json``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sdmxmig.io.intake.files import hash_file, read_bytes
from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

MADE_FILE = "made.json"
FOLDER_HINT = "Move this folder away, and run the command again."
DOCUMENT = JsonDocument("sdmxmig-made", 1, what="a record of what sdmxmig wrote", hint=FOLDER_HINT)


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result: its files and its inputs, by name and SHA-256.

    `key` is one hash of everything it depends on, empty if unknown; `warnings` are its messages.
    """

    files: Mapping[str, str]
    made_from: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderRecord:
    results: Mapping[str, StoredResult] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, str]:
        return {name: sha256 for made in self.results.values() for name, sha256 in made.files.items()}


def render(record: FolderRecord) -> bytes:
    document = {
        "schema": DOCUMENT.schema,
        "version": DOCUMENT.version,
        "results": {name: _build_record(made) for name, made in sorted(record.results.items())},
        "others": sorted(record.others),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


def _build_record(made: StoredResult) -> dict[str, object]:
    written: dict[str, object] = {
        "files": dict(sorted(made.files.items())),
        "made_from": dict(sorted(made.made_from.items())),
    }
    return written | ({"key": made.key, "warnings": list(made.warnings)} if made.key else {})


def read_record(folder: Path) -> FolderRecord:
    path = folder / MADE_FILE
    if not path.is_file():
        return FolderRecord()
    document = DOCUMENT.opened(read_bytes(path), str(path))
    try:
        results = {
            str(name): StoredResult(
                _check_names(made["files"], path),
                _convert_to_texts(made["made_from"]),
                key=str(made.get("key", "")),
                warnings=tuple(map(str, made.get("warnings", ()))),
            )
            for name, made in document["results"].items()
        }
        return FolderRecord(results, tuple(str(name) for name in document["others"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("This record is not complete.", Place(str(path)), FOLDER_HINT) from None


def _check_names(hashes: Mapping[str, object], path: Path) -> dict[str, str]:
    for name in hashes:
        if not is_inside(name):
            raise InputError(f"“{name}” is not a file of this folder.", Place(str(path)), FOLDER_HINT)
    return _convert_to_texts(hashes)


def _convert_to_texts(texts: Mapping[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in texts.items()}


def is_inside(name: str) -> bool:
    """Check whether a name, as a path with slashes, stays in its folder.

    >>> is_inside("data/a.csv"), is_inside("../a.csv"), is_inside("/etc/passwd"), is_inside("")
    (True, False, False, False)
    """
    parts = PurePosixPath(name).parts
    return bool(parts) and not {"..", "/", "//"} & {*parts} and "\\" not in name and ":" not in parts[0]


def compute_hash(path: Path) -> str:
    return "" if path.is_symlink() or not path.is_file() else hash_file(path)


def compute_hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def compute_digest(files: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{files[name]}  {name}\n" for name in sorted(files)).encode()).hexdigest()
