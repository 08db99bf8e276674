"""A full disk, for tests of errors and of data that must survive."""

from __future__ import annotations

from pathlib import Path

import pytest

FULL = Path("/dev/full")
"""A device that takes nothing, on systems that have one."""
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
