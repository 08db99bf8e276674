"""A dataset during reading: its flow, levels and records, and original ids in data from before SDMX 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import InputError, UnknownStructure, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.dataset_notes import Attributes, build_notes_frame, build_reports
from sdmxmig.sdmx.formats.duplicates import AttributeContradiction, AttributeHistory
from sdmxmig.sdmx.formats.faults import report_fault
from sdmxmig.sdmx.formats.message_header import ORIGINAL_ID, escape_agency_id, escape_id
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import Node, parse_namespace, parse_reference
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import BLOCK, MessageReading, find_followed_flow, find_use
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import (
    NUMBER,
    BlockRecords,
    LevelRecords,
    MessageLevel,
    determine_levels,
    wrap_value,
)
from sdmxmig.sdmx.formats.sdmx_ml.dialects import (
    ACTIONS,
    DIALECTS,
    OF_DATASETS,
    PROVIDER,
    XML,
    XSI,
    refer_to_structure,
)
from sdmxmig.sdmx.formats.structures.notes import take_record
from sdmxmig.sdmx.frames import add_series_values
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import StructureUse

ACTION_LETTERS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D", "Update": "A"}
PROPERTIES = {"setID": "setID", "datasetID": "setID", **{name: name for name in (*OF_DATASETS, *PROVIDER)}}
OTHERS = ("structureRef", "action", "dataScope", "keyFamilyURI", "dataflowAgencyID", "dataflowID")

Notes = Iterable[tuple[str, Annotation]]
"""Annotations, each with the annotated component or an empty id."""


class DatasetRecords:
    """The records of one dataset, returned as blocks.

    `attributes` are those of ``DataSet``; `dimension` is the one at observation, if stated; `is_20`
    means SDMX-ML 2.0.
    """

    def __init__(
        self,
        reading: MessageReading,
        attributes: Mapping[str, str],
        namespace: str,
        dimension: str,
        *,
        is_20: bool,
    ) -> None:
        self.reading = reading
        self.attributes = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self.is_20 = is_20
        self.namespace = namespace
        self.dimension = dimension
        self.key_family = ""
        self.blocks_handed_over = self.notes_handed_over = 0
        self.ready = False
        self.is_lost = False  # since its structure is unknown
        self.annotations: tuple[Annotation, ...] = ()
        self.noted: list[tuple[Mapping[str, str], str, Annotation]] = []
        self.reported: list[tuple[Mapping[str, str], Attributes | MetadataSet]] = []
        self.history = AttributeHistory()
        self.of_every_series: dict[str, Any] = {}
        self.codes: Codes = {}
        self.crossed: dict[str, tuple[str, str]] = {}
        self.action = self._action()
        self.properties = {PROPERTIES[name]: value for name, value in self.attributes.items() if name in PROPERTIES}

    def _action(self) -> str:
        header = self.reading.header
        action = self.attributes.get("action") or (header.dataset_action if header else "") or "Information"
        form = self.reading.format_id
        known = next((dict(dialect.actions) for dialect in DIALECTS if form.startswith(dialect.id)), ACTIONS).values()
        if action in known:
            return ACTION_LETTERS[action]
        spelt = action.strip().capitalize()
        tell = self.reading.deviation if spelt in ACTION_LETTERS else self.reading.wrong
        tell(f"This version of SDMX has no action “{action}”.", did_you_mean(spelt, dict.fromkeys(known)))
        return ACTION_LETTERS.get(spelt, "I")

    def prepare(self) -> None:
        if self.ready:
            return
        self.ready = self.is_lost = True
        use = find_use(self.reading, self.attributes, is_20=self.is_20)
        place = self.reading.place
        # In SDMX-ML 2.0, the dataset names a key family without its agency, which only the header states.
        in_header = use if use and use.ref and escape_id(self.key_family) in ("", use.ref.id) else None
        self.flow, named = find_followed_flow(self.reading, in_header, self.list_references(use))
        self.is_lost = False
        structure = self.flow.structure
        kinds = {"DataStructure": structure.ref, "ProvisionAgreement": named}
        self.refers = kinds.get(named.kind) if named else None
        scope = self.attributes.get("dataScope", "")
        if scope and scope != refer_to_structure(self.flow, self.refers).kind:  # otherwise implied
            self.properties["dataScope"] = scope
        dimension = self.dimension or (use.dimension_at_observation if use else "") or self.from_namespace(use)
        time = structure.time_id
        self.names = {"TIME_PERIOD": time, "TIME": time} if time else {}
        if len(structure.measures) == 1:
            self.names["OBS_VALUE"] = structure.measure.id
        self.names = {
            name: component_id for name, component_id in self.names.items() if component_id and name not in structure
        }
        if self.is_20:
            self.names |= list_original_names(structure)
            self.codes = list_original_codes(self.flow)
            self.crossed = find_cross_sectional_measures(structure)
        dimension = self.names.get(dimension, dimension) or time or ALL_DIMENSIONS
        if dimension not in (*structure.key, ALL_DIMENSIONS):
            hint = f"It is one of {', '.join(structure.key)} or {ALL_DIMENSIONS}."
            self.reading.wrong(f"{structure.ref.short} has no dimension “{dimension}” at observation.", hint)
            dimension = time or ALL_DIMENSIONS
        self.levels = determine_levels(structure, dimension)
        self.series = LevelRecords(self.levels.series, structure)
        self.observations = LevelRecords(self.levels.observation, structure, NUMBER)
        self.flat = LevelRecords(self.levels.flat, structure)
        self.parts: dict[str, LevelRecords] = {}
        self.block = BlockRecords(flow=self.flow, name=self.reading.name, line=place.line, faults=self.reading.faults)
        self.open_series: Mapping[str, Any] | None = None
        # An id alone may be that of a structure of another agency.
        self.is_proven = self.flow.chosen is None or bool(self.flow.chosen.requested.agency)

    def from_namespace(self, use: StructureUse | None) -> str:
        for text in ((use.namespace if use else ""), self.namespace):
            if ":ObsLevelDim:" in text:
                return text.rpartition(":")[2]
        return ""

    def list_references(self, use: StructureUse | None) -> list[Ref | None]:
        own_id = self.attributes.get("keyFamilyURI", "").rstrip("/").rpartition("/")[2]
        agency, flow = self.attributes.get("dataflowAgencyID", ""), self.attributes.get("dataflowID", "")
        refs = [
            parse_namespace(use.namespace) if use else None,
            Ref("DataStructure", "", id=escape_id(self.key_family), version="") if self.key_family else None,
            Ref("Dataflow", escape_agency_id(agency), id=escape_id(flow), version=""),
            Ref("DataStructure", "", id=escape_id(own_id), version=""),
            parse_namespace(self.namespace),
        ]
        whole = {(ref.kind, ref.id) for ref in refs if ref and ref.agency}
        return [ref for ref in refs if ref and (ref.agency or (ref.kind, ref.id) not in whole)]

    def prove(self, names: Iterable[str], *, is_flat: bool = False) -> None:
        """Check a structure known only by id against the first record; raise `UnknownStructure` if it differs."""
        if self.is_proven:
            return
        structure, level = self.flow.structure, self.levels.flat if is_flat else self.levels.series
        named = {self.names.get(name, name) for name in names}
        lacks_dimension = self.action != "D" and not level.needed <= named
        self.is_lost = lacks_dimension or any(name not in structure for name in named)
        if self.is_lost:
            message = f"The data name “{structure.ref.id}” without its agency, and {structure.ref.short} does not fit."
            raise UnknownStructure(message, self.reading.place, "Give their structure with --structure FILE.")
        self.is_proven = True

    def read_values(self, title: str, attributes: Mapping[str, str]) -> dict[str, Any]:
        """Return the attributes of a record that have no namespace, and report those of unknown namespaces."""
        for namespace, name in (attribute.split("}") for attribute in attributes if "}" in attribute):
            if namespace not in (XSI, XML):
                has_effect = name == "action" or name in self.flow.structure
                tell = self.reading.wrong if has_effect else self.reading.surplus
                tell(f"{name} is not allowed in {title}.", f"It is in the namespace “{namespace}”.")
        return {name: value for name, value in attributes.items() if "}" not in name}

    def checked(self, level: MessageLevel, values: dict[str, Any]) -> dict[str, Any]:
        if self.names:
            values = {self.names.get(name, name): value for name, value in values.items()}
        if not level.names.issuperset(values):
            for name in values:
                if name not in level.names:
                    self._report_misplaced(level, name)
            values = {name: value for name, value in values.items() if name in level.names}
        if not level.needed.issubset(values) and self.action != "D":
            lacking = next(name for name in level.required if name not in values)
            self.reading.refuse(f"{level.title} lacks the dimension {lacking}.")
        return values

    def _report_misplaced(self, level: MessageLevel, name: str) -> None:
        structure = self.flow.structure
        if name in structure:
            component = structure[name]
            role = f"an {component.role} of {component.attachment}" if component.attachment else "a dimension"
            self.reading.wrong(f"{name} is not allowed in {level.title}: it is {role} in {structure.ref.short}.")
        else:
            what = f"{level.title} of {structure.ref.short} has no component “{name}”."
            self.reading.wrong(what, did_you_mean(name, level.allowed))

    def add_series(self, values: dict[str, Any]) -> None:
        self.open_series = None  # unchanged if the series is left out
        self.prove(values)
        self.open_series = self.checked(self.levels.series, values)
        self.series.add(self.open_series)

    def add_observation(self, values: dict[str, Any], notes: Notes = ()) -> None:
        if self.open_series is None:
            return
        record = self.checked(self.levels.observation, values)
        self.observations.add(record, self.series.height - 1)
        if notes:
            self.note({**self.open_series, **record}, notes)
        if self.observations.height >= BLOCK:
            self.finish_block()
            self.series.add(self.open_series)

    def add_flat(self, values: dict[str, Any], notes: Notes = ()) -> None:
        self.prove(values, is_flat=True)
        record = self.checked(self.levels.flat, values)
        self.flat.add(record)
        self.note(record, notes)
        if self.flat.height >= BLOCK:
            self.finish_block()

    def add_part(self, values: dict[str, Any], notes: Notes = ()) -> None:
        if not any(name in self.flow.structure.key for name in values):
            self.add_attributes(values)
            self.note({}, notes)
            return
        record = self.checked(self.levels.part, values)
        self.sheet(self.levels.part).add(record)
        self.note(record, notes)

    def add_group(self, declared: str, values: dict[str, Any], notes: Notes = ()) -> None:
        """Add attributes of a group, identified by name or else by dimensions."""
        key = frozenset(name for name in values if name in self.flow.structure.key)
        groups = self.levels.groups
        named = next((candidate for candidate in (declared, declared.removesuffix("Type")) if candidate in groups), "")
        if not named:
            title, structure = declared or "group of " + ", ".join(sorted(key)), self.flow.structure.ref.short
            named = self.levels.group_ids.get(key, "")
            if not named:
                self.reading.refuse_name(title, structure, groups, "group")
            if declared or not self.is_20:
                message = f"{structure} has no Group “{declared}”." if declared else "Group does not state its type."
                self.reading.deviation(message, f"The group with this key is {named}.")
        level = groups[named]
        record = self.checked(level, values)
        self.sheet(level).add(record)
        self.note({name: value for name, value in record.items() if name in level.required}, notes)

    def add_attributes(self, values: dict[str, Any]) -> None:
        """Add dataset attributes; those attached to series apply to every series."""
        structure = self.flow.structure
        of_series = {component.id for component in structure.attributes("series")}
        if stated := [name for name in values if name in of_series]:
            self.reading.deviation(
                f"The dataset states {', '.join(stated)}, which {structure.ref.short} attaches to series.",
                "Each series without its own value takes that of the dataset. `sdmxmig transform` writes it there.",
            )
            self.of_every_series |= {name: values.pop(name) for name in stated}
        for name, value in self.checked(self.levels.dataset, values).items():
            component = self.flow.structure[name]
            whole = wrap_value(value, component) if isinstance(value, str) else value
            if self.block.attributes.setdefault(name, whole) != whole:
                self.reading.wrong(f"The dataset has two values of {name}.")

    def note(self, values: Mapping[str, Any], notes: Notes) -> None:
        for component, note in notes:
            key = {name: values[name] for name in self.flow.structure.key if name in values}
            if key or component:
                self.noted.append((key, component, note))
            else:
                self.annotate([note])

    def report(self, values: Mapping[str, Any], report: Attributes | MetadataSet) -> None:
        if report:
            named_values = {self.names.get(name, name): value for name, value in values.items()}
            self.reported.append(
                ({name: named_values[name] for name in self.flow.structure.key if name in named_values}, report)
            )

    def report_observation(self, values: Mapping[str, Any], report: Attributes | MetadataSet) -> None:
        if self.open_series is not None:
            self.report({**self.open_series, **values}, report)

    def annotate(self, notes: Iterable[Annotation]) -> None:
        self.annotations += tuple(notes)

    def note_series(self, notes: list[tuple[str, Annotation]]) -> None:
        if self.open_series is not None:
            self.note(self.open_series, notes)
        notes.clear()

    def take_key_family(self, node: Node) -> None:
        self.key_family = node.text.strip()

    def take_provider(self, node: Node) -> None:
        provider = parse_reference(node, "DataProvider", self.reading.name)
        self.properties |= zip(PROVIDER, (provider.agency, provider.id, provider.item), strict=True)

    def sheet(self, level: MessageLevel) -> LevelRecords:
        if level.title not in self.parts:
            self.parts[level.title] = LevelRecords(level, self.flow.structure)
        return self.parts[level.title]

    def gather(self) -> None:
        block = self.block
        if self.series.height:
            heads = self.series.take()
            block.series.append(heads)
            if self.observations.height:
                block.add_series(heads, self.observations.take())
        if self.flat.height:
            block.parts.append(self.flat.take())
        block.heads.extend(sheet.take() for sheet in self.parts.values() if sheet.height)

    def finish_block(self) -> None:
        self.gather()
        block = self.block
        dataset = block.dataset(self.action, self.properties, self.refers, continues=self.blocks_handed_over > 0)
        key = self.flow.structure.key
        notes, reports = build_notes_frame(key, self.noted), build_reports(key, self.reported)
        self.noted.clear()
        self.reported.clear()
        dataset = replace(dataset, annotations=self.annotations, notes=notes, reports=reports)
        dataset = replace(dataset, series=add_series_values(dataset.series, self.of_every_series))
        dataset = replace_codes(dataset, self.codes)
        self.reading.ready.append(self.history.drop_contradictions(dataset, self._refuse))
        self.notes_handed_over = len(self.annotations)
        self.blocks_handed_over += 1
        self.block = BlockRecords(
            flow=self.flow,
            name=self.reading.name,
            attributes=dict(block.attributes),
            line=self.reading.place.line,
            faults=self.reading.faults,
        )

    def _refuse(self, contradiction: AttributeContradiction) -> None:
        place = Place(self.reading.name, line=self.block.line)
        hint = "An attribute has one value there."
        report_fault(self.reading.faults, InputError(str(contradiction), place, hint))

    def close(self) -> None:
        if self.is_lost:
            return
        self.prepare()
        self.gather()
        block, more = self.block, self.noted or self.reported or len(self.annotations) > self.notes_handed_over
        if block.height or block.heads or block.series or more or not self.blocks_handed_over:
            self.finish_block()


CROSSED_NOTE = "CROSS_SECTIONAL_MEASURE"
"""The annotation of a data structure with the cross-sectional measure."""
Codes = Mapping[str, Mapping[str, str]]
"""Codes by component and original id."""


def find_original(annotations: Iterable[Annotation]) -> str:
    return next((note.title for note in annotations if note.type == ORIGINAL_ID), "")


def list_original_names(structure: DataStructure) -> dict[str, str]:
    named = {find_original(component.annotations): component.id for component in structure.components}
    return {name: component_id for name, component_id in named.items() if name and name not in structure}


def list_original_codes(flow: Flow) -> Codes:
    codes_by_component: dict[str, Mapping[str, str]] = {}
    for component in flow.structure.components:
        codelist = flow.codelist(component)
        named = {find_original(item.annotations): item.id for item in codelist or () if item.annotations}
        if codes := {name: code for name, code in named.items() if name}:
            codes_by_component[component.id] = codes
    return codes_by_component


def find_cross_sectional_measures(structure: DataStructure) -> dict[str, tuple[str, str]]:
    measures: dict[str, tuple[str, str]] = {}
    notes = structure.annotations
    while True:
        measure, notes = take_record(notes, CROSSED_NOTE, Component)
        if measure is None:
            return measures
        facts = {note.type: note.title for note in measure.annotations}
        dimension = escape_id(facts.get("MEASURE_DIMENSION", ""), name=True)
        if dimension in structure.key and facts.get("CODE"):
            named = {measure.id, find_original(measure.annotations) or measure.id}
            measures |= dict.fromkeys(named, (dimension, facts["CODE"]))


def replace_codes(dataset: Dataset, codes: Codes) -> Dataset:
    if not codes:
        return dataset

    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        plain = [name for name in frame.columns if name in codes and frame.schema[name] == pl.String]
        return frame.with_columns(pl.col(name).replace(dict(codes[name])) for name in plain)

    return replace(
        dataset,
        observations=changed(dataset.observations),
        series=changed(dataset.series),
        partial={key: changed(frame) for key, frame in dataset.partial.items()},
        attributes={
            name: codes.get(name, {}).get(value, value) if isinstance(value, str) else value
            for name, value in dataset.attributes.items()
        },
        notes=changed(dataset.notes) if dataset.notes is not None else None,
        reports=changed(dataset.reports) if dataset.reports is not None else None,
    )
