"""Run the campaigns in full, go on where an earlier run stopped, and write their dated table.

``python -m benchmarks.campaigns`` is what `make long` runs. Progress is kept in ``benchmarks/results/.progress/`` until
the table is written; a run that is stopped goes on from there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from made_flows import of_sample

from benchmarks import (
    by_nights,
    changed_answers,
    killed_runs,
    mutated_files,
    mutated_messages,
    planted_faults,
    profile_damage,
    questionnaire_damage,
    retitled,
    round_trips,
    spoilt_data,
    spoilt_structures,
)
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
MUTANTS = 20_000
MOMENTS = 500
"""At so many moments by chance a run is killed, besides at every operation on files."""
SAMPLES = ROOT.parent / "shared" / "data"
"""Messages that others published; the campaign of them has no case where they are not."""
GOOD = ("found", "read", "refused", "told", "equal", "back", "old", "new", *retitled.GOOD)


class Case(Protocol):
    """One trial of a campaign."""

    @property
    def id(self) -> str:
        """A stable name."""


def run_campaign(name: str, cases: Iterable[Case], outcome: Callable[..., str]) -> dict[str, str]:
    """Try all cases that an earlier run has not tried; returns outcomes by name."""
    progress = progress_of(name)
    progress.parent.mkdir(parents=True, exist_ok=True)
    done: dict[str, str] = {}
    if progress.is_file():
        done = dict(json.loads(line) for line in progress.read_text(encoding="utf-8").splitlines())
    with progress.open("a", encoding="utf-8", buffering=1) as file:  # each line at once, since a run may be stopped
        for case in cases:
            if case.id not in done:
                done[case.id] = outcome(case)
                file.write(json.dumps([case.id, done[case.id]], ensure_ascii=False) + "\n")
    return done


def progress_of(name: str) -> Path:
    return RESULTS / ".progress" / f"{name}.jsonl"


def georgia_dataset() -> bytes:
    example = planted_faults.Example(ROOT / "examples" / "georgia")
    header = Header("SPOILT", "2026-01-31T12:00:00+00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
    return data_bytes(FORMATS[DISK_FORMAT], [example.datasets[0]], header)


def sweden_account() -> Dataset:
    example = planted_faults.Example(ROOT / "examples" / "sweden")
    return next(dataset for dataset in example.datasets if dataset.flow.id == "DF_ACCOUNT")


def campaigns(count: int) -> Iterable[tuple[str, Iterable[Case], Callable[..., str]]]:
    for name in ("georgia", "sweden"):
        example = planted_faults.Example(ROOT / "examples" / name)
        yield f"planted faults, {name}", example.cases(), example.outcome
    reader = mutated_files.Reader(georgia_dataset())
    yield "spoilt files", mutated_files.cases(count), reader.outcome
    messages = mutated_messages.Reader(sweden_account())
    yield "spoilt messages", mutated_messages.cases(count), messages.outcome
    structures = spoilt_structures.Reader(SAMPLES)
    yield "spoilt structures", spoilt_structures.cases(count + count // 4, structures.messages), structures.outcome
    structure = spoilt_data.Campaign(SAMPLES)
    yield "spoilt data", structure.cases(count + count // 4), structure.outcome
    yield "damaged questionnaires", questionnaire_damage.cases(count // 4), questionnaire_damage.Reader().outcome
    yield "damaged profiles", profile_damage.cases(count // 4), profile_damage.Reader().outcome
    answers = changed_answers.of_example(ROOT / "examples" / "georgia")
    yield "changed answers", answers.cases(), answers.outcome
    titles = retitled.Campaign()
    yield "retitled tables", titles.trials(), titles.outcome
    for rule in by_nights.RESIDENCE:
        yield f"nights, {rule}", by_nights.cases(rule), by_nights.compare_residence
    with tempfile.TemporaryDirectory() as folder:
        ended = killed_runs.Campaign(Path(folder))
        yield "killed runs", ended.cases(MOMENTS), ended.outcome
    yield "samples", round_trips.cases(round_trips.messages(SAMPLES, of_sample)), round_trips.outcome


def table(rows: list[tuple[str, dict[str, str], float]], date: str) -> str:
    """The results as a Markdown table, with every outcome that should not be."""
    lines = [f"# Campaigns of {date}", "", "| campaign | cases | outcomes | seconds |", "|---|---:|---|---:|"]
    bad: list[str] = []
    for name, outcomes, seconds in rows:
        counts = Counter(value if value in GOOD else "NOT AS IT SHOULD BE" for value in outcomes.values())
        said = ", ".join(f"{value} {count}" for value, count in sorted(counts.items()))
        lines.append(f"| {name} | {len(outcomes)} | {said} | {seconds:.0f} |")
        bad += [f"- {case}: {value}" for case, value in sorted(outcomes.items()) if value not in GOOD]
    return "\n".join([*lines, "", *(bad or ["Every case ended as it should."]), ""])


def main() -> int:
    """Run all campaigns and write the table; exit 1 if any case ended as it should not."""
    parser = argparse.ArgumentParser(description="Run the large campaigns in full.")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="the date of the table")
    parser.add_argument(
        "--only", default="", help="one campaign by its name, or those of its kind, with a table of its own"
    )
    parser.add_argument("--mutants", type=int, default=MUTANTS, help="how many files, and messages of each format")
    arguments = parser.parse_args()
    date = arguments.date + (f"-{arguments.only.replace(',', '').replace(' ', '-')}" if arguments.only else "")
    rows = []
    for name, cases, outcome in campaigns(arguments.mutants):
        if arguments.only not in ("", name, name.split(",")[0]):
            continue
        start = time.perf_counter()
        rows.append((name, run_campaign(name, cases, outcome), time.perf_counter() - start))
        sys.stderr.write(f"{name}: {len(rows[-1][1])} cases\n")
    text = table(rows, date)
    (RESULTS / f"{date}-campaigns.md").write_text(text, encoding="utf-8")
    for name, _, _ in rows:  # what other campaigns have reached stays
        progress_of(name).unlink()
    sys.stdout.write(text)
    return int(any(value not in GOOD for _, outcomes, _ in rows for value in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
