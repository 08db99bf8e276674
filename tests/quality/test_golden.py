"""Messages of an example, and the cell, rule and figures of each finding in the example with planted faults.

``pytest tests/quality/test_golden.py --update-golden`` writes them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import ROOT
from stored_findings import listed

from sdmxmig.cli import run

NOW = "2026-01-31T12:00:00+00:00"
MESSAGES = ["DF_ACCOUNT.csv", "DF_ACCOUNT.sdmx-ml-2.1.xml", "DF_ACCOUNT.sdmx-ml-3.0.xml"]


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("golden") / "sweden"
    assert run(["convert", str(ROOT / "examples" / "sweden"), "--output", str(out), "--now", NOW]) == 0
    return out


@pytest.mark.parametrize("name", MESSAGES)
def test_data_messages_equal_golden_files(name: str, sweden: Path, golden: Callable[[str, bytes], None]) -> None:
    golden(f"sweden/{name}", (sweden / "data" / name).read_bytes())


@pytest.mark.every_day
def test_findings_of_planted_faults_equal_golden_file(tmp_path: Path, golden: Callable[[str, bytes], None]) -> None:
    arguments = [str(ROOT / "examples" / "georgia-faults"), "--output", str(tmp_path), "--now", NOW]
    assert run(["convert", *arguments]) == 1  # planted: a value that is no number
    assert run(["validate", *arguments]) == 1
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(("rule", "severity", "file", "sheet", "cell", "observed", "expected"))
    for finding in listed(tmp_path / "findings" / "findings.jsonl"):
        place = finding["place"] or {}
        where = [place.get(name, "") for name in ("file", "sheet", "cell")]
        writer.writerow((finding["rule"], finding["severity"], *where, finding["observed"], finding["expected"]))
    golden("georgia-faults/findings.csv", rows.getvalue().encode())
