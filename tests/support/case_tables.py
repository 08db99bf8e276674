"""Tables of cases beside the tests."""

from __future__ import annotations

import csv

import pytest
from folders import TESTS


def cases_from(path: str) -> pytest.MarkDecorator:
    """Run a test for each row of a CSV file below `tests/`; the columns are its arguments, as texts."""
    with (TESTS / path).open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file, strict=True)
    return pytest.mark.parametrize(names, rows)
