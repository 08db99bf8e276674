"""Sheets with the use of each cell (``figure``, ``label``, ``skipped``, ``unread``, ``text``), changes and excerpts.

Excerpts show no workbook with confidential figures, since totals may disclose them, and no hidden parts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from unicodedata import bidirectional

from sdmxmig.conversion.tables import find_reader, read_once
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.reporting.outputs.finding_reports import Excerpt
from sdmxmig.reporting.outputs.marked_workbook import find_position
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.model.tables import Cell, Range, Table, TextFormat
from sdmxmig.workspace.folder import is_small_enough
from sdmxmig.workspace.tasks.data_folder import UNUSED_CELLS_FILE, read_internal, read_origins
from sdmxmig.workspace.tasks.data_folder import UNUSED_COLUMNS as UNUSED
from sdmxmig.workspace.tasks.session import Session

PLACE_COLUMNS = ("file", "sheet", "row", "column")
FATES = ("figure", "label", "skipped", "unread")
MAX_COLUMNS = 60
RIGHT_TO_LEFT = ("R", "AL")
STRONG_DIRECTIONS = ("L", *RIGHT_TO_LEFT)
"""Bidirectional classes of letters in Unicode."""
MAX_LISTED = 500
"""Maximum number of differences of two files listed; all are counted."""


def select_fates(session: Session) -> pl.DataFrame:
    left = session.path("data") / UNUSED_CELLS_FILE
    if not left.is_file():
        return combine_fates((), None)
    origins = read_origins(session)
    measures = {flow: session.catalogue.flow(flow).structure.measure.id for flow in origins}
    return combine_fates(((origins[flow], measures[flow]) for flow in origins), read_internal(left, UNUSED))


def combine_fates(origins: Iterable[tuple[pl.DataFrame, str]], unused: pl.DataFrame | None) -> pl.DataFrame:
    at: dict[str, pl.DataType] = {"file": pl.Categorical(), "sheet": pl.Categorical()}
    at |= {"row": pl.UInt32(), "column": pl.UInt32()}
    schema = at | {"fate": pl.Enum(FATES), "reason": pl.Categorical()}
    component = pl.col("component").cast(pl.String)
    used = [
        of_dataset.filter(pl.col("row").is_not_null()).with_columns(  # a message has no cells
            fate=pl.when(component == measure).then(pl.lit("figure")).otherwise(pl.lit("label")), reason=pl.lit("")
        )
        for of_dataset, measure in origins
    ]
    if unused is not None:
        used.append(unused.with_columns(pl.col("reason").cast(pl.String).fill_null("")))
    columns = [pl.col(name).cast(kind) for name, kind in schema.items()]
    cell_fates = pl.concat([pl.DataFrame(schema=schema), *(cells.select(columns) for cells in used)])
    texts = pl.col("file", "sheet").to_physical()  # sorting needs less memory than unique()
    ordered = cell_fates.sort(texts, "row", "column", "fate", maintain_order=True)
    return ordered.filter(pl.any_horizontal(pl.col(PLACE_COLUMNS).ne_missing(pl.col(PLACE_COLUMNS).shift())))


def index_counts_by_sheet(cell_fates: pl.DataFrame) -> dict[tuple[str, str], dict[str, int]]:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for file, sheet, fate, count in cell_fates.group_by("file", "sheet", "fate").len().iter_rows():
        counts.setdefault((file, sheet), dict.fromkeys(FATES, 0))[fate] = count
    return counts


def detect_direction(texts: Iterable[str]) -> str:
    """Return the text direction of a sheet (HTML ``dir``): that of most cells with letters.

    >>> detect_direction(["السنة", "الذكور", "2024", "Total"]), detect_direction(["Year", "2024"]), detect_direction([])
    ('rtl', 'ltr', 'ltr')
    """
    balance = 0
    for text in texts:
        signs = (bidirectional(sign) for sign in text)
        first = next((sign for sign in signs if sign in STRONG_DIRECTIONS), "")
        balance += (first in RIGHT_TO_LEFT) - (first == "L")
    return "rtl" if balance > 0 else "ltr"


def list_rows(table: Table, rows: Sequence[int]) -> dict[int, list[str]]:
    width = min(table.last_column, MAX_COLUMNS)
    texts: dict[int, list[str]] = {row: [""] * width for row in rows}
    shown = Range(min(rows, default=1), 1, last_row=max(rows, default=0), last_column=MAX_COLUMNS)
    for (row, column), text in table.texts(shown).items():
        texts[row][column - 1] = text
    return texts


def find_fates(table: Table, cell_fates: pl.DataFrame, rows: Collection[int]) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the use of cells in rows of a sheet, with its reason; other cells are texts."""
    of_sheet = (pl.col("file") == table.file) & (pl.col("sheet") == table.sheet) & pl.col("row").is_in([*rows])
    found = cell_fates.filter(of_sheet).select("row", "column", "fate", "reason")
    return {(row, column): (fate, reason) for row, column, fate, reason in found.iter_rows()}


