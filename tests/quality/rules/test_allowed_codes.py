"""Constraints name codes, codes with their descendants, ranges of periods, or values without a codelist."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.artefacts import Item, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint, CubeRegion, Member, Selection

PARENTS = {"_T": "", "M": "_T", "M1": "M", "M2": "M", "M11": "M1", "F": "_T", "F1": "F", "_U": ""}
SENT = tuple(PARENTS)


def refused(selection: Selection, table: str) -> list[str]:
    """The values that a constraint of one component does not allow, in a list of sexes with codes below codes."""
    (dataset,) = datasets(table, CATALOGUE.flows)
    flow = dataset.flow
    sexes = flow.codelists["SEX"]
    items = tuple(Item(code, Text.of(en=code), parent=parent) for code, parent in PARENTS.items())
    constraint = Constraint(
        Ref("DataConstraint", "TEST", id="CN_TEST", version="1.0"), Text(), regions=(CubeRegion((selection,)),)
    )
    own_flow = replace(
        flow, codelists={**flow.codelists, "SEX": replace(sexes, items=items)}, constraints=(constraint,)
    )
    findings = validate(switched_on(replace(dataset, flow=own_flow), "MIG-1-004"), AS_LISTED).items
    return [finding.observed for finding in findings if finding.rule == "MIG-1-004"]


@pytest.mark.parametrize(
    ("members", "allowed"),
    [
        ((Member("M"),), "M"),
        ((Member("M", "true"),), "M M1 M2 M11"),
        ((Member("M", "excluderoot"),), "M1 M2 M11"),
        ((Member("M11", "excluderoot"),), ""),
        ((Member("_T", "true"),), "_T M M1 M2 M11 F F1"),
        ((Member("M", "excluderoot"), Member("M")), "M M1 M2 M11"),
        ((Member("ZZ", "true"),), ""),
    ],
)
@pytest.mark.parametrize("include", [True, False])
def test_child_codes_count_only_if_included(members: tuple[Member, ...], allowed: str, *, include: bool) -> None:
    table = "SEX,OBS_VALUE\n" + "".join(f"{code},1\n" for code in SENT)
    observed = refused(Selection("SEX", members, include=include), table)
    assert observed == [code for code in SENT if (code in allowed.split()) is not include]


@pytest.mark.parametrize("cascade", ["", "true"])
def test_values_without_codelist_can_be_allowed(cascade: str) -> None:
    table = "SOURCE_DETAIL,OBS_VALUE\nCensus,1\nRegister,2\ncensus,3\n"
    assert refused(Selection("SOURCE_DETAIL", (Member("Census", cascade),)), table) == ["Register", "census"]
