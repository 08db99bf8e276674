"""The rules in VTL say what sdmxmig says: the same verdicts, and the same figures at fault, in vtlengine.

vtlengine is an implementation of VTL that we did not write. It runs in an environment of its own (see `in_vtl`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from in_vtl import (
    FAIL,
    NOT_TESTABLE,
    PASS,
    Outcome,
    Trial,
    answers,
    declared,
    example,
    interpreter,
    jobs_of,
    seen_by_sdmxmig,
    seen_by_vtl,
)
from reported import datasets
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.model.data import Dataset
from sdmxmig.vtl import TRANSLATIONS
from sdmxmig.vtl.script import translation_of

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("loaded_once")]
HERE = Path(__file__).parent
CASES = ("ok", "bad", "edge", "na")
ENOUGH = 40
"""So many rules at least are compared."""
NO_AGES = "which age groups fill all ages cannot be said in VTL"


@pytest.fixture(scope="module")
def python(request: pytest.FixtureRequest) -> str:
    return interpreter(Path(request.config.cache.mkdir("vtlengine")))


def both(trials: list[Trial], catalogue: Catalogue, folder: Path, python: str) -> dict[str, tuple[Outcome, Outcome]]:
    """What VTL and sdmxmig see in each trial."""
    seen = {}
    for trial, answer in zip(trials, answers(jobs_of(trials, catalogue), folder, python), strict=True):
        in_vtl = seen_by_vtl(answer)
        keys = {name for rows in answer["rows"].values() for row in rows for name in row["key"]}
        named = {name for key in in_vtl.faulty for name, _ in key} or keys or {"REF_AREA"}
        seen[trial.name] = (in_vtl, seen_by_sdmxmig(trial, catalogue, named))
    return seen


def apart(dataset: Dataset) -> Dataset:
    """The dataset with a year for each of the observations that share a key, which no data set of VTL can hold."""
    structure = dataset.flow.structure
    frame, time = dataset.observations, structure.time
    if time is None or not frame.select(pl.struct(structure.key).is_duplicated().any()).item():
        return dataset
    years = pl.int_range(2000, 2000 + pl.len()).cast(pl.String).alias(time.id)
    return replace(dataset, observations=frame.with_columns(years))


def test_the_four_tables_of_each_rule_that_can_be_said_in_vtl(tmp_path: Path, python: str) -> None:
    trials = []
    for rule in AS_LISTED.rules.values():
        for case in CASES if rule.kind in TRANSLATIONS else ():
            table = (HERE / "rules" / rule.id / f"{case}.csv").read_text(encoding="utf-8")
            together = [declared(apart(dataset)) for dataset in datasets(table, CATALOGUE.flows)]
            if translation_of(rule, together[0].flow, CATALOGUE.flows).reason != NO_AGES:
                trials.append(Trial(rule, together, name=f"{rule.id} {case}"))
    seen = both(trials, AS_LISTED, tmp_path, python)
    assert {name: in_vtl for name, (in_vtl, _) in seen.items()} == {name: ours for name, (_, ours) in seen.items()}
    rules_by_verdict = Counter(
        verdict for verdict, _ in {(in_vtl.verdict, name.split()[0]) for name, (in_vtl, _) in seen.items()}
    )
    assert min(rules_by_verdict[verdict] for verdict in (PASS, FAIL, NOT_TESTABLE)) >= ENOUGH


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


@pytest.mark.parametrize(
    ("name", "is_spoilt"), [("georgia", False), ("moldova", False), ("fictional", False), ("fictional", True)]
)
def test_the_data_of_a_country(tmp_path: Path, python: str, name: str, *, is_spoilt: bool) -> None:
    catalogue, whole = example(name)
    data = [spoilt(dataset) for dataset in whole] if is_spoilt else whole
    trials = [
        Trial(
            catalogue.rules[rule],
            [dataset, *(other for other in data if other is not dataset)],
            name=f"{rule} {dataset.flow.id}",
        )
        for dataset in data
        for rule in dataset.flow.dataflow.rules
        if translation_of(catalogue.rules[rule], dataset.flow, catalogue.flows).parts
    ]
    seen = both(trials, catalogue, tmp_path, python)
    assert {name: in_vtl for name, (in_vtl, _) in seen.items()} == {name: ours for name, (_, ours) in seen.items()}
    faulty = {name.split()[0] for name, (in_vtl, _) in seen.items() if in_vtl.verdict == FAIL}
    assert not is_spoilt or len(faulty) >= 15
