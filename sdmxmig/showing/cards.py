"""Cards: what a reader wants to know of one declared thing, in facts and one table, the same for every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.origins import SOURCE, STATUS, source_of, status_of
from sdmxmig.catalogue.trees import code_names, in_tree, sums, with_depth
from sdmxmig.demography.accounts import Identity
from sdmxmig.lazily import view
from sdmxmig.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.model.findings import switched_on
from sdmxmig.model.hierarchies import Hierarchy
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.maps import RepresentationMap
from sdmxmig.model.metadata import MetadataSet
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Categorisation, Constraint, MetadataStructure
from sdmxmig.showing.indicator_cards import account_facts, account_lines, indicator_facts, variant_cells
from sdmxmig.showing.metadata_cards import attribute_lines, declared_lines, set_facts
from sdmxmig.showing.names import Named
from sdmxmig.showing.records import record
from sdmxmig.showing.structure_cards import attached, limits, values_of
from sdmxmig.summaries import Summary, cut, summarised

SAID = ("ref", "name", "description", "annotations", "status", "source", "id", "items")
"""What stands in the head of a card already."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of a card: how deep it stands in a tree, its cells, its status and its source."""

    cells: tuple[str, ...]
    status: str = ""
    _: KW_ONLY
    source: str = ""
    depth: int = 0
    notes: tuple[tuple[str, str], ...] = ()


@summarised
@dataclass(frozen=True, slots=True)
class Card:
    """One thing as a reader sees it. `facts` are pairs of label and text, `columns` and `lines` the table."""

    kind: str
    name: str
    _: KW_ONLY
    title: str
    status: str
    source: str
    description: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()

    def __str__(self) -> str:
        """All of it as text, as people print it."""
        return str(view("sdmxmig.showing.plain", "text")(self))

    def summary(self) -> Summary:
        """Its head, and the first rows of its table, as it shows itself."""
        rows = tuple(tuple(cut(cell, WIDEST_CELL) for cell in line.cells) for line in self.lines[:SHOWN])
        more = f"… {len(self.lines) - len(rows):,} more rows; print() shows all" if len(self.lines) > len(rows) else ""
        facts = (("status", self.status or "not said"), *((("source", self.source),) if self.source else ()))
        return Summary(
            f"{self.kind} {self.name}: {self.title}",
            (*facts, *self.facts[:SHOWN]),
            columns=self.columns if rows else (),
            rows=rows,
            more=more,
        )


SHOWN, WIDEST_CELL = 10, 50
"""How much of a card shows itself."""


Body = tuple[list[tuple[str, str]], tuple[str, ...], list[Line]]


def card(found: Named, catalogue: Catalogue, language: str = "en") -> Card:
    """The card of something, with the texts in a language; where one is missing it is the English one."""
    thing: Any = found.thing
    describe = next((tell for kind, tell in TELLERS.items() if isinstance(thing, kind)), told_plainly)
    facts, columns, lines = describe(found, catalogue, language)
    return Card(
        found.kind,
        found.name,
        title=found.title.in_language(language),
        status=status_of(thing),
        source=source_of(thing),
        description=getattr(thing, "description", Text()).in_language(language),
        facts=(*_other_names(found.title, language), *_notes(getattr(thing, "annotations", ()), language), *facts),
        columns=columns,
        lines=tuple(lines),
    )


def _other_names(title: Text, language: str) -> Iterator[tuple[str, str]]:
    shown = title.in_language(language)
    for other, text in title:
        if text != shown:
            yield f"name ({other})", text


def _notes(annotations: Sequence[Annotation], language: str) -> Iterator[tuple[str, str]]:
    """The annotations; the status of one stands beside it."""
    texts = [
        (
            annotation.type,
            annotation.text.in_language(language) or annotation.title or annotation.value or annotation.url,
        )
        for annotation in annotations
    ]
    beside = {type_.removesuffix("_STATUS"): text for type_, text in texts if type_.endswith("_STATUS")}
    known = {type_ for type_, _ in texts}
    for type_, text in texts:
        if type_ in (STATUS, SOURCE) or (type_.endswith("_STATUS") and type_.removesuffix("_STATUS") in known):
            continue
        yield f"@{type_}", f"{text}  [{beside[type_]}]" if type_ in beside else text


def _scheme(found: Named, catalogue: Catalogue, language: str) -> Body:
    scheme: Any = found.thing
    facts = [("items", str(len(scheme)))]
    if scheme.partial:
        facts.append(("partial", "only some of its owner's items"))
    trees = [
        ref.short
        for ref, hierarchy in catalogue.artefacts.items()
        if isinstance(hierarchy, Hierarchy) and _over(hierarchy, scheme)
    ]
    facts += [("hierarchies", ", ".join(trees))] if trees else []
    used = [ref.short for ref, one in catalogue.artefacts.items() if _uses(one, scheme.ref)]
    facts += [("used by", ", ".join(used))] if used else []
    facts += _validity(scheme.details.valid_from, scheme.details.valid_to)
    lines = [
        Line(
            (item.id, item.name.in_language(language)),
            item.status,
            source=item.source,
            depth=depth,
            notes=_marks(item, language),
        )
        for depth, item in in_tree(scheme)
    ]
    return facts, ("id", "name"), lines


def _over(tree: Hierarchy, scheme: ItemScheme) -> bool:
    return any(node.code.scheme == scheme.ref for node in tree.codes)


def _uses(artefact: object, ref: Ref) -> bool:
    return isinstance(artefact, DataStructure) and any(component.codelist == ref for component in artefact.components)


