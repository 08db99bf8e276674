"""Verdicts and faulty figures of rules in VTL and in sdmxmig on the same data, as a dated table.

``python -m benchmarks.vtl_verdicts`` is part of `make long`. It takes the data of three examples, one of them again
with damaged figures, runs each rule expressible in VTL in vtlengine and in sdmxmig, and counts the figures at fault.

vtlengine is under the AGPL and pins other versions of libraries, so it runs as a separate program in its own
environment, ``.venv-vtlengine``, which is created if missing; the variable SDMXMIG_VTLENGINE may name the interpreter
of another one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from folders import ROOT
from in_vtl import ENGINE, FAIL, both_by_flow, interpreter, load_trials

from benchmarks.data_speed import machine

RESULTS = ROOT / "benchmarks" / "results"
DATA = {
    "Georgia": ("georgia", False),
    "Moldova": ("moldova", False),
    "Alvoria": ("fictional", False),
    "Alvoria, spoilt": ("fictional", True),
}
"""The examples by what the table calls them, and whether every eleventh figure is spoilt."""

PROGRESS = RESULTS / ".progress" / "vtl-verdicts.jsonl"
"""What an earlier run, which was stopped, has compared: a line for each dataflow of a set of data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The verdicts and numbers of faulty figures of a rule and dataflow in vtlengine and sdmxmig."""

    rule: str
    flow: str
    in_vtl: tuple[str, int]
    ours: tuple[str, int]
    is_same: bool
    """Whether verdicts and keys at fault are the same."""


def answers_of(data: str, folder: Path, python: str) -> Iterator[Answer]:
    """The answers for one set of data, dataflow by dataflow; those of an earlier run are not asked for again."""
    name, is_damaged = DATA[data]
    trials, catalogue = load_trials(name, is_damaged=is_damaged)
    known = compared_before()
    for flow in dict.fromkeys(trial.datasets[0].flow.id for trial in trials):
        if (data, flow) not in known:
            of_flow = [trial for trial in trials if trial.datasets[0].flow.id == flow]
            known[data, flow] = [
                Answer(
                    rule=trial.split()[0],
                    flow=flow,
                    in_vtl=(in_vtl.verdict, len(in_vtl.faulty)),
                    ours=(ours.verdict, len(ours.faulty)),
                    is_same=in_vtl == ours,
                )
                for trial, (in_vtl, ours) in both_by_flow(of_flow, catalogue, folder, python).items()
            ]
            with PROGRESS.open("a", encoding="utf-8") as file:
                file.write(json.dumps([data, flow, [asdict(answer) for answer in known[data, flow]]]) + "\n")
        yield from known[data, flow]


def compared_before() -> dict[tuple[str, str], list[Answer]]:
    """Return the comparisons of an earlier run, by data and dataflow."""
    PROGRESS.parent.mkdir(parents=True, exist_ok=True)
    lines = PROGRESS.read_text(encoding="utf-8").splitlines() if PROGRESS.is_file() else []
    return {
        (data, flow): [
            Answer(**{**answer, "in_vtl": tuple(answer["in_vtl"]), "ours": tuple(answer["ours"])}) for answer in answers
        ]
        for data, flow, answers in map(json.loads, lines)
    }


def table(seen: Mapping[str, Sequence[Answer]], date: str) -> str:
    """The verdicts of both as a Markdown table, with every rule of which they say different things."""
    rules = sorted({answer.rule for answers in seen.values() for answer in answers})
    differing = [
        f"- {data}, {answer.rule}, {answer.flow}: vtlengine {answer.in_vtl}, sdmxmig {answer.ours}"
        for data, answers in seen.items()
        for answer in answers
        if not answer.is_same
    ]
    lines = [
        f"# Rules in VTL of {date}",
        "",
        "`python -m benchmarks.vtl_verdicts`: verdicts, and figures at fault, by the exported scripts in vtlengine and",
        f"by sdmxmig. {ENGINE}; {machine()}",
        "",
        "“fail 1 (7), pass 3” is: of the dataflows that the rule runs on, one fails, with seven figures at fault, and",
        "three pass. Where both say the same, with the same keys at fault, it stands once.",
        "",
        f"| rule | {' | '.join(seen)} |",
        f"|---|{'---|' * len(seen)}",
        *(f"| {rule} | {' | '.join(cell(answers, rule) for answers in seen.values())} |" for rule in rules),
        "",
        f"{len(rules)} rules, {sum(map(len, seen.values()))} pairs of a rule and a dataflow. Compared were",
        "",
        *(f"- {data}: {', '.join(dict.fromkeys(answer.flow for answer in answers))}" for data, answers in seen.items()),
        "",
        *(differing or ["Both say the same of every rule and every dataflow."]),
        "",
    ]
    return "\n".join(lines)


def cell(answers: Sequence[Answer], rule: str) -> str:
    """Write the result of a rule on one dataset; both answers if they differ."""
    of_rule = [answer for answer in answers if answer.rule == rule]
    ours = counted(answer.ours for answer in of_rule)
    if all(answer.is_same for answer in of_rule):
        return ours
    return f"DIFFERENT: vtlengine {counted(answer.in_vtl for answer in of_rule)}; sdmxmig {ours}"


def counted(outcomes: Iterable[tuple[str, int]]) -> str:
    """Verdicts with how often they were given, and how many figures are at fault."""
    listed = list(outcomes)
    faulty = sum(count for _, count in listed)
    in_brackets = {FAIL: f" ({faulty})"}
    verdicts = Counter(verdict for verdict, _ in listed)
    named = (f"{verdict} {count}{in_brackets.get(verdict, '')}" for verdict, count in sorted(verdicts.items()))
    return ", ".join(named) or "–"


def main() -> int:
    """Compare all, write the table; exit 1 if anything differs."""
    parser = argparse.ArgumentParser(description="Compare the rules in VTL with sdmxmig.")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="the date of the table")
    parser.add_argument("--only", default="", help="sets of data by their names in the table, with ; between")
    parser.add_argument("--so-far", action="store_true", help="the table of what earlier runs have compared, no more")
    arguments = parser.parse_args()
    if arguments.so_far:
        answers = compared_before()
        so_far = {data: [answer for (of, _), rows in answers.items() if of == data for answer in rows] for data in DATA}
        return written(table({data: rows for data, rows in so_far.items() if rows}, arguments.date), arguments.date)
    python = interpreter()
    seen: dict[str, list[Answer]] = {}
    for data in filter(None, arguments.only.split(";")) if arguments.only else DATA:
        with tempfile.TemporaryDirectory() as folder:
            seen[data] = list(answers_of(data, Path(folder), python))
        sys.stderr.write(f"{data}: {len(seen[data])} pairs of a rule and a dataflow\n")
    failed = written(table(seen, arguments.date), arguments.date)
    PROGRESS.unlink(missing_ok=True)
    return failed


def written(text: str, date: str) -> int:
    (RESULTS / f"{date}-vtl-verdicts.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return int("DIFFERENT" in text)


if __name__ == "__main__":
    sys.exit(main())
