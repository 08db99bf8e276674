"""Verified facts name their passage, and rest only on verified ones."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from declared import DRAFT, write
from each import each
from folders import ROOT

from sdmxmig.catalogue import load
from sdmxmig.primitives.errors import DeclarationError

LISTS = sorted((ROOT / "codelists" / "SDMXMIG").glob("*.csv")) + [
    path
    for path in sorted((ROOT / "structures").rglob("*.csv"))
    if path.name not in ("rule_examples.csv", "passages.csv")
]
DECLARATIONS = sorted((ROOT / "structures").rglob("*.toml"))
LIST, TREE = f"codelists/SDMXMIG/CL_TRY.{DRAFT}.csv", f"codelists/SDMXMIG/H_TRY.{DRAFT}.csv"
VALUES, FLOW = f"structures/maps/SDMXMIG/RM_TRY.{DRAFT}.csv", "structures/dataflows/DF_TRY.toml"


@each("path", LISTS, ids=lambda path: path.name)
def test_own_verified_row_must_name_its_passage(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            parts = [column for column in row if column.startswith("@") and column.endswith("_STATUS")]
            if "verified" in (row["status"], *(row[column] for column in parts)):
                assert row.get("@PASSAGE"), f"{path.name}:{number}"
                assert row["@PASSAGE"].strip() != row.get("source", ""), f"{path.name}:{number}"


def tables(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A table of a declaration and all nested ones."""
    yield value
    for part in value.values():
        for inner in part if isinstance(part, list) else [part]:
            if isinstance(inner, dict):
                yield from tables(inner)


@each("path", DECLARATIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_own_verified_declaration_must_name_its_passage(path: Path) -> None:
    whole = tomllib.loads(path.read_text(encoding="utf-8"))
    if whole.get("agency", "SDMXMIG") != "SDMXMIG":
        return
    for table in tables(whole):
        if "verified" in (value for key, value in table.items() if key.endswith("status")):
            assert table.get("passage"), path.name
    noted = whole.get("note", [])
    notes = {note["type"]: note.get("title") for note in noted} if isinstance(noted, list) else {}
    if "verified" in (value for kind, value in notes.items() if kind.endswith("_STATUS")):
        assert whole.get("passage"), path.name


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "where"),
    [
        (LIST, "page 1: total", "", "names no passage", ":3 › status"),
        (LIST, "page 1: total", " ", "names no passage", ":3 › status"),
        (TREE, "page 2: a group of all", "", "names no passage", ":4 › status"),
        (VALUES, "page 3: foreigners", "", "names no passage", ":3 › status"),
        (FLOW, 'status = "candidate"', 'status = "verified"', "names no passage", "status"),
        (
            LIST,
            "verified,here,page 2: born abroad",
            "candidate,here,",
            "“FB” is marked as verified but depends on “FB”",
            "",
        ),
    ],
)
def test_workspace_rows_need_passages(file: str, old: str, new: str, message: str, where: str, tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message) as refused:
        load(tmp_path)
    assert str(refused.value.place).endswith(where)


def rests(tmp_path: Path, foundation: str) -> None:
    """Lists of a workspace of which a verified code rests on another one."""
    write(tmp_path)
    path = tmp_path / LIST
    head, *rows = path.read_text(encoding="utf-8").strip().splitlines()
    lines = [f"{row},{foundation if row.startswith('_T,') else ''}" for row in rows]
    path.write_text("\n".join([f"{head},@RESTS_ON", *lines]), encoding="utf-8")


def test_verified_code_can_rest_on_another_verified_code(tmp_path: Path) -> None:
    rests(tmp_path, "CL_TRY.FB")
    assert load(tmp_path).item_scheme("CL_TRY")["_T"].note("RESTS_ON") == "CL_TRY.FB"


def test_verified_code_cannot_rest_on_a_candidate(tmp_path: Path) -> None:
    rests(tmp_path, "CL_TRY.FB CL_TRY.NB")
    with pytest.raises(DeclarationError, match="“_T” is marked as verified but depends on “NB”, which is candidate"):
        load(tmp_path)


def test_code_cannot_rest_on_a_missing_code(tmp_path: Path) -> None:
    rests(tmp_path, "CL_TRY.FX")
    with pytest.raises(DeclarationError, match=r"“_T” depends on “CL_TRY\.FX”, which does not exist"):
        load(tmp_path)
