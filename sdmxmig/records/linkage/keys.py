"""Strength of linkage keys.

A guessable key lets anyone try all numbers, so only random-looking keys are accepted.

Keyed hashes of personal and document numbers.
"""

from __future__ import annotations

import hmac
import math
import re
import unicodedata
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.reading import BETWEEN_ENTRIES

if TYPE_CHECKING:
    from sdmxmig.io.network.secrets import Secret


SHORTEST, FEWEST, LEAST_BITS = 16, 8, 64
CLASSES = ((re.compile("[0-9]"), 10), (re.compile("[a-f]"), 6), (re.compile("[g-z]"), 20), (re.compile("[A-Z]"), 26))
OTHERS = 30
"""How many signs there are of each kind, and of all others."""
IN_ORDER = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qwertzuiop",
)
MOST_IN_ORDER = 0.5
FOLLOWING = {
    "a": "lnrstg", "c": "aeho", "d": "eio", "e": "dlnrsty", "g": "er", "h": "aei", "i": "celnostg",
    "k": "eis", "l": "aeio", "m": "aei", "n": "adegiost", "o": "fnru", "p": "or", "r": "aeiou",
    "s": "eiost", "t": "aehior", "u": "aenrst", "v": "e", "w": "o", "x": "m",
}  # fmt: skip
"""Letters that often follow a letter in words of languages in Latin letters."""
MOST_LIKE_WORDS, FEWEST_LETTERS = 0.4, 8
HINT = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def key_of(secret: Secret) -> bytes:
    text = secret.reveal()
    if why := weakness(text):
        raise SdmxmigError(f"The key for linkage could be guessed: {why}.", hint=HINT)
    return text.encode()


def weakness(text: str) -> str:
    """Why a key could be guessed; empty where it looks like drawn by chance.

    >>> weakness("k" * 32), weakness("9f2c4be07d61a8e35c17")
    ('it has 1 different sign', '')
    """
    letters = re.sub("[^a-z]", "", text.casefold())
    pairs = [first + second for first, second in pairwise(letters)]
    different = len(set(text))
    reasons = {
        f"it has fewer than {SHORTEST} signs": len(text) < SHORTEST,
        "it has signs beyond ASCII, which programs write in several ways": not text.isascii(),
        f"it has {different} different sign{'' if different == 1 else 's'}": different < FEWEST,
        "it repeats itself": repeated(text),
        "its signs stand in the order of the alphabet, of numbers or of the keyboard": in_order(text) > MOST_IN_ORDER,
        "it is made of words": len(letters) >= max(FEWEST_LETTERS, len(text) / 2)
        and sum(pair[1] in FOLLOWING.get(pair[0], "") for pair in pairs) > MOST_LIKE_WORDS * len(pairs),
        f"there are fewer than 2 to the {LEAST_BITS} keys of its kind": bits(text) < LEAST_BITS,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def repeated(text: str) -> bool:
    return any(text[length:] == text[:-length] for length in range(1, len(text) // 2 + 1))


def in_order(text: str) -> float:
    plain = text.casefold()
    rows = [row for order in IN_ORDER for row in (order, order[::-1])]
    steps = [any(first + second in row for row in rows) or first == second for first, second in pairwise(plain)]
    return sum(steps) / max(1, len(steps))


def bits(text: str) -> float:
    size = sum(count for kind, count in CLASSES if kind.search(text))
    size += OTHERS if re.search("[^0-9a-zA-Z]", text) else 0
    return len(text) * math.log2(max(size, 1))


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
