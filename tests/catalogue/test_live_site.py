"""The site that is made page by page."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.documentation import LiveSite

SITE = LiveSite(CATALOGUE, ["ru"])


@pytest.mark.parametrize("file", ["en/index.html", "ru/none.html", "ru", "", "assets/none.css", "../ru/index.html"])
def test_a_file_that_the_site_does_not_have_is_a_key_error(file: str) -> None:
    with pytest.raises(KeyError):
        SITE.content(file)
