"""Which tests and cases run today.

In large folders each module's tests without cases, and each case by its name, belong to one of n days, so that all of
them run within n days. What may be new or broken always runs: changed tests without cases, and those in the folder of
a changed package; the cases of a test that is new on a branch, those with a text that is new in its module or its table
of cases, and those that are named in changed declarations. The other cases of a test that was changed run within a
quarter of the days on a branch: a fault in it usually breaks many of them. On main, after they ran on their branch,
those of a new or changed test run within half of the days. ``--every-case`` runs them all.
"""

from __future__ import annotations

import ast
import csv
import re
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from zlib import crc32

CASE_FOLDERS = ("tests", "codelists", "structures", "templates", "examples")
IDS = re.compile(r"\b[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\b")
"""Ids of rules, codelists, dataflows and indicators, such as MIG-1-901 or DF_IMM."""
FREQUENCY = re.compile(r"^@pytest\.mark\.(sampled|every_day).*\n", re.MULTILINE)
TEST_NAMES = re.compile(r"^def (test\w*)\(", re.MULTILINE)
TRAILING_COMMA = re.compile(r",([)\]}])")
PATHS = re.compile(r'"([\w-]+(?:/[\w.-]+)+)"')
WORDS = re.compile(r"\w+")
LITERALS = re.compile(r'"((?:[^"\\]|\\.)*)"')
OTHER_LETTERS = re.compile(r"[^\x00-\x7f]+")
MIN_NAME_LENGTH = 6
"""Shorter names of files, such as bad.csv, occur in the names of other cases."""
MAX_CASES_OF_NAME = 50
"""What more cases name, such as DF_POP, says little of any of them."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes since an earlier commit: new and changed tests, such as tests/test_a.py::test_b, and names of cases.

    `names` has texts by the module whose cases they name, and by "" if they name cases of any module. `folders` are
    those of the tests of changed packages. Cases of a changed test run `times` as often as others. `since` is empty if
    the changes are unknown; everything runs then.
    """

    since: str = ""
    new: Collection[str] = ()
    changed: Collection[str] = ()
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    folders: Collection[str] = ()
    times: int = 4

    def days(self, case: str, days: int) -> int:
        """The days within which a case, by its node id, runs once if cases of its kind do so within these days."""
        test, _, name = case.partition("[")
        test = "::".join(test.split("::")[:2])
        if not name and (test in self.changed or test.startswith(tuple(self.folders))):
            return 1
        texts = (text for module in ("", test.partition("::")[0]) for text in self.names.get(module, ()))
        if test in self.new or any(text in name for text in texts):
            return 1
        return max(1, days // self.times) if test in self.changed else days


def runs_on(day: date, case: str, every: int) -> bool:
    """Whether a test is among those of a day, if one of `every` runs a day; tests without cases go by their module."""
    name = case if case.endswith("]") else case.partition("::")[0]
    return crc32(name.encode()) % every == day.toordinal() % every


def skipped_cases(sampled: Mapping[str, int], day: date, changes: Changes) -> set[str]:
    """The cases that do not run on a day; `sampled` has the days within which each case runs once."""
    if not changes.since:
        return set()
    by_module = defaultdict[str, list[str]](list, {"": list(sampled)})
    for case in sampled:
        by_module[case.partition("::")[0]].append(case)
    names = {}
    for module, texts in changes.names.items():
        cases = "\n".join(by_module[module])
        names[module] = [text for text in texts if 0 < cases.count(text) <= MAX_CASES_OF_NAME]
    changes = replace(changes, names=names)
    return {case for case, days in sampled.items() if not runs_on(day, case, changes.days(case, days))}


def summary(skipped: Iterable[str], total: int) -> list[str]:
    """Lines that name the tests whose cases were skipped."""
    counts: dict[str, int] = {}
    for case in skipped:
        counts[case.partition("::")[0]] = counts.get(case.partition("::")[0], 0) + 1
    number = sum(counts.values())
    lines = [f"{module}: {count}" for module, count in sorted(counts.items())]
    return [f"{number:,} of {number + total:,} cases did not run today; --every-case runs them all.", *lines]


def changes_since_main(root: Path) -> Changes:
    """Differences of a branch from main, or on main from the commit before.

    A test that is new on main ran with all its cases on its branch: it counts as changed. A new text of a module or of
    its tables names cases of this module; an id in declarations names cases of all. Without git the changes are
    unknown.
    """
    head = git(root, "rev-parse", "HEAD").strip()
    base = git(root, "merge-base", "HEAD", "main").strip()
    is_main = base in ("", head)
    if head and is_main:
        base = git(root, "rev-parse", "--verify", "--quiet", "HEAD~1").strip() or base
    if not base:
        return Changes()
    new, changed, names = set[str](), set[str](), defaultdict[str, set[str]](set)
    modules = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.glob("tests/**/test_*.py")}
    named = {path: set(PATHS.findall(text)) for path, text in modules.items()}
    files = changed_files(root, base)
    folders = {f"tests/{name.split('/')[1]}/" for pair in files for name in pair if name.startswith("sdmxmig/")}
    names[""] |= {path for _, path in files if path.startswith("docs/")}
    earlier = texts_at(
        root, base, [old for old, _ in files if old.startswith("tests") and old.endswith((".py", ".csv"))]
    )
    known = {compact(one) for path, text in earlier.items() if path.endswith(".py") for _, one in statements(text)}
    known_tests = {name for text in earlier.values() for name in TEST_NAMES.findall(text)}
    known_texts = {one for text in earlier.values() for one in LITERALS.findall(text)}
    for old, path in files:
        if path.startswith("tests") and path.endswith(".py"):
            text = modules.get(path) or (root / path).read_text(encoding="utf-8")
            of_module = changed_tests(known, text)
            new |= {f"{path}::{test}" for test in of_module - known_tests}
            changed |= {f"{path}::{test}" for test in of_module & known_tests}
            if of_module:
                names[path] |= {as_in_names(one) for one in new_texts(earlier.get(old, ""), text) - known_texts}
        elif path.startswith(CASE_FOLDERS[0]):
            table = path.removeprefix("tests/")
            users = {module: modules[module] for module, tables in named.items() if table in tables}
            ids, stem = set(IDS.findall(path)), Path(path).stem
            names[""] |= ids or ({stem} if len(stem) >= MIN_NAME_LENGTH and not users else set())
            if any(f'cases_from("{table}"' in text for text in users.values()):
                marks = marks_of_new_rows(earlier.get(old, ""), (root / path).read_text(encoding="utf-8"))
                for module in users:
                    names[module] |= marks
                users = {} if marks else users
            new |= {
                f"{module}::{test}"
                for module, text in users.items()
                for test in changed_tests({compact(one) for _, one in statements(text) if table not in one}, text)
            }
    lines = git(root, "diff", "-U0", base, "--", *CASE_FOLDERS[1:]).splitlines()
    names[""] |= {one for line in lines if line.startswith(("+", "-")) for one in IDS.findall(line)}
    if is_main:
        return Changes(base, (), changed | new, names, folders, times=2)
    return Changes(base, new, changed, names, folders)


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
    marks = {as_in_names(max(row, key=len)) for row in rows if row and row not in old}
    return marks if head == old_head and all(len(mark) >= MIN_NAME_LENGTH for mark in marks) else set()


