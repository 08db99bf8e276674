"""The compiled scanner of regular units (extra `fast`); `tokens` imports it, since it needs numba.

It accepts a part of XML only: a unit is proved to be well formed, or the scan stops before it. Values become codes of
one dictionary. A text is an array of the eight bytes at each place; it must be valid UTF-8 and end with eight zeros,
which no function passes. Arrays are one argument each, since numba counts references to those in tuples.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

ONES, LOW, HIGH = np.uint64(0x0101010101010101), np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
BRACKETS, AMPERSANDS = ONES * np.uint64(60), ONES * np.uint64(38)
FACTOR, ONE, BYTE = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(255)
EXCLAMATION, QUOTE, APOSTROPHE, HYPHEN, SLASH, BRACKET, EQUAL, END = 33, 34, 39, 45, 47, 60, 61, 62
PLACE, MARK, SIZE, CODE = range(4)
"""Fields of the last occurrence of an attribute: from the blank before it to its value, and to its end."""
KEY, START, LENGTH, REFERS = range(4)
"""Fields of a text of the dictionary."""

njit: Any = numba.njit
compiled = njit(cache=True, nogil=True)
inlined = njit(nogil=True, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@inlined
def word_at(words, at):
    return words[np.uint64(at)]  # numba checks signed numbers for negative ones


@inlined
def byte_at(words, at):
    return np.int64(word_at(words, at) & BYTE)


@inlined
def flag_zeros(word):
    """Flag zero bytes; only the lowest flag is certain."""
    return (word - ONES) & ~word & HIGH


@inlined
def find_flag(flags):
    below = (flags & (~flags + ONE)) - ONE
    return np.int64(((below & ONES) * ONES) >> np.uint64(56)) - 1


@inlined
def mix(key, word):
    key = (key ^ word) * FACTOR
    return key ^ (key >> np.uint64(29))


@inlined
def is_equal(words, at, others, start, size):
    for index in range(size):
        if (word_at(words, at + index) ^ word_at(others, start + index)) & BYTE:
            return False
    return True


@inlined
def skip_blanks(words, at):
    byte = byte_at(words, at)
    while byte == 32 or byte == 10 or byte == 13 or byte == 9:
        at += 1
        byte = byte_at(words, at)
    return at


@inlined
def skip_between(words, at):
    """Skip blanks and comments in ASCII, except those with a ``<``, which could look like the start of a unit."""
    at = skip_blanks(words, at)
    while byte_at(words, at) == BRACKET and byte_at(words, at + 1) == EXCLAMATION:
        end = at + 4
        if byte_at(words, at + 2) != HYPHEN or byte_at(words, at + 3) != HYPHEN:
            return at
        byte = byte_at(words, end)
        while byte != HYPHEN or byte_at(words, end + 1) != HYPHEN:
            if byte == BRACKET or byte >= 128 or (byte < 32 and skip_blanks(words, end) == end):
                return at
            end += 1
            byte = byte_at(words, end)
        if byte_at(words, end + 2) != END:
            return at
        at = skip_blanks(words, end + 3)
    return at


@inlined
def measure(words, at, stop, lowest):
    """Return the end of a name or value, its key, and whether it has references.

    It ends before a byte `stop`, a bracket, or a byte below `lowest`. Below eight bytes, the key is the text.
    """
    stops, lows = ONES * np.uint64(stop), ONES * np.uint64(lowest)
    key, references, place = np.uint64(0), np.uint64(0), at
    while True:
        word = word_at(words, place)
        flags = flag_zeros(word ^ stops) | flag_zeros(word ^ BRACKETS) | ((word - lows) & ~word & HIGH)
        if flags:
            break
        references |= flag_zeros(word ^ AMPERSANDS)
        key = mix(key, word)
        place += 8
    last = find_flag(flags)
    word &= (ONE << np.uint64(8 * last)) - ONE
    references |= flag_zeros(word ^ AMPERSANDS)
    end = place + last
    return end, mix(key, word) if end - at >= 8 else word, references != 0


@inlined
def find_code(words, at, size, key, refers, table, texts):
    """Return the code of a text, which is added to the dictionary if new; 0 if no room is left."""
    slot = np.int64((key * FACTOR) >> np.uint64(40)) & (table.size - 2)
    while table[slot]:
        code = np.int64(table[slot])
        is_likely = texts[code, KEY] == np.int64(key) and texts[code, LENGTH] == size
        if is_likely and (size < 8 or is_equal(words, at, words, texts[code, START], size)):
            return code
        slot = (slot + 1) & (table.size - 2)
    code = np.int64(table[table.size - 1])
    if code == texts.shape[0]:
        return np.int64(0)
    texts[code, KEY], texts[code, START], texts[code, LENGTH], texts[code, REFERS] = np.int64(key), at, size, refers
    table[slot], table[table.size - 1] = code, code + 1
    return code


@inlined
def find_name(words, at, size, key, letters, names):
    """Return the number of a known name, -1 if it is unknown."""
    for number in range(names.shape[0]):
        if names[number, KEY] == np.int64(key) and names[number, LENGTH] == size:
            return number if is_equal(words, at, letters, names[number, START], size) else -1
    return -1


@inlined
def read_attribute(words, at, letters, names, table, texts):
    """Return the number of the name, the start of the value, the end after the quotation mark, and the code.

    The number is -1, or the code 0, if it is irregular.
    """
    end, key, _ = measure(words, at, EQUAL, 33)
    name = find_name(words, at, end - at, key, letters, names)
    place = skip_blanks(words, end)
    start = skip_blanks(words, place + 1)
    quote = byte_at(words, start)
    start += 1
    if name < 0 or byte_at(words, place) != EQUAL or (quote != QUOTE and quote != APOSTROPHE):
        return -1, start, start, np.int64(0)
    end, key, refers = measure(words, start, quote, 32)
    if byte_at(words, end) != quote:
        return -1, start, start, np.int64(0)
    return name, start, end + 1, find_code(words, start, end - start, key, refers, table, texts)


@inlined
def read_end_tag(words, at, letters, start, size):
    """Return the position after an end tag, or -1 if another tag follows."""
    if byte_at(words, at) != BRACKET or byte_at(words, at + 1) != SLASH:
        return np.int64(-1)
    if not is_equal(words, at + 2, letters, start, size):
        return np.int64(-1)
    at = skip_blanks(words, at + 2 + size)
    return at + 1 if byte_at(words, at) == END else np.int64(-1)


@inlined
def repeat_cell(words, at, cells, cell, table, texts):
    """Return code and end of a cell that only differs from its last occurrence in its value; otherwise code 0."""
    last, mark, size, index = cells[cell, PLACE], cells[cell, MARK], cells[cell, SIZE], 0
    differing = np.uint64(0)
    while index < size:
        differing = word_at(words, last + index) ^ word_at(words, at + index)
        if differing:
            break
        index += 8
    if differing:
        index += find_flag((((differing & LOW) + LOW) | differing) & HIGH)
    if index >= size:
        return cells[cell, CODE], at + size
    if index < mark:
        return np.int64(0), at
    quote = byte_at(words, at + mark - 1)
    end, key, refers = measure(words, at + mark, quote, 32)
    if byte_at(words, end) != quote:
        return np.int64(0), at
    code = find_code(words, at + mark, end - at - mark, key, refers, table, texts)
    if code:
        cells[cell, PLACE], cells[cell, SIZE], cells[cell, CODE] = at, end + 1 - at, code
    return code, end + 1 if code else at


@compiled
def scan(words, letters, names, cells_by_name, tags, needed, table, texts, codes, numbers):
    """Scan whole units; return where the last one ends, and the rows and, as bits, the columns of each level.

    `codes` receives a code by cell, which is a column of a level, and row, 0 for a missing value, and `numbers` the
    series of each observation. The last entry of `table` is the next code.
    """
    for number in range(names.shape[0]):
        names[number, KEY] = np.int64(measure(letters, names[number, START], EQUAL, 33)[1])
    levels = needed.size
    width, height = codes.shape[0] // levels, codes.shape[1]
    cells, following = np.full((codes.shape[0], 4), -1), np.full((levels, codes.shape[0] + 1), -1)
    rows, kept_rows, used = np.zeros(levels, np.int64), np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    at, kept, level = 0, 0, 0
    while True:
        at = skip_between(words, at)
        if level == 0:
            kept = at
            kept_rows[:] = rows
        elif byte_at(words, at + 1) == SLASH:
            at = read_end_tag(words, at, letters, tags[0, START], tags[0, LENGTH])
            if at < 0:
                break
            level = 0
            continue
        row, end = rows[level], at + 1 + tags[level, LENGTH]
        is_tag = byte_at(words, at) == BRACKET and is_equal(words, at + 1, letters, tags[level, START], end - at - 1)
        if not is_tag or row == height:
            break
        seen, previous, start = np.int64(0), -1, skip_blanks(words, end)
        while byte_at(words, start) != SLASH and byte_at(words, start) != END:
            code, cell, likely = np.int64(0), np.int64(-1), following[level, previous + 1]
            at = end
            for _ in range(2):  # the attribute that usually follows may be left out
                if likely >= 0 and not code:
                    cell = likely
                    code, end = repeat_cell(words, at, cells, cell, table, texts)
                    likely = following[level, cell + 1]
            if not code:
                name, value_at, end, code = read_attribute(words, start, letters, names, table, texts)
                cell = cells_by_name[level, name] if code and start > at else np.int64(-1)
                if cell < 0:
                    return kept, kept_rows, used
                cells[cell, PLACE], cells[cell, MARK] = at, value_at - at
                cells[cell, SIZE], cells[cell, CODE] = end - at, code
                following[level, previous + 1] = cell
            bit = 1 << (cell - level * width)
            if seen & bit:
                return kept, kept_rows, used
            seen |= bit
            codes[cell, row] = code
            previous, start = cell, skip_blanks(words, end)
        if seen & needed[level] != needed[level]:
            break
        used[level] |= seen
        for column in range(width):
            if not seen >> column & 1:
                codes[level * width + column, row] = 0
        if level:
            numbers[row] = rows[0] - 1
        rows[level] += 1
        at = start + 1
        if byte_at(words, start) == SLASH:
            if byte_at(words, at) != END:
                break
            at += 1
        elif level < levels - 1:
            level = 1
        else:
            at = read_end_tag(words, skip_between(words, at), letters, tags[level, START], tags[level, LENGTH])
            if at < 0:
                break
    return kept, kept_rows, used


@compiled
def write_texts(words, texts, count, written):
    """Write the texts of the dictionary, each followed by byte 1, which XML cannot contain; return their size."""
    end = 0
    for code in range(count):
        start, size = texts[code, START], texts[code, LENGTH]
        for index in range(0, size, 8):
            written[np.uint64(end + index)] = word_at(words, start + index)
        end += size + 1
        written[np.uint64(end - 1)] = ONE
    return end
