"""Cases of large tables: all of them run within some days, and those that may be new run today."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from sampling import Changes, changed_tests, changes_since_main, compact, skipped_cases, statements, summary

TODAY = date(2026, 11, 25)
MODULE = "tests/quality/rules/test_rules.py"
CASES = {f"{MODULE}::test_rule[MIG-1-{number:03}-bad]": 3 for number in range(60)}


def test_each_case_runs_once_within_its_days() -> None:
    runs = [CASES.keys() - skipped_cases(CASES, TODAY + timedelta(days=day), Changes("abc")) for day in range(3)]
    assert sorted(case for run in runs for case in run) == sorted(CASES)
    assert min(map(len, runs)) > 10


def test_tests_without_cases_run_on_the_day_of_their_module() -> None:
    tests = {f"tests/web/test_{name}.py::test_{number}": 3 for name in "abcdef" for number in range(5)}
    skipped = [skipped_cases(tests, TODAY + timedelta(days=day), Changes("abc")) for day in range(3)]
    assert all(sum(test in one for one in skipped) == 2 for test in tests)
    assert {len([test for test in tests if test not in one]) % 5 for one in skipped} == {0}


@pytest.mark.parametrize(
    "changes", [Changes("abc", changed=["tests/web/test_a.py::test_b"]), Changes("abc", folders=["tests/web/"])]
)
def test_changed_tests_without_cases_and_those_of_changed_packages_run(changes: Changes) -> None:
    assert skipped_cases({"tests/web/test_a.py::test_b": 12}, TODAY, changes) == set()


@pytest.mark.parametrize(
    ("changes", "cases"),
    [
        (Changes("abc", new=[f"{MODULE}::test_rule"]), list(CASES)),
        (Changes("abc", names={"": ["MIG-1-007"]}), [f"{MODULE}::test_rule[MIG-1-007-bad]"]),
        (Changes("abc", names={MODULE: ["MIG-1-007"]}), [f"{MODULE}::test_rule[MIG-1-007-bad]"]),
    ],
)
def test_cases_that_may_be_new_run_every_day(changes: Changes, cases: list[str]) -> None:
    skipped = [skipped_cases(CASES, TODAY + timedelta(days=day), changes) for day in range(3)]
    assert not [case for case in cases if any(case in one for one in skipped)]


def test_cases_of_a_changed_test_run_within_a_quarter_of_the_days_and_names_of_many_select_none() -> None:
    cases = dict.fromkeys(CASES, 32)
    changes = Changes("abc", changed=[f"{MODULE}::test_rule"], names={"": ["test_rule", "-bad"]})
    runs = [cases.keys() - skipped_cases(cases, TODAY + timedelta(days=day), changes) for day in range(8)]
    assert sorted(case for run in runs for case in run) == sorted(cases)


def test_summary_counts_skipped_cases_by_module() -> None:
    assert summary(["tests/a.py::f[1]", "tests/a.py::g[1]", "tests/b.py::f[2]"], 7) == [
        "3 of 10 cases did not run today; --every-case runs them all.",
        "tests/a.py: 2",
        "tests/b.py: 1",
    ]


MODULE_BEFORE = """import os

CASES = [1]


def first():
    sort()
    return CASES


def test_a(one):
    first()


def test_b():
    pass
"""


@pytest.mark.parametrize(
    ("old", "new", "tests"),
    [
        ("import os", "import sys", set()),
        ("[1]", "[\n    1,\n]", set()),
        ("[1]", "[1, 2]", {"test_a"}),
        ("return CASES", "return CASES[:1]", {"test_a"}),
        ("    return CASES\n", "", {"test_a"}),
        ("    pass", "    first()", {"test_b"}),
        ("def test_b", "@mark\ndef test_b", {"test_b"}),
        ("CASES = ", "pytestmark = CASES = ", {"test_a", "test_b"}),
        ("def test_b", "def test_c", set()),
        ("def test_b():\n    pass", "def test_c():\n    raise", {"test_c"}),
    ],
)
def test_changed_tests_are_those_that_use_what_was_changed(old: str, new: str, tests: set[str]) -> None:
    assert old in MODULE_BEFORE
    known = {compact(text) for _, text in statements(MODULE_BEFORE)}
    assert changed_tests(known, MODULE_BEFORE.replace(old, new)) == tests


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one commit of last week."""
    for name, text in {
        "tests/test_a.py": MODULE_BEFORE,
        "tests/rules/MIG-1-001/bad.csv": "1\n",
        "structures/rules.toml": 'id = "MIG-1-001"\n',
    }.items():
        write(tmp_path / name, text)
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "2026-11-18T12:00:00")
    return tmp_path


