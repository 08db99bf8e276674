"""Which cases of large tables run today.

Tests with many cases run one case of n a day: each case belongs to one of n days by its name, so all of them run within
n days. Cases that may be new always run: those of a test module that was changed, and those named in changed files of
cases or declarations. ``--every-case`` runs them all.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zlib import crc32

DAY_IN_SECONDS = 86_400
MIN_SAMPLED_CASES = 9
"""Tests with fewer cases run whole."""
CASE_FOLDERS = ("tests", "codelists", "structures", "templates", "examples")
IDS = re.compile(r"\b[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\b")
"""Ids of rules, codelists, dataflows and indicators, such as MIG-1-901 or DF_IMM."""
MIN_NAME_LENGTH = 6
"""Shorter names of files, such as bad.csv, occur in the names of other cases."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What was changed since an earlier commit: test modules (paths from the root) and names of cases.

    `since` is empty if it is not known what was changed; every case runs then.
    """

    since: str = ""
    modules: Collection[str] = ()
    names: Collection[str] = ()

    def concern(self, case: str) -> bool:
        """Whether a case, by its node id, may be new or changed."""
        module, _, name = case.partition("::")
        return module in self.modules or any(one in name.partition("[")[2] for one in self.names)


def runs_on(day: date, case: str, every: int) -> bool:
    """Whether a case is among those of a day, if one of `every` cases runs a day."""
    return crc32(case.encode()) % every == day.toordinal() % every


def skipped_cases(sampled: Mapping[str, int], day: date, changes: Changes) -> set[str]:
    """The cases that do not run on a day; `sampled` has the days within which each case runs once."""
    if not changes.since:
        return set()
    tests: dict[str, list[str]] = {}
    for case in sampled:
        tests.setdefault(case.partition("[")[0], []).append(case)
    large = (case for cases in tests.values() if len(cases) >= MIN_SAMPLED_CASES for case in cases)
    return {case for case in large if not runs_on(day, case, sampled[case]) and not changes.concern(case)}


def summary(skipped: Iterable[str], total: int) -> list[str]:
    """Lines that name the tests whose cases were skipped."""
    counts: dict[str, int] = {}
    for case in skipped:
        counts[case.partition("::")[0]] = counts.get(case.partition("::")[0], 0) + 1
    number = sum(counts.values())
    lines = [f"{module}: {count}" for module, count in sorted(counts.items())]
    return [f"{number:,} of {number + total:,} cases did not run today; --every-case runs them all.", *lines]


def changes_since_main(root: Path) -> Changes:
    """What differs from the main branch, or on it from the last commit that is a day older than the newest.

    Without git, or without such a commit, it is not known what was changed.
    """
    base = base_commit(root)
    if not base:
        return Changes()
    modules, names = set[str](), set[str]()
    for old, new in changed_files(root, base):
        if not new.startswith(CASE_FOLDERS):
            continue
        if new.endswith(".py"):
            if content(root, base, old) != code((root / new).read_text(encoding="utf-8")):
                modules.add(new)
        elif new.startswith("tests"):
            names |= {part for part in Path(new).with_suffix("").parts[1:] if len(part) >= MIN_NAME_LENGTH}
    for line in git(root, "diff", "-U0", base, "--", *CASE_FOLDERS[1:]).splitlines():
        if line.startswith(("+", "-")):
            names |= set(IDS.findall(line))
    return Changes(base, modules, names)


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


def content(root: Path, base: str, path: str) -> str:
    """The code of a test module as it was; empty if there was none."""
    return code(git(root, "show", f"{base}:{path}")) if path else ""


def code(source: str) -> str:
    """A module without imports, comments and layout, to compare it with an earlier one."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.dump(tree)


def git(root: Path, *words: str) -> str:
    """The answer of git, empty if it has none."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
