"""Mappings of tables, and the resulting datasets."""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import cast

from sdmxmig.primitives.lazily import import_function, pd, pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary, list_some
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.sources import Kind, Source
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat


class FrameOnDemand:
    """A dataclass field that accepts a frame or a function, and returns the frame."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, noun: object, frame: pl.DataFrame | Callable[[], pl.DataFrame]) -> None:
        noun.__dict__[self._name] = frame

    def __get__(self, noun: object | None, owner: type) -> pl.DataFrame:
        if noun is None:
            raise AttributeError(self._name)  # the field has no default
        frame = noun.__dict__[self._name]
        if callable(frame):
            frame = noun.__dict__[self._name] = frame()
        return cast("pl.DataFrame", frame)


ROLES_BY_FIELD = (
    ("dimensions", ("dimension", "time")),
    ("measures", ("measure",)),
    ("attributes", ("attribute", "metadata")),
)
"""The components of a structure by what they are for."""
SHOWN_ROWS, SHOWN_CODES = 3, 6
ORIGIN_COLUMNS = ("observation", "component", "file", "sheet", "row", "column")


Attributes = tuple[tuple[str, str], ...]
"""Attributes with the values that a sign, a mark or a derived value gives them."""


@dataclass(frozen=True, slots=True)
class PeriodFormat:
    """The notation of periods: date patterns in order, and month names.

    `span` interprets ``2014/15`` as ``first`` or ``last`` year or ``range``, starting on `year_start` (``07-01``) for
    fiscal years.
    """

    patterns: tuple[str, ...] = ()
    months: tuple[tuple[str, str], ...] = ()
    span: str = "range"
    year_start: str = ""


@dataclass(frozen=True, slots=True)
class ComponentMap:
    """The source of a component: a header, row label, sheet name or note cell.

    `codes` maps texts to codes; unknown texts stay for validation. `carried`: empty cells repeat the previous text
    (left in headers, above in labels). `take` is a regular expression for the relevant part; `empty` and `otherwise`
    are codes for empty cells and unknown texts. `areas` recognises country names in any language; `fold` ignores case,
    accents and punctuation.
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
"""The end of a reason written by `map` for an unrecognised label."""
LEFT_OUT_BY_ANSWER = "left out as answered"
"""The reason written by `map` for a label that an answer leaves out."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows or columns that are skipped, with label and reason.

    The label is in the lines `headers`, joined with blanks, or is that of the section (0); `column` (letters) selects
    one of several with it. If `carried`, it also applies to empty cells behind it.
    """

    match: str
    reason: str
    headers: tuple[int, ...] = (1,)
    column: str = ""
    carried: bool = False

    def source(self, kind: Kind) -> Source:
        lines = tuple(Source(kind, number) if number else Source("section") for number in self.headers)
        return lines[0] if len(lines) == 1 else Source("joined", together=lines)


OF_ANOTHER_FLOW, NO_COUNTS = "it belongs to another dataflow", "shares and rates are not counts"
"""Reasons why left-out figures are not parts of a total."""


@dataclass(frozen=True, slots=True)
class IgnoredCells:
    """Cells outside blocks that are omitted, such as ``A1:F3``, with the reason."""

    sheet: str
    cells: str
    reason: str


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """A level of section titles: rows with this text and (if `alone`) no other, but not with a text of `unless`.

    `indent` selects rows by indentation; 1 is the outermost.
    """

    match: str = "*"
    column: int = 1
    alone: bool = True
    indent: int = 0
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Footnotes:
    marks: str
    component: str


