"""Data messages: datasets as structure-specific SDMX-ML, grouped into time series.

Header and datasets are built as elements; series and observations, which are many, as columns of text that are
joined once, and put where the elements leave a mark for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_ml.characters import FORBIDDEN, carried, quoted_column
from sdmxmig.formats.sdmx_ml.dialects import ACTIONS, XSI, Dialect
from sdmxmig.formats.sdmx_ml.elements import add, add_header, add_reference, add_source, start_message, to_bytes
from sdmxmig.formats.shapes import observation_ids, series_attribute_ids, tables
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.submission import Header
from sdmxmig.places import Place, cell_name

MARK = "sdmxmig-series"
AT_OBSERVATION = "TIME_PERIOD"


def data_namespace(flow: Flow, dialect: Dialect, dimension_at_observation: str = AT_OBSERVATION) -> str:
    """The namespace of a dataflow's own schema, as the standard builds it."""
    return f"{dialect.ref(flow.dataflow.ref).urn}:ObsLevelDim:{dimension_at_observation}"


def write_data(datasets: Sequence[Dataset], header: Header, dialect: Dialect) -> bytes:
    """Write datasets as one structure-specific message in the series layout.

    Datasets of one dataflow share one reference in the header. A null is not written at all; a value keeps its text.
    Series come in the order of `Dataset.series`, then those that only observations name; observations keep theirs.

    Raises `SdmxmigError` if there is no dataset, if a dataflow has no time dimension, for an unknown action and for
    characters that XML cannot carry, naming component and observation.
    """
    if not datasets:
        raise SdmxmigError("There is no dataset to write.", hint="Convert at least one table first.")
    structures: dict[str, str] = {}
    for dataset in datasets:
        structures.setdefault(data_namespace(dataset.flow, dialect), f"S{len(structures) + 1}")
    prefixes = {f"ns{number}": namespace for number, namespace in enumerate(structures, start=1)}
    root = start_message(dialect, "StructureSpecificData", {"ss": dialect.specific, **prefixes})
    element = add_header(root, dialect, header)
    add_payload(element, dialect, datasets, structures)
    add_source(element, dialect, header)
    for dataset in datasets:
        add_dataset(root, dialect, dataset, structures[data_namespace(dataset.flow, dialect)])
    return fill(to_bytes(root), [series_text(dataset).encode() for dataset in datasets])


def fill(message: bytes, bodies: Sequence[bytes]) -> bytes:
    """Put the text of the series where the marks stand; ``<?`` can come from nothing else, since texts are escaped."""
    first, *rest = message.split(f"    <?{MARK} ?>\n".encode())
    return first + b"".join(body + following for body, following in zip(bodies, rest, strict=True))


def dataset_names(datasets: Sequence[Dataset]) -> list[str]:
    """One id for each dataset: that of its dataflow, numbered from the second one on."""
    ids = [dataset.flow.id for dataset in datasets]
    counted = [ids[: index + 1].count(flow_id) for index, flow_id in enumerate(ids)]
    return [flow_id if count == 1 else f"{flow_id}-{count}" for flow_id, count in zip(ids, counted, strict=True)]


def add_payload(
    element: etree._Element,
    dialect: Dialect,
    datasets: Sequence[Dataset],
    structures: Mapping[str, str],
) -> None:
    """Add to the header what the message contains: structures, action and ids of the datasets."""
    flows = {data_namespace(dataset.flow, dialect): dataset.flow for dataset in datasets}
    for namespace, structure_id in structures.items():
        given = {"structureID": structure_id, "namespace": namespace, "dimensionAtObservation": AT_OBSERVATION}
        structure = add(element, dialect.message, "Structure", attributes=given)
        add_reference(structure, dialect, dialect.common, "StructureUsage", flows[namespace].dataflow.ref)
    actions = {action(dataset) for dataset in datasets}
    if len(actions) == 1:
        add(element, dialect.message, "DataSetAction", actions.pop())
    for name in dataset_names(datasets):
        add(element, dialect.message, "DataSetID", name)


def action(dataset: Dataset) -> str:
    """The action of a dataset in SDMX-ML's words."""
    if dataset.action not in ACTIONS:
        hint = f"It is one of {', '.join(ACTIONS)}."
        raise SdmxmigError(f"“{dataset.action}” is not an action of {dataset.flow.id}.", hint=hint)
    return ACTIONS[dataset.action]


