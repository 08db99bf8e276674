"""Tagged PDF (PDF/UA-1) by Typst and ``templates/report/paper.typ``, with order and column widths for paper."""

from __future__ import annotations

import json
import re
import tempfile
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from html import escape, unescape
from typing import Any

from lxml import html

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import MissingLibrary, OutputError, write_pip_install
from sdmxmig.reporting.outputs import OUTPUTS, Page

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
MAX_NARROW_LINES = 4.0
MIN_TEXT_WIDTH = 10.0
"""Minimum width of a cell with a text that would have more lines than `MAX_NARROW_LINES`."""
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
    """Compute the text size, as a share of the usual size, at which the longest words of a table fit."""
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
    """Return the minimum width of a cell: that of its longest word, a whole number, or a readable line of text."""
    is_head = cell.tag == "th"
    kept = [compute_text_width(element.text_content()) for element in cell.iter() if is_unbreakable(element)]
    if "number" in (cell.get("class") or "") and not is_head:
        longest = compute_text_width(cell.text or "") + sum(kept)
    else:
        words = max(map(compute_text_width, WORD.findall(" ".join(cell.itertext()))), default=0.0)
        longest = max(
            MARK_WIDTH * max(kept, default=0.0), (BOLD_FACTOR if is_head else 1.0) * min(words, MAX_WORD_WIDTH)
        )
    whole = compute_cell_width(cell)
    readable = 0.0 if is_head else min(whole / MAX_NARROW_LINES, MIN_TEXT_WIDTH)
    return COLUMN_GAP + max(longest, readable, whole if count_signs(cell) and whole <= MAX_SHORT_WIDTH else 0.0)


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


PDF_STANDARD = "ua-1"
MAX_NAMED_LETTERS = 10
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
DRAWN_WORDS = re.compile(r"(?<=>)[^<>]+(?=</text>)")
ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc\u2067\u2069]+")
SPACES = re.compile(r"[ \t\n\r\f]+")
PICTURE_PREFIX = "data:image/"
WEB_PREFIXES = ("http://", "https://", "mailto:")
UNPRINTED_XPATH = "//head | //script | //style | //figure//summary"
NOTE_CLASSES = frozenset({"legend", "note", "source"})
MAX_KEPT_LETTERS = 1000
"""Maximum length of the notes that are kept on the page of the last rows of their table."""
UNSHOWN_WARNING = re.compile(r"the text `(\".*?\")` could not be displayed")
UNKNOWN_CHARACTER = "\ufffd"
"""Replaces characters that are in no font; Typst has a font with it."""


def import_typst() -> Any:
    try:
        import typst
    except ImportError as error:
        raise MissingLibrary(
            "The PDF needs Typst, which is not installed.",
            hint="HTML does not need it. Word files have no figures without it. "
            f"Install it: {write_pip_install('report')}",
        ) from error
    return typst


@cache
def load_fonts() -> Any:
    return import_typst().Fonts()


@OUTPUTS.add("pdf")
def write(page: Page) -> bytes:
    """Print the page to deterministic PDF; raise `MissingLibrary` without Typst or a font."""
    content = json.dumps(describe_page(page), ensure_ascii=False)
    try:
        return compile_pdf(content)
    except import_typst().TypstError as error:
        unshown = {letter for text in UNSHOWN_WARNING.findall(error.diagnostic) for letter in json.loads(text)}
        if not unshown:
            raise
    if letters := "".join(sorted(filter(str.isalpha, unshown))):
        raise MissingLibrary(
            f"The PDF needs a font with the letters {letters[:MAX_NAMED_LETTERS]}, which is not installed.",
            hint="HTML and Word come out without it. Install the Noto fonts, for Chinese Noto Sans SC: see the page "
            "“Install sdmxmig” of the manual.",
        )
    return compile_pdf(content.translate({ord(sign): UNKNOWN_CHARACTER for sign in unshown}))


def compile_pdf(content: str) -> bytes:
    layout = (find_shipped_folder("templates") / "report" / "paper.typ").read_bytes()
    with tempfile.TemporaryDirectory() as nothing:
        made = import_typst().compile(
            layout, root=nothing, font_paths=load_fonts(), sys_inputs={"page": content}, pdf_standards=PDF_STANDARD
        )
    return bytes(made)


