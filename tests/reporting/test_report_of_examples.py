"""Numbers in the HTML and the Word document equal a calculation by hand.

The published figures are in the workbooks of the examples; here they are repeated in persons.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from io import BytesIO
from itertools import combinations
from typing import Any

import docx
import pytest
from assessed_examples import EXAMPLES, example
from lxml import html

from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, write
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording

Rows = dict[str, list[list[str]]]

# population on 1 January and a year later, births, deaths, immigration, emigration
GEORGIA = {
    "2022": (3_688_647, 3_736_357, 42_319, 49_118, 179_778, 125_269),
    "2023": (3_736_357, 3_694_608, 40_214, 42_756, 205_857, 245_064),
}


@cache
def page(name: str) -> Page:
    return compose(example(name))


@cache
def in_html(name: str) -> Rows:
    """The rows of each table of the HTML, by its caption; a cell is its first line."""
    tree = html.document_fromstring(write(page(name), "html").decode())
    for note in tree.xpath("//*[contains(@class, 'cell-note')]"):
        note.drop_tree()
    return {
        table.xpath("./caption")[0].text_content(): [
            [" ".join(cell.text_content().split()) for cell in row] for row in table.xpath("./tbody/tr")
        ]
        for table in tree.xpath("//table")
    }


@cache
def in_word(name: str) -> Rows:
    """The same of the Word documents, report and annexes, where the caption is the paragraph above the table."""
    tables: Rows = {}
    for document in ("report", "annexes"):
        caption = ""
        content = write(compose(example(name), document=document), "docx")
        for block in docx.Document(BytesIO(content)).iter_inner_content():
            if hasattr(block, "rows"):
                tables[caption] = [first_lines(row) for row in list(block.rows)[1:]]
            else:
                caption = block.text
    return tables


def first_lines(row: Any) -> list[str]:
    return [" ".join(cell.text.split("\n")[0].split()) for cell in row.cells]


COUNTRIES = [
    name if name in ("georgia", "sweden") else pytest.param(name, marks=pytest.mark.long)
    for name in sorted(path.parent.name for path in EXAMPLES.glob("*/profile.toml"))
]
READERS = pytest.mark.parametrize("read", [in_html, in_word])
Read = Callable[[str], Rows]


def row(rows: list[list[str]], *heads: str) -> list[str]:
    return next(cells for cells in rows if cells[: len(heads)] == list(heads))


def signed(value: int | Decimal) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,}"


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


@pytest.mark.sampled(2)
@READERS
@pytest.mark.parametrize("year", list(GEORGIA))
def test_net_migration_of_georgia_is_reported(read: Read, year: str) -> None:
    *_, coming, going = GEORGIA[year]
    rows = read("georgia")["Data for this figure: immigration, emigration and net migration, persons"]
    assert row(rows, year) == [year, f"{coming:,}", f"{going:,}", signed(coming - going)]
    assert signed(coming - going) == {"2022": "+54,509", "2023": "−39,207"}[year]


@pytest.mark.sampled(2)
@READERS
@pytest.mark.parametrize("year", list(GEORGIA))
def test_crude_rates_of_georgia_are_reported(read: Read, year: str) -> None:
    start, end, births, deaths, coming, going = GEORGIA[year]
    mean = Decimal(start + end) / 2
    *plain, net = (rounded(1000 * number / mean) for number in (births, deaths, coming, going, coming - going))
    rows = read("georgia")["Crude rates per 1,000 of the average total population"]
    assert row(rows, year) == [year, *map(str, plain), signed(net)]
    assert (
        row(rows, year)[1:]
        == {"2022": ["11.4", "13.2", "48.4", "33.7", "+14.7"], "2023": ["10.8", "11.5", "55.4", "66.0", "−10.6"]}[year]
    )


@pytest.mark.sampled(2)
@READERS
@pytest.mark.parametrize("year", list(GEORGIA))
def test_account_of_georgia_is_reported_with_residual(read: Read, year: str) -> None:
    start, end, births, deaths, coming, going = GEORGIA[year]
    computed = start + births - deaths + coming - going
    rows = read("georgia")["Population account"]
    figures = [f"{number:,}" for number in (start, births, deaths, coming, going, computed, end)]
    shown = next(cells for cells in rows if cells[0].startswith(year))
    assert shown[1:] == [*figures, signed(end - computed)]
    # 3 688 647 + 42 319 − 49 118 + 179 778 − 125 269 = 3 736 357; 3 736 357 + 40 214 − 42 756 + 205 857 − 245 064.
    assert computed == {"2022": 3_736_357, "2023": 3_694_608}[year]


def test_every_computed_value_names_the_cell_of_each_term() -> None:
    tree = html.document_fromstring(write(page("georgia"), "html").decode())
    notes = tree.xpath("//table[@id='table-values']//td[last()]/*[contains(@class, 'cell-note')]/text()")
    assert notes
    assert all(note.count(" › ") == 2 * len(note.split("; ")) for note in notes)


def shared_words(first: str, second: str) -> float:
    """The share of words that two sentences have in common.

    >>> shared_words("Age of immigrants", "Age of emigrants")
    0.5
    """
    words, others = (set(re.findall(r"\w+", sentence.casefold())) for sentence in (first, second))
    return len(words & others) / len(words | others)


@pytest.mark.parametrize("name", COUNTRIES)
def test_gaps_and_steps_of_page_1_are_distinct(name: str) -> None:
    shown = VIEWS["summary"](example(name), Wording("en"))
    expected = min(3, len(example(name).gaps))
    for points, allowed in ((shown["gaps"], {expected}), (shown["steps"], {expected} if expected else set(range(4)))):
        texts = [point.text for point in points]  # type: ignore[attr-defined]
        assert len(texts) in allowed
        assert [pair for pair in combinations(texts, 2) if shared_words(*pair) >= 1 / 3] == []


@pytest.mark.parametrize("name", ["georgia", "norway"])
def test_missing_figure_is_a_symbol_with_a_legend(name: str) -> None:
    """A source that publishes the figure may exist."""
    tree = html.document_fromstring(write(page(name), "html").decode())
    incomplete = tree.xpath("//div[contains(@class, 'frame')][.//*[@class='absent'][. = '–']]")
    assert incomplete
    assert {frame.getnext().text for frame in incomplete} == {"–: not found, or not calculated."}
