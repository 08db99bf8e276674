"""Dataset tables as indices and JSON, by whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import SWITCHED_OFF
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import is_plain
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import (
    NULL,
    FlowPlan,
    convert_to_numbers,
    quote_column,
    write_rich_text,
)
from sdmxmig.sdmx.formats.shapes import build_series_table, convert_to_text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component

NOTES = " notes"
"""The column with the numbers of an observation's notes; component ids contain no blank."""


@dataclass(frozen=True, slots=True)
class Runs:
    starts: pl.Series
    heads: pl.Series

    def numbers(self) -> pl.Series:
        return self.starts.cast(pl.UInt32).cum_sum() - 1

    def ranks(self) -> pl.Series | None:
        if self.heads.n_unique() == self.heads.len():
            return None
        runs = pl.DataFrame({"head": self.heads})
        series = runs.unique(maintain_order=True).with_row_index("rank")
        return runs.join(series, on="head", how="left", maintain_order="left")["rank"]

    def number_rows(self) -> pl.Series:
        ranks = self.ranks()
        return self.numbers() if ranks is None else ranks.gather(self.numbers())

    def order(self) -> pl.Series | None:
        if self.ranks() is None:
            return None
        rows = pl.DataFrame({"series": self.number_rows()}).with_row_index()
        return rows.sort("series", "index")["index"]

    def slice(self, start: int, count: int) -> Runs:
        numbers = self.numbers().slice(start, count)
        starts = self.starts.slice(start, count)
        if starts.len() and not starts[0]:
            starts = pl.concat([pl.Series([True]), starts.slice(1)])
        first_run, last_run = int(numbers[0]), int(numbers[-1])
        return Runs(starts, self.heads.slice(first_run, last_run - first_run + 1))


