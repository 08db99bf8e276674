"""With what pages are looked at here: that needs a browser, and axe to look for barriers."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
SPEC = importlib.util.find_spec("axe_playwright_python")
AXE = Path(SPEC.origin).with_name("axe.min.js") if SPEC and SPEC.origin else None
"""The script that looks for barriers."""

OPTIONS = ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]

needs_browser = pytest.mark.skipif(not CHROMIUM or not HAS_PLAYWRIGHT, reason="there is no browser to look with")
needs_axe = pytest.mark.skipif(AXE is None, reason="axe is not installed")

LOOKS = [
    pytest.param(language, width, scheme, marks=[] if (language, width, scheme) in usual else pytest.mark.long)
    for usual in [(("en", 1250, "light"), ("ar", 360, "dark"))]
    for language in ("en", "ar")
    for width in (1250, 360)
    for scheme in ("light", "dark")
]
"""Languages, widths and colours that pages are looked at with; all but two belong to the long tests."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with nobody before it, to which this machine is also evil.example."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()
