"""What is made wrong in a program of ours, and a sample of it that the tests notice; `make long` tries more."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks import mutants
from benchmarks.mutations import mutated, mutations

PLACES = {
    "x < 1": {"x <= 1", "x >= 1"},
    "x >= y": {"x > y", "x < y"},
    "x == y": {"x != y"},
    "x not in y": {"x in y"},
    "x is None": {"x is not None"},
    "x and y": {"x or y"},
    "not x": {"x"},
    "x + y": {"x - y"},
    "x // y": {"x / y"},
    "x & y": {"x | y"},
    "y = 0": {"y = 1", "y = -1"},
    "f(7)": {"f(8)", "f(6)"},
}
STATEMENTS = {
    "def f(x) -> list[str]:\n    return x": {"return []"},
    "def f(x) -> int | None:\n    return x": {"return None"},
    "def f(x) -> bool:\n    return x": {"return not x"},
    "def f(x):\n    x.append(x)": {"pass"},
    "def f(x):\n    yield x": {"yield from ()"},
    "def f(x):\n    raise ValueError(f'{x + 1} is more than 7')": {"pass"},
    "def f(x):\n    while x:\n        break": {"pass"},
    "if x:\n    f()": {"True", "False", "pass"},
    "y = [x for x in z if x]": {"True", "False"},
}
HARMLESS = (
    "'''A text of 7 words, and not more.'''",
    "x: dict[str, int | None]",
    "def f(x: A | B) -> A | B: ...",
    "@cache(7)\ndef f(): ...",
    "assert x + 1 > 7",
    "class A:\n    def __repr__(self):\n        return self.x + 1",
    "if TYPE_CHECKING:\n    f(7)",
    "Row = list | str",
    "def f():\n    return",
    "x = True",
)


@pytest.mark.parametrize("source", PLACES | STATEMENTS)
def test_a_wrong_place_is_made_of(source: str) -> None:
    instead = (PLACES | STATEMENTS)[source]
    places = mutations(source)
    assert instead <= {place.after for place in places}
    texts = [mutated(source, number) for number in range(len(places))]
    assert len({source, *texts}) == len(texts) + 1
    for text in texts:
        compile(text, "mutant", "exec")


@pytest.mark.parametrize("source", HARMLESS)
def test_what_only_says_something_is_left_alone(source: str) -> None:
    assert mutations(source) == []


def test_a_wrong_place_is_named_with_its_function() -> None:
    source = "class A:\n    def f(self):\n        def g():\n            return x > y\n        return g\n"
    assert {(place.function, place.line) for place in mutations(source)} == {("A.f", 4), ("A.f", 5)}


def test_every_mutant_that_changes_nothing_is_still_there_and_has_its_reason() -> None:
    with mutants.EQUIVALENT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["mutant"] for row in rows}) == len(rows)
    assert all(len(row["reason"].split()) >= 4 for row in rows)
    modules = {row["mutant"].split("::")[0] for row in rows}
    places = {case.id for module in modules for case in mutants.wrong_places(module)}
    assert {row["mutant"] for row in rows} <= places


@pytest.mark.sampled(3)
def test_tests_notice_a_program_that_is_wrong_and_only_that(tmp_path: Path) -> None:
    area = mutants.Area(modules=("statistics/demography/rates.py",), tests=("statistics/demography/test_rates.py",))
    campaign = mutants.Campaign(tmp_path / "copy", area, tmp_path / "reached")
    (case,) = campaign.cases(1)
    assert campaign.outcome(case) == "killed"
    same = (mutants.ROOT / "sdmxmig" / case.module).read_text(encoding="utf-8") + "\n# a word more\n"
    assert campaign.judged(case, same) == "survived"
