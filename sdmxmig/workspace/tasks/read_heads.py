"""Row and column headings of excerpts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl

if TYPE_CHECKING:
    from sdmxmig.primitives.places import Place
    from sdmxmig.reporting.outputs.finding_reports import Excerpt
    from sdmxmig.sdmx.model.tables import Cell

Lines = list[list["Cell"]]
HEAD = ["row", "column"]
MOST_SHEETS = 12
"""The names of so many sheets are kept."""


class Heads:
    def __init__(self, origins: Callable[[], Mapping[str, tuple[pl.DataFrame, str]]]) -> None:
        self._read = origins
        self._origins: Mapping[str, tuple[pl.DataFrame, str]] | None = None
        self._pairs: dict[tuple[str, str], list[pl.DataFrame]] = {}

    def of(self, place: Place, excerpt: Excerpt) -> tuple[Lines, Lines] | None:
        """The cells outside of an excerpt that name its rows, and those that name its columns."""
        rows = range(excerpt.row, excerpt.row + len(excerpt.rows))
        columns = range(excerpt.column, excerpt.column + len(excerpt.rows[0]))
        is_inside = pl.col("at_row").is_between(rows[0], rows[-1])
        is_inside &= pl.col("at_column").is_between(columns[0], columns[-1])
        pairs = [frame.filter(is_inside) for frame in self.of_sheet(place)]
        if not any(frame.height for frame in pairs):
            return None
        by_row: dict[int, set[Cell]] = {row: set() for row in rows}
        by_column: dict[int, set[Cell]] = {column: set() for column in columns}
        for frame in pairs:
            for row, column, at_row, at_column, of_row in frame.iter_rows():
                if of_row and (column < columns[0] or column > columns[-1] or row not in rows):
                    by_row[at_row].add((row, column))
                elif not of_row and (row < rows[0] or row > rows[-1] or column not in columns):
                    by_column[at_column].add((row, column))
        return (
            [sorted(by_row[row], key=lambda cell: (cell[1], cell[0])) for row in rows],
            [sorted(by_column[column]) for column in columns],
        )

    def of_sheet(self, place: Place) -> list[pl.DataFrame]:
        """The figures of a sheet with the cells that name them, by dataflow; those of the last sheets are kept."""
        if self._origins is None:
            self._origins = self._read()
        sheet = (place.file, place.sheet)
        pairs = self._pairs.pop(sheet, None)
        if pairs is None:
            frames = (heads_of(frame, measure, place) for frame, measure in self._origins.values())
            pairs = [frame for frame in frames if frame.height]
        self._pairs[sheet] = pairs
        if len(self._pairs) > MOST_SHEETS:
            del self._pairs[next(iter(self._pairs))]
        return pairs


def heads_of(origins: pl.DataFrame, measure: str, place: Place) -> pl.DataFrame:
    """Each figure of a sheet with each cell that names it: ``row``, ``column``, ``at_row``, ``at_column``."""
    here = (pl.col("file").cast(pl.String) == place.file) & (pl.col("sheet").cast(pl.String) == place.sheet)
    cells = origins.filter(here).with_columns(pl.col("component").cast(pl.String), pl.col(HEAD).cast(pl.UInt32))
    is_figure = cells["component"] == measure
    figures = cells.filter(is_figure).select("observation", at_row="row", at_column="column")
    heads = cells.filter(~is_figure).filter(pl.struct(HEAD).n_unique().over("component") > 1)
    pairs = heads.join(figures, on="observation").filter(pl.col("row") <= pl.col("at_row"))
    pairs = pairs.filter(pl.struct(HEAD) != pl.struct(row="at_row", column="at_column"))
    beside = pairs.filter(pl.col("row") == pl.col("at_row"))["column"].unique()
    return pairs.select(*HEAD, "at_row", "at_column", of_row=pl.col("column").is_in(beside.to_list())).unique()
