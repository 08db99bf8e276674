"""A group of purposes is the sum of its purposes in every unit, also in stays and in person-days."""

from __future__ import annotations

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate


@pytest.mark.parametrize("unit", ["NUMBER", "STAY", "PS_DAY", "DOC"])
def test_temporary_mobility_equals_the_sum_of_its_purposes(unit: str) -> None:
    rows = ["TMP_ITEM,UNIT_MEASURE,MOB_TYPE,OBS_VALUE", f"ARR,{unit},TMP_SI,101"]
    rows += [f"ARR,{unit},{code},25" for code in ("TMP_LAB", "TMP_EDU", "TMP_HLT", "TMP_PROT")]
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows, "DF_TEMPMOB")
    (item,) = validate(switched_on(dataset, "MIG-1-107"), AS_LISTED).items
    assert (item.observed, item.expected) == ("101", "100")
