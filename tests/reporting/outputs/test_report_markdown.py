"""The Markdown of the report has the headings, tables and numbers of the HTML, and figures as words and data."""

from __future__ import annotations

import re
from typing import Any

import pytest
from assessed import georgia
from lxml import html

from sdmxmig.primitives.text import ILLUSTRATION_NOTICE
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, write


@pytest.fixture(scope="module", params=["en", "ar"])
def page(request: pytest.FixtureRequest) -> Page:
    return compose(georgia(), language=request.param)


def text_of(page: Page) -> str:
    return write(page, "md").decode()


def plain(text: str) -> str:
    return re.sub(r"[\s\\*_|#]+", "", text)


def tree(page: Page) -> Any:
    return html.document_fromstring(page.html)


def test_chart_is_described_in_words(page: Page) -> None:
    written = text_of(page)
    descriptions = [" ".join(element.text.split()) for element in tree(page).xpath("//figure//*[local-name()='desc']")]
    assert descriptions
    assert all(plain(description) in plain(written) for description in descriptions)
    assert "<svg" not in written


def test_markdown_has_the_notice_and_stable_bytes() -> None:
    page = compose(georgia())
    assert ILLUSTRATION_NOTICE in text_of(page)
    assert write(page, "md") == write(page, "md")
