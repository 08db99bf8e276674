"""``sdmxmig map`` in a workspace: definitions that its other mappings state are proposed, and still asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import text_from

from sdmxmig.cli import run

FLOWS = "Immigrants by sex; persons\nYear,Men,Women\n2021,42000,32000\n2022,45000,34000\n"
MAPPING = text_from("conversion/cases/map_like_other_tables_mapping.toml")


def line_on_rule(tmp_path: Path, output: pytest.CaptureFixture[str], *rules: str) -> str:
    (tmp_path / "codelists").mkdir()
    (tmp_path / "mappings").mkdir()
    for at, rule in enumerate(rules):
        (tmp_path / "mappings" / f"m{at}.toml").write_text(MAPPING.format(name=f"M{at}", rule=rule))
    (tmp_path / "immigrants.csv").write_text(FLOWS)
    command = ["map", str(tmp_path / "immigrants.csv"), "DF_IMM", "--area", "GE", "--workspace", str(tmp_path)]
    run(command)
    lines = "".join(output.readouterr()).splitlines()
    return next(line for line in lines if "residence rule" in line[:60])


@pytest.mark.parametrize("rules", [("R12",), ("R12", "R12"), ("R12", "_U")])
def test_residence_rule_of_the_other_tables_is_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rules: tuple[str, ...]
) -> None:
    asked = line_on_rule(tmp_path, capsys, *rules)
    assert "Proposed: At least 12 months (R12)" in asked
    assert "m0.toml" in asked


@pytest.mark.parametrize("rules", [(), ("_U",), ("R12", "R6")])
def test_missing_or_contradictory_rules_are_not_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rules: tuple[str, ...]
) -> None:
    assert "Proposed: Not stated (_U)" in line_on_rule(tmp_path, capsys, *rules)