def list_differences(before: tuple[Table, ...], after: tuple[Table, ...]) -> tuple[list[dict[str, object]], int]:
    names = {table.sheet: table.sheet for table in before}
    if len(before) == len(after) == 1:
        names = {before[0].sheet: after[0].sheet}
    old = {names.get(table.sheet, table.sheet): table for table in before}
    new = {table.sheet: table for table in after}
    listed: list[dict[str, object]] = []
    count = 0
    for sheet in dict.fromkeys((*old, *new)):
        changed = find_differing_cells(old.get(sheet), new.get(sheet))
        count += changed.height
        for row, column, was, now in changed.head(MAX_LISTED - len(listed)).iter_rows():
            listed.append({"sheet": sheet, "cell": format_cell(row, column), "before": was, "after": now})
    return listed, count


def check_readable(name: str, content: bytes) -> None:
    """Check that a file is a table with figures; a large one is read only during conversion.

    Raises `SdmxmigError` if it is not.
    """
    if not is_small_enough(len(content)):
        find_reader(name, content)
    elif not any(table.cells["text"].str.contains(r"\d").any() for table in read_once(name, content)):
        hint = "Choose a workbook or a text file with a table."
        raise SdmxmigError("The file contains no figures.", Place(name), hint)


PLACE = ["row", "column"]
CellAt = tuple[str, Cell]
"""A cell of a file: the name of its sheet, and its row and column."""


def find_changed_cells(before: Sequence[Table], after: Sequence[Table]) -> dict[CellAt, tuple[str, str]]:
    old, new = ({table.sheet: table for table in tables} for tables in (before, after))
    return {
        (sheet, (row, column)): (was, now)
        for sheet in dict.fromkeys((*old, *new))
        for row, column, was, now in find_differing_cells(old.get(sheet), new.get(sheet), typed=True).iter_rows()
    }


def find_differing_cells(before: Table | None, after: Table | None, *, typed: bool = False) -> pl.DataFrame:
    old, new = trim_common_ends(select_cell_texts(before, typed=typed), select_cell_texts(after, typed=typed))
    first, second = old.rename({"text": "before"}), new.rename({"text": "after"})
    both = first.join(second, on=PLACE, how="full", coalesce=True)
    both = both.with_columns(pl.col("before", "after").fill_null(""))
    return both.filter(pl.col("before") != pl.col("after")).sort(PLACE)


def trim_common_ends(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    most = min(old.height, new.height)
    ahead = count_equal(old.head(most), new.head(most))
    old, new, most = old.slice(ahead), new.slice(ahead), most - ahead
    behind = count_equal(old.tail(most).reverse(), new.tail(most).reverse())
    return old.head(old.height - behind), new.head(new.height - behind)


def count_equal(first: pl.DataFrame, second: pl.DataFrame) -> int:
    alike = pl.repeat(value=True, n=first.height, eager=True)
    for column in first.columns:
        alike &= first[column] == second[column]
    return first.height if alike.all() else int(alike.arg_min() or 0)


def select_cell_texts(table: Table | None, *, typed: bool) -> pl.DataFrame:
    if table is None:
        return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "text": pl.String})
    cells = table.cells.filter(~table.cells["formula"]) if typed else table.cells
    return cells.select(pl.col(PLACE).cast(pl.UInt32), pl.col("text"))


def find_formula_cells(tables: Sequence[Table]) -> list[tuple[str, pl.DataFrame]]:
    return [(table.sheet, table.cells.select(PLACE).filter(table.cells["formula"])) for table in tables]


def collect_texts(tables: Sequence[Table], cells: Collection[CellAt]) -> set[CellAt]:
    kept = set()
    for table in tables:
        own = [cell for sheet, cell in cells if sheet == table.sheet]
        frame = pl.DataFrame(own, schema={"row": pl.UInt32, "column": pl.UInt32}, orient="row")
        texts = table.cells.filter(pl.col("kind") == "text").select(pl.col(PLACE).cast(pl.UInt32))
        kept |= {(table.sheet, cell) for cell in frame.join(texts, on=PLACE, how="semi").iter_rows()}
    return kept


