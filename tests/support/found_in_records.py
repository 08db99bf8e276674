"""What `sdmxmig derive` found doubtful in records, read from the list that it wrote."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from sdmxmig.sdmx.model.rule_ids import RuleId


def findings_in(out: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """How many rows are doubtful, and which, by table and kind; rows count from 1, those of texts behind the header."""
    path = out / "findings.csv"
    if not path.exists():
        return {}
    table = pl.read_csv(path, infer_schema=False).fill_null("")
    columns = ("Dataset", "Rule", "Observations", "Place", "Other cells")
    found = {}
    for name, rule, count, where, further in table.select(columns).rows():
        lines = re.findall(r":(\d+)", where + further)
        found[name, RuleId(rule).name] = count, " ".join(str(int(line) - 1) for line in lines)
    return found
