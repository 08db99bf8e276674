"""Quoted values of a run of markup, and the markup between them, found for all elements at once.

The markup before each value is one of few distinct texts, which a lane understands once. Order of attributes, blanks,
comments, kind of quotation marks and of end tags therefore cost little. None means not proved regular.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

QUOTE, APOSTROPHE, LESS, SPACE = b"\"'< "
LONGEST = 1_024
"""Maximum number of bytes of markup between two values, and of a value that may repeat."""
WORD = 8
MASKS = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)
FACTOR = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(29)
SHIFTS = (48, 32, 16)
SLOTS = 1 << 16
SIZE = "#size"
REPEATED = 4
"""A text repeats if there is at most one distinct text per so many."""
FEW = 64
"""So many distinct texts are few, however many texts there are."""
BESIDE = b"\x01"
"""Stands for a comment or a CDATA section of blanks; XML cannot contain this character."""
COMMENT = rb"[^-<\x00-\x08\x0B\x0C\x0E-\x1F]"
LEFT_OUT = re.compile(rb"<!--%b*(?:-%b+)*-->|<!\[CDATA\[[ \t\r\n]*\]\]>" % (COMMENT, COMMENT))
NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def decoded(text: str) -> str | None:
    """Replace references in a value; None for invalid ones.

    >>> decoded("a &lt; &#233; &#x41;")
    'a < é A'
    """
    wrong = "&" in REFERENCE.sub("", text)

    def character(match: re.Match[str]) -> str:
        nonlocal wrong
        name, decimal, hexadecimal = match.groups()
        if name:
            return NAMED[name]
        point = int(decimal or hexadecimal, 10 if decimal else 16)
        fine = (
            point in (9, 10, 13) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
        )
        wrong |= not fine
        return chr(point) if fine else ""

    text = REFERENCE.sub(character, text)
    return None if wrong else text


def coded(words: Words, starts: Numbers, sizes: Numbers) -> tuple[Numbers, Numbers] | None:
    """Number distinct texts, and give a place of each; None if one is too long."""
    longest = int(sizes.max(initial=0))
    if longest > LONGEST:
        return None
    whole = slice(None)
    masks = MASKS[np.minimum(sizes, WORD)]
    parts: list[tuple[Numbers | slice, Words]] = [(whole, words[starts] & masks)]
    if longest > WORD:
        parts.append((whole, words[starts + np.maximum(sizes - WORD, 0)] & masks))
    for at in range(WORD, longest - WORD, WORD):  # between the first word and the last
        longer = np.flatnonzero(sizes > at + WORD)
        parts.append((longer, words[starts[longer] + at]))
    hashes = sizes.astype(np.uint64)
    for rows, part in parts:
        hashes[rows] = (hashes[rows] ^ part) * FACTOR
        hashes[rows] ^= hashes[rows] >> HALF
    first = firsts(hashes)
    own = np.flatnonzero(first == np.arange(len(first)))
    if (sizes[first] != sizes).any():
        return None
    words_of_first = np.empty(len(first), np.uint64)
    for rows, part in parts:  # not only hashes must be equal
        words_of_first[rows] = part
        if (words_of_first[first][rows] != part).any():
            return None
    numbers = np.empty(len(first), np.int64)
    numbers[own] = np.arange(len(own))
    return numbers[first], own


def firsts(hashes: Words) -> Numbers:
    """Return one place of each hash; some hashes may have several."""
    first = np.arange(len(hashes))
    slots, left = np.empty(SLOTS, np.int64), first
    for shift in SHIFTS:
        slot = ((hashes[left] >> np.uint64(shift)) & np.uint64(SLOTS - 1)).astype(np.int64)
        slots[slot] = left
        found = slots[slot]
        same = hashes[found] == hashes[left]
        if same.all():
            first[left] = found
            break
        first[left[same]] = found[same]
        left = left[~same]
    return first


@dataclass(frozen=True, slots=True)
class Tokens:
    """Values of a run by first byte and size, with the number of the markup before each in `markups`."""

    text: bytes
    words: Words
    starts: Numbers
    sizes: Numbers
    numbers: Numbers
    markups: list[bytes]

    def table(self, cells: Mapping[str, Numbers]) -> pl.DataFrame | None:
        """Return columns of the values at these places, with null at -1; None if one is not allowed."""
        inputs, columns, cut_names = {}, [], []
        for name, places in cells.items():
            present = places >= 0
            values = places[present]
            starts, sizes = self.starts[values], self.sizes[values]
            found = coded(self.words, starts, sizes)
            if found is None or len(found[1]) > max(len(values) // REPEATED, FEW):
                inputs[name], inputs[name + SIZE] = np.zeros_like(places), np.zeros_like(places)
                inputs[name][present], inputs[name + SIZE][present] = starts, sizes
                cut = pl.lit(self.text, dtype=pl.Binary).bin.slice(pl.col(name), pl.col(name + SIZE)).cast(pl.String)
                columns.append(pl.when(pl.col(name) > 0).then(cut).alias(name))
                cut_names.append(name)
                continue
            numbers, own = found
            texts = self._texts(starts[own].tolist(), sizes[own].tolist())
            if texts is None:
                return None
            inputs[name] = np.full(len(places), len(own))
            inputs[name][present] = numbers
            columns.append(pl.lit(pl.Series([*texts, None], dtype=pl.String)).gather(pl.col(name)).alias(name))
        try:
            table = pl.DataFrame(inputs).select(columns)
        except pl.exceptions.ComputeError:
            return None
        return without_references(table, cut_names) if b"&" in self.text else table

    def _texts(self, starts: list[int], sizes: list[int]) -> list[str] | None:
        try:
            texts = [self.text[start : start + size].decode() for start, size in zip(starts, sizes, strict=True)]
        except UnicodeDecodeError:
            return None
        resolved = [decoded(text) if "&" in text else text for text in texts]
        return None if None in resolved else cast("list[str]", resolved)


def without_references(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame | None:
    """Replace character references in columns; None if one is invalid."""
    replaced = []
    for name in names:
        column = frame[name]
        referring = column.filter(column.str.contains("&", literal=True).fill_null(value=False)).unique()
        texts = [decoded(value) for value in referring]
        if None in texts:
            return None
        replaced.append(column.replace(referring, pl.Series(texts, dtype=pl.String)))
    return frame.with_columns(replaced)


def tokens_of(run: bytes, passing: bytes) -> Tokens | None:
    """Find the values of a run of whole elements, and the markup before each.

    The end of the run is put before its start, so that the markup of the first value is complete. Values whose mark
    ends with `passing` belong to the markup.
    """
    run = without_comments(run)
    end = max(run.rfind(b'"'), run.rfind(b"'")) + 1
    run = run[end:] + run[:end]
    text = run + bytes(WORD)
    codes = np.frombuffer(run, np.uint8)
    quotes = quotes_of(run, codes)
    words = np.ndarray(len(run) + 1, np.dtype("<u8"), buffer=text, strides=(1,))
    opens, ends = quotes[0::2], quotes[1::2]
    if passing:
        kept = words[np.maximum(opens - len(passing), 0)] & MASKS[len(passing)] != int.from_bytes(passing, "little")
        opens, ends = opens[kept], ends[kept]
    befores = np.append(-1, ends[:-1]) + 1
    is_whole = len(ends) > 0 and ends[-1] == len(run) - 1
    found = coded(words, befores, opens - befores) if is_whole else None
    if found is None:
        return None
    numbers, own = found
    markups = [run[start:stop] for start, stop in zip(befores[own].tolist(), opens[own].tolist(), strict=True)]
    counts = np.bincount(numbers)
    for low, high in ((0, SPACE), (LESS, LESS + 1)):  # what values must not contain
        inside = np.array([sum(low <= code < high for code in markup) for markup in markups])
        if np.count_nonzero((codes < high) & (codes >= low)) != counts @ inside:
            return None
    return Tokens(text, words, starts=opens + 1, sizes=ends - opens - 1, numbers=numbers, markups=markups)


def without_comments(run: bytes) -> bytes:
    """Replace comments and CDATA sections of blanks; empty if characters are not allowed."""
    if BESIDE in run or (not run.isascii() and any(characters in run for characters in NO_CHARACTERS)):
        return b""
    if b"<!" not in run:
        return run
    try:
        pl.Series([run], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return b""
    return LEFT_OUT.sub(BESIDE, run)


def quotes_of(run: bytes, codes: npt.NDArray[np.uint8]) -> Numbers:
    """Find the places of opening and closing quotation marks in turn; none if one is not closed."""
    double, single = b'"' in run, b"'" in run
    if not (double and single and re.search(rb"=\s*'", run)):
        marks = np.flatnonzero(codes == (QUOTE if double else APOSTROPHE))
        return marks[: 0 if len(marks) % 2 else None]
    marks = np.flatnonzero((codes == QUOTE) | (codes == APOSTROPHE))
    kinds, last = codes[marks], len(marks)
    closing = np.full(last + 1, last)
    for kind in (QUOTE, APOSTROPHE):
        same = np.flatnonzero(kinds == kind)
        closing[same[:-1]] = same[1:]
    at = np.searchsorted(marks, np.flatnonzero(codes == LESS))  # the first mark of each element
    ends = np.append(at[1:], last)
    chosen = np.zeros(last, bool)
    while len(at):
        rest = at < ends
        at, ends = at[rest], ends[rest]
        closed = closing[at]
        if (closed >= ends).any():
            return marks[:0]
        chosen[at] = chosen[closed] = True
        at = closed + 1
    return marks[chosen]
