"""Keys of text files: encoding and column positions."""

from __future__ import annotations

import codecs
from itertools import pairwise

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.tables import TextFormat

USUAL = (
    *("utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254"),
    *("windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-874", "iso-8859-1", "iso-8859-2"),
    *("iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-r", "koi8-u", "ibm850", "ibm852"),
    *("ibm866", "macintosh", "shift_jis", "euc-jp", "euc-kr", "gb18030", "big5"),
)
NO_TEXT = ("unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined")
"""Codecs that Python has for texts of programs and networks."""
TAB = "tab"
LAST_POSITION, MANY_COLUMNS = 1_000_000, 16_384


def read_text(declared: Declared) -> TextFormat:
    """How the text file of a mapping is written."""
    written = TextFormat(
        declared.text("encoding", ""),
        read_delimiter(declared),
        starts=read_starts(declared),
        packed=declared.flag("packed", default=False),
    )
    declared.close()
    if written.encoding and not is_encoding(written.encoding):
        hint = did_you_mean(written.encoding.lower(), USUAL)
        message = f"“{written.encoding}” is no encoding."
        raise DeclarationError(
            message, declared.at("encoding"), hint or f"Known are, among others: {', '.join(USUAL)}."
        )
    if written.starts and written.delimiter:
        hint = "Remove one of them: a line is cut by a sign or by positions."
        raise DeclarationError("The mapping has both “delimiter” and “columns”.", declared.at("delimiter"), hint)
    if written.packed and not written.starts:
        hint = "Say where columns begin, such as columns = [1, 13, 21]."
        raise DeclarationError("Only columns by position can be packed.", declared.at("packed"), hint)
    return written


def is_encoding(name: str) -> bool:
    """Whether a name is a text encoding.

    >>> is_encoding("windows-1251"), is_encoding("windows-1299"), is_encoding("rot13")
    (True, False, False)
    """
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return codec.name not in NO_TEXT and codec.incrementaldecoder is not None and codec._is_text_encoding


def read_delimiter(declared: Declared) -> str:
    sign = declared.text("delimiter", "")
    sign = "\t" if sign == TAB else sign
    if sign and (len(sign) > 1 or not sign.isascii() or sign.isalnum() or (sign < " " and sign != "\t") or sign == '"'):
        hint = 'Write one sign, such as delimiter = ";", or delimiter = "tab".'
        raise DeclarationError(f"“{sign}” cannot stand between fields.", declared.at("delimiter"), hint)
    return sign


def read_starts(declared: Declared) -> tuple[int, ...]:
    starts = declared.numbers("columns")
    if not starts:
        return ()
    rising = all(start < following for start, following in pairwise(starts))
    if starts[0] != 1 or not rising or starts[-1] > LAST_POSITION or len(starts) > MANY_COLUMNS:
        hint = "Write positions from the left, such as columns = [1, 13, 21]; what nobody needs is a column too."
        raise DeclarationError("Columns begin at 1 and go on to the right.", declared.at("columns"), hint)
    return starts
