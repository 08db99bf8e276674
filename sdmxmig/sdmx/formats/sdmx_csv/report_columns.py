"""Reference metadata in a data table: columns named by attribute paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.dataset_notes import REPORT, SET, Attributes, reports_frame, unpacked
from sdmxmig.sdmx.formats.metadata_paths import ORDER, Branch, plain
from sdmxmig.sdmx.formats.sdmx_csv.columns import FIXED, LABEL, STRUCTURE, TableHeader, reach
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import (
    Column,
    NoTextError,
    attribute_column,
    attributes_of,
    cell_of,
    columns_of,
)
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure


def reported_columns(header: TableHeader, structure: DataStructure) -> list[Column]:
    """Find the columns of reference metadata attributes: those that the structure uses and nested paths.

    If it names a metadata structure, also columns with brackets that are not components.

    Raises `InputError` like `attribute_column`.
    """
    if STRUCTURE not in header:
        return []
    used = {component.id for component in structure.of_role("metadata")}
    component_columns = {column.index for column in header.columns.values()}
    columns = []
    for index, text in enumerate(header.texts):
        named = text.partition(LABEL)[0]
        top, bracket, _ = named.partition("[")
        is_loose = bool(bracket) and structure.metadata is not None
        if index in component_columns or not ("." in named or top in used or is_loose):
            continue
        column = attribute_column(text, index, inner=header.inner, first=STRUCTURE, place=header.place(index))
        if column is not None:
            columns.append(column)
    return columns


def reports_in(
    rows: pl.DataFrame,
    keys: pl.DataFrame,
    columns: Sequence[Column],
    header: TableHeader,
    structure: DataStructure,
    refuse: Callable[[Column, str, int], None],
) -> pl.DataFrame | None:
    """Collect what rows report, once per key part; None if there is nothing.

    `keys` are the dimensions of the rows. An attribute that the structure uses describes the dimensions declared there;
    others describe all dimensions of the row. `refuse` receives unreadable fields with their row.
    """
    frames = []
    for dims, part_columns in parts_of(columns, structure).items():
        fields = [str(column.index) for column in part_columns]
        named = keys.select(dims)
        together = pl.concat([named, rows.select(fields)], how="horizontal").with_row_index("#at")
        reporting = together.filter(pl.any_horizontal(pl.col(fields).is_not_null()))
        once = reporting.unique(subset=[*dims, *fields], maintain_order=True)
        if not once.height:
            continue
        reports: list[Attributes] = []
        for at, *cells in once.select("#at", *fields).iter_rows():
            filled = [(column, cell) for column, cell in zip(part_columns, cells, strict=True) if cell is not None]
            try:
                reports.append(attributes_of(filled, header.inner))
            except NoTextError as error:
                refuse(part_columns[0], str(error), at)
                reports.append(())
        frame = reports_frame(once.select(dims), reports, structure.key)
        frames.append(frame.filter(pl.Series([bool(attributes) for attributes in reports], dtype=pl.Boolean)))
    return pl.concat(frames) if frames else None


def merely_reporting(
    rows: pl.DataFrame, frame: pl.DataFrame, columns: Sequence[Column], structure: DataStructure
) -> pl.Series:
    has_report = rows.select(
        pl.any_horizontal(pl.col(str(column.index)).is_not_null() for column in columns)
    ).to_series()
    others = [name for name in frame.columns if name in structure and name not in structure.key]
    if not others:
        return has_report
    return has_report & ~frame.select(pl.any_horizontal(pl.col(others).is_not_null())).to_series()


def parts_of(columns: Sequence[Column], structure: DataStructure) -> dict[tuple[str, ...], list[Column]]:
    used = {component.id: component for component in structure.of_role("metadata")}
    columns_by_part: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        usage = used.get(column.path[0])
        dims = reach(structure, usage) if usage is not None and usage.attachment else structure.key
        columns_by_part.setdefault(dims, []).append(column)
    return columns_by_part


@dataclass(slots=True)
class ReportRows:
    """The reports of datasets, kept until their columns are known at the end."""

    rows: list[tuple[list[str | None], dict[str, str | None], Attributes]] = field(default_factory=list)
    tree: Branch = field(default_factory=Branch)
    _: KW_ONLY
    loose: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, block: Dataset, leading: Sequence[list[str | None]]) -> None:
        named_rows = block.reports.iter_rows(named=True) if block.reports is not None else ()
        for first_fields, row in zip(leading, named_rows, strict=True):
            attributes = plain(unpacked(row.pop(REPORT)))
            row.pop(SET)  # there is no place for it, which is told (`says_nothing_of_sets`)
            self.loose |= {(name,) for name in loose_columns(attributes, block.flow.structure)}
            self.rows.append((first_fields, row, attributes))
            self.tree.add(attributes)

    def table(self, names: Sequence[str], inner: str) -> pl.DataFrame:
        """Return all rows under the structure's columns `names` and the attribute columns.

        Raises `SdmxmigError` if they could not be read back.
        """
        columns = self.columns
        table_rows = []
        for leading, key, attributes in self.rows:
            cells = [cell_of(attributes, column, inner) for column in columns]
            filled = [(column, cell) for column, cell in zip(columns, cells, strict=True) if cell is not None]
            if not same(attributes, filled, inner):
                first_id = attributes[0].id if attributes else ""
                part = ".".join(value or "*" for value in key.values())
                raise SdmxmigError(f"SDMX-CSV cannot hold the attributes from {first_id} on for {part}.", hint=ORDER)
            table_rows.append([*leading, *(key.get(name) for name in names), *cells])
        width = len(table_rows[0]) if table_rows else 0
        return pl.DataFrame(table_rows, schema={str(index): pl.String for index in range(width)}, orient="row")

    @property
    def columns(self) -> list[Column]:
        return [
            replace(column, many=(True,)) if column.languages is None and column.path in self.loose else column
            for column in columns_of(self.tree)
        ]


def loose_columns(attributes: Attributes, structure: DataStructure) -> set[str]:
    """Find the top-level attribute columns that the structure does not use.

    Raises `SdmxmigError` for a name that would be misread.
    """
    used = {component.id for component in structure.of_role("metadata")}
    column_ids = {
        attribute.id for attribute in attributes if attribute.values or attribute.text or attribute.structured
    } - used
    for name in sorted(column_ids):
        if name in FIXED or name in structure:
            hint = "Send the reference metadata as a message of their own."
            raise SdmxmigError(f"The reported attribute {name} is also a column of the data.", hint=hint)
        if structure.metadata is None:
            message = f"{name} is no attribute that {structure.ref.short} uses, and it names no metadata structure"
            raise SdmxmigError(
                f"{message}: SDMX-CSV has no column for it.", hint="Put it below a heading, or send it alone."
            )
    return column_ids


def same(attributes: Attributes, filled: Sequence[tuple[Column, str]], inner: str) -> bool:
    try:
        return attributes_of(filled, inner) == attributes
    except NoTextError:
        return False
