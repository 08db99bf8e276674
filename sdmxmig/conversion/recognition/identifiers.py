"""Table identifiers such as “RVR09” or “FOLK1C”, which describe no figures."""

from __future__ import annotations

import re
from collections.abc import Iterable

YEAR = re.compile(r"(?:1[89]|20)\d\d(?:\d\d)?")
TOKEN = re.compile(r"(?<![^\W_])(?<![\w-])[^\W\d_]+(?:[_.]?\d+[^\W\d_]*)+(?![\w-])")
"""Letters with digits behind them, and perhaps further letters."""
SIGN = re.compile(r"[A-Z]{2,3}\d{2,}|[A-Z]{2,5}\d{4,}[A-Z]{0,2}|[A-Z]{2,5}\d{1,3}[A-Z]{1,5}\d{0,2}")
LETTERS = re.compile(r"[^\W\d_]+")
BEHIND_DIGITS = re.compile(r"\d+[^\W\d_]+")
NAME = re.compile(r"[A-Z][a-z]{1,2}_\d{1,3}[a-z]?")


def without_identifiers(words: Iterable[str], text: str) -> list[str]:
    """Remove words that belong to table identifiers.

    >>> without_identifiers(["RVR"], "RVR09: Immigration"), without_identifiers(["Kikuyu"], "Kikuyu1: Immigration")
    ([], ['Kikuyu'])
    """
    signs = [match[0] for match in TOKEN.finditer(text) if is_identifier(match[0])]
    if not signs:
        return list(words)
    inside = {word for sign in signs for word in (*LETTERS.findall(sign), *BEHIND_DIGITS.findall(sign))}
    outside = set(LETTERS.findall(re.sub("|".join(map(re.escape, signs)), " ", text)))
    return [word for word in words if word not in inside or word in outside]


def is_identifier(token: str) -> bool:
    """Whether letters and digits look like a table identifier.

    >>> [token for token in ("RVR09", "ITM552101", "VAN5RKAM", "M2020", "W15", "KAM2020") if is_identifier(token)]
    ['RVR09', 'ITM552101', 'VAN5RKAM']
    """
    digits = re.search(r"\d+", token)
    return bool(SIGN.fullmatch(token)) and not (digits and YEAR.fullmatch(digits[0]))


def words_called(names: Iterable[str], titles: Iterable[str]) -> frozenset[str]:
    """Find the sheet names by which titles refer to tables.

    >>> sorted(words_called(["Ret_01"], ["Ret_01: Returns by sex"])), sorted(words_called(["Ret_01"], ["Returns"]))
    (['Ret'], [])
    """
    begun = [title for title in titles if re.match(r"\S+\s*(?:[:.]\s|[–—-]\s)", title)]
    table_names = [name for name in names if NAME.fullmatch(name) and any(title.startswith(name) for title in begun)]
    return frozenset(word for name in table_names for word in LETTERS.findall(name))
