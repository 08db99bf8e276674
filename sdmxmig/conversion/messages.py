"""SDMX data messages and JSON-stat datasets converted to the dataflows of a workspace.

A message states its dataflow. Structure maps from our dataflows to it are applied in reverse; figures of declared
dataflows are unchanged. Components are those of the message, since the shipped structure of its agency may be older or
newer.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.tables.json_stat import is_json_stat, parse_json_stat, read_body
from sdmxmig.conversion.translation import ROW, LostCodes, flatten_dataset, flow_at, translate
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.inference import build_flow, collect_attributes, infer_flows
from sdmxmig.sdmx.formats.names_in_data import UNKNOWN, SurveyedNames
from sdmxmig.sdmx.frames import add_series_values, build_cell_origins, build_origins
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings
from sdmxmig.sdmx.model.maps import ALSO_NAMED, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.rule_ids import RuleId

JSON_STAT = Detection("json-stat", "data", name="JSON-stat data")
MAX_LISTED_VALUES = 5


@dataclass(frozen=True, slots=True, eq=False)
class ConvertedMessage:
    format: str
    named: tuple[str, ...]
    _: KW_ONLY
    datasets: tuple[Dataset, ...]
    findings: Findings


def detect_message(name: str, content: bytes) -> Detection | None:
    """Detect a data message, or a JSON-stat dataset that names its dataflow; None for other files."""
    try:
        detected = detect(name, content)
    except InputError:
        return JSON_STAT if is_json_stat(content) and names_dataflow(name, content) else None
    return detected if detected.kind == "data" and detected.format in FORMATS else None


def names_dataflow(name: str, content: bytes) -> bool:
    """Check whether a JSON-stat dataset names its dataflow; others are tables."""
    try:
        return parse_ref(read_body(name, content).get("extension")) is not None
    except InputError:
        return False


def carry_over(name: str, content: bytes, catalogue: Catalogue) -> ConvertedMessage:
    """Translate the figures of a data message to our dataflows; raise `InputError` for other files."""
    detected = detect_message(name, content) or detect(name, content)
    maps = index_maps(catalogue)
    own = {key: flow for key, flow in catalogue.flows.items() if not find_maps(flow.dataflow.ref, maps)}
    datasets: list[Dataset] = []
    findings: list[Findings] = []
    named: dict[str, None] = {}
    for dataset in read_published(detected, name, content, own):
        ref = dataset.flow.dataflow.ref
        is_first = ref.short not in named
        named[ref.short] = None
        collector = FindingCollector(dataset.flow.id, catalogue.rules)
        candidates = find_maps(ref, maps)
        carried, lost = apply_maps(dataset, candidates, catalogue) if candidates else (drop_notes(dataset), [])
        if is_first and not carried and not lost:
            collector.add(RuleId.NO_COUNTERPART, [Place(name)], said=ref.short)
        for untranslated in merge_losses(lost):
            report(untranslated, collector, name)
        datasets += [link_to_message(own, name) for own in carried]
        findings.append(Findings(tuple(collector.findings)))
    return ConvertedMessage(detected.name, tuple(named), datasets=tuple(datasets), findings=Findings.join(findings))


def read_published(detected: Detection, name: str, content: bytes, own: Mapping[str, Flow]) -> Sequence[Dataset]:
    if detected is JSON_STAT:
        return (read_json_stat(name, content),)
    form = FORMATS[detected.format]
    return read_all(form, name, content, infer_flows(form, name, io.BytesIO(content), own).flows, Faults(TOLERANT))


def link_to_message(dataset: Dataset, name: str) -> Dataset:
    nowhere = pl.repeat(None, dataset.observations.height, dtype=pl.UInt32, eager=True)
    cells = {dataset.flow.structure.measure.id: (nowhere, nowhere)}
    return replace(dataset, origins=build_cell_origins(cells, name, "", whole_file=True))


def drop_notes(dataset: Dataset) -> list[Dataset]:
    return [] if dataset.flow.inferred else [replace(dataset, properties={}, notes=None, reports=None)]


def merge_losses(untranslated: Iterable[LostCodes]) -> Iterator[LostCodes]:
    """Merge losses with the same component and reason, with all their values."""
    groups: dict[tuple[tuple[str, ...], str, bool], list[LostCodes]] = {}
    for loss in untranslated:
        groups.setdefault((loss.components, loss.reason, loss.left_out), []).append(loss)
    for (components, reason, left_out), losses in groups.items():
        values = dict.fromkeys(" ".join(filter(None, loss.values)) for loss in losses)
        count = sum(loss.observations for loss in losses)
        yield LostCodes(components, tuple(values), observations=count, reason=reason, left_out=left_out)


def report(untranslated: LostCodes, collector: FindingCollector, name: str) -> None:
    values = untranslated.values
    more = f" (+{len(values) - MAX_LISTED_VALUES})" if len(values) > MAX_LISTED_VALUES else ""
    listed = f"{', '.join(values[:MAX_LISTED_VALUES])}{more}"
    collector.add(
        RuleId.LEFT_OUT_OF_MESSAGE if untranslated.left_out else RuleId.ATTRIBUTE_LEFT_OUT,
        [Place(name)],
        subject=" ".join(filter(None, (*untranslated.components, listed))),
        reason=untranslated.reason,
        count=f"{untranslated.observations:,}",
    )


Maps = Mapping[tuple[str, str], Sequence[StructureMap]]
VIEW_MARK = "$"
"""Separates the dataflow and the name of a saved view of Eurostat."""
STRUCTURE_PREFIX = "dsd_"
TIME, OLD_TIME = "TIME_PERIOD", "TIME"
"""The id of the time dimension, now and in SDMX 2.0."""


def index_maps(catalogue: Catalogue) -> Maps:
    """Group structure maps by agency and folded id of the target: dataflow, other names or structure."""
    structures = {flow.dataflow.ref: flow.structure.ref for flow in catalogue.flows.values()}
    maps: dict[tuple[str, str], dict[Ref, StructureMap]] = {}
    for dataflow_map in catalogue.artefacts.values():
        if isinstance(dataflow_map, StructureMap):
            target = dataflow_map.target
            ids = (target.id, *list_other_names(dataflow_map.annotations), structures.get(target, target).id)
            for target_id in ids:
                maps.setdefault((target.agency, normalise_id(target_id)), {})[dataflow_map.ref] = dataflow_map
    return {key: tuple(found.values()) for key, found in maps.items()}


def find_maps(ref: Ref, maps: Maps) -> Sequence[StructureMap]:
    """Return the maps to a dataflow of any version; without an agency, to the only dataflow with this id."""
    dataflow_id = normalise_id(ref.id)
    if ref.agency not in ("", UNKNOWN):
        return maps.get((ref.agency, dataflow_id), ())
    of_id = [found for (_, target_id), found in maps.items() if target_id == dataflow_id]
    return of_id[0] if len(of_id) == 1 else ()


def normalise_id(dataflow_id: str) -> str:
    """Normalise an id for comparison: old Eurostat messages use lower case and a prefix.

    >>> normalise_id("DSD_migr_imm8") == normalise_id("MIGR_IMM8$DV_12") == "migr_imm8"
    True
    """
    return dataflow_id.partition(VIEW_MARK)[0].casefold().removeprefix(STRUCTURE_PREFIX)


def list_other_names(annotations: Sequence[Annotation]) -> tuple[str, ...]:
    return tuple(annotation.title for annotation in annotations if annotation.type == ALSO_NAMED)


def rename_columns(frame: pl.DataFrame, dataflow_map: StructureMap) -> pl.DataFrame:
    names = {other: link.targets[0] for link in dataflow_map.components for other in list_other_names(link.annotations)}
    targets = [target for link in dataflow_map.components for target in link.targets]
    targets += [fact.component for fact in dataflow_map.fixed if not fact.on_source]
    names |= {target: target for target in targets} | {OLD_TIME: TIME}
    target_by_name = {name.casefold(): target for name, target in names.items()}
    column_by_target: dict[str, str] = {}
    for column in frame.columns:
        column_by_target.setdefault(target_by_name.get(column.casefold(), column), column)
    return frame.rename({column: target for target, column in column_by_target.items() if target not in frame.columns})


def replace_code_names(frame: pl.DataFrame, dataflow_map: StructureMap, catalogue: Catalogue) -> pl.DataFrame:
    """Replace names of codes, as some messages have them, by codes; ambiguous names are kept."""
    columns = []
    for component, codelist in list_codelists(dataflow_map, catalogue):
        if component not in frame.columns:
            continue
        values = frame[component].drop_nulls().unique()
        named = [value for value in values if value not in codelist.ids]
        codes = index_codes(codelist) if named else {}
        code_by_value = {value: codes[value.casefold()] for value in named if value.casefold() in codes}
        columns.append(pl.col(component).replace(code_by_value))
    return frame.with_columns(columns)


def list_codelists(dataflow_map: StructureMap, catalogue: Catalogue) -> Iterator[tuple[str, ItemScheme]]:
    ours = next(flow for flow in catalogue.flows.values() if flow.dataflow.ref == dataflow_map.source)
    theirs = next((flow for flow in catalogue.flows.values() if flow.dataflow.ref == dataflow_map.target), None)
    for link in dataflow_map.components:
        representation = catalogue.artefacts.get(link.representation) if link.representation else None
        for number, component in enumerate(link.targets):
            ref = representation.targets[number] if isinstance(representation, RepresentationMap) else None
            codelist = catalogue.artefacts.get(ref) if isinstance(ref, Ref) else ours.codelist(link.sources[number])
            if isinstance(codelist, ItemScheme):
                yield component, codelist
    for fact in dataflow_map.fixed:
        codelist = theirs.codelist(fact.component) if theirs and not fact.on_source else None
        if codelist is not None:
            yield fact.component, codelist


def index_codes(codelist: ItemScheme) -> Mapping[str, str]:
    codes: dict[str, set[str]] = {}
    for item in codelist.items:
        for _, name in item.name:
            codes.setdefault(name.casefold(), set()).add(item.id)
    return {name: min(ids) for name, ids in codes.items() if len(ids) == 1}


TOTAL_CODES = ("_T", "_Z", "T", "TOTAL")
"""Codes that restrict no figure."""
UNKNOWN_CODE = "_U"
NO_FLOW_REASON = "No dataflow here has these figures."
UNSTATED_REASON = "The message does not state it, and no value is certain."
UNMAPPED_REASON = "It limits the figures, and no component here has this meaning."


def apply_maps(
    dataset: Dataset, maps: Sequence[StructureMap], catalogue: Catalogue
) -> tuple[list[Dataset], list[LostCodes]]:
    """Translate the figures of a dataset, each by the map with its fixed values."""
    figures = flatten_dataset(dataset)
    carried: list[Dataset] = []
    untranslated: list[LostCodes] = []
    remaining = figures.select(ROW)
    counted: dict[str, set[str]] = {}
    for dataflow_map in maps:
        named = replace_code_names(rename_columns(figures, dataflow_map), dataflow_map, catalogue)
        values = {fact.component: fact.values for fact in dataflow_map.fixed if not fact.on_source}
        values = {component: codes for component, codes in values.items() if component in named.columns}
        own = named
        for component, codes in values.items():
            counted.setdefault(component, set()).update(codes)
            own = own.filter(pl.col(component).is_in(list(codes)) | pl.col(component).is_null())
        if own.is_empty():
            continue
        remaining = remaining.join(own, on=ROW, how="anti")
        if refusals := list(find_unfit_components(own, dataset, dataflow_map, catalogue)):
            untranslated += refusals
            continue
        rows = replace(dataset, observations=own.drop(ROW), series=pl.DataFrame(), attributes={})
        translated, lost = translate(rows, dataflow_map, catalogue, back=True)
        carried += [fill_unknown_attributes(translated)] if translated.observations.height else []
        untranslated += lost
    return carried, [*untranslated, *describe_uncovered_figures(figures.join(remaining, on=ROW, how="semi"), counted)]


def fill_unknown_attributes(dataset: Dataset) -> Dataset:
    flow, observations = dataset.flow, dataset.observations
    attributes = dict.fromkeys(may_be_unknown(flow, "dataset"), UNKNOWN_CODE) | {**dataset.attributes}
    series = add_series_values(dataset.series, dict.fromkeys(may_be_unknown(flow, "series"), UNKNOWN_CODE))
    of_figures = [name for name in may_be_unknown(flow, "observation") if name in observations.columns]
    filled = observations.with_columns(pl.col(name).fill_null(UNKNOWN_CODE) for name in of_figures)
    return replace(dataset, observations=filled, series=series, attributes=attributes, properties={}, action="R")


def may_be_unknown(flow: Flow, level: str) -> Iterator[str]:
    for component in flow.structure.attributes(level):
        codelist = flow.codelist(component)
        if component.mandatory and codelist is not None and UNKNOWN_CODE in codelist.ids:
            yield component.id


def describe_uncovered_figures(figures: pl.DataFrame, counted: Mapping[str, Collection[str]]) -> Iterator[LostCodes]:
    """Describe figures that no map covers by their codes missing in all maps, else by all codes."""
    components = [component for component in counted if component in figures.columns]
    if figures.is_empty() or not components:
        return
    for *values, count in figures.group_by(components, maintain_order=True).len().iter_rows():
        pairs = [(component, value or "") for component, value in zip(components, values, strict=True)]
        foreign = [(component, value) for component, value in pairs if value not in counted[component]] or pairs
        names, codes = zip(*foreign, strict=True)
        yield LostCodes(names, codes, observations=count, reason=NO_FLOW_REASON)


def find_unfit_components(
    figures: pl.DataFrame, dataset: Dataset, dataflow_map: StructureMap, catalogue: Catalogue
) -> Iterator[LostCodes]:
    """Yield components that our key lacks, and unmapped components that limit the figures."""
    ours = flow_at(dataflow_map.source, dataflow_map, catalogue).structure
    known = {fact.component for fact in dataflow_map.fixed if not fact.on_source}
    known |= {target for time in dataflow_map.times for target in time.targets}
    for link in dataflow_map.components:
        known |= {*link.targets}
        absent = [target for target in link.targets if target not in figures.columns]
        if absent and any(source in ours.key for source in link.sources):
            yield LostCodes(tuple(absent), (), observations=figures.height, reason=UNSTATED_REASON)
    attributes = collect_attributes(catalogue.flows.values())
    for component in dataset.flow.structure.key:
        if component in figures.columns and component not in known and component not in attributes:
            limits = figures[component].drop_nulls().unique(maintain_order=True)
            values = tuple(value for value in limits if value not in TOTAL_CODES)
            if values:
                yield LostCodes((component,), values, observations=figures.height, reason=UNMAPPED_REASON)


MEASURE, STATUS = "OBS_VALUE", "OBS_FLAG"


def read_json_stat(name: str, content: bytes) -> Dataset:
    read = parse_json_stat(name, content)
    components = [TIME if dimension.is_time else dimension.id for dimension in read.dimensions]
    columns = (*components, MEASURE, STATUS)
    rows = [(*codes, value, status) for codes, value, status in read.cells]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    surveyed = SurveyedNames(parse_ref(read.extension))
    surveyed.keys[tuple(component for component in components if component != TIME)] = ()
    surveyed.observations[columns] = ()
    flow, _ = build_flow(surveyed, {STATUS})
    return Dataset(flow, frame, series=pl.DataFrame(), attributes={}, origins=build_origins())


def parse_ref(extension: object) -> Ref | None:
    if not isinstance(extension, Mapping):
        return None
    id_, agency = extension.get("id"), extension.get("agencyId")
    if not (isinstance(id_, str) and isinstance(agency, str)):
        return None
    return Ref("Dataflow", agency, id=id_, version=str(extension.get("version") or ""))
