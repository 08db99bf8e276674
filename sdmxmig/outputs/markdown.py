"""The report as Markdown: its words, tables and the data of its figures, for wikis, repositories and translation."""

from __future__ import annotations

import re
from typing import Any

from lxml import html
from markdownify import MarkdownConverter

from sdmxmig.outputs import OUTPUTS, Page

DROPPED = "//nav|//style|//script|//head|//summary|//*[contains(concat(' ', @class, ' '), ' skip ')]"
NOTES = "//*[contains(@class, 'cell-note') or contains(@class, 'cells')]"
GROUP = "//tr[contains(@class, 'group')]/th"


@OUTPUTS.add("md")
def write(page: Page) -> bytes:
    """Turn the page into Markdown with pipe tables; a figure is its title, what it shows in words, and its data."""
    tree: Any = html.document_fromstring(page.html)
    for element in tree.xpath(DROPPED):
        element.drop_tree()
    for drawing in tree.xpath("//figure//*[contains(@class, 'drawing')]"):
        _describe(drawing)
    for caption in tree.xpath("//caption|//figcaption"):
        _before(caption)
    for note in tree.xpath(NOTES):
        note.text = f" · {(note.text or '').lstrip()}"
    for head in tree.xpath(GROUP):
        head.attrib.pop("colspan", None)
    text = MarkdownConverter(heading_style="ATX", bullets="-", wrap=False).convert(
        html.tostring(tree.find("body"), encoding="unicode")
    )
    lines = (line.rstrip() for line in text.splitlines())
    return (re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n").encode("utf-8")


def _describe(drawing: Any) -> None:
    """Put what a drawing says of itself in its place."""
    said = drawing.xpath(".//*[local-name()='desc']")
    text = " ".join(said[0].text_content().split()) if said else ""
    for child in list(drawing):
        drawing.remove(child)
    drawing.tag, drawing.text = "p", text


def _before(caption: Any) -> None:
    """A caption becomes a paragraph in bold, a table's one before the table."""
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
