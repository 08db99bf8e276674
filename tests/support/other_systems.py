"""Systems that lack what a test needs; none of them runs these tests in CI."""

from __future__ import annotations

import sys

import pytest


def not_on_windows(why: str) -> pytest.MarkDecorator:
    """Skip a test on Windows, with the reason."""
    return pytest.mark.skipif(sys.platform == "win32", reason=why)
