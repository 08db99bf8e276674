"""Published tables, their mappings and the observations that they become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref

TABLES = Path(__file__).parents[3] / "shared" / "data" / "tables"
MAPPINGS = Path(__file__).parents[1] / "conversion" / "mappings"
TYPES = {"OBS_VALUE": "Decimal"}


def build_text_flow(flow_id: str, dimensions: tuple[str, ...], *, timed: bool = True) -> Flow:
    """A dataflow whose dimensions accept any text."""
    roles: Mapping[str, str] = {**dict.fromkeys(dimensions, "dimension"), **({"TIME_PERIOD": "time"} if timed else {})}
    components = [
        Component(
            name,
            role,
            concept=Ref("Concept", "TEST", id="CS_TEST", version="1.0", item=name),
            codelist=None,
            data_type=TYPES.get(name, "String"),
        )
        for name, role in {**roles, "OBS_VALUE": "measure"}.items()
    ]
    status = Ref("Concept", "TEST", id="CS_TEST", version="1.0", item="OBS_STATUS")
    components.append(
        Component(
            "OBS_STATUS", "attribute", concept=status, codelist=None, data_type="String", attachment="observation"
        )
    )
    structure = DataStructure(
        Ref("DataStructure", "TEST", id=f"DSD_{flow_id}", version="1.0"), Text(), components=tuple(components)
    )
    dataflow = Dataflow(Ref("Dataflow", "TEST", id=flow_id, version="1.0"), Text(), structure=structure.ref)
    return Flow(dataflow, structure, codelists={}, concepts={})


FLOWS = {
    "DF_BALANCE": build_text_flow("DF_BALANCE", ("FREQ", "REGION", "PARTNER", "CTZ_STATUS")),
    "DF_COMMUTING": build_text_flow("DF_COMMUTING", ("RESIDENCE", "WORKPLACE")),
    "DF_EMPLOYMENT_RATE": build_text_flow(
        "DF_EMPLOYMENT_RATE", ("REF_AREA", "SEX", "AGE", "EDUCATION_LEV", "CTZ_STATUS", "UNIT_MEASURE")
    ),
    "DF_ENFORCEMENT": build_text_flow("DF_ENFORCEMENT", ("FREQ", "TABLE", "GROUP", "ITEM")),
    "DF_INEQUALITY": build_text_flow("DF_INEQUALITY", ("FREQ", "GEO")),
    "DF_INTERNAL": build_text_flow("DF_INTERNAL", ("FREQ", "REF_AREA", "REGION", "DIRECTION")),
    "DF_INTERNAL_AGE": build_text_flow(
        "DF_INTERNAL_AGE", ("FREQ", "REF_AREA", "REGION_FROM", "REGION_TO", "SEX", "AGE")
    ),
    "DF_LOCAL_POPULATION": build_text_flow(
        "DF_LOCAL_POPULATION", ("TABLE", "REGION", "ITEM", "DETAIL", "UNIT"), timed=False
    ),
    "DF_LONG_IMMIGRATION": build_text_flow("DF_LONG_IMMIGRATION", ("C_RESIDENCE",)),
    "DF_LPR_BY_STATE": build_text_flow("DF_LPR_BY_STATE", ("C_BIRTH", "STATE")),
    "DF_MOVES": build_text_flow("DF_MOVES", ("ORIGIN", "DESTINATION"), timed=False),
    "DF_MOVES_BY_TYPE": build_text_flow("DF_MOVES_BY_TYPE", ("ORIGIN", "DESTINATION", "TYPE")),
    "DF_MOVES_BY_YEAR": build_text_flow("DF_MOVES_BY_YEAR", ("FREQ", "ORIGIN", "DESTINATION")),
    "DF_PRICES": build_text_flow("DF_PRICES", ("FREQ", "REGION", "ACTIVITY", "TRANSFORMATION")),
    "DF_RESIDENCES": build_text_flow("DF_RESIDENCES", ("FREQ", "REF_AREA", "REGION", "DURATION")),
    "DF_SETTLEMENT": build_text_flow("DF_SETTLEMENT", ("FREQ", "REGION", "SETTLEMENT")),
    "DF_SHARE": build_text_flow("DF_SHARE", ("FREQ", "REF_AREA", "REGION", "UNIT_MEASURE")),
    "DF_VITAL": build_text_flow("DF_VITAL", ("FREQ", "REGION", "SETTLEMENT", "EVENT")),
}
"""Dataflows of tables that our dimensions do not describe."""


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
