"""The compiled scanner of regular units (extra `fast`); `tokens` imports it, since it needs numba.

It accepts only part of XML, and stops before a unit that it cannot prove to be well formed. Values become codes of one
dictionary. A text is an array of the eight bytes at each place; it must be valid UTF-8 and end with eight zeros, beyond
which no function reads. Arrays are one argument each, since numba counts references to those in tuples.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

ONES, LOW, HIGH = np.uint64(0x0101010101010101), np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
BRACKETS, AMPERSANDS = ONES * np.uint64(60), ONES * np.uint64(38)
FACTOR, ONE, BYTE = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(255)
EXCLAMATION, QUOTE, APOSTROPHE, HYPHEN, SLASH, BRACKET, EQUAL, END = 33, 34, 39, 45, 47, 60, 61, 62
ID, VALUE = np.uint64(int.from_bytes(b"id", "little")), np.uint64(int.from_bytes(b"value", "little"))
PLACE, MARK, SIZE, CODE, FROM = range(5)
"""Fields of the last occurrence of a cell: from the value before it to its own, and to its end.

`FROM` is the place of the value before it.
"""
KEY, START, LENGTH, REFERS = range(4)
"""Fields of a text of the dictionary."""

njit: Any = numba.njit
compiled = njit(cache=True, nogil=True)
outlined = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
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
    """Return the code of a text, which is added to the dictionary if new; 0 if the dictionary is full."""
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


@outlined
def open_value(words, at):
    """Return the end and key of a name and the start of its value, or -1 if it is irregular."""
    end, key, _ = measure(words, at, EQUAL, 33)
    place = skip_blanks(words, end)
    start = skip_blanks(words, place + 1)
    quote = byte_at(words, start)
    is_open = byte_at(words, place) == EQUAL and (quote == QUOTE or quote == APOSTROPHE)
    return end, key, start + 1 if is_open else np.int64(-1)


@inlined
def read_value(words, at, table, texts):
    """Return the end of a value, after its quotation mark, and its code, which is 0 if it is irregular."""
    quote = byte_at(words, at - 1)
    end, key, refers = measure(words, at, quote, 32)
    if byte_at(words, end) != quote:
        return end, np.int64(0)
    return end + 1, find_code(words, at, end - at, key, refers, table, texts)


@outlined
def read_tag(words, at, letters, tags, tag, is_end):
    """Return the position after an end tag or a tag without attributes, or -1 if another tag follows."""
    name = at + 1 + is_end
    if byte_at(words, at) != BRACKET or (is_end and byte_at(words, at + 1) != SLASH):
        return np.int64(-1)
    if not is_equal(words, name, letters, tags[tag, START], tags[tag, LENGTH]):
        return np.int64(-1)
    at = skip_blanks(words, name + tags[tag, LENGTH])
    return at + 1 if byte_at(words, at) == END else np.int64(-1)


@outlined
def find_attribute(words, at, level, letters, names, cells_by_name, tags, places):
    """Find the next cell of structure-specific data, which is `places.size + level` at the end of a row.

    Also returns the start of its value or the end of the row, or -1 if it is irregular, and the start of the next row.
    """
    start, end_of_row = skip_blanks(words, at), places.size + level
    after = start + 1
    if byte_at(words, start) == SLASH:
        after = after + 1 if byte_at(words, after) == END else np.int64(-1)
        return end_of_row, after, after
    if byte_at(words, start) == END:
        if level == cells_by_name.shape[0] - 1:
            after = read_tag(words, skip_between(words, after), letters, tags, level, 1)
        return end_of_row, after, after
    end, key, value = open_value(words, start)
    name = find_name(words, start, end - start, key, letters, names)
    cell = cells_by_name[level, name] if name >= 0 and start > at else np.int64(-1)
    return cell, value if cell >= 0 else np.int64(-1), value


@outlined
def find_element(words, at, place, level, letters, names, cells_by_name, tags, elements, places):
    """Find the next cell of generic data after one at this place, in the order of the schema; see `find_attribute`."""
    irregular, last, is_inside = np.int64(-1), cells_by_name.shape[0] - 1, False
    if place:
        outer, inner = elements[level, place - 1, 0], elements[level, place - 1, 1]
        at = skip_blanks(words, at)
        if byte_at(words, at) == SLASH:
            at = at + 2 if byte_at(words, at + 1) == END else irregular
        elif byte_at(words, at) == END:
            at = read_tag(words, skip_between(words, at + 1), letters, tags, inner, 1)
        else:
            at = irregular
        if at < 0:
            return irregular, irregular, at
        at = skip_between(words, at)
        if outer:
            end = read_tag(words, at, letters, tags, outer, 1)
            is_inside = end < 0
            at = at if is_inside else skip_between(words, end)
    previous = place
    for candidate in range(previous, previous if is_inside else 1 if not previous else elements.shape[1]):
        outer, inner = elements[level, candidate, 0], elements[level, candidate, 1]
        start = read_tag(words, at, letters, tags, outer, 0) if outer else at
        if start >= 0 and (outer or is_equal(words, at + 1, letters, tags[inner, START], tags[inner, LENGTH])):
            at, place, is_inside = skip_between(words, start), candidate + 1, True
            break
    if not is_inside:
        after = at
        end = read_tag(words, at, letters, tags, level + 1, 0) if level < last else irregular
        if end < 0:
            end = read_tag(words, at, letters, tags, level, 1)
            after = at if level < last else end
        return places.size + level, end if previous else irregular, after
    outer, inner = elements[level, place - 1, 0], elements[level, place - 1, 1]
    start = at + 1 + tags[inner, LENGTH]
    is_named = byte_at(words, at) == BRACKET and is_equal(words, at + 1, letters, tags[inner, START], start - at - 1)
    at = skip_blanks(words, start)
    is_named &= at > start
    end, key, value = open_value(words, at)
    cell = irregular
    if value >= 0 and key == ID and end - at == 2:
        start, quote = value, byte_at(words, value - 1)
        end, key, _ = measure(words, start, quote, 33)
        name = find_name(words, start, end - start, key, letters, names)
        cell = cells_by_name[level, name] if name >= 0 and byte_at(words, end) == quote else irregular
        cell = cell if cell >= 0 and places[cell] == place else irregular
        at = skip_blanks(words, end + 1)
        is_named &= at > end + 1
        end, key, value = open_value(words, at)
    elif not outer:
        for candidate in range(places.size):
            if candidate * cells_by_name.shape[0] // places.size == level and places[candidate] == place:
                cell = np.int64(candidate)
    is_value = is_named and cell >= 0 and key == VALUE and end - at == 5
    return cell, value if is_value else irregular, value


@inlined
def count_equal(words, at, last, size):
    """Count the bytes, up to about `size`, that are equal at two places."""
    index, differing = 0, np.uint64(0)
    while index < size:
        differing = word_at(words, last + index) ^ word_at(words, at + index)
        if differing:
            break
        index += 8
    return index + find_flag((((differing & LOW) + LOW) | differing) & HIGH) if differing else index


@inlined
def repeat_cell(words, at, cells, cell, table, texts):
    """Return code and end of a cell that only differs from its last occurrence in its value; otherwise code 0."""
    last, mark, size = cells[cell, PLACE], cells[cell, MARK], cells[cell, SIZE]
    index = count_equal(words, at, last, size)
    if index >= size:
        return cells[cell, CODE], at + size
    if index < mark:
        return np.int64(0), at
    end, code = read_value(words, at + mark, table, texts)
    if code:
        cells[cell, PLACE], cells[cell, SIZE], cells[cell, CODE] = at, end - at, code
    return code, end if code else at


@compiled
def scan(words, letters, names, cells_by_name, tags, elements, places, needed, table, texts, codes, numbers):
    """Scan whole units; return where the last one ends, and the rows and, as bits, the columns of each level.

    `elements` are the tags around and of the values at each place of generic data, `places` those of the cells. `codes`
    receives a code by cell, which is a column of a level, and row, 0 for a missing value, and `numbers` the series of
    each observation. The last entry of `table` is the next code.
    """
    for number in range(names.shape[0]):
        names[number, KEY] = np.int64(measure(letters, names[number, START], EQUAL, 33)[1])
    levels, count = needed.size, places.size
    width, height = count // levels, codes.shape[1]
    cells, following = np.full((count + levels, 5), -1), np.full(count + levels, -1)
    rows, kept_rows, used = np.zeros(levels, np.int64), np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    order, ends = np.zeros((levels, width), np.int64), np.zeros((levels, width), np.int64)  # cells of the row before
    starts, counts = np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    at, kept, level = 0, 0, 0
    while True:
        at = skip_between(words, at)
        if level == 0:
            kept = at
            kept_rows[:] = rows
        elif byte_at(words, at + 1) == SLASH:
            at = read_tag(words, at, letters, tags, 0, 1)
            if at < 0:
                break
            level = 0
            continue
        row, end = rows[level], at + 1 + tags[level, LENGTH]
        is_tag = byte_at(words, at) == BRACKET and is_equal(words, at + 1, letters, tags[level, START], end - at - 1)
        if elements.size:
            is_tag &= byte_at(words, end) == END
            end += 1
        if not is_tag or row == height:
            break
        seen, previous, place, number = np.int64(0), count + level, np.int64(0), 0
        start, size = at, ends[level, counts[level] - 1] if counts[level] else np.int64(0)
        same = count_equal(words, start, starts[level], size)
        while number < counts[level] and ends[level, number] <= same:
            previous, end = order[level, number], start + ends[level, number]
            seen |= 1 << (previous - level * width)
            codes[previous, row], place = cells[previous, CODE], places[previous]
            number += 1
        while True:
            at, code, cell, likely = end, np.int64(0), np.int64(-1), following[previous]
            for _ in range(2):  # the cell that usually follows may be left out
                if likely >= 0 and not code:
                    cell = likely
                    if cells[cell, FROM] == place:
                        code, end = repeat_cell(words, at, cells, cell, table, texts)
                    likely = following[cell]
            if not code:
                if elements.size:
                    cell, end, after = find_element(
                        words, at, place, level, letters, names, cells_by_name, tags, elements, places
                    )
                else:
                    cell, end, after = find_attribute(words, at, level, letters, names, cells_by_name, tags, places)
                if end < 0:
                    return kept, kept_rows, used
                code, mark = after - at, end - at  # of the end of a row, the bytes before the next tag
                if cell < count:
                    end, code = read_value(words, end, table, texts)
                if not code:
                    return kept, kept_rows, used
                cells[cell, PLACE], cells[cell, MARK], cells[cell, FROM] = at, mark, place
                cells[cell, SIZE], cells[cell, CODE] = end - at, code
                following[previous] = cell
            if cell >= count:
                at += code
                break
            bit = 1 << (cell - level * width)
            if seen & bit:
                return kept, kept_rows, used
            seen |= bit
            codes[cell, row] = code
            previous, place = cell, places[cell]
            order[level, number], ends[level, number] = cell, end - start
            number += 1
        starts[level], counts[level] = start, number
        if seen & needed[level] != needed[level]:
            break
        used[level] |= seen
        for column in range(width):
            if not seen >> column & 1:
                codes[level * width + column, row] = 0
        if level:
            numbers[row] = rows[0] - 1
        rows[level] += 1
        if level < levels - 1 and byte_at(words, at - 2) != SLASH:
            level = 1
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
