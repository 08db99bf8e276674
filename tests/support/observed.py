"""Small dataflows and datasets for tests: a few observations, written as a table of what is not the total."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref

CODES = {
    "FREQ": ("A",),
    "REF_AREA": ("GE", "SE"),
    "DIRECTION": ("I", "E"),
    "EVENT": ("LBIRTH", "DEATH"),
    "BIRTH_STATUS": ("_T", "NB", "FB"),
    "CTZ_STATUS": ("_T", "NC", "FC"),
    "SEX": ("_T", "M", "F"),
    "AGE": ("_T",),
    "ACC_ITEM": ("POP_BEG", "LBIRTH", "DEATH", "FLW_IMM", "FLW_EMI", "POP_END"),
    "UNIT_MEASURE": ("PS",),
    "REF_DATE": ("D0101", "D1231"),
}
CONCEPTS = {"CTZ_STATUS": "Citizenship status", "BIRTH_STATUS": "Birth status", "SEX": "Sex"}
GROUPS = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE")
FLOWS = {
    "DF_POP": ("Resident population by birth and citizenship status", GROUPS, {}),
    "DF_IMM": ("Immigration", ("DIRECTION", *GROUPS), {"DIRECTION": "I"}),
    "DF_EMI": ("Emigration", ("DIRECTION", *GROUPS), {"DIRECTION": "E"}),
    "DF_BIRTHS": ("Live births", ("EVENT", *GROUPS), {"EVENT": "LBIRTH"}),
    "DF_DEATHS": ("Deaths", ("EVENT", *GROUPS), {"EVENT": "DEATH"}),
    "DF_ACCOUNT": ("Population account", ("ACC_ITEM", *GROUPS, "UNIT_MEASURE"), {"UNIT_MEASURE": "PS"}),
}
OBSERVED = ("OBS_VALUE", "OBS_STATUS", "UNIT_MULT", "SOURCE_DETAIL")


def flow(flow_id: str) -> Flow:
    """One of the dataflows above, with its structure and codelists."""
    name, dimensions, _ = FLOWS[flow_id]
    key = ("FREQ", "REF_AREA", *dimensions)
    lists = {one: ItemScheme(ref_of(one), Text(), items=items(one)) for one in (*key, "REF_DATE")}
    concepts = {one: Text.of(en=CONCEPTS.get(one, one)) for one in key}
    components = (
        *(Component(one, "dimension", concept=concept(one), codelist=ref_of(one)) for one in key),
        Component("TIME_PERIOD", "time", concept=concept("TIME_PERIOD"), data_type="ObservationalTimePeriod"),
        Component("OBS_VALUE", "measure", concept=concept("OBS_VALUE"), data_type="Decimal"),
        *(Component(one, "attribute", concept=concept(one), attachment="observation") for one in OBSERVED[1:]),
        Component(
            "REF_DATE", "attribute", concept=concept("REF_DATE"), codelist=ref_of("REF_DATE"), attachment="dataset"
        ),
    )
    structure = DataStructure(
        Ref("DataStructure", "TEST", id=f"DSD_{flow_id}", version="1.0"), Text(), components=components
    )
    dataflow = Dataflow(Ref("Dataflow", "TEST", id=flow_id, version="1.0"), Text.of(en=name), structure=structure.ref)
    return Flow(dataflow, structure, codelists=lists, concepts=concepts)


def ref_of(component: str) -> Ref:
    return Ref("Codelist", "TEST", id=f"CL_{component}", version="1.0")


def concept(component: str) -> Ref:
    return Ref("Concept", "TEST", id="CS_TEST", version="1.0", item=component)


def items(component: str) -> tuple[Item, ...]:
    names = {"D0101": "1 January", "D1231": "31 December"}
    return tuple(Item(code, Text.of(en=names.get(code, code))) for code in CODES[component])


def dataset(
    flow_id: str,
    rows: Sequence[dict[str, str]],
    *,
    area: str = "GE",
    ref_date: str = "D0101",
    unit_mult: str = "0",
    file: str = "",
) -> Dataset:
    """A dataset: each row names its year, its value and the codes that are not the total.

    With `file` every value has a cell: in the sheet named as the flow, one row below the other from A1.
    """
    of = flow(flow_id)
    fixed = dict.fromkeys(of.structure.series_key, "_T") | {"FREQ": "A", "REF_AREA": area} | FLOWS[flow_id][2]
    usual = {"OBS_STATUS": "A", "UNIT_MULT": unit_mult, "SOURCE_DETAIL": None}
    columns = (*of.structure.key, *OBSERVED)
    observations = pl.DataFrame(
        [{**fixed, **usual, **{named(name): value for name, value in row.items()}} for row in rows],
        schema=dict.fromkeys(columns, pl.String),
    )
    cells = [(n, "OBS_VALUE", file, flow_id, n + 1, 1) for n in range(len(rows)) if file]
    types = (pl.UInt32, pl.String, pl.String, pl.String, pl.Int32, pl.Int32)
    return Dataset(
        of,
        observations,
        series=observations.select(of.structure.series_key).unique(maintain_order=True),
        attributes={"REF_DATE": ref_date} if flow_id == "DF_POP" and ref_date else {},
        origins=pl.DataFrame(cells, schema=dict(zip(ORIGIN_COLUMNS, types, strict=True)), orient="row"),
    )


def named(name: str) -> str:
    return {"year": "TIME_PERIOD", "value": "OBS_VALUE", "status": "OBS_STATUS"}.get(name, name)