ROWS, COLUMNS = 2, 3
"""Number of rows shown above and below a cell, and of columns beside it."""
MAX_HEAD_ROWS = 60
"""Number of rows above an excerpt in which column headings are searched."""
MAX_HEAD_LEVELS = 2
MAX_TEXT_LENGTH = 60
"""Maximum number of characters shown of a cell."""
MAX_CACHED_FILES = 8
MAX_FILE_BYTES = 8_000_000
"""Maximum file size, in bytes, for excerpts."""


class Excerpts:
    def __init__(
        self,
        paths: Mapping[str, Path],
        kept_back: Collection[str],
        written: Callable[[str], TextFormat],
        *,
        heads: ExcerptHeaders | None = None,
    ) -> None:
        self.paths, self.kept_back, self.written = paths, kept_back, functools.cache(written)
        self.heads = heads
        self.sheets_of = functools.lru_cache(MAX_CACHED_FILES)(self._read_sheets)

    def of(self, finding: Finding) -> Excerpt | None:
        place = finding.place
        at = find_position(place) if place else None
        if place is None or at is None or place.file in self.kept_back:
            return None
        table = self.sheets_of(place.file).get(place.sheet)
        if table is None or table.hidden:
            return None
        return cut_excerpt(table, at, (place, *finding.others, *finding.related))

    def text_of(self, place: Place) -> str | None:
        at = find_position(place)
        table = self.sheets_of(place.file).get(place.sheet)
        if at is None or table is None or place.file in self.kept_back or is_hidden(table, at):
            return None
        return table.texts(Range(*at, last_row=at[0], last_column=at[1])).get(at, "")

    def names(self, place: Place, excerpt: Excerpt) -> tuple[list[str], list[str]]:
        table = self.sheets_of(place.file)[place.sheet]
        read = self.heads.of(place, excerpt) if self.heads else None
        if read is None:
            return list_row_names(table, excerpt), list_column_names_of_excerpt(table, excerpt)
        rows, columns = (
            [" · ".join(dict.fromkeys(filter(None, (find_text(table, cell) for cell in cells)))) for cells in lines]
            for lines in read
        )
        return rows, columns

    def _read_sheets(self, file: str) -> Mapping[str, Table]:
        path = self.paths.get(file)
        if path is None or path.stat().st_size > MAX_FILE_BYTES:
            return {}
        try:
            return {table.sheet: table for table in read_once(path.name, read_bytes(path), self.written(file))}
        except SdmxmigError:  # unreadable files are reported by the conversion
            return {}


def find_text(table: Table, cell: Cell) -> str:
    own = Range(*cell, last_row=cell[0], last_column=cell[1])
    return "" if is_hidden(table, cell) else write_cell_text(table, cell, table.texts(own)).strip()


def cut_excerpt(table: Table, at: Cell, taking_part: Collection[Place]) -> Excerpt:
    row, column = at
    first_row, first_column = max(1, row - ROWS), max(1, column - COLUMNS)
    rows = range(first_row, max(row, min(row + ROWS, table.last_row)) + 1)
    columns = range(first_column, max(column, min(column + COLUMNS, table.last_column)) + 1)
    texts = table.texts(Range(first_row, first_column, last_row=rows[-1], last_column=columns[-1]))
    marked = {
        cell
        for place in taking_part
        if (place.file, place.sheet) == (table.file, table.sheet) and (cell := find_position(place))
    }
    return Excerpt(
        first_row,
        first_column,
        rows=tuple(tuple(write_cell_text(table, (line, letter), texts) for letter in columns) for line in rows),
        marked=frozenset(cell for cell in marked if cell[0] in rows and cell[1] in columns),
    )


def write_cell_text(table: Table, cell: Cell, texts: Mapping[Cell, str]) -> str:
    if is_hidden(table, cell):
        return "…"
    text = texts.get(cell, "")
    return text if len(text) <= MAX_TEXT_LENGTH else text[: MAX_TEXT_LENGTH - 1] + "…"


def is_hidden(table: Table, cell: Cell) -> bool:
    return table.hidden or cell[0] in table.hidden_rows or cell[1] in table.hidden_columns


def list_row_names(table: Table, excerpt: Excerpt) -> list[str]:
    if excerpt.column == 1:
        return [""] * len(excerpt.rows)
    rows, columns = range(excerpt.row, excerpt.row + len(excerpt.rows)), range(1, excerpt.column)
    texts = table.texts(Range(rows[0], 1, last_row=rows[-1], last_column=columns[-1]))
    listed = ([write_cell_text(table, (row, column), texts) for column in columns] for row in rows)
    return [next(filter(is_name, row), "") for row in listed]


