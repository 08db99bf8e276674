"""Tables: workbooks and text files become text cells with addresses; one module a file format.

A new format is one new module here that adds its `TableReader`. Nothing is cleaned or guessed: what a cell means is
the business of the mapping.
"""

from __future__ import annotations

from pathlib import PurePath

from sdmxmig.conversion.tables import text
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.io.file_signatures import FOREIGN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import AUTODETECT, Table, TextFormat

HEAD = 4096
NOTHING = b"\0 \t\r\n"
"""The signs of a file that says nothing."""
BY_CONTENT = (".xml", ".json")
"""Endings of names that say nothing of which table a file holds."""


def read(name: str, content: bytes, written: TextFormat = AUTODETECT) -> tuple[Table, ...]:
    """Read the tables of a workbook, a web page or a text file: one a sheet, in the order of the sheets.

    What a file is, its content says before its name does: agencies send web pages and text files named as workbooks.
    `name` is the file's name in messages and in the places of cells. With `written` it is a text table, whatever its
    name. Raises `InputError` if the file is empty, of another kind, protected by a password, damaged, or beyond the
    limits for files of others.
    """
    if not content[:HEAD].strip(NOTHING) and not content.strip(NOTHING):
        raise InputError("The file is empty.", Place(name), "Save it again from the program that made it.")
    if written != AUTODETECT:
        return read_text(name, content, written)
    return reader_of(name, content).read(name, content)


def read_text(name: str, content: bytes, written: TextFormat) -> tuple[Table, ...]:
    """Read a text table of which is known how it is written."""
    for reader in (READERS[format_name] for format_name in READERS):
        if reader.magic and content.startswith(reader.magic):
            hint = "Remove [text] from the mapping."
            raise InputError("The mapping says how a text is written, but the file is none.", Place(name), hint)
    return text.read(name, content, written)


def reader_of(name: str, content: bytes) -> TableReader:
    """The reader for a file, by its content, else by its name; raises `InputError` if there is none."""
    readers = sorted((READERS[format_name] for format_name in READERS), key=lambda reader: reader.recognises is None)
    for reader in readers:
        recognised = reader.recognises(content) if reader.recognises else bool(reader.magic)
        if recognised and content.startswith(reader.magic):
            return reader
    refuse_foreign(name, content)
    suffix = PurePath(name).suffix.lower()
    by_suffix = next((reader for reader in readers if suffix in reader.suffixes), None)
    if by_suffix and (by_suffix.magic or by_suffix.recognises):
        if not is_text(content):
            hint = "Save it again from the program that made it, or give it the suffix of what it is."
            raise InputError(f"The file is not what its name ends in ({suffix}).", Place(name), hint)
        return READERS["text"]
    if by_suffix:
        return by_suffix
    suffixes = ", ".join(sorted(suffix for reader in readers for suffix in reader.suffixes))
    raise InputError("The file is no table that sdmxmig can read.", Place(name), f"It reads {suffixes}.")


def misnamed(name: str, content: bytes, written: TextFormat = AUTODETECT) -> str:
    """A sentence on a file that is of another kind than its name says, such as a text named .xlsx; empty otherwise.

    Raises `InputError` as `read` does for a file that is no table.
    """
    suffix = PurePath(name).suffix.lower()
    reader = READERS["text"] if written != AUTODETECT else reader_of(name, content)
    known = any(suffix in READERS[format_name].suffixes for format_name in READERS)
    if not known or suffix in (*reader.suffixes, *BY_CONTENT) or not reader.suffixes:
        return ""
    kind = "a text file" if reader is READERS["text"] else f"a file of the kind {reader.suffixes[0]}"
    return f"{name} is {kind}, though its name ends in {suffix}; it is read as what it is."


def is_text(content: bytes) -> bool:
    """Whether a file begins as text does: in UTF-16, or without signs that no text has.

    >>> is_text("Año;Valor".encode("latin-1")), is_text(bytes(range(9)))
    (True, False)
    """
    head = content[:HEAD]
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(
        sign < 32 and sign not in b"\t\n\f\r" for sign in head
    )


def refuse_foreign(name: str, content: bytes) -> None:
    """Raise `InputError` for a file that is recognised as something else, with what to do about it."""
    start = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, description, remedy in FOREIGN:
        if start.startswith(magic):
            raise InputError(f"This is {description}, not a workbook.", Place(name), remedy)
