"""The contents of a Word document: a field of Word's own, which brings the numbers of pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.outputs.word_parts import add_link, begin_field, bookmark_name, end_field
from sdmxmig.outputs.word_styles import CONTENTS_STYLE, SECTION_STYLE


def entries(contents: Any) -> list[tuple[str, str]]:
    """The sections that the contents of a page name: the id of each, and its name as it stands over the section."""
    names = {section.get("id"): section.find("p") for section in contents.getroottree().iter("section")}
    places = [link.get("href", "").removeprefix("#") for link in contents.iter("a")]
    return [(place, " ".join(names[place].text_content().split())) for place in places if names.get(place) is not None]


def list_sections(sections: list[tuple[str, str]], paragraph_in: Callable[[str], Any]) -> None:
    """Write the contents: a line for each section with the number of its page, which Word works out on opening.

    `paragraph_in` adds a paragraph in a style.
    """
    if not sections:
        return
    paragraphs = [paragraph_in(CONTENTS_STYLE) for _ in sections]
    begin_field(paragraphs[0], f'TOC \\h \\z \\t "{SECTION_STYLE},1"', is_stale=True)
    for paragraph, (place, name) in zip(paragraphs, sections, strict=True):
        add_link(paragraph, name, f"#{place}")
        paragraph.add_run("\t")
        begin_field(paragraph, f"PAGEREF {bookmark_name(place)} \\h", is_stale=True)
        end_field(paragraph)
    end_field(paragraphs[-1])
