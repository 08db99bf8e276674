"""The site that is made page by page is the one that is written at once."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.documentation import LiveSite, render

SITE = LiveSite(CATALOGUE, ["ru"])


@pytest.mark.sampled(3)
def test_each_page_is_byte_for_byte_that_of_the_site() -> None:
    files = render(CATALOGUE, ["ru"])
    assert {name for name in files if name != "index.html" and SITE.content(name) != files[name]} == set()


@pytest.mark.parametrize("file", ["en/index.html", "ru/none.html", "ru", "", "assets/none.css", "../ru/index.html"])
def test_a_file_that_the_site_does_not_have_is_a_key_error(file: str) -> None:
    with pytest.raises(KeyError):
        SITE.content(file)
