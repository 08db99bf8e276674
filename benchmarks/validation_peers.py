"""How fast rules are beside polars reading the same table, sdmxthon, an XML schema and an engine for VTL.

``python -m benchmarks.validation_peers --sdmxthon PYTHON --vtlengine PYTHON`` runs each case in a process of its own,
round after round, and writes a dated table. Times are those of processors (user and system), since other work on the
machine moves the clock. What is read or made before is not counted; the second of two runs counts, but of the schema
and of vtlengine the only one. The peers run in interpreters of their own, which
have them: vtlengine is under the AGPL and never comes into an environment of sdmxmig.
"""

# ruff: noqa: PLC0415 - each case loads its own library only

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks import speed_table
from benchmarks.data_speed import RESULTS, machine
from benchmarks.speed_cases import check_ours, prepared, read_ours
from benchmarks.validation_speed import LEVELS, datasets, only
from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.values import VALUE, column
from sdmxmig.quality.validation import validate
from sdmxmig.quality.vtl.script import script_of, translation_of
from sdmxmig.quality.vtl.syntax import domain_of
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.statistics.demography.ledger import books_of

STRUCTURAL = ("MIG-1-002", "MIG-1-003", "MIG-1-004", "MIG-1-006", "MIG-1-007", "MIG-1-008")
"""Dimensions and mandatory attributes are there, codes are in their lists and allowed, and keys are unique."""
IN_VTL = "DF_POP"
"""The dataflow whose rules are compared with those in VTL."""
TIMEOUT = 1_500
Run = Callable[[], int]


def read_table(folder: Path) -> Run:
    """The floor R: polars reads the table as CSV."""
    return lambda: pl.read_csv(folder / "floor.csv").height


def structural(folder: Path, *, coded: bool = False) -> Run:
    """The structural rules, on text or on columns whose codes are numbered."""
    flow = speed_table.flow()
    flow = replace(flow, dataflow=replace(flow.dataflow, rules=STRUCTURAL))
    table = pl.read_parquet(folder / "texts.parquet")
    if coded:
        numbered = {name: pl.Enum(codes) for name, codes in speed_table.CODES.items()}
        years = pl.Enum(table["TIME_PERIOD"].unique().sort())
        table = table.with_columns(pl.col(name).cast(kind) for name, kind in {**numbered, "TIME_PERIOD": years}.items())
    dataset = replace(speed_table.as_dataset(speed_table.plain_table(0)), flow=flow, observations=table)
    known = catalogue.load()
    known = replace(known, rules={rule: replace(known.rules[rule], always=True) for rule in STRUCTURAL})
    return lambda: validate(dataset, known).count("error")


def schema(folder: Path) -> Run:
    """The schema of the structure, by lxml: piece by piece, since a tree of it all takes three gigabytes."""
    from sdmxmig.sdmx.formats.sdmx_ml.xsd import validate_stream

    flow, message = speed_table.flow(), folder / "sdmx-ml-3.0.flat.xml"

    def run() -> int:
        with message.open("rb") as stream:
            return len(validate_stream(stream, {flow.id: flow}).problems)

    return run


def known_in_vtl(size: int) -> tuple[Catalogue, Dataset, list[str]]:
    """The catalogue with those rules of a dataflow alone that can be said in VTL, its data and what stands beside."""
    known = catalogue.load().with_rules_of(levels=LEVELS)
    parts = [part for part in datasets(size, known.flows) if part.flow.id == IN_VTL]
    flow = parts[0].flow
    translated = [translation_of(known.rules[rule], flow, known.flows) for rule in sorted(flow.dataflow.rules)]
    rules = [
        each.rule.id
        for each in translated
        if each.parts and {name for p in each.parts for name in p.inputs} == {IN_VTL}
    ]
    chosen = only(known, rules)
    return chosen, replace(parts[0], flow=chosen.flows[IN_VTL]), rules


def shared_rules(folder: Path) -> Run:
    """The rules that can be said in VTL, by sdmxmig."""
    known, dataset, _ = known_in_vtl(int((folder / "size").read_text(encoding="ascii")))
    return lambda: validate(dataset, known).count("error")


def for_vtlengine(folder: Path, size: int) -> int:
    """Write the same rules and data for vtlengine; gives how many rules there are."""
    known, dataset, rules = known_in_vtl(size)
    (folder / "size").write_text(str(size), encoding="ascii")
    flow, structure = dataset.flow, dataset.flow.structure
    parts_in_vtl = [part for rule in rules for part in translation_of(known.rules[rule], flow, known.flows).parts]
    check = Check(known.rules[rules[0]], dataset, books=books_of([dataset]))
    columns = [check.frame.select(*structure.key, structure.measure.id)]
    columns += [column(check, each).select(pl.col(VALUE).alias(each.id)) for each in structure.attributes()]
    pl.concat(columns, how="horizontal").write_csv(folder / f"{flow.id}.csv")
    lists = [codelist for each in structure.components if (codelist := flow.codelist(each)) is not None]
    job = {
        "script": script_of(parts_in_vtl),
        "structures": [{"name": flow.id, "DataStructure": [component(each) for each in structure.components]}],
        "domains": {domain_of(codelist): list(codelist.ids) for codelist in lists},
    }
    (folder / "vtl.json").write_text(json.dumps(job), encoding="utf-8")
    return len(rules)


