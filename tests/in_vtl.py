"""Datasets and rules as an engine for VTL meets them, and what sdmxmig says of the same."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.conversion import convert, merge
from sdmxmig.demography.ledger import YEARS_TO_1_JANUARY, books_of
from sdmxmig.mapping import load as load_mapping
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Fault, Rule
from sdmxmig.rules import KINDS, Check
from sdmxmig.rules.columns import column
from sdmxmig.tables import read
from sdmxmig.validation import validate
from sdmxmig.vtl.script import script_of, translation_of
from sdmxmig.vtl.syntax import domain_of
from sdmxmig.workspace import open_workspace

EXAMPLES = Path(__file__).parents[1] / "examples"
ENGINE = "vtlengine==1.9.6"
INTERPRETER = "SDMXMIG_VTLENGINE"
"""The environment variable that may name the interpreter of an environment with vtlengine."""
RUNNER = Path(__file__).parent / "vtlengine_runner.py"
LONGEST = 900
FAIL, PASS, NOT_TESTABLE = "fail", "pass", "not testable"


def interpreter(folder: Path) -> str:
    """The interpreter of an environment that has vtlengine, made in a folder where nobody names one; else a skip.

    The engine is under the AGPL and pins other versions of libraries than sdmxmig: it never comes into its environment.
    """
    if named := os.environ.get(INTERPRETER):
        return named
    python = folder / "bin" / "python"
    if not python.is_file():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", ENGINE]
        try:
            subprocess.run(install, check=True, capture_output=True, timeout=LONGEST)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            python.unlink(missing_ok=True)
            pytest.skip(f"{ENGINE} cannot be installed, and {INTERPRETER} names no interpreter that has it: {error}")
    return str(python)


def example(name: str) -> tuple[Catalogue, list[Dataset]]:
    """The datasets of a shipped example, read and converted, with the declarations that it uses."""
    folder = EXAMPLES / name
    workspace, catalogue = open_workspace(folder), load(folder)
    tables = {table: read(table.name, table.read_bytes()) for table in workspace.tables}
    parts: dict[str, list[Dataset]] = {}
    for path in workspace.mappings:
        mapping = load_mapping(path.name, path.read_bytes(), catalogue.flows)
        for table in (table for table in workspace.tables if table.match(mapping.file)):
            converted = convert(tables[table], mapping, catalogue.flow(mapping.flow), catalogue.rules)
            parts.setdefault(mapping.flow, []).append(converted.dataset)
    return catalogue, [declared(merge(datasets)) for datasets in parts.values()]


def declared(dataset: Dataset) -> Dataset:
    """The dataset with DECIMALS wherever it was printed with some and does not say so, as an office declares them.

    VTL is given numbers, not how they are printed; sdmxmig sees that by itself.
    """
    structure = dataset.flow.structure
    frame = dataset.observations
    if "DECIMALS" not in structure or structure["DECIMALS"].attachment not in ("", "observation"):
        return dataset
    lacking = [
        pl.lit(None, dtype=pl.String).alias(one) for one in ("DECIMALS", "UNIT_MULT") if one not in frame.columns
    ]
    frame = frame.with_columns(*lacking)
    shown = pl.col(structure.measure.id).cast(pl.String).str.extract(r"\.([0-9]+)$", 1).fill_null("").str.len_chars()
    most = shown.max().over(pl.col("UNIT_MULT").cast(pl.String).fill_null("0")).cast(pl.String)
    return replace(
        dataset, observations=frame.with_columns(DECIMALS=pl.coalesce(pl.col("DECIMALS").cast(pl.String), most))
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rule for a dataset: its verdict, and the keys of what is at fault."""

    verdict: str
    faulty: frozenset[tuple[tuple[str, str], ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule and the datasets that are reported together, the one under test first."""

    rule: Rule
    datasets: Sequence[Dataset]
    _: KW_ONLY
    name: str


def seen_by_sdmxmig(trial: Trial, catalogue: Catalogue, identifiers: Iterable[str]) -> Outcome:
    """What sdmxmig says; keys are cut down to those identifiers that the results in VTL have."""
    dataset, *others = trial.datasets
    flow = replace(dataset.flow, dataflow=replace(dataset.flow.dataflow, rules=(trial.rule.id,)))
    rules = {trial.rule.id: trial.rule}
    findings = validate(replace(dataset, flow=flow), replace(catalogue, rules=rules), others)
    check = Check(
        trial.rule,
        dataset,
        books=books_of(trial.datasets),
        others=tuple(others),
        identities=tuple(catalogue.identities),
        flows=catalogue.flows,
        rules=catalogue.rules,
    )
    rows: set[int] = set()
    for report in KINDS[trial.rule.kind](check) if not dataset.observations.is_empty() else ():
        if isinstance(report, Fault) and (report.severity or trial.rule.severity) != "information":
            whole = dataset.flow.structure[report.component].attachment == "dataset"
            rows |= set(range(dataset.observations.height) if whole else report.rows)
    key = dataset.flow.structure.key
    frame = dataset.observations.select(pl.col(one).cast(pl.String) for one in key)
    keys = [dict(zip(key, frame.row(row), strict=True)) for row in sorted(rows)]
    verdict = next(verdict.outcome for verdict in findings.verdicts if verdict.rule == trial.rule.id)
    return Outcome(verdict, frozenset(cut(one, identifiers, trial) for one in keys))


def cut(key: Mapping[str, str], identifiers: Iterable[str], trial: Trial) -> tuple[tuple[str, str], ...]:
    """A key with some identifiers only; a year that a result names is that of which a figure is the start or end."""
    return tuple((one, key[one] if one in key else year_of(key, trial)) for one in sorted(identifiers))


def year_of(key: Mapping[str, str], trial: Trial) -> str:
    """The year to which a figure of a ratio belongs."""
    parameters: Any = trial.rule.parameters
    at = parameters.get("pair", [parameters])[0]["upper"].get("at", "period")
    day = trial.datasets[0].attributes.get("REF_DATE", "")
    shift = YEARS_TO_1_JANUARY.get(day, 0) if at in ("start", "end") else 0
    return str(int(key["TIME_PERIOD"][:4]) + shift - (at == "end"))


def jobs_of(trials: Iterable[Trial], catalogue: Catalogue) -> dict[str, Any]:
    """What the runner is asked."""
    domains: dict[str, list[str]] = {}
    jobs = []
    for trial in trials:
        parts = translation_of(trial.rule, trial.datasets[0].flow, catalogue.flows).parts
        there = {dataset.flow.id for dataset in trial.datasets}
        parts = tuple(part for part in parts if there.issuperset(part.inputs))
        needed = {flow for part in parts for flow in part.inputs}
        datasets = [dataset for dataset in trial.datasets if dataset.flow.id in needed]
        names: dict[str, None] = {}
        for dataset in datasets:
            for component in dataset.flow.structure.components:
                codelist = dataset.flow.codelist(component)
                if codelist is not None:
                    domains[domain_of(codelist)] = list(codelist.ids)
                    names[domain_of(codelist)] = None
        jobs.append(
            {
                "script": script_of(parts),
                "structures": [structure_of(dataset) for dataset in datasets],
                "data": {dataset.flow.id: data_of(dataset, trial.rule) for dataset in datasets},
                "domains": list(names),
                "results": [name for part in parts for name in (part.name, part.untested) if name],
            }
        )
    return {"jobs": jobs, "domains": domains}


def structure_of(dataset: Dataset) -> dict[str, Any]:
    """A dataset's structure as vtlengine wants it."""
    structure = dataset.flow.structure
    keys = [component(one, "String", "Identifier") for one in structure.key]
    attributes = [component(one.id, "String", "Attribute") for one in structure.attributes()]
    return {
        "name": dataset.flow.id,
        "DataStructure": [*keys, component(structure.measure.id, "Number", "Measure"), *attributes],
    }


def component(name: str, kind: str, role: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "role": role, "nullable": role != "Identifier"}


def data_of(dataset: Dataset, rule: Rule) -> dict[str, list[str | None]]:
    """The observations with their attributes of all levels, by component."""
    check = Check(rule, dataset, books=books_of([dataset]))
    structure = dataset.flow.structure
    columns = {one: check.frame[one].cast(pl.String).to_list() for one in structure.key}
    values = check.frame[structure.measure.id].cast(pl.String).to_list()
    columns[structure.measure.id] = [None if value == "NaN" else value for value in values]
    return columns | {one.id: column(check, one)["value"].cast(pl.String).to_list() for one in structure.attributes()}


def answers(asked: Mapping[str, Any], folder: Path, python: str) -> list[dict[str, Any]]:
    """What vtlengine answers to each job, in a process of its own."""
    file = folder / "jobs.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        [python, str(RUNNER), str(file)], check=True, capture_output=True, timeout=LONGEST, text=True, encoding="utf-8"
    )
    answer: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def seen_by_vtl(answer: Mapping[str, Any]) -> Outcome:
    """The verdict of results in VTL: fail if one does not hold, pass if one holds, else not testable."""
    assert "error" not in answer, answer["error"]
    rows = [row for result in answer["rows"].values() for row in result if row["holds"] is not None]
    faulty = frozenset(tuple(sorted(row["key"].items())) for row in rows if not row["holds"])
    return Outcome(FAIL if faulty else PASS if rows else NOT_TESTABLE, faulty)
