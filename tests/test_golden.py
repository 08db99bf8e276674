"""What goes out, byte for byte: a change shows here as a difference that a reviewer reads.

Written anew by ``pytest tests/test_golden.py --update-golden``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sdmxmig.cli import run

ROOT = Path(__file__).parents[1]
NOW = "2026-01-31T12:00:00+00:00"
JUDGED = re.compile(rb' "judged": \{.*?\n \},\n', re.DOTALL)
"""The hashes of what the findings are about, which change with every declaration and every version of Parquet."""
MESSAGES = ["DF_ACCOUNT.csv", "DF_ACCOUNT.sdmx-ml-2.1.xml", "DF_ACCOUNT.sdmx-ml-3.0.xml"]


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("golden") / "sweden"
    assert run(["convert", str(ROOT / "examples" / "sweden"), "--output", str(out), "--now", NOW]) == 0
    return out


@pytest.mark.parametrize("name", MESSAGES)
def test_data_messages(name: str, sweden: Path, golden: Callable[[str, bytes], None]) -> None:
    golden(f"sweden/{name}", (sweden / "data" / name).read_bytes())


def test_findings(tmp_path: Path, golden: Callable[[str, bytes], None]) -> None:
    arguments = [str(ROOT / "examples" / "georgia-faults"), "--output", str(tmp_path), "--now", NOW]
    assert run(["convert", *arguments]) == 1  # planted: a value that is no number
    assert run(["validate", *arguments]) == 1
    content = (tmp_path / "findings" / "findings.json").read_bytes()
    golden("georgia-faults/findings.json", JUDGED.sub(b"", content))
