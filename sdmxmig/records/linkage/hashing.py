"""Keyed hashes of personal and document numbers."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Collection

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.reading import BETWEEN_ENTRIES

BYTES_OF_NUMBER, DIGITS_OF_PERSON = 8, 20
SAYS_NOTHING = re.compile(r"|0+|X+|(.)\1{3,}")
"""A number that is none: 0, XX, or any sign four times and more."""
IGNORED = re.compile(r"[\W_]+")
SHORTENED = r"\d[.,]\d+[eE]\+?\d+|\d+[eE]\+\d+"
SHORTENED_NUMBER, FRACTION_OF_NONE = re.compile(SHORTENED), re.compile(r"\d+[.,]0")


def number_under(key: bytes, text: str, unknown: Collection[str] = ()) -> int | None:
    """Hash a number (first 64 bits of HMAC-SHA-256, RFC 2104); empty for placeholders.

    Ignores case, blanks, hyphens, width, script of digits and a trailing .0. Numbers shortened by spreadsheets are
    rejected.

    >>> number_under(b"k" * 16, "ab-12 3") == number_under(b"k" * 16, "AB123")
    True
    """
    whole = with_usual_digits(unicodedata.normalize("NFKC", text).strip())
    if SHORTENED_NUMBER.fullmatch(whole):
        return None
    plain = IGNORED.sub("", whole[:-2] if FRACTION_OF_NONE.fullmatch(whole) else whole).upper()
    if SAYS_NOTHING.fullmatch(plain) or plain in unknown:
        return None
    return int.from_bytes(hmac.digest(key, plain.encode(), "sha256")[:BYTES_OF_NUMBER], "big", signed=True)


def with_usual_digits(text: str) -> str:
    """A text with the digits 0 to 9 in place of those of other scripts.

    >>> with_usual_digits("٧٧-1")
    '77-1'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def person_under(key: bytes, record: str, source: str) -> str:
    return hmac.digest(key, f"person\0{source}\0{record}".encode(), "sha256").hex()[:DIGITS_OF_PERSON]


def hashed(texts: pl.Series, key: bytes, unknown: Collection[str]) -> pl.Series:
    distinct = texts.drop_nulls().unique()
    numbers = pl.Series([number_under(key, text, unknown) for text in distinct], dtype=pl.Int64)
    return texts.replace_strict(distinct, numbers, default=None, return_dtype=pl.Int64)


def hashed_lists(texts: pl.Series, key: bytes, unknown: Collection[str]) -> pl.Series:
    cells = pl.DataFrame({"cell": texts.drop_nulls().unique()})
    entries = cells.with_columns(entry=pl.col("cell").str.replace_all(BETWEEN_ENTRIES, ";").str.split(";")).explode(
        "entry"
    )
    entries = entries.with_columns(number=hashed(entries["entry"], key, unknown)).drop_nulls("number")
    lists = entries.group_by("cell").agg(pl.col("number").unique().sort())
    return pl.DataFrame({"cell": texts}).join(lists, on="cell", how="left", maintain_order="left")["number"]
