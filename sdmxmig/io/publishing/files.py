"""Atomic single files, locks, and records of the files that a result consists of."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import json
import os
import platform
import stat
import sys
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import hash_file, read_bytes
from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.primitives.errors import InputError, OutputError
from sdmxmig.primitives.places import Place

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "lock"
LOCKED_BYTE = 1 << 30
"""Position of the byte locked on Windows: after the text, so that this stays readable."""
BUSY_ERRORS = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
MAX_TRIES = 100


class LockedError(OutputError):
    """Another command holds the lock."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder; raise `LockedError` with the holder, `OutputError` if unsupported."""
    path = folder / LOCK_FILE
    file = _lock_file(path)
    try:
        with contextlib.suppress(OSError):  # only waiting commands read it
            file.truncate(0)
            file.write(json.dumps(_describe_holder()).encode())
        yield
    finally:
        release(file, path)
        with contextlib.suppress(OSError):  # it may have further content
            folder.rmdir()


def _lock_file(path: Path) -> BinaryIO:
    """Create and lock the lock file, again if another command removes it meanwhile."""
    for _ in range(MAX_TRIES):
        with contextlib.suppress(FileExistsError):  # it vanished during the check; for other cases see below
            path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another command removed the folder with its lock
            file = _open_file(path)
            try:
                if not take(file):
                    raise _build_busy_error(path)
                if is_in_place(file, path):
                    return file
            except OSError as error:
                file.close()
                hint = "Choose a folder on another disk with -o FOLDER."
                message = f"Files on this disk cannot be locked ({error.strerror}): two commands could write at once."
                raise OutputError(message, Place(str(path.parent.parent)), hint) from None
            except BaseException:
                file.close()
                raise
            file.close()
    raise _build_busy_error(path)


def _open_file(path: Path) -> BinaryIO:
    """Open the lock file without following links, which might truncate others' files."""
    if path.is_symlink():
        raise OutputError("The lock is a link to another file.", Place(str(path)), "Remove it.")
    try:
        no_link: int = getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | no_link, 0o644), "r+b", buffering=0)
    except PermissionError:
        if not path.is_file():
            raise
        return path.open("rb", buffering=0)


def take(file: BinaryIO) -> bool:
    """Lock an open file; False if locked by another process. Raises `OSError` without lock support."""
    try:
        if sys.platform == "win32":
            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in BUSY_ERRORS:
            return False
        raise
    return True


def is_in_place(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def release(file: BinaryIO, path: Path) -> None:
    if sys.platform == "win32":  # systems that cannot remove open files
        file.close()
    with contextlib.suppress(OSError):
        path.unlink()
    file.close()


def _describe_holder() -> dict[str, str]:
    since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    return {"process": str(os.getpid()), "computer": platform.node(), "since": since}


def _build_busy_error(path: Path) -> LockedError:
    try:
        holder = json.loads(path.read_bytes())
        who = f"process {holder['process']} on {holder['computer']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "it has just begun"
    hint = "Wait until it is done, or name another folder with -o FOLDER."
    return LockedError(f"Another sdmxmig process is running here ({who}).", Place(str(path.parent.parent)), hint)


STANDARD_OUTPUT = "-"
COMPRESSION_LEVEL = 6
"""Compression level from 1 to 9; higher levels take much longer and save little."""
FILE_MODE = 0o644
TEMPORARY_PREFIX = ".sdmxmig-"


def publish_file(path: Path, content: bytes, option: str = "-o FOLDER") -> Path:
    with stage_file(path, option) as file:
        file.write(content)
    return path


@contextmanager
def stage_file(path: Path, option: str) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise OutputError("This is a folder, not a file.", Place(str(path)), f"Name a file with {option}.")
    if path.exists() and not path.is_file():
        with explain_write_errors(path, option), path.open("wb") as device:
            yield device
        return
    with explain_write_errors(path.parent, option):
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f"{TEMPORARY_PREFIX}{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
        _clear(target.parent, prefix)
        file, beside = _create_temporary(target.parent, prefix)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(target.stat().st_mode & 0o777 if target.is_file() else FILE_MODE)
            if sys.platform == "win32":  # systems that cannot rename open files
                file.close()
            beside.replace(target)
            sync_folder(target.parent)
            file.close()
        finally:
            release(file, beside)


def _create_temporary(folder: Path, prefix: str) -> tuple[BinaryIO, Path]:
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=folder)
        file, path = cast("BinaryIO", os.fdopen(handle, "w+b")), Path(name)
        with contextlib.suppress(OSError):  # without locks, no other command cleans up
            if not take(file) or not is_in_place(file, path):
                file.close()
                continue
        return file, path


def _clear(folder: Path, prefix: str) -> None:
    for path in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), path.open("rb+") as file:
            if take(file):
                release(file, path)


def clear_left(folder: Path) -> None:
    _clear(folder, TEMPORARY_PREFIX)


@contextmanager
def open_result(path: Path, suffix: str, option: str = "-o FILE") -> Iterator[BinaryIO]:
    """Open a result: ``-`` or file; ``.gz`` and ``.zip`` compress deterministically."""
    if str(path) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with stage_file(path, option) as file, _open_packed(path, suffix, file) as packed:
        yield packed


