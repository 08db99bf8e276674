"""Every case of security that the notes on validation name has a test of this project, by its name."""

from __future__ import annotations

import ast
import csv
from functools import cache

import pytest
from folders import ROOT, TESTS

LINES = (TESTS / "security_cases.csv").read_text(encoding="utf-8").splitlines()[1:]
CASES = list(csv.DictReader(LINES, strict=True))
PARTS = {
    *("xml", "json", "spreadsheets", "archives", "paths", "outputs", "templates", "network", "secrets", "programs"),
    "server",
}


@cache
def names_in(name: str) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['part']}: {case['case']}")
def test_a_case_has_its_test(case: dict[str, str]) -> None:
    file, _, name = case["test"].partition("::")
    assert name.startswith("test_")
    assert name in names_in(file)


def test_every_part_has_cases_and_cases_are_unique() -> None:
    assert {case["part"] for case in CASES} == PARTS
    assert len({(case["part"], case["case"]) for case in CASES}) == len(CASES)
