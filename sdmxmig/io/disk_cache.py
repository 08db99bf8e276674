"""Cache in the user's folder for values computed from declarations, drawings and structure messages."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import os
import pickle
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")
PACKAGE = Path(__file__).parents[1]
COMPILED = "__pycache__"
"""Folder of code compiled by Python and numba; it may appear at any time and does not count as a change."""
KEY_LENGTH = 32  # bytes of SHA-256
MAX_KEPT = 200
"""Maximum number of values kept for each name; the newest are kept."""
MAX_DECLARED = 4
"""The same for values made from declarations: those of the last workspaces."""
MEMORY_CACHE: dict[Path, tuple[bytes, object]] = {}
"""The last key and value of each name in this process."""
LOCKS: dict[Path, threading.RLock] = {}


def load_or_make(name: str, folders: Iterable[Path], make: Callable[[], Value], own: Sequence[Path] = ()) -> Value:
    """Return the result of `make`, cached until folders, code or Python change.

    Changes are detected by path, size and times; in folders of a workspace (`own`) by content and path below it.
    Unreadable or damaged caches, and those of other users, are ignored. If the cache cannot be written, the result is
    not stored.
    """
    kept = f"{name}-of-workspace" if own else name
    folder = cache_folder() / f"{kept}-{hashlib.sha256(str(PACKAGE).encode()).hexdigest()[:12]}"
    find_key = functools.partial(_compute_key, [PACKAGE, *folders], own)
    try:
        key = find_key()
    except OSError:  # a workspace file is unreadable: making the value reports it
        return make()
    with LOCKS.setdefault(folder, threading.RLock()):  # what another thread is making is not made twice
        held: tuple[bytes, Any] | None = MEMORY_CACHE.get(folder)
        if held is None or held[0] != key:
            value = _load_or_make(folder, key, make, find_key, most=MAX_DECLARED, is_shared=not own)
            held = MEMORY_CACHE[folder] = key, value
        return held[1]


def load_or_make_from(name: str, inputs: Sequence[str], make: Callable[[], Value], most: int = MAX_KEPT) -> Value:
    """Return the result of `make`, cached by its inputs; the `most` newest results of each name are kept."""
    key = hashlib.sha256(json.dumps(inputs).encode()).digest()
    return _load_or_make(cache_folder() / name, key, make, lambda: key, most=most, is_shared=False)


def _load_or_make(
    folder: Path, key: bytes, make: Callable[[], Value], find_key: Callable[[], bytes], *, most: int, is_shared: bool
) -> Value:
    """Return the value of a key; `is_shared` values, which are made once and read often, are stored compactly."""
    file = folder / f"{key.hex()}.pickle"
    with contextlib.suppress(Exception):  # damaged caches may raise anything; the value can always be made
        if _is_own(file) and (content := file.read_bytes())[:KEY_LENGTH] == key:
            with _pause_collector():
                return pickle.loads(memoryview(content)[KEY_LENGTH:])  # type: ignore[no-any-return]  # noqa: S301 - own file
    value, content = _make_compact(make) if is_shared else (make(), b"")
    with contextlib.suppress(OSError, pickle.PicklingError, RuntimeError):
        if find_key() == key:  # otherwise a file has changed meanwhile
            _write(file, key + (content or pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)))
            for path in sorted(folder.glob("*.pickle"), key=lambda path: path.stat().st_mtime_ns)[:-most]:
                path.unlink()  # another process may remove them too
    return value


def _make_compact(make: Callable[[], Value]) -> tuple[Value, bytes]:
    """Make a value; return its compact copy and the bytes to store, after freeing the original."""
    value = make()
    with _pause_collector():
        try:
            content = pickle.dumps(ValueSharing().share(value), protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, RuntimeError):
            return value, b""
        del value
        return pickle.loads(content), content  # noqa: S301 - made above


Way = Callable[["ValueSharing", Any], object]


class ValueSharing:
    """Shares equal texts, tuples and sets in a value, which saves memory and time."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._groups: dict[tuple[object, ...], object] = {}
        self._done: dict[int, tuple[object, object]] = {}
        """Each object by its identity, which keeps it alive, with the object that replaces it."""
        self._ways: dict[type, Way | None] = {
            dict: ValueSharing._share_pairs,
            list: ValueSharing._share_list,
            tuple: ValueSharing._share_members,
            frozenset: ValueSharing._share_set,
        }
        """How the parts of each type are shared, without bound methods, which would keep values alive."""

    def share(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self._texts.setdefault(value, value)
        done = self._done.get(id(value))
        if done:
            return done[1]
        if kind not in self._ways:
            self._ways[kind] = self._choose_way(kind)
        way = self._ways[kind]
        return way(self, value) if way else value

    def _choose_way(self, kind: type) -> Way | None:
        if issubclass(kind, tuple) and hasattr(kind, "_make"):
            return ValueSharing._share_members
        return ValueSharing._share_attributes if is_dataclass(kind) else None

    def _share_pairs(self, value: dict[object, object]) -> object:
        copy: dict[object, object] = {}  # another thread may be reading the original
        self._done[id(value)] = value, copy
        copy.update([(self.share(key), self.share(part)) for key, part in value.items()])
        return copy

    def _share_list(self, value: list[object]) -> object:
        copy: list[object] = []
        self._done[id(value)] = value, copy
        copy.extend(map(self.share, value))
        return copy

    def _share_members(self, value: Any) -> object:
        members = tuple(map(self.share, value))
        kind = type(value)
        shared = self._groups.setdefault((kind, *map(id, members)), members if kind is tuple else kind._make(members))
        self._done[id(value)] = value, shared
        return shared

    def _share_set(self, value: frozenset[object]) -> object:
        members = frozenset(map(self.share, value))
        shared = self._groups.setdefault((frozenset, frozenset(map(id, members))), members)
        self._done[id(value)] = value, shared
        return shared

    def _share_attributes(self, value: object) -> object:
        self._done[id(value)] = value, value
        for name in list_attributes(value):
            object.__setattr__(value, name, self.share(getattr(value, name)))
        return value


def list_attributes(record: object) -> list[str]:
    """Return the names of all values of a dataclass instance, including cached properties."""
    slots = (name for kind in type(record).__mro__ for name in getattr(kind, "__slots__", ()))
    return [*getattr(record, "__dict__", {}), *(name for name in slots if hasattr(record, name))]


def cache_folder() -> Path:
    return find_user_folder("XDG_CACHE_HOME", Path(".cache"), on_mac="Caches") / "cache"


def find_user_folder(variable: str, usual: Path, *, on_mac: str) -> Path:
    """Return sdmxmig's folder for this user: that of the environment `variable`, or the `usual` one of the system."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / on_mac / "sdmxmig"
    if sys.platform == "win32":
        variable, usual = "LOCALAPPDATA", Path("AppData", "Local")
    return Path(os.environ.get(variable, "") or home / usual) / "sdmxmig"


def _compute_key(folders: Iterable[Path], own: Iterable[Path]) -> bytes:
    seal = hashlib.sha256(sys.version.encode())
    for folder in folders:
        for path, entry in sorted(_scan_files(str(folder))):
            seal.update(f"{path}\0{entry.st_size}\0{entry.st_mtime_ns}\0{entry.st_ctime_ns}\n".encode())
    for folder in own:
        for below in _walk_folder(folder):
            content = hashlib.sha256(below.read_bytes()).hexdigest() if below.is_file() else ""
            seal.update(os.fsencode(below.relative_to(folder.parent)) + f"\0{content}\n".encode())
    return seal.digest()


def _walk_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder and everything below it once, following links."""
    seen: set[str] = set()
    for name, folders, files in os.walk(folder, followlinks=True):
        yield Path(name)
        if (real := os.path.realpath(name)) in seen:
            folders.clear()
        seen.add(real)
        folders.sort()
        yield from (Path(name, file) for file in sorted(files))


def _scan_files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                yield entry.path, entry.stat()
            elif entry.name != COMPILED:
                yield from _scan_files(entry.path)


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
def _pause_collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()  # all objects are kept; looking for garbage doubles the time
    try:
        yield
    finally:
        gc.freeze()  # declarations have no cycles: they are freed when nothing uses them, and need no search
        if was_on:
            gc.enable()
