"""Three documents from one assessment: a brief of two pages, the report, and its annexes.

They are made of the same sections. The brief has those that a minister reads; the report has all, on paper without what
is marked as annexed; the annexes have that, the data behind the figures, and the sections that are annexes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from lxml import html

from sdmxmig.reporting.outputs import Page

BRIEF, REPORT, ANNEXES = "brief", "report", "annexes"
PRINTABLE = ("html", "pdf", "docx")
DOCUMENTS = {BRIEF: PRINTABLE, REPORT: (*PRINTABLE, "xlsx", "md"), ANNEXES: PRINTABLE}
"""The documents, and what each comes as; the tables of all three are in the workbook of the report."""
KINDS = {BRIEF: "Brief", REPORT: "Report", ANNEXES: "Annexes"}
EVERY_DOCUMENT = "all"
BRIEF_SECTIONS = ("summary", "glance")
"""The sections of the brief, a page each on one sheet of paper; they are the first of the report too."""
REFERENCES = "references"
"""The section with the sources, which the annexes have as well."""
BEHIND = "tables"
"""The annex of what paper leaves out of the report: tables, lists of open questions, data of figures."""
ANNEXED = "descendant-or-self::details[contains(concat(' ', @class, ' '), ' annexed ')]"
DATA = "descendant-or-self::figure[*[contains(concat(' ', @class, ' '), ' drawing ')]]/details"
"""The data of a figure that is drawn; of one that is not they are all there is, and stay."""
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
KEPT = re.compile(r'<i data-drawing="(\d+)"></i>')


@dataclass(frozen=True, slots=True)
class Download:
    """A file that lies beside the report: its address from there, and what it is called."""

    address: str
    name: str
    _: KW_ONLY
    kind: str


def document_file(document: str, language: str, output: str, *, is_draft: bool) -> str:
    """The name of a document as a file.

    >>> document_file("brief", "fr", "pdf", is_draft=True)
    'brief-draft.fr.pdf'
    """
    return f"{document}{'-draft' if is_draft else ''}.{language}.{output}"


def for_paper(page: Page) -> Page:
    """A page as it is printed: without annexes, the data of figures, and the sources that only these cite."""

    def shorten(tree: Any) -> None:
        for element in tree.xpath(f"//*[@data-annex] | //section/{ANNEXED} | //section/{DATA}"):
            element.drop_tree()
        for heading in tree.xpath("//section//h3[not(following-sibling::*[normalize-space()][1][not(self::h3)])]"):
            heading.drop_tree()
        cited = {link.get("href") for link in tree.xpath("//a[starts-with(@href, '#source-')]")}
        for source in tree.xpath("//ol[@class='sources']/li"):
            if f"#{source.get('id')}" not in cited:
                source.drop_tree()
        unlink(tree)

    return replace(page, printed=edited(page.html, shorten))


def without_dead_links(page: Page) -> Page:
    """The same page, where links to what another document has are plain words."""
    return replace(page, html=edited(page.html, unlink))


def unlink(tree: Any) -> None:
    """Leave no link that leads nowhere: its words stay."""
    places = set(tree.xpath("//@id"))
    for link in tree.xpath("//a[starts-with(@href, '#')]"):
        if link.get("href")[1:] not in places:
            link.drop_tag()


def edited(page: str, edit: Callable[[Any], None]) -> str:
    """A page of which the tree was changed; its drawings stay as they are, for HTML does not know their spelling."""
    drawings: list[str] = []

    def kept(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<i data-drawing="{len(drawings) - 1}"></i>'

    tree: Any = html.document_fromstring(DRAWING.sub(kept, page))
    edit(tree)
    changed = str(html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>"))
    return KEPT.sub(lambda match: drawings[int(match[1])], changed)


def behind_the_report(page: Page) -> Iterator[tuple[str, str]]:
    """What paper leaves out of the sections of a report: the name of each section, and its tables and lists."""
    tree: Any = html.document_fromstring(page.html)
    for section in tree.xpath("//section[not(@data-annex)]"):
        parts = [part for element in section.xpath(f"{ANNEXED} | {DATA}") for part in unfolded(element)]
        if parts:
            yield " ".join(section.findtext("p[@class='label']").split()), "\n".join(parts)


def unfolded(element: Any) -> Iterator[str]:
    """What stands in a part that unfolds; a list without a caption of its own is headed by what unfolds it."""
    if element.find(".//table") is None:
        head = html.Element("p", {"class": "lead"})
        strong = html.Element("strong")
        strong.text = " ".join(element.findtext("summary").split())
        head.append(strong)
        yield html.tostring(head, encoding="unicode")
    for child in element:
        if child.tag != "summary":
            yield html.tostring(child, encoding="unicode", with_tail=False)


def downloads_of(downloads: Sequence[Download]) -> list[tuple[str, list[Download]]]:
    """The downloads by what they are of, in their order."""
    names = dict.fromkeys(download.name for download in downloads)
    return [(name, [download for download in downloads if download.name == name]) for name in names]
