"""vtlengine gives the same verdicts and faulty figures as sdmxmig.

vtlengine is an independent implementation of VTL. It runs in its own environment (see `in_vtl`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from folders import TESTS
from in_vtl import (
    FAIL,
    NOT_TESTABLE,
    PASS,
    EngineMissingError,
    Trial,
    both,
    declared,
    interpreter,
)
from reported import datasets, outside_data
from shipped import AS_LISTED, CATALOGUE
from test_definitions_of_series import population

from sdmxmig.quality.vtl import TRANSLATIONS
from sdmxmig.quality.vtl.script import translate_rule
from sdmxmig.sdmx.model.data import Dataset

pytestmark = [pytest.mark.long]
HERE = TESTS / "quality"
CASES = ("ok", "bad", "edge", "na")
ENOUGH = 75
"""So many rules at least are compared."""


@pytest.fixture(scope="module")
def python() -> str:
    try:
        return interpreter()
    except EngineMissingError as reason:
        pytest.skip(str(reason))


def apart(dataset: Dataset) -> Dataset:
    """The dataset with a year for each of the observations that share a key, which no data set of VTL can hold."""
    structure = dataset.flow.structure
    frame, time = dataset.observations, structure.time
    if time is None or not frame.select(pl.struct(structure.key).is_duplicated().any()).item():
        return dataset
    years = pl.int_range(2000, 2000 + pl.len()).cast(pl.String).alias(time.id)
    return replace(dataset, observations=frame.with_columns(years))


def has_whole_keys(dataset: Dataset) -> bool:
    return not dataset.observations.select(dataset.flow.structure.key).null_count().sum_horizontal().item()


def test_vtl_and_python_agree_on_the_tables_of_each_rule(tmp_path: Path, python: str) -> None:
    trials = []
    for rule in AS_LISTED.rules.values():
        for case in CASES if rule.kind in TRANSLATIONS else ():
            table = (HERE / "rules" / rule.id / f"{case}.csv").read_text(encoding="utf-8")
            together = [declared(apart(dataset)) for dataset in datasets(table, CATALOGUE.flows)]
            if translate_rule(rule, together[0].flow, CATALOGUE).parts and has_whole_keys(together[0]):
                outside = outside_data(table, CATALOGUE.flows)
                trials.append(Trial(rule, together, name=f"{rule.id} {case}", outside=outside))
    seen = both(trials, AS_LISTED, tmp_path, python)
    assert {name: in_vtl for name, (in_vtl, _) in seen.items()} == {name: ours for name, (_, ours) in seen.items()}
    rules_by_verdict = Counter(
        verdict for verdict, _ in {(in_vtl.verdict, name.split()[0]) for name, (in_vtl, _) in seen.items()}
    )
    assert min(rules_by_verdict[verdict] for verdict in (PASS, FAIL, NOT_TESTABLE)) >= ENOUGH


@pytest.mark.parametrize("rule", ["R12", "PERMIT", "_U"])
def test_only_figures_of_one_residence_rule_are_added_up(tmp_path: Path, python: str, rule: str) -> None:
    rules = [CATALOGUE.rules[f"MIG-1-{number}"] for number in ("103", "109", "113")]
    trials = [Trial(one, [declared(population(rule))], name=one.id) for one in rules]
    seen = both(trials, CATALOGUE, tmp_path, python)
    assert {name: in_vtl for name, (in_vtl, _) in seen.items()} == {name: ours for name, (_, ours) in seen.items()}
    assert (seen["MIG-1-103"][0].verdict == FAIL) is (rule == "R12")


TABLES = {
    "MIG-1-117": "TIME_PERIOD,BIRTH_STATUS,CTZ_STATUS,OBS_VALUE\n"
    + "".join(
        f"{year},_T,_T,{total}\n{year},NB,NC,60\n{year},FB,FC,40\n"
        for year, total in ((2001, 100), (2002, 100), (2003, 100), (2004, 140))
    ),
    "MIG-2-009": """flow,ACC_ITEM,SEX,RES_RULE,REF_DATE,OBS_VALUE
DF_ACCOUNT,POP_BEG,_T,R6,,1100
DF_ACCOUNT,POP_BEG,F,_U,,400
DF_POP,,_T,R6,D0101,1000
DF_POP,,F,R6,D0101,300
""",
}
"""A total with a wrong sum of parts that are complete in other years; two residence rules in one of two dataflows."""


@pytest.mark.parametrize("rule", TABLES)
def test_only_the_comparable_wrong_figure_is_reported(tmp_path: Path, python: str, rule: str) -> None:
    tables = [declared(dataset) for dataset in datasets(TABLES[rule], CATALOGUE.flows)]
    in_vtl, ours = both([Trial(CATALOGUE.rules[rule], tables, name=rule)], CATALOGUE, tmp_path, python)[rule]
    assert in_vtl == ours
    assert (in_vtl.verdict, len(in_vtl.faulty)) == (FAIL, 1)