def add_dataset(root: etree._Element, dialect: Dialect, dataset: Dataset, structure: str) -> None:
    """Add a dataset with its attributes, and the mark for its series."""
    if dataset.flow.structure.time is None:
        hint = "Only structures with a time dimension can be written as time series."
        raise SdmxmigError(f"{dataset.flow.structure.ref.short} has no time dimension.", hint=hint)
    element = add(root, dialect.message, "DataSet")
    element.set(f"{{{XSI}}}type", f"ns{structure[1:]}:DataSetType")
    own = {"structureRef": structure, "action": action(dataset), "dataScope": dialect.data_scope}
    for key, value in own.items():
        if value:  # ``form="qualified"`` in the schema: all of them carry the prefix
            element.set(f"{{{dialect.specific}}}{key}", value)
    for component in dataset.flow.structure.attributes("dataset"):
        if component.id in dataset.attributes:
            value = dataset.attributes[component.id]
            element.set(component.id, carried(value, f"{component.id} of {dataset.flow.id}"))
    element.append(etree.ProcessingInstruction(MARK))


def series_text(dataset: Dataset) -> str:
    """The series of a dataset with their observations, as indented XML."""
    structure = dataset.flow.structure
    observations, series = tables(dataset)
    check_characters(dataset, observations, "observation")
    check_characters(dataset, series, "series")
    heads, members = numbered(observations, series, structure.series_key)
    series_ids = [*structure.series_key, *series_attribute_ids(structure)]
    lines = members.select("number", line=tag_column(members, "      <Obs", observation_ids(structure)) + "/>\n")
    bodies = lines.group_by("number", maintain_order=True).agg(pl.col("line").str.join(""))
    heads = heads.with_columns(head=tag_column(heads, "    <Series", series_ids))
    heads = heads.join(bodies, on="number", how="left", maintain_order="left")
    whole = pl.when(pl.col("line").is_null()).then(pl.col("head") + "/>\n")
    text = heads.select(whole.otherwise(pl.col("head") + ">\n" + pl.col("line") + "    </Series>\n")).to_series()
    return "".join(text.to_list())


def numbered(observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All series with a `number`, and the observations with the number of their series."""
    named = observations.select(key).unique(maintain_order=True)
    unknown = named.join(series.select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    heads = pl.concat([series, unknown], how="diagonal").with_row_index("number")
    numbers = heads.select(*key, "number")
    return heads, observations.join(numbers, on=key, how="left", nulls_equal=True, maintain_order="left")


def tag_column(frame: pl.DataFrame, opening: str, components: Sequence[str]) -> pl.Series:
    """A column of opened tags with those components as attributes which a row has a value for."""
    parts: list[pl.Expr] = [pl.lit(opening)]
    for component in components:
        if component in frame.columns:
            value = pl.lit(quoted_column(frame[component]))
            parts.append(pl.format(f' {component}="{{}}"', value).fill_null(""))
    return frame.select(pl.concat_str(parts) if frame.height else pl.lit("").head(0)).to_series()


def check_characters(dataset: Dataset, table: pl.DataFrame, what: str) -> None:
    """Refuse characters that XML cannot carry, naming component and row; `what` is observation or series.

    Raises `SdmxmigError` with the cell that the value came from, if that is known.
    """
    for column in table.iter_columns():
        bad = column.str.contains(FORBIDDEN).fill_null(value=False)
        if bad.any():
            row = bad.arg_true()[0]
            place = origin(dataset, row, column.name) if what == "observation" else None
            carried(str(column[row]), f"{column.name} of {what} {row + 1} of {dataset.flow.id}", place)


def origin(dataset: Dataset, row: int, component: str) -> Place | None:
    """The cell that a value came from; else that of the observation's value; else nothing."""
    if dataset.origins.is_empty():
        return None
    cells = dataset.origins.filter(pl.col("observation") == row).rows_by_key("component", named=True, unique=True)
    cell = cells.get(component) or cells.get("OBS_VALUE")
    return Place(cell["file"], cell["sheet"] or "", cell_name(cell["row"], cell["column"])) if cell else None