class Frames:
    def __init__(self, plan: FlowPlan) -> None:
        self.plan = plan
        structure = plan.flow.structure
        self.key = structure.key
        self.others = [*structure.measures, *plan.at("observation")]

    def checked(self, block: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
        observations = convert_to_text(block, block.observations, self.key, [component.id for component in self.others])
        if any(observations[name].null_count() for name in self.key) and block.action != "D":
            hint = "Each observation has a value of each dimension."
            raise SdmxmigError(f"An observation of {block.flow.id} has an incomplete key.", hint=hint)
        return observations, build_series_table(block)

    def learn(self, frame: pl.DataFrame) -> None:
        names = [name for name in frame.columns if name in self.plan.values]
        flat = [
            (pl.col(name).explode() if isinstance(frame.schema[name], pl.List) else pl.col(name)).unique().implode()
            for name in names
        ]
        if frame.height and names:
            distinct = frame.select(flat)
            for name in names:
                self.plan.values[name].learn(distinct[name][0].to_list())

    def encode_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        self.learn(frame)
        names = [name for name in frame.columns if name in self.plan.values and frame.schema[name] == pl.String]
        return frame.select(self.plan.values[name].indices(name) for name in names)

    def heads(self, codes: pl.DataFrame) -> pl.Series:
        if not codes.width:
            return pl.Series([""] * codes.height, dtype=pl.String)
        return codes.select(pl.concat_str(pl.all().cast(pl.String), separator=":")).to_series()

    def keys(self, table: pl.DataFrame) -> pl.Series:
        """Write partial keys such as ``0::2``: empty for any value, ``~`` for dimensions switched off."""
        names = [name for name in self.key if name in table.columns]
        part_keys = table.select(pl.col(names).cast(pl.String))
        codes = self.encode_frame(part_keys.select(pl.when(pl.all() != SWITCHED_OFF).then(pl.all())))
        parts = [
            pl.when(part_keys[name] == SWITCHED_OFF).then(pl.lit(SWITCHED_OFF)).otherwise(codes[name].cast(pl.String))
            if name in names
            else pl.lit("")
            for name in self.key
        ]
        keys = part_keys.select(pl.concat_str([part.fill_null("") for part in parts], separator=":")).to_series()
        nameable = keys.str.contains("[0-9]") & ~keys.str.contains(SWITCHED_OFF, literal=True)
        if not self.plan.version.any_key and not nameable.all():
            unnamed_key = keys.filter(~nameable)[0]
            hint = "SDMX-JSON 2.1 can."
            raise SdmxmigError(f"SDMX-JSON {self.plan.version.id} cannot name the key “{unnamed_key}”.", hint=hint)
        return keys

    def runs(self, observations: pl.DataFrame) -> Runs:
        """Find where series keys (flat: all dimensions but the last) change, with the keys."""
        names = list(self.plan.series or self.key[:-1])
        if not names:
            starts = pl.Series([True] + [False] * (observations.height - 1), dtype=pl.Boolean)
        else:
            changes = [pl.col(name) != pl.col(name).shift(1) for name in names]
            starts = observations.select(pl.any_horizontal(changes).fill_null(value=True)).to_series()
        if not names:
            return Runs(starts, pl.Series([""] * min(observations.height, 1), dtype=pl.String))
        return Runs(starts, self.heads(self.encode_frame(observations.filter(starts).select(names))))

    def find_first_duplicate(self, runs: Runs, last_codes: pl.Series) -> int | None:
        size = len(self.plan.values[self.plan.observation[-1]].known)
        key = runs.number_rows().cast(pl.UInt64) * size + last_codes.cast(pl.UInt64)
        if key.n_unique() == key.len():
            return None
        return int(key.is_duplicated().arg_true()[0])

    def text(self, frame: pl.DataFrame, component: Component, codes: pl.DataFrame | None = None) -> pl.Series:
        name = component.id
        values = self.plan.values.get(name)
        if isinstance(frame.schema[name], pl.List):
            if is_plain(component):
                raise SdmxmigError(f"{name} of {self.plan.flow.id} has one value and cannot be a column of lists.")
            return write_rich_text(frame[name], component, values, numeric=self.plan.version.indexed_arrays)
        column = frame[name].cast(pl.String)
        if component.is_multilingual or component.is_array:
            raise SdmxmigError(f"{name} of {self.plan.flow.id} must be a column of lists.")
        if values is not None:
            indices = (
                codes[name]
                if codes is not None and name in codes.columns
                else self.encode_frame(frame.select(name))[name]
            )
            return self.digits(name, indices)
        return convert_to_numbers(column) if component.is_numeric else quote_column(column)

    def digits(self, name: str, codes: pl.Series, before: str = "", behind: str = "") -> pl.Series:
        indices = range(len(self.plan.values[name].known))
        return pl.Series([f"{before}{index}{behind}" for index in indices], dtype=pl.String).gather(codes)

    def write(
        self, observations: pl.DataFrame, codes: pl.DataFrame, before: Sequence[pl.Series], stream: BinaryIO
    ) -> None:
        """Write observations as members of an object, each an array up to its last value."""
        columns: list[pl.Series] = []
        for component in self.others:
            if component.id in observations.columns:
                columns.append(self.text(observations, component, codes))
            else:
                columns.append(pl.Series([None] * observations.height, dtype=pl.String))
        if NOTES in observations.columns and columns:  # after all values
            notes = observations.select((pl.lit(",") + pl.col(NOTES)).fill_null("")).to_series()
            columns.append(columns.pop().cast(pl.String).fill_null(NULL) + notes)
        while columns and columns[-1].null_count() == observations.height:
            columns.pop()
        first_columns = [*before, *(column.fill_null(NULL) for column in columns[:1])]
        parts = pl.DataFrame([column.alias(str(number)) for number, column in enumerate(first_columns)])
        value_columns = [column.alias(str(number)) for number, column in enumerate(columns[1:], start=1)]
        table = pl.DataFrame([parts.select(pl.concat_str(pl.all()).alias("0")).to_series(), *value_columns])
        table.write_csv(
            stream, include_header=False, quote_style="never", null_value=NULL, separator=",", line_terminator="]\n"
        )

    def write_arrays(self, frame: pl.DataFrame, attributes: Sequence[Component]) -> pl.Series:
        self.learn(frame)
        columns = [
            self.text(frame, component).alias(component.id) for component in attributes if component.id in frame.columns
        ]
        if not columns:
            return pl.Series(["[]"] * frame.height, dtype=pl.String)
        table = pl.DataFrame(columns)
        none = table.select(pl.all_horizontal(pl.all().is_null()))[:, 0]
        parts = [
            pl.col(component.id).fill_null(NULL) if component.id in table.columns else pl.lit(NULL)
            for component in attributes
        ]
        text = table.select(text=pl.concat_str([pl.lit("["), pl.concat_str(parts, separator=","), pl.lit("]")]))
        return text.select(pl.when(none).then(pl.lit("[]")).otherwise("text"))[:, 0]
