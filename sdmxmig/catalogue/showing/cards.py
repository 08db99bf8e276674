"""Cards of declared things."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from textwrap import wrap
from typing import Any
from unicodedata import combining, east_asian_width

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.heads import SOURCE, STATUS, source_of, status_of
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.item_schemes import code_names, in_tree, sums, with_depth
from sdmxmig.catalogue.rules import rule_examples
from sdmxmig.catalogue.showing.kinds_of_cards import (
    COLUMNS,
    SOURCE_TYPES,
    account_facts,
    account_lines,
    facts_of_indicator,
    indicator_facts,
    item_name,
    lines_of_source,
    rule_facts,
    set_facts,
    structure_of,
    text_of_attribute,
    variant_cells,
)
from sdmxmig.catalogue.showing.names import NamedThing, record
from sdmxmig.primitives.summaries import Summary, cut, summarised
from sdmxmig.primitives.text import visible
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import Rule, switched_on
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Categorisation, Constraint, Hierarchy, MetadataStructure

IN_HEAD = ("ref", "name", "description", "annotations", "status", "source", "id", "items")


@dataclass(frozen=True, slots=True)
class CardLine:
    """A row of a card: depth, cells, status, source."""

    cells: tuple[str, ...]
    status: str = ""
    _: KW_ONLY
    source: str = ""
    depth: int = 0
    notes: tuple[tuple[str, str], ...] = ()


@summarised
@dataclass(frozen=True, slots=True)
class Card:
    """A card with facts and a table."""

    kind: str
    name: str
    _: KW_ONLY
    title: str
    status: str
    source: str
    description: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    lines: tuple[CardLine, ...] = ()

    def __str__(self) -> str:
        return card_text(self)

    def summary(self) -> Summary:
        rows = tuple(tuple(cut(cell, WIDEST_CELL) for cell in line.cells) for line in self.lines[:SHOWN])
        more = f"… {len(self.lines) - len(rows):,} more rows; print() shows all" if len(self.lines) > len(rows) else ""
        facts = (("status", self.status or "not stated"), *((("source", self.source),) if self.source else ()))
        return Summary(
            f"{self.kind} {self.name}: {self.title}",
            (*facts, *self.facts[:SHOWN]),
            columns=self.columns if rows else (),
            rows=rows,
            more=more,
        )


SHOWN, WIDEST_CELL = 10, 50
"""How much of a card shows itself."""


CardBody = tuple[list[tuple[str, str]], tuple[str, ...], list[CardLine]]


@dataclass(frozen=True, slots=True)
class CardScope:
    """The catalogue, language and rule descriptions for a card; `within` is the scheme of an item."""

    catalogue: Catalogue
    language: str
    describe_kinds: Callable[[], Mapping[str, str]]
    _: KW_ONLY
    within: ItemScheme | None = None


def card(
    named: NamedThing, catalogue: Catalogue, language: str = "en", *, describe_kinds: Callable[[], Mapping[str, str]]
) -> Card:
    thing: Any = named.thing
    describe = next((body for kind, body in BODIES.items() if isinstance(thing, kind)), any_fields)
    facts, columns, lines = describe(thing, CardScope(catalogue, language, describe_kinds, within=named.within))
    return Card(
        named.kind,
        named.name,
        title=named.title.in_language(language),
        status=status_of(thing),
        source=source_of(thing),
        description=getattr(thing, "description", Text()).in_language(language),
        facts=(*_other_names(named.title, language), *_notes(getattr(thing, "annotations", ()), language), *facts),
        columns=columns,
        lines=tuple(lines),
    )


def _other_names(title: Text, language: str) -> Iterator[tuple[str, str]]:
    shown_title = title.in_language(language)
    for other_language, text in title:
        if text != shown_title:
            yield f"name ({other_language})", text


def _notes(annotations: Sequence[Annotation], language: str) -> Iterator[tuple[str, str]]:
    texts = [
        (
            annotation.type,
            annotation.text.in_language(language) or annotation.title or annotation.value or annotation.url,
        )
        for annotation in annotations
    ]
    beside = {type_.removesuffix("_STATUS"): text for type_, text in texts if type_.endswith("_STATUS")}
    types = {type_ for type_, _ in texts}
    for type_, text in texts:
        if type_ in (STATUS, SOURCE) or (type_.endswith("_STATUS") and type_.removesuffix("_STATUS") in types):
            continue
        yield f"@{type_}", f"{text}  [{beside[type_]}]" if type_ in beside else text


def _scheme(scheme: ItemScheme, scope: CardScope) -> CardBody:
    facts = [("items", str(len(scheme)))]
    if scheme.partial:
        facts.append(("partial", "only some of its owner's items"))
    trees = [
        ref.short
        for ref, hierarchy in scope.catalogue.artefacts.items()
        if isinstance(hierarchy, Hierarchy) and _over(hierarchy, scheme)
    ]
    facts += [("hierarchies", ", ".join(trees))] if trees else []
    users = [ref.short for ref, artefact in scope.catalogue.artefacts.items() if _uses(artefact, scheme.ref)]
    facts += [("used by", ", ".join(users))] if users else []
    facts += _validity(scheme.details.valid_from, scheme.details.valid_to)
    lines = [
        CardLine(
            (item.id, item.name.in_language(scope.language)),
            item.status,
            source=item.source,
            depth=depth,
            notes=_marks(item, scope.language),
        )
        for depth, item in in_tree(scheme)
    ]
    return facts, ("id", "name"), lines


def _over(tree: Hierarchy, scheme: ItemScheme) -> bool:
    return any(node.code.scheme == scheme.ref for node in tree.codes)


def _uses(artefact: object, ref: Ref) -> bool:
    return isinstance(artefact, DataStructure) and any(component.codelist == ref for component in artefact.components)


def _marks(item: Item, language: str) -> tuple[tuple[str, str], ...]:
    texts = (
        (annotation.type, annotation.text.in_language(language) or annotation.title) for annotation in item.annotations
    )
    return tuple((type_, text) for type_, text in texts if type_ == "VERIFIED_PART" or type_.endswith("_STATUS"))


def _item(item: Item, scope: CardScope) -> CardBody:
    scheme, catalogue, language = scope.within, scope.catalogue, scope.language
    assert scheme is not None  # noqa: S101 - an item is always found in a scheme
    facts = [("in", f"{scheme.ref.short} {scheme.name.in_language(language)}")]
    above = next((candidate for candidate in scheme if candidate.id == item.parent), None)
    if item.parent:
        facts.append(("parent", f"{above.id} {above.name.in_language(language)}" if above else item.parent))
    facts += [("values", str(item.codelist or item.data_type))] if item.codelist or item.data_type else []
    facts += _validity(item.valid_from, item.valid_to)
    facts += [
        ("adds up", f"{' + '.join(parts)}  [{tree}]") for tree, parts in sums(item, scheme.ref, catalogue.artefacts)
    ]
    if scheme.ref.id == SOURCE_TYPES and (rows := list(lines_of_source(item.id, catalogue, language))):
        return facts, COLUMNS, [CardLine(cells, status, source=source) for cells, status, source in rows]
    below = [child for child in scheme if child.parent and child.parent in (item.id, f"{item.parent}.{item.id}")]
    lines = [CardLine((item.id, item.name.in_language(language)), item.status, source=item.source) for item in below]
    return facts, ("below", "name") if lines else (), lines


def _validity(start: str, end: str) -> list[tuple[str, str]]:
    return [("valid", f"{start[:10] or '…'} to {end[:10] or '…'}")] if start or end else []


def _tree(tree: Hierarchy, scope: CardScope) -> CardBody:
    names = code_names(scope.catalogue.artefacts, tree)
    lines = []
    for depth, node in with_depth(tree.codes):
        name = names.get(node.code, Text()).in_language(scope.language)
        lines.append(CardLine((node.id, node.code.item, name), status_of(node), source=source_of(node), depth=depth))
    lists = ", ".join(dict.fromkeys(ref.scheme.short for ref in names))
    return [("codes of", lists)], ("node", "code", "name"), lines


def _structure(structure: DataStructure, scope: CardScope) -> CardBody:
    flows = [artefact.ref.short for artefact in scope.catalogue.artefacts.values() if _follows(artefact, structure.ref)]
    lines = []
    for number, component in enumerate((*structure.dimensions, *structure.of_role("measure", "attribute")), start=1):
        where = str(number) if component.role in ("dimension", "time") else component.role
        status, source = _concept(component, scope.catalogue)
        cells = (where, component.id, values_of(component), attachment(component))
        lines.append(CardLine(cells, status, source=source))
    return [("dataflows", ", ".join(flows))], ("position", "id", "values", "attached to"), lines


def _follows(artefact: object, structure: Ref) -> bool:
    return isinstance(artefact, Dataflow) and artefact.structure == structure


def _concept(component: Component, catalogue: Catalogue) -> tuple[str, str]:
    scheme = catalogue.artefacts.get(component.concept.scheme)
    concept = (
        next((item for item in scheme if item.id == component.concept.item), None)
        if isinstance(scheme, ItemScheme)
        else None
    )
    return (concept.status, concept.source) if concept else ("", "")


def _flow(flow: Dataflow, scope: CardScope) -> CardBody:
    facts = [("structure", flow.structure.short), ("rules", ", ".join(switched_on(scope.catalogue.rules, flow.rules)))]
    filed = [
        categorisation.target
        for categorisation in scope.catalogue.artefacts.values()
        if isinstance(categorisation, Categorisation) and categorisation.source == flow.ref
    ]
    facts += [("category", ref.short) for ref in filed]
    facts += _validity(flow.details.valid_from, flow.details.valid_to)
    lines = []
    for constraint in scope.catalogue.artefacts.values():
        if isinstance(constraint, Constraint) and flow.ref in constraint.attached:
            lines += [
                CardLine(cells, status_of(constraint), source=source_of(constraint)) for cells in limits(constraint)
            ]
    return [fact for fact in facts if fact[1]], ("limited to", "values") if lines else (), lines


def _map(mapped: RepresentationMap, scope: CardScope) -> CardBody:  # noqa: ARG001 - one shape for all
    lines = [
        CardLine(
            (" ".join(source.value for source in line.sources), " ".join(line.targets)),
            status_of(line),
            source=source_of(line),
        )
        for line in mapped.mappings
    ]
    facts = [("from", ", ".join(map(str, mapped.sources))), ("to", ", ".join(map(str, mapped.targets)))]
    return facts, ("source", "target"), lines


def _metadata(structure: MetadataStructure, scope: CardScope) -> CardBody:  # noqa: ARG001 - one shape for all
    lines = []
    for depth, attribute in with_depth(structure.attributes):
        values = attribute.codelist.short if attribute.codelist else attribute.data_type
        cells = (attribute.id, "heading" if attribute.presentational else values)
        lines.append(CardLine(cells, status_of(attribute), source=source_of(attribute), depth=depth))
    return [], ("id", "values"), lines


def _metadata_set(metadata_set: MetadataSet, scope: CardScope) -> CardBody:
    declared = {attribute.id: attribute for _, attribute in with_depth(structure_of(metadata_set, scope.catalogue))}

    def lines_of(attributes: Sequence[ReportedAttribute], depth: int) -> Iterator[CardLine]:
        for reported in attributes:
            known = declared.get(reported.id)
            name = item_name(scope.catalogue, known.concept, scope.language) if known else ""
            words = text_of_attribute(reported, known, scope.catalogue, scope.language)
            status = status_of(metadata_set) if words else ""
            yield CardLine((reported.id, name, words), status, source=source_of(reported), depth=depth)
            yield from lines_of(reported.attributes, depth + 1)

    lines = [line for report in metadata_set.reports for line in lines_of(report.attributes, 0)]
    return list(set_facts(metadata_set)), ("id", "name", "says"), lines


def _indicator(indicator: Indicator, scope: CardScope) -> CardBody:
    lines = [CardLine(variant_cells(variant, scope.language), indicator.status) for variant in indicator.variants]
    facts = [
        *indicator_facts(indicator, scope.language),
        *facts_of_indicator(indicator, scope.catalogue, scope.language),
    ]
    return facts, ("variant", "name", "terms") if lines else (), lines


def _account(identity: Identity, scope: CardScope) -> CardBody:
    lines = [CardLine(cells, identity.status) for cells in account_lines(identity)]
    rules = ", ".join(rule.id for rule in scope.catalogue.rules.values() if identity.id in rule.identities)
    return [*account_facts(identity), ("checked by", rules)], ("item", "flow", "codes"), lines


def _rule(rule: Rule, scope: CardScope) -> CardBody:
    example = rule_examples().get(rule.id)
    lines = [CardLine(cells) for cells in example.rows] if example else []
    return (
        list(rule_facts(rule, scope.catalogue, scope.language, scope.describe_kinds())),
        example.columns if example else (),
        lines,
    )


def any_fields(thing: object, scope: CardScope) -> CardBody:
    fields: Any = record(thing)
    return (
        [fact for key, value in fields.items() if key not in IN_HEAD for fact in _facts(key, value, scope.language)],
        (),
        [],
    )


def _facts(label: str, value: object, language: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "en" in value and all(isinstance(text, str) for text in value.values()):
            yield label, str(value.get(language) or value["en"])
            return
        for key, inner in value.items():
            yield from _facts(f"{label}.{key}", inner, language)
    elif isinstance(value, list) and any(isinstance(element, (dict, list)) for element in value):
        for number, inner in enumerate(value, start=1):
            named = inner.get("id", number) if isinstance(inner, dict) else number
            yield from _facts(f"{label}.{named}", inner, language)
    else:
        yield label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def values_of(component: Component) -> str:
    if component.codelist:
        return component.codelist.short
    facets = ", ".join(f"{name} {value}" for name, value in component.facets)
    return f"{component.data_type} ({facets})" if facets else component.data_type


def attachment(component: Component) -> str:
    if component.role != "attribute":
        return ""
    where = component.group or ", ".join(component.dimensions) or component.attachment
    return f"{where}, {'mandatory' if component.mandatory else 'optional'}"


def limits(constraint: Constraint) -> Iterator[tuple[str, str]]:
    for region in constraint.regions:
        for part in region.selections:
            values = " ".join(member.value for member in part.members)
            if part.time_range:
                values = f"{part.time_range.start or '…'} to {part.time_range.end or '…'}"
            yield part.component, values if region.include and part.include else f"not: {values}"
    for keys in constraint.keys:
        for key in keys.keys:
            key_text = ", ".join(
                f"{selection.component}={'+'.join(member.value for member in selection.members)}" for selection in key
            )
            yield "key", key_text if keys.include else f"not: {key_text}"


BODIES: Mapping[type, Callable[[Any, CardScope], CardBody]] = {
    ItemScheme: _scheme,
    Item: _item,
    Hierarchy: _tree,
    DataStructure: _structure,
    Dataflow: _flow,
    RepresentationMap: _map,
    MetadataStructure: _metadata,
    MetadataSet: _metadata_set,
    Indicator: _indicator,
    Identity: _account,
    Rule: _rule,
}


WIDTH = 100
INDENT = "  "
WIDEST = 58


def card_text(card: Card, files: Sequence[str] = ()) -> str:
    """Format a card as lines of text; `files` are its declaration files."""
    lines = [f"{card.kind} {card.name}", card.title]
    lines += [f"status {card.status or 'not stated'}" + (f" · source: {card.source}" if card.source else "")]
    lines += [f"file {file}" for file in files]
    if card.description:
        lines += ["", *wrap(card.description, WIDTH)]
    if card.facts:
        lines += ["", *fact_lines(card.facts)]
    if card.lines:
        lines += ["", *card_table(card.columns, card.lines)]
    return "\n".join(map(visible, lines))


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    lines = [columns, *rows]
    widths = [min(max(breadth(line[column]) for line in lines), WIDEST) for column in range(len(columns))]
    for number, line in enumerate(lines):
        yield "  ".join(cell + " " * (width - breadth(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        if not number:
            yield "  ".join("─" * width for width in widths if width)


def fact_lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = min(max(len(label) for label, _ in facts), 30)
    for label, value in facts:
        first, *more = wrap(value, WIDTH - width - 2) or [""]
        yield f"{label:<{width}}  {first}".rstrip()
        yield from (f"{'':<{width}}  {line}" for line in more)


def card_table(columns: Sequence[str], lines: Sequence[CardLine]) -> Iterator[str]:
    sources = {
        source: number for number, source in enumerate(dict.fromkeys(line.source for line in lines if line.source), 1)
    }
    if not any(line.status or line.source or line.notes for line in lines):
        yield from plain_table(columns, [line.cells for line in lines])
        return
    rows = [(*columns, "status", "")]
    for line in lines:
        first, *cells = line.cells
        status = f"{line.status or '–'}" + (f" [{sources[line.source]}]" if line.source else "")
        notes = "; ".join(f"@{type_} {note}" for type_, note in line.notes)
        rows.append((INDENT * line.depth + first, *cells, status, notes))
    yield from plain_table(rows[0], rows[1:])
    if sources:
        yield ""
        yield from (f"[{number}] {source}" for source, number in sources.items())


def breadth(text: str) -> int:
    """Count the terminal columns that a text takes.

    >>> breadth("Sexe"), breadth("性别")
    (4, 4)
    """
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
