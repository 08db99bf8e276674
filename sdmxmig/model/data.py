"""How tables are mapped, and the datasets that come of it."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdmxmig.model.artefacts import Annotation, Component, Dataflow, DataStructure, ItemScheme, Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl

ORIGIN_COLUMNS = ("observation", "component", "file", "sheet", "row", "column")


@dataclass(frozen=True, slots=True)
class ComponentMap:
    """How one component gets its value from a header, a row label, the sheet name or a note cell.

    `source` is the declared text: ``header 1``, ``column 1``, ``column Source``, ``row Source``, ``section``, ``sheet``
    or ``file``. `codes` is the representation map (text found → code); a text that it does not list stays as it is, so
    that validation can quote it. `pattern` is the date pattern of a period. `carried` says that an empty cell takes the
    text before it: a header that of its left, a label that above it.
    """

    component: str
    source: str
    codes: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    key: str = ""
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows or columns that are left out on purpose: which label, in which header row or column, and why."""

    match: str
    reason: str
    header: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle of observations in a sheet: where it lies and what its headers mean.

    Its top left header cell is found by its text (`anchor`) or named (`cell`). With `gaps`, empty rows and columns
    inside do not end it.
    """

    sheet: str
    anchor: str
    header_rows: int
    header_columns: int
    components: tuple[ComponentMap, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    until: str = ""
    sections: bool = False
    skip_rows: tuple[Skip, ...] = ()
    skip_columns: tuple[Skip, ...] = ()
    thousands: str = ""
    decimal: str = "."
    missing: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    key: str = ""
    cell: str = ""
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the tables of one workbook become observations of one dataflow, in SDMX's words."""

    id: str
    flow: str
    file: str
    blocks: tuple[Block, ...]
    name: Text = Text()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A dataflow with everything that it refers to: structure, codelists and concepts, resolved once.

    `constraints` say what its data may hold: those of its structure, then its own.
    """

    dataflow: Dataflow
    structure: DataStructure
    codelists: abc.Mapping[str, ItemScheme]
    concepts: abc.Mapping[str, Text]
    constraints: tuple[Constraint, ...] = ()

    @property
    def id(self) -> str:
        """The id of the dataflow, as people say it."""
        return self.dataflow.ref.id

    def codelist(self, component: Component | str) -> ItemScheme | None:
        """The codelist of a component, by component or id; None if it is not coded."""
        return self.codelists.get(component if isinstance(component, str) else component.id)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """The observations of one dataflow, or one block of them.

    `observations` has one row an observation; its columns are the ids of the dimensions, the measures and the
    attributes of observations, all of them text; null means not sent. `series` has one row a series: the dimensions
    but time, then the attributes of series. `attributes` are those of the whole dataset. `origins` says where
    each value comes from (columns as in ORIGIN_COLUMNS; `observation` is the row number in `observations`, from 0;
    `row` and `column` count from 1); it is empty for data read from a message. `action` is SDMX's I, A, M, R or D.

    `partial` holds the attributes of groups and of parts of the key: for each set of dimensions a frame with these
    dimensions (null: any) and the attributes. A component with several values is a column of lists of text, one in
    several languages a column of lists of structs (``language``, ``text``); such attributes of the whole dataset stand
    in ``partial[()]``, a frame of one row. The text ``NaN`` (of a number) or ``#N/A`` means intentionally missing.
    `properties` are what a message says of the dataset itself, by SDMX's names (``setID``, ``validFromDate``,
    ``reportingBeginDate`` …), `refers_to` the structure or agreement that it names instead of the dataflow. A message
    is a sequence of datasets; a block with `continues` goes on with the dataset before it. `annotations` are notes on
    the whole dataset. `left_out` counts what a message says of parts of a dataset and there is no place for, in words
    such as ``annotations of series``; each block counts its own.
    """

    flow: Flow
    observations: pl.DataFrame
    series: pl.DataFrame
    attributes: abc.Mapping[str, str]
    origins: pl.DataFrame
    action: str = "R"
    partial: abc.Mapping[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    properties: abc.Mapping[str, str] = field(default_factory=dict)
    refers_to: Ref | None = None
    continues: bool = False
    annotations: tuple[Annotation, ...] = ()
    left_out: abc.Mapping[str, int] = field(default_factory=dict)
