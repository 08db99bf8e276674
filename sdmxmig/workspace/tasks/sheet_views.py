"""Sheets with the use of each cell (``figure``, ``label``, ``skipped``, ``unread``, ``text``), and changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from unicodedata import bidirectional

from sdmxmig.conversion.tables import find_reader, read_once
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.model.tables import Cell, Range, Table
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


@dataclass(frozen=True, slots=True)
class CellDifference:
    sheet: str
    cell: str
    _: KW_ONLY
    before: str
    after: str


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


def list_rows(table: Table, first: int, most: int) -> dict[int, list[str]]:
    last = min(first + most - 1, table.last_row)
    width = min(table.last_column, MAX_COLUMNS)
    texts: dict[int, list[str]] = {row: [""] * width for row in range(first, last + 1)}
    for (row, column), text in table.texts(Range(first, 1, last_row=last, last_column=MAX_COLUMNS)).items():
        texts[row][column - 1] = text
    return texts


def find_fates(table: Table, cell_fates: pl.DataFrame, rows: Collection[int]) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the use of cells in rows of a sheet, with its reason; other cells are texts."""
    of_sheet = (pl.col("file") == table.file) & (pl.col("sheet") == table.sheet) & pl.col("row").is_in([*rows])
    found = cell_fates.filter(of_sheet).select("row", "column", "fate", "reason")
    return {(row, column): (fate, reason) for row, column, fate, reason in found.iter_rows()}


def list_differences(before: tuple[Table, ...], after: tuple[Table, ...]) -> tuple[tuple[CellDifference, ...], int]:
    names = {table.sheet: table.sheet for table in before}
    if len(before) == len(after) == 1:
        names = {before[0].sheet: after[0].sheet}
    old = {names.get(table.sheet, table.sheet): table for table in before}
    new = {table.sheet: table for table in after}
    listed: list[CellDifference] = []
    count = 0
    for sheet in dict.fromkeys((*old, *new)):
        changed = find_differing_cells(old.get(sheet), new.get(sheet))
        count += changed.height
        for row, column, was, now in changed.head(MAX_LISTED - len(listed)).iter_rows():
            listed.append(CellDifference(sheet, format_cell(row, column), before=was, after=now))
    return tuple(listed), count


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
