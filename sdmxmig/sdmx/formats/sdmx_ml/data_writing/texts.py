"""Text tables checked and escaped for XML."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.formats.faults import FORBIDDEN, carried
from sdmxmig.sdmx.formats.sdmx_ml.markup import ESCAPES, quoted_column
from sdmxmig.sdmx.formats.shapes import is_several
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure

XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
SPECIAL = "".join(character for character, _ in ESCAPES)
NOTABLE = f"{FORBIDDEN[:-1]}{SPECIAL}]"
NOTES = " notes"
"""The column with the annotations of a row; component ids contain no blank."""
REPORTS = " reports"
"""The column with the reference metadata of a row."""


@dataclass(frozen=True, slots=True)
class EscapedRows:
    """A table of escaped texts.

    Columns in `several` hold elements, since attributes allow single values only.
    """

    frame: pl.DataFrame
    several: tuple[str, ...] = ()

    def filled(self, *names: str) -> list[str]:
        present = [name for name in names if name in self.frame.columns and name not in self.several]
        return [name for name in present if self.frame[name].null_count() < self.frame.height]

    def parts(self, *names: str) -> list[str]:
        return [name for name in names if name in self.several]

    @property
    def notes(self) -> list[str]:
        return [NOTES] if NOTES in self.frame.columns else []

    @property
    def reports(self) -> list[str]:
        return [REPORTS] if REPORTS in self.frame.columns else []


def ready(
    dataset: Dataset, frame: pl.DataFrame, row_kind: str, prefix: str, as_is: Collection[str] = ()
) -> EscapedRows:
    """Check and escape the texts of a table, except the columns in `as_is`.

    Raises `SdmxmigError` for a forbidden character, with component, row and source cell, and for a column name that is
    not valid in XML.
    """
    for name in frame.columns:
        if not XML_NAME.fullmatch(name):
            raise SdmxmigError(f"“{name}” of {dataset.flow.id} cannot be a name in XML.")
    several = tuple(name for name, kind in frame.schema.items() if is_several(kind))
    plain = [name for name in frame.columns if name not in (*several, *as_is)]
    changed = [escaped(dataset, frame[name], row_kind) for name in notable(frame, plain)]
    changed += [elements(dataset, frame[name], row_kind, prefix) for name in several]
    return EscapedRows(frame.with_columns(changed) if changed else frame, several)


def notable(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    # One look through each column as a whole is several times faster than one at each of its values.
    needs_escaping = frame.select(pl.col(names).str.join("").str.contains(NOTABLE)).row(0, named=True)
    return [name for name in names if needs_escaping[name]]


def escaped(dataset: Dataset, column: pl.Series, row_kind: str) -> pl.Series:
    rows = column.str.contains(NOTABLE).fill_null(value=False).arg_true()
    texts = column.gather(rows)
    check(dataset, texts, row_kind, rows=rows)
    return column.clone().scatter(rows, quoted_column(texts))


def as_parts(frame: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    changed = []
    for name, kind in frame.schema.items():
        component = structure[name]
        if kind == pl.String and (component.is_array or component.is_multilingual):
            text = pl.struct(language=pl.lit("en"), text=pl.col(name)) if component.is_multilingual else pl.col(name)
            changed.append(pl.when(pl.col(name).is_not_null()).then(pl.concat_list(text)).alias(name))
    return frame.with_columns(changed) if changed else frame


def check(dataset: Dataset, column: pl.Series, row_kind: str, *, name: str = "", rows: pl.Series | None = None) -> None:
    """Refuse a character that XML cannot carry; the first one is named with its row, by `rows` if they are a choice."""
    bad = column.str.contains(FORBIDDEN).fill_null(value=False)
    if bad.any():
        first_row = bad.arg_true()[0]
        row = first_row if rows is None else rows[first_row]
        component = name or column.name
        text = str(column[first_row])
        at = row if row_kind == "observation" else observation_with(dataset, component, text)
        cell = None if at is None else origin(dataset, at, component)
        carried(text, f"{component} of {row_kind} {row + 1} of {dataset.flow.id}", cell)


def elements(dataset: Dataset, column: pl.Series, row_kind: str, prefix: str) -> pl.Series:
    """Convert a column of lists to ``Comp`` elements; null and empty lists are null."""
    inner = column.dtype.inner if isinstance(column.dtype, pl.List) else None
    rows = pl.int_range(column.len(), eager=True)
    parts = pl.DataFrame({"row": rows, "part": column}).explode("part").drop_nulls("part")
    if isinstance(inner, pl.Struct):
        parts = parts.unnest("part").drop_nulls("text").with_columns(pl.col("language").fill_null("en"))
    else:
        parts = parts.rename({"part": "text"}).with_columns(pl.col("text").cast(pl.String))
    whole = parts.select("row", "text").group_by("row", maintain_order=True).agg(pl.col("text").str.join(""))
    full = pl.DataFrame({"row": rows}).join(whole, on="row", how="left", maintain_order="left")
    check(dataset, full["text"], row_kind, name=column.name)
    text = quoted_column(parts["text"])
    if "language" in parts.columns:
        language = quoted_column(parts["language"])
        markup = pl.format('<com:Text xml:lang="{}">{}</com:Text>', pl.lit(language), pl.lit(text))
        before, after = "<Value>", "</Value>"
    else:
        markup = pl.format("<Value>{}</Value>", pl.lit(text))
        before, after = "", ""
    lines = parts.select("row", line=markup if parts.height else pl.col("text"))
    joined = lines.group_by("row", maintain_order=True).agg(pl.col("line").str.join(""))
    opened = f'<Comp xsi:type="{prefix}:{comp_type(column.name)}" id="{column.name}">{before}'
    whole = pl.DataFrame({"row": rows}).join(joined, on="row", how="left", maintain_order="left")
    return whole.select((pl.lit(opened) + pl.col("line") + pl.lit(f"{after}</Comp>")).alias(column.name)).to_series()


def comp_type(component: str) -> str:
    return f"{component}CompType"


def observation_with(dataset: Dataset, component: str, text: str) -> int | None:
    observations = dataset.observations
    if component not in observations.columns and component in dataset.series.columns:
        keys = [key for key in dataset.flow.structure.series_key if key in dataset.series.columns]
        of_series = dataset.series.filter(pl.col(component).cast(pl.String) == text)
        rows = observations.with_row_index("#row").join(of_series, on=keys, how="semi", nulls_equal=True)["#row"]
    elif component in observations.columns:
        rows = (observations.get_column(component).cast(pl.String) == text).fill_null(value=False).arg_true()
    else:
        return None
    return int(rows.min()) if len(rows) else None  # type: ignore[arg-type] # positions are whole numbers


def origin(dataset: Dataset, row: int, component: str) -> Place | None:
    if dataset.origins.is_empty():
        return None
    cells = dataset.origins.filter(pl.col("observation") == row).rows_by_key("component", named=True, unique=True)
    cell = cells.get(component) or cells.get("OBS_VALUE")
    return Place(cell["file"], cell["sheet"] or "", cell=cell_name(cell["row"], cell["column"])) if cell else None
