"""Tagged PDF (PDF/UA-1) by Typst, with the layout of ``templates/report/paper.typ``."""

from __future__ import annotations

import json
import re
import tempfile
from base64 import b64decode
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any

from lxml import html

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import MissingLibrary, OutputError, write_pip_install
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.paper import (
    compute_column_widths,
    compute_text_size,
    count_columns,
    extract_text,
    place_contents,
)

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
    """Print the page to deterministic PDF; raises `MissingLibrary` without Typst or a font."""
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
    """Return a drawing as PNG; raises `MissingLibrary` if Typst is not installed."""
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
    """Move the notes that follow a table into it, so that they are printed on the page of its last rows."""
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
    """Name the font of Arabic text, since Typst finds none beside characters that this font lacks."""
    return ARABIC.sub(lambda run: f'<tspan font-family="Noto Sans Arabic">{run[0]}</tspan>', words[0])


def extract_image(source: str) -> str | list[int]:
    if source.startswith("<svg"):
        source = DRAWN_WORDS.sub(add_arabic_font, source)
        return source if "xmlns=" in source else source.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    if not source.startswith(PICTURE_PREFIX):
        raise OutputError(f"The picture {source} is outside the report. A report must contain its pictures.")
    return list(b64decode(source.partition("base64,")[2]))
