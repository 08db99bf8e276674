"""Detection of figures read by two mappings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdmxmig.primitives.errors import DeclarationError, counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Dataset, Mapping

CELL = ("file", "sheet", "row", "column")


def check_read_once(datasets: Iterable[tuple[Mapping, Dataset]]) -> None:
    """Reject two mappings that read the same figure.

    Raises `DeclarationError` with both mappings and the first shared cell. Cells that are only summed do not count.
    """
    read: list[tuple[Mapping, pl.DataFrame]] = []
    for mapping, dataset in datasets:
        figures = figures_read(dataset)
        for other, other_figures in read:
            shared = figures.join(other_figures, on=CELL, how="semi", nulls_equal=True).sort(CELL)
            if shared.height:
                raise read_twice(other, mapping, shared)
        read.append((mapping, figures))


def figures_read(dataset: Dataset) -> pl.DataFrame:
    values = dataset.origins.filter(pl.col("component").cast(pl.String) == dataset.flow.structure.measure.id)
    of_one_cell = values.filter(pl.len().over("observation") == 1)
    return of_one_cell.select(pl.col("file", "sheet").cast(pl.String), *CELL[2:]).unique()


def read_twice(first: Mapping, second: Mapping, shared: pl.DataFrame) -> DeclarationError:
    names: Sequence[str] = [mapping.place.file if mapping.place else mapping.id for mapping in (first, second)]
    file, sheet, row, column = shared.select(CELL).row(0)
    more = f" and {counted(shared.height - 1, 'more cell')}" if shared.height > 1 else ""
    return DeclarationError(
        f"{names[0]} and {names[1]} both read {Place(file, sheet or '', cell=cell_name(row, column))}{more}.",
        Place(names[1]),
        "Each figure belongs to one mapping. Remove one of the two, or leave these cells out of one.",
    )
