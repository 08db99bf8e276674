"""Data larger than memory are processed in parts of the persons, with the result of the whole."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from made_records import AREA, day, movements_of, number, persons_of, table, written
from night_by_night import random_person
from shipped import CATALOGUE

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.files import CITIZENSHIPS
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.workspace.tasks.deriving import DerivationResult, derive
from sdmxmig.workspace.tasks.further_figures import CIRCULAR, OVERSTAYS, RETURN, TEMPORARY, DeriveRequest
from sdmxmig.workspace.tasks.integration_records import write_message

FIRST, LAST = "2016-01-01", "2022-12-31"
BEGUN = "2012-01-01"
"""Circular mobility looks back ten years."""
NOW = "2026-01-31T12:00:00+00:00"


def files(folder: Path) -> dict[str, Path]:
    """The records of 400 random persons, of whom some change their citizenship."""
    dice = random.Random(40)
    people = {f"P{index}": random_person(dice, number(FIRST), number(LAST)) for index in range(400)}
    changes = [
        {"person": name, "date": day(dice.randrange(number(FIRST), number(LAST))), "c_citizen": AREA}
        for name in dice.sample(sorted(people), 30)
    ]
    return written(
        folder,
        movements=movements_of(people)
        .with_columns(granted_days=pl.when(pl.col("direction") == "ENTRY").then(90))
        .sample(fraction=1, shuffle=True, seed=3),
        persons=persons_of(people),
        citizenships=table(CITIZENSHIPS, changes),
    )


def derived(paths: dict[str, Path], rule: str, memory: str) -> DerivationResult:
    days = dt.date.fromisoformat(BEGUN), dt.date.fromisoformat(LAST)
    request = DeriveRequest(
        "MD",
        rule,
        files=paths,
        first=days[0],
        last=days[1],
        years=(2021, 2022),
        memory=memory,
        also=(TEMPORARY, RETURN, OVERSTAYS, CIRCULAR) if rule != "R183_183" else ("return",),
        earlier=dt.date(2022, 8, 31),
    )
    return derive(request, CATALOGUE)


@pytest.mark.parametrize(
    "rule", ["R12_16", *(pytest.param(code, marks=pytest.mark.long) for code in ("REU28", "R12_12", "R183_183", "R6"))]
)
def test_records_in_parts_yield_the_results_of_the_whole(rule: str, tmp_path: Path) -> None:
    paths = files(tmp_path)
    whole, parts = derived(paths, rule, "4GB"), derived(paths, rule, "1600KB")
    assert parts.outcomes == whole.outcomes
    assert [write_message(dataset, NOW) for dataset in parts.datasets] == [
        write_message(dataset, NOW) for dataset in whole.datasets
    ]
    assert {name: table.rows() for name, table in parts.tables.items()} == {
        name: table.rows() for name, table in whole.tables.items()
    }
    assert whole.tables["revisions"].height > 3
    assert parts.findings == whole.findings
    assert {RuleId.REPEATED, RuleId.ENTRY_AFTER_ENTRY} <= {finding.rule for finding in parts.findings.items}
    values = [Decimal(value) for dataset in whole.datasets for value in dataset.observations["OBS_VALUE"]]
    assert max(values) > 20
    weighed = rule in ("R12_16", "R12_12")
    assert any(value % 1 for value in values) == weighed, "open crossings weigh by those of all parts"


def test_invalid_memory_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="not an amount of memory"):
        derived(files(tmp_path), "R12_16", "much")
