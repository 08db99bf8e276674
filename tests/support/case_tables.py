"""Cases of a parametrized test in a table of their own: test_a.py reads those of its test_b from test_a/test_b.csv."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

PARSERS: dict[str, Callable[[str], object]] = {"str": str, "int": int, "bool": {"yes": True, "no": False}.__getitem__}
"""How a cell is read, by the annotation of its argument."""


def cases_from_csv(test: Callable[..., None]) -> Callable[..., None]:
    """Parametrize a test by its table, which has a column for each argument."""
    table = Path(test.__code__.co_filename).with_suffix("") / f"{test.__name__}.csv"
    with table.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    parsers = [PARSERS[test.__annotations__[name]] for name in names]
    cases = [[parse(cell) for parse, cell in zip(parsers, row, strict=True)] for row in rows]
    values = cases if len(names) > 1 else [value for (value,) in cases]
    parametrized: Callable[..., None] = pytest.mark.parametrize(names if len(names) > 1 else names[0], values)(test)
    return parametrized
