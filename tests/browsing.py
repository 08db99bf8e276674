"""Whether pages can be looked at here: that needs a browser, and axe to look for barriers."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
SPEC = importlib.util.find_spec("axe_playwright_python")
AXE = Path(SPEC.origin).with_name("axe.min.js") if SPEC and SPEC.origin else None
"""The script that looks for barriers."""

needs_browser = pytest.mark.skipif(not CHROMIUM or not HAS_PLAYWRIGHT, reason="there is no browser to look with")
needs_axe = pytest.mark.skipif(AXE is None, reason="axe is not installed")

LOOKS = [
    (1250, "light"),
    (360, "dark"),
    pytest.param(1250, "dark", marks=pytest.mark.long),
    pytest.param(360, "light", marks=pytest.mark.long),
]
"""Widths and colours that pages are looked at with; the other two pairs belong to the long tests."""
