"""Content of one dataset in blocks: groups, series and observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.formats.dataset_notes import (
    group_reports,
    list_general_sets,
    list_lost_reports,
    list_lost_sets,
    list_notes,
    list_unplaced_notes,
    name_part,
)
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.fitting import list_lost_action
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.layouts import Generic, Line, Specific, write_lines
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.notes import (
    NOTE_CONTENT,
    NOTES,
    REPORT_CONTENT,
    REPORTS,
    EscapedRows,
    PendingContent,
    accepts_report,
    drop_unsupported_reports,
    escape_table,
    find_escapable_columns,
    has_place,
    has_reports,
    write_metadata,
    write_parts,
)
from sdmxmig.sdmx.formats.sdmx_ml.dialects import OF_DATASETS, PROVIDER, SDMX_30, Dialect, Placement, place
from sdmxmig.sdmx.formats.sdmx_ml.markup import escape_text, write_reference
from sdmxmig.sdmx.formats.shapes import (
    choose_observation_dimension,
    list_several_columns,
    split_partial_tables,
    split_tables,
)
from sdmxmig.sdmx.frames import is_distinct, mark_run_starts
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref

DATA_SCOPE = "dataScope"
VERSION_HINT = "Write sdmx-ml-3.0 or later."
HEAD_COLUMN = " head"
"""The column with a series start; component ids contain no blank."""


def check_losses(dataset: Dataset, frames: Iterable[pl.DataFrame], dialect: Dialect) -> None:
    """Reject several measures, multiple values and multilingual texts in versions without them."""
    if dialect.mixes_groups:
        return
    later = [measure.id for measure in dataset.flow.structure.measures[1:]]
    for frame in frames:
        for name in list_several_columns(frame):
            if frame[name].null_count() < frame.height:
                complaint = f"{name} of {dataset.flow.id} has several values or languages"
                raise SdmxmigError(f"{complaint}, which {dialect.name} cannot express.", hint=VERSION_HINT)
        for name in later:
            if name in frame.columns and frame[name].null_count() < frame.height:
                complaint = f"{name} is a second measure of {dataset.flow.id}"
                raise SdmxmigError(f"{complaint}, and {dialect.name} has one only.", hint=VERSION_HINT)


def write_action(dataset: Dataset, dialect: Dialect) -> str:
    words = dict(dialect.actions)
    if dataset.action not in words:
        hint = f"It is one of {', '.join(words)}."
        raise SdmxmigError(f"“{dataset.action}” is not an action of {dataset.flow.id}.", hint=hint)
    return words[dataset.action]


def list_properties(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the properties of a dataset as attributes, without ``dataScope``."""
    for name in dataset.properties:
        if name not in (*OF_DATASETS, *PROVIDER, DATA_SCOPE):
            raise SdmxmigError(f"SDMX-ML has no {name} of a dataset.", hint=did_you_mean(name, OF_DATASETS))
    return [(name, dataset.properties[name]) for name in OF_DATASETS if name in dataset.properties]


def write_provider(dataset: Dataset, dialect: Dialect, prefix: str) -> str:
    """Write the data provider or an empty text; raise `SdmxmigError` if the agency of its scheme is missing."""
    agency, scheme, provider_id = (dataset.properties.get(name, "") for name in PROVIDER)
    if not provider_id:
        return ""
    if not agency:
        raise SdmxmigError(
            f"The data provider {provider_id} of {dataset.flow.id} has no agency.", hint=f"Give {PROVIDER[0]}."
        )
    ref = dialect.ref(Ref("DataProvider", agency, id=scheme or "DATA_PROVIDERS", version="1.0", item=provider_id))
    if dialect.by_urn:
        inside = escape_text(check_characters(ref.urn, PROVIDER[2]))
    else:
        attributes = write_reference(ref).items()
        inside = (
            "<Ref"
            + "".join(f' {name}="{escape_text(check_characters(value, name))}"' for name, value in attributes if value)
            + "/>"
        )
    return f"    <{prefix}DataProvider>{inside}</{prefix}DataProvider>\n"


