"""Systems that lack what a test needs; none of them runs these tests in CI."""

from __future__ import annotations

import sys

import pytest


def not_on_windows(why: str) -> pytest.MarkDecorator:
    """Leaves a test out on Windows, and says why it means nothing there."""
    return pytest.mark.skipif(sys.platform == "win32", reason=why)
