"""The page for paper: every word of the report, and nothing that only a screen has a use for."""

from __future__ import annotations

from typing import Any

import pytest
from assessed import georgia
from lxml import html

from sdmxmig.reporting.outputs.paper import on_paper
from sdmxmig.reporting.sections import compose

ROW = "<tr><th scope='row'>A</th><td role='cell' data-label='B'>1</td></tr>"


def printed(body: str) -> Any:
    return html.document_fromstring(on_paper(f"<html lang='ar' dir='rtl'><head></head><body>{body}</body></html>"))


def words(tree: Any) -> list[str]:
    """The words of a page, without its drawings, the script, and texts for screen readers only."""
    for element in tree.xpath("//script | //style | //figure//summary | //a[@class='skip'] | //nav"):
        element.drop_tree()
    return " ".join(tree.find("body").itertext()).split()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_word_of_the_report_is_lost(language: str) -> None:
    page = compose(georgia(), language=language).html
    assert words(html.document_fromstring(on_paper(page))) == words(html.document_fromstring(page))


def test_contents_follow_the_first_section() -> None:
    tree = printed("<nav>C</nav><section id='a'></section><section id='b'></section>")
    assert [element.get("id") or element.tag for element in tree.find("body")] == ["a", "nav", "b"]


def test_each_table_has_a_column_for_each_of_its_cells_behind_its_caption() -> None:
    tree = printed(f"<table>{ROW}</table><table><caption>C</caption>{ROW}</table><table><col>{ROW}</table>")
    tags = [[element.tag for element in table][:2] for table in tree.iter("table")]
    assert tags == [["colgroup", "tr"], ["caption", "colgroup"], ["col", "tr"]]
    assert [len(group) for group in tree.iter("colgroup")] == [2, 2]


def test_attributes_for_screens_are_gone_and_those_that_tables_and_heads_need_stay() -> None:
    tree = printed(f"<h1 data-of=' of '>G</h1><table aria-label='T' tabindex='0'>{ROW}</table>")
    kept = {name for element in tree.iter(html.etree.Element) for name in element.attrib}
    assert kept == {"lang", "dir", "data-of", "scope", "style", "class"}


@pytest.mark.parametrize(
    ("block", "class_"),
    [
        ("<td class='number'>−62.2%</td>", "number left-to-right"),
        ("<td>Read in the register. <a href='#a'>S42</a></td>", "left-to-right"),
        ("<td>2024: نص</td>", None),
        ("<td>Register <span class='cell-note'>نص</span></td>", None),
        ("<td>\u2067A\u2069</td>", None),
    ],
)
def test_numbers_and_words_of_another_script_keep_their_own_order(block: str, class_: str | None) -> None:
    (cell,) = printed(f"<table><tr>{block}</tr></table>").iter("td")
    assert cell.get("class") == class_
    (left,) = html.document_fromstring(on_paper(f"<html dir='ltr'><table><tr>{block}</tr></table></html>")).iter("td")
    assert "left-to-right" not in left.get("class", "")
