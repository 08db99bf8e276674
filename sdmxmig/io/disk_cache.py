"""Values made from shipped files, kept between runs in the user's cache folder."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")
PACKAGE = Path(__file__).parents[1]
SUFFIXES = frozenset({".py", ".csv", ".tsv", ".toml"})
KEY_LENGTH = 32  # bytes of SHA-256
IN_MEMORY: dict[Path, tuple[bytes, object]] = {}
"""The last value of each cache file with its key, so that a process holds one copy."""


def load_or_make(name: str, folders: Iterable[Path], make: Callable[[], Value]) -> Value:
    """Return the value of `make`, from the cache if neither the folders, nor the code, nor Python has changed.

    Changes are recognised by path, size and time of modification. A cache that cannot be read, was damaged, or belongs
    to another user is not used; one that cannot be written is not kept.
    """
    file = cache_folder() / f"{name}-{hashlib.sha256(str(PACKAGE).encode()).hexdigest()[:12]}.pickle"
    key = _key([PACKAGE, *folders])
    if IN_MEMORY.get(file, (b"", None))[0] != key:
        IN_MEMORY[file] = key, _load_or_make(file, key, make)
    return IN_MEMORY[file][1]  # type: ignore[return-value]


def _load_or_make(file: Path, key: bytes, make: Callable[[], Value]) -> Value:
    with contextlib.suppress(Exception):  # whatever a damaged file raises: the value can always be made
        if _is_own(file) and (content := file.read_bytes())[:KEY_LENGTH] == key:
            with _paused_collector():
                return pickle.loads(memoryview(content)[KEY_LENGTH:])  # type: ignore[no-any-return]  # noqa: S301 - own file
    value = make()
    with contextlib.suppress(OSError, pickle.PicklingError, RuntimeError):
        _write(file, key + pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    return value


def cache_folder() -> Path:
    """The folder for files that can be made again, as the operating system has it."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "") or str(Path.home() / ".cache")
    return Path(base) / "sdmxmig" / "cache"


def _key(folders: Iterable[Path]) -> bytes:
    seal = hashlib.sha256(sys.version.encode())
    for folder in folders:
        for path, entry in sorted(_files(str(folder))):
            seal.update(f"{path}\0{entry.st_size}\0{entry.st_mtime_ns}\n".encode())
    return seal.digest()


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif os.path.splitext(entry.name)[1] in SUFFIXES:  # noqa: PTH122 - a Path for each file takes as long again
                yield entry.path, entry.stat()


def _is_own(file: Path) -> bool:
    return not hasattr(os, "getuid") or file.stat().st_uid == os.getuid()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as device:
            device.write(content)
        Path(beside).replace(file)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _paused_collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()  # all objects that are read stay: to look for garbage among them doubles the time
    try:
        yield
    finally:
        if was_on:
            gc.enable()
