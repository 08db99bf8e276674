"""Datasets and rules as input of a VTL engine, and the results of sdmxmig for the same data."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from folders import ROOT, TESTS

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.accounting import Identity
from sdmxmig.conversion.convert import convert, merge
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.quality.rules import KINDS, Check, run_kind
from sdmxmig.quality.rules.outside_comparisons import AVERAGE, YEAR_END
from sdmxmig.quality.rules.values import extract_column
from sdmxmig.quality.validation import validate
from sdmxmig.quality.vtl import Part
from sdmxmig.quality.vtl.figures import DEFINITION
from sdmxmig.quality.vtl.reports import REPORT, UNIT_OF, build_other_flows, build_other_rows
from sdmxmig.quality.vtl.script import (
    HEADER_TEXT,
    TranslatedRule,
    describe_data_set,
    list_value_domains,
    translate_rule,
    write_statements,
    write_titled_script,
)
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Fault, Rule, list_active_rules
from sdmxmig.statistics.demography.accounts import TracedAccount, trace
from sdmxmig.statistics.demography.ledger import YEARS_TO_1_JANUARY, open_books
from sdmxmig.statistics.demography.revisions import OtherProviderData, OutsideData
from sdmxmig.workspace.folder import open_workspace

EXAMPLES = ROOT / "examples"
ENVIRONMENT = ROOT / ".venv-vtlengine"
ENGINE = "vtlengine==1.9.6"
INTERPRETER = "SDMXMIG_VTLENGINE"
"""The environment variable that may name the interpreter of an environment with vtlengine."""
RUNNER = TESTS / "support" / "vtlengine_runner.py"
LONGEST = 1800
ANY_RULE = Rule("ANY", "1", kind="", level=0, severity="error", name=Text(), message=Text())
Key = tuple[tuple[str, str], ...]
NO_DIMENSIONS = (DEFINITION, REPORT, UNIT_OF)
"""Identifiers of results that the dataset under test does not have."""
AT = {YEAR_END: "end", AVERAGE: "start"}
FAIL, PASS, NOT_TESTABLE = "fail", "pass", "not testable"


class EngineMissingError(Exception):
    """No interpreter has vtlengine, and none can be created."""


def interpreter() -> str:
    """The interpreter of an environment with vtlengine, named by a variable or created here.

    The engine is under the AGPL and pins other versions of libraries, so it is never installed beside sdmxmig.
    """
    if named := os.environ.get(INTERPRETER):
        return named
    python = ENVIRONMENT / "bin" / "python"
    done = ENVIRONMENT / "done"
    if not done.is_file():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ENGINE]
        try:
            subprocess.run(install, check=True, capture_output=True, timeout=LONGEST)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            reason = f"{ENGINE} cannot be installed, and {INTERPRETER} names no interpreter that has it: {error}"
            raise EngineMissingError(reason) from error
        done.touch()
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
    """The dataset with DECIMALS added if its printed decimals are not declared.

    VTL gets numbers and cannot see how they are printed; sdmxmig can.
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
    """The verdict of a rule for a dataset, and the keys of the observations at fault."""

    verdict: str
    faulty: frozenset[tuple[tuple[str, str], ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule and the datasets that are reported together, the one under test first."""

    rule: Rule
    datasets: Sequence[Dataset]
    _: KW_ONLY
    name: str
    outside: Sequence[OutsideData] | None = None
    """Data of others; None in a workspace that has none."""


def seen_by_sdmxmig(trial: Trial, catalogue: Catalogue, identifiers: Iterable[str]) -> Outcome:
    """The verdict of sdmxmig; keys keep only the identifiers of the results in VTL.

    Notes count only if the severity of the rule is a note.
    """
    dataset, *others = trial.datasets
    flow = replace(dataset.flow, dataflow=replace(dataset.flow.dataflow, rules=(trial.rule.id,)))
    rules = {trial.rule.id: trial.rule}
    outside = OtherProviderData(tuple(trial.outside or ()))
    findings = validate(replace(dataset, flow=flow), replace(catalogue, rules=rules), others, outside=outside)
    books = open_books(trial.datasets)
    dataset = books[0].dataset
    check = Check(
        trial.rule,
        dataset,
        books=books,
        others=tuple(others),
        identities=tuple(catalogue.identities),
        flows=catalogue.flows,
        rules=catalogue.rules,
        outside=outside,
    )
    rows: set[int] = set()
    for report in run_kind(KINDS[trial.rule.kind], check) if not dataset.observations.is_empty() else ():
        is_slight = isinstance(report, Fault) and (report.severity or trial.rule.severity) == "information"
        if isinstance(report, Fault) and (not is_slight or trial.rule.severity == "information"):
            whole = dataset.flow.structure[report.component].attachment == "dataset"
            rows |= set(range(dataset.observations.height) if whole else report.rows)
    verdict = next(verdict.outcome for verdict in findings.verdicts if verdict.rule == trial.rule.id)
    verdict = FAIL if rows and trial.rule.severity == "information" else verdict
    return Outcome(verdict, keys_of(rows, check, trial, list(identifiers)))


def keys_of(rows: Iterable[int], check: Check, trial: Trial, identifiers: Sequence[str]) -> frozenset[Key]:
    """The keys of what is at fault, with some identifiers only; of accounts those of the accounts, not of figures."""
    frame = check.dataset.observations
    key = check.dataset.flow.structure.key
    if trial.rule.kind == "IDENTITY-HOLDS":
        own = [identity for identity in check.identities if identity.id in trial.rule.identities]
        at_fault = {(check.dataset.flow.id, row) for row in rows}
        tests = [test.account for test in trace(check.books, own) if test.ends and is_at(test, at_fault)]
        codes = [
            dict.fromkeys(identifiers, "_T")
            | {"REF_AREA": account.area, "YEAR": account.period}
            | dict(account.population)
            for account in tests
        ]
    else:
        named = frame.select(pl.col(component).cast(pl.String) for component in key)
        codes = [dict(zip(key, named.row(row), strict=True)) for row in sorted(rows)]
        if "YEAR" in identifiers:
            codes = [{**code, "YEAR": year_of(code, trial, check.identities)} for code in codes]
    return frozenset(tuple((identifier, code[identifier]) for identifier in sorted(identifiers)) for code in codes)


def is_at(test: TracedAccount, at_fault: Collection[tuple[str, int]]) -> bool:
    """Whether a test of an identity that did not come out well ends at one of these observations."""
    return test.account.outcome in ("TOLERATED", "UNBALANCED") and test.ends[0] in at_fault


def year_of(key: Mapping[str, str], trial: Trial, identities: Iterable[Identity]) -> str:
    """The year that a figure enters: that of the account which it ends, or of the ratio in which it stands."""
    parameters: Any = trial.rule.parameters
    own = [identity for identity in identities if identity.id in trial.rule.identities]
    year, flow = int(key["TIME_PERIOD"][:4]), trial.datasets[0].flow.id
    if own and flow == own[0].account:
        return str(year)
    pair = parameters.get("pair", [parameters])[0]
    at = "end" if own else pair["upper"].get("at", "period") if "upper" in pair else AT[pair["own"]["timing"]]
    day = trial.datasets[0].attributes.get("REF_DATE", "")
    shift = YEARS_TO_1_JANUARY.get(day, 0) if at in ("start", "end") else 0
    return str(year + shift - (at == "end"))


def jobs_of(trials: Iterable[Trial], catalogue: Catalogue) -> dict[str, Any]:
    """Requests to the runner: one script for each trial."""
    jobs = []
    flows: dict[str, Flow] = {}
    for trial in trials:
        parts = parts_of(trial, catalogue)
        needed = {flow for part in parts for flow in part.inputs}
        datasets = [dataset for dataset in trial.datasets if dataset.flow.id in needed]
        flows |= {dataset.flow.id: dataset.flow for dataset in datasets}
        asked = job("\n".join([HEADER_TEXT, *write_statements(parts, set())]), datasets, results_of(parts))
        jobs.append(with_others(asked, trial, needed, catalogue))
    domains = {domain["name"]: domain["setlist"] for domain in list_value_domains(flows.values())}
    return {"jobs": jobs, "domains": domains, "in_duckdb": False}


def with_others(asked: dict[str, Any], trial: Trial, needed: Collection[str], catalogue: Catalogue) -> dict[str, Any]:
    """Add the data of others that a script needs, one data set for each structure."""
    for called, flow in build_other_flows(catalogue.flows).items():
        if called not in needed:
            continue
        asked["structures"].append(describe_data_set(flow))
        asked["data"][called] = build_other_rows(flow, trial.outside or ()).to_dict(as_series=False)
    return asked


def jobs_by_flow(trials: Sequence[Trial], catalogue: Catalogue) -> dict[str, Any]:
    """Requests to the runner: one script for each dataflow, as a workspace builds it, on the same datasets.

    They run in DuckDB, which the engine offers beside pandas and which takes a third of the time.
    """
    datasets = {dataset.flow.id: dataset for trial in trials for dataset in trial.datasets}
    by_flow: dict[str, list[TranslatedRule]] = {}
    for trial in trials:
        flow = trial.datasets[0].flow
        by_flow.setdefault(flow.id, []).append(translate_rule(trial.rule, flow, catalogue, set(datasets)))
    jobs = []
    for translations in by_flow.values():
        parts = [part for translation in translations for part in translation.parts]
        needed = sorted({flow for part in parts for flow in part.inputs})
        script = write_titled_script(translations, "en")
        own = [datasets[flow] for flow in needed if flow in datasets]
        jobs.append(
            with_others(job(script, own, results_of(parts)), first_of_flow(trials, translations), needed, catalogue)
        )
    domains = list_value_domains(dataset.flow for dataset in datasets.values())
    named = {domain["name"]: domain["setlist"] for domain in domains}
    return {"jobs": jobs, "domains": named, "in_duckdb": True}


def parts_of(trial: Trial, catalogue: Catalogue) -> tuple[Part, ...]:
    """A rule in VTL as a workspace writes it that fills the dataflows of the datasets."""
    there = {dataset.flow.id for dataset in trial.datasets}
    there |= set() if trial.outside is None else set(build_other_flows(catalogue.flows))
    return translate_rule(trial.rule, trial.datasets[0].flow, catalogue, there).parts


def first_of_flow(trials: Sequence[Trial], translations: Sequence[TranslatedRule]) -> Trial:
    return next(trial for trial in trials if trial.datasets[0].flow.id == translations[0].flow.id)


def results_of(parts: Iterable[Part]) -> list[str]:
    """The results of parts of a script."""
    return [name for part in parts for name in (part.name, part.untested) if name]


def job(script: str, datasets: Sequence[Dataset], results: Sequence[str]) -> dict[str, Any]:
    """A script with its data."""
    return {
        "script": script,
        "structures": [describe_data_set(dataset.flow) for dataset in datasets],
        "data": {dataset.flow.id: data_of(dataset) for dataset in datasets},
        "domains": [domain["name"] for domain in list_value_domains(dataset.flow for dataset in datasets)],
        "results": list(results),
    }


def data_of(dataset: Dataset) -> dict[str, list[str | None]]:
    """The observations with their attributes of all levels, by component; empty attributes as files have them, ""."""
    check = Check(ANY_RULE, dataset, books=open_books([dataset]))
    structure = dataset.flow.structure
    columns = {one: check.frame[one].cast(pl.String).to_list() for one in structure.key}
    values = check.frame[structure.measure.id].cast(pl.String).to_list()
    columns[structure.measure.id] = [None if value == "NaN" else value for value in values]
    attributes = {
        one.id: extract_column(check, one)["value"].cast(pl.String).fill_null("") for one in structure.attributes()
    }
    return columns | {name: texts.to_list() for name, texts in attributes.items()}


def answers(asked: Mapping[str, Any], folder: Path, python: str) -> list[dict[str, Any]]:
    """Answers of vtlengine to each job, from a separate process."""
    file = folder / "jobs.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        [python, str(RUNNER), str(file)], check=True, capture_output=True, timeout=LONGEST, text=True, encoding="utf-8"
    )
    answer: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def seen_by_vtl(answer: Mapping[str, Any], results: Sequence[str]) -> tuple[Outcome, set[str]]:
    """The verdict of results in VTL: fail if one does not hold, pass if one holds, else not testable.

    Beside it stand the identifiers that the results have.
    """
    assert "error" not in answer, answer["error"]
    listed = [
        {**row, "key": {name: code for name, code in row["key"].items() if name not in NO_DIMENSIONS}}
        for result in results
        for row in answer["rows"][result]
    ]
    rows = [row for row in listed if row["holds"] is not None]
    faulty = frozenset(tuple(sorted(row["key"].items())) for row in rows if not row["holds"])
    identifiers = {name for key in faulty for name, _ in key} or {name for row in listed for name in row["key"]}
    return Outcome(FAIL if faulty else PASS if rows else NOT_TESTABLE, faulty), identifiers or {"REF_AREA"}


def spoilt(dataset: Dataset) -> Dataset:
    """The dataset with every eleventh figure half as large again and seven more, so that little adds up."""
    measure = dataset.flow.structure.measure.id
    text = pl.col(measure).cast(pl.String)
    number = text.cast(pl.Float64, strict=False)
    larger = (number * 1.5 + 7).round(0).cast(pl.Int64, strict=False).cast(pl.String)
    chosen = (pl.int_range(pl.len()) % 11 == 0) & text.str.contains(r"^\d+$")
    return replace(
        dataset,
        observations=dataset.observations.with_columns(pl.when(chosen).then(larger).otherwise(text).alias(measure)),
    )


Both = dict[str, tuple[Outcome, Outcome]]
"""What VTL and sdmxmig see, by the name of a trial."""


def both(trials: Sequence[Trial], catalogue: Catalogue, folder: Path, python: str) -> Both:
    """Results of VTL, with a script for each trial, and of sdmxmig."""
    given = answers(jobs_of(trials, catalogue), folder, python)
    return compare_results(trials, catalogue, given)


def both_by_flow(trials: Sequence[Trial], catalogue: Catalogue, folder: Path, python: str) -> Both:
    """Results of VTL, with one script for each dataflow as a workspace builds it, and of sdmxmig."""
    flows = list(dict.fromkeys(trial.datasets[0].flow.id for trial in trials))
    by_flow = dict(zip(flows, answers(jobs_by_flow(trials, catalogue), folder, python), strict=True))
    return compare_results(trials, catalogue, [by_flow[trial.datasets[0].flow.id] for trial in trials])


def compare_results(trials: Sequence[Trial], catalogue: Catalogue, given: Sequence[Mapping[str, Any]]) -> Both:
    """The results of VTL beside those of sdmxmig."""
    seen = {}
    for trial, answer in zip(trials, given, strict=True):
        in_vtl, identifiers = seen_by_vtl(answer, results_of(parts_of(trial, catalogue)))
        seen[trial.name] = (in_vtl, seen_by_sdmxmig(trial, catalogue, identifiers))
    return seen


def load_trials(name: str, *, is_damaged: bool) -> tuple[list[Trial], Catalogue]:
    """A trial of each rule of an example that VTL can express, by dataflow, and the declarations used."""
    catalogue, whole = example(name)
    data = [spoilt(dataset) for dataset in whole] if is_damaged else whole
    filled = {dataset.flow.id for dataset in data}
    return [
        Trial(
            catalogue.rules[rule],
            [dataset, *(other for other in data if other is not dataset)],
            name=f"{rule} {dataset.flow.id}",
        )
        for dataset in data
        for rule in sorted(list_active_rules(catalogue.rules, dataset.flow.dataflow.rules))
        if translate_rule(catalogue.rules[rule], dataset.flow, catalogue, filled).parts
    ], catalogue
