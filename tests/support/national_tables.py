"""Published tables, their mappings and the observations that they become."""

from __future__ import annotations

from functools import cache

import polars as pl
from shipped import CATALOGUE

from benchmarks.national_flows import FLOWS, MAPPINGS, TABLES
from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.data import Flow


@cache
def flows() -> dict[str, Flow]:
    """The shipped dataflows and those above."""
    return {**CATALOGUE.flows, **FLOWS}


@cache
def converted(path: str, mapping_path: str) -> Conversion:
    """The dataset that a published file becomes by a mapping."""
    file, declared = TABLES / path, MAPPINGS / mapping_path
    mapping = load(declared.name, declared.read_bytes(), flows())
    return convert(read(file.name, file.read_bytes()), mapping, flows()[mapping.flow], CATALOGUE.rules)


def valued(result: Conversion) -> pl.DataFrame:
    """The observations, each with the sheet, row and column of its value."""
    places = ("observation", "sheet", "row", "column")
    origins = result.dataset.origins.filter(pl.col("component") == "OBS_VALUE").select(places)
    return result.dataset.observations.with_row_index("observation").join(origins, on="observation", how="left")
