"""Others' files among results."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sdmxmig.io.publishing.files import sync_folders
from sdmxmig.io.publishing.made import hash_of

ASIDE = re.compile(r"\.changed-\d+(\.[^./]*)?$")


class KeptFile(NamedTuple):
    name: str
    now: str


def sentence(folder: Path, kept_file: KeptFile) -> str:
    """Describe a user's file that was kept among results.

    >>> sentence(Path("out"), KeptFile("report.docx", "report.changed-1.docx"))
    'out/report.docx was changed since sdmxmig wrote it; that is kept as report.changed-1.docx.'
    """
    statement = "was not made by sdmxmig and stays where it is"
    if kept_file.name != kept_file.now:
        statement = f"was changed since sdmxmig wrote it; that is kept as {kept_file.now.rpartition('/')[2]}"
    return f"{(folder / kept_file.name).as_posix()} {statement}."


def others_in(folder: Path, ours: Mapping[str, str]) -> list[str]:
    return [name for name in _entries(folder) if not _is_ours(folder / name, ours.get(name, ""))]


def carry_over(source: Path, target: Path, ours: Mapping[str, str]) -> list[KeptFile]:
    """Link others' files into a new folder, idempotently."""
    kept_files = []
    for name in others_in(source, ours):
        place = _place_for(source / name, target, name)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(source / name, place)
            kept_files.append(KeptFile(name, place.relative_to(target).as_posix()))
    if kept_files:
        sync_folders(target)
    return kept_files


def keep_aside(path: Path, ours: str, coming: str) -> list[KeptFile]:
    """Rename a foreign or changed file; `ours` and `coming` are hashes."""
    if not os.path.lexists(path) or (_is_file(path) and hash_of(path) in (ours, coming)):
        return []
    place = _place_for(path, path.parent, path.name, beside=True)
    if place is None:
        return []
    if _is_folder(path):
        path.rename(place)
    else:
        _link(path, place)
    return [KeptFile(path.name, place.name)]


def is_aside(name: str) -> bool:
    """Check whether `keep_aside` or `carry_over` made a name.

    >>> is_aside("data/DF_POP.changed-2.csv"), is_aside("data/DF_POP.csv")
    (True, False)
    """
    return bool(ASIDE.search(name))


def _entries(folder: Path) -> Iterator[str]:
    for name, folders, files in os.walk(folder, onerror=_refuse):
        directory = Path(name)
        links = [entry for entry in folders if (directory / entry).is_symlink()]
        for entry in sorted([*files, *links]):
            yield (directory / entry).relative_to(folder).as_posix()
        if not folders and not files and directory != folder:
            yield directory.relative_to(folder).as_posix()


def _refuse(error: OSError) -> None:
    raise error


def _is_ours(path: Path, sha256: str) -> bool:
    return bool(sha256) and hash_of(path) == sha256


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _place_for(path: Path, target: Path, name: str, *, beside: bool = False) -> Path | None:
    *folders, last = name.split("/")
    place = target
    for part in folders:
        place = next(path for path in _names(place / part) if not os.path.lexists(path) or _is_folder(path))
    names = _names(place / last)
    if beside:
        next(names)
    for candidate in names:
        if not os.path.lexists(candidate):
            return candidate
        if _same(path, candidate):
            return None
    return None


def _names(path: Path) -> Iterator[Path]:
    """Yield a path, then alternative names beside it.

    >>> [next(_names(Path("a/b.csv"))).name, [*zip(range(2), _names(Path("a/b.csv")))][1][1].name]
    ['b.csv', 'b.changed-1.csv']
    """
    yield path
    number = 0
    while True:
        number += 1
        yield path.with_name(f"{path.stem}.changed-{number}{path.suffix}")


def _same(first: Path, second: Path) -> bool:
    if first.is_symlink() or second.is_symlink():
        return first.is_symlink() and second.is_symlink() and first.readlink() == second.readlink()
    if first.is_dir() or second.is_dir():
        return first.is_dir() and second.is_dir()
    return first.samefile(second) or (
        first.is_file() and second.is_file() and filecmp.cmp(first, second, shallow=False)
    )


def _link(path: Path, place: Path) -> None:
    """Link a file to a second place, or copy it if links are unsupported."""
    if path.is_symlink():
        place.symlink_to(path.readlink())
    elif path.is_dir():
        place.mkdir()
    else:
        try:
            place.hardlink_to(path)
        except OSError:
            _copy(path, place)


def _copy(path: Path, place: Path) -> None:
    part = place.with_name(f".{place.name[:60]}.part")
    part.unlink(missing_ok=True)
    shutil.copy2(path, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.rename(place)