@contextmanager
def _open_packed(path: Path, suffix: str, file: BinaryIO) -> Iterator[BinaryIO]:
    kind = path.suffix.lower()
    if kind == ".gz":
        with gzip.GzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif kind == ".zip":
        member = zipfile.ZipInfo(path.stem if Path(path.stem).suffix else f"{path.stem}{suffix}")
        member.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(file, "w", compresslevel=COMPRESSION_LEVEL) as archive,
            archive.open(member, "w", force_zip64=True) as packed,
        ):
            yield cast("BinaryIO", packed)
    else:
        yield file


UNSUPPORTED_ERRORS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


Content = bytes | Callable[[BinaryIO], object]
"""The bytes of a file, or a function that writes them."""


def write(path: Path, content: Content) -> None:
    with create_file(path) as file:
        fill(file, content)


def fill(file: BinaryIO, content: Content) -> None:
    if callable(content):
        content(file)
    else:
        file.write(content)


@contextmanager
def create_file(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def append(path: Path, content: bytes) -> None:
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def write_all(folder: Path, files: Mapping[str, Content]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write(folder / name, content)
    sync_folders(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk (not needed on Windows)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNSUPPORTED_ERRORS:
            raise
    finally:
        os.close(handle)


def sync_folders(folder: Path) -> None:
    for name, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(name))


def check_folder(folder: Path, result: str, maker: str = "sdmxmig", option: str = "-o FOLDER") -> None:
    if folder.is_file():
        raise build_output_error(folder, option)
    hint = f"Name another folder with {option}, or move that one away."
    if folder.is_mount():
        raise OutputError("This folder is a mounted disk and cannot be replaced.", Place(str(folder)), hint)
    if folder.is_dir() and any(folder.iterdir()) and result not in read_record(folder).results:
        message = f"The folder {folder.name} was not made by {maker} and would be replaced."
        raise OutputError(message, Place(str(folder)), hint)


def check_no_link(folder: Path) -> None:
    if folder.is_symlink():
        hint = "Remove the link, or name another folder with -o FOLDER."
        raise OutputError("This is a link, but results need a folder or file of their own.", Place(str(folder)), hint)


def check_new(path: Path, option: str = "-o FILE") -> None:
    if path.is_file() or path.is_symlink():
        hint = f"Name another file with {option}, or move that one away."
        raise OutputError("There is a file of this name already.", Place(str(path)), hint)


def check_apart(result: Path, *sources: Path | None, option: str = "-o FILE") -> None:
    if result.is_file() and any(path is not None and path.is_file() and path.samefile(result) for path in sources):
        message = "The result would replace the file from which it is made."
        raise OutputError(message, Place(str(result)), f"Name another file with {option}.")


def build_output_error(path: Path, option: str) -> OutputError:
    return OutputError("This is a file, not a folder.", Place(str(path)), f"Name a folder with {option}.")


@contextmanager
def explain_write_errors(folder: Path, option: str = "-o FOLDER") -> Iterator[None]:
    try:
        yield
    except PermissionError:
        hint = f"Choose another place with {option}, or ask for permission to write there."
        hint = hint if option else "Work on a copy of the workspace, or ask for permission to write to it."
        raise OutputError("This folder cannot be written to.", Place(str(folder)), hint) from None
    except (FileExistsError, NotADirectoryError) as error:
        inside = next((path for path in (folder, *folder.parents) if path.is_file()), None)
        if inside is None:
            raise OutputError(f"Writing failed: {error.strerror}.", Place(str(folder))) from None
        raise build_output_error(inside, option) from None
    except OSError as error:
        hint = f"Choose another place with {option}."
        raise OutputError(f"Writing failed: {error.strerror or error}.", Place(str(folder)), hint) from None


FIRST_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
UNIX_SYSTEM = 3
"""The system named as maker in archives, on all systems."""


def pack(files: Iterable[tuple[str, Iterable[bytes]]], out: BinaryIO) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, FIRST_ZIP_MOMENT)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, UNIX_SYSTEM
            entry.external_attr = (stat.S_IFREG | FILE_MODE) << 16
            with archive.open(entry, "w") as member:
                for piece in pieces:
                    member.write(piece)


OWNERSHIP_LINE = b"# As sdmxmig wrote it; it is written anew only as long as this fits: "
HASH_DIGITS = 32


def publish_proposal(path: Path, content: bytes) -> Path:
    return publish_file(path, add_signature(content), "-o FILE")


def add_signature(content: bytes) -> bytes:
    return content + OWNERSHIP_LINE + _hash(content) + b"\n"


def strip_signature(content: bytes) -> bytes:
    return content.rpartition(OWNERSHIP_LINE)[0]


def is_untouched(content: bytes, replaceable: Collection[bytes] = ()) -> bool:
    before, _, sign = content.rpartition(OWNERSHIP_LINE)
    return sign == _hash(before) + b"\n" or content in replaceable


def check_proposal(path: Path, replaceable: Collection[bytes] = (), remedy: str = "") -> None:
    if not path.is_file() and not path.is_symlink():
        return
    content = path.read_bytes() if path.is_file() else b""
    if not is_untouched(content, replaceable):
        hint = f"{remedy} Name another file with -o FILE, or move that one away.".lstrip()
        raise OutputError("A file with this name already exists and was edited.", Place(str(path)), hint)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS].encode()


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
