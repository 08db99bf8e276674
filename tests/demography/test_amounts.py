"""What observations amount to, as their text says it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.demography.amounts import amounts


def test_of_several_measures_the_first_one_counts_and_the_others_stay_as_they_are() -> None:
    (dataset,) = datasets("OBS_VALUE,UNIT_MULT\n3704.5,3\n12,0", CATALOGUE.flows)
    structure = dataset.flow.structure
    second = replace(structure.measure, id="SHARE")
    flow = replace(dataset.flow, structure=replace(structure, components=(*structure.components, second)))
    frame = dataset.observations.with_columns(SHARE=pl.Series(["99.9", "0.1"]))
    found = amounts(replace(dataset, flow=flow, observations=frame))
    assert [found.exact(amount) for amount in found.frame["amount"]] == [3_704_500, 12]
    unsent = amounts(replace(dataset, flow=flow, observations=frame.drop("OBS_VALUE")))
    assert unsent.frame["amount"].to_list() == [None, None]
