"""Repeated observations: the message, and the cells that it names."""

from __future__ import annotations

from case_tables import cases_from, listed
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate


@cases_from("quality/rules/cases/first_of_several_other_values_is_reported.csv", at_fault=listed, beside=listed)
def test_first_of_several_other_values_is_reported(
    values: str, other: str, at_fault: tuple[str, ...], beside: tuple[str, ...]
) -> None:
    rows = [f"M,{value}" for value in values.split()]
    (dataset,) = datasets("\n".join(["SEX,OBS_VALUE", *rows]), CATALOGUE.flows)
    (finding,) = validate(switched_on(dataset, "MIG-1-007"), AS_LISTED).items
    parameters = dict(finding.parameters)
    assert (parameters["times"], parameters["first"], parameters["second"]) == (str(len(rows)), values[:2], other)
    cells = [place.cell for place in (finding.place, *finding.others) if place]
    assert (finding.observed, cells, [place.cell for place in finding.related]) == (other, [*at_fault], [*beside])
