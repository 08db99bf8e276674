"""Datasets for tests as small CSV tables: missing columns have their usual value, empty cells are not sent.

A column `flow` separates several flows; the first is the dataset under test. `ACTION` is that of a dataset. Every value
comes from a cell: the sheet has the name of the flow, observation n is in row n + 1 of column A. Rows with a `domain`
are data of others, from the `provider`; `margin` is their stated precision.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import OutsideData

USUAL = {
    "FREQ": "A",
    "REF_AREA": "GE",
    "TIME_PERIOD": "2022",
    "OBS_VALUE": "1",
    "OBS_STATUS": "A",
    "UNIT_MULT": "0",
    "UNIT_MEASURE": "PS",
    "REF_DATE": "D0101",
    "ACC_ITEM": "POP_BEG",
    "REGION": "_T",
    "TOPIC_CODE": "_T",
}
BY_FLOW = {
    "DF_IMM": {"DIRECTION": "I"},
    "DF_EMI": {"DIRECTION": "E"},
    "DF_BIRTHS": {"EVENT": "LBIRTH"},
    "DF_DEATHS": {"EVENT": "DEATH"},
    "DF_CTZ_ACQ": {"EVENT": "CTZ_ACQ"},
}
TYPES = (pl.UInt32, pl.String, pl.String, pl.String, pl.Int32, pl.Int32)


def datasets(table: str, flows: Mapping[str, Flow], flow: str = "DF_POP") -> tuple[Dataset, ...]:
    """The datasets of a CSV table by dataflow, in order of appearance; `flow` is used without such a column."""
    reader = csv.DictReader(io.StringIO(table.strip() + "\n"))
    rows = [row for row in reader if not row.get("domain")]
    names = dict.fromkeys(row.get("flow") or flow for row in rows) or {flow: None}
    return tuple(dataset(flows[name], [row for row in rows if (row.get("flow") or flow) == name]) for name in names)


def outside_data(table: str, flows: Mapping[str, Flow], flow: str = "DF_POP") -> tuple[OutsideData, ...]:
    """The data of others in a CSV table: one dataset for each domain, provider, margin and flow."""
    parts: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(table.strip() + "\n")):
        if row.get("domain"):
            whose = (row["domain"], row["provider"], row.get("margin") or "", row.get("flow") or flow)
            parts.setdefault(whose, []).append(row)
    return tuple(
        OutsideData(
            book=Book(dataset(flows[name], rows)), domain=domain, provider=provider, source="their table", margin=margin
        )
        for (domain, provider, margin, name), rows in parts.items()
    )


def dataset(flow: Flow, rows: list[dict[str, str]]) -> Dataset:
    """One dataset."""
    structure = flow.structure
    full = [{c.id: value_of(row, c.id, flow) for c in structure.components} for row in rows]
    at_observation = [c.id for c in structure.components if c.attachment in ("", "observation")]
    at_series = [c.id for c in structure.attributes("series")]
    frame = pl.DataFrame(full, schema=dict.fromkeys((c.id for c in structure.components), pl.String))
    at_dataset = {c.id: full[0][c.id] if full else None for c in structure.attributes("dataset")}
    cells = [(n, structure.measure.id, "data.xlsx", flow.id, n + 1, 1) for n in range(len(rows))]
    return Dataset(
        flow,
        frame.select(at_observation),
        series=frame.select(*structure.series_key, *at_series).unique(
            structure.series_key, keep="first", maintain_order=True
        ),
        attributes={name: value for name, value in at_dataset.items() if value},
        action=rows[0].get("ACTION", "R") if rows else "R",
        origins=pl.DataFrame(cells, schema=dict(zip(ORIGIN_COLUMNS, TYPES, strict=True)), orient="row"),
    )


def value_of(row: Mapping[str, str], component: str, flow: Flow) -> str | None:
    """Value of a component in a row, else its usual one: the total, or the first code of a mandatory attribute."""
    if component in row:
        return row[component] or None
    usual = {**USUAL, **BY_FLOW.get(flow.id, {})}
    if component in usual:
        return usual[component]
    codelist = flow.codelist(component)
    if codelist is None or not flow.structure[component].mandatory:
        return None
    return "_T" if "_T" in codelist else codelist.ids[0]


def switched_on(dataset: Dataset, *rules: str) -> Dataset:
    """The dataset with only these rules switched on for its flow."""
    dataflow = replace(dataset.flow.dataflow, rules=rules)
    return replace(dataset, flow=replace(dataset.flow, dataflow=dataflow))
