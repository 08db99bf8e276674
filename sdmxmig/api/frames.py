"""Datasets from tables of pandas and polars, and from plain tables whose first row names the components."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.api.sources import StrPath, catalogue_for, flow_in, in_python
from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pd, pl
from sdmxmig.sdmx import dataframes
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.tables import Table

ACTIONS = ("I", "A", "M", "R", "D")


@in_python
def from_pandas(
    frame: pd.DataFrame, flow: str | Flow, *, action: str = "R", workspace: StrPath | None = None
) -> Dataset:
    """Build a dataset from a pandas table with one row per observation and components as columns.

    `flow` is the id of a dataflow, or the dataflow itself. Values are taken as text, missing ones are not sent; give
    text where leading zeros or digits matter (``pandas.read_csv(…, dtype=str, keep_default_na=False)``): of numbers the
    value is kept and not how it was typed, so that 620.0 is sent as 620. Periods are text, such as 2021 or 2021-03;
    days and moments in their place are refused. `action` is SDMX's I, A, M, R or D.

    Raises `SdmxmigError` naming columns that the structure does not have, and dimensions that are missing.
    """
    dataflow = checked(frame, "pandas", flow, action=action, workspace=workspace)
    return dataframes.from_pandas(frame, dataflow, action=action)


@in_python
def from_polars(
    frame: pl.DataFrame, flow: str | Flow, *, action: str = "R", workspace: StrPath | None = None
) -> Dataset:
    """Build a dataset from a polars table, as `from_pandas` does."""
    dataflow = checked(frame, "polars", flow, action=action, workspace=workspace)
    return dataframes.from_polars(frame, dataflow, action=action)


def checked(frame: object, library: str, flow: str | Flow, *, action: str, workspace: StrPath | None) -> Flow:
    """Return the dataflow of a table; raises `SdmxmigError` with all missing and unknown columns."""
    if not hasattr(frame, "columns") or type(frame).__module__.partition(".")[0] != library:
        type_name = f"{type(frame).__module__}.{type(frame).__qualname__}"
        hint = "Give a table of pandas to from_pandas, one of polars to from_polars."
        raise SdmxmigError(f"This is not a table of {library}, but {type_name}.", hint=hint)
    if action not in ACTIONS:
        raise SdmxmigError(f"“{action}” is not an action.", hint=f"Actions are {', '.join(ACTIONS)}.")
    dataflow = flow_in(catalogue_for(workspace), flow)
    check_columns([str(name) for name in frame.columns], dataflow, index_of(frame))
    if not len(frame):  # type: ignore[arg-type]
        raise SdmxmigError("The table has no rows.", hint="A dataset has one observation or more.")
    return dataflow


def index_of(frame: object) -> list[str]:
    """Return the index names of a pandas table; polars has none."""
    return [str(name) for name in getattr(getattr(frame, "index", None), "names", ()) if name is not None]


def check_columns(columns: list[str], flow: Flow, index: Sequence[str] = ()) -> None:
    """Reject unknown and duplicate columns and missing dimensions, all at once.

    `index` are the names of the index levels.
    """
    components = [component.id for component in flow.structure.components]
    missing = [name for name in flow.structure.key if name not in columns]
    unknown = [name for name in columns if name not in components]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    trouble = [
        text
        for names, text in (
            (missing, f"columns are missing: {', '.join(missing)}"),
            (unknown, f"columns are no components: {', '.join(unknown)}"),
            (twice, f"columns occur twice: {', '.join(twice)}"),
        )
        if names
    ]
    if trouble:
        hint = (
            did_you_mean(unknown[0], missing or components)
            if unknown
            else f"{flow.id} needs {', '.join(flow.structure.key)}."
        )
        if set(missing) & set(index):
            hint = f"{', '.join(name for name in missing if name in index)} are in the index: frame.reset_index()."
        raise InputError(f"The table does not fit {flow.id}: {'; '.join(trouble)}.", hint=hint)


def components_in(table: Table, flow: Flow) -> bool:
    """Check whether the first row of a table names all dimensions of a dataflow."""
    return set(flow.structure.key) <= set(table.rows.get(1, {}).values())


def from_rows(table: Table, flow: Flow) -> Dataset:
    """Build a dataset from a plain table whose first row names components."""
    columns = table.rows[1]
    check_columns(list(columns.values()), flow)
    cells = {
        name: [row.get(number) for row_number, row in sorted(table.rows.items()) if row_number > 1]
        for number, name in columns.items()
    }
    return dataframes.from_polars(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), flow)
