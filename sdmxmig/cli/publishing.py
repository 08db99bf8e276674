"""Writing results: everything that a stage writes appears at once, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sdmxmig.errors import OutputError
from sdmxmig.places import Place


def publish(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, all of them or none; what stood there before under other names goes away.

    The files are written beside the folder first, then the folders are exchanged by renaming. Raises `OutputError` if
    the place cannot be written to.
    """
    with _writable(folder):
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
    return [folder / name for name in sorted(files)]


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


def publish_file(path: Path, content: bytes) -> Path:
    """Write one file, whole or not at all."""
    with _writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        staged = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            staged.chmod(0o644)
            staged.replace(path)
        finally:
            staged.unlink(missing_ok=True)
    return path


def withdraw(path: Path) -> None:
    """Remove an earlier result that no longer holds."""
    with _writable(path.parent):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Turn what the system says about a folder into one clear message."""
    try:
        yield
    except PermissionError:
        hint = "Choose another place with --out DIR, or ask for the right to write there."
        raise OutputError("This folder cannot be written to.", Place(str(folder)), hint) from None
    except OSError as error:
        hint = "Choose another place with --out DIR."
        raise OutputError(f"Writing failed: {error.strerror or error}.", Place(str(folder)), hint) from None