def _marks(item: Item, language: str) -> tuple[tuple[str, str], ...]:
    """What limits the status of an item: the part of it that was verified, and the status of its single facts."""
    texts = (
        (annotation.type, annotation.text.in_language(language) or annotation.title) for annotation in item.annotations
    )
    return tuple((type_, text) for type_, text in texts if type_ == "VERIFIED_PART" or type_.endswith("_STATUS"))


def _item(found: Named, catalogue: Catalogue, language: str) -> Body:
    item: Any = found.thing
    scheme = found.within
    assert scheme is not None  # noqa: S101 - an item is always found in a scheme
    facts = [("in", f"{scheme.ref.short} {scheme.name.in_language(language)}")]
    above = next((one for one in scheme if one.id == item.parent), None)
    facts += (
        [("parent", f"{above.id} {above.name.in_language(language)}" if above else item.parent)] if item.parent else []
    )
    facts += [("values", str(item.codelist or item.data_type))] if item.codelist or item.data_type else []
    facts += _validity(item.valid_from, item.valid_to)
    facts += [
        ("adds up", f"{' + '.join(parts)}  [{tree}]") for tree, parts in sums(item, scheme.ref, catalogue.artefacts)
    ]
    below = [one for one in scheme if one.parent and one.parent in (item.id, f"{item.parent}.{item.id}")]
    lines = [Line((item.id, item.name.in_language(language)), item.status, source=item.source) for item in below]
    return facts, ("below", "name") if lines else (), lines


def _validity(start: str, end: str) -> list[tuple[str, str]]:
    return [("valid", f"{start[:10] or '…'} to {end[:10] or '…'}")] if start or end else []


def _tree(found: Named, catalogue: Catalogue, language: str) -> Body:
    tree: Any = found.thing
    names = code_names(catalogue.artefacts, tree)
    lines = []
    for depth, node in with_depth(tree.codes):
        name = names.get(node.code, Text()).in_language(language)
        lines.append(Line((node.id, node.code.item, name), status_of(node), source=source_of(node), depth=depth))
    lists = ", ".join(dict.fromkeys(ref.scheme.short for ref in names))
    return [("codes of", lists)], ("node", "code", "name"), lines


def _structure(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001 - one shape for all
    structure: Any = found.thing
    flows = [one.ref.short for one in catalogue.artefacts.values() if _follows(one, structure.ref)]
    lines = []
    for number, component in enumerate((*structure.dimensions, *structure.of_role("measure", "attribute")), start=1):
        where = str(number) if component.role in ("dimension", "time") else component.role
        status, source = _concept(component, catalogue)
        cells = (where, component.id, values_of(component), attached(component))
        lines.append(Line(cells, status, source=source))
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


def _flow(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    flow: Any = found.thing
    facts = [("structure", flow.structure.short), ("rules", ", ".join(switched_on(catalogue.rules, flow.rules)))]
    filed = [
        categorisation.target
        for categorisation in catalogue.artefacts.values()
        if isinstance(categorisation, Categorisation) and categorisation.source == flow.ref
    ]
    facts += [("category", ref.short) for ref in filed]
    facts += _validity(flow.details.valid_from, flow.details.valid_to)
    lines = []
    for constraint in catalogue.artefacts.values():
        if isinstance(constraint, Constraint) and flow.ref in constraint.attached:
            lines += [Line(cells, status_of(constraint), source=source_of(constraint)) for cells in limits(constraint)]
    return [fact for fact in facts if fact[1]], ("limited to", "values") if lines else (), lines


def _map(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    mapped: Any = found.thing
    lines = [
        Line(
            (" ".join(source.value for source in line.sources), " ".join(line.targets)),
            status_of(line),
            source=source_of(line),
        )
        for line in mapped.mappings
    ]
    facts = [("from", ", ".join(map(str, mapped.sources))), ("to", ", ".join(map(str, mapped.targets)))]
    return facts, ("source", "target"), lines


def _metadata(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    structure: Any = found.thing
    lines = [
        Line(cells, status_of(attribute), source=source_of(attribute), depth=depth)
        for depth, attribute, cells in declared_lines(structure)
    ]
    return [], ("id", "values"), lines


def _metadata_set(found: Named, catalogue: Catalogue, language: str) -> Body:
    one: Any = found.thing
    lines = [
        Line(cells, status_of(one) if cells[2] else "", source=source_of(attribute), depth=depth)
        for depth, attribute, cells in attribute_lines(one, catalogue, language)
    ]
    return list(set_facts(one)), ("id", "name", "says"), lines


def _indicator(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    indicator: Any = found.thing
    lines = [Line(variant_cells(variant, language), indicator.status) for variant in indicator.variants]
    return list(indicator_facts(indicator, language)), ("variant", "name", "terms") if lines else (), lines


def _account(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    identity: Any = found.thing
    lines = [Line(cells, identity.status) for cells in account_lines(identity)]
    rules = ", ".join(rule.id for rule in catalogue.rules.values() if identity.id in rule.identities)
    return [*account_facts(identity), ("checked by", rules)], ("item", "flow", "codes"), lines


def told_plainly(found: Named, catalogue: Catalogue, language: str) -> Body:  # noqa: ARG001
    """Any other thing: every field that it has, with what lies deeper behind its path."""
    told: Any = record(found.thing)
    return [fact for key, value in told.items() if key not in SAID for fact in _facts(key, value, language)], (), []


def _facts(label: str, value: object, language: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "en" in value and all(isinstance(text, str) for text in value.values()):
            yield label, str(value.get(language) or value["en"])
            return
        for key, inner in value.items():
            yield from _facts(f"{label}.{key}", inner, language)
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, inner in enumerate(value, start=1):
            named = inner.get("id", number) if isinstance(inner, dict) else number
            yield from _facts(f"{label}.{named}", inner, language)
    else:
        yield label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


TELLERS: Mapping[type, Callable[[Named, Catalogue, str], Body]] = {
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
}
