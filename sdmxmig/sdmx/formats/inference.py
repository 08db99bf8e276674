"""Inference of an unknown structure from data.

Codes and types stay unknown: all values are text. Generic data and JSON state the role of each component; otherwise a
component with a value in every row is treated as a dimension.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.primitives.errors import InputError, SdmxmigError, UnknownStructure
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.flows import ANY, FOLLOWED
from sdmxmig.sdmx.formats.names_in_data import MEASURE, TIMES, Survey, SurveyedNames
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group, check_component_id
from sdmxmig.sdmx.model.references import Ref

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_csv import reading as table_survey
    from sdmxmig.sdmx.formats.sdmx_ml.data_reading import survey as message_survey
else:
    table_survey = import_lazily("sdmxmig.sdmx.formats.sdmx_csv.reading")
    message_survey = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_reading.survey")

STATED, UNORDERED, GUESSED = "told", "unordered", "guessed"
TIME_TYPE = "ObservationalTimePeriod"
ORIGIN_WORDS = {
    STATED: "Their dimensions, in this order, are",
    UNORDERED: "The data name their dimensions, but not the order",
    GUESSED: "Their dimensions were guessed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceResult:
    flows: Mapping[str, Flow]
    inferred_flows: tuple[Flow, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def is_guessed(self) -> bool:
        return any(flow.inferred != STATED for flow in self.inferred_flows)


def note_on_structure(flow: Flow) -> str:
    if flow.inferred != "described":
        return ""
    return f"There is no data structure “{flow.structure.ref.short}”. The message describes it itself."


def is_unknown(form: Format, name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> bool:
    assert form.read_data is not None  # noqa: S101 - only such formats are asked
    faults = Faults()
    try:
        next(iter(form.read_data(name, stream, flows, faults)), None)
    except InputError as error:
        faults.listed.append(error)
    return any(isinstance(error, UnknownStructure) for error in faults.listed)


def infer_flows(
    form: Format, name: str, stream: BinaryIO, flows: Mapping[str, Flow], dimensions: Sequence[str] = ()
) -> InferenceResult:
    """Infer the flows of data whose structure is unknown.

    `dimensions` are the known dimensions, in order. Adds no flow if the layout does not allow inference.

    Raises `InputError` for problems of the message and `SdmxmigError` for a dimension that the data lack.
    """
    survey = find_data_survey(form)
    if survey is None:
        return InferenceResult(flows=flows)
    known_attributes = collect_attributes(flows.values())
    surveys = [surveyed for surveyed in survey(name, stream, flows) if surveyed.heads or surveyed.observations]
    for surveyed in surveys:
        check_ids(surveyed, name)
    pairs = [
        build_flow(surveyed, known_attributes, dimensions) for surveyed in surveys if surveyed.full_ref.kind in FOLLOWED
    ]
    added: dict[str, Flow] = {}
    for flow, surveyed in pairs:
        keys = {"Dataflow": flow.dataflow.ref.short, "ProvisionAgreement": surveyed.full_ref.urn}
        added.setdefault(keys.get(surveyed.full_ref.kind, flow.structure.ref.urn), flow)
        added.setdefault(surveyed.ref.urn if surveyed.ref else ANY, flow)
    sentences = tuple(dict.fromkeys(describe_inferred(flow, surveyed) for flow, surveyed in pairs))
    return InferenceResult(
        flows={**flows, **added}, inferred_flows=tuple(flow for flow, _ in pairs), sentences=sentences
    )


def check_ids(surveyed: SurveyedNames, name: str) -> None:
    groups = [names for pairs in surveyed.groups.values() for pair in pairs.items() for names in pair]
    named = [*surveyed.heads, *surveyed.observations, *surveyed.keys, *surveyed.parts, *groups, tuple(surveyed.dataset)]
    for component_id in merge_sets(named):
        check_component_id(component_id, Place(name))


def find_data_survey(form: Format) -> Survey | None:
    if form.id.startswith("sdmx-ml"):
        return message_survey.survey_message
    if form.id.startswith("sdmx-csv"):
        return table_survey.build_survey(form.id)
    return None


def collect_attributes(flows: Iterable[Flow]) -> set[str]:
    structures = {flow.structure.ref: flow.structure for flow in flows}.values()
    attributes = {component.id for structure in structures for component in structure.attributes()}
    return attributes - {name for structure in structures for name in structure.key}


def build_flow(
    surveyed: SurveyedNames, known_attributes: set[str], dimensions: Sequence[str] = ()
) -> tuple[Flow, SurveyedNames]:
    roles = Roles(surveyed, known_attributes, dimensions)
    ref = surveyed.full_ref
    structure_ref = Ref("DataStructure", ref.agency, id=ref.id, version=ref.version)
    dataflow_ref = Ref("Dataflow", ref.agency, id=ref.id, version=ref.version)
    components = [*roles.key(), *roles.measures(), *roles.attributes()]
    structure = DataStructure(
        structure_ref, Text.of(en=ref.id), components=tuple(components), groups=tuple(roles.groups())
    )
    ordered = surveyed.at in ("", roles.time) or not surveyed.heads
    certainty = (STATED if ordered else UNORDERED) if surveyed.is_told else GUESSED
    certainty = STATED if dimensions else certainty
    return Flow(
        Dataflow(dataflow_ref, Text.of(en=ref.id), structure=structure_ref),
        structure,
        codelists={},
        concepts={},
        inferred=certainty,
    ), surveyed


class Roles:
    def __init__(self, surveyed: SurveyedNames, known_attributes: set[str], dimensions: Sequence[str]) -> None:
        self.surveyed = surveyed
        self.known_attributes = known_attributes
        heads = list(surveyed.heads)
        observations = list(surveyed.observations) or [(surveyed.at,) if surveyed.at else ()]
        self.in_heads, self.in_observations = merge_sets(heads), merge_sets(observations)
        every = [*self.in_heads, *(name for name in self.in_observations if name not in self.in_heads)]
        self.time = next((name for name in TIMES if name in every), "")
        self.measure = MEASURE if MEASURE in self.in_observations else ""
        self.dimensions = (
            self._name_dimensions(dimensions, every) if dimensions else self._dimensions(heads, observations)
        )

    def _name_dimensions(self, dimensions: Sequence[str], every: Sequence[str]) -> list[str]:
        for name in dimensions:
            if name not in every:
                raise SdmxmigError(f"The data have no {name}.", hint=f"They have {', '.join(every)}.")
        return [name for name in dimensions if name != self.time]

    def _dimensions(self, heads: Sequence[tuple[str, ...]], observations: Sequence[tuple[str, ...]]) -> list[str]:
        """Infer the dimensions except time: names in keys, or names with a value in every row."""
        surveyed = self.surveyed
        if surveyed.keys:
            candidates = [*merge_sets(list(surveyed.keys)), *([surveyed.at] if surveyed.at else [])]
            return [name for name in dict.fromkeys(candidates) if name != self.time]
        of_groups = {
            name for names in surveyed.groups.values() for name in merge_sets(list(names)) if name in self.in_heads
        }
        always = [name for name in self.in_heads if all(name in head for head in heads)]
        candidates = [name for name in always if name not in self.known_attributes or name in of_groups]
        if not heads:
            always = [name for name in self.in_observations if all(name in observation for observation in observations)]
            candidates = [name for name in always if name not in self.known_attributes]
        elif surveyed.at and surveyed.at in self.in_observations:
            candidates.append(surveyed.at)
        return [name for name in candidates if name not in (self.time, self.measure)]

    def key(self) -> list[Component]:
        components = [self._component(name, "dimension") for name in self.dimensions]
        return [*components, *([self._component(self.time, "time", data_type=TIME_TYPE)] if self.time else [])]

    def measures(self) -> list[Component]:
        return [self._component(MEASURE, "measure")] if self.measure else []

    def attributes(self) -> list[Component]:
        surveyed, not_attributes = self.surveyed, {*self.dimensions, self.time, self.measure}
        attributes_by_id: dict[str, Component] = {}

        def add(names: Iterable[str], attachment: str, **more: object) -> None:
            for name in names:
                if name not in not_attributes and name not in attributes_by_id:
                    attributes_by_id[name] = self._component(
                        name, "attribute", attachment=attachment, mandatory=False, **more
                    )

        add(surveyed.dataset, "dataset")
        for group in self.groups():
            add(merge_sets(list(surveyed.groups[group.id])), "group", group=group.id)
        for name in merge_sets(list(surveyed.parts)):
            described = {dimension for part in surveyed.parts if name in part for dimension in part}
            dimensions = tuple(
                dimension for dimension in (*self.dimensions, self.time) if dimension in described and dimension
            )
            add([name], "dimensions" if dimensions else "dataset", dimensions=dimensions)
        head_dimensions = tuple(name for name in (*self.dimensions, self.time) if name and name in self.in_heads)
        if set(head_dimensions) == {*self.dimensions}:
            add(self.in_heads, "series")
        else:
            add(self.in_heads, "dimensions" if head_dimensions else "dataset", dimensions=head_dimensions)
        add(self.in_observations, "observation")
        return list(attributes_by_id.values())

    def groups(self) -> list[Group]:
        groups = []
        for name, sets in self.surveyed.groups.items():
            named = {part for key in sets.values() for part in key} or set(merge_sets(list(sets)))
            groups.append(
                Group(
                    name,
                    tuple(dimension for dimension in (*self.dimensions, self.time) if dimension and dimension in named),
                )
            )
        return groups

    def _component(self, name: str, role: str, **more: object) -> Component:
        ref, several = self.surveyed.full_ref, self.surveyed.several
        concept = Ref("Concept", ref.agency, id=ref.id, version=ref.version, item=name)
        facets = (("isMultiLingual", "true"),) if name in self.surveyed.languages else ()
        most = "unbounded" if name in several else "1"
        return Component(name, role, concept=concept, facets=facets, max_occurs=most, **more)  # type: ignore[arg-type]


def merge_sets(sets: Sequence[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(name for names in sets for name in names))


def describe_inferred(flow: Flow, surveyed: SurveyedNames) -> str:
    structure = flow.structure
    key, attribute_ids = ", ".join(structure.key) or "none", [component.id for component in structure.attributes()]
    attributes = f"; attributes: {', '.join(attribute_ids)}" if attribute_ids else ""
    about = "The data name no structure." if surveyed.ref is None else _describe_unknown(surveyed.ref)
    return f"{about} {ORIGIN_WORDS[flow.inferred]}: {key}{attributes}."


def _describe_unknown(ref: Ref) -> str:
    named = f"{ref.agency + ':' if ref.agency else ''}{ref.id}{f'({ref.version})' if ref.version else ''}"
    with_these = "" if ref.agency else " with these components"
    return f"There is no {FOLLOWED.get(ref.kind, ref.kind)} “{named}”{with_these}."
