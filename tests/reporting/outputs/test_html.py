"""The HTML is self-contained: it loads no resources, runs no foreign code, and declares its metadata."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from typing import Any

import pytest
from assessed import ATTACK, georgia, report
from lxml import html

from sdmxmig.primitives.text import ILLUSTRATION_NOTICE


@pytest.fixture(scope="module")
def page() -> str:
    return report(georgia()).decode("utf-8")


@pytest.fixture(scope="module")
def tree(page: str) -> Any:
    return html.document_fromstring(page)


def test_page_loads_no_resource_and_links_out_only_in_citations(page: str, tree: Any) -> None:
    assert not tree.xpath("//link | //img | //iframe | //*[@src]")
    assert "@import" not in page
    assert not re.search(r"url\(\s*[\"']?https?:", page)
    outside = {link.get("href") for link in tree.xpath("//a[not(starts-with(@href, '#'))]")}
    assert outside == {"https://civil.ge/archives/677760", "https://factcheck.ge/en/story/41364"}


def test_security_policy_allows_only_own_style_and_script(tree: Any) -> None:
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (element,) = tree.xpath(f"//{tag}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert not tree.xpath("//*[@style]"), "the policy would not let a style attribute work"


def test_text_of_a_country_is_escaped(page: str, tree: Any) -> None:
    assert ATTACK not in page
    assert len(tree.xpath("//script")) == 1
    assert any(ATTACK in " ".join(cell.text_content().split()) for cell in tree.xpath("//td"))


def test_notice_is_shown_until_the_office_signs_off(page: str) -> None:
    assert ILLUSTRATION_NOTICE in page
    assert ILLUSTRATION_NOTICE not in report(georgia("Geostat, 1 March 2026")).decode()


def test_every_internal_link_of_the_page_resolves(tree: Any) -> None:
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")} <= set(ids)


def test_figures_have_descriptions_and_data(tree: Any) -> None:
    figures = tree.xpath("//figure")
    assert len(figures) >= 2
    for figure in figures:
        described = figure.xpath(".//*[local-name()='svg']/*[local-name()='desc']")[0].text_content()
        assert re.search(r"\d{3}|: \w", described), "a description is made from the numbers or answers"
        assert figure.xpath(".//details//table//td")
        assert figure.xpath("./figcaption")[0].text_content().strip()


def test_tables_have_a_caption_and_scopes(tree: Any) -> None:
    for table in tree.xpath("//table"):
        assert table.xpath("./caption")[0].text_content().strip()
        assert all(head.get("scope") for head in table.xpath(".//th"))


def test_heading_levels_increase_by_one(tree: Any) -> None:
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
