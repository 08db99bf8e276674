"""Cases of large tables: all of them run within some days, and those that may be new run today."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from sampling import Changes, changes_since_main, skipped_cases

TODAY = date(2026, 11, 25)
MODULE = "tests/quality/rules/test_rules.py"
CASES = {f"{MODULE}::test_rule[MIG-1-{number:03}-bad]": 32 for number in range(60)}
TESTS = {f"tests/web/test_{name}.py::test_{number}": 3 for name in "abcdef" for number in range(5)}


def runs(tests: dict[str, int], changes: Changes, days: int) -> list[set[str]]:
    """The tests that run on each of some days."""
    return [set(tests) - skipped_cases(tests, TODAY + timedelta(days=day), changes) for day in range(days)]


@pytest.mark.parametrize(
    ("changes", "days"), [(Changes("abc"), 32), (Changes("abc", [MODULE]), 8), (Changes("abc", texts=["-bad"]), 32)]
)
def test_cases_run_once_within_their_days(changes: Changes, days: int) -> None:
    assert sorted(case for run in runs(CASES, changes, days) for case in run) == sorted(CASES)


@pytest.mark.parametrize(
    ("changes", "cases"),
    [
        (Changes("abc", tests=["test_rule"]), set(CASES)),
        (Changes("abc", texts=["MIG-1-007", "MIG"]), {f"{MODULE}::test_rule[MIG-1-007-bad]"}),
        (Changes(), set(CASES)),
    ],
)
def test_cases_that_may_be_new_run_every_day(changes: Changes, cases: set[str]) -> None:
    assert all(cases <= run for run in runs(CASES, changes, 3))


def test_tests_without_cases_run_on_the_day_of_their_module() -> None:
    days = runs(TESTS, Changes("abc"), 3)
    assert sorted(test for run in days for test in run) == sorted(TESTS)
    assert {len(run) % 5 for run in days} == {0}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one commit."""
    write(tmp_path / "tests/test_a.py", 'CASES = ["first one"]\n\n\ndef test_a(one):\n    pass\n')
    write(
        tmp_path / "tests/sdmx/test_b.py", '@cases_from("sdmx/cases/one.csv")\ndef test_one(title, flow):\n    pass\n'
    )
    write(tmp_path / "tests/sdmx/cases/one.csv", "title,flow\nImmigrants,DF_IMM\n")
    write(tmp_path / "structures/rules.toml", 'id = "MIG-1-001"\n')
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("is_committed", [True, False])
def test_changed_modules_packages_and_named_cases_are_found(project: Path, *, is_committed: bool) -> None:
    text = (project / "tests/test_a.py").read_text(encoding="utf-8")
    write(project / "tests/test_a.py", text.replace('"]', '", "other one"]'))
    write(project / "tests/sdmx/test_new.py", "def test_c(one):\n    raise\n")
    write(project / "tests/quality/rules/MIG-1-901/expected.csv", "2\n")
    write(project / "tests/conversion/workbooks/cross-table.md", "text")
    write(project / "structures/rules.toml", 'id = "MIG-1-002"\n')
    write(project / "sdmxmig/web/pages.py", "")
    write(project / "docs/index.md", "# Manual\n")
    if is_committed:
        commit(project)
    changes = changes_since_main(project)
    assert changes.modules == ["tests/sdmx/test_new.py", "tests/test_a.py"]
    assert changes.folders == ["tests/web/"]
    assert changes.tests == ["test_c"]
    ids = {"MIG-1-901", "MIG-1-001", "MIG-1-002"}
    assert {*changes.texts} == {*ids, "first one", "other one", "cross-table", "docs/index.md"}


def test_new_rows_of_a_table_run(project: Path) -> None:
    write(project / "tests/sdmx/cases/one.csv", "title,flow\nImmigrants,DF_IMM\nÉmigrants,DF_IMM\n")
    changes = changes_since_main(project)
    assert changes.days("tests/sdmx/test_b.py::test_one[\\xc9migrants-DF_IMM]", 9) == 1
    assert changes.days("tests/sdmx/test_b.py::test_one[Immigrants-DF_IMM]", 9) == 9


def test_branches_compare_with_main_and_main_with_its_parent(project: Path) -> None:
    write(project / "tests/test_c.py", "def test_d():\n    pass\n")
    commit(project)
    assert changes_since_main(project).tests == ["test_d"]
    git(project, "checkout", "-q", "-b", "work")
    for name in ("e", "f"):
        write(project / f"tests/test_{name}.py", f"def test_{name}():\n    raise\n")
        commit(project)
    assert changes_since_main(project).tests == ["test_e", "test_f"]


def test_every_case_runs_without_git(tmp_path: Path) -> None:
    assert skipped_cases(CASES, TODAY, changes_since_main(tmp_path)) == set()
