"""What goes out, byte for byte: a change shows here as a difference that a reviewer reads.

Written anew by ``pytest tests/quality/test_golden.py --update-golden``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import ROOT, TESTS
from stored_findings import document

from sdmxmig.cli import run

GOLDEN = TESTS / "golden"
FINDINGS = "georgia-faults/findings.json"
NOW = "2026-01-31T12:00:00+00:00"
MESSAGES = ["DF_ACCOUNT.csv", "DF_ACCOUNT.sdmx-ml-2.1.xml", "DF_ACCOUNT.sdmx-ml-3.0.xml"]


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("golden") / "sweden"
    assert run(["convert", str(ROOT / "examples" / "sweden"), "--output", str(out), "--now", NOW]) == 0
    return out


@pytest.mark.parametrize("name", MESSAGES)
def test_data_messages(name: str, sweden: Path, golden: Callable[[str, bytes], None]) -> None:
    golden(f"sweden/{name}", (sweden / "data" / name).read_bytes())


def test_findings(tmp_path: Path, golden: Callable[[str, bytes], None], request: pytest.FixtureRequest) -> None:
    arguments = [str(ROOT / "examples" / "georgia-faults"), "--output", str(tmp_path), "--now", NOW]
    assert run(["convert", *arguments]) == 1  # planted: a value that is no number
    assert run(["validate", *arguments]) == 1
    store = document(tmp_path / "findings" / "findings.jsonl")
    content = (json.dumps(store, indent=1, ensure_ascii=False) + "\n").encode()
    golden(FINDINGS, content if request.config.getoption("--update-golden") else known(content))


def known(content: bytes) -> bytes:
    """The findings without the rules that are newer than the golden file, of which none may have found anything.

    So a new rule is added without touching what it has nothing to do with; one that finds something in these workbooks
    is named, and its findings are looked at before they are written down.
    """
    written, golden = json.loads(content), json.loads((GOLDEN / FINDINGS).read_bytes())
    new = set(written["rules"]) - set(golden["rules"])
    found = sorted({finding["rule"] for finding in written["findings"]} & new)
    assert not found, f"{found} are new and find something here: look at it, then: pytest --update-golden"
    written["rules"] = {name: rule for name, rule in written["rules"].items() if name not in new}
    written["verdicts"] = [verdict for verdict in written["verdicts"] if verdict["rule"] not in new]
    return (json.dumps(written, indent=1, ensure_ascii=False) + "\n").encode()