def describe_losses(dataset: Dataset, layout: Layout, dialect: Dialect, *, generic: bool) -> Iterator[str]:
    name = f"{dialect.name}{' generic' * generic}"
    yield from list_lost_action(dialect.name, dataset, dict(dialect.actions).get(dataset.action, ""))
    if DATA_SCOPE in dataset.properties and (generic or not dialect.data_scope):
        yield f"{name} has no place for the dataScope of a dataset."
    structure = dataset.flow.structure
    dimension = choose_observation_dimension(structure, layout.dimension_at_observation)
    placement = place(structure, dimension, has_atts=dialect.mixes_groups)
    placed = drop_unsupported_reports(dataset, dialect)
    report_count, placed_count = (
        0 if candidate.reports is None else candidate.reports.height for candidate in (dataset, placed)
    )
    if not has_reports(dialect, generic=generic) or (report_count and not placed_count):
        yield from list_lost_reports(name, dataset)
    else:
        if placed_count < report_count:
            yield f"Data of {name} contain reference metadata as metadata sets: other metadata sets are left out."
        if dialect.id != SDMX_30.id:
            yield from list_lost_sets(name, dataset)
        unplaced_parts = [
            part for part in group_reports(placed) if not accepts_report(part, structure, placement, dialect)
        ]
        if unplaced_parts:
            words = dict.fromkeys(name_part(part, structure) for part in unplaced_parts)
            yield f"{name} has no place for the reference metadata of {', '.join(words)}."
    if dataset.notes is not None:
        lost = list_unplaced_notes(dataset, lambda part: has_place(part, structure, placement, dialect))
        if lost:
            yield f"{name} has no place for the annotations of {', '.join(lost)}."
    if dialect.has_final and any(note.value or note.urls for note in list_notes(dataset)):
        yield f"{name} has no place for values of annotations, and for their addresses by language."


