"""Rows of the CSV tables that ship with sdmxmig."""

from __future__ import annotations

import csv
from pathlib import Path


def read_csv_rows(path: Path) -> list[dict[str, str]]:
    """Read a table whose first line names its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
