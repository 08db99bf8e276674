"""How tables are mapped, and the datasets that come of it."""

from __future__ import annotations

from collections import abc
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.lazily import pd, pl, view
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, listed, summarised
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.frame_on_demand import FrameOnDemand
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.sources import Source
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat

ROLES = (("dimensions", ("dimension", "time")), ("measures", ("measure",)), ("attributes", ("attribute", "metadata")))
"""The components of a structure by what they are for."""
SHOWN_ROWS, SHOWN_CODES = 3, 6
ORIGIN_COLUMNS = ("observation", "component", "file", "sheet", "row", "column")


Attributes = tuple[tuple[str, str], ...]
"""Attributes with the values that a sign, a mark or a derived value gives them."""


@dataclass(frozen=True, slots=True)
class PeriodFormat:
    """How an office writes periods: date patterns in the order of trial, further names of months (name, number).

    `span` says what a text with two years such as ``2014/15`` is: ``first`` or ``last`` year, or the ``range``, which
    begins on `year_start` (month and day, ``07-01``) if the years are fiscal ones.
    """

    patterns: tuple[str, ...] = ()
    months: tuple[tuple[str, str], ...] = ()
    _: KW_ONLY
    span: str = "range"
    year_start: str = ""


@dataclass(frozen=True, slots=True)
class ComponentMap:
    """How one component gets its value from a header, a row label, the sheet name or a note cell.

    `codes` is the representation map (text found → code); a text that it does not list stays as it is, so that
    validation can quote it. `carried` says that an empty cell takes the text before it: a header that of its left, a
    label that above it. `take` is a regular expression that cuts out the part that counts; `empty` and `otherwise` are
    the codes of an empty cell and of any text that is not listed. With `areas`, names of countries are known in any
    language (or in `language`); with `fold`, texts that differ in case, accents and punctuation only are one.
    """

    component: str
    source: Source
    _: KW_ONLY
    codes: tuple[tuple[str, str], ...] = ()
    periods: PeriodFormat = PeriodFormat()
    key: str = ""
    carried: bool = False
    take: str = ""
    empty: str = ""
    otherwise: str = ""
    areas: bool = False
    language: str = ""
    fold: bool = False


