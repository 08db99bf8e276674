"""Reports as Markdown. Texts are escaped: answers and file names never become markup."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from lxml import html
from markdownify import MarkdownConverter

from sdmxmig.primitives.text import escape_inline_markdown, escape_markdown
from sdmxmig.reporting.outputs import OUTPUTS, Page

DROPPED_XPATH = "//nav|//style|//script|//head|//summary|//*[contains(concat(' ', @class, ' '), ' skip ')]"
NOTES_XPATH = "//*[contains(@class, 'cell-note') or contains(@class, 'cells')]"
GROUP_XPATH = "//tr[contains(@class, 'group')]/th"
VERBATIM_XPATH = "//code|//pre|//kbd|//samp"
CELL_TAGS = frozenset({"td", "th"})
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+|(?:[\w./-]+\.html)?(?:#[^\s]*)?", re.IGNORECASE | re.ASCII)
"""Where links may lead: the web, an address for mail, and other places of the report."""
SHOWN_AS_IT_IS = re.compile(r"https?://[\w:/.?=&#%~+-]+", re.ASCII)


@OUTPUTS.add("md")
def write(page: Page) -> bytes:
    """Write the page as Markdown with pipe tables; figures become title, description and data."""
    tree: Any = html.document_fromstring(page.html)
    for element in tree.xpath(DROPPED_XPATH):
        element.drop_tree()
    for drawing in tree.xpath("//figure//*[contains(@class, 'drawing')]"):
        _describe(drawing)
    for caption in tree.xpath("//caption|//figcaption"):
        _write_caption(caption)
    for note in tree.xpath(NOTES_XPATH):
        note.text = f" · {(note.text or '').lstrip()}"
    for head in tree.xpath(GROUP_XPATH):
        head.attrib.pop("colspan", None)
    for element in tree.xpath(VERBATIM_XPATH):
        element.tag = "span"
    text = _Converter(heading_style="ATX", bullets="-", bs4_options="lxml").convert(
        html.tostring(tree.find("body"), encoding="unicode")
    )
    lines = (line.rstrip() for line in text.split("\n"))
    return (re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n").encode("utf-8")


def _describe(drawing: Any) -> None:
    descriptions = drawing.xpath(".//*[local-name()='desc']")
    text = " ".join(descriptions[0].text_content().split()) if descriptions else ""
    for child in list(drawing):
        drawing.remove(child)
    drawing.tag, drawing.text = "p", text


def _write_caption(caption: Any) -> None:
    strong = html.Element("strong")
    strong.text = " ".join(caption.text_content().split())
    paragraph = html.Element("p")
    paragraph.append(strong)
    holder = caption.getparent()
    if holder.tag == "table":
        holder.addprevious(paragraph)
    else:
        caption.addprevious(paragraph)
    caption.drop_tree()


def write_address(link: str) -> str:
    """Return the address of a link for display; empty for programs and files.

    >>> write_address("https://a.org/b_(c)"), write_address("javascript:x"), write_address("#S1")
    ('https://a.org/b_%28c%29', '', '#S1')
    """
    if not ADDRESS.fullmatch(link):
        return ""
    return quote(link, safe="/:?#@!$&'*+,;=%~-._").replace("&", "&amp;")


class _Converter(MarkdownConverter):
    """Escapes texts, and omits images, which would leave only an address."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return escape_inline_markdown(text) if parent_tags & CELL_TAGS else escape_markdown(text)

    def convert_a(self, element: Any, text: str, parent_tags: set[str]) -> str:
        del parent_tags
        link = element.get("href") or ""
        address = write_address(link)
        if SHOWN_AS_IT_IS.fullmatch(link) and text == escape_inline_markdown(link):
            return f"<{link}>"
        return f"[{text}]({address})" if address and text.strip() else text

    def convert_img(self, element: Any, text: str, parent_tags: set[str]) -> str:
        del text, parent_tags
        return escape_markdown(element.get("alt") or "")
