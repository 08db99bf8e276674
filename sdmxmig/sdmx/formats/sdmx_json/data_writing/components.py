"""The `structures` part of a written message, and text columns as JSON columns."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, Layout
from sdmxmig.sdmx.formats.faults import check_characters, check_column_characters
from sdmxmig.sdmx.formats.metadata_versions import Branch, Path
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import KIND, PATH_MEMBER
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.sdmx_json.versions import ID, LANGUAGE, JsonVersion
from sdmxmig.sdmx.formats.sdmx_json.walk import find_forbidden
from sdmxmig.sdmx.formats.shapes import choose_observation_dimension
from sdmxmig.sdmx.formats.structures.representations import FACET_KINDS
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, parse_whole_number
from sdmxmig.sdmx.model.references import Ref

NUMBER_PATTERN = r"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
SIGNS = {chr(sign): f"\\u{sign:04x}" for sign in range(32)} | {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip
SIGNS_TO_ESCAPE = r'["\\\x00-\x1f\x{fffe}\x{ffff}]'
NULL = "null"


def to_json(value: object) -> str:
    content = msgspec.json.encode(value)
    if character := find_forbidden(content):
        check_characters(character, "A text")
    return content.decode()


def quote_column(column: pl.Series) -> pl.Series:
    if 2 * column.null_count() > column.len():  # few texts: look only at these
        is_given = column.is_not_null()
        rows = pl.DataFrame({"given": is_given, "row": is_given.cast(pl.UInt32).cum_sum()})
        return quote_column(column.drop_nulls()).gather(
            rows.select(pl.when("given").then(pl.col("row") - 1)).to_series()
        )
    if column.str.contains(SIGNS_TO_ESCAPE).any():
        column = check_column_characters(column, column.name or "A text").str.replace_many(
            list(SIGNS), list(SIGNS.values())
        )
    return '"' + column + '"'


def convert_to_numbers(column: pl.Series) -> pl.Series:
    """Write a column of numbers unchanged; quote invalid JSON numbers (``01``, ``NaN``)."""
    exact = column.str.contains(NUMBER_PATTERN) & (column != "-0")  # readers treat -0 as 0
    if exact.all():
        return column
    frame = pl.DataFrame({"exact": exact, "given": column, "quoted": quote_column(column)})
    return frame.select(pl.when("exact").then("given").otherwise("quoted"))["given"]


class ListedValues:
    """The values of a component in index order, extended while data arrive."""

    def __init__(self, component: Component, codelist: ItemScheme | None) -> None:
        self.component = component
        self.codelist = codelist
        self.known: list[str] = []
        self._seen: set[str] = set()
        self._rank = {item.id: rank for rank, item in enumerate(codelist or ())}

    def learn(self, values: Iterable[str | None]) -> None:
        fresh = {
            check_characters(value, self.component.id)
            for value in values
            if value is not None and value not in self._seen
        }
        self.known += sorted(fresh, key=lambda value: (self._rank.get(value, len(self._rank)), value))
        self._seen |= fresh

    def indices(self, name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Enum(self.known)).to_physical().cast(pl.UInt32)


def write_rich_text(
    column: pl.Series, component: Component, values: ListedValues | None, *, numeric: bool
) -> pl.Series:
    """Write lists or multilingual texts as JSON; `numeric` allows arrays of bare numbers."""
    index = {value: number for number, value in enumerate(values.known)} if values else {}

    def part_value(cell: Any) -> object:
        if isinstance(cell, str):
            return index[cell] if values else cell
        return split_languages(cell, component)

    def text(cell: Any) -> str | None:
        if not cell:
            return None
        if not component.is_array:
            return to_json(part_value(cell))
        if numeric and component.is_numeric and convert_to_numbers(pl.Series(cell, dtype=pl.String)).to_list() == cell:
            return f"[{','.join(cell)}]"
        return to_json([part_value(part) for part in cell if part is not None])

    return pl.Series([text(cell) for cell in column.to_list()], dtype=pl.String)


def split_languages(cell: list[dict[str, str]], component: Component) -> dict[str, str]:
    texts_by_language: dict[str, str] = {}
    for part in cell:
        language = part["language"] or ""
        if not LANGUAGE.fullmatch(language) or language in texts_by_language:
            hint = "Each text has one language, such as “en”, and each language one text."
            raise SdmxmigError(f"{component.id} has a text in the language “{language}”.", hint=hint)
        texts_by_language[language] = part["text"] or ""
    return texts_by_language


RELATION_NAMES = {"ProvisionAgreement": "provisionagreement", "Dataflow": "dataflow", "DataStructure": "datastructure"}
FLAG_FACETS = ("isSequence", "isMultiLingual")
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(slots=True, kw_only=True)
class FlowPlan:
    """The layout of a dataflow's data in a message, with the values found so far.

    `series` and `observation` are the dimensions at these levels. Attributes of key parts, and of series with other
    dimensions, belong to the dimension group. `notes` are annotations with their numbers; `reported` are attributes of
    reference metadata by level.
    """

    flow: Flow
    version: JsonVersion
    layout: Layout
    refers_to: Ref | None
    series: tuple[str, ...]
    observation: tuple[str, ...]
    levels: Mapping[str, str]
    values: dict[str, ListedValues]
    languages: set[str] = field(default_factory=set)
    notes: dict[Annotation, int] = field(default_factory=dict)
    reported: dict[str, Branch] = field(default_factory=lambda: {"dataSet": Branch(), "dimensionGroup": Branch()})

    def at(self, level: str) -> list[Component]:
        return [component for component in self.flow.structure.attributes() if self.levels[component.id] == level]

    def number(self, note: Annotation) -> int:
        return self.notes.setdefault(note, len(self.notes))


def plan_flow(flow: Flow, refers_to: Ref | None, layout: Layout, version: JsonVersion) -> FlowPlan:
    structure, requested = flow.structure, layout.dimension_at_observation
    if requested != ALL_DIMENSIONS and requested not in structure.key:
        hint = did_you_mean(requested, [*structure.key, ALL_DIMENSIONS])
        raise SdmxmigError(f"{structure.ref.short} has no dimension {requested}.", hint=hint)
    flat = choose_observation_dimension(structure, requested) == ALL_DIMENSIONS
    observation = structure.key if flat else (requested,)
    series = tuple(name for name in structure.key if name not in observation)
    names = {"dataset": "dataSet", "observation": "observation"}
    if series == structure.series_key and not flat:
        names["series"] = "series"
    levels = {component.id: names.get(component.attachment, "dimensionGroup") for component in structure.attributes()}
    values = {
        component.id: ListedValues(component, flow.codelist(component))
        for component in structure.components
        if component.role in ("dimension", "time")
        or (version.lists_all and component.role == "attribute")
        or (
            not version.lists_all
            and flow.codelist(component) is not None
            and (version.indexed_arrays or not component.is_array)
        )
    }
    return FlowPlan(
        flow=flow,
        version=version,
        layout=layout,
        refers_to=refers_to,
        series=series,
        observation=observation,
        levels=levels,
        values=values,
    )


def write_structure(plan: FlowPlan, datasets: list[int], originals: Mapping[Ref, DataStructure]) -> dict[str, object]:
    """Describe numbered datasets; `originals` are their structures before attributes are moved."""
    structure, dataflow = plan.flow.structure, plan.flow.dataflow
    name = dataflow.name or structure.name or Text.of(en=dataflow.ref.id)
    members: dict[str, object] = {
        **write_texts(plan, "name", name),
        **write_texts(plan, "description", dataflow.description),
    }
    if not plan.version.lists_all:
        members["dataSets"] = datasets
    members["links"] = write_links(plan)
    dimensions = {"series": plan.series, "observation": plan.observation}
    members["dimensions"] = {
        "dataSet": [],
        **{level: [write_dimension(plan, structure[name]) for name in names] for level, names in dimensions.items()},
    }
    if plan.version.lists_all:
        original = originals[structure.ref]
        members["attributes"] = {
            level: [write_attribute_10(plan, component, original) for component in plan.at(level)]
            for level in ("dataSet", "series", "observation")
        }
        return members | Writing("1.0", dataflow).notes(plan.notes)
    members["measures"] = {"observation": [write_measure(plan, component) for component in structure.measures]}
    levels = ("dataSet", "dimensionGroup", "series", "observation")
    reported = {
        level: [write_metadata(plan, level, path) for path in tree.paths()] for level, tree in plan.reported.items()
    }
    members["attributes"] = {
        level: [write_attribute(plan, component) for component in plan.at(level)] + reported.get(level, [])
        for level in levels
    }
    return members | Writing(plan.version.id, dataflow, languages=plan.languages).notes(plan.notes)


def write_texts(plan: FlowPlan, name: str, text: Text) -> dict[str, object]:
    if not text:
        return {}
    by_language = {language: value for language, value in text if LANGUAGE.fullmatch(language)}
    plan.languages.update(by_language)
    best = text.in_language(plan.layout.language)
    return {name: best, f"{name}s": by_language} if by_language else {name: best}


def write_links(plan: FlowPlan) -> list[dict[str, str]]:
    refs = [plan.flow.dataflow.ref, plan.flow.structure.ref]
    if plan.refers_to is not None and plan.refers_to.kind == "DataStructure":
        refs = [plan.refers_to]
    elif plan.refers_to is not None:
        refs = [plan.refers_to, *refs]
    return [{"urn": ref.urn, "rel": RELATION_NAMES.get(ref.kind, ref.kind.lower())} for ref in refs]


def write_component_head(plan: FlowPlan, component: Component) -> dict[str, object]:
    name = plan.flow.concepts.get(component.id) or Text()
    members: dict[str, object] = {"id": component.id, **(write_texts(plan, "name", name) or {"name": component.id})}
    roles = [ref.item or ref.id for ref in component.concept_roles]
    if component.role == "time":
        roles = roles or ["TIME_PERIOD"]
    if roles:
        members["roles"] = roles
    return members


def write_dimension(plan: FlowPlan, component: Component) -> dict[str, object]:
    members = {**write_component_head(plan, component), "keyPosition": plan.flow.structure.key.index(component.id)}
    if plan.version.lists_all:
        for value in plan.values[component.id].known:
            if not ID.fullmatch(value):
                message = f"SDMX-JSON 1.0 cannot contain “{value}” as a value of {component.id}."
                raise SdmxmigError(message, hint="It allows letters, digits, _, @, $ and -.")
    elif component.codelist is None and (described := write_format(plan, component, FLAG_FACETS[:1])):
        members["format"] = described
    values = write_values(plan, component)
    if not values and not plan.version.bare_dimensions:  # 2.0 requires a value even without data
        values = {"values": [{"value": next(iter(plan.values[component.id].codelist or ()), Item("", Text())).id}]}
    return members | values


def write_measure(plan: FlowPlan, component: Component) -> dict[str, object]:
    return {**write_component_head(plan, component), "isMandatory": component.mandatory, **write_body(plan, component)}


def write_attribute(plan: FlowPlan, component: Component) -> dict[str, object]:
    members = {**write_component_head(plan, component), "isMandatory": component.mandatory}
    dimensions = plan.flow.structure.list_described(component)
    relationship: dict[str, object] = {"dimensions": list(dimensions)}
    if component.attachment == "observation" or not dimensions:
        relationship = {"observation": {}} if component.attachment == "observation" else {"dataflow": {}}
    if component.measures:
        relationship["measures"] = list(component.measures)
    return {**members, "relationship": relationship, **write_body(plan, component)}


def write_attribute_10(plan: FlowPlan, component: Component, original: DataStructure) -> dict[str, object]:
    before = original[component.id]
    relationship: dict[str, object] = {"dimensions": list(original.list_described(before))}
    if before.attachment == "observation":
        relationship = {"primaryMeasure": original.measure.id}
    elif before.attachment == "dataset":
        relationship = {"none": {}}
    return {**write_component_head(plan, component), "relationship": relationship, **write_values(plan, component)}


def write_metadata(plan: FlowPlan, level: str, path: Path) -> dict[str, object]:
    """Describe a reference metadata attribute; raise `SdmxmigError` for disallowed ids or languages."""
    structure, name = plan.flow.structure, ".".join(path.ids)
    for language in path.languages or ():
        if not LANGUAGE.fullmatch(language):
            raise SdmxmigError(f"{name} has a text in the language “{language}”.", hint="Write a tag such as pt-BR.")
        plan.languages.add(language)
    if not NAME_PATTERN.fullmatch(path.ids[-1]):
        raise SdmxmigError(f"SDMX-JSON data have no attribute {name}.", hint="Begin its id with a letter.")
    uses = (component.concept for component in structure.select_role("metadata") if component.concept.kind == KIND)
    msd = structure.metadata or next(uses, None)
    members: dict[str, object] = {"id": path.ids[-1], "name": name}
    if not plan.version.loose_attributes:
        members["relationship"] = {"dataflow": {}} if level == "dataSet" else {"observation": {}}
    if msd is None:
        members[PATH_MEMBER] = name
    else:
        members["links"] = [
            {"urn": Ref(KIND, msd.agency, id=msd.id, version=msd.version, item=name).urn, "rel": KIND.lower()}
        ]
    described: dict[str, object] = {"dataType": "String"} if path.languages is None else {FLAG_FACETS[1]: True}
    occurs: dict[str, object] = {"maxOccurs": "unbounded"} if any(path.many) else {}
    if plan.version.occurs_in_format:
        described |= occurs
        occurs = {}
    return {**members, "format": described, **occurs}


def write_body(plan: FlowPlan, component: Component) -> dict[str, object]:
    members = write_values(plan, component) if component.id in plan.values else {}
    described = {} if "values" in members else write_format(plan, component, FLAG_FACETS)
    occurs: dict[str, object] = {}
    if component.is_array:
        most, least = parse_whole_number(component.max_occurs), parse_whole_number(component.min_occurs)
        occurs = {"maxOccurs": "unbounded" if most is None else most}
        if least is not None:
            occurs["minOccurs"] = least
    if plan.version.occurs_in_format:
        described |= occurs
        occurs = {}
    return {**({"format": described} if described else {}), **occurs, **members}


def parse_number(text: str) -> int | float | None:
    whole = parse_whole_number(text.removeprefix("-"))
    if whole is not None:
        return -whole if text.startswith("-") else whole
    try:
        return number if math.isfinite(number := float(text)) else None
    except ValueError:
        return None


def write_format(plan: FlowPlan, component: Component, flags: tuple[str, ...]) -> dict[str, object]:
    text_format: dict[str, object] = {"dataType": component.data_type} if component.data_type else {}
    for name, value in component.facets:
        kind = FACET_KINDS.get(name, "")
        number = parse_whole_number(value) if kind == "positive" else parse_number(value) if kind == "number" else None
        if number or (number == 0 and kind == "number"):
            text_format[name] = number
        elif kind in ("duration", "period", "text"):
            text_format[name] = value
        elif name in flags:
            text_format[name] = value == "true"
    if component.sentinels:
        text_format["sentinelValues"] = [
            {
                "value": sentinel.value,
                **write_texts(plan, "name", sentinel.name),
                **write_texts(plan, "description", sentinel.description),
            }
            for sentinel in component.sentinels
        ]
    return text_format


def write_values(plan: FlowPlan, component: Component) -> dict[str, object]:
    values = plan.values[component.id]
    items = {item.id: (rank, item) for rank, item in enumerate(values.codelist or ())}
    entries: list[dict[str, object]] = []
    for value in values.known:
        if value in items and ID.fullmatch(value):
            rank, item = items[value]
            entry = {"id": value, **(write_texts(plan, "name", item.name) or {"name": value}), "order": rank}
            entry |= write_texts(plan, "description", item.description)
            if item.parent and ID.fullmatch(item.parent):
                entry["parent"] = item.parent
            entries.append(entry)
        elif ID.fullmatch(value) and (values.codelist is not None or component.role == "time"):
            entries.append(
                {"id": value, "name": value, **(find_period_bounds(value) if component.role == "time" else {})}
            )
        elif plan.version.lists_all:
            entries.append({"name": value} if component.role == "attribute" else {"id": value, "name": value})
        else:
            entries.append({"value": value})
    return {"values": entries} if entries or plan.version.lists_all else {}


def find_period_bounds(period: str) -> dict[str, str]:
    parsed_period = periods.parse(period)
    try:
        if parsed_period is None:
            return {}
        last_day = periods.shift(parsed_period, 1).first_day - dt.timedelta(days=1)
        return {"start": f"{parsed_period.first_day.isoformat()}T00:00:00Z", "end": f"{last_day.isoformat()}T23:59:59Z"}
    except (ValueError, OverflowError):  # the calendar ends in 9999
        return {}
