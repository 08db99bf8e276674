"""Unreasonable parameters are refused; results are written whole or not at all among other files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.io.publishing.folders import publish_among
from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.records.coverage_rules import check_base
from sdmxmig.records.simulation.files import write
from sdmxmig.records.simulation.true_tables import World
from sdmxmig.workspace.tasks import simulating
from sdmxmig.workspace.tasks.coverage_estimation import estimate_coverage
from sdmxmig.workspace.tasks.coverage_request import CoverageRequest
from sdmxmig.workspace.tasks.deriving import derive
from sdmxmig.workspace.tasks.further_figures import DeriveRequest
from sdmxmig.workspace.tasks.simulating import simulate

CROSSINGS = "person,date,direction\nA,2020-01-01,ENTRY\nB,2020-03-01,ENTRY\n"


def request(folder: Path, content: str = CROSSINGS) -> DeriveRequest:
    (folder / "crossings.csv").write_text(content, encoding="utf-8")
    return DeriveRequest(
        "MD",
        "R12_16",
        files={"movements": folder / "crossings.csv"},
        first=date(2018, 1, 1),
        last=date(2023, 12, 31),
        years=(2020,),
    )


def test_file_without_crossings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match=r"crossings\.csv: There are no movements"):
        derive(request(tmp_path, CROSSINGS[:22]), CATALOGUE)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source_type": "XYZ"}, "“XYZ” is not a code of CL_SRC_TYPE"),
        ({"memory": "0"}, "0 of memory is not enough"),
        ({"memory": "lots"}, "not an amount of memory"),
        ({"last": date(2017, 1, 1)}, "before it begins"),
        ({"years": (-5,)}, "do not cover the whole of -5"),
    ],
)
def test_unreasonable_parameters_are_refused(changes: dict[str, object], says: str, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match=says):
        derive(replace(request(tmp_path), **changes), CATALOGUE)


@pytest.mark.parametrize(
    ("year", "bounds", "says"),
    [
        ("1922", {"first": None}, r"crossings\.csv:{line}: There are no movements between 1922 and "),
        ("2202", {"last": None}, r"crossings\.csv:{line}: There are no movements between \d+ and 2202"),
        ("2202", {"first": None, "last": None}, r"crossings\.csv:{line}: There are no movements between"),
    ],
)
def test_mistyped_year_is_refused(year: str, bounds: dict[str, None], says: str, tmp_path: Path) -> None:
    content = f"{CROSSINGS}X,{year}-05-01,ENTRY\n"
    with pytest.raises(SdmxmigError, match=says.format(line=content.count("\n"))):
        derive(replace(request(tmp_path, content), **bounds), CATALOGUE)


def test_unreasonable_coverage_options_are_refused(tmp_path: Path) -> None:
    asked = CoverageRequest("MD", date(2024, 1, 1), lists={"register": tmp_path / "register.csv"}, rule="R12")
    with pytest.raises(SdmxmigError, match="“XYZ” is not a code of CL_SRC_TYPE"):
        estimate_coverage(replace(asked, source_type="XYZ"), CATALOGUE)
    with pytest.raises(SdmxmigError, match="Counts rounded to 1,000,000 are not informative"):
        check_base(1_000_000)


def test_foreign_files_in_the_output_folder_are_kept(tmp_path: Path) -> None:
    """An earlier result is removed as a whole; that of another command is kept; an office's file is replaced."""
    (tmp_path / "DF_IMM.csv").write_text("of an office")
    sentences: list[str] = []
    files = {"DF_IMM.csv": b"1", "findings.csv": b"2"}
    paths = publish_among(tmp_path, "derive", files, sentences.append)
    assert paths == [tmp_path / "DF_IMM.csv", tmp_path / "findings.csv"]
    assert "kept as DF_IMM.changed-1.csv" in sentences[0]
    sentences.clear()
    publish_among(tmp_path, "coverage", {"DF_POP.csv": b"3"}, sentences.append)
    publish_among(tmp_path, "derive", {"DF_IMM.csv": b"4"}, sentences.append)
    assert sentences == []
    there = {path.name: path.read_text() for path in tmp_path.iterdir() if path.name != "made.json"}
    assert there == {"DF_IMM.csv": "4", "DF_IMM.changed-1.csv": "of an office", "DF_POP.csv": "3"}
    publish_among(tmp_path, "derive", {"DF_POP.csv": b"5"}, sentences.append)
    publish_among(tmp_path, "coverage", {"coverage.csv": b"6"}, sentences.append)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"DF_IMM.changed-1.csv", "DF_POP.csv", "coverage.csv", "made.json"}, (
        "a file is of who wrote it last"
    )
    with pytest.raises(OutputError, match="a file, not a folder"):
        publish_among(tmp_path / "DF_POP.csv", "derive", {"a.csv": b""}, sentences.append)


SMALL = World(100, 1, first_year=2019, last_year=2019)


def test_simulation_replaces_only_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A country")
    with pytest.raises(OutputError, match="did not write"):
        simulate(SMALL, tmp_path)
    assert (tmp_path / "README.md").read_text() == "# A country"


def test_interrupted_simulation_keeps_earlier_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the fourth file: the new simulation is removed, and the earlier one kept."""
    simulate(SMALL, tmp_path)
    earlier = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    written: list[str] = []

    def write_three(table: pl.DataFrame, path: str, file: BinaryIO) -> None:
        if len(written) == 3:
            raise pl.exceptions.ComputeError("No space left on device")
        written.append(path)
        write(table, path, file)

    with monkeypatch.context() as patched:
        patched.setattr(simulating, "write", write_three)
        with pytest.raises(OutputError, match="Writing failed: the disk may have no room left"):
            simulate(replace(SMALL, seed=2), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == earlier
    (tmp_path / "sources" / "simulated_of_another_version.parquet").write_bytes(b"")
    simulate(replace(SMALL, seed=2), tmp_path)
    now = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert now.keys() == earlier.keys(), "what it does not write any more goes away"
    assert now != earlier