def component(of: Component) -> dict[str, object]:
    """A component as vtlengine wants it."""
    kind = "Number" if of.role == "measure" else "String"
    role = {"measure": "Measure", "attribute": "Attribute"}.get(of.role, "Identifier")
    return {"name": of.id, "type": kind, "role": role, "nullable": role != "Identifier"}


CASES: dict[str, Callable[[Path], Run]] = {
    "R: polars reads the table": read_table,
    "structural rules, from text": structural,
    "structural rules, from numbered codes": lambda folder: structural(folder, coded=True),
    "schema, by lxml": schema,
    "read, structure-specific": read_ours("sdmx-ml-3.0", "flat"),  # type: ignore[dict-item] # it gives a number too
    "check, structure-specific": check_ours("sdmx-ml-3.0", "flat"),  # type: ignore[dict-item]
    "rules in VTL, by sdmxmig": shared_rules,
}
ONCE = ("schema, by lxml",)
"""What takes long is timed in the first round only."""
SDMXTHON, VTLENGINE = "structural rules, by sdmxthon", "rules in VTL, by vtlengine"


def measured(command: Sequence[str]) -> tuple[float, int]:
    """What a case prints of itself: seconds of processors and how much it found."""
    done = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT, text=True, encoding="utf-8")  # noqa: S603
    seconds, count = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), int(count)


def timed(name: str, folder: Path) -> None:
    """Run one case in this process, and tell what it took."""
    run = CASES[name](folder)
    if name not in ONCE:
        run()  # what is loaded and reserved at first is not counted
    start = time.process_time()
    count = run()
    print(json.dumps([time.process_time() - start, count]))  # noqa: T201


def rounds_of(folder: Path, peers: dict[str, list[str]], rounds: int, names: Sequence[str]) -> dict[str, list[float]]:
    """The seconds of every case in every round."""
    seconds: dict[str, list[float]] = {}
    for number in range(rounds):
        commands = {
            name: [sys.executable, "-m", __spec__.name, "--case", name, "--folder", str(folder)] for name in names
        }
        for name, command in {**commands, **peers}.items():
            if number and (name in ONCE or name in peers):
                continue
            taken, count = measured(command)
            seconds.setdefault(name, []).append(taken)
            print(f"{name}: {taken:.3f} s, {count:,}", file=sys.stderr)  # noqa: T201
    return seconds


def report(seconds: dict[str, list[float]], size: int, vtl: str) -> str:
    """The table, with what each case is as a multiple of R and, of what a peer does, of ours."""
    best = {name: min(times) for name, times in seconds.items()}
    floor = best["R: polars reads the table"]
    ours = {SDMXTHON: "structural rules, from text", "schema, by lxml": "structural rules, from text"}
    ours |= {VTLENGINE: "rules in VTL, by sdmxmig", "check, structure-specific": "read, structure-specific"}
    lines = [f"# Speed of rules beside others\n\n{machine()}\n\n{size:,} observations; {vtl}. Seconds of processors.\n"]
    lines.append("| case | best s | all rounds | x R | x ours |\n|---|---|---|---|---|")
    for name, taken in best.items():
        times = ", ".join(f"{each:.3f}" for each in seconds[name])
        beside = f"{taken / best[ours[name]]:.1f} ({ours[name]})" if name in ours and ours[name] in best else ""
        lines.append(f"| {name} | {taken:.3f} | {times} | {taken / floor:.2f} | {beside} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the data, run the cases, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--vtl-size", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sdmxthon", default="", metavar="PYTHON", help="an interpreter that has sdmxthon")
    parser.add_argument("--vtlengine", default="", metavar="PYTHON", help="an interpreter that has vtlengine")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        timed(options.case, options.folder)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepared(folder, options.size)
        check_ours("sdmx-ml-3.0", "flat")(folder)
        rules = for_vtlengine(folder, options.vtl_size)
        runner = str(Path(__file__).with_name("run_by_peers.py"))
        interpreters = {SDMXTHON: ("sdmxthon", options.sdmxthon), VTLENGINE: ("vtlengine", options.vtlengine)}
        peers = {
            name: [python, runner, library, str(folder)] for name, (library, python) in interpreters.items() if python
        }
        seconds = rounds_of(folder, peers, options.rounds, list(CASES))
    vtl = f"{rules} rules on {IN_VTL} of a set of {options.vtl_size:,} are said in VTL too"
    text = report(seconds, options.size, vtl)
    (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-validation-peers.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
