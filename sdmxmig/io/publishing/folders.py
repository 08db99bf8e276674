"""Folders that a user names: a whole one with one result, or files that come new into one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sdmxmig.io.publishing.keeping import KeptFile, is_aside, others_in, sentence
from sdmxmig.io.publishing.made import MADE, FolderRecord, Made, hashes_of, read_record, render
from sdmxmig.io.publishing.refusing import a_file, check_folder, check_new, writable
from sdmxmig.io.publishing.transaction import transaction

WORK = ".sdmxmig"
"""Where files lie beside those of a folder until they are put in place."""


def publish_folder(
    folder: Path,
    result: str,
    files: Mapping[str, bytes],
    *,
    maker: str,
    option: str,
    made_from: Mapping[str, str] | None = None,
) -> tuple[list[Path], list[str]]:
    """Write a result into a folder, all of it or nothing; an earlier one goes away, and the files of others stay.

    Gives the files, and a sentence on each of those of others that had to give way or was met for the first time. A
    link to a folder stays one. `maker` and `option` are said if the folder is refused, as `check_folder` has it.
    `made_from` is remembered: what the result was made from, by name and SHA-256.
    """
    named, folder = folder, folder.resolve()
    check_folder(named, result, maker, option)
    with writable(named, option), transaction(folder.parent, _work(folder)) as (writing, before):
        record = read_record(folder)
        whole = with_record(folder, FolderRecord({result: Made(hashes_of(files), made_from or {})}), files)
        writing.put_folder(folder.name, whole, our_files(record))
        kept_files = newly_met([*before, *writing.commit()], known_others({folder.name: record}))
    return [named / name for name in sorted(files)], [sentence(named.parent, file) for file in kept_files]


def publish_among(
    folder: Path, result: str, files: Mapping[str, bytes], option: str = "-o FOLDER"
) -> tuple[list[Path], list[str]]:
    """Write the files of a result into a folder that may hold others: all of them or none; earlier ones of it go away.

    Gives the files, and a sentence on each file of somebody that had to give way to one of them: it stays under another
    name beside it. What other results have in the folder stays, but for files that this one has too.
    """
    named, folder = folder, folder.resolve()
    if folder.is_file():
        raise a_file(named, option)
    with writable(named, option), transaction(folder, folder / WORK) as (writing, before):
        record = read_record(folder)
        earlier, ours = record.results.get(result, Made({})).files, our_files(record)
        results = {
            name: replace(made, files={file: sha256 for file, sha256 in made.files.items() if file not in files})
            for name, made in record.results.items()
        }
        written = render(replace(record, results={**results, result: Made(hashes_of(files))}))
        for file, content in {**files, MADE: written}.items():
            writing.put_file(file, content, ours.get(file, ""))
        for file in earlier.keys() - files.keys():
            writing.remove(file, earlier[file])
        kept_files = newly_met([*before, *writing.commit()], ())
    return [named / name for name in files], [sentence(named, file) for file in kept_files]


def our_files(record: FolderRecord) -> dict[str, str]:
    """All that we wrote into a folder, the record too, with its hashes."""
    return record.files | hashes_of({MADE: render(record)}) if record.results else {}


def with_record(folder: Path, record: FolderRecord, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a folder with their record, which names the files of others that stand there now."""
    others = others_in(folder, our_files(read_record(folder))) if folder.is_dir() else []
    return {**files, MADE: render(replace(record, others=tuple(others)))}


def known_others(folders: Mapping[str, FolderRecord]) -> set[str]:
    """The files of others that were named before, by the folders that hold them."""
    return {f"{folder}/{name}" for folder, record in folders.items() for name in record.others}


def newly_met(kept_files: Sequence[KeptFile], named_before: Collection[str]) -> list[KeptFile]:
    """The files of others that are to be named: those that had to give way, and those that nobody has named yet."""
    return [
        file for file in kept_files if file.name != file.now or not (file.name in named_before or is_aside(file.name))
    ]


def make_folder(folder: Path, files: Mapping[str, bytes], option: str) -> list[Path]:
    """Write files into a folder where none is, or an empty one: all of them or none."""
    if folder.is_file():
        raise a_file(folder, option)
    if folder.is_dir():
        return add_files(folder, files, option)
    target = folder.resolve()
    with writable(folder, option), transaction(target.parent, _work(target)) as (writing, _):
        writing.put_sealed(target.name, files)
        writing.commit()
    return [folder / name for name in files]


def add_files(folder: Path, files: Mapping[str, bytes], option: str) -> list[Path]:
    """Write files that are new in a folder, all of them or none; raises `OutputError` if one is there already."""
    target = folder.resolve()
    with writable(folder, option), transaction(target, target / WORK) as (writing, _):
        for name in files:
            check_new(folder / name, option)
        for name, content in files.items():
            writing.put_file(name, content)
        writing.commit()
    return [folder / name for name in files]


def _work(folder: Path) -> Path:
    """Where a folder lies until it is put in place."""
    return folder.with_name(f".{folder.name[:60]}.sdmxmig")
