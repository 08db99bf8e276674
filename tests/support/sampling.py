"""Which tests and cases run today.

In large folders each module's tests without cases, and each case by its name, belong to one of n days, so that all of
them run within n days. Tests that may be new or broken run at once: those without cases of changed modules and
packages, all cases of new tests, and cases with a text of a changed line in their names. The other cases of a changed
module run within a quarter of the days: a fault usually breaks many of them. ``--every-case`` runs everything.
"""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zlib import crc32

DECLARATIONS = ("codelists", "structures", "templates", "examples")
IDS = re.compile(r"\b[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\b")
"""Ids of rules, codelists, dataflows and indicators, such as MIG-1-901 or DF_IMM."""
TESTS = re.compile(r"def (test\w*)\(")
LITERALS = re.compile(r'"((?:[^"\\]|\\.)*)"')
OTHER_LETTERS = re.compile(r"[^\x00-\x7f]+")
MIN_TEXT_LENGTH = 4
"""Shorter texts, such as M, occur in the names of other cases."""
MAX_CASES_OF_TEXT = 50
"""What more cases name, such as DF_POP, says little of any of them."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes since an earlier commit: modules of tests, folders of the tests of packages, new tests, and texts.

    `since` is empty if the changes are unknown; everything runs then.
    """

    since: str = ""
    modules: Sequence[str] = ()
    folders: Sequence[str] = ()
    tests: Sequence[str] = ()
    texts: Sequence[str] = ()

    def days(self, case: str, days: int) -> int:
        """The days within which a test or case, by its node id, runs once if those of its kind run within `days`."""
        test, _, name = case.partition("[")
        module, _, function = test.partition("::")
        is_changed = module in self.modules
        if not name:
            return 1 if is_changed or module.startswith(tuple(self.folders)) else days
        if function in self.tests or any(text in name for text in self.texts):
            return 1
        return max(1, days // 4) if is_changed else days


def runs_on(day: date, case: str, every: int) -> bool:
    """Whether a test is among those of a day, if one of `every` runs a day; tests without cases go by their module."""
    name = case if case.endswith("]") else case.partition("::")[0]
    return crc32(name.encode()) % every == day.toordinal() % every


def skipped_cases(sampled: Mapping[str, int], day: date, changes: Changes) -> set[str]:
    """The tests and cases that do not run on a day; `sampled` has the days within which each runs once."""
    if not changes.since:
        return set()
    names = "\n".join(sampled)
    texts = [text for text in changes.texts if 0 < names.count(text) <= MAX_CASES_OF_TEXT]
    changes = replace(changes, texts=texts)
    return {case for case, days in sampled.items() if not runs_on(day, case, changes.days(case, days))}


def summary(skipped: Iterable[str], total: int) -> list[str]:
    """Lines that name the modules whose tests were skipped."""
    counts: dict[str, int] = {}
    for case in skipped:
        counts[case.partition("::")[0]] = counts.get(case.partition("::")[0], 0) + 1
    number = sum(counts.values())
    lines = [f"{module}: {count}" for module, count in sorted(counts.items())]
    return [f"{number:,} of {number + total:,} cases did not run today; --every-case runs them all.", *lines]


def changes_since_main(root: Path) -> Changes:
    """Differences of a branch from main, or on main from the commit before; without git they are unknown."""
    head = git(root, "rev-parse", "HEAD").strip()
    base = git(root, "merge-base", "HEAD", "main").strip()
    if base in ("", head):
        base = git(root, "rev-parse", "--verify", "--quiet", "HEAD~1").strip() or head
    if not base:
        return Changes()
    lines = changed_lines(root, base)
    modules = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.glob("tests/**/test_*.py")}
    users = {
        path: [module for module, text in modules.items() if f'"{path.removeprefix("tests/")}"' in text]
        for path in lines
        if not path.endswith(".py")
    }
    changed = git(root, "diff", "--name-only", base, "--", "sdmxmig", "docs").splitlines()
    changed += new_files(root, "sdmxmig", "docs")
    texts = {path for path in changed if path.startswith("docs/")}
    for path, of_file in lines.items():
        texts |= {as_in_names(text) for text in texts_of_cases(path, of_file, is_named=bool(users.get(path)))}
    return Changes(
        base,
        sorted(
            {path for path in lines if path in modules}
            | {module for path, found in users.items() if not path.endswith(".csv") for module in found}
        ),
        sorted({f"tests/{path.split('/')[1]}/" for path in changed if path.startswith("sdmxmig/")}),
        sorted({test for path in lines if path in modules for test in TESTS.findall("\n".join(lines[path]))}),
        sorted(text for text in texts if len(text) >= MIN_TEXT_LENGTH),
    )


def changed_lines(root: Path, base: str) -> dict[str, list[str]]:
    """The old and new lines of each file of tests and declarations that differs from a commit."""
    folders = ("tests", *DECLARATIONS)
    lines: dict[str, list[str]] = {}
    for line in git(root, "diff", "-U0", "-M", "-l0", "--no-ext-diff", base, "--", *folders).splitlines():
        if line.startswith("+++ "):
            lines[path := line.removeprefix("+++ b/")] = []
        elif line.startswith(("+", "-")) and not line.startswith("--- "):
            lines[path].append(line[1:])
    for path in new_files(root, *folders):
        lines[path] = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
    return lines


def new_files(root: Path, *folders: str) -> list[str]:
    """The files that git does not know yet."""
    return git(root, "ls-files", "--others", "--exclude-standard", "--", *folders).splitlines()


def texts_of_cases(path: str, lines: list[str], *, is_named: bool) -> Iterator[str]:
    """The texts in changed lines of a file that name cases; a file that no module names is a case itself."""
    if path.startswith(DECLARATIONS):
        yield from IDS.findall("\n".join(lines))
    elif path.endswith(".py"):
        yield from LITERALS.findall("\n".join(lines))
    elif is_named and path.endswith(".csv"):
        yield from (max(row, key=len) for line in lines for row in csv.reader([line]) if row)
    else:
        yield from IDS.findall(path) or [Path(path).stem]


def as_in_names(text: str) -> str:
    """A text, with its escapes as written, as names of cases have it."""
    text = text.replace('\\"', '"')
    return OTHER_LETTERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def git(root: Path, *words: str) -> str:
    """The answer of git, empty if it has none."""
    command = ["git", "-c", "core.quotePath=false", *words]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
