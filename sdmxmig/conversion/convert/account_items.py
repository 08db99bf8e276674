"""Items of a population account as observations of their own dataflows: population, births, deaths, migration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sdmxmig.catalogue.accounting import Identity, ItemSource
from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import DEFINITIONS, collect_all_series, join_attributes
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.statistics.demography.ledger import ITEM, TOTAL, YEARS_TO_1_JANUARY

DAY, START, END = "REF_DATE", "D0101", "D1231"
ROW_COLUMN = "#row"


def find_sources(account: str, identities: Iterable[Identity]) -> dict[str, ItemSource]:
    """Return the account items that another dataflow contains with the same codes."""
    sources = {
        item: identity.item_sources[item]
        for identity in identities
        if identity.is_account and identity.account == account
        for item in identity.items
    }
    return {item: source for item, source in sources.items() if source.flow and not source.codes}


def list_item_flows(dataset: Dataset, identities: Iterable[Identity]) -> tuple[str, ...]:
    sources = find_sources(dataset.flow.id, identities)
    items = set(dataset.observations[ITEM].cast(pl.String)) if sources else set()
    return tuple(dict.fromkeys(source.flow for item, source in sources.items() if item in items))


def convert_items(
    account: Dataset, flow: Flow, sources: Mapping[str, ItemSource], tables: Sequence[Dataset]
) -> Dataset:
    """Return the account items that belong to a dataflow, with their source cells.

    Observations in the dataflow's own `tables` take precedence, with their series if definitions differ.

    Populations are dated 1 January; those at the end of a year are of the next 1 January. If the account has only
    populations at the end, they are dated 31 December.
    """
    structure = flow.structure
    definitions = [name for name in DEFINITIONS if name in structure]
    rows = join_attributes(account, definitions).with_columns(pl.col(ITEM).cast(pl.String)).with_row_index(ROW_COLUMN)
    for dimension in set(account.flow.structure.key) - {*structure.key, ITEM, "UNIT_MEASURE"}:
        rows = rows.filter(pl.col(dimension).cast(pl.String) == TOTAL)
    places = {item: source.at for item, source in sources.items() if source.flow == flow.id}
    rows = rows.filter(pl.col(ITEM).is_in(list(places)))
    at_end = pl.col(ITEM).is_in([item for item, place in places.items() if place == "end"])
    begins = rows.filter(~at_end)
    attributes = {
        component.id: value
        for component in structure.attributes("dataset")
        if (value := account.attributes.get(component.id)) is not None
        and all(table.attributes.get(component.id, value) == value for table in tables)
    }
    if any(places.values()) and DAY in definitions:
        is_at_either_end = pl.col(DAY).fill_null(START).is_in(list(YEARS_TO_1_JANUARY))
        day = pl.lit(START if begins.height else END)
        rows = rows.with_columns(pl.when(is_at_either_end).then(day).otherwise(DAY).alias(DAY))
        begins = rows.filter(~at_end)
    if begins.height:
        time = structure.key[-1]
        ends = rows.filter(at_end, pl.col(time).cast(pl.String).str.contains(r"^\d{4}$"))
        later = (pl.col(time).cast(pl.String).cast(pl.Int64) + 1).cast(pl.String)
        shared = [name for name in structure.key if name in rows.columns]
        rows = pl.concat([begins, ends.with_columns(later.cast(begins.schema[time]).alias(time))])
        rows = rows.unique(shared, keep="first", maintain_order=True)
    fixed = {name: find_only_codes(flow).get(name, TOTAL) for name in structure.key if name not in rows.columns}
    rows = rows.with_columns(pl.lit(code).alias(name) for name, code in fixed.items())
    for table in tables:
        rows = find_rows_without_item(table, rows, structure)
    of_series = (component.id for component in structure.attributes("series"))
    series = [name for name in (*structure.series_key, *of_series) if name in rows.columns]
    columns = [*structure.key, structure.measure.id, *(each.id for each in structure.attributes("observation"))]
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in columns if name not in rows.columns)
    numbers = rows.select(pl.col(ROW_COLUMN).alias("observation")).with_row_index("new")
    kept = account.origins.filter(pl.col("component").cast(pl.String).is_in(columns))
    origins = kept.join(numbers, on="observation", how="inner", maintain_order="left")
    return Dataset(
        flow,
        rows.select(columns),
        series=rows.select(series).unique(maintain_order=True),
        attributes=attributes,
        origins=origins.with_columns(observation="new").select(account.origins.columns),
    )


def find_rows_without_item(table: Dataset, rows: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    """Return the rows that are not observations of a table or of a series that the table defines differently."""
    rows = rows.with_columns(pl.col(structure.key).cast(pl.String))
    held = table.observations.select(pl.col(structure.key).cast(pl.String))
    defined = collect_all_series(table).select(pl.all().cast(pl.String))
    shared = [name for name in DEFINITIONS if name in defined.columns and name in rows.columns]
    differs = pl.any_horizontal(
        *((pl.col(name) != pl.col(f"{name}:table")).fill_null(value=False) for name in shared), pl.lit(value=False)
    )
    beside = defined.select(*structure.series_key, *(pl.col(name).alias(f"{name}:table") for name in shared))
    joined = rows.join(beside, on=structure.series_key, how="left", maintain_order="left")
    return joined.filter(~differs).select(rows.columns).join(held, on=structure.key, how="anti", maintain_order="left")
