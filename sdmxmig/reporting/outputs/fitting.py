"""Sections scaled to one page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from lxml import html

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
    """The ids of all sections of a page, in their order."""
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
