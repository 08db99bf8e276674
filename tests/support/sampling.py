"""Which cases run today.

In large folders each case belongs to one of n days by its name, so that all of them run within n days. Cases that may
be new always run: those of a test that was changed, or uses in its module or a table of cases what was changed, and
those that are named in changed files of cases or declarations. ``--every-case`` runs them all.
"""

from __future__ import annotations

import ast
import csv
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zlib import crc32

DAY_IN_SECONDS = 86_400
CASE_FOLDERS = ("tests", "codelists", "structures", "templates", "examples")
IDS = re.compile(r"\b[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\b")
"""Ids of rules, codelists, dataflows and indicators, such as MIG-1-901 or DF_IMM."""
MIN_NAME_LENGTH = 6
"""Shorter names of files, such as bad.csv, occur in the names of other cases."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes since an earlier commit: tests, such as tests/test_a.py::test_b, and names of cases.

    `since` is empty if the changes are unknown; every case runs then.
    """

    since: str = ""
    tests: Collection[str] = ()
    names: Collection[str] = ()

    def concern(self, case: str) -> bool:
        """Whether a case, by its node id, may be new or changed."""
        test, _, name = case.partition("[")
        return "::".join(test.split("::")[:2]) in self.tests or any(one in name for one in self.names)


def runs_on(day: date, case: str, every: int) -> bool:
    """Whether a case is among those of a day, if one of `every` cases runs a day."""
    return crc32(case.encode()) % every == day.toordinal() % every


def skipped_cases(sampled: Mapping[str, int], day: date, changes: Changes) -> set[str]:
    """The cases that do not run on a day; `sampled` has the days within which each case runs once."""
    if not changes.since:
        return set()
    return {case for case, days in sampled.items() if not runs_on(day, case, days) and not changes.concern(case)}


def summary(skipped: Iterable[str], total: int) -> list[str]:
    """Lines that name the tests whose cases were skipped."""
    counts: dict[str, int] = {}
    for case in skipped:
        counts[case.partition("::")[0]] = counts.get(case.partition("::")[0], 0) + 1
    number = sum(counts.values())
    lines = [f"{module}: {count}" for module, count in sorted(counts.items())]
    return [f"{number:,} of {number + total:,} cases did not run today; --every-case runs them all.", *lines]


