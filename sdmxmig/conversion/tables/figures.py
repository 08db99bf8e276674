"""Stored numbers as shortest exact decimals; superscripts are characters of their own, so marks never join figures."""

from __future__ import annotations

import re
from decimal import Decimal

from sdmxmig.primitives.lazily import pl

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
STORED = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
SHORT = r"^(?:0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,13})\.[0-9]{0,13}[1-9])$"
SHORT_LENGTH = 16


def number_text(stored: str) -> str:
    """Write a stored number as the shortest exact decimal, without exponent or ``.0``.

    Other texts stay unchanged.

    >>> [number_text(text) for text in ("3688.5999999999999", "2024.0", "1E-7", "-0", "12")]
    ['3688.6', '2024', '0.0000001', '0', '12']
    """
    if stored.isascii() and stored.isdigit() and len(stored) <= 15:
        return str(int(stored))
    if not NUMBER.fullmatch(stored) or stored.lower().lstrip("+-") in ("inf", "nan"):
        return stored
    value = float(stored)
    if value in (float("inf"), float("-inf")):
        return stored
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def number_texts(stored: pl.Series) -> pl.Series | None:
    """Convert a column without nulls like `number_text`; None if a text is not a finite plain number.

    >>> import polars as pl
    >>> number_texts(pl.Series(["12", "3688.5999999999999", "1E-7"])).to_list()
    ['12', '3688.6', '0.0000001']
    """
    short = stored.str.contains(SHORT) & (stored.str.len_bytes() <= SHORT_LENGTH)
    if short.all():
        return stored
    long = stored.filter(~short)
    if not long.str.contains(STORED).all():
        return None
    values = long.cast(float, strict=False)
    if values.null_count() or not values.is_finite().all():
        return None
    return replaced(stored, ~short, shortest(values))


def shortest(values: pl.Series) -> pl.Series:
    texts = values.cast(pl.String).str.strip_suffix(".0")
    odd = texts.str.contains("e", literal=True) | (texts == "-0")
    if not odd.any():
        return texts
    return replaced(texts, odd, pl.Series(map(number_text, texts.filter(odd)), dtype=pl.String))


def replaced(texts: pl.Series, where: pl.Series, by: pl.Series) -> pl.Series:
    order = pl.int_range(texts.len(), dtype=pl.UInt32, eager=True)
    order = order.zip_with(~where, where.cast(pl.UInt32).cum_sum() + texts.len() - 1)
    pool = pl.concat([texts, by.alias(texts.name)], rechunk=True)  # in one chunk, long texts are shared, not copied
    return pool.gather(order)


PLAIN = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
TABLE = str.maketrans(PLAIN, RAISED)


def raised(text: str) -> str:
    """Convert a text to Unicode superscripts where they exist.

    >>> "2014" + raised("1"), "Total" + raised("a, 2)")
    ('2014¹', 'Totalᵃ, ²⁾')
    """
    return text.translate(TABLE)
