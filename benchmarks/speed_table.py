"""The table that formats are timed with: nine dimensions, four attributes, series of 20 periods, same every time."""

# ruff: noqa: PLC0415 - each case loads its own library only, so that peak memory is its own

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Party

if TYPE_CHECKING:
    import polars as pl

PERIODS = 20
HEADER = Header("SPEED", "2026-01-31T12:00:00+00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
AGENCY, VERSION = "SDMXMIG", "1.0.0"
COMMENT = 'l\'Office dit "révisé" & <corrigé>'
CODES: dict[str, list[str]] = {
    "FREQ": ["A"],
    "REF_AREA": [f"R{number:03}" for number in range(200)],
    "INDICATOR": ["STOCK", "FLOW_IN", "FLOW_OUT", "ACQ", "BIRTHS"],
    "SEX": ["_T", "F", "M"],
    "AGE": ["_T", *(f"Y{start}T{start + 4}" for start in range(0, 95, 5))],
    "CITIZENSHIP": [f"C{number:03}" for number in range(200)],
    "COUNTRY_BIRTH": [f"B{number:03}" for number in range(200)],
    "UNIT_MEASURE": ["PS"],
    "OBS_STATUS": ["A", "E", "P", "M"],
    "CONF_STATUS": ["F", "N", "C"],
    "UNIT_MULT": ["0", "3"],
}
DIMENSIONS = tuple(CODES)[:8]
ATTRIBUTES = ("OBS_STATUS", "CONF_STATUS", "UNIT_MULT", "COMMENT_OBS")


def plain_table(size: int) -> pl.DataFrame:
    """So many observations, sorted by series: text columns and one column of numbers. No two keys are equal.

    Three in ten have no CONF_STATUS, two in a hundred a comment with characters that have to be escaped.
    """
    import polars as pl

    row = pl.int_range(size, eager=True)
    series = row // PERIODS
    columns, rest = {}, series
    for name in ("SEX", "AGE", "CITIZENSHIP", "COUNTRY_BIRTH", "INDICATOR", "REF_AREA", "FREQ", "UNIT_MEASURE"):
        codes = pl.Series(CODES[name], dtype=pl.String)
        columns[name] = codes.gather(rest % len(codes))
        rest = rest // len(codes)
    mixed = (row * 7919 + 104729) % 1_000_003  # a sequence that repeats too late to be seen
    texts = {name: pl.Series(CODES[name], dtype=pl.String) for name in ("OBS_STATUS", "CONF_STATUS", "UNIT_MULT")}
    found = {name: codes.gather(mixed % len(codes)) for name, codes in texts.items()}
    comment = pl.when(pl.Series(mixed % 100 < 2)).then(pl.lit(COMMENT))
    return pl.DataFrame({name: columns[name] for name in DIMENSIONS}).with_columns(
        TIME_PERIOD=(2005 + row % PERIODS).cast(pl.String),
        OBS_VALUE=mixed.cast(pl.Float64) * 1.5,
        OBS_STATUS=found["OBS_STATUS"],
        CONF_STATUS=pl.when(pl.Series(mixed % 10 >= 3)).then(found["CONF_STATUS"]),
        UNIT_MULT=found["UNIT_MULT"],
        COMMENT_OBS=comment,
    )


def codelists() -> dict[str, ItemScheme]:
    """One codelist for each coded component."""
    return {
        name: ItemScheme(
            Ref("Codelist", AGENCY, id=f"CL_{name}", version=VERSION),
            Text.of(en=name),
            items=tuple(Item(code, Text.of(en=code)) for code in codes),
        )
        for name, codes in CODES.items()
    }


def flow() -> Flow:
    lists = codelists()

    def component(name: str, role: str, data_type: str = "", *, mandatory: bool = True) -> Component:
        concept = Ref("Concept", AGENCY, id="CS_SPEED", version=VERSION, item=name)
        coded = lists[name].ref if name in lists else None
        at = "observation" if role == "attribute" else ""
        return Component(
            name, role, concept=concept, codelist=coded, data_type=data_type, mandatory=mandatory, attachment=at
        )

    structure = DataStructure(
        Ref("DataStructure", AGENCY, id="DSD_SPEED", version=VERSION),
        Text.of(en="Speed"),
        components=(
            *(component(name, "dimension") for name in DIMENSIONS),
            component("TIME_PERIOD", "time", "ObservationalTimePeriod"),
            component("OBS_VALUE", "measure", "Double"),
            component("OBS_STATUS", "attribute"),
            component("CONF_STATUS", "attribute", mandatory=False),
            component("UNIT_MULT", "attribute"),
            component("COMMENT_OBS", "attribute", "String", mandatory=False),
        ),
    )
    dataflow = Dataflow(
        Ref("Dataflow", AGENCY, id="DF_SPEED", version=VERSION), Text.of(en="Speed"), structure=structure.ref
    )
    return Flow(
        dataflow,
        structure,
        codelists=lists,
        concepts={name: Text.of(en=name) for name in (*CODES, "TIME_PERIOD", "OBS_VALUE")},
    )


def artefacts() -> tuple[Artefact, ...]:
    found = flow()
    items = tuple(Item(component.id, Text.of(en=component.id)) for component in found.structure.components)
    concepts = ItemScheme(
        Ref("ConceptScheme", AGENCY, id="CS_SPEED", version=VERSION), Text.of(en="Concepts"), items=items
    )
    return (found.dataflow, found.structure, concepts, *found.codelists.values())


def as_dataset(table: pl.DataFrame) -> Dataset:
    import polars as pl

    text = table.with_columns(pl.col("OBS_VALUE").cast(pl.String))
    return Dataset(flow(), text, series=pl.DataFrame(), attributes={}, origins=pl.DataFrame(), action="R")
