"""Pages on paper: the order of their parts, column widths estimated from texts, drawings as pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import unescape
from typing import Any

CONTENTS_CLASS = "ahead"
MIN_SCALE = 0.82
MIN_SECTIONS = 5


def place_contents(tree: Any) -> None:
    """Place the contents after the first section; few sections need none."""
    contents, first = tree.find(".//nav"), tree.find(".//section")
    if contents is not None and len(tree.findall(".//section")) < MIN_SECTIONS:
        contents.drop_tree()
        return
    if contents is not None and first is not None and CONTENTS_CLASS not in (contents.get("class") or "").split():
        first.addnext(contents)


PAGE_WIDTH = 62.0
MAX_WORD_WIDTH = 20.0
"""Maximum length of an unbroken word, such as an address."""
COLUMN_GAP = 1.5
BOLD_FACTOR = 1.1
SIGN_WIDTH = 2.0
MARK_WIDTH = 0.9
MAX_SHORT_WIDTH = 11.0
"""Maximum length of a text on the line of the sign before it."""
MAX_PIECES = 24
"""Number of pieces in which spare room is given to columns."""
MIN_OTHER_SHARE = 0.02
MAX_CACHED_TABLES = 128
"""Word and PDF show the same tables."""
FIRST_WIDE_CHARACTER = "\u2e80"
BROAD, SLIM = frozenset("mwMWжмфшщыюЖМФШЩЫЮ%@—"), frozenset("fijlrtIJ.,:;'’|()[]!·-/ \u00a0\u202f")
WORD = re.compile(rf"[{FIRST_WIDE_CHARACTER}-\U0010ffff]|[^\s{FIRST_WIDE_CHARACTER}-\U0010ffff-]+-?")


def count_columns(rows: Sequence[Any]) -> int:
    return max((sum(int(cell.get("colspan", "1")) for cell in row) for row in rows), default=0)


def compute_column_widths(rows: Sequence[Any], width: int) -> list[float]:
    """Compute column shares that avoid broken words and minimise height."""
    whole_rows = [row for row in rows if len(row) == width]
    texts = tuple(tuple(compute_cell_width(row[number]) for row in whole_rows) for number in range(width))
    return list(compute_column_shares(tuple(list_narrowest_widths(rows, width)), texts))


@lru_cache(MAX_CACHED_TABLES)
def compute_column_shares(narrowest: tuple[float, ...], texts: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    widths = list(narrowest)
    lines = [estimate_lines(column, width) for column, width in zip(texts, widths, strict=True)]
    piece = (PAGE_WIDTH - sum(widths)) / MAX_PIECES
    for _ in range(MAX_PIECES if piece > 0 else 0):
        short = [number for number, width in enumerate(widths) if width - COLUMN_GAP < max(texts[number], default=0.0)]
        if not short:
            break
        wider = {number: estimate_lines(texts[number], widths[number] + piece) for number in short}
        lowest = min(short, key=lambda number: compute_height([*lines[:number], wider[number], *lines[number + 1 :]]))
        widths[lowest] += piece
        lines[lowest] = wider[lowest]
    return tuple(width / sum(widths) for width in widths)


def compute_text_size(rows: Sequence[Any]) -> float:
    """Compute the size at which the longest words of a table fit their columns, as a share of its usual size."""
    return max(min(1.0, PAGE_WIDTH / max(sum(list_narrowest_widths(rows, count_columns(rows))), 1.0)), MIN_SCALE)


def list_narrowest_widths(rows: Sequence[Any], width: int) -> list[float]:
    whole_rows = [row for row in rows if len(row) == width]
    return [max((compute_narrowest(row[number]) for row in whole_rows), default=COLUMN_GAP) for number in range(width)]


def estimate_lines(texts: Sequence[float], width: float) -> list[float]:
    return [text / (width - COLUMN_GAP) for text in texts]


def compute_height(lines: Sequence[Sequence[float]]) -> float:
    rows: Iterable[tuple[float, ...]] = zip(*lines, strict=True)
    return sum(max(row) + MIN_OTHER_SHARE * sum(row) for row in rows)


def compute_narrowest(cell: Any) -> float:
    """Return the minimum width of a cell: its longest word, or a whole number."""
    heavy = BOLD_FACTOR if cell.tag == "th" else 1.0
    if "number" in (cell.get("class") or "") and cell.tag == "td":
        return COLUMN_GAP + compute_text_width(
            (cell.text or "") + "".join(element.text_content() for element in cell.iter() if is_unbreakable(element))
        )
    words = [*WORD.findall(" ".join(cell.itertext()))]
    kept = max(
        (MARK_WIDTH * compute_text_width(element.text_content()) for element in cell.iter() if is_unbreakable(element)),
        default=0.0,
    )
    longest = max(kept, heavy * min(max(map(compute_text_width, words), default=0.0), MAX_WORD_WIDTH))
    return COLUMN_GAP + max(
        longest, compute_cell_width(cell) if count_signs(cell) and compute_cell_width(cell) <= MAX_SHORT_WIDTH else 0.0
    )


def is_unbreakable(element: Any) -> bool:
    return element.tag == "data" or (element.get("class") or "") in ("absent", "mark", "tag")


def compute_cell_width(cell: Any) -> float:
    return (
        compute_text_width(" ".join(" ".join(cell.itertext()).split())) * (BOLD_FACTOR if cell.tag == "th" else 1.0)
        + count_signs(cell) * SIGN_WIDTH
    )


def count_signs(cell: Any) -> int:
    return sum("sign" in (element.get("class") or "").split() for element in cell.iter())


def compute_text_width(text: str) -> float:
    return sum(map(compute_letter_width, text))


@cache
def compute_letter_width(letter: str) -> float:
    if letter >= FIRST_WIDE_CHARACTER:
        return 1.0
    if letter in BROAD:
        return 0.9
    if letter in SLIM:
        return 0.4
    return 0.7 if letter.isupper() else 0.62


def extract_text(svg: str, tag: str) -> str:
    match = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", svg, re.DOTALL)
    return unescape(match.group(1)) if match else ""
