"""The columns of a written table, and the structure and action of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import KW_ONLY, dataclass, field, replace

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.formats.faults import carried_column
from sdmxmig.sdmx.formats.sdmx_csv.cells import TEXTS, first_days, has_codes, join, kind_of, write_cells
from sdmxmig.sdmx.formats.sdmx_csv.columns import (
    DATAFLOW,
    KEY_COLUMNS,
    KINDS,
    LABEL,
    SERIES_KEY,
    STRUCTURE_ID,
    STRUCTURE_NAME,
    CsvVersion,
    components,
)
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import Column as Attribute
from sdmxmig.sdmx.formats.shapes import dimension_at_observation
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

ROLES = {"dimension": 0, "time": 0, "measure": 1, "attribute": 2}
LISTED = "Give the datasets as a list, so that all of them are known when the columns are written."


def named(dataset: Dataset) -> Ref:
    return dataset.refers_to or dataset.flow.dataflow.ref


@dataclass(slots=True)
class Head:
    """The columns of a written table by id, with titles and languages."""

    version: CsvVersion
    layout: Layout
    _: KW_ONLY
    inner: str
    columns: Mapping[str, Component] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, Set[str]] = field(default_factory=dict)
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns with several values per field, with the languages of their texts."""
    reported: tuple[Attribute, ...] = ()
    """Columns of reference metadata attributes, after all others."""
    _flow: Flow | None = None
    _names: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)

    def extended(self, dataset: Dataset) -> Head:
        """Add the columns that a dataset needs; returns itself if none are missing.

        Raises `SdmxmigError` for several values in a field if the version does not allow them.
        """
        text_languages = texts_in(dataset)
        if dataset.flow is self._flow and all(
            text_languages[name] <= self.several.get(name, set()) for name in text_languages
        ):
            return self
        needed, titles = columns_of(dataset.flow, self.layout)
        lists = {component.id: set[str]() for component in needed.values() if kind_of(component) != pl.String}
        several = {
            name: self.several.get(name, set()) | text_languages.get(name, set())
            for name in {**self.several, **lists, **text_languages}
        }
        self._flow = dataset.flow
        if needed.keys() <= self.columns.keys() and several == self.several:
            return self
        columns = {**needed, **self.columns}  # of two structures the first tells what a column is
        every = sorted((*self.columns, *needed), key=lambda name: ROLES[columns[name].role])
        wider = replace(
            self,
            columns={name: columns[name] for name in every},
            titles={**titles, **self.titles},
            several=several,
            languages={name: self._listed(columns[name], languages) for name, languages in several.items()},
        )
        if wider.languages and not self.version.own_rows:
            message = f"{self.version.name} cannot hold several values in a field ({', '.join(wider.languages)})."
            raise SdmxmigError(message, hint="Write SDMX-CSV 2.0.")
        return wider

    def _listed(self, component: Component, languages: Set[str]) -> tuple[str, ...]:
        return tuple(sorted(languages or ({self.layout.language} if component.is_multilingual else ())))

    def line(self) -> bytes:
        """The header, with its line feed."""
        texts = self.leading_titles()
        if self.languages or any(any(column.many) or column.languages for column in self.reported):
            texts[0] += f"[{self.inner}]"
        for name in self.columns:
            several = f"[{self.inner.join(self.languages[name])}]" if name in self.languages else ""
            label = f"{LABEL}{self.titles[name]}" if self.layout.labels == "both" else ""
            texts.append(f"{name}{several}{label}")
            if self.layout.labels == "name":
                texts.append(self.titles[name])
        texts += [column.title(self.inner) for column in self.reported]
        record = pl.DataFrame({str(index): [text] for index, text in enumerate(texts)})
        return record.write_csv(include_header=False, separator=self.layout.delimiter).encode()

    def leading_titles(self) -> list[str]:
        names = [*self.version.leading, *KEY_COLUMNS[self.layout.keys]]
        if self.layout.labels == "name":
            names.insert(names.index(STRUCTURE_ID) + 1, STRUCTURE_NAME)
        return names

    def leading(self, dataset: Dataset) -> list[str]:
        """Return the first fields of each row, up to the action.

        Raises `SdmxmigError` for an action or structure that the version cannot name.
        """
        ref, title = named(dataset), dataset.flow.dataflow.name.in_language(self.layout.language)
        if dataset.refers_to is not None and dataset.refers_to.kind == "ProvisionAgreement":
            title = ""
        structure_field = f"{ref.short}{LABEL}{title}" if self.layout.labels == "both" and title else ref.short
        if not ref.version:
            structure_field = structure_field.replace("()", "", 1)
        word = next((word for word, kind in KINDS.items() if kind == ref.kind), "")
        if self.version.first == DATAFLOW:
            if ref.kind != "Dataflow" or dataset.action == "D":
                content = "a deletion" if dataset.action == "D" else f"data of a {ref.kind}"
                raise SdmxmigError(f"{self.version.name} cannot hold {content}.", hint="Write SDMX-CSV 2.0.")
            return [structure_field]
        if dataset.action not in self.version.actions:
            hint = f"It is one of {', '.join(self.version.actions)}."
            raise SdmxmigError(f"{self.version.name} has no action “{dataset.action}”.", hint=hint)
        names = [title] if self.layout.labels == "name" else []
        return [word, structure_field, *names, self.version.actions[dataset.action]]

    def keys(self, flow: Flow, frame: pl.DataFrame) -> list[pl.Series]:
        """Return the columns that repeat each key, its codes joined by dots; empty if incomplete.

        The key of a series omits dimensions at the observation.
        """
        structure, fields = flow.structure, []
        at = dimension_at_observation(structure, self.layout.dimension_at_observation)
        of_series = tuple(name for name in structure.key if name != at) if at in structure.key else ()
        for title in KEY_COLUMNS[self.layout.keys]:
            key = of_series if title == SERIES_KEY else structure.key
            if key and set(key) <= set(frame.columns):
                fields.append(frame.select(pl.concat_str(pl.col(key), separator=".").alias(title)).to_series())
            else:
                fields.append(pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(title))
        return fields

    def reports(self, dataset: Dataset) -> tuple[Dataset, list[list[str | None]]]:
        frame = dataset.reports if dataset.reports is not None else pl.DataFrame()
        keys = pl.DataFrame(self.keys(dataset.flow, frame)).rows() or [()] * frame.height
        leading = [[*self.leading(dataset), *key] for key in keys]
        time = dataset.flow.structure.time
        if self.layout.times == "normalized" and time is not None and time.id in frame.columns:
            frame = frame.with_columns(first_days(frame[time.id]))
        return replace(dataset, reports=frame), leading

    def cells(self, flow: Flow, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the columns of a frame as fields, followed by columns of names if requested.

        Raises `SdmxmigError` for a column or language that the header lacks.
        """
        fields: dict[str, pl.Series] = {}
        for values in frame:
            name = values.name
            if name not in self.columns:
                raise SdmxmigError(f"The table has no column for {name} of {flow.id}.", hint=LISTED)
            self._refuse_unknown(name, values)
            component = flow.structure[name]
            labels = self._labels(flow, component) if self.layout.labels != "id" else {}
            shown = labels if self.layout.labels == "both" else None
            is_normalized = component.role == "time" and self.layout.times == "normalized"
            shown_values = first_days(values) if is_normalized else values
            languages = self.languages.get(name)
            cells = write_cells(shown_values, component, names=shown, languages=languages, inner=self.inner)
            fields[name] = cells if has_codes(component) else carried_column(cells, f"{name} of {flow.id}")
            if self.layout.labels == "name":
                fields[f"{name}{LABEL}"] = names_of(values, labels, self.inner)
        return fields

    def _refuse_unknown(self, name: str, values: pl.Series) -> None:
        if values.dtype in (pl.String, pl.Null):
            return
        if name not in self.languages:
            raise SdmxmigError(f"The header says that {name} has one value in a field.", hint=LISTED)
        unknown = languages_in(values) - set(self.languages[name]) if values.dtype == TEXTS else set()
        if unknown:
            raise SdmxmigError(f"The header has no language {min(unknown)} of {name}.", hint=LISTED)

    def _labels(self, flow: Flow, component: Component) -> dict[str, str]:
        names = self._names.get((id(flow), component.id))
        if names is None:
            scheme = flow.codelist(component)
            pairs = [(item.id, item.name.in_language(self.layout.language)) for item in scheme or ()]
            names = self._names[id(flow), component.id] = {code: name for code, name in pairs if name}
        return names


def head_of(datasets: Iterable[Dataset], layout: Layout, version: CsvVersion) -> Head:
    """Determine the columns of datasets: dimensions, measures, attributes.

    Raises `SdmxmigError` for several values in a field if the version does not allow them.
    """
    head = Head(version, layout, inner=next(mark for mark in ";|" if mark != layout.delimiter))
    for dataset in datasets:
        head = head.extended(dataset)
    return head


def columns_of(flow: Flow, layout: Layout) -> tuple[dict[str, Component], dict[str, str]]:
    columns, titles = {}, {}
    for component in components(flow.structure):
        title = flow.concepts.get(component.id) or flow.concepts.get(component.concept.item)
        columns[component.id] = component
        titles[component.id] = title.in_language(layout.language) if title else component.id
    return columns, titles


def texts_in(dataset: Dataset) -> dict[str, set[str]]:
    languages_by_component: dict[str, set[str]] = {}
    for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
        for values in frame:
            if values.dtype == TEXTS:
                languages_by_component.setdefault(values.name, set()).update(languages_in(values))
    return languages_by_component


def languages_in(values: pl.Series) -> set[str]:
    return set(values.explode().struct.field("language").drop_nulls().unique().to_list())


def names_of(values: pl.Series, names: Mapping[str, str], inner: str) -> pl.Series:
    if values.dtype in (TEXTS, pl.Null) or not names:
        return pl.repeat(None, values.len(), dtype=pl.String, eager=True)
    if values.dtype == pl.String:
        distinct = values.drop_nulls().unique()
        return values.replace_strict(distinct, [names.get(code) for code in distinct], return_dtype=pl.String)
    fields = [None if cell is None else join([names.get(code) for code in cell], inner) or None for cell in values]
    return pl.Series(values.name, fields, dtype=pl.String)
