"""Tagged PDF (PDF/UA-1) by WeasyPrint.

Sections scaled to one page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import cache
from typing import Any

from lxml import html

from sdmxmig.primitives.errors import MissingLibrary, OutputError, pip_install
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.paper import on_paper, with_pictures

VARIANT = "pdf/ua-1"
SHOWN = 10
"""So many of the letters that no font has are named."""


def engine() -> Any:
    """Import WeasyPrint; raises `MissingLibrary` with instructions if it or Pango is missing."""
    try:
        import weasyprint
    except ImportError as error:
        raise MissingLibrary(
            "The PDF needs WeasyPrint, which is not installed.",
            hint=f"HTML and Word come out without it. Install it: {pip_install('report')}",
        ) from error
    except OSError as error:  # WeasyPrint is installed, Pango is not
        raise MissingLibrary(
            "The PDF needs the Pango library, which is not installed.",
            hint="HTML and Word come out without it. Install the system packages for Pango and fonts: see the page "
            "“Install sdmxmig” of the manual.",
        ) from error
    return weasyprint


@cache
def fonts() -> Any:
    """Return the fonts that all documents share; a font is loaded once."""
    return engine().text.fonts.FontConfiguration()


@cache
def own_pictures() -> Any:
    return engine().urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)


@cache
def style_sheet(text: str) -> Any:
    """Parse a style sheet, which all documents and all their layouts share."""
    return engine().CSS(string=text, url_fetcher=own_pictures(), font_config=fonts())


def check_letters(document: Any, _: object) -> None:
    codes = {code for font in document.fonts.values() for code in getattr(font, "missing", ())}
    letters = "".join(sorted(filter(str.isalpha, map(chr, codes))))
    if letters:
        raise MissingLibrary(
            f"The PDF needs a font with the letters {letters[:SHOWN]}, which is not installed.",
            hint="HTML and Word come out without it. Install the Noto fonts, for Chinese Noto Sans SC: see the page "
            "“Install sdmxmig” of the manual.",
        )


def lay_out(page: Page) -> Any:
    """Lay the page out with WeasyPrint; only its own pictures are loaded."""
    inside = own_pictures()
    # WeasyPrint draws SVG text letter by letter, which breaks joined letters and their order.
    head, _, rest = on_paper(with_pictures(page.on_paper, drawn_here=page.direction == "rtl")).partition("<style>")
    style, _, body = rest.partition("</style>")
    printed = head + body

    def laid_out(page_html: str) -> Any:
        document = engine().HTML(string=page_html, url_fetcher=inside)
        return document.render(fonts(), stylesheets=[style_sheet(style)], pdf_variant=VARIANT)

    try:
        if page.single:
            if section_ids(printed) == page.single and len((whole := laid_out(printed)).pages) == len(page.single):
                return whole  # each section already fits its page
            printed = fitted(printed, page.single, lambda section: len(laid_out(section).pages))
        return laid_out(printed)
    except engine().urls.FatalURLFetchingError as error:
        raise OutputError(f"{error}, but a report carries all that it shows.") from error


@OUTPUTS.add("pdf")
def write(page: Page) -> bytes:
    """Print the page to PDF; deterministic."""
    identifier = page.identifier.encode() or None
    content = lay_out(page).write_pdf(finisher=check_letters, pdf_variant=VARIANT, pdf_identifier=identifier)
    return bytes(content)


BASE = 8.8
"""The size of text on paper, in points, as the style sheet has it."""
SIZES = (100, 96, 92, 88, 84, 80, 76)
"""Sizes tried, in percent."""


def fitted(page: str, sections: Iterable[str], count_pages: Callable[[str], int]) -> str:
    """Scale sections to fit one page each; `count_pages` lays out a page."""
    tree: Any = html.document_fromstring(page)
    for name in sections:
        section = tree.get_element_by_id(name, None)
        if section is None:
            continue
        set_size(section, largest(alone(tree, name), name, count_pages))
    return written(tree)


def section_ids(page: str) -> tuple[str, ...]:
    return tuple(section.get("id", "") for section in html.document_fromstring(page).iter("section"))


def largest(only: Any, name: str, count_pages: Callable[[str], int]) -> int:
    def fits(size: int) -> bool:
        set_size(only.get_element_by_id(name), size)
        return count_pages(written(only)) <= 1

    if fits(SIZES[0]):
        return SIZES[0]
    return SIZES[min(bisect_left(SIZES, True, lo=1, key=fits), len(SIZES) - 1)]


def alone(tree: Any, name: str) -> Any:
    only = deepcopy(tree)
    sections = list(only.iter("section"))
    for element in [*only.iter("nav"), *(section for section in sections if section.get("id") != name)]:
        element.drop_tree()
    if sections[0].get("id") != name:
        for element in only.xpath("//header | //aside"):
            element.drop_tree()
    return only


def set_size(section: Any, size: int) -> None:
    section.attrib.pop("style", None)
    if size != SIZES[0]:
        section.set("style", f"font-size: {BASE * size / 100:.2f}pt !important")


def written(tree: Any) -> str:
    return str(html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>"))
