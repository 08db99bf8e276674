"""Units of data as codes of a dictionary, read by compiled code if the extra `fast` is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import local
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.pieces import ENTITY_REFERENCE, decode_value
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import NUMBER

SCAN_BYTES = 160 << 20
"""After so much data of a message the compiled scanner is loaded, which takes as long as it saves on so much data."""
MAX_COLUMNS = 62
"""The columns of a level are bits of a number."""
MAX_TEXTS = 1 << 15
MIN_ROW_BYTES = 24
PAD = 8
SEPARATOR = "\x01"
NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""U+FFFE and U+FFFF, which XML cannot contain."""


class Grammar:
    """The elements of a unit, in the form that `scanner` accepts.

    `tags`, the `columns` and the `needed` columns are those of each level, `names` the components by their names in the
    message. `elements` are those of generic data at each level, in order: the tags around values and of values, and
    their columns.
    """

    def __init__(
        self,
        scanner: ModuleType,
        tags: Sequence[str],
        columns: Sequence[Sequence[str]],
        needed: Sequence[Iterable[str]],
        names: Mapping[str, str],
        elements: Sequence[Sequence[tuple[str, str, Iterable[str]]]] = (),
    ) -> None:
        self.scanner = scanner
        self.columns = columns
        self.width = max(map(len, columns))
        tags = list(dict.fromkeys([*tags, *(tag for items in elements for item in items for tag in item[:2] if tag)]))
        texts = [text.encode() for text in (*names, *tags)]
        ends = np.cumsum([len(text) + 1 for text in texts])
        rows = np.array([(0, end - len(text) - 1, len(text)) for text, end in zip(texts, ends, strict=True)], np.int64)
        cells = [
            [level * self.width + ids.index(name) if name in ids else -1 for name in names.values()]
            for level, ids in enumerate(columns)
        ]
        element_tags = np.zeros((len(columns), max(map(len, elements), default=0), 2), np.int64)
        places = np.zeros(len(columns) * self.width, np.int64)
        for level, items in enumerate(elements):
            for number, (outer, inner, ids) in enumerate(items):
                element_tags[level, number] = tags.index(outer) if outer else 0, tags.index(inner)
                places[[level * self.width + columns[level].index(name) for name in ids]] = number + 1
        self.arrays = (
            view_words(np.frombuffer(b"=".join([*texts, bytes(PAD)]), np.uint8)),
            rows[: len(names)],
            np.array(cells, np.int64),
            rows[len(names) :],
            element_tags,
            places,
            np.array([sum(1 << ids.index(name) for name in key) for ids, key in zip(columns, needed, strict=True)]),
        )


def view_words(buffer: Any) -> Any:
    """View the eight bytes at each place of a buffer."""
    return np.ndarray((len(buffer) - PAD + 1,), np.uint64, buffer, 0, (1,))


@cache
def load_scanner() -> ModuleType | None:
    """Load the compiled scanner; None without numba, or if its compiled code cannot be stored."""
    try:
        from sdmxmig.sdmx.formats.sdmx_ml.data_reading import compiled

        scan_units(b"\n", Grammar(compiled, ["Obs"], [["OBS_VALUE"]], [[]], {"OBS_VALUE": "OBS_VALUE"}))
    except (ImportError, RuntimeError, OSError):
        return None
    return compiled


def is_worthwhile(size: int) -> bool:
    """Check whether the scanner is loaded, or worth loading for this many bytes."""
    return size >= SCAN_BYTES or f"{__package__}.compiled" in sys.modules


class ScanBuffers(local):
    """The arrays of a thread, which are reused because allocating memory is slow."""

    def __init__(self) -> None:
        self.text = self.written = np.empty(0, np.uint8)
        self.codes = self.numbers = np.empty(0, np.uint32)
        self.table = np.empty(2 * MAX_TEXTS + 1, np.int32)
        self.texts = np.empty((MAX_TEXTS, 4), np.int64)

    def prepare(self, run: bytes, cells: int) -> tuple[Any, Any]:
        """Copy a run; return its words and an array of codes."""
        height = len(run) // MIN_ROW_BYTES + 1
        if self.text.size < len(run) + 2 * PAD:
            self.text, self.written = np.empty((2, len(run) + 2 * PAD), np.uint8)
            self.numbers = np.empty(height, np.uint32)
        if self.codes.size < cells * height:
            self.codes = np.empty(cells * height, np.uint32)
        self.text[: len(run)] = np.frombuffer(run, np.uint8)
        self.text[len(run) : len(run) + PAD] = 0
        self.table[:] = 0
        self.table[-1] = 1  # the next code
        self.texts[0] = 0
        return view_words(self.text[: len(run) + PAD]), self.codes[: cells * height].reshape(cells, height)


SPACE = ScanBuffers()


@dataclass(frozen=True, slots=True)
class ScannedRun:
    """Series and observations of a run, and the bytes read from its start."""

    series: pl.DataFrame | None
    observations: pl.DataFrame
    size: int = 0


def scan_units(run: bytes, grammar: Grammar) -> ScannedRun | None:
    """Read whole units up to the first that may be irregular; None if a character may be irregular."""
    scanner, space = grammar.scanner, SPACE
    words, codes = space.prepare(run, len(grammar.columns) * grammar.width)
    size, rows, used = scanner.scan(words, *grammar.arrays, space.table, space.texts, codes, space.numbers)
    dictionary = read_dictionary(run, words, scanner, space)
    if dictionary is None:
        return None
    frames = []
    for level, names in enumerate(grammar.columns):
        height, columns = int(rows[level]), [number for number in range(len(names)) if used[level] >> number & 1]
        own = codes[[level * grammar.width + number for number in columns], :height]
        values = dictionary.gather(pl.Series(own.ravel()))
        frames.append(pl.DataFrame([values.slice(at * height, height).alias(names[n]) for at, n in enumerate(columns)]))
    if len(frames) == 1:
        return ScannedRun(None, frames[0], int(size))
    numbers = pl.Series(NUMBER, space.numbers[: rows[1]].copy())  # polars may share the memory of an array
    return ScannedRun(frames[0], frames[1].with_columns(numbers), int(size))


def read_dictionary(run: bytes, words: Any, scanner: ModuleType, space: ScanBuffers) -> pl.Series | None:
    """Return the text of each code, null for 0; None if a character or reference is invalid."""
    texts = space.texts[: space.table[-1]]
    written = space.written[: scanner.write_texts(words, texts, len(texts), view_words(space.written)) - 1].tobytes()
    if not written.isascii() and any(text in written for text in NO_CHARACTERS):
        return None
    try:
        split = pl.lit(written).cast(pl.String).str.split(SEPARATOR).explode()
        dictionary = pl.select(split).to_series()
    except pl.exceptions.PolarsError:
        return None
    places, decoded = [0], list[str | None]([None])
    for code in np.flatnonzero(texts[:, 3]).tolist():
        _, start, size, _ = texts[code].tolist()
        text = run[start : start + size].decode()
        value = None if "&" in ENTITY_REFERENCE.sub("", text) else decode_value(text)
        if value is None:
            return None
        places.append(code)
        decoded.append(value)
    return dictionary.scatter(places, decoded)