def list_column_names_of_excerpt(table: Table, excerpt: Excerpt) -> list[str]:
    columns = range(excerpt.column, excerpt.column + len(excerpt.rows[0]))
    if excerpt.row == 1:
        return [""] * len(columns)
    rows = range(max(1, excerpt.row - MAX_HEAD_ROWS), excerpt.row)
    texts = table.texts(Range(rows[0], 1, last_row=rows[-1], last_column=columns[-1]))
    wide = [merged for merged in table.merged if is_head(merged) and merged.first_row in rows]
    return [
        get_column_name(
            table, column, texts, [each for each in wide if each.first_column <= column <= each.last_column]
        )
        for column in columns
    ]


def get_column_name(table: Table, column: int, texts: Mapping[Cell, str], wide: Collection[Range]) -> str:
    from_wide = {merged.first_row: (merged.first_row, merged.first_column) for merged in wide}
    names: list[str] = []
    for row in sorted({row for row, _ in texts}, reverse=True) if column > 1 else ():
        text = write_cell_text(table, from_wide.get(row, (row, column)), texts)
        if len(names) < MAX_HEAD_LEVELS and text and (is_name(text) or row in from_wide) and text not in names:
            names.insert(0, text)
    return " · ".join(names)


def is_head(merged: Range) -> bool:
    return merged.first_row == merged.last_row and merged.first_column > 1


def is_name(text: str) -> bool:
    """Check whether a text is a name, which has letters and does not start like a figure.

    >>> [is_name(text) for text in ("Women", "4000 (p)", "..", "7 900*", "2 parents")]
    [True, False, False, False, False]
    """
    return any(sign.isalpha() for sign in text) and not text[0].isdigit()


Lines = list[list["Cell"]]
CELL_COLUMNS = ["row", "column"]
MAX_CACHED_SHEETS = 12


class ExcerptHeaders:
    def __init__(self, origins: Callable[[], Mapping[str, tuple[pl.DataFrame, str]]]) -> None:
        self._read = origins
        self._origins: Mapping[str, tuple[pl.DataFrame, str]] | None = None
        self._pairs: dict[tuple[str, str], list[pl.DataFrame]] = {}

    def of(self, place: Place, excerpt: Excerpt) -> tuple[Lines, Lines] | None:
        """Return the cells outside an excerpt that label its rows, and those that label its columns."""
        rows = range(excerpt.row, excerpt.row + len(excerpt.rows))
        columns = range(excerpt.column, excerpt.column + len(excerpt.rows[0]))
        is_inside = pl.col("at_row").is_between(rows[0], rows[-1])
        is_inside &= pl.col("at_column").is_between(columns[0], columns[-1])
        pairs = [frame.filter(is_inside) for frame in self.read_sheet_heads(place)]
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

    def read_sheet_heads(self, place: Place) -> list[pl.DataFrame]:
        """Return the figures of a sheet with their label cells by dataflow; recent sheets are cached."""
        if self._origins is None:
            self._origins = self._read()
        sheet = (place.file, place.sheet)
        pairs = self._pairs.pop(sheet, None)
        if pairs is None:
            frames = (pair_naming_cells(frame, measure, place) for frame, measure in self._origins.values())
            pairs = [frame for frame in frames if frame.height]
        self._pairs[sheet] = pairs
        if len(self._pairs) > MAX_CACHED_SHEETS:
            del self._pairs[next(iter(self._pairs))]
        return pairs


def pair_naming_cells(origins: pl.DataFrame, measure: str, place: Place) -> pl.DataFrame:
    """Pair each figure of a sheet with its label cells: ``row``, ``column``, ``at_row``, ``at_column``."""
    here = (pl.col("file").cast(pl.String) == place.file) & (pl.col("sheet").cast(pl.String) == place.sheet)
    cells = origins.filter(here).with_columns(pl.col("component").cast(pl.String), pl.col(CELL_COLUMNS).cast(pl.UInt32))
    is_figure = cells["component"] == measure
    figures = cells.filter(is_figure).select("observation", at_row="row", at_column="column")
    heads = cells.filter(~is_figure).filter(pl.struct(CELL_COLUMNS).n_unique().over("component") > 1)
    pairs = heads.join(figures, on="observation").filter(pl.col("row") <= pl.col("at_row"))
    pairs = pairs.filter(pl.struct(CELL_COLUMNS) != pl.struct(row="at_row", column="at_column"))
    beside = pairs.filter(pl.col("row") == pl.col("at_row"))["column"].unique()
    return pairs.select(*CELL_COLUMNS, "at_row", "at_column", of_row=pl.col("column").is_in(beside.to_list())).unique()
