"""Tables: workbooks and text files become text cells with addresses; one module a file format.

A new format is one new module here that adds its `Reader`. Nothing is cleaned or guessed: what a cell means is
the business of the mapping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from sdmxmig.errors import InputError
from sdmxmig.model.tables import Table
from sdmxmig.places import Place
from sdmxmig.plugins import Kind


@dataclass(frozen=True, slots=True)
class Reader:
    """How files of one format are recognised and read.

    A file that begins with `magic` is of this format, whatever its name; a format without one is known by its
    `suffixes`. `read` takes the file's name and its bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    magic: bytes
    read: Callable[[str, bytes], tuple[Table, ...]]


READERS: Kind[Reader] = Kind("sdmxmig.tables")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
FOREIGN = (
    (b"%PDF", "a PDF document", "Ask for the workbook that it was made from."),
    (b"{\\rtf", "a text document (RTF)", "Copy its table into a workbook and save that as .xlsx."),
    (b"<", "an HTML or XML file", "Open it in a spreadsheet program and save it as .xlsx."),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first."),
    (b"\x89PNG", "a picture", "Ask for the workbook that it was made from."),
    (b"\xff\xd8\xff", "a picture", "Ask for the workbook that it was made from."),
)


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read the tables of a workbook (.xlsx) or of a text file (.csv, .tsv): one a sheet, in the order of the sheets.

    `name` is the file's name in messages and in the places of cells. Raises `InputError` if the file is empty, of
    another kind, protected by a password, damaged, or beyond the limits for files of others.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise InputError("The file is empty.", Place(name), "Save it again from the program that made it.")
    refuse_foreign(name, content)
    readers = [READERS[reader_name] for reader_name in READERS]
    suffix = PurePath(name).suffix.lower()
    for reader in readers:
        if reader.magic and content.startswith(reader.magic):
            return reader.read(name, content)
    for reader in readers:
        if suffix in reader.suffixes:
            if reader.magic:
                hint = "Save it again as a workbook, or give it the suffix of what it is."
                raise InputError(f"This is not a workbook, though its name ends in {suffix}.", Place(name), hint)
            return reader.read(name, content)
    known = ", ".join(sorted(suffix for reader in readers for suffix in reader.suffixes))
    raise InputError("The file is no table that sdmxmig can read.", Place(name), f"It reads {known}.")


def refuse_foreign(name: str, content: bytes) -> None:
    """Raise `InputError` for a file that is recognised as something else, with what to do about it."""
    place = Place(name)
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise InputError("The workbook is protected by a password.", place, "Save it without a password.")
        raise InputError("This is a workbook in the old format .xls.", place, "Save it as .xlsx.")
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, what, remedy in FOREIGN:
        if start.startswith(magic):
            raise InputError(f"This is {what}, not a workbook.", place, remedy)
