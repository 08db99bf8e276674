"""Folders that tests read from."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared" / "data"
"""Real messages, structures and tables beside the project. Tests that need the folder skip when it is absent."""
