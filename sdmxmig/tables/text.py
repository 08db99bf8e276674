"""Text tables: CSV and TSV files in UTF-8."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import PurePath

from sdmxmig.errors import InputError
from sdmxmig.frames import CellColumns
from sdmxmig.model.tables import Table
from sdmxmig.places import Place
from sdmxmig.tables import READERS, Reader

DELIMITERS = (",", ";", "\t", "|")
LOOK_AT = 50
HEAD = 100_000
UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
CELL_LIMIT = 2_000_000


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a text table; its sheet has no name, its cells are addressed as in a spreadsheet.

    Raises `InputError` if the text is not UTF-8 (naming line and byte) or is no table.
    """
    text = decoded(name, content)
    delimiter = "\t" if PurePath(name).suffix.lower() in (".tsv", ".tab") else delimiter_of(text)
    cells = CellColumns()
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, fields in enumerate(lines, start=1):
            for column, text in enumerate(fields, start=1):
                if text:
                    cells.add(number, column, text)
            if len(cells) > CELL_LIMIT:
                raise InputError(f"The file has more than {CELL_LIMIT} filled cells.", Place(name), "Split it.")
    except csv.Error as error:
        hint = "Look for a quotation mark that is opened and not closed."
        raise InputError(f"This is not a text table: {error}.", Place(name, line=lines.line_num), hint) from None
    return (Table(name, "", cells.frame()),)


def decoded(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, with or without its mark; `InputError` names the first byte that is none."""
    if content.startswith(UTF_16_MARKS) or b"\0" in content:
        raise InputError(
            "The file is UTF-16 text, or no text at all.",
            Place(name),
            "Save it with the encoding UTF-8, which Excel calls “CSV UTF-8”.",
        )
    try:
        return content.removeprefix(UTF_8_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + (len(UTF_8_MARK) if content.startswith(UTF_8_MARK) else 0)
    line = content[:start].count(b"\n") + 1
    begin = content.rfind(b"\n", 0, start) + 1
    end = content.find(b"\n", start)
    whole = content[max(begin, start - 20) : min(end if end >= 0 else len(content), start + 20)]
    guess = whole.decode("cp1252", errors="replace").strip()
    read_as = "" if "�" in guess else f"Read as Windows-1252 it says “{guess}”. "
    raise InputError(
        f"The file is not UTF-8 text: byte {content[start]:#04x} in line {line}.",
        Place(name, line=line, column=start - begin + 1),
        f"{read_as}Save the file with the encoding UTF-8, which Excel calls “CSV UTF-8”.",
    )


def delimiter_of(text: str) -> str:
    r"""The sign between the fields: the one that splits most of the first lines into equally many fields.

    >>> delimiter_of("Year;Men;Women\n2023;1 793,8;1 942,5\n")
    ';'
    """
    head = "".join(text[:HEAD].splitlines(keepends=True)[:LOOK_AT])

    def agreement(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(fields) for fields in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
        split = [(lines, width) for width, lines in widths.items() if width > 1]
        return max(split, default=(0, 0))

    return max(DELIMITERS, key=agreement)


READERS.add("text")(Reader("text", (".csv", ".tsv", ".tab", ".txt"), b"", read))
