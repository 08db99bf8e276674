"""Writing results: everything that a stage writes appears at once, or not at all."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sdmxmig.errors import OutputError
from sdmxmig.places import Place

STANDARD_OUTPUT = "-"
PACKING = 6
"""How hard to pack, from 1 to 9: beyond this it takes much longer and saves little."""


def check_folder(folder: Path, sign: str, maker: str = "sdmxmig", option: str = "--out DIR") -> None:
    """Refuse a folder for results that holds something else, since results replace it as a whole.

    `sign` is a pattern that files match which `maker` alone writes; `option` is that with which the user chooses
    another place. Raises `OutputError`.
    """
    if folder.is_file():
        raise _a_file(folder, option)
    if folder.is_dir() and any(folder.iterdir()) and not any(folder.glob(sign)):
        message = f"The folder {folder.name} was not made by {maker} and would be replaced."
        hint = f"Name another folder with {option}, or move that one away."
        raise OutputError(message, Place(str(folder)), hint)


def check_new(path: Path, option: str = "-o FILE") -> None:
    """Refuse to write a form where a file is: somebody may have filled it in. Raises `OutputError`."""
    if path.is_file():
        hint = f"Name another file with {option}, or move that one away."
        raise OutputError("There is a file of this name already.", Place(str(path)), hint)


def check_apart(result: Path, *sources: Path | None, option: str = "-o FILE") -> None:
    """Refuse a result that would replace one of the files from which it is made. Raises `OutputError`."""
    if result.is_file() and any(one is not None and one.is_file() and one.samefile(result) for one in sources):
        message = "The result would replace the file from which it is made."
        raise OutputError(message, Place(str(result)), f"Name another file with {option}.")


def publish(folder: Path, files: Mapping[str, bytes], option: str = "--out DIR") -> list[Path]:
    """Write files into a folder, all of them or none; what stood there before under other names goes away.

    The files are written beside the folder first, then the folders are exchanged by renaming; a link to a folder stays
    one. `option` is that with which the user chooses another place. Raises `OutputError` if it cannot be written to.
    """
    if folder.is_file():
        raise _a_file(folder, option)
    named, folder = folder, folder.resolve()
    with _writable(named, option):
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, content in sorted(files.items()):
                target = staged / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            staged.chmod(0o755)
            _exchange(staged, folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return [named / name for name in sorted(files)]


def _exchange(staged: Path, folder: Path) -> None:
    """Put the staged folder in the place of the other one."""
    old = staged.with_name(f"{staged.name}-old")
    if folder.exists():
        folder.replace(old)
    try:
        staged.replace(folder)
    except BaseException:  # also Ctrl-C: the earlier result comes back
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def publish_file(path: Path, content: bytes, option: str = "--out DIR") -> Path:
    """Write one file, whole or not at all; `option` is that with which the user chooses another place."""
    with staged(path, option) as file:
        file.write(content)
    return path


@contextmanager
def staged(path: Path, option: str) -> Iterator[BinaryIO]:
    """A file to be written, which is there when all of it was written, or not at all.

    It lies beside its place until then. A device or pipe stays what it is: it is written to. `option` is that with
    which the user chooses another place. Raises `OutputError` if it cannot be written.
    """
    if path.is_dir():
        raise OutputError("This is a folder, not a file.", Place(str(path)), f"Name a file with {option}.")
    if path.exists() and not path.is_file():
        with _writable(path, option), path.open("wb") as device:
            yield device
        return
    with _writable(path.parent, option):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield file
            beside.chmod(0o644)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def open_result(path: Path, suffix: str, option: str = "-o FILE") -> Iterator[BinaryIO]:
    """Where a result goes: standard output for ``-``, else a file as `staged` has it.

    A file whose name ends in ``.gz`` or ``.zip`` is packed while it is written, the same content always to the same
    bytes; the member of an archive is named like it, with `suffix` if it has none.
    """
    if str(path) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with staged(path, option) as file, _packed(path, suffix, file) as packed:
        yield packed


@contextmanager
def _packed(path: Path, suffix: str, file: BinaryIO) -> Iterator[BinaryIO]:
    kind = path.suffix.lower()
    if kind == ".gz":
        with gzip.GzipFile("", "wb", PACKING, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif kind == ".zip":
        member = zipfile.ZipInfo(path.stem if Path(path.stem).suffix else f"{path.stem}{suffix}")
        member.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(file, "w", compresslevel=PACKING) as archive,
            archive.open(member, "w", force_zip64=True) as packed,
        ):
            yield cast("BinaryIO", packed)
    else:
        yield file


def withdraw(path: Path) -> None:
    """Remove an earlier result that no longer holds."""
    with _writable(path.parent, "--out DIR"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _a_file(path: Path, option: str) -> OutputError:
    """What is said of a file where a folder has to be."""
    return OutputError("This is a file, not a folder.", Place(str(path)), f"Name a folder with {option}.")


@contextmanager
def _writable(folder: Path, option: str) -> Iterator[None]:
    """Turn what the system says about a folder into one clear message."""
    try:
        yield
    except PermissionError:
        hint = f"Choose another place with {option}, or ask for the right to write there."
        raise OutputError("This folder cannot be written to.", Place(str(folder)), hint) from None
    except (FileExistsError, NotADirectoryError) as error:
        inside = next((one for one in (folder, *folder.parents) if one.is_file()), None)
        if inside is None:
            raise OutputError(f"Writing failed: {error.strerror}.", Place(str(folder))) from None
        raise _a_file(inside, option) from None
    except OSError as error:
        hint = f"Choose another place with {option}."
        raise OutputError(f"Writing failed: {error.strerror or error}.", Place(str(folder)), hint) from None
