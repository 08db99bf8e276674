"""Cards of declared artefacts, with the texts of their documentation pages."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any
from unicodedata import combining, east_asian_width

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.artefact_heads import find_source, find_status
from sdmxmig.catalogue.documentation import find_site_words
from sdmxmig.catalogue.documentation.indicators import build_indicator_page, describe_account
from sdmxmig.catalogue.documentation.pages import FactRow, Library, Page, PageLink, StatedNote, describe_validity
from sdmxmig.catalogue.documentation.structures import (
    build_flow_page,
    build_list_page,
    build_metadata_structure_page,
    build_structure_page,
    build_tree,
)
from sdmxmig.catalogue.indicators import NOT_YIELDED, PARTLY, UNKNOWN, YIELDED, Indicator
from sdmxmig.catalogue.item_schemes import list_sums, walk_with_depth
from sdmxmig.catalogue.rules import RuleExample, index_rule_examples
from sdmxmig.catalogue.showing.names import NamedThing, convert_to_json
from sdmxmig.primitives.summaries import Summary, add_summary, cut
from sdmxmig.primitives.text import escape_invisible
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.structures import Hierarchy, MetadataAttribute, Metadataflow, MetadataStructure
from sdmxmig.sdmx.words import LanguageText

SOURCE_TYPES, REASONS, NEEDS = "CL_SRC_TYPE", "CL_SRC_REASON", "CL_SRC_NEED"
YIELD_WORDS = {YIELDED: "yes", PARTLY: "partly", NOT_YIELDED: "no", UNKNOWN: "not known"}
COLUMNS = ("indicator", "gives it", "why", "needs", "by topic")
Row = tuple[tuple[str, ...], str, str]
"""The cells of a line, its status and its source."""
MAX_SHOWN, WIDEST_CELL = 10, 50
"""Maximum number of rows in a displayed card, and width of a cell."""


def list_source_lines(source: str, catalogue: Catalogue, language: str) -> Iterator[Row]:
    yields = catalogue.study.yields
    for indicator in catalogue.indicators.values():
        whole = yields.of(source, indicator.id)
        if whole.answer != UNKNOWN:
            cells = (
                indicator.id,
                YIELD_WORDS[whole.answer],
                join_names(REASONS, whole.why, catalogue, language),
                join_names(NEEDS, whole.needs, catalogue, language),
                list_topics(source, indicator, catalogue),
            )
            yield cells, whole.status, whole.reference


def list_indicator_facts(indicator: Indicator, catalogue: Catalogue, language: str) -> Iterator[tuple[str, str]]:
    yields = catalogue.study.yields
    for answer in (YIELDED, PARTLY):
        for source in yields.sources:
            whole = yields.of(source, indicator.id)
            if whole.answer == answer:
                needs = join_names(NEEDS, whole.needs, catalogue, language)
                parts = (
                    f"{YIELD_WORDS[answer]}. {join_names(REASONS, whole.why, catalogue, language)}",
                    f"Needs: {needs}" if needs else "",
                    list_topics(source, indicator, catalogue),
                )
                yield f"from {source}", f"{' '.join(filter(None, parts))}  [{whole.status}]"


def list_topics(source: str, indicator: Indicator, catalogue: Catalogue) -> str:
    yields = catalogue.study.yields
    if yields.of(source, indicator.id).answer not in (YIELDED, PARTLY):
        return ""
    listed: dict[str, list[str]] = {}
    for topic in (*indicator.primary_topics, *indicator.secondary_topics):
        listed.setdefault(yields.of(source, indicator.id, topic).answer, []).append(topic)
    return "; ".join(
        f"{YIELD_WORDS[answer]}: {', '.join(listed[answer])}" for answer in YIELD_WORDS if answer in listed
    )


def join_names(codelist: str, codes: Sequence[str], catalogue: Catalogue, language: str) -> str:
    scheme = catalogue.item_scheme(codelist)
    return " ".join(scheme[code].name.in_language(language) for code in codes)


EVERYWHERE, NOWHERE = "all data", "no dataflow; list it in the rules of one"
READING_TEXT = "what is read, before there are data"


def list_rule_facts(
    rule: Rule, catalogue: Catalogue, language: str, kinds: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    example = index_rule_examples().get(rule.id)
    facts = {
        "says": rule.message.in_language(language),
        "what helps": rule.hint.in_language(language),
        "in a form": rule.form_hint.in_language(language),
        "level": str(rule.level),
        "severity": rule.severity,
        "kind": f"{rule.kind}: {kinds.get(rule.kind, '')}".removesuffix(": "),
        **{f"parameter {name}": write_value_text(value) for name, value in rule.parameters.items()},
        "runs on": describe_dataflows_of_rule(rule, catalogue, kinds),
        "identities": ", ".join(rule.identities),
        **{f"called by {service}": code for service, code in rule.aliases.items()},
        "version": rule.version,
        **(describe_examples(example, language) if example else {}),
    }
    yield from ((label, text) for label, text in facts.items() if text)


def describe_dataflows_of_rule(rule: Rule, catalogue: Catalogue, kinds: Container[str]) -> str:
    if rule.always:
        return EVERYWHERE
    if rule.kind not in kinds:
        return READING_TEXT
    return ", ".join(name for name, flow in catalogue.flows.items() if rule.id in flow.dataflow.rules) or NOWHERE


def write_value_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {write_value_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return (
            "; ".join(map(write_value_text, value))
            if any(isinstance(inner, Mapping) for inner in value)
            else ", ".join(map(str, value))
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe_examples(example: RuleExample, language: str) -> dict[str, str]:
    figures = f"{example.observed or '–'}, expected {example.expected or '–'}"
    return {
        "example": f"{example.severity} at {example.cells or 'the whole'}: observed {figures}",
        "example says": example.sentence.in_language(language),
    }


def list_metadata_set_facts(metadata_set: MetadataSet) -> Iterator[tuple[str, str]]:
    if metadata_set.describes:
        yield "follows", metadata_set.describes.short
    for report in metadata_set.reports:
        for target in report.targets:
            yield "about", target.value.partition("infomodel.")[2] or target.value


def find_structure(metadata_set: MetadataSet, catalogue: Catalogue) -> Sequence[MetadataAttribute]:
    flow = catalogue.artefacts.get(metadata_set.describes) if metadata_set.describes else None
    structure = catalogue.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    return structure.attributes if isinstance(structure, MetadataStructure) else ()


def write_attribute(attribute: ReportedAttribute, declared: MetadataAttribute | None, page: Page) -> str:
    if attribute.text:
        return page.of(attribute.text).text
    items = page.library.items(declared.codelist) if declared and declared.codelist else {}
    return "; ".join(
        f"{value} {page.of(items[value].name).text}" if value in items else value for value in attribute.values
    )


HEAD_FIELDS = ("ref", "name", "description", "annotations", "status", "source", "id", "items")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    cells: tuple[str, ...]
    status: str = ""
    source: str = ""
    depth: int = 0
    notes: tuple[tuple[str, str], ...] = ()


@add_summary
@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    kind: str
    name: str
    title: str
    status: str
    source: str
    description: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    lines: tuple[CardLine, ...] = ()

    def __str__(self) -> str:
        return write_card(self)

    def summary(self) -> Summary:
        rows = tuple(tuple(cut(cell, WIDEST_CELL) for cell in line.cells) for line in self.lines[:MAX_SHOWN])
        more = f"… {len(self.lines) - len(rows):,} more rows; print() shows all" if len(self.lines) > len(rows) else ""
        facts = (("status", self.status or "not stated"), *((("source", self.source),) if self.source else ()))
        return Summary(
            f"{self.kind} {self.name}: {self.title}",
            (*facts, *self.facts[:MAX_SHOWN]),
            columns=self.columns if rows else (),
            rows=rows,
            more=more,
        )


CardBody = tuple[list[tuple[str, str]], tuple[str, ...], list[CardLine]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScope:
    page: Page
    describe_kinds: Callable[[], Mapping[str, str]]
    within: ItemScheme | None = None

    @property
    def catalogue(self) -> Catalogue:
        return self.page.library.catalogue

    @property
    def language(self) -> str:
        return self.page.words.language

    def line(self, row: FactRow, *cells: object) -> CardLine:
        """Convert a row of a page to a line with its status and source."""
        part = [("VERIFIED_PART", row.status_note.part.text)] if row.status_note.part else []
        marks = ((f"{note.type}_STATUS", note.status) for note in row.notes if note.status)
        return CardLine(
            cells=(row.id, row.name.text, *map(write_plain_text, cells)),
            status=row.status_note.status,
            source=self.page.cited(row.status_note),
            depth=row.depth,
            notes=(*part, *marks),
        )


def write_plain_text(cell: Any) -> str:
    """Return the text of a page cell; links appear as ids, separated by commas."""
    if isinstance(cell, PageLink):
        return cell.note or cell.text.text
    if isinstance(cell, (list, tuple)):
        return ", ".join(map(write_plain_text, cell))
    if isinstance(cell, StatedNote):
        return f"{cell.text.text}  [{cell.status}]" if cell.status else cell.text.text
    return cell.text if isinstance(cell, LanguageText) else str(cell)


def build_card(
    named: NamedThing, catalogue: Catalogue, language: str = "en", *, describe_kinds: Callable[[], Mapping[str, str]]
) -> Card:
    thing: Any = named.thing
    page = Page(Library(catalogue), find_site_words(language))
    describe = next((body for kind, body in BODY_FUNCTIONS.items() if isinstance(thing, kind)), list_fields)
    facts, columns, lines = describe(thing, CardScope(page=page, describe_kinds=describe_kinds, within=named.within))
    part = page.status_note(thing).part
    notes = [(f"@{note.type}", write_plain_text(note)) for note in page.notes(getattr(thing, "annotations", ()), ())]
    return Card(
        kind=named.kind,
        name=named.name,
        title=named.title.in_language(language),
        status=find_status(thing),
        source=find_source(thing),
        description=getattr(thing, "description", Text()).in_language(language),
        facts=(
            *_list_other_names(named.title, language),
            *([("@VERIFIED_PART", part.text)] if part else ()),
            *notes,
            *(fact for fact in facts if fact[1]),
        ),
        columns=columns if lines else (),
        lines=tuple(lines),
    )


def _list_other_names(title: Text, language: str) -> Iterator[tuple[str, str]]:
    shown_title = title.in_language(language)
    for other_language, text in title:
        if text != shown_title:
            yield f"name ({other_language})", text


def _describe_scheme(scheme: ItemScheme, scope: CardScope) -> CardBody:
    values: Any = build_list_page(scheme, scope.page).values
    facts = [
        ("items", str(len(scheme))),
        ("partial", "only some of its owner's items" if scheme.partial else ""),
        ("hierarchies", ", ".join(tree["id"] for tree in values["trees"])),
        ("used by", write_plain_text(values["users"])),
        ("valid", values["valid"]),
    ]
    return facts, ("id", "name"), [scope.line(row) for row in values["rows"]]


def _describe_item(item: Item, scope: CardScope) -> CardBody:
    scheme, page = scope.within, scope.page
    assert scheme is not None  # noqa: S101 - an item is always found in a scheme
    items = page.library.items(scheme.ref)
    above = items.get(item.parent)
    facts = [
        ("in", f"{scheme.ref.short} {scheme.name.in_language(scope.language)}"),
        ("parent", f"{above.id} {above.name.in_language(scope.language)}" if above else item.parent),
        ("values", str(item.codelist or item.data_type or "")),
        ("valid", describe_validity(item.valid_from, item.valid_to)),
    ]
    facts += [
        ("adds up", f"{' + '.join(parts)}  [{tree}]")
        for tree, parts in list_sums(item, scheme.ref, scope.catalogue.artefacts)
    ]
    if scheme.ref.id == SOURCE_TYPES and (rows := list(list_source_lines(item.id, scope.catalogue, scope.language))):
        return facts, COLUMNS, [CardLine(cells=cells, status=status, source=source) for cells, status, source in rows]
    below = [child for child in scheme if child.parent and child.parent in (item.id, item.path)]
    return facts, ("below", "name"), [scope.line(page.row(child)) for child in below]


def _describe_tree(tree: Hierarchy, scope: CardScope) -> CardBody:
    rows: Any = build_tree(tree, scope.page)["rows"]
    lists = dict.fromkeys(node.code.scheme.short for _, node in walk_with_depth(tree.codes))
    return [("codes of", ", ".join(lists))], ("code", "name"), [scope.line(row) for row in rows]


def _build_structure(structure: DataStructure, scope: CardScope) -> CardBody:
    values: Any = build_structure_page(structure, scope.page).values
    rows = (*values["dimensions"], *values["others"])
    columns = ("id", "name", "position", "role", "values", "attached to", "")
    return (
        [("dataflows", write_plain_text(values["flows"]))],
        columns,
        [scope.line(row, *row.cells[1:]) for row in rows],
    )


def _describe_flow(flow: Dataflow, scope: CardScope) -> CardBody:
    values: Any = build_flow_page(flow, scope.page).values
    facts = [
        ("structure", flow.structure.short),
        ("key", values["key"]),
        ("rules", ", ".join(row.id for row in values["rules"])),
        *((label, write_plain_text(values[label])) for label in ("categories", "indicators", "maps")),
        ("valid", values["valid"]),
    ]
    lines = []
    for limit in values["limits"]:
        codes = limit["span"] or " ".join(link.note for link in limit["codes"])
        codes += f" … {limit['more']:,} more" if limit["more"] else ""
        cells = (limit["component"], codes if limit["included"] else f"not: {codes}".removesuffix(": "))
        lines.append(
            CardLine(cells=cells, status=limit["status_note"].status, source=scope.page.cited(limit["status_note"]))
        )
    return facts, ("limited to", "values"), lines


def _map(mapped: RepresentationMap, scope: CardScope) -> CardBody:  # noqa: ARG001 - one shape for all
    lines = [
        CardLine(
            cells=(" ".join(source.value for source in line.sources), " ".join(line.targets)),
            status=find_status(line),
            source=find_source(line),
        )
        for line in mapped.mappings
    ]
    facts = [("from", ", ".join(map(str, mapped.sources))), ("to", ", ".join(map(str, mapped.targets)))]
    return facts, ("source", "target"), lines


def _build_metadata(structure: MetadataStructure, scope: CardScope) -> CardBody:
    values: Any = build_metadata_structure_page(structure, scope.page).values
    lines = [scope.line(row, *row.cells) for row in values["rows"]]
    return [("metadataflows", write_plain_text(values["flows"]))], ("id", "name", "values", ""), lines


def _build_metadata_set(metadata_set: MetadataSet, scope: CardScope) -> CardBody:
    declared = {
        attribute.id: attribute for _, attribute in walk_with_depth(find_structure(metadata_set, scope.catalogue))
    }

    def lines_of(attributes: Sequence[ReportedAttribute], depth: int) -> Iterator[CardLine]:
        for reported in attributes:
            known = declared.get(reported.id)
            name = scope.page.build_concept_row(reported.id, known.concept).name.text if known else ""
            words = write_attribute(reported, known, scope.page)
            status = find_status(metadata_set) if words else ""
            yield CardLine(cells=(reported.id, name, words), status=status, source=find_source(reported), depth=depth)
            yield from lines_of(reported.attributes, depth + 1)

    lines = [line for report in metadata_set.reports for line in lines_of(report.attributes, 0)]
    return list(list_metadata_set_facts(metadata_set)), ("id", "name", "says"), lines


def _build_indicator(indicator: Indicator, scope: CardScope) -> CardBody:
    values: Any = build_indicator_page(indicator, scope.page).values
    number = f"{indicator.un_number}  [{indicator.un_number_status}]" if indicator.un_number else "not verified"
    facts = [
        ("UN number", number),
        ("area", f"{indicator.policy_area} {values['area'].text.text}, {values['tier']}"),
        ("calculation", values["formula"] or "none: assessed by the profile only"),
        *(
            (label, write_plain_text(values[label]))
            for label in ("measure", "unit", "numerator", "denominator", "note")
        ),
        *((f"{label} topics", write_plain_text(values[label])) for label in ("primary", "secondary")),
    ]
    if sdg := values["sdg"]:
        facts.append(
            ("SDG indicator", f"{sdg['number']} {write_plain_text(sdg['name'])}  [{sdg['status_note'].status}]")
        )
        facts += [
            ("SDG series", sdg["series"]),
            ("custodian asks", f"{write_plain_text(sdg['asks'])} {sdg['asked']}".strip()),
        ]
    facts += [(label, write_plain_text(notes)) for label, notes in values["purpose"]]
    facts += list_indicator_facts(indicator, scope.catalogue, scope.language)
    lines = []
    for variant in values["variants"]:
        terms, otherwise = (
            "; ".join(f"{name} = {selection['flow']} {selection['codes']}".strip() for name, selection in variant[key])
            for key in ("terms", "otherwise")
        )
        terms += f"; otherwise ({variant['basis'].text}) {otherwise}" if otherwise else ""
        lines.append(CardLine(cells=(variant["id"], variant["name"].text, terms), status=indicator.status))
    return facts, ("variant", "name", "terms"), lines


def _describe_account(identity: Identity, scope: CardScope) -> CardBody:
    values: Any = describe_account(identity, scope.page)
    facts = [
        *(("equation", equation) for equation in values["equations"]),
        ("kind", values["kind"]),
        ("account", identity.account),
        ("limited to", write_plain_text(values["keys"])),
        ("tolerance", f"{values['tolerance']}%"),
        ("checked by", write_plain_text(values["rules"])),
    ]
    lines = []
    for row in values["terms"]:
        links, when = row.cells
        places = "; ".join(f"{link.text.text} {link.note}".strip() for link in links)
        lines.append(scope.line(row, places, when))
    return facts, ("item", "name", "figures", ""), lines


def _describe_rule(rule: Rule, scope: CardScope) -> CardBody:
    example = index_rule_examples().get(rule.id)
    lines = [CardLine(cells=cells) for cells in example.rows] if example else []
    facts = list(list_rule_facts(rule, scope.catalogue, scope.language, scope.describe_kinds()))
    return facts, example.columns if example else (), lines


def list_fields(thing: object, scope: CardScope) -> CardBody:
    fields: Any = convert_to_json(thing)
    facts = [
        fact
        for key, value in fields.items()
        if key not in HEAD_FIELDS
        for fact in _flatten_facts(key, value, scope.language)
    ]
    return facts, (), []


def _flatten_facts(label: str, value: object, language: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "en" in value and all(isinstance(text, str) for text in value.values()):
            yield label, str(value.get(language) or value["en"])
            return
        for key, inner in value.items():
            yield from _flatten_facts(f"{label}.{key}", inner, language)
    elif isinstance(value, list) and any(isinstance(element, (dict, list)) for element in value):
        for number, inner in enumerate(value, start=1):
            named = inner.get("id", number) if isinstance(inner, dict) else number
            yield from _flatten_facts(f"{label}.{named}", inner, language)
    else:
        yield label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


BODY_FUNCTIONS: Mapping[type, Callable[[Any, CardScope], CardBody]] = {
    ItemScheme: _describe_scheme,
    Item: _describe_item,
    Hierarchy: _describe_tree,
    DataStructure: _build_structure,
    Dataflow: _describe_flow,
    RepresentationMap: _map,
    MetadataStructure: _build_metadata,
    MetadataSet: _build_metadata_set,
    Indicator: _build_indicator,
    Identity: _describe_account,
    Rule: _describe_rule,
}


LINE_WIDTH = 100
INDENT = "  "
MAX_COLUMN_WIDTH = 58


def write_card(card: Card, files: Sequence[str] = ()) -> str:
    lines = [f"{card.kind} {card.name}", card.title]
    lines += [f"status {card.status or 'not stated'}" + (f" · source: {card.source}" if card.source else "")]
    lines += [f"file {file}" for file in files]
    if card.description:
        lines += ["", *wrap(card.description, LINE_WIDTH)]
    if card.facts:
        lines += ["", *write_fact_lines(card.facts)]
    if card.lines:
        lines += ["", *write_card_table(card.columns, card.lines)]
    return "\n".join(map(escape_invisible, lines))


def write_plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    lines = [columns, *rows]
    widths = [
        min(max(count_columns(line[column]) for line in lines), MAX_COLUMN_WIDTH) for column in range(len(columns))
    ]
    for number, line in enumerate(lines):
        yield "  ".join(
            cell + " " * (width - count_columns(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        if not number:
            yield "  ".join("─" * width for width in widths if width)


def write_fact_lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = min(max(len(label) for label, _ in facts), 30)
    for label, value in facts:
        first, *more = wrap(value, LINE_WIDTH - width - 2) or [""]
        yield f"{label:<{width}}  {first}".rstrip()
        yield from (f"{'':<{width}}  {line}" for line in more)


def write_card_table(columns: Sequence[str], lines: Sequence[CardLine]) -> Iterator[str]:
    sources = {
        source: number for number, source in enumerate(dict.fromkeys(line.source for line in lines if line.source), 1)
    }
    if not any(line.status or line.source or line.notes for line in lines):
        yield from write_plain_table(columns, [line.cells for line in lines])
        return
    rows = [(*columns, "status", "")]
    for line in lines:
        first, *cells = line.cells
        status = f"{line.status or '–'}" + (f" [{sources[line.source]}]" if line.source else "")
        notes = "; ".join(f"@{type_} {note}" for type_, note in line.notes)
        rows.append((INDENT * line.depth + first, *cells, status, notes))
    yield from write_plain_table(rows[0], rows[1:])
    if sources:
        yield ""
        yield from (f"[{number}] {source}" for source, number in sources.items())


def count_columns(text: str) -> int:
    """Count the terminal columns that a text occupies.

    >>> count_columns("Sexe"), count_columns("性别")
    (4, 4)
    """
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
