"""Commands that run again and again find nothing that somebody else has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.cli import run


@pytest.mark.sampled(3)
def test_converting_and_validating_in_turn_keeps_nothing_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "ge")
    assert run(["init", folder]) == 0
    for _ in range(3):
        assert run(["convert", folder]) == 0
        assert run(["validate", folder]) == 0
    said = capsys.readouterr()
    assert "was changed since" not in said.err + said.out
    assert not [path.name for path in (tmp_path / "ge" / "out").iterdir() if "changed" in path.name]
