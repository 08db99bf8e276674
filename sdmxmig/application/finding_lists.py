"""The findings of the last validation, page by page: of a million of them only those that are looked at are made.

One pass over the store notes where each record stands and by what people choose among them; that is all that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sdmxmig.lazily import pl
from sdmxmig.model.findings import Finding, Verdict
from sdmxmig.outputs.findings_json import finding_from
from sdmxmig.outputs.findings_lines import NAME, RECORD

CHOICES = ("severity", "level", "rule", "flow", "state", "justified")
"""By what findings are chosen."""
ORDER = {"error": 0, "warning": 1, "information": 2}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the findings that were chosen, how many those are, and how many there are by each choice."""

    findings: tuple[Finding, ...]
    _: KW_ONLY
    chosen: int


class FindingList:
    """The findings of a store, those of graver severity first, in the order of the store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run: Mapping[str, Any] = {}
        self.rules: dict[str, Mapping[str, Any]] = {}
        self.verdicts: list[Verdict] = []
        self.unlisted: list[Mapping[str, Any]] = []
        self.gone: list[Mapping[str, Any]] = []
        columns: dict[str, list[Any]] = {name: [] for name in ("at", "fingerprint", *CHOICES)}
        with path.open("rb") as file:
            at = file.tell()
            while line := file.readline():
                self._take(json.loads(line), at, columns)
                at = file.tell()
        self.index = pl.DataFrame(columns, schema=schema()).sort(
            pl.col("severity").replace_strict(ORDER), "at", maintain_order=True
        )

    def _take(self, record: dict[str, Any], at: int, columns: dict[str, list[Any]]) -> None:
        """Note what one line of the store says."""
        kind = record.pop(RECORD)
        if kind == "finding":
            noted = {**record, "at": at, "level": str(record["level"]), "justified": _yes(record["justification"])}
            for name, values in columns.items():
                values.append(noted[name] or "")
        elif kind == "rule":
            self.rules[record["id"]] = record
        elif kind == "verdict":
            self.verdicts.append(Verdict(**record))
        elif kind == "run":
            self.run = record
        elif kind in ("unlisted", "gone"):
            getattr(self, kind).append(record)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """How many findings are listed by all choices together."""
        return self.index.group_by(CHOICES, maintain_order=True).len()

    def page(self, chosen: Mapping[str, str], *, first: int, most: int) -> Page:
        """The findings that fit, from a position on; `chosen` has a value for some of `CHOICES`."""
        fitting = self.index.filter(pl.col(name) == value for name, value in chosen.items()) if chosen else self.index
        with self.path.open("rb") as file:
            findings = tuple(self._finding(file, at) for at in fitting["at"][first : first + most].to_list())
        return Page(findings, chosen=fitting.height)

    def _finding(self, file: Any, at: int) -> Finding:
        """The finding whose record begins here."""
        file.seek(at)
        record = json.loads(file.readline())
        rule = self.rules.get(record["rule"], {})
        return finding_from({**{name: rule[name] for name in ("message", "hint") if name in rule}, **record})


def schema() -> dict[str, Any]:
    """The columns of the index."""
    return {"at": pl.Int64, "fingerprint": pl.String, **dict.fromkeys(CHOICES, pl.String)}


def _yes(value: object) -> str:
    return "yes" if value else "no"


def store_of(out: Path) -> Path:
    """Where the findings of a workspace stand, given its folder of results."""
    return out / "findings" / NAME