def changes_since_main(root: Path) -> Changes:
    """Differences from the main branch, or on it from the last commit that is a day older than the newest.

    Without git, or without such a commit, the changes are unknown.
    """
    base = base_commit(root)
    if not base:
        return Changes()
    tests, names = set[str](), set[str]()
    modules = {path: path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py")}
    for old, new in changed_files(root, base):
        if not new.startswith(CASE_FOLDERS):
            continue
        if new.endswith(".py"):
            before = git(root, "show", f"{base}:{old}") if old else ""
            tests |= {f"{new}::{test}" for test in changed_tests(before, (root / new).read_text(encoding="utf-8"))}
        elif new.startswith("tests"):
            names |= {part for part in Path(new).with_suffix("").parts[1:] if len(part) >= MIN_NAME_LENGTH}
            table = new.removeprefix("tests/")
            if any(f'cases_from("{table}"' in text for text in modules.values()):
                before = git(root, "show", f"{base}:{old}") if old else ""
                if marks := marks_of_new_rows(before, (root / new).read_text(encoding="utf-8")):
                    names |= marks
                    continue
            tests |= {f"{path.relative_to(root).as_posix()}::{test}" for path, test in tests_of_table(modules, table)}
    for line in git(root, "diff", "-U0", base, "--", *CASE_FOLDERS[1:]).splitlines():
        if line.startswith(("+", "-")):
            names |= set(IDS.findall(line))
    return Changes(base, tests, names)


def marks_of_new_rows(before: str, after: str) -> set[str]:
    """The longest text of each row that is new in a table, as names of cases have it; empty if one tells too little."""
    (old_head, *old), (head, *rows) = (list(csv.reader(text.splitlines())) or [[]] for text in (before, after))
    marks = {max(row, key=len).encode("unicode_escape").decode() for row in rows if row and row not in old}
    return marks if head == old_head and all(len(mark) >= MIN_NAME_LENGTH for mark in marks) else set()


def tests_of_table(modules: Mapping[Path, str], table: str) -> Iterator[tuple[Path, str]]:
    """The tests that run for each row of a table, which they name by its path below `tests/`."""
    for path, text in modules.items():
        if table in text:
            yield from ((path, test) for test in changed_tests(text.replace(table, ""), text))


def base_commit(root: Path) -> str:
    """The fork from main, or an older commit: the last one at least a day older than the newest; empty without git."""
    newest = git(root, "log", "-1", "--format=%ct").strip()
    if not newest:
        return ""
    day_before = git(root, "rev-list", "-1", f"--before={int(newest) - DAY_IN_SECONDS}", "HEAD").strip()
    fork = git(root, "merge-base", "HEAD", "main").strip()
    is_ancestor = day_before and fork and git(root, "merge-base", day_before, fork).strip() == day_before
    return day_before if is_ancestor or not fork else fork


def changed_files(root: Path, base: str) -> list[tuple[str, str]]:
    """The old and the new path of each file that was added or changed; the old one of an added file is empty."""
    fields = git(root, "diff", "--name-status", "-M", "-l0", "-z", "--diff-filter=d", base).split("\0")
    files = []
    while len(fields) > 1:
        status = fields.pop(0)
        old = fields.pop(0)
        new = fields.pop(0) if status[0] in "RC" else old
        if status != "R100":
            files.append(("" if status == "A" else old, new))
    others = git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return files + [("", path) for path in others if path]


def changed_tests(before: str, after: str) -> set[str]:
    """The tests of a module that were changed, or use something in it that was; imports and new names do not count."""
    old, new = statements(before), statements(after)
    unchanged = {*lines_of(before, old.values())}
    rewritten = {name for name, text in zip(new, lines_of(after, new.values()), strict=True) if text not in unchanged}
    known = {code_of(node) for node in old.values()} if rewritten else set()
    changed = {name for name in rewritten if code_of(new[name]) not in known}
    if not changed:
        return set()
    uses = {
        name: {getattr(part, "id", "") or getattr(part, "arg", "") for part in ast.walk(node)}
        for name, node in new.items()
    }
    while more := {name for name in new if uses[name] & changed} - changed:
        changed |= more
    is_everywhere = any(not name.isidentifier() or name == "pytestmark" for name in changed)
    return {name for name in new if name.startswith(("test", "Test")) and (is_everywhere or name in changed)}


def lines_of(source: str, nodes: Iterable[ast.stmt]) -> Iterator[str]:
    """The text of each statement with its decorators: to compare it is quicker than to compare syntax trees."""
    lines = source.splitlines()
    for node in nodes:
        first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
        yield "\n".join(lines[first - 1 : node.end_lineno])


def code_of(node: ast.stmt) -> str:
    """The syntax tree of a statement, without the name of the test and how often it runs."""
    if not isinstance(node, ast.FunctionDef):
        return ast.dump(node)
    if node.name.startswith("test"):
        node = ast.FunctionDef(**{**dict(ast.iter_fields(node)), "name": "test"})
    marks = [
        mark for mark in node.decorator_list if "mark.sampled" in (text := ast.unparse(mark)) or "every_day" in text
    ]
    whole = ast.dump(node)
    for mark in marks:
        whole = whole.replace(ast.dump(mark), "")
    return whole.replace(", ,", ",").replace("[, ", "[").replace(", ]", "]")


def statements(source: str) -> dict[str, ast.stmt]:
    """The top statements of a module but its imports and docstring, by the first name that they define."""
    found: dict[str, ast.stmt] = {}
    for number, node in enumerate(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found[getattr(target, "id", f"target {number}")] = node
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
            found[f"statement {number}"] = node
    return found


def git(root: Path, *words: str) -> str:
    """The answer of git, empty if it has none."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