def git(folder: Path, *words: str, day: str = "2026-11-25T12:00:00") -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    times = {"GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day}
    subprocess.run(["git", *who, *words], cwd=folder, env=times, check=True, capture_output=True)


def commit(folder: Path, day: str) -> None:
    git(folder, "add", "-A", day=day)
    git(folder, "commit", "-q", "-m", "x", day=day)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("is_committed", [True, False])
def test_changed_modules_and_named_cases_are_found(project: Path, *, is_committed: bool) -> None:
    write(project / "tests/test_a.py", MODULE_BEFORE.replace("[1]", "[1, 2]"))
    write(project / "tests/test_new.py", "def test_c():\n    raise\n")
    write(project / "tests/quality/rules/MIG-1-901/expected.csv", "2\n")
    write(project / "sdmxmig/web/pages.py", "")
    write(project / "docs/index.md", "# Manual\n")
    write(project / "structures/rules.toml", 'id = "MIG-1-002"\n')
    if is_committed:
        commit(project, "2026-11-25T12:00:00")
    changes = changes_since_main(project)
    assert changes.changed == {"tests/test_a.py::test_a", "tests/test_new.py::test_c"}
    assert changes.folders == {"tests/web/"}
    named = {module: texts for module, texts in changes.names.items() if texts}
    assert named == {"": {"MIG-1-901", "MIG-1-001", "MIG-1-002", "docs/index.md"}}, (
        "words such as quality and expected are no cases"
    )


def test_new_row_runs_the_test_that_names_its_table(project: Path) -> None:
    one, other = (f'@cases_from("sdmx/cases/{name}.csv")\ndef test_{name}(a):\n    pass\n' for name in ("one", "other"))
    write(project / "tests/sdmx/test_b.py", one + other)
    write(project / "tests/sdmx/cases/one.csv", "a\n1\n")
    commit(project, "2026-11-19T12:00:00")
    write(project / "tests/sdmx/cases/one.csv", "a\n1\n2\n")
    commit(project, "2026-11-25T12:00:00")
    assert changes_since_main(project).changed == {"tests/sdmx/test_b.py::test_one"}


def test_only_new_rows_run_where_their_texts_name_them(project: Path) -> None:
    write(project / "tests/sdmx/test_b.py", '@cases_from("sdmx/cases/one.csv")\ndef test_one(title, flow):\n    pass\n')
    write(project / "tests/sdmx/cases/one.csv", "title,flow\nImmigrants,DF_IMM\n")
    commit(project, "2026-11-19T12:00:00")
    write(project / "tests/sdmx/cases/one.csv", "title,flow\nImmigrants,DF_IMM\nÉmigrants,DF_EMI\n")
    commit(project, "2026-11-25T12:00:00")
    changes = changes_since_main(project)
    assert not changes.changed
    assert changes.days("tests/sdmx/test_b.py::test_one[\\xc9migrants-DF_EMI]", 9) == 1
    assert changes.days("tests/sdmx/test_b.py::test_one[Immigrants-DF_IMM]", 9) == 9
    assert changes.days("tests/sdmx/test_c.py::test_two[\\xc9migrants-DF_EMI]", 9) == 9, "it has a table of its own"


def test_a_new_row_of_a_changed_test_runs(project: Path) -> None:
    rows = '@pytest.mark.parametrize("a", ["Immigrants"])\ndef test_one(a):\n    pass\n'
    write(project / "tests/sdmx/test_b.py", rows)
    commit(project, "2026-11-19T12:00:00")
    write(project / "tests/sdmx/test_b.py", rows.replace("]", ', "Émigrants"]'))
    commit(project, "2026-11-25T12:00:00")
    changes = changes_since_main(project)
    assert changes.days("tests/sdmx/test_b.py::test_one[\\xc9migrants]", 9) == 1
    assert changes.days("tests/sdmx/test_b.py::test_one[Immigrants]", 9) == 4
    assert changes.days("tests/sdmx/test_c.py::test_two[\\xc9migrants]", 9) == 9, "it has rows of its own"


def test_moved_modules_and_changed_imports_are_not_new(project: Path) -> None:
    (project / "tests/sdmx").mkdir()
    (project / "tests/test_a.py").rename(project / "tests/sdmx/test_a.py")
    (project / "tests/sdmx/test_a.py").write_text(MODULE_BEFORE.replace("os", "sys"), encoding="utf-8")
    commit(project, "2026-11-25T12:00:00")
    assert not changes_since_main(project).changed


def test_new_test_runs_every_case_on_its_branch_and_twice_as_many_as_others_on_main(project: Path) -> None:
    write(project / "tests/test_b.py", "def test_d():\n    pass\n")
    commit(project, "2026-11-25T12:00:00")
    assert changes_since_main(project).days("tests/test_b.py::test_d[1]", 16) == 8
    git(project, "checkout", "-q", "-b", "work")
    write(project / "tests/test_a.py", MODULE_BEFORE.replace("[1]", "[2]"))
    write(project / "tests/test_c.py", "def test_e():\n    raise\n")
    commit(project, "2026-11-25T13:00:00")
    on_branch = changes_since_main(project)
    assert [on_branch.days(f"tests/{test}[1]", 16) for test in ("test_a.py::test_a", "test_c.py::test_e")] == [4, 1]
    assert on_branch.days("tests/test_b.py::test_d[1]", 16) == 16


def test_every_case_runs_without_git(tmp_path: Path) -> None:
    assert skipped_cases(CASES, TODAY, changes_since_main(tmp_path)) == set()