PICTURE_LAYOUT = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")"""
DOTS_PER_INCH = 192


def render_png(svg: str) -> bytes:
    """Return a drawing as PNG; raise `MissingLibrary` if Typst is not installed."""
    drawn = {"svg": str(extract_image(svg))}
    return bytes(
        import_typst().compile(
            PICTURE_LAYOUT, format="png", ppi=DOTS_PER_INCH, font_paths=load_fonts(), sys_inputs=drawn
        )
    )


def describe_page(page: Page) -> dict[str, Any]:
    def as_image(drawing: re.Match[str]) -> str:
        return f'<img alt="{escape(extract_text(drawing[0], "desc"))}" src="{escape(drawing[0])}">'

    tree: Any = html.document_fromstring(DRAWING.sub(as_image, page.on_paper))
    place_contents(tree)
    for element in tree.xpath(UNPRINTED_XPATH):
        element.drop_tree()
    for table in tree.iter("table"):
        keep_notes(table)
    return {
        "title": page.title,
        "running": page.running,
        "notice": page.notice,
        "page_of": page.page_of,
        "language": page.language,
        "direction": page.direction,
        "single": page.single,
        "theme": {**asdict(page.theme), "levels": page.theme.levels},
        "body": _Elements(tree, page.title).record(tree.find("body")),
    }


def keep_notes(table: Any) -> None:
    """Move the notes after a table into it, so that they are printed on the page of its last rows."""
    room = MAX_KEPT_LETTERS
    for note in list(table.getparent().itersiblings()):
        room -= len(note.text_content())
        if room < 0 or not NOTE_CLASSES.intersection(note.get("class", "").split()):
            return
        table.append(note)


class _Elements:
    def __init__(self, tree: Any, title: str) -> None:
        self.title = title
        self.targets = {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")}
        self.places = {str(place) for place in tree.xpath("//@id")} & self.targets
        self.unused = set(self.places)
        self.level = 0

    def record(self, element: Any) -> dict[str, Any]:
        tag, place = element.tag, element.get("id", "")
        made = {
            "tag": tag,
            "classes": element.get("class", "").split(),
            "id": place if place in self.unused else "",
            "section": place if tag == "section" else "",
        }
        self.unused.discard(place)
        if re.fullmatch("h[1-6]", tag):
            self.level = made["level"] = min(int(tag[1]), self.level + 1)  # levels are not skipped
        elif tag == "a":
            made["href"] = self.address(element.get("href", ""))
        elif tag in ("td", "th"):
            made |= {"columns": int(element.get("colspan", "1")), "rows": int(element.get("rowspan", "1"))}
        elif tag == "table":
            rows = list(element.iter("tr"))
            made |= {"columns": compute_column_widths(rows, count_columns(rows)), "scale": compute_text_size(rows)}
        elif tag == "img":
            made |= {"alt": element.get("alt") or self.title, "image": extract_image(element.get("src", ""))}
        return {**made, "kids": self.list_children(element)}

    def list_children(self, element: Any) -> list[Any]:
        kids: list[Any] = [element.text]
        for child in element:
            kids += [self.record(child) if isinstance(child.tag, str) else "", child.tail]
        return [SPACES.sub(" ", kid) if isinstance(kid, str) else kid for kid in kids if kid]

    def address(self, link: str) -> str:
        is_place = link.startswith("#") and link[1:] in self.places
        return link if is_place or link.startswith(WEB_PREFIXES) else ""


def add_arabic_font(words: re.Match[str]) -> str:
    """Set the font of Arabic text, since Typst may not find it otherwise."""
    return ARABIC.sub(lambda run: f'<tspan font-family="Noto Sans Arabic">{run[0]}</tspan>', words[0])


def extract_image(source: str) -> str | list[int]:
    if source.startswith("<svg"):
        source = DRAWN_WORDS.sub(add_arabic_font, source)
        return source if "xmlns=" in source else source.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    if not source.startswith(PICTURE_PREFIX):
        raise OutputError(f"The picture {source} is outside the report. A report must contain its pictures.")
    return list(b64decode(source.partition("base64,")[2]))
