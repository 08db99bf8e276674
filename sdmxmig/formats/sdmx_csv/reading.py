"""SDMX-CSV 2.0 to datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sdmxmig.errors import InputError, did_you_mean
from sdmxmig.formats.sdmx_csv.columns import (
    ACTION,
    ACTIONS,
    DEFAULT_ACTION,
    DERIVED,
    LEADING,
    STRUCTURE,
    STRUCTURE_ID,
    component_ids,
)
from sdmxmig.formats.sdmx_csv.text import LINE, read_text
from sdmxmig.formats.shapes import observation_ids, series_attribute_ids
from sdmxmig.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.places import Place


def read_data(name: str, content: bytes, flows: Mapping[str, Flow]) -> tuple[Dataset, ...]:
    """Read a table back into datasets, one for each dataflow and action in the order of their first rows.

    `name` is the file's, for messages. Every value stays text: ``01`` and ``NA`` are what they are. Attributes of
    series and dataset may be given in some of their rows only. Origins come back empty.

    Raises `InputError` with line and column for a wrong encoding, a ragged row, an unknown, missing or repeated
    column, an unknown dataflow or action, and attributes that contradict each other within one series or dataset.
    """
    text = read_text(name, content)
    for wanted in (STRUCTURE, STRUCTURE_ID):
        if wanted not in text.header:
            hint = "SDMX-CSV 2.0 begins with the columns STRUCTURE, STRUCTURE_ID and ACTION."
            raise InputError(f"The column {wanted} is missing.", Place(name, line=1), hint)
    rows = text.rows
    if ACTION not in text.header:
        rows = rows.with_columns(pl.lit(DEFAULT_ACTION).alias(ACTION))
    check_leading(name, rows)
    known = {flow.dataflow.ref.short: flow for flow in flows.values()}
    parts = rows.partition_by(STRUCTURE_ID, ACTION, maintain_order=True)
    found = [(find_flow(name, part, known), part) for part in parts]
    check_header(name, text.header, [flow for flow, _ in found])
    return tuple(dataset_of(name, part, flow) for flow, part in found)


def check_leading(name: str, rows: pl.DataFrame) -> None:
    """Refuse rows about something else than a dataflow, and unknown actions."""
    hint = "sdmxmig reads data of a “dataflow”."
    for column, allowed, advice in (
        (STRUCTURE, ("dataflow",), hint),
        (ACTION, ACTIONS, f"It is one of {', '.join(ACTIONS)}."),
    ):
        wrong = rows.filter(~pl.col(column).is_in(allowed).fill_null(value=False))
        if wrong.height:
            value = wrong[column][0] or ""
            raise InputError(f"“{value}” is not a known {column}.", Place(name, line=wrong[LINE][0]), advice)


def find_flow(name: str, part: pl.DataFrame, known: Mapping[str, Flow]) -> Flow:
    """The dataflow that these rows name; its version has to be the known one."""
    flow_id = part[STRUCTURE_ID][0] or ""
    if flow_id not in known:
        raise InputError(
            f"There is no dataflow “{flow_id}”.", Place(name, line=part[LINE][0]), did_you_mean(flow_id, known)
        )
    return known[flow_id]


def check_header(name: str, header: Sequence[str], flows: Sequence[Flow]) -> None:
    """Refuse a table without a dimension or measure of its structures, or with a column that none of them has."""
    for flow in flows:
        for component in (*flow.structure.dimensions, *flow.structure.measures):
            if component.id not in header:
                hint = f"{flow.id} has the columns {', '.join(component_ids(flow.structure))}."
                raise InputError(f"The column {component.id} is missing.", Place(name, line=1), hint)
    known = list(dict.fromkeys(column for flow in flows for column in component_ids(flow.structure)))
    for index, column in enumerate(header, start=1):
        if flows and column not in (*LEADING, *DERIVED, *known):
            place = Place(name, line=1, column=index)
            raise InputError(f"“{column}” is no column of this data.", place, did_you_mean(column, known))


def check_foreign(name: str, part: pl.DataFrame, flow: Flow) -> None:
    """Refuse values in the columns of another dataflow of the same file: they would be lost."""
    own = (*LEADING, *DERIVED, LINE, *component_ids(flow.structure))
    for column in part.columns:
        filled = part.filter(pl.col(column).is_not_null()) if column not in own else part.clear()
        if filled.height:
            what = f"{flow.id} has no {column}, but “{filled[column][0]}” stands there."
            raise InputError(what, Place(name, line=filled[LINE][0]), "Leave the field empty.")


def dataset_of(name: str, part: pl.DataFrame, flow: Flow) -> Dataset:
    """The rows of one dataflow and action as a dataset."""
    check_foreign(name, part, flow)
    structure = flow.structure
    key, at_observation = list(structure.series_key), observation_ids(structure)
    of_series = series_attribute_ids(structure)
    absent = [one for one in component_ids(structure) if one not in part.columns]
    part = part.with_columns(pl.lit(None, pl.String).alias(one) for one in absent)
    is_observation = pl.any_horizontal(pl.col(at_observation).is_not_null())
    is_series = pl.any_horizontal(pl.col(key).is_not_null()) | is_observation
    rows = part.filter(is_series)
    agreed(name, rows, key, of_series)
    firsts = [pl.col(one).drop_nulls().first() for one in of_series]
    series = rows.group_by(key, maintain_order=True).agg(firsts)
    set_ids = [component.id for component in structure.attributes("dataset")]
    agreed(name, part.with_columns(pl.lit("").alias("")), [""], set_ids)
    values = {one: part[one].drop_nulls().head(1).to_list() for one in set_ids}
    return Dataset(
        flow,
        part.filter(is_observation).select([*structure.key, *at_observation[1 if structure.time else 0 :]]),
        series,
        {one: found[0] for one, found in values.items() if found},
        empty_origins(),
        part[ACTION][0],
    )


def agreed(name: str, rows: pl.DataFrame, key: Sequence[str], attributes: Sequence[str]) -> None:
    """Refuse two different values of one attribute within the rows of one key."""
    for attribute in attributes:
        given = rows.filter(pl.col(attribute).is_not_null())
        other = given.filter(pl.col(attribute) != pl.col(attribute).first().over(key))
        if other.height:
            hint = "An attribute of a series or dataset has one value; give it in one row, or the same in all."
            what = f"The attribute {attribute} is “{other[attribute][0]}” here and something else before."
            raise InputError(what, Place(name, line=other[LINE][0]), hint)


def empty_origins() -> pl.DataFrame:
    """The origins of data that did not come from cells."""
    types = (pl.UInt32, pl.String, pl.String, pl.String, pl.Int32, pl.Int32)
    return pl.DataFrame(schema=dict(zip(ORIGIN_COLUMNS, types, strict=True)))
