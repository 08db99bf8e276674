"""Table readers: one module per file format. Add a `TableReader` for a new format."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import PurePath

from sdmxmig.conversion.tables import text
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.io.intake.files import FOREIGN_FORMATS, SAVE_AGAIN_HINT, SAVE_XLSX_HINT
from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import AUTODETECT, Table, TextFormat

HEAD_BYTES = 4096
BLANK_BYTES = b"\0 \t\r\n"
EXCEL_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
"""The namespace of XML Spreadsheet 2003, also in files called .xls."""
LOCK_FILE = re.compile(r"(?:~\$|\.~lock\.)(?P<document>.+?)#?")
FIGURE_BELOW = re.compile(r"[\r\n].*?\d", re.DOTALL)
"""A digit below the first line of a text, which a table needs."""
SUFFIXES_BY_CONTENT = (".xml", ".json")
MAX_CELLS = 6_000_000
_kept: dict[tuple[str, bytes, TextFormat], tuple[Table, ...]] = {}
_lock = threading.Lock()


def read(name: str, content: bytes, written: TextFormat = AUTODETECT) -> tuple[Table, ...]:
    """Read the tables of a workbook, web page or text file, in order.

    Content determines the format before the file name. `written` forces text. Raises `InputError` for empty, unknown,
    encrypted, damaged or oversized files.
    """
    if lock := LOCK_FILE.fullmatch(PurePath(name).name):
        hint = f"Name the document itself: {lock['document']}"
        raise InputError("This is the lock file of an open document, not a table.", Place(name), hint)
    if not content[:HEAD_BYTES].strip(BLANK_BYTES) and not content.strip(BLANK_BYTES):
        raise InputError("The file is empty.", Place(name), SAVE_AGAIN_HINT)
    if written != AUTODETECT:
        return read_text(name, content, written)
    return find_reader(name, content).read(name, content)


def read_once(name: str, content: bytes, written: TextFormat = AUTODETECT) -> tuple[Table, ...]:
    """Read tables like `read`, with a cache of recent files."""
    key = name, hashlib.sha256(content).digest(), written
    with _lock:
        known = _kept.pop(key, None)
    tables = read(name, content, written) if known is None else known
    with _lock:
        _kept[key] = tables
        cells = sum(table.cells.height for each in _kept.values() for table in each)
        while cells > MAX_CELLS and _kept:
            cells -= sum(table.cells.height for table in _kept.pop(next(iter(_kept))))
    return tables


def read_text(name: str, content: bytes, written: TextFormat) -> tuple[Table, ...]:
    for reader in READERS.values():
        if reader.magic and content.startswith(reader.magic):
            hint = "Remove [text] from the mapping."
            raise InputError("The mapping describes a text file, but this is not one.", Place(name), hint)
    return text.read(name, content, written)


def find_reader(name: str, content: bytes) -> TableReader:
    readers = sorted(READERS.values(), key=lambda reader: reader.recognises is None)
    for reader in readers:
        recognised = reader.recognises(content) if reader.recognises else bool(reader.magic)
        if recognised and content.startswith(reader.magic):
            return reader
    refuse_other_files(name, content)
    suffix = PurePath(name).suffix.lower()
    by_suffix = next((reader for reader in readers if suffix in reader.suffixes), None)
    if by_suffix and (by_suffix.magic or by_suffix.recognises):
        if not is_text(content) or not FIGURE_BELOW.search(content.decode(errors="ignore")):
            hint = f"{SAVE_XLSX_HINT} Or correct the suffix."
            message = f"The file is damaged: its content does not match its suffix ({suffix})."
            raise InputError(message, Place(name), hint)
        return READERS["text"]
    if by_suffix:
        return by_suffix
    suffixes = ", ".join(sorted(list_suffixes()))
    raise InputError("sdmxmig cannot read this file as a table.", Place(name), f"Supported formats: {suffixes}.")


def list_suffixes() -> set[str]:
    return {suffix for reader in READERS.values() for suffix in reader.suffixes}


def describe_wrong_suffix(name: str, content: bytes, written: TextFormat = AUTODETECT) -> str:
    """Describe a wrong file suffix, or return an empty text; raise `InputError` like `read`."""
    suffix = PurePath(name).suffix.lower()
    reader = READERS["text"] if written != AUTODETECT else find_reader(name, content)
    if suffix not in list_suffixes() or suffix in (*reader.suffixes, *SUFFIXES_BY_CONTENT) or not reader.suffixes:
        return ""
    kind = "a text file" if reader is READERS["text"] else f"a file of the kind {reader.suffixes[0]}"
    return f"{name} is {kind} despite its suffix {suffix}. It is read by its content."


def is_text(content: bytes) -> bool:
    """Check whether a file starts as text: in UTF-16, or without control characters.

    >>> is_text("Año;Valor".encode("latin-1")), is_text(bytes(range(9)))
    (True, False)
    """
    head = content[:HEAD_BYTES]
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(
        sign < 32 and sign not in b"\t\n\f\r" for sign in head
    )


def refuse_other_files(name: str, content: bytes) -> None:
    start = content[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if PurePath(name).suffix.lower() == ".json" and start.startswith((b"{", b"[")):
        parse_json(content, name)  # raises an error for a truncated file
        message = "This is JSON, but neither an SDMX message nor a JSON-stat dataset."
        raise InputError(message, Place(name), "Ask the service for one of these, or for CSV.")
    if EXCEL_2003 in start:
        raise InputError("This is a workbook of Excel 2003 in XML.", Place(name), SAVE_XLSX_HINT)
    for magic, description, remedy in FOREIGN_FORMATS:
        if start.startswith(magic):
            raise InputError(f"This is {description}, not a workbook.", Place(name), remedy)
