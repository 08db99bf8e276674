"""The store of findings as tests read it: line by line, without the code that wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def records(store: Path) -> list[dict[str, Any]]:
    """All lines of a store."""
    return [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]


def listed(store: Path, kind: str = "finding") -> list[dict[str, Any]]:
    """The findings of a store, or its records of another kind, without what says so."""
    return [
        {name: value for name, value in record.items() if name != "record"}
        for record in records(store)
        if record["record"] == kind
    ]


def run_of(store: Path) -> dict[str, Any]:
    """The first line: what was judged, and how many findings there are."""
    (run,) = listed(store, "run")
    return run


def document(store: Path) -> dict[str, Any]:
    """A store in one piece, without what was judged, which changes with every declaration.

    Reasons stand there as sentences only, not once more as the messages and parameters that they are made of.
    """
    head = {name: value for name, value in run_of(store).items() if name not in ("judged", "rules")}
    rules = {rule.pop("id"): rule for rule in listed(store, "rule")}
    kinds = {"findings": "finding", "gone": "gone", "unlisted": "unlisted"}
    verdicts = [{name: value for name, value in one.items() if name != "reasons"} for one in listed(store, "verdict")]
    return {**head, "rules": rules, **{name: listed(store, kind) for name, kind in kinds.items()}, "verdicts": verdicts}
