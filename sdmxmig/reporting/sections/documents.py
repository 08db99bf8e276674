"""Documents (brief, report, annexes) from the same sections; annexes have the content omitted on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lxml import html

from sdmxmig.reporting.outputs import Page

BRIEF, REPORT, ANNEXES = "brief", "report", "annexes"
PRINTABLE_FORMATS = ("html", "pdf", "docx")
DOCUMENTS = {BRIEF: PRINTABLE_FORMATS, REPORT: (*PRINTABLE_FORMATS, "xlsx", "md"), ANNEXES: PRINTABLE_FORMATS}
DOCUMENT_NAMES = {BRIEF: "Brief", REPORT: "Report", ANNEXES: "Annexes"}
EVERY_DOCUMENT = "all"
SUMMARY = "summary"
REFERENCES = "references"
TABLES_DOCUMENT = "tables"
ANNEX_XPATH = "descendant-or-self::details[contains(concat(' ', @class, ' '), ' annexed ')]"
DATA_XPATH = "descendant-or-self::figure[*[contains(concat(' ', @class, ' '), ' drawing ')]]/details"
EMPTY_XPATH = (  # with a predicate, “//section//*” is ten times slower
    "//section/descendant::*[self::div or self::ol or self::p or self::ul][not(normalize-space() or .//i or .//img)]"
)
EMPTY_HEADING_XPATH = (
    "//section/descendant::h3[not(following-sibling::*[normalize-space() or .//img][1][not(self::h3)])]"
)
EMPTY_SECTION_XPATH = (
    "//section[not(descendant::*[self::i or self::img or text()[normalize-space()]]"
    "[not(ancestor-or-self::*[self::h2 or self::summary or @class='label'])])]/@id"
)
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
KEPT_DRAWING = re.compile(r'<i data-drawing="(\d+)"></i>')


@dataclass(frozen=True, slots=True)
class Download:
    address: str
    name: str
    _: KW_ONLY
    kind: str


def name_document_file(document: str, language: str, output: str, *, is_draft: bool) -> str:
    """Return the file name of a document.

    >>> name_document_file("brief", "fr", "pdf", is_draft=True)
    'brief-draft.fr.pdf'
    """
    return f"{document}{'-draft' if is_draft else ''}.{language}.{output}"


def edit_html(page: str, *, on_paper: bool) -> tuple[str, list[str]]:
    """Return the page without empty elements and dead links, and the ids of sections that have only a heading."""
    drawings: list[str] = []

    def kept(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<i data-drawing="{len(drawings) - 1}"></i>'

    tree: Any = html.document_fromstring(DRAWING.sub(kept, page))
    if on_paper:
        for element in tree.xpath(f"//*[@data-annex] | //section/{ANNEX_XPATH} | //section/{DATA_XPATH}"):
            element.drop_tree()
        # Remarks name sources without links.
        said = "".join(tree.xpath("//text()[not(ancestor::ol[@class='sources'])]"))
        for source in tree.xpath("//ol[@class='sources']/li"):
            if source.findtext("span") not in said:
                source.drop_tree()
    for element in tree.xpath(f"{EMPTY_XPATH} | {EMPTY_HEADING_XPATH}"):
        element.drop_tree()
    for element in tree.xpath(EMPTY_XPATH):
        element.drop_tree()
    places = set(tree.xpath("//@id"))
    for link in tree.xpath("//a[starts-with(@href, '#')]"):
        if link.get("href")[1:] not in places:
            link.drop_tag()
    changed = str(html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>"))
    return KEPT_DRAWING.sub(lambda match: drawings[int(match[1])], changed), tree.xpath(EMPTY_SECTION_XPATH)


def list_data_files(page: Page) -> Iterator[tuple[str, str]]:
    tree: Any = html.document_fromstring(page.html)
    for section in tree.xpath("//section[not(@data-annex)]"):
        parts = [part for element in section.xpath(f"{ANNEX_XPATH} | {DATA_XPATH}") for part in unfold_details(element)]
        if parts:
            yield " ".join(section.findtext("p[@class='label']").split()), "\n".join(parts)


def unfold_details(element: Any) -> Iterator[str]:
    if element.find(".//table") is None:
        head = html.Element("p", {"class": "lead"})
        strong = html.Element("strong")
        strong.text = " ".join(element.findtext("summary").split())
        head.append(strong)
        yield html.tostring(head, encoding="unicode")
    for child in element:
        if child.tag != "summary":
            yield html.tostring(child, encoding="unicode", with_tail=False)


def list_downloads(downloads: Sequence[Download]) -> list[tuple[str, list[Download]]]:
    names = dict.fromkeys(download.name for download in downloads)
    return [(name, [download for download in downloads if download.name == name]) for name in names]
