"""How often a test that invents its own cases tries: a sample of them for each change, all in the long tests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

WHOLE = "SDMXMIG_WHOLE"
"""The environment variable with which every case of every test is run."""


def tries(number: int) -> int:
    """So many cases in the long tests, and a sixth of them for each change, but 10 at least."""
    return number if os.environ.get(WHOLE) else max(10, number // 6)


def fifth_of(*parts: Iterable[object]) -> list[Any]:
    """Combinations of which each fifth runs for each change, so that every value does, and all in the long tests."""
    return [
        pytest.param(*case, marks=[] if number % 5 == 0 else pytest.mark.long)
        for number, case in enumerate(product(*parts))
    ]
