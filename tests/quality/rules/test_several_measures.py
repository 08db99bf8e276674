"""In a structure with several measures, rules check the first one; the others do not change the results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.rules import KINDS
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Dataset

HERE = Path(__file__).parent
RULES = [rule.id for rule in CATALOGUE.rules.values() if rule.level in (1, 2) and rule.kind in KINDS]


def with_second_measure(dataset: Dataset) -> Dataset:
    """The dataset with a measure more, which is the same number everywhere."""
    structure = dataset.flow.structure
    second = replace(structure.measure, id="SECOND", mandatory=False)
    flow = replace(dataset.flow, structure=replace(structure, components=(*structure.components, second)))
    return replace(dataset, flow=flow, observations=dataset.observations.with_columns(SECOND=pl.lit("5")))


@pytest.mark.parametrize("rule", RULES)
def test_second_measure_does_not_change_the_findings(rule: str) -> None:
    dataset, *others = datasets((HERE / rule / "bad.csv").read_text(encoding="utf-8"), CATALOGUE.flows)
    before = validate(switched_on(dataset, rule), AS_LISTED, others)
    after = validate(
        switched_on(with_second_measure(dataset), rule), AS_LISTED, [with_second_measure(dataset) for dataset in others]
    )
    assert after.verdicts == before.verdicts
    assert [(finding.component, finding.observed, finding.expected, finding.sentence()) for finding in after.items] == [
        (finding.component, finding.observed, finding.expected, finding.sentence()) for finding in before.items
    ]
