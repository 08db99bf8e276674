"""Faults of layout that a reader sees: on pages in a browser at several widths, and on printed pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdf_ua
import pypdf
import pytest
from folders import TESTS
from lxml import etree, html

from sdmxmig.primitives.text import find_separators
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import write

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 800, 1280, 1920)
FIND_FAULTS = (TESTS / "support" / "page_layout.js").read_text(encoding="utf-8").partition("\n")[2]
MIN_FULL = 0.4
"""The share of a printed page that is full, unless it is the last one of a chapter."""
MIN_LAST_FULL = 0.08
"""The same share of the last page of a chapter."""
WIDTH, HEIGHT, MARGIN = 595.28, 841.89, 56.69
"""Of printed pages, in points."""
PDFTOTEXT = shutil.which("pdftotext")
needs_pdftotext = pytest.mark.skipif(PDFTOTEXT is None, reason="there is no pdftotext of Poppler")
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
    decimal, thousands = find_separators(language)
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        faults += [LayoutFault(kind, width, words) for kind, words in page.evaluate(FIND_FAULTS, [thousands, decimal])]
    page.close()
    return faults


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word on a printed page, with the box of its letters in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def find_print_faults(page: Page) -> tuple[list[LayoutFault], list[float]]:
    """The faults of a page on paper, and how full each printed page is."""
    # Letters of drawings stay where they are, and are dots.
    page = replace(page, printed=re.sub(r"(<text\b[^>]*>)[^<]+", r"\1.", page.on_paper))
    content = write(page, "pdf")
    tree: Any = html.document_fromstring(page.on_paper)
    vocabulary = set(" ".join(tree.itertext()).split())
    sheets = [[line for line in sheet if is_inside_margins(line)] for sheet in printed_lines(content)]
    faults = [LayoutFault("empty heading", 0, kind) for kind in empty_headings(content)]
    fullness = []
    for number, lines in enumerate(sheets, 1):
        bottom = max((word.bottom for line in lines for word in line), default=MARGIN)
        fullness.append((bottom - MARGIN) / (HEIGHT - 2 * MARGIN))
        faults += [LayoutFault(kind, number, words) for kind, words in faults_of_lines(lines, vocabulary)]
    ends_chapter = [*map(is_start_of_chapter, sheets[1:]), True]
    for number, (share, is_end) in enumerate(zip(fullness, ends_chapter, strict=True), 1):
        if share < (MIN_LAST_FULL if is_end else MIN_FULL):
            faults.append(LayoutFault("half-empty page", number, f"{share:.0%} full"))
    titles, captions = (
        {squeeze("".join(title.itertext())) for title in tree.iter(*names)}
        for names in (("h2", "h3", "h4"), ("caption", "figcaption"))
    )
    for number, (lines, following) in enumerate(pairwise(sheets), 1):
        foot = [squeeze_line(line) for line in sorted(lines, key=lambda line: line[0].bottom)[-3:]]
        begins_with_caption = following and squeeze_line(following[0]) in captions
        parted = titles.intersection(foot if begins_with_caption else foot[-1:])
        faults += [LayoutFault("parted heading", number, title) for title in parted]
    return faults, fullness


def squeeze(text: str) -> str:
    return "".join(text.split())


def squeeze_line(line: list[PrintedWord]) -> str:
    return squeeze("".join(word.text for word in line))


def printed_lines(content: bytes) -> list[list[list[PrintedWord]]]:
    """The words of a PDF by page and line, as Poppler finds them."""
    assert PDFTOTEXT is not None
    command = [PDFTOTEXT, "-bbox-layout", "-", "-"]
    found = subprocess.run(command, input=content, capture_output=True, check=True, timeout=60).stdout
    pages = etree.fromstring(found).iter("{*}page")
    return [[[printed_word(word) for word in line] for line in page.iter("{*}line")] for page in pages]


def printed_word(word: Any) -> PrintedWord:
    left, top, right, bottom = (float(word.get(name)) for name in ("xMin", "yMin", "xMax", "yMax"))
    height = bottom - top  # of the font; letters fill a part of it
    return PrintedWord(word.text or "", left, top + 0.27 * height, right, bottom - 0.15 * height)


def is_inside_margins(line: list[PrintedWord]) -> bool:
    return line[0].top > MARGIN - 5 and line[0].bottom < HEIGHT - MARGIN + 5


def is_start_of_chapter(lines: list[list[PrintedWord]]) -> bool:
    """Check whether a printed page begins with a chapter, whose number is above its heading."""
    return bool(lines) and [word.text for word in lines[0]][1:2] == ["·"]


def empty_headings(content: bytes) -> list[str]:
    """The headings of a PDF without content up to the next one; each chapter has its number before its heading."""
    root: Any = pypdf.PdfReader(BytesIO(content)).trailer["/Root"]
    kinds = [pdf_ua.kind(element) for element in pdf_ua.walk(root["/StructTreeRoot"])]
    places = [number for number, name in enumerate(kinds) if re.fullmatch("H[1-6]", name)]
    return [
        f"{kinds[place]} {number}"
        for number, (place, following) in enumerate(pairwise(places), 1)
        if kinds[following] <= kinds[place] and following - place - 1 <= (kinds[following] == "H2")
    ]


def faults_of_lines(lines: list[list[PrintedWord]], vocabulary: set[str]) -> Iterator[tuple[str, str]]:
    """Faults on a printed page: words outside the margins, overlapping, or split without a hyphen."""
    words = sorted((word for line in lines for word in line), key=lambda word: word.top)
    for number, word in enumerate(words):
        if word.right > WIDTH - MARGIN + 1.5 or word.left < MARGIN - 1.5:
            yield "cut", f"“{word.text}” leaves the page"
        for other in words[number + 1 :]:
            if other.top > word.bottom - 1:
                break
            if min(word.right, other.right) - max(word.left, other.left) > 2:
                yield "overlap", f"“{word.text}” lies over “{other.text}”"
    for line, below in pairwise(lines):
        end, begin = line[-1].text, below[0].text
        is_letters = end[-1:].isalpha() and begin[:1].isalpha() and end[0] < HAN and "/" not in end + begin
        if is_letters and end + begin in vocabulary and not {end, begin} <= vocabulary:
            yield "broken word", end + begin
