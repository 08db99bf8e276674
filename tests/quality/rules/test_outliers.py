"""The sentence on an outlier can be recalculated: it names the years and the median of their figures."""

from __future__ import annotations

from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate

EMIGRATION = {
    2005: 21709,
    2011: 32466,
    2012: 31227,
    2013: 35716,
    2018: 34382,
    2020: 26744,
    2022: 32536,
    2023: 34011,
    2024: 31968,
}


def test_outlier_message_states_years_and_median() -> None:
    rows = [f"{year},{value}" for year, value in EMIGRATION.items()]
    (dataset,) = datasets("\n".join(["TIME_PERIOD,OBS_VALUE", *rows]), CATALOGUE.flows, "DF_EMI")
    (finding,) = validate(switched_on(dataset, "MIG-2-102"), AS_LISTED).items
    # 26,744, 32,536, 34,011 and 34,382: the mean of the middle two is 33,273.5.
    assert finding.sentence() == "Emigration, 2020: 26,744; the median of 2018 to 2023 is 33,274."