class XmlDatasetBody:
    """Writes the blocks of one dataset; a series that continues stays open."""

    def __init__(self, out: BinaryIO, dialect: Dialect, markup: Specific | Generic) -> None:
        self.out = out
        self.dialect = dialect
        self.markup = markup
        self.placement: Placement = markup.placement
        self._open = ""
        self._open_end = ""
        self._spread: dict[tuple[str, ...], pl.DataFrame] = {}
        self._used: dict[tuple[str, ...], pl.DataFrame] = {}
        self._notes = PendingContent(NOTE_CONTENT, self.placement, dialect)
        self._reports = PendingContent(REPORT_CONTENT, self.placement, dialect)
        self._about_all: list[MetadataSet] = []
        self._last: Dataset | None = None

    def add(self, block: Dataset) -> None:
        """Write a block: groups, empty series, then other series in order of their first observation."""
        observations, series = split_tables(block)
        partial = split_partial_tables(block)
        check_losses(block, (observations, series, *partial.values()), self.dialect)
        self._notes.add(block)
        if has_reports(self.dialect, generic=isinstance(self.markup, Generic)):
            placed = drop_unsupported_reports(block, self.dialect)
            self._reports.add(placed)
            self._about_all += list_general_sets(placed)
        for key, frame in partial.items():
            self._add_partial(block, key, frame if key else frame.select(list_several_columns(frame)))
        self._add_noted_parts(block)
        observations = self._notes.onto(self._join(block, observations, series), block.flow.structure.key)
        observations = self._reports.onto(observations, block.flow.structure.key)
        self._last = block
        if self.placement.is_flat:
            self._add_flat(block, observations)
        else:
            self._add_series(block, observations, series)

    def end(self) -> None:
        """Close open elements. Raises `SdmxmigError` for attributes or notes without a written subject."""
        self._close()
        if self._last is not None:
            for waiting in (self._notes, self._reports):
                self._add_waiting_series(self._last, waiting)
                waiting.refuse_unplaced(self._last.flow.id)
        for key, frame in self._spread.items():
            self._refuse_unused(key, frame)
        if self._about_all:
            self.out.write(f"    {write_metadata(self._about_all, self.dialect)}\n".encode())

    def _close(self) -> None:
        if self._open:
            self.out.write(self._open_end.encode())
        self._open = ""

    def _write_rows(self, rows: EscapedRows, line: Line) -> None:
        if rows.frame.height:
            self._close()
        write_lines(rows.frame, line, self.out)

    def _refuse_unused(self, key: tuple[str, ...], frame: pl.DataFrame) -> None:
        used = self._used.get(key)
        unused = frame if used is None else frame.join(used, on=list(key), how="anti", nulls_equal=True)
        if unused.height:
            named = ".".join(value or "" for value in unused.select(key).row(0))
            names = ", ".join(name for name in frame.columns if name not in key)
            complaint = f"{names} of {named} belongs to no series or observation"
            raise SdmxmigError(f"{complaint}, and {self.dialect.name} has no other place for it.", hint=VERSION_HINT)

    def _ready(self, block: Dataset, frame: pl.DataFrame, row_kind: str, as_is: Sequence[str] = ()) -> EscapedRows:
        beside = frame.select(name for name in (NOTES, REPORTS) if name in frame.columns)
        frame = frame.drop(beside.columns)
        if self.dialect.mixes_groups:
            frame = write_parts(frame, block.flow.structure)
        rows = escape_table(block, frame, row_kind=row_kind, prefix=self.markup.prefix, as_is=as_is)
        return EscapedRows(rows.frame.hstack(beside), rows.several) if beside.width else rows

    def _add_partial(self, block: Dataset, key: tuple[str, ...], frame: pl.DataFrame) -> None:
        """Write attributes of groups and key parts, or keep those repeated at series."""
        structure = block.flow.structure
        names = [name for name in frame.columns if name not in key]
        whole = frame.select(pl.all_horizontal(pl.col(key).is_not_null())).to_series() if key else None
        for group in structure.groups:
            group_attributes = [name for name in names if structure[name].group == group.id]
            if whole is None or not group_attributes or set(group.dimensions) != set(key):
                continue
            described = frame.filter(
                whole & frame.select(pl.any_horizontal(pl.col(group_attributes).is_not_null())).to_series()
            )
            rows = self._ready(
                block,
                self._notes.onto(described.select(*key, *group_attributes), select_key_names(block, key)),
                group.id,
            )
            self._write_rows(rows, self.markup.group(rows, group.id, key, group_attributes))
            self._add_rest(block, key, frame.filter(~whole).select(*key, *group_attributes))
            names = [name for name in names if name not in group_attributes]
        self._add_rest(block, key, frame.select(*key, *names))

    def _add_noted_parts(self, block: Dataset) -> None:
        structure = block.flow.structure
        groups = {select_key_names(block, group.dimensions): group.id for group in structure.groups}
        for waiting in (self._notes, self._reports):
            for part in list(waiting.parts):
                if part in (structure.key, self.placement.series_key):
                    continue
                rows = self._ready(block, waiting.remaining(part), groups.get(part, "part"))
                if part in groups:
                    self._write_rows(rows, self.markup.group(rows, groups[part], part, ()))
                else:
                    self._write_rows(rows, self.markup.part(rows, part, ()))

    def _add_waiting_series(self, block: Dataset, waiting: PendingContent) -> None:
        key = self.placement.series_key
        if key in waiting.parts:
            rows = self._ready(block, waiting.remaining(key), "series")
            self._write_rows(rows, self.markup.series(rows, alone=True))

    def _add_rest(self, block: Dataset, key: tuple[str, ...], frame: pl.DataFrame) -> None:
        """Write attributes outside groups, or keep them for their series if there is no element for them."""
        names = [name for name in frame.columns if name not in key]
        if not names or frame.is_empty():
            return
        if self.dialect.mixes_groups:
            rows = self._ready(block, frame, "part")
            self._write_rows(rows, self.markup.part(rows, key, names))
        else:
            structure = block.flow.structure
            for name in names:
                if name not in self.placement.spread or set(structure[name].dimensions) != set(key):
                    complaint = (
                        f"{name} of {block.flow.id} cannot be stated for {', '.join(key)} in {self.dialect.name}"
                    )
                    raise SdmxmigError(f"{complaint} as it is given.", hint=VERSION_HINT)
            earlier = self._spread.get(key)
            self._spread[key] = frame if earlier is None else pl.concat([earlier, frame], how="diagonal").unique()

    def _join(self, block: Dataset, observations: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
        key = list(block.flow.structure.series_key)
        if not self.placement.by_series and series.height:
            named = (
                observations.filter(mark_run_starts(observations, key)).select(key) if key else observations.select()
            )
            alone = series.join(named, on=key, how="anti", nulls_equal=True, maintain_order="left") if key else series
            if key and alone.height:
                self._add_alone(block, alone)
            if key and series.width > len(key):
                observations = observations.join(series, on=key, how="left", nulls_equal=True, maintain_order="left")
        for part, frame in self._spread.items():
            observations = self._repeat(observations, part, frame, self.placement.observation)
        return observations

    def _add_alone(self, block: Dataset, alone: pl.DataFrame) -> None:
        key = block.flow.structure.series_key
        if not self.dialect.mixes_groups:
            named = ".".join(value or "" for value in alone.select(key).row(0))
            complaint = f"The series {named} of {block.flow.id} has no observation"
            hint = "Write it by TIME_PERIOD at observation."
            raise SdmxmigError(f"{complaint}, and {self.dialect.name} has no place for it in this layout.", hint=hint)
        names = [name for name in alone.columns if name not in key]
        rows = self._ready(block, alone, "series")
        self._write_rows(rows, self.markup.part(rows, key, names))

    def _repeat(
        self, rows: pl.DataFrame, part: tuple[str, ...], frame: pl.DataFrame, level: Sequence[str]
    ) -> pl.DataFrame:
        names = [name for name in frame.columns if name in level]
        if not names or not rows.height:
            return rows
        met = rows.select(part).unique()
        earlier = self._used.get(part)
        self._used[part] = met if earlier is None else pl.concat([earlier, met]).unique()
        return rows.join(frame.select(*part, *names), on=list(part), how="left", maintain_order="left")

    def _add_flat(self, block: Dataset, observations: pl.DataFrame) -> None:
        # Compare the key of a series once for all its adjacent observations.
        key = list(block.flow.structure.series_key)
        firsts = observations.filter(mark_run_starts(observations, key)).select(key)
        rows = self._ready(block, observations, "observation", () if find_escapable_columns(firsts, key) else key)
        write_lines(rows.frame, self.markup.observation(rows, Line()), self.out)

    def _add_series(self, block: Dataset, observations: pl.DataFrame, series: pl.DataFrame) -> None:
        key = list(self.placement.series_key)
        rows = self._ready(block, observations, "observation", key)
        firsts, starts, ordered = number_series(rows.frame, key)
        if self.placement.by_series and firsts.equals(series.select(key)):
            firsts = series
        elif self.placement.by_series:
            alone = series.join(firsts, on=key, how="anti", nulls_equal=True, maintain_order="left")
            self._add_series_alone(block, alone)
            firsts = firsts.join(series, on=key, how="left", nulls_equal=True, maintain_order="left")
        if ordered.is_empty():
            return
        rows_of_series, bare, heads = self._heads(block, firsts)
        heads = self._continue_series(heads, self._find_ends(rows_of_series))
        # The start of a series is written only at its first observation.
        scattered = heads.gather(starts).fill_null("").alias(HEAD_COLUMN)
        line = self.markup.observation(EscapedRows(ordered, rows.several), Line().value(HEAD_COLUMN))
        write_lines(ordered.with_columns(scattered), line, self.out)
        self._open = bare[-1]

    def _heads(self, block: Dataset, series: pl.DataFrame) -> tuple[EscapedRows, pl.Series, pl.Series]:
        for part, frame in self._spread.items():
            series = self._repeat(series, part, frame, self.placement.series)
        key = self.placement.series_key
        rows = self._ready(block, self._reports.onto(self._notes.onto(series, key), key), "series")
        heads = self.markup.series(rows, alone=False).of(rows.frame)
        if not rows.notes:
            return rows, heads, heads
        bare = EscapedRows(rows.frame.drop(NOTES), rows.several)
        return rows, self.markup.series(bare, alone=False).of(bare.frame), heads

    def _find_ends(self, rows: EscapedRows) -> pl.Series:
        end = self.markup.series_end
        if not rows.reports:
            return pl.Series([end]).new_from_index(0, rows.frame.height)
        return Line().either(REPORTS, "      ", f"\n{end}", otherwise=end).of(rows.frame)

    def _continue_series(self, heads: pl.Series, ends: pl.Series) -> pl.Series:
        """Join series starts with the ends of previous series; an open series without a note continues."""
        first_head = heads[0]
        goes_on = first_head == self._open
        begin = "" if goes_on else self._open_end + first_head if self._open else first_head
        if goes_on and ends[0] == self.markup.series_end:
            ends = ends.scatter(0, self._open_end)
        self._open_end = ends[-1]
        return (ends.shift(1) + heads).scatter(0, begin)

    def _add_series_alone(self, block: Dataset, alone: pl.DataFrame) -> None:
        if alone.is_empty():
            return
        rows, _, starts = self._heads(block, alone)
        if self._open:
            rows = EscapedRows(rows.frame.filter(starts != self._open), rows.several)
        self._write_rows(rows, self.markup.series(rows, alone=True))


def select_key_names(block: Dataset, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in block.flow.structure.key if name in names)


def number_series(observations: pl.DataFrame, key: list[str]) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """Number the series and the observations that begin them; scattered ones are grouped."""
    begins = mark_run_starts(observations, key)
    firsts = observations.filter(begins).select(key)
    if key and not is_distinct(firsts, key):
        order = firsts.unique(maintain_order=True).with_row_index(HEAD_COLUMN)
        numbered = observations.join(order, on=key, how="left", nulls_equal=True, maintain_order="left")
        observations = numbered.sort(HEAD_COLUMN, maintain_order=True).drop(HEAD_COLUMN)
        begins = mark_run_starts(observations, key)
        firsts = observations.filter(begins).select(key)
    numbers = pl.select(pl.when(begins).then(begins.cast(pl.UInt32).cum_sum() - 1)).to_series()
    return firsts, numbers, observations
