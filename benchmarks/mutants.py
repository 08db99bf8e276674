"""Campaign: our own program is made wrong in one place; do the tests notice?

A seeded part of all wrong places of an area (`mutations`) is taken. The wrong module is written into a copy of the
project, and the tests that reach its function run there, the fastest first. A mutant is ``killed`` if a test fails,
``out of time`` if the tests do not end, ``survived`` if all pass, ``not reached`` if no test of the area gets there.
``equivalent_mutants.csv`` lists those that change nothing that anybody can see, with the reason.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutations import Mutation, mutated, mutations

ROOT = Path(__file__).parents[1]
PARTS = ("sdmxmig", "tests", "benchmarks", "codelists", "structures", "templates", "examples", "pyproject.toml")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.csv")
GOOD = ("killed", "out of time", "equivalent")
SEED = "20261121"
ENOUGH = 60.0
"""Seconds of tests that a mutant has to outlive, and again as many of whole files of tests."""
SEVERAL = 3
"""So many cases of one test function are taken at first."""
PATIENCE = 4
"""So many times as long as on a good program may tests take before they count as endless; and some seconds to begin."""
BEGIN = 30.0
EXAMPLES = "test_examples_in_docstrings.py"
"""Tests of every area."""
TOO_LONG = 1800.0
"""No file of tests takes so many seconds, on a good program and watched."""


NOT_EVEN_READ = (b"ERROR collecting", b"while loading conftest")
"""What pytest says where a wrong program lets tests fail before they are tests; it ends as if they did not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the package, and the files of tests that say what it is to do."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    "rules": Area(
        modules=("quality/rules/*.py", "quality/validation.py"),
        tests=(
            "quality/rules/*.py",
            "**/test_validation.py",
            "**/test_guards.py",
            "**/test_findings_of_whole_datasets.py",
            "**/test_words_of_findings.py",
            EXAMPLES,
        ),
    ),
    "calculations": Area(
        modules=("statistics/calculations/*.py",),
        tests=(
            *("**/test_calculations.py", "**/test_assessment*.py", "**/test_indicator_set.py", "**/test_evidence.py"),
            *("test_production.py", "test_roadmap.py", "test_framework.py", "test_breakdowns.py", EXAMPLES),
        ),
    ),
    "demography": Area(
        modules=("statistics/demography/*.py", "catalogue/ag*.py", "catalogue/accounting/*.py"),
        tests=(
            "statistics/demography/*.py",
            "quality/rules/test_rules_of_identities.py",
            "quality/rules/test_clean_accounts.py",
            EXAMPLES,
        ),
    ),
    "conversion": Area(
        modules=("conversion/convert/*.py",),
        tests=(
            "**/test_conversion*.py",
            "**/test_compute.py",
            "**/test_merging.py",
            "**/test_trace.py",
            "**/test_streaming.py",
            "**/test_guards.py",
            EXAMPLES,
        ),
    ),
    "mapping": Area(
        modules=("conversion/mapping/*.py", "conversion/suggestion/*.py"),
        tests=(
            "conversion/mapping/*.py",
            "**/test_map*.py",
            "**/test_conversion*.py",
            "**/test_time_maps.py",
            EXAMPLES,
        ),
    ),
    "formats": Area(
        modules=("sdmx/formats/**/*.py",),
        tests=(
            *("sdmx/formats/test_*.py", "**/test_exchange.py", "**/test_versions.py", "**/test_checking*.py", EXAMPLES),
            *("test_data_without_structure.py", "test_flows_of_messages.py", "test_unknown_agreements.py"),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A module with one wrong place, the so-manieth of the module, and the so-manieth of those that look alike."""

    module: str
    number: int
    mutation: Mutation
    twin: int

    @property
    def id(self) -> str:
        """A stable name, that says what is wrong."""
        change = f"{self.mutation.before} -> {self.mutation.after}".replace("\n", " ")
        return f"{self.module}::{self.mutation.function or '(module)'}: {change}" + f" #{self.twin}" * bool(self.twin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A test that passes on the program as it is: how long it takes, and which functions it reaches."""

    file: str
    test: str
    seconds: float
    functions: frozenset[str]


def wrong_places(module: str) -> Iterator[Case]:
    """All mutants of a module of the package."""
    seen: Counter[tuple[str, str, str]] = Counter()
    source = (ROOT / "sdmxmig" / module).read_text(encoding="utf-8")
    for number, mutation in enumerate(mutations(source)):
        change = (mutation.function, mutation.before, mutation.after)
        yield Case(module=module, number=number, mutation=mutation, twin=seen[change])
        seen[change] += 1


def cases(modules: Sequence[str], count: int) -> list[Case]:
    """So many mutants of some modules, chosen by the name of each, so that most stay when the code changes."""
    paths = {path.relative_to(ROOT / "sdmxmig").as_posix() for name in modules for path in modules_like(name)}
    found = [case for module in sorted(paths) for case in wrong_places(module)]
    return sorted(found, key=lambda case: hashlib.sha256((SEED + case.id).encode()).digest())[:count]


def modules_like(pattern: str) -> Iterable[Path]:
    """The modules of the package that a pattern names."""
    return (ROOT / "sdmxmig").glob(pattern)


@functools.cache
def equivalent() -> Mapping[str, str]:
    """The mutants that change nothing, with the reason."""
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        return {row["mutant"]: row["reason"] for row in csv.DictReader(file)}


class Campaign:
    """A copy of the project, in which modules are made wrong, and what each of its tests reaches."""

    def __init__(self, folder: Path, area: Area, known: Path) -> None:
        self.copy = folder / "project"
        self.area = area
        self.known = known
        self.reached: list[Reach] = []
        self.written = 0

    def cases(self, count: int) -> Iterator[Case]:
        """So many mutants of the area; what its tests reach is found out first."""
        self.prepare()
        yield from cases(self.area.modules, count)

    def prepare(self) -> None:
        """Copy the project, and see what the tests reach; what an earlier run saw of the same program is taken."""
        for part in PARTS:
            if (ROOT / part).is_dir():
                ignored = shutil.ignore_patterns("results", "out", ".*")
                shutil.copytree(ROOT / part, self.copy / part, ignore=ignored)
            else:
                shutil.copy2(ROOT / part, self.copy / part)
        tests = ROOT / "tests"
        files = sorted({path.relative_to(ROOT).as_posix() for name in self.area.tests for path in tests.glob(name)})
        self.known.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for file, path in zip(files, pool.map(self.watched, files), strict=True):
                self.reached += reaches(file, path)

    def watched(self, file: str) -> Path:
        """Where it is written what the tests of a file reach."""
        sha256 = hashlib.sha256(program() + (ROOT / file).read_bytes()).hexdigest()
        path = self.known / f"{file.replace('/', '.')}.{sha256[:16]}.jsonl"
        if not path.is_file():
            begun = path.with_suffix(f".{os.getpid()}")
            self.pytest([file], TOO_LONG, "--reached", str(begun))
            begun.rename(path)
        return path

    def outcome(self, case: Case) -> str:
        """How the tests take a mutant."""
        if case.id in equivalent():
            return "equivalent"
        return self.judged(case, mutated((ROOT / "sdmxmig" / case.module).read_text(encoding="utf-8"), case.number))

    def judged(self, case: Case, text: str) -> str:
        """How the tests take another text of a module: first some of those that reach the place, then whole files."""
        reaching = self.reaching_function(case)
        if not reaching:
            return "not reached"
        path = self.copy / "sdmxmig" / case.module
        self.written += 1
        changed = path.stat().st_mtime + 10 * self.written
        path.write_text(text, encoding="utf-8")
        os.utime(path, (changed, changed))  # a time of its own, else Python may take what it compiled before
        try:
            outcome = self.ended(as_long_as(enough(reaching), ENOUGH))
            return outcome if outcome != "survived" else self.ended(as_long_as(self.whole_files(reaching), ENOUGH))
        finally:
            shutil.copy2(ROOT / "sdmxmig" / case.module, path)

    def reaching_function(self, case: Case) -> list[Reach]:
        """The tests that reach the function of a mutant, or any function of its module; the fastest first."""
        function = case.mutation.function
        name = f"{case.module}::{function}"
        reaching = [
            one
            for one in self.reached
            if name in one.functions or (not function and any(other.startswith(name) for other in one.functions))
        ]
        return sorted(reaching, key=lambda one: (one.seconds, one.test))

    def whole_files(self, reaching: Iterable[Reach]) -> list[Reach]:
        """All tests of the files that reach a function: what one test reached may be kept for those after it."""
        files: dict[str, list[Reach]] = defaultdict(list)
        for one in self.reached:
            files[one.file].append(one)
        named = {one.file for one in reaching}
        quick = sorted(named, key=lambda file: (sum(file.seconds for file in files[file]), file))
        return [one for file in quick for one in files[file]]

    def ended(self, tests: Sequence[Reach]) -> str:
        """How some tests end."""
        limit = BEGIN + PATIENCE * sum(test.seconds for test in tests)
        return self.pytest([test.test for test in tests], limit)

    def pytest(self, tests: Sequence[str], limit: float, *options: str) -> str:
        """Run tests in the copy, until one fails unless they are watched."""
        listed = self.copy / f"{hashlib.sha256(tests[0].encode()).hexdigest()[:16]}.tests"
        listed.write_text("\n".join(tests), encoding="utf-8")
        options = options or ("-x",)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "benchmarks.reached"]
        with subprocess.Popen(  # noqa: S603 - our own tests
            [*command, "-m", "not long", "--hypothesis-seed=0", *options, f"@{listed}"],
            cwd=self.copy,
            env={**os.environ, "PYTHONPATH": str(self.copy)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as child:
            try:
                said, _ = child.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.communicate()
                return "out of time"
        at_once = any(words in said for words in NOT_EVEN_READ)
        if child.returncode not in (0, 1, 2, 5) and not at_once:
            raise RuntimeError(f"pytest ended with {child.returncode}: {said.decode(errors='replace')[-2000:]}")
        return "survived" if child.returncode == 0 else "killed"


@functools.cache
def program() -> bytes:
    """What the whole package says, as a hash."""
    content = hashlib.sha256()
    for path in sorted((ROOT / "sdmxmig").rglob("*.py")):
        content.update(path.read_bytes())
    return content.digest()


def reaches(file: str, path: Path) -> Iterator[Reach]:
    """What is written of the tests of a file; what was reached while they were collected counts for each of them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    at_once = {name for row in rows if not row["test"] for name in row["functions"]}
    for row in rows:
        if row["test"]:
            functions = frozenset({*at_once, *row["functions"]})
            yield Reach(file=file, test=row["test"], seconds=row["seconds"], functions=functions)


def enough(reaching: Iterable[Reach]) -> Iterator[Reach]:
    """Some cases of each test function."""
    seen: Counter[str] = Counter()
    for one in reaching:
        function = one.test.split("[")[0]
        seen[function] += 1
        if seen[function] <= SEVERAL:
            yield one


def as_long_as(tests: Iterable[Reach], seconds: float) -> list[Reach]:
    """As many tests as take so many seconds together, and one at least."""
    taken: list[Reach] = []
    total = 0.0
    for test in tests:
        total += test.seconds
        if taken and total > seconds:
            break
        taken.append(test)
    return taken
