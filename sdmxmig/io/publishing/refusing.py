"""Checks before writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdmxmig.io.publishing.made import read_record
from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place


def check_folder(folder: Path, result: str, maker: str = "sdmxmig", option: str = "-o FOLDER") -> None:
    """Check a result folder; raises `OutputError` for foreign content, links and mounts."""
    if folder.is_file():
        raise a_file(folder, option)
    hint = f"Name another folder with {option}, or move that one away."
    if folder.is_mount():
        raise OutputError("This folder is a disk of its own and cannot be replaced.", Place(str(folder)), hint)
    if folder.is_dir() and any(folder.iterdir()) and result not in read_record(folder).results:
        message = f"The folder {folder.name} was not made by {maker} and would be replaced."
        raise OutputError(message, Place(str(folder)), hint)


def check_no_link(folder: Path, option: str = "-o FOLDER") -> None:
    if folder.is_symlink():
        hint = f"Remove the link, or name another folder with {option}."
        raise OutputError("This is a link, where results are to stand.", Place(str(folder)), hint)


def check_new(path: Path, option: str = "-o FILE") -> None:
    if path.is_file() or path.is_symlink():
        hint = f"Name another file with {option}, or move that one away."
        raise OutputError("There is a file of this name already.", Place(str(path)), hint)


def check_apart(result: Path, *sources: Path | None, option: str = "-o FILE") -> None:
    if result.is_file() and any(path is not None and path.is_file() and path.samefile(result) for path in sources):
        message = "The result would replace the file from which it is made."
        raise OutputError(message, Place(str(result)), f"Name another file with {option}.")


def a_file(path: Path, option: str) -> OutputError:
    return OutputError("This is a file, not a folder.", Place(str(path)), f"Name a folder with {option}.")


@contextmanager
def writable(folder: Path, option: str = "-o FOLDER") -> Iterator[None]:
    """Turn what the system says about a folder into one clear message."""
    try:
        yield
    except PermissionError:
        hint = f"Choose another place with {option}, or ask for the right to write there."
        raise OutputError("This folder cannot be written to.", Place(str(folder)), hint) from None
    except (FileExistsError, NotADirectoryError) as error:
        inside = next((path for path in (folder, *folder.parents) if path.is_file()), None)
        if inside is None:
            raise OutputError(f"Writing failed: {error.strerror}.", Place(str(folder))) from None
        raise a_file(inside, option) from None
    except OSError as error:
        hint = f"Choose another place with {option}."
        raise OutputError(f"Writing failed: {error.strerror or error}.", Place(str(folder)), hint) from None
