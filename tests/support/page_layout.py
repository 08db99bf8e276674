"""Faults of layout that a reader sees: on pages in a browser at several widths, and on printed pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folders import TESTS

from sdmxmig.primitives.text import separators
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.outputs.pdf import lay_out

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 800, 1280, 1920)
FIND_FAULTS = (TESTS / "support" / "page_layout.js").read_text(encoding="utf-8").partition("\n")[2]
MIN_FULL = 0.4
"""The share of a printed page that is full, unless it is the last one of a chapter."""
HAN = "\u2e80"
"""Letters from here on are words of their own."""


@dataclass(frozen=True, slots=True, order=True)
class LayoutFault:
    """A fault of a kind, at a place: a width of the window in pixels, or the number of a printed page."""

    kind: str
    place: int
    words: str


def find_faults(browser: Browser, file: Path, language: str = "en") -> list[LayoutFault]:
    """The faults of a page in a browser, with everything unfolded, at each width."""
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    decimal, thousands = separators(language)
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        faults += [LayoutFault(kind, width, words) for kind, words in page.evaluate(FIND_FAULTS, [thousands, decimal])]
    page.close()
    return faults


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A piece of text on a printed page, or a picture without text: the letters' box, and the block that it is in."""

    words: str
    left: float
    top: float
    right: float
    bottom: float
    block: Any


def find_print_faults(page: Page) -> tuple[list[LayoutFault], list[float]]:
    """The faults of a page on paper, and how full each printed page is."""
    sheets = [sheet._page_box for sheet in lay_out(page).pages]
    faults: list[LayoutFault] = []
    fullness = []
    heading: tuple[int, PrintedLine] | None = None
    for number, sheet in enumerate(sheets, 1):
        lines = list(printed_lines(sheet.children[0], sheet))
        fullness.append((max((line.bottom for line in lines), default=0.0) - sheet.content_box_y()) / sheet.height)
        faults += [LayoutFault(kind, number, words) for kind, words in faults_of_lines(lines, sheet)]
        for line in lines:
            if line.block.element is not None and line.block.element.get("class") == "label":
                continue
            level = heading_level(line)
            is_other = heading is not None and line.block.element is not heading[1].block.element
            if heading and is_other and 0 < level <= heading[0]:
                faults.append(LayoutFault("empty heading", number, heading[1].words))
            if level or is_other:
                heading = (level, line) if level else None
    ends_chapter = map(is_start_of_chapter, sheets[1:])
    for number, (share, is_end) in enumerate(zip(fullness, ends_chapter, strict=False), 1):
        if share < MIN_FULL and not is_end:
            faults.append(LayoutFault("half-empty page", number, f"{share:.0%} full"))
    return faults, fullness


def is_start_of_chapter(sheet: Any) -> bool:
    """Check whether a printed page begins with a chapter, whose number is above its heading."""
    first = next(printed_lines(sheet.children[0], sheet), None)
    element = first.block.element if first else None
    return element is not None and element.get("class") == "label"


def heading_level(line: PrintedLine) -> int:
    """The level of the heading that a line belongs to, else 0."""
    match = re.fullmatch("h([1-4])", str(line.block.element_tag))
    return int(match[1]) if match else 0


def printed_lines(box: Any, block: Any) -> Iterator[PrintedLine]:
    """The pieces of text and pictures inside a box, in the order of the document."""
    if hasattr(box, "text"):
        if box.text.strip():
            base, size = box.position_y + box.baseline, box.style["font_size"]
            yield PrintedLine(
                box.text, box.position_x, base - 0.7 * size, box.position_x + box.width, base + 0.1 * size, block
            )
    elif hasattr(box, "replacement"):
        bottom = box.position_y + box.margin_height()
        yield PrintedLine("", box.position_x, box.position_y, box.position_x + box.width, bottom, block)
    else:
        children = getattr(box, "children", ())
        inner = box if any(type(child).__name__ == "LineBox" for child in children) else block
        for child in children:
            yield from printed_lines(child, inner)


def faults_of_lines(lines: list[PrintedLine], sheet: Any) -> Iterator[tuple[str, str]]:
    """Faults in the lines of a printed page: outside the margins, overlapping, or with split words."""
    left, right = sheet.content_box_x(), sheet.content_box_x() + sheet.width
    for line in lines:
        if line.right > right + 1.5 or line.left < left - 1.5:
            yield "cut", f"“{line.words[:40]}” leaves the page"
    texts = sorted((line for line in lines if line.words), key=lambda line: line.top)
    for number, one in enumerate(texts):
        for other in texts[number + 1 :]:
            if other.top > one.bottom - 1:
                break
            if min(one.right, other.right) - max(one.left, other.left) > 2:
                yield "overlap", f"“{one.words[:40]}” lies over “{other.words[:40]}”"
    pieces_of_blocks = defaultdict(list)
    for line in texts:
        pieces_of_blocks[id(line.block)].append(line)
    for pieces in pieces_of_blocks.values():
        yield from broken_words(pieces)


def broken_words(pieces: list[PrintedLine]) -> Iterator[tuple[str, str]]:
    """Words of a block that begin on one line and end on the next without a hyphen; addresses may be broken."""
    element = pieces[0].block.element
    whole = " ".join(" ".join(element.itertext()).split()) if element is not None else ""
    for one, other in pairwise(pieces):
        ends, begins = re.search(r"\S+$", one.words), re.match(r"\s*(\S+)", other.words)
        if not ends or not begins or other.top < one.bottom:
            continue
        joined = ends[0] + begins[1]
        is_letters = ends[0][-1].isalpha() and begins[1][0].isalpha() and joined[0] < HAN
        if is_letters and joined in whole.split() and "/" not in joined:
            yield "broken word", joined
