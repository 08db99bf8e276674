"""Writing single cells of a text table, leaving all other bytes unchanged."""

from __future__ import annotations

import io

from sdmxmig.conversion.tables.text import resolved_format
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.tables import AUTODETECT, Cell, TextFormat

QUOTE = '"'


def with_text(name: str, content: bytes, *, at: Cell, text: str, written: TextFormat = AUTODETECT) -> bytes:
    """Replace the text of an existing cell.

    Raises `InputError` for fixed-width tables, missing cells, and characters outside the encoding.
    """
    resolved = resolved_format(name, io.BytesIO(content), written)
    if resolved.starts:
        raise InputError("A table of fixed-width columns is changed in an editor.", Place(name), "Change it there.")
    encoding = resolved.encoding
    mark, body = content[: encoding.mark], content[encoding.mark :].decode(encoding.codec)
    span = span_of(body, resolved.delimiter, at)
    if span is None:
        place = Place(name, cell=cell_name(*at))
        raise InputError("The table does not reach this cell.", place, "Add it in a spreadsheet program.")
    mended = body[: span[0]] + quoted(text, resolved.delimiter) + body[span[1] :]
    try:
        return mark + mended.encode(encoding.codec)
    except UnicodeEncodeError as error:
        message = f"The file is written in {encoding.name}, which has no “{mended[error.start]}”."
        raise InputError(message, Place(name, cell=cell_name(*at)), "Save it as UTF-8 first.") from None


def span_of(body: str, delimiter: str, at: Cell) -> tuple[int, int] | None:
    row, column, start, position, inside = 1, 1, 0, 0, False
    while position <= len(body):
        sign = body[position] if position < len(body) else ""
        if sign == QUOTE and (inside or position == start):
            inside = not inside
        elif not inside and sign in (delimiter, "\n", "\r", ""):
            if (row, column) == at:
                return start, position
            if sign == delimiter:
                column += 1
            else:
                position += body[position : position + 2] == "\r\n"
                row, column = row + 1, 1
            if row > at[0]:
                return None
            start = position + 1
        position += 1
    return None


def quoted(text: str, delimiter: str) -> str:
    if any(sign in text for sign in (delimiter, QUOTE, "\n", "\r")):
        return QUOTE + text.replace(QUOTE, QUOTE * 2) + QUOTE
    return text
