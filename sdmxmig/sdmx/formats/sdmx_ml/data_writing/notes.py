"""Texts and notes on parts of a written dataset."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl
from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.formats import dataset_notes
from sdmxmig.sdmx.formats.dataset_notes import KeyPart, render_texts
from sdmxmig.sdmx.formats.faults import FORBIDDEN, check_characters
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_30, SDMX_31, Dialect, Placement
from sdmxmig.sdmx.formats.sdmx_ml.markup import ESCAPED_SIGNS, add_annotations, escape_column
from sdmxmig.sdmx.formats.sdmx_ml.metadata_writing import add_attributes, add_set_of_version_3, choose_writing
from sdmxmig.sdmx.formats.shapes import is_several
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet

XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ESCAPED_CHARACTERS = "".join(character for character, _ in ESCAPED_SIGNS)
SPECIAL_OR_FORBIDDEN = f"{FORBIDDEN[:-1]}{ESCAPED_CHARACTERS}]"
NOTES = " notes"
"""The column with the annotations of a row; component ids contain no blank."""
REPORTS = " reports"
"""The column with the reference metadata of a row."""


@dataclass(frozen=True, slots=True)
class EscapedRows:
    """A table of escaped texts. Columns in `several` hold elements, since attributes allow single values only."""

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


def escape_table(
    dataset: Dataset, frame: pl.DataFrame, row_kind: str, prefix: str, as_is: Collection[str] = ()
) -> EscapedRows:
    """Check and escape texts except columns `as_is`; raise `SdmxmigError` for a forbidden character."""
    for name in frame.columns:
        if not XML_NAME.fullmatch(name):
            raise SdmxmigError(f"“{name}” of {dataset.flow.id} cannot be a name in XML.")
    several = tuple(name for name, kind in frame.schema.items() if is_several(kind))
    plain = [name for name in frame.columns if name not in (*several, *as_is)]
    changed = [escape_checked_column(dataset, frame[name], row_kind) for name in find_escapable_columns(frame, plain)]
    changed += [write_elements(dataset, frame[name], row_kind, prefix) for name in several]
    return EscapedRows(frame.with_columns(changed) if changed else frame, several)


def find_escapable_columns(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    # Searching whole columns is several times faster than searching single values.
    needs_escaping = frame.select(pl.col(names).str.join("").str.contains(SPECIAL_OR_FORBIDDEN)).row(0, named=True)
    return [name for name in names if needs_escaping[name]]


def escape_checked_column(dataset: Dataset, column: pl.Series, row_kind: str) -> pl.Series:
    rows = column.str.contains(SPECIAL_OR_FORBIDDEN).fill_null(value=False).arg_true()
    texts = column.gather(rows)
    check(dataset, texts, row_kind, rows=rows)
    return column.clone().scatter(rows, escape_column(texts))


def write_parts(frame: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    changed = []
    for name, kind in frame.schema.items():
        component = structure[name]
        if kind == pl.String and (component.is_array or component.is_multilingual):
            text = pl.struct(language=pl.lit("en"), text=pl.col(name)) if component.is_multilingual else pl.col(name)
            changed.append(pl.when(pl.col(name).is_not_null()).then(pl.concat_list(text)).alias(name))
    return frame.with_columns(changed) if changed else frame


def check(dataset: Dataset, column: pl.Series, row_kind: str, *, name: str = "", rows: pl.Series | None = None) -> None:
    bad = column.str.contains(FORBIDDEN).fill_null(value=False)
    if bad.any():
        first_row = bad.arg_true()[0]
        row = first_row if rows is None else rows[first_row]
        component = name or column.name
        text = str(column[first_row])
        at = row if row_kind == "observation" else find_observation(dataset, component, text)
        cell = None if at is None else find_origin(dataset, at, component)
        check_characters(text, f"{component} of {row_kind} {row + 1} of {dataset.flow.id}", cell)


def write_elements(dataset: Dataset, column: pl.Series, row_kind: str, prefix: str) -> pl.Series:
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
    text = escape_column(parts["text"])
    if "language" in parts.columns:
        language = escape_column(parts["language"])
        markup = pl.format('<com:Text xml:lang="{}">{}</com:Text>', pl.lit(language), pl.lit(text))
        before, after = "<Value>", "</Value>"
    else:
        markup = pl.format("<Value>{}</Value>", pl.lit(text))
        before, after = "", ""
    lines = parts.select("row", line=markup if parts.height else pl.col("text"))
    joined = lines.group_by("row", maintain_order=True).agg(pl.col("line").str.join(""))
    opened = f'<Comp xsi:type="{prefix}:{column.name}CompType" id="{column.name}">{before}'
    whole = pl.DataFrame({"row": rows}).join(joined, on="row", how="left", maintain_order="left")
    return whole.select((pl.lit(opened) + pl.col("line") + pl.lit(f"{after}</Comp>")).alias(column.name)).to_series()


def find_observation(dataset: Dataset, component: str, text: str) -> int | None:
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


def find_origin(dataset: Dataset, row: int, component: str) -> Place | None:
    if dataset.origins.is_empty():
        return None
    cells = dataset.origins.filter(pl.col("observation") == row).rows_by_key("component", named=True, unique=True)
    cell = cells.get(component) or cells.get("OBS_VALUE")
    return Place(cell["file"], cell["sheet"] or "", cell=format_cell(cell["row"], cell["column"])) if cell else None


def write_element(notes: Iterable[Annotation], dialect: Dialect) -> str:
    """Write annotations; values and localized addresses are omitted in 2.1 (see `Format.losses`)."""
    holder = etree.Element("holder", nsmap={"com": dialect.common})
    expressible = [
        replace(annotation, value="", urls=Text()) if dialect.has_final else annotation for annotation in notes
    ]
    add_annotations(holder, dialect, expressible)
    if not len(holder):
        return ""
    declared = f' xmlns:com="{dialect.common}"'  # as on the root of the message
    return etree.tostring(holder[0], encoding="unicode").replace(declared, "", 1)


def has_place(part: KeyPart, structure: DataStructure, placement: Placement, dialect: Dialect) -> bool:
    return dialect.mixes_groups or accepts_report(part, structure, placement, dialect)


def write_metadata(sets: Iterable[MetadataSet], dialect: Dialect) -> str:
    """Write reference metadata: one whole set in SDMX-ML 3.0 (else `SdmxmigError`), attributes in 3.1."""
    space, metadata_sets = dialect.namespace("metadata/generic"), list(sets)
    holder = etree.Element("Metadata", nsmap={"md": space, "com": dialect.common})
    if dialect.id == SDMX_30.id:
        if len(metadata_sets) > 1:
            names = " and ".join(metadata_set.ref.short for metadata_set in metadata_sets if metadata_set.ref)
            hint = "Write SDMX-ML 3.1, or send the sets as messages of their own."
            raise SdmxmigError(f"{names} are about the same data, where {dialect.name} has one set.", hint=hint)
        add_set_of_version_3(holder, dialect, metadata_sets[0])
        element = holder[0]
        element.tag = "Metadata"
        etree.cleanup_namespaces(element)
    else:
        element, writing = holder, choose_writing(dialect, MetadataSet(None, ()))
        writing.notes(
            holder,
            dict.fromkeys(
                note for metadata_set in metadata_sets for note in metadata_set.annotations if not metadata_set.ref
            ),
        )
        add_attributes(
            writing,
            holder,
            [attribute for metadata_set in metadata_sets for attribute in dataset_notes.list_attributes(metadata_set)],
        )
    declared = f' xmlns:com="{dialect.common}"'  # as on the root of the message
    return etree.tostring(element, encoding="unicode").replace(declared, "", 1)


def has_reports(dialect: Dialect, *, generic: bool) -> bool:
    return dialect.mixes_groups and not generic


def drop_unsupported_reports(dataset: Dataset, dialect: Dialect) -> Dataset:
    """Keep the reports that the version supports: in 3.0 whole metadata sets."""
    if dialect.id == SDMX_31.id or dataset.reports is None:
        return dataset
    lines = dataset_notes.build_report_lines(dataset.reports)
    named = [dataset_notes.build_metadata_set(line).ref is not None for line in lines]
    return replace(dataset, reports=dataset.reports.filter(pl.Series(named, dtype=pl.Boolean)))


def accepts_report(part: KeyPart, structure: DataStructure, placement: Placement, _: Dialect) -> bool:
    named = set(part)
    elements = [set(structure.key), *(set(group.dimensions) for group in structure.groups)]
    if not placement.is_flat:
        elements.append(set(placement.series_key))
    return named in elements


@dataclass(frozen=True, slots=True, kw_only=True)
class PartContent:
    """Annotations or reference metadata, by key part in `column`, and as elements in `element_column`."""

    title: str
    column: str
    element_column: str
    parts: Callable[[Dataset], dict[KeyPart, pl.DataFrame]]
    element: Callable[[list[str], Dialect], str]
    has_place: Callable[[KeyPart, DataStructure, Placement, Dialect], bool]


NOTE_CONTENT = PartContent(
    title="a note",
    column=dataset_notes.NOTE,
    element_column=NOTES,
    parts=dataset_notes.group_notes_by_part,
    element=lambda lines, dialect: write_element(map(dataset_notes.decode_note, lines), dialect),
    has_place=has_place,
)
REPORT_CONTENT = PartContent(
    title="a report",
    column=dataset_notes.REPORT,
    element_column=REPORTS,
    parts=dataset_notes.group_reports,
    element=lambda lines, dialect: write_metadata(map(dataset_notes.build_metadata_set, lines), dialect),
    has_place=accepts_report,
)


class PendingContent:
    def __init__(self, kind: PartContent, placement: Placement, dialect: Dialect) -> None:
        self.kind = kind
        self.placement = placement
        self.dialect = dialect
        self.parts: dict[KeyPart, pl.DataFrame] = {}

    def add(self, block: Dataset) -> None:
        for part, table in self.kind.parts(block).items():
            if self.kind.has_place(part, block.flow.structure, self.placement, self.dialect):
                earlier = [self.parts[part]] if part in self.parts else []
                grouped = pl.concat([*earlier, table]).group_by(part, maintain_order=True)
                self.parts[part] = grouped.agg(pl.col(self.kind.column).str.join("\n"))

    def onto(self, frame: pl.DataFrame, part: KeyPart) -> pl.DataFrame:
        waiting = self.parts.get(part)
        if waiting is None or frame.is_empty():
            return frame
        joined = frame.join(waiting, on=list(part), how="left", nulls_equal=True, maintain_order="left")
        if joined[self.kind.column].null_count() == joined.height:
            return frame
        unmatched = waiting.join(frame, on=list(part), how="anti", nulls_equal=True, maintain_order="left")
        if unmatched.is_empty():
            del self.parts[part]
        else:
            self.parts[part] = unmatched
        return self._build_elements(joined)

    def remaining(self, part: KeyPart) -> pl.DataFrame:
        return self._build_elements(self.parts.pop(part))

    def _build_elements(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts = render_texts(frame[self.kind.column], lambda lines: self.kind.element(lines, self.dialect))
        return frame.drop(self.kind.column).with_columns(texts.alias(self.kind.element_column))

    def refuse_unplaced(self, flow_id: str) -> None:
        for part, waiting in self.parts.items():
            named = ".".join(waiting.select(part).row(0))
            raise SdmxmigError(f"There is {self.kind.title} on {named} of {flow_id}, but no such observation.")