@dataclass(frozen=True, slots=True)
class Values:
    """The notation of values in a block.

    `missing` gives attributes for symbols instead of numbers, `marks` those for marks after a number or label,
    `numbers` texts that mean numbers. `turned` reverses signs, `multiply` is a factor, `columns` the value columns if
    not all, `comments` the component for cell comments.
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
class UserNote:
    """User notes: figures with all the codes in `where` get these attributes."""

    where: Attributes
    attributes: Attributes
    key: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of observations in a sheet.

    Its corner is the first of `anchors` found (with `every`, each) or `cell`; top right if `labels_right`. It ends at
    `last`, above a label of `until`, or at the first empty row and column unless `gaps`. `required_texts` must be
    present around it.
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
    notes: tuple[UserNote, ...] = ()
    key: str = ""
    cell: str = ""
    last: str = ""
    gaps: bool = False
    every: bool = False
    skip_hidden: bool = False
    labels_right: bool = False
    required_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """Values computed as signed sums of codes; `labels` are terms identified by table labels only."""

    component: str
    code: str
    _: KW_ONLY
    terms: tuple[tuple[int, str], ...]
    attributes: Attributes = ()
    key: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DroppedCode:
    component: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    sheet: str
    part: str
    label: str
    answer: str
    proposed: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        return self.sheet, self.part, self.label


@dataclass(frozen=True, slots=True)
class TableMapping:
    """The mapping of a workbook's tables to observations of one dataflow.

    `also` are other dataflows that receive items of a population account. `text` is the stated format of a text file.
    `answers` are those from which the mapping was made.
    """

    id: str
    flow: str
    _: KW_ONLY
    file: str
    blocks: tuple[Block, ...]
    also: tuple[str, ...] = ()
    name: Text = Text()
    place: Place | None = field(default=None, compare=False)
    ignored: tuple[IgnoredCells, ...] = ()
    derived: tuple[DerivedValue, ...] = ()
    dropped: tuple[DroppedCode, ...] = ()
    text: TextFormat = AUTODETECT
    answers: tuple[SavedAnswer, ...] = ()

    @property
    def leaves_out_a_flow(self) -> bool:
        skips = (skip for block in self.blocks for skip in (*block.skip_rows, *block.skip_columns))
        return any(skip.reason.endswith(OF_ANOTHER_FLOW) for skip in skips)


@dataclass(frozen=True)
class ArtefactChoice:
    """A reference that is unknown, or without agency or version, and its other candidates."""

    requested: Ref
    alternatives: tuple[Ref, ...] = ()


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A dataflow with its resolved structure, codelists and concepts.

    `chosen` is set for references that are unknown or without agency or version. `constraints` are those of structure,
    flow, agreement and `provider`. `inferred` is ``described`` (complete), ``told`` (roles known), ``unordered`` (order
    unknown), ``guessed`` or empty.
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
        return self.dataflow.ref.id

    def codelist(self, component: Component | str) -> ItemScheme | None:
        return self.codelists.get(component if isinstance(component, str) else component.id)

    def summary(self) -> Summary:
        parts = {
            role: [component.id for component in self.structure.components if component.role in roles]
            for role, roles in ROLES_BY_FIELD
        }
        facts = ((role, list_some(names)) for role, names in parts.items() if names)
        return Summary(f"Dataflow {self.dataflow.ref.short}: {self.dataflow.name}", tuple(facts))


@add_summary
@dataclass(frozen=True, eq=False)
class Dataset:
    """The observations of one dataflow, or one block of them.

    `observations` has text columns of dimensions, measures and observation attributes; null means not sent. `series`
    has the dimensions without time and series attributes; `attributes` are those of the dataset. `partial` maps sets of
    dimensions to frames of group and partial key attributes (null: any).

    `origins` links values to cells (ORIGIN_COLUMNS; `observation` counts from 0, `row` and `column` from 1), or is a
    function; empty for messages. `action` is I, A, M, R or D. Multiple values are lists of text, multilingual texts
    lists of structs (``language``, ``text``); at dataset level they are in ``partial[()]``. ``NaN`` and ``#N/A`` mean
    intentionally missing. `continues` marks a further block. `notes` has dimensions (null: any), ``#component`` (null:
    all) and ``#note`` (JSON); `reports` has dimensions, ``#report`` (attributes as JSON) and ``#set`` (properties as
    JSON, or null).
    """

    flow: Flow
    observations: pl.DataFrame
    _: KW_ONLY
    series: pl.DataFrame
    attributes: abc.Mapping[str, str]
    origins: FrameOnDemand = FrameOnDemand()
    action: str = "R"
    partial: abc.Mapping[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    properties: abc.Mapping[str, str] = field(default_factory=dict)
    refers_to: Ref | None = None
    continues: bool = False
    annotations: tuple[Annotation, ...] = ()
    notes: pl.DataFrame | None = None
    reports: pl.DataFrame | None = None

    def to_pandas(self, *, values: str = "text") -> pd.DataFrame:
        """Return the observations as a pandas table: one row per observation, one column per component.

        Codes and values are text with their digits (``01``, ``1.50``); ``None`` means not sent. With ``values="float"``
        measures are floats; raises `SdmxmigError` for other values.
        """
        frame: pd.DataFrame = import_function("sdmxmig.sdmx.dataframes", "to_pandas")(self, values=values)
        return frame

    def to_polars(self, *, values: str = "text") -> pl.DataFrame:
        frame: pl.DataFrame = import_function("sdmxmig.sdmx.dataframes", "to_polars")(self, values=values)
        return frame

    def summary(self) -> Summary:
        rows, key = self.observations, [name for name in self.flow.structure.key if name in self.observations.columns]
        facts = [("observations", f"{rows.height:,}")]
        facts += [(name, format_codes(rows[name])) for name in key if rows.height]
        columns = tuple(name for name in rows.columns if rows.height and rows[name].null_count() < rows.height)
        first = rows.select(columns).head(SHOWN_ROWS).rows()
        return Summary(
            f"Dataset {self.flow.dataflow.ref.short}: {self.flow.dataflow.name}",
            tuple(facts),
            columns=columns if first else (),
            rows=tuple(tuple("" if cell is None else str(cell) for cell in row) for row in first),
            more=f"… {rows.height - len(first):,} more rows" if rows.height > len(first) else "",
        )


def format_codes(column: pl.Series) -> str:
    codes = sorted(column.cast(pl.String).drop_nulls().unique().to_list())
    return ", ".join(codes) if len(codes) <= SHOWN_CODES else f"{codes[0]} … {codes[-1]} ({len(codes):,})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vintage:
    """An earlier release: datasets by dataflow id, time of preparation and receiver, empty if unknown."""

    datasets: Mapping[str, Dataset]
    name: str
    prepared: str = ""
    receiver: str = ""
