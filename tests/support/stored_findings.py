"""The store of findings as tests read it: line by line, without the code that wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def records(store: Path) -> list[dict[str, Any]]:
    """All lines of a store."""
    return [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]


def listed(store: Path, kind: str = "finding") -> list[dict[str, Any]]:
    """The findings of a store, or its records of another kind, without their kind."""
    return [
        {name: value for name, value in record.items() if name != "record"}
        for record in records(store)
        if record["record"] == kind
    ]


def run_of(store: Path) -> dict[str, Any]:
    """The first line: the judged data, and the number of findings."""
    (run,) = listed(store, "run")
    return run