def changed_files(root: Path, base: str) -> list[tuple[str, str]]:
    """The old and the new path of each file that is not the same; that of a file that is not there is empty."""
    fields = git(root, "diff", "--name-status", "-M", "-l0", "-z", base).split("\0")
    files = []
    while len(fields) > 1:
        status = fields.pop(0)
        old = fields.pop(0)
        new = fields.pop(0) if status[0] in "RC" else old
        if status != "R100":
            files.append(("" if status == "A" else old, "" if status == "D" else new))
    others = git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return files + [("", path) for path in others if path]


def changed_tests(known: Collection[str], after: str) -> set[str]:
    """The tests of a module that are not among known statements, or use something in it that is not.

    Imports and new names of tests do not count, nor does the module in which a statement was.
    """
    new = dict(statements(after))
    changed = {name for name, text in new.items() if compact(text) not in known}
    if not changed:
        return set()
    words = {name: set(WORDS.findall(text)) for name, text in new.items()}
    while more := {name for name in new if words[name] & changed} - changed:
        changed |= more
    is_everywhere = any(not name.isidentifier() or name == "pytestmark" for name in changed)
    return {name for name in new if name.startswith(("test", "Test")) and (is_everywhere or name in changed)}


def new_texts(before: str, after: str) -> set[str]:
    """The texts in new lines of a module that are long enough to name a case, with their escapes as written."""
    lines = set(after.splitlines()) - set(before.splitlines())
    return {text for line in lines for text in LITERALS.findall(line) if len(text) >= MIN_NAME_LENGTH}


def as_in_names(text: str) -> str:
    """A text, with its escapes as written, as names of cases have it."""
    text = text.replace('\\"', '"')
    return OTHER_LETTERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


@cache
def statements(source: str) -> tuple[tuple[str, str], ...]:
    """The top statements of a module but its imports and docstring: the name that each defines, and its text."""
    lines, found = source.splitlines(), []
    for number, node in enumerate(ast.parse(source).body):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
            continue
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        name = getattr(node, "name", getattr(target, "id", f"statement {number}"))
        found.append((name, "\n".join(lines[first - 1 : node.end_lineno])))
    return tuple(found)


def compact(statement: str) -> str:
    """A statement without its layout, names of tests, and marks of their frequency."""
    statement = FREQUENCY.sub("", TEST_NAMES.sub("def test(", statement))
    return TRAILING_COMMA.sub(r"\1", "".join(statement.split()))


def git(root: Path, *words: str, stdin: bytes = b"") -> str:
    """The answer of git, empty if it has none."""
    try:
        done = subprocess.run(["git", *words], cwd=root, input=stdin, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""
