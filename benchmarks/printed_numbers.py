"""Every number in a report with its meaning: the words next to it, or its row and column heads.

``python -m benchmarks.printed_numbers FOLDER`` prints those of the reports in the given folders, one report per folder.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import html

NUMBER = re.compile(r"(?<![\w.,−+-])[−+-]?\d[\d.,]*\d%?|(?<![\w.,−+-])[−+-]?\d%?(?![\w])")
SPACES = re.compile(r"\s+")
LONGEST = 200
"""So much of a sentence is enough to know it by."""
WORDS = ("p", "li", "h1", "h2", "h3", "h4", "figcaption", "summary", "aside", "dt", "dd")


class PrintedNumber(NamedTuple):
    section: str
    place: str
    meaning: str
    number: str


def printed_numbers(pages: Iterable[bytes]) -> list[PrintedNumber]:
    return [
        number for page in pages for number in _of_page(html.fromstring(page, parser=html.HTMLParser(encoding="utf-8")))
    ]


def _of_page(page: html.HtmlElement) -> Iterator[PrintedNumber]:
    for unread in page.xpath("//svg | //script | //style | //nav | //*[@aria-hidden='true'] | //*[@class='refs']"):
        unread.drop_tree()
    for section in page.xpath("//main//section"):
        name = section.get("id", "")
        for table in section.iter("table"):
            yield from _of_table(name, table)
        for table in list(section.iter("table")):
            table.drop_tree()
        for element in section.iter(*WORDS):
            if not any(child.tag in WORDS for child in element.iterdescendants()):
                yield from _of_text(name, element.tag, _words(element))


def _of_table(section: str, table: html.HtmlElement) -> Iterator[PrintedNumber]:
    caption = _words(table.find("caption"))
    heads = [_words(head) for head in table.xpath("./thead//th")]
    group = ""
    for row in table.xpath("./tbody/tr"):
        cells = row.xpath("./th | ./td")
        if row.get("class") == "group":
            group = _words(cells[0])
            continue
        name = " · ".join(filter(None, (group, _words(cells[0]))))
        for head, cell in zip(heads[1:], cells[1:], strict=False):
            for number in NUMBER.findall(_words(cell)):
                yield PrintedNumber(section, caption, f"{name[:LONGEST]} | {head}", number)


def _of_text(section: str, place: str, words: str) -> Iterator[PrintedNumber]:
    for number in NUMBER.findall(words):
        yield PrintedNumber(section, place, words[:LONGEST], number)


def _words(element: html.HtmlElement | None) -> str:
    if element is None:
        return ""
    return SPACES.sub(" ", " ".join(element.itertext())).strip()


def as_rows(numbers: Iterable[PrintedNumber]) -> list[tuple[str, ...]]:
    return [(*number, str(times)) for number, times in Counter(numbers).items()]


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("country", *PrintedNumber._fields, "times"))
    for folder in map(Path, sys.argv[1:]):
        pages = [path.read_bytes() for path in sorted(folder.glob("*.en.html"))]
        writer.writerows((folder.name, *row) for row in as_rows(printed_numbers(pages)))
