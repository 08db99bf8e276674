"""Atomic folders of results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sdmxmig.io.publishing.files import a_file, check_folder, check_new, writable
from sdmxmig.io.publishing.keeping import KeptFile, is_aside, others_in, sentence
from sdmxmig.io.publishing.made import MADE, FolderRecord, Made, hashes_of, read_record, render
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
    """Publish a result as a folder; others' files stay.

    Returns files and notes; `made_from` are inputs by SHA-256.
    """
    named, folder = folder, folder.resolve()
    check_folder(named, result, maker, option)
    with writable(named, option), transaction(folder.parent, _work(folder)) as (writing, before):
        record = read_record(folder)
        whole = with_record(folder, FolderRecord({result: Made(hashes_of(files), made_from or {})}), files)
        writing.put_folder(folder.name, whole, our_files(record))
        kept_files = newly_met([*before, *writing.commit()], known_others({folder.name: record}))
    return [named / name for name in sorted(files)], [sentence(named.parent, file) for file in kept_files]


def publish_among(folder: Path, result: str, files: Mapping[str, bytes], tell: Callable[[str], None]) -> list[Path]:
    """Publish files into a shared folder, and report the files of others that were renamed."""
    named, folder = folder, folder.resolve()
    if folder.is_file():
        raise a_file(named, "-o FOLDER")
    with writable(named), transaction(folder, folder / WORK) as (writing, before):
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
    for kept in kept_files:
        tell(sentence(named, kept))
    return [named / name for name in files]


def our_files(record: FolderRecord) -> dict[str, str]:
    return record.files | hashes_of({MADE: render(record)}) if record.results else {}


def with_record(folder: Path, record: FolderRecord, files: Mapping[str, bytes]) -> dict[str, bytes]:
    others = others_in(folder, our_files(read_record(folder))) if folder.is_dir() else []
    return {**files, MADE: render(replace(record, others=tuple(others)))}


def known_others(folders: Mapping[str, FolderRecord]) -> set[str]:
    return {f"{folder}/{name}" for folder, record in folders.items() for name in record.others}


def newly_met(kept_files: Sequence[KeptFile], named_before: Collection[str]) -> list[KeptFile]:
    return [
        file for file in kept_files if file.name != file.now or not (file.name in named_before or is_aside(file.name))
    ]


def make_folder(folder: Path, files: Mapping[str, bytes], option: str) -> list[Path]:
    """Write files into a new or empty folder, all or none."""
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
    target = folder.resolve()
    with writable(folder, option), transaction(target, target / WORK) as (writing, _):
        for name in files:
            check_new(folder / name, option)
        for name, content in files.items():
            writing.put_file(name, content)
        writing.commit()
    return [folder / name for name in files]


def _work(folder: Path) -> Path:
    return folder.with_name(f".{folder.name[:60]}.sdmxmig")