TO_CONFIRM = "to be confirmed"
"""How a reason ends that `map` wrote because nothing told it what a label is: no person has left the figures out."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows or columns that are left out on purpose: which label, in which header row or column, and why.

    Of columns that share a label `column` is the only one that is left out, by its letters such as ``F``; empty if all.
    """

    match: str
    reason: str
    _: KW_ONLY
    header: int = 1
    column: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Cells outside all blocks that are left out on purpose, such as ``A1:F3`` of sheets like this, and why."""

    sheet: str
    cells: str
    _: KW_ONLY
    reason: str


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """One level of section titles: rows with such a text in a label column, and (if `alone`) nothing else.

    With `indent`, the titles are the rows at this depth of indentation: 1 is the outermost, 2 what stands below such a
    row and further inside, and so on.
    """

    match: str = "*"
    column: int = 1
    _: KW_ONLY
    alone: bool = True
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Footnotes:
    """Texts outside the block that begin with a mark (a regular expression), and the component that takes them."""

    marks: str
    component: str


@dataclass(frozen=True, slots=True)
class Values:
    """How the values of a block are written.

    `missing` gives the attributes that a sign instead of a number stands for, `marks` those that a mark behind a number
    or label sets, `numbers` the texts that stand for a number. `turned` changes the sign of every value, `multiply` is
    a factor. `columns` are the headers of the columns that hold values, if not all do; `comments` is the component that
    takes the comments which the workbook hangs on value cells.
    """

    thousands: str = ""
    decimal: str = "."
    _: KW_ONLY
    missing: tuple[tuple[str, Attributes], ...] = ()
    marks: tuple[tuple[str, Attributes], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    turned: bool = False
    multiply: str = ""
    as_shown: bool = False
    columns: tuple[str, ...] = ()
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a person says of some figures: those with all codes of `where` (dimension, code) get these attributes."""

    where: Attributes
    attributes: Attributes
    _: KW_ONLY
    key: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle of observations in a sheet: where it lies and what its headers mean.

    Its top left header cell is found by its text (the first of `anchors` that is there; with `every`, each cell that
    fits begins such a block) or named (`cell`); with `labels_right` it is the top right one. It ends at its cell
    `last` (a column alone ends no rows), above the first label that fits one of `until`, or at the first empty row and
    column; with `gaps`, empty rows and columns inside do not end it. `required_texts` are those that must stand around
    it, such as its title with the unit, or beside every row. `notes` are what a person says of some of its figures.
    """

    sheet: str
    anchors: tuple[str, ...]
    _: KW_ONLY
    header_rows: int
    header_columns: int
    components: tuple[ComponentMap, ...]
    fixed: Attributes = ()
    until: tuple[str, ...] = ()
    sections: tuple[SectionTitle, ...] = ()
    skip_rows: tuple[Skip, ...] = ()
    skip_columns: tuple[Skip, ...] = ()
    values: Values = Values()
    footnotes: Footnotes | None = None
    notes: tuple[Noted, ...] = ()
    key: str = ""
    cell: str = ""
    last: str = ""
    gaps: bool = False
    every: bool = False
    labels_right: bool = False
    required_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """Values that a table does not have: the code of a component as a sum of others (sign, code), the key else equal.

    With `share_of`, the sum is 100 times its share of that code, with so many `decimals`. With `replaces`, a value that
    was read for the same key gives way. `labels` are the terms that are no codes but labels of the table; they are
    there for the formula alone, and no observations of their own.
    """

    component: str
    code: str
    _: KW_ONLY
    terms: tuple[tuple[int, str], ...]
    share_of: str = ""
    decimals: int = 1
    replaces: bool = False
    attributes: Attributes = ()
    key: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedCell:
    """A cell by its sheet (empty: that of the first block) and name, such as ``Table 1`` and ``C14``."""

    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class Computed:
    """One observation that is the sum of named cells (sign, cell); `fixed` is its key, and its attributes.

    `required_texts` are those that must stand in cells, so that a table whose rows or columns have moved is refused.
    """

    terms: tuple[tuple[int, NamedCell], ...]
    fixed: Attributes
    _: KW_ONLY
    required_texts: tuple[tuple[NamedCell, str], ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Observations with this code are left out, and why."""

    component: str
    code: str
    _: KW_ONLY
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person answered about a table: the sheet, part and label of the question, and what was proposed then."""

    sheet: str
    part: str
    label: str
    _: KW_ONLY
    answer: str
    proposed: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        """The sheet, part and label of the question."""
        return self.sheet, self.part, self.label


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the tables of one workbook become observations of one dataflow, in SDMX's words.

    `also` are other dataflows to which items of a population account belong. `text` is how the file is written, if it
    is a text file and somebody says so. `answers` are those of which the
    mapping was made.
    """

    id: str
    flow: str
    _: KW_ONLY
    file: str
    blocks: tuple[Block, ...]
    also: tuple[str, ...] = ()
    name: Text = Text()
    place: Place | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = ()
    derived: tuple[Derived, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    computed: tuple[Computed, ...] = ()
    text: TextFormat = AUTODETECT
    answers: tuple[Answered, ...] = ()


@dataclass(frozen=True)
class ArtefactChoice:
    """A reference in data without agency or version, and the other known artefacts that it would fit as well."""

    requested: Ref
    alternatives: tuple[Ref, ...] = ()


@summarised
@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A dataflow with everything that it refers to: structure, codelists and concepts, resolved once.

    `chosen` is set where data name it without an agency or version. `constraints` say what its data may hold: those of
    its structure, then its own; where data are sent under an agreement, also those of that and of its `provider`. A
    flow that is only `inferred` from data is ``described`` (they say all of it), ``told`` (what is a dimension and what
    an attribute), ``unordered`` (but not in which order they stand) or ``guessed``; else this is empty.
    """

    dataflow: Dataflow
    structure: DataStructure
    _: KW_ONLY
    codelists: abc.Mapping[str, ItemScheme]
    concepts: abc.Mapping[str, Text]
    constraints: tuple[Constraint, ...] = ()
    inferred: str = ""
    chosen: ArtefactChoice | None = None
    provider: Ref | None = None

    @property
    def id(self) -> str:
        """The id of the dataflow, as people say it."""
        return self.dataflow.ref.id

    def codelist(self, component: Component | str) -> ItemScheme | None:
        """The codelist of a component, by component or id; None if it is not coded."""
        return self.codelists.get(component if isinstance(component, str) else component.id)

    def summary(self) -> Summary:
        """The dataflow with its structure, as it shows itself."""
        parts = {
            role: [component.id for component in self.structure.components if component.role in roles]
            for role, roles in ROLES
        }
        facts = ((role, listed(names)) for role, names in parts.items() if names)
        return Summary(f"Dataflow {self.dataflow.ref.short}: {self.dataflow.name}", tuple(facts))


@summarised
@dataclass(frozen=True, eq=False)
class Dataset:
    """The observations of one dataflow, or one block of them.

    `observations` has one row an observation; its columns are the ids of the dimensions, the measures and the
    attributes of observations, all of them text; null means not sent. `series` has one row a series: the dimensions
    but time, then the attributes of series. `attributes` are those of the whole dataset. `origins` says where
    each value comes from (columns as in ORIGIN_COLUMNS; `observation` is the row number in `observations`, from 0;
    `row` and `column` count from 1); it is empty for data read from a message, and may be given as the function that
    makes it. `action` is SDMX's I, A, M, R or D.

    `partial` holds the attributes of groups and of parts of the key: for each set of dimensions a frame with these
    dimensions (null: any) and the attributes. A component with several values is a column of lists of text, one in
    several languages a column of lists of structs (``language``, ``text``); such attributes of the whole dataset stand
    in ``partial[()]``, a frame of one row. The text ``NaN`` (of a number) or ``#N/A`` means intentionally missing.
    `properties` are what a message says of the dataset itself, by SDMX's names (``setID``, ``validFromDate``,
    ``reportingBeginDate`` …), `refers_to` the structure or agreement that it names instead of the dataflow. A message
    is a sequence of datasets; a block with `continues` goes on with the dataset before it. `annotations` are notes on
    the whole dataset, `notes` those on its parts: None, or a
    frame with the dimensions (null: any), ``#component`` (null: all) and ``#note``, the annotation as JSON. `reports`
    are reference metadata that come with the data: None, or a frame with the dimensions (null: any) and ``#report``,
    the attributes as JSON, and ``#set``, as JSON what the metadata set that reports them says of itself (null: none).
    """

    flow: Flow
    observations: pl.DataFrame
    _: KW_ONLY
    series: pl.DataFrame
    attributes: abc.Mapping[str, str]
    origins: FrameOnDemand = FrameOnDemand()  # noqa: RUF009 - the descriptor is one for all datasets
    action: str = "R"
    partial: abc.Mapping[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    properties: abc.Mapping[str, str] = field(default_factory=dict)
    refers_to: Ref | None = None
    continues: bool = False
    annotations: tuple[Annotation, ...] = ()
    notes: pl.DataFrame | None = None
    reports: pl.DataFrame | None = None

    def to_pandas(self, *, values: str = "text") -> pd.DataFrame:
        """The observations as a pandas table: one row an observation, one column a component.

        Codes are text whatever they look like (``01``, ``NA``), and so are values, with the digits that were sent
        (``1.50``); ``None`` means not sent. With ``values="float"`` the measures are floating-point numbers, to compute
        and plot with. Raises `SdmxmigError` naming a value that is no number.
        """
        frame: pd.DataFrame = view("sdmxmig.sdmx.interchange.tables", "to_pandas")(self, values=values)
        return frame

    def to_polars(self, *, values: str = "text") -> pl.DataFrame:
        """The observations as a polars table, as `to_pandas` gives them; null means not sent."""
        frame: pl.DataFrame = view("sdmxmig.sdmx.interchange.tables", "to_polars")(self, values=values)
        return frame

    def summary(self) -> Summary:
        """How many observations of what, the codes of each dimension, and the first rows, as it shows itself."""
        rows, key = self.observations, [name for name in self.flow.structure.key if name in self.observations.columns]
        facts = [("observations", f"{rows.height:,}")]
        facts += [(name, shown_codes(rows[name])) for name in key if rows.height]
        columns = tuple(name for name in rows.columns if rows.height and rows[name].null_count() < rows.height)
        first = rows.select(columns).head(SHOWN_ROWS).rows()
        return Summary(
            f"Dataset {self.flow.dataflow.ref.short}: {self.flow.dataflow.name}",
            tuple(facts),
            columns=columns if first else (),
            rows=tuple(tuple("" if cell is None else str(cell) for cell in row) for row in first),
            more=f"… {rows.height - len(first):,} more rows" if rows.height > len(first) else "",
        )


def shown_codes(column: pl.Series) -> str:
    """The codes of a column, or the first and the last and how many there are."""
    codes = sorted(column.cast(pl.String).drop_nulls().unique().to_list())
    return ", ".join(codes) if len(codes) <= SHOWN_CODES else f"{codes[0]} … {codes[-1]} ({len(codes):,})"
