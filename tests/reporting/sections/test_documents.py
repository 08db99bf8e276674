"""The three documents of a country: a brief of one or two pages, a report of at most twenty, annexes with the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import pypdf
import pytest
from assessed_examples import EXAMPLES, example
from assessed_in_full import in_full
from lxml import html

from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, compose_documents, write
from sdmxmig.reporting.sections.documents import Download
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, CountryFigure, PeerComparison

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
HEAVY_OR_WRONG = ("georgia-faults", "fictional", "integrated")
"""Examples that have a test of their own: faults on purpose, and countries that do not exist."""
SHIPPED = sorted(
    folder.parent.name for folder in EXAMPLES.glob("*/profile.toml") if folder.parent.name not in HEAVY_OR_WRONG
)
CODE = re.compile(r"\b(?:[A-L]\d\d|MI ?\d+\.\d+|[A-Z]+_[A-Z_]+)\b")
"""Ids of questions and indicators, keys of sources, codes."""


@cache
def brief(name: str, language: str) -> Page:
    return compose(example(name), document="brief", language=language)


def pages_of(page: Page) -> list[Any]:
    return list(pypdf.PdfReader(BytesIO(write(page, "pdf"))).pages)


def page_one(page: Page) -> Any:
    return html.document_fromstring(page.html).get_element_by_id("summary")


@pytest.mark.sampled(18)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_page_1_names_gaps_and_steps_without_codes(name: str, language: str) -> None:
    summary = page_one(brief(name, language))
    lists = [[item.text_content().strip() for item in plain] for plain in summary.xpath(".//*[@class='plain']")]
    gaps = min(3, len(example(name).gaps))
    *_, last = counts = [len(points) for points in lists]
    assert counts[-2:] == [gaps, gaps] if gaps else 1 <= last <= 3, "gaps and steps, or one to three questions"
    assert len({point for points in lists for point in points}) == sum(counts), "nothing is said twice"
    for element in summary.xpath(".//*[name()='svg'] | .//details | .//*[@class='refs'] | .//p[@class='note sources']"):
        element.drop_tree()
    words = " ".join(summary.text_content().split())
    assert not CODE.findall(words)
    for riddle in ("Part A", "texts not", "topics", "partly closed"):
        assert riddle not in words


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in ("norway", "georgia") else pytest.mark.long) for name in SHIPPED]
)
def test_page_1_shows_only_the_last_ten_known_years(name: str) -> None:
    rows = html.document_fromstring(brief(name, "en").html).xpath("//table[@id='data-decade']/tbody/tr")
    assert 5 <= len(rows) <= 10


@pytest.mark.sampled(18)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_brief_has_one_page(name: str, language: str) -> None:
    (first,) = pages_of(brief(name, language))
    assert len(first.images) + len(first.extract_text()) > 300


def with_peers() -> Assessment:
    """Georgia beside six made-up countries with three measures, and something that is not shown."""
    names = dict.fromkeys(LANGUAGES, "Made-up Neighbour")
    figure = CountryFigure(
        area="XB", name=Text.of(names), period="2024", value=Decimal("12.3"), status="P", sources=("Invented",)
    )
    measure = Text.of(dict.fromkeys(LANGUAGES, "Share of the foreign-born among residents"))
    comparison = PeerComparison(
        "MIG_SHARE_FB", measure, unit="PT", own=figure, others=(figure,) * 6, left_out=(("rule", 2), ("year", 1))
    )
    return replace(example("georgia"), peers=(comparison,) * 3)


@pytest.mark.parametrize(
    "language", ["ru", *(pytest.param(language, marks=pytest.mark.long) for language in ("ar", "en", "fr", "es", "zh"))]
)
def test_brief_with_other_countries_has_at_most_two_pages(language: str) -> None:
    page = compose(with_peers(), document="brief", language=language)
    assert len(page_one(page).xpath(".//table[@id='table-peers']/tbody/tr")) == 3
    assert len(pages_of(page)) <= 2


def test_paper_has_no_annexes_or_broken_links() -> None:
    tree = html.document_fromstring(compose(in_full()).on_paper)
    assert not tree.xpath("//details[contains(@class, 'annex')] | //figure//table | //section[@id='answers']")
    places = set(tree.xpath("//@id"))
    assert {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")} <= places


@pytest.mark.parametrize("name", ["georgia", "moldova", "norway", "sweden", "chile", "colombia", "mexico", "peru"])
def test_paper_lists_exactly_its_cited_sources(name: str) -> None:
    tree = html.document_fromstring(compose(example(name)).on_paper)
    listed = [tag.text for tag in tree.xpath("//ol[@class='sources']/li/span")]
    said = " ".join(tree.xpath("//main//text()[not(ancestor::ol[@class='sources'])]"))
    named = set(re.findall(r"\[[A-Z]+[0-9]+[a-z]?\]", said))
    assert set(listed) == named


def test_annexes_contain_all_folded_tables() -> None:
    documents = compose_documents(in_full())
    report, annexes = (html.document_fromstring(documents[name].html) for name in ("report", "annexes"))
    folded = report.xpath("//details[contains(@class, 'annex')]//table/@id | //figure//table/@id")
    assert len(folded) > 10
    assert set(folded) <= set(annexes.xpath("//table/@id"))
    assert not annexes.xpath("//details[contains(@class, 'annex')]")
    assert len(annexes.xpath("//@id")) == len(set(annexes.xpath("//@id")))
    assert annexes.xpath("//section[1]/p[@class='label']")[0].text_content().startswith("Annex A")


def test_report_links_to_other_files_only_on_screen() -> None:
    files = [
        Download("data/DF_POP.csv", "Population", kind="CSV"),
        Download("data/DF_POP.xml", "Population", kind="ML"),
    ]
    page = compose_documents(in_full(), documents=["report"], downloads=files)["report"]
    links = html.document_fromstring(page.html).xpath("//nav[@class='downloads']//a")
    assert [(link.get("href"), link.text) for link in links] == [("data/DF_POP.csv", "CSV"), ("data/DF_POP.xml", "ML")]
    for output in ("md", "docx"):
        assert b"DF_POP.csv" not in write(page, output)


def test_heading_of_an_empty_section_is_not_written() -> None:
    page = compose(replace(example("georgia"), sources={"Z1": "A source that the report does not cite."}))
    for content, is_listed in ((page.html, True), (page.on_paper, False)):
        tree = html.document_fromstring(content)
        assert [is_listed] * 2 == [bool(tree.xpath(path)) for path in ("id('references')", "//a[@href='#references']")]
