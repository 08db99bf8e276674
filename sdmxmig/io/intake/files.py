"""Bounded file reading, signatures of files that are not tables, and parallel work on pieces in order."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from sdmxmig.primitives.errors import InputError, OutOfMemory, SdmxmigError, find_nearest
from sdmxmig.primitives.lazily import np
from sdmxmig.primitives.places import Place

MIB = 1 << 20
FILE_LIMIT = 1024 * MIB
CHUNK = 1 << 16
MIN_BYTES_FOR_NUMPY = MIB // 2
LINE_FEED = ord("\n")
DEPTH_LIMIT = 64
"""Maximum depth of XML and JSON."""
SAVE_AGAIN_HINT = "Save it again from the program that made it."
SAVE_XLSX_HINT = "Open it in Excel or LibreOffice, choose File > Save As, and save it as “Excel Workbook (.xlsx)”."
LOCKED_HINT = "If it is open in Excel or another program, close it there. Otherwise ask for permission to read it."
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # an encrypted member, or a compression or version unknown to Python
    ValueError,  # includes UnicodeDecodeError in names
    OverflowError,
    LookupError,
)


def open_file(path: Path | str) -> BinaryIO:
    path = Path(path)
    place = Place(str(path))
    try:
        if path.is_dir():
            raise InputError("This is a folder, not a file.", place, "Name a file in it.")
        if not path.exists():
            if path.is_symlink():
                raise InputError("This link does not lead to a file.", place, "Replace it with the file itself.")
            raise InputError("There is no such file.", place, _find_nearest_name(path))
        if not path.is_file():
            raise InputError("This is not an ordinary file.", place, "Copy the data into a file and use that.")
        return path.open("rb")
    except PermissionError as error:
        raise InputError("You do not have permission to read the file.", place, LOCKED_HINT) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"The file cannot be read ({reason}).", place, "Check its name and its disk.") from error


def read_bytes(path: Path | str, *, limit: int = FILE_LIMIT) -> bytes:
    with open_file(path) as stream:
        content = read_limited(stream, str(path), limit=limit)
    if not content:
        raise build_empty_refusal(str(path))
    return content


def hash_file(path: Path) -> str:
    with path.open("rb", buffering=0) as stream:  # the buffer of the hash is larger
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_inside(folder: Path, name: str) -> bytes:
    path = folder / name
    with open_file(path) as stream:
        real = Path(os.path.realpath(path))
        if folder.resolve() not in real.parents or not os.path.samestat(os.fstat(stream.fileno()), os.lstat(real)):
            hint = "Put the file itself in place of the link."
            raise InputError(f"This leads out of the folder, to {real}.", Place(str(path)), hint)
        content = read_limited(stream, str(path))
    if not content:
        raise build_empty_refusal(str(path))
    return content


def build_empty_refusal(name: str) -> InputError:
    return InputError("The file is empty.", Place(name), SAVE_AGAIN_HINT)


def _find_nearest_name(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(file.name for file in path.parent.iterdir() if file.is_file())
    guess = find_nearest(path.name, names) if path.suffix else ""
    beginning = re.split(r"[*?\[]", path.name)[0]
    if beginning != path.name and names:  # the shell hands on a pattern that matches no file
        near = next((name for name in names if name.casefold().startswith(beginning.casefold())), guess or names[0])
        return f"No file matches this pattern. Name a file, such as {near}."
    return f"Did you mean {guess}?" if guess else "Check the name and the folder."


def read_stream(stream: BinaryIO, name: str = "", *, chunk: int = CHUNK) -> Iterator[bytes]:
    try:
        while piece := stream.read(chunk):
            yield piece
    except (OSError, ValueError) as error:
        raise _build_read_error(name, error) from error


def count_byte(content: bytes, byte: int, end: int = -1) -> int:
    """Count a byte before `end`; numpy is faster if it is frequent, but takes long to load for small content."""
    if len(content) < MIN_BYTES_FOR_NUMPY:
        return content.count(byte, 0, end if end >= 0 else len(content))
    return int(np.count_nonzero(np.frombuffer(content, np.uint8, end) == byte))


def read_limited(stream: BinaryIO, name: str, *, limit: int = FILE_LIMIT) -> bytes:
    try:
        content = stream.read(limit + 1)
    except (*ZIP_ERRORS, MemoryError) as error:
        raise _build_read_error(name, error) from error
    if len(content) > limit:
        hint = "Split it, or leave out the parts that are not data."
        raise InputError(f"The file is larger than {limit // MIB or 1} MiB.", Place(name), hint)
    return content


def _build_read_error(name: str, error: BaseException) -> SdmxmigError:
    if isinstance(error, MemoryError):
        return OutOfMemory(Place(name))
    reason = getattr(error, "strerror", None) or error
    return InputError(f"Reading the file stopped ({reason}).", Place(name), "Check its disk, or send it again.")


FOREIGN_FORMATS = (
    (b"%PDF", "a PDF document", "Ask for the workbook that it was made from."),
    (b"{\\rtf", "a text document (RTF)", "Copy its table into a workbook and save that as .xlsx."),
    (b"MIME-Version:", "a web archive (MHTML)", "Open it in a spreadsheet program and save it as .xlsx."),
    (b"PAR1", "a Parquet file", "Write its table as CSV, for example with polars or pandas."),
    (b"<", "an XML file that is not a table", "Name the workbook or text file that contains the table."),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first."),
    (b"\x89PNG", "a picture", "Ask for the workbook that it was made from."),
    (b"\xff\xd8\xff", "a picture", "Ask for the workbook that it was made from."),
)
APPLE_HINT = "In Numbers, choose File > Export To > Excel. From Pages or Keynote, first copy the table to Numbers."
OTHER_ARCHIVES = (
    ("word/document.xml", "a Word document", "Copy its table into a workbook and save that as .xlsx."),
    ("ppt/presentation.xml", "a presentation", "Copy its table into a workbook and save that as .xlsx."),
    ("Index/Document.iwa", "a document of an Apple program", APPLE_HINT),
    ("Index.zip", "a document of an Apple program", APPLE_HINT),
)
"""Packed documents by a file that they contain, with advice on how to get a table."""


WORKERS = 2
MAX_WAITING = 3
"""Maximum number of results waiting to be used; limits memory."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


@contextmanager
def start_worker_threads() -> Iterator[ThreadPoolExecutor]:
    """Start daemon threads that are not joined. Joining could deadlock when the garbage collector closes a reader."""
    workers = ThreadPoolExecutor(WORKERS)
    try:
        yield workers
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def compute_ahead(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """Yield results in order while others are computed; raise the first error at its position."""
    source, waiting, fault = iter(pieces), deque[Future[Result]](), None
    with start_worker_threads() as workers:
        while True:
            try:
                while fault is None and len(waiting) < MAX_WAITING:
                    waiting.append(workers.submit(work, next(source)))
            except StopIteration:
                pass
            except InputError as error:  # earlier results come first and may fail themselves
                fault = error
            if not waiting:
                break
            yield waiting.popleft().result()
    if fault is not None:
        raise fault
