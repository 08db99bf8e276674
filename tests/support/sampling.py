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
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zlib import crc32

DAY_IN_SECONDS = 86_400
CASE_FOLDERS = ("tests", "codelists", "structures", "templates", "examples")
IDS = re.compile(r"\b[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\b")
"""Ids of rules, codelists, dataflows and indicators, such as MIG-1-901 or DF_IMM."""
FREQUENCY = re.compile(r"^@pytest\.mark\.(sampled|every_day).*\n", re.MULTILINE)
TEST_NAMES = re.compile(r"^def test\w*\(", re.MULTILINE)
TOP_LINES = re.compile(r"\n(?=[^\s)\]}])")
BRACKETS = re.compile(r" ?([()\[\]{},]) ?")
TRAILING_COMMA = re.compile(r",([)\]}])")
PATHS = re.compile(r"[\w-]+(?:/[\w.-]+)+")
WORDS = re.compile(r"\w+")
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
    every_case = "\n".join(sampled)
    changes = replace(changes, names=[name for name in changes.names if name in every_case])
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
    """Differences of a branch from main, or on main from the last commit that is a day older than the newest.

    Without git, or without such a commit, the changes are unknown.
    """
    base = base_commit(root)
    if not base:
        return Changes()
    tests, names = set[str](), set[str]()
    modules = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.glob("tests/**/test_*.py")}
    named = {path: set(PATHS.findall(text)) for path, text in modules.items()}
    files = [(old, new) for old, new in changed_files(root, base) if new.startswith(CASE_FOLDERS)]
    earlier = texts_at(root, base, [old for old, new in files if old and new.endswith((".py", ".csv"))])
    for old, new in files:
        if new.endswith(".py"):
            text = modules.get(new) or (root / new).read_text(encoding="utf-8")
            tests |= {f"{new}::{test}" for test in changed_tests(earlier.get(old, ""), text)}
        elif new.startswith("tests"):
            table = new.removeprefix("tests/")
            users = {path: modules[path] for path, tables in named.items() if table in tables}
            ids, stem = set(IDS.findall(new)), Path(new).stem
            names |= ids or ({stem} if len(stem) >= MIN_NAME_LENGTH and not users else set())
            if any(f'cases_from("{table}"' in text for text in users.values()):
                marks = marks_of_new_rows(earlier.get(old, ""), (root / new).read_text(encoding="utf-8"))
                names |= marks
                users = {} if marks else users
            tests |= {
                f"{path}::{test}"
                for path, text in users.items()
                for test in changed_tests(text.replace(table, ""), text)
            }
    for line in git(root, "diff", "-U0", base, "--", *CASE_FOLDERS[1:]).splitlines():
        if line.startswith(("+", "-")):
            names |= set(IDS.findall(line))
    return Changes(base, tests, names)


def texts_at(root: Path, commit: str, paths: list[str]) -> dict[str, str]:
    """The text of each file at a commit."""
    asked = "".join(f"{commit}:{path}\n" for path in paths)
    answer = git(root, "cat-file", "--batch", stdin=asked.encode()).encode("utf-8", "surrogateescape")
    texts = {}
    for path in paths:
        head, _, answer = answer.partition(b"\n")
        size = int(head.split()[-1])
        texts[path], answer = answer[:size].decode("utf-8", "replace"), answer[size + 1 :]
    return texts


def marks_of_new_rows(before: str, after: str) -> set[str]:
    """The longest text of each row that is new in a table, as names of cases have it; empty if one tells too little."""
    (old_head, *old), (head, *rows) = (list(csv.reader(text.splitlines())) or [[]] for text in (before, after))
    marks = {max(row, key=len).encode("unicode_escape").decode() for row in rows if row and row not in old}
    return marks if head == old_head and all(len(mark) >= MIN_NAME_LENGTH for mark in marks) else set()


def base_commit(root: Path) -> str:
    """The fork from main or, on main, the last commit at least a day older than the newest; empty without git."""
    head, _, newest = git(root, "log", "-1", "--format=%H %ct").strip().partition(" ")
    fork = git(root, "merge-base", "HEAD", "main").strip()
    if not head or fork not in ("", head):
        return fork
    return git(root, "rev-list", "-1", f"--before={int(newest) - DAY_IN_SECONDS}", "HEAD").strip() or fork


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
    known, new = f"\n{plain(before)}\n", dict(statements(after))
    changed = {name for name, text in new.items() if f"\n{text}\n" not in known}
    if not changed:
        return set()
    words = {name: set(WORDS.findall(text)) for name, text in new.items()}
    while more := {name for name in new if words[name] & changed} - changed:
        changed |= more
    is_everywhere = any(not name.isidentifier() or name == "pytestmark" for name in changed)
    return {name for name in new if name.startswith(("test", "Test")) and (is_everywhere or name in changed)}


def statements(source: str) -> Iterator[tuple[str, str]]:
    """The top statements of a module but its imports and docstring: the name that each defines, and its text."""
    lines = source.splitlines()
    for number, node in enumerate(ast.parse(source).body):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
            continue
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        name = getattr(node, "name", getattr(target, "id", f"statement {number}"))
        yield name, plain("\n".join(lines[first - 1 : node.end_lineno]))


def plain(source: str) -> str:
    """The source with a line for each statement, without its layout, names of tests, and marks of their frequency."""
    source = FREQUENCY.sub("", TEST_NAMES.sub("def test(", source))
    lines = (" ".join(line.split()) for line in TOP_LINES.split(source))
    return TRAILING_COMMA.sub(r"\1", BRACKETS.sub(r"\1", "\n".join(lines)))


def git(root: Path, *words: str, stdin: bytes = b"") -> str:
    """The answer of git, empty if it has none."""
    try:
        done = subprocess.run(["git", *words], cwd=root, input=stdin, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""
