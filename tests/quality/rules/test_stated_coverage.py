"""A census with a stated undercount is compared after correction, with the stated precision."""

from __future__ import annotations

from case_tables import as_list, cases_from
from reported import datasets, outside_data, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.statistics.demography.revisions import OtherProviderData


@cases_from("quality/rules/cases/population_equals_the_census_with_its_coverage.csv", observed=as_list)
def test_population_must_equal_census_adjusted_for_coverage(margin: str, population: str, observed: list[str]) -> None:
    rows = ["flow,domain,provider,TIME_PERIOD,OBS_VALUE,margin", f"DF_POP,,,2022,{population},"]
    table = "\n".join([*rows, f"DF_POP,census,census of 2021,2021,100000,{margin}"])
    (dataset,) = datasets(table, CATALOGUE.flows)
    outside = OtherProviderData(outside_data(table, CATALOGUE.flows))
    findings = validate(switched_on(dataset, "MIG-4-002"), AS_LISTED, outside=outside)
    assert [item.observed for item in findings.items] == observed
