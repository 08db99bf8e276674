"""``sdmxmig assess``: its output, and its files for the next command."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import text_from
from click.testing import CliRunner, Result
from folders import write_files
from shipped import CATALOGUE
from small_country import dataset

from sdmxmig import read_profile, write
from sdmxmig.cli import cli
from sdmxmig.reporting.outputs.typed_json import read

COUNTRY = text_from("workspace/cases/assess_command_country.toml")
PROFILE = """
area = "GE"
year = "2024"
items.A01 = { answer = "N", evidence = "CONFIRMED" }
indicators.IMM_RATE.L01 = { answer = "1", evidence = "CONFIRMED" }
indicators.IMM_RATE.L06 = { answer = "F4", evidence = "CONFIRMED" }
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return write_files(tmp_path, {"country.toml": COUNTRY, "profile.toml": PROFILE})


def assess(workspace: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["assess", str(workspace), *options], catch_exceptions=False)


def test_profile_without_data_is_assessed(workspace: Path) -> None:
    completed = assess(workspace)
    assert completed.exit_code == 0
    counted = f"{len(CATALOGUE.items)} items, {len(CATALOGUE.indicators)} indicators, 2 gaps, 1 contradiction"
    assert counted in completed.output + completed.stderr
    assert "! IMM_RATE L06 = F4 does not agree with IMM_RATE L01 = 1" in completed.output + completed.stderr
    found = read((workspace / "out" / "assessment.json").read_bytes())
    (contradiction,) = found.contradictions
    assert (contradiction.kind, contradiction.subject, contradiction.item) == ("answers", "IMM_RATE", "L06")
    assert "indicators.IMM_RATE.L06" in str(contradiction.places[0])
    assert found.modules[0].score.value == 0


def test_data_messages_without_a_mapping_are_assessed(workspace: Path) -> None:
    (workspace / "tables").mkdir()
    immigration = dataset("DF_IMM", {"TIME_PERIOD": "2023", "OBS_VALUE": "10"}, UNIT_MEASURE="PS")
    write(immigration, workspace / "tables" / "immigration.csv", format="sdmx-csv-2.0")
    assert assess(workspace).exit_code == 0
    assert read((workspace / "out" / "assessment.json").read_bytes()).holdings


def test_answers_as_data_and_metadata_are_equal(workspace: Path) -> None:
    assert assess(workspace).exit_code == 0
    declared, data, metadata = (
        {item: answer.answer for item, answer in read_profile(workspace / name).profile.answers.items()}
        for name in ("profile.toml", "out/profile.csv", "out/profile-metadata.xml")
    )
    assert declared == data == metadata


def test_listing_claims_leaves_results_unchanged(workspace: Path) -> None:
    assert assess(workspace).exit_code == 0
    before = {path: path.read_bytes() for path in (workspace / "out").rglob("*") if path.is_file()}
    assert CliRunner().invoke(cli, ["profile", "claims", str(workspace)]).exit_code == 0
    assert {path: path.read_bytes() for path in (workspace / "out").rglob("*") if path.is_file()} == before
