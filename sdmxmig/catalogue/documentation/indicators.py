"""Pages of indicators, definitions and the framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.documentation.pages import (
    AREAS,
    DEFINITIONS,
    FRAMEWORK,
    FactRow,
    Library,
    Page,
    PageLink,
    SitePage,
    StatedNote,
    StatusNote,
    index_counts_by_status,
)
from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.catalogue.indicators import Indicator, Purpose, TermSelection
from sdmxmig.catalogue.item_schemes import walk_tree
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.primitives.text import write_shortest
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.words import NOTHING, LanguageText

CONCEPT_SCHEMES = ("CS_MIG", "CROSS_DOMAIN_CONCEPTS")
SOURCE_TYPES, UNITS, OBJECTIVES = "CL_SRC_TYPE", "CL_UNIT_MEASURE", "CL_GCM_OBJECTIVE"
AVERAGED_CALCULATIONS = ("rate", "net_rate")
SUITABILITY_WORDS = {"yes": "well suited", "partly": "partly suited"}
TEMPORARY_PREFIX = "TMP_"
IRREGULAR, ADMINISTRATIVE = "PA2", "ADMIN"
MEASURE_TEXTS = {"stock": "stock, at a date", "flow": "flow, in a year"}


def build_indicator_pages(page: Page) -> Iterator[SitePage]:
    indicators = page.library.catalogue.indicators.values()
    if not indicators:
        return
    areas = [describe_area(area_id, page) for area_id in list_area_ids(page.library)]
    yield page.build_section_page("indicators", page.label("Indicators"), {"areas": areas})
    for indicator in indicators:
        yield build_indicator_page(indicator, page.next())


def list_area_ids(library: Library) -> list[str]:
    used_areas = {indicator.policy_area for indicator in library.catalogue.indicators.values()}
    in_order = [item.id for item in library.scheme(AREAS) or () if item.id in used_areas]
    return [*in_order, *sorted(used_areas - set(in_order))]


def describe_area(area_id: str, page: Page) -> dict[str, object]:
    item = page.library.item(AREAS, area_id)
    indicators = page.library.catalogue.indicators.values()
    members = [indicator for indicator in indicators if indicator.policy_area == area_id]
    tiers = [
        {
            "title": page.say(title),
            "rows": [build_overview_row(indicator, page) for indicator in members if indicator.tier == tier],
        }
        for tier, title in (("core", "Core indicators"), ("additional", "Additional indicators"))
    ]
    return {
        "id": area_id,
        "name": page.of(item.name) if item else LanguageText(area_id),
        "part": members[0].part,
        "status_note": page.status_note(item) if item else StatusNote("candidate"),
        "tiers": [tier for tier in tiers if tier["rows"]],
    }


def build_overview_row(indicator: Indicator, page: Page) -> FactRow:
    sdg_number, unit = indicator.sdg.number if indicator.sdg else "", page.library.name(UNITS, indicator.unit)
    href = f"indicator-{indicator.id}.html"
    return page.row(indicator, href=href, cells=(indicator.un_number, sdg_number, page.of(unit)))


def build_indicator_page(indicator: Indicator, page: Page) -> SitePage:
    href = f"indicator-{indicator.id}.html"
    place = page.library.item(AREAS, indicator.policy_area)
    area_link = PageLink(
        page.of(place.name) if place else LanguageText(indicator.policy_area),
        f"indicators.html#{indicator.policy_area}",
    )
    values = {
        "indicator": indicator,
        "head": page.status_note(indicator),
        "area": area_link,
        "tier": page.say("Core indicator" if indicator.tier == "core" else "Additional indicator"),
        "measure": page.say(MEASURE_TEXTS[indicator.measure])
        if indicator.measure in MEASURE_TEXTS
        else indicator.measure,
        "unit": page.of(page.library.name(UNITS, indicator.unit)),
        "numerator": page.of(indicator.numerator),
        "denominator": page.of(indicator.denominator),
        "note": page.of(indicator.note),
        "formula": page.say_code("calculation", indicator.calculation),
        "averaged": indicator.calculation in AVERAGED_CALCULATIONS,
        "variants": list_variants(indicator, page),
        "flows": build_flow_links(indicator, page),
        "primary": [build_topic_link(component, CONCEPT_SCHEMES, page) for component in indicator.primary_topics],
        "secondary": [
            build_topic_link(name, (TOPIC_LIST, *CONCEPT_SCHEMES), page) for name in indicator.secondary_topics
        ],
        "types": list_source_types(indicator, page),
        "sdg": describe_sdg(indicator, page),
        "purpose": describe_purpose(indicator.purpose, page),
    }
    words = (indicator.id, indicator.un_number, indicator.sdg.number if indicator.sdg else "", str(indicator.name))
    return SitePage(
        file=href,
        template="indicator.html.j2",
        title=page.of(indicator.name),
        section="indicators",
        values=values,
        sources=page.sources,
        entries=(page.entry(indicator, "Indicator", href, " ".join(words)),),
        crumbs=(PageLink(page.label("Indicators"), "indicators.html"), area_link),
        eyebrow=indicator.id,
    )


def list_variants(indicator: Indicator, page: Page) -> list[dict[str, object]]:
    return [
        {
            "id": variant.id,
            "name": page.of(variant.name) if variant.name else LanguageText(variant.id),
            "terms": describe_terms(variant.terms, page),
            "otherwise": describe_terms(variant.otherwise, page),
            "basis": page.of(variant.basis),
        }
        for variant in indicator.variants
    ]


def describe_terms(selections: Mapping[str, TermSelection], page: Page) -> list[tuple[str, dict[str, str]]]:
    return [
        (page.say_code("term", name) or name, describe_term(selection, page.library))
        for name, selection in selections.items()
    ]


def describe_term(selection: TermSelection, library: Library) -> dict[str, str]:
    flow = library.flow(selection.flow)
    return {
        "flow": selection.flow,
        "href": library.address(flow.ref) if flow else "",
        "codes": ", ".join(f"{name} = {code}" for name, code in selection.codes),
    }


def build_flow_links(indicator: Indicator, page: Page) -> list[PageLink]:
    ids = dict.fromkeys(term.flow for variant in indicator.variants for term in variant.terms.values())
    dataflows = filter(None, map(page.library.flow, ids))
    return [page.link_with_status(flow, flow.ref.id, page.library.address(flow.ref)) for flow in dataflows]


def build_topic_link(name: str, scheme_ids: Iterable[str], page: Page) -> PageLink:
    for scheme_id in scheme_ids:
        item, scheme = page.library.item(scheme_id, name), page.library.scheme(scheme_id)
        if item and scheme:
            return PageLink(page.of(item.name), f"{page.library.address(scheme.ref)}#{name}", note=name)
    return PageLink(LanguageText(name))


def name_suitability_column(indicator: Indicator) -> str:
    if indicator.id.startswith(TEMPORARY_PREFIX):
        return "TEMPORARY"
    return "FLOW" if indicator.measure == "flow" and indicator.part == "A" else "STOCK"


def list_source_types(indicator: Indicator, page: Page) -> list[FactRow]:
    scheme = page.library.scheme(SOURCE_TYPES)
    if scheme is None:
        return []
    column, address = name_suitability_column(indicator), page.library.address(scheme.ref)
    rows = []
    for level, label in SUITABILITY_WORDS.items():
        for item in scheme:
            if item.note(column) == level and (indicator.policy_area != IRREGULAR or item.parent == ADMINISTRATIVE):
                texts = {annotation.type: page.of(annotation.text) for annotation in item.annotations}
                pros = [texts.get(note_type, NOTHING) for note_type in ("STRENGTHS", "WEAKNESSES")]
                rows.append(page.row(item, href=f"{address}#{item.id}", cells=(page.say(label), *pros)))
    return rows


def describe_sdg(indicator: Indicator, page: Page) -> dict[str, object] | None:
    if indicator.sdg is None:
        return None
    sdg_indicator = indicator.sdg
    return {
        "number": sdg_indicator.number,
        "name": page.words.english(sdg_indicator.official_name),
        "series": ", ".join(sdg_indicator.series),
        "asked": page.say_code("asked", sdg_indicator.disaggregation),
        "asks": page.words.english(sdg_indicator.asks),
        "status_note": page.status_note(sdg_indicator),
    }


def describe_purpose(stated: Purpose, page: Page) -> list[tuple[str, list[StatedNote]]]:
    statements: list[tuple[str, list[StatedNote]]] = []
    if stated.question:
        question = StatedNote("", page.of(stated.question), status=stated.question_status)
        statements.append((page.say("Policy question"), [question]))
    if stated.objectives:
        goals = []
        for code in stated.objectives:
            item = page.library.item(OBJECTIVES, code)
            name = page.of(item.name if item else Text.of(en=code))
            goals.append(StatedNote(item.note("NUMBER") if item else "", name, status=stated.objectives_status))
        statements.append((page.say("Objectives of the Global Compact for Migration"), goals))
    for label, matters, status in (
        ("Matters by sex", stated.by_sex, stated.by_sex_status),
        ("Matters for children", stated.for_children, stated.for_children_status),
    ):
        statements.append((page.say(label), [StatedNote("", page.label("yes" if matters else "no"), status=status)]))
    return statements


GROUP_TITLES = {"CORE": "Core terms of the framework", "RELATED": "Related populations", "EU": "European law"}
NUMBER, GROUP = "DEFINITION_ID", "GROUP"


def build_definition_pages(page: Page) -> Iterator[SitePage]:
    scheme = page.library.scheme(DEFINITIONS)
    if scheme is None:
        return
    places_by_definition = index_framework_links(page)
    groups: dict[str, list[dict[str, object]]] = {}
    for item in scheme:
        row = describe_definition(item, scheme, page) | {"places": places_by_definition.get(item.id, [])}
        groups.setdefault(item.note(GROUP), []).append(row)
    values = {
        "groups": [
            {
                "id": name.lower() or "other",
                "title": page.say(GROUP_TITLES.get(name, "Other terms")),
                "definitions": rows,
            }
            for name, rows in groups.items()
        ],
        "counts": index_counts_by_status(scheme.items),
        "artefact": scheme,
        "head": page.status_note(scheme),
    }
    entries = [
        page.entry(item, "Definition", f"definitions.html#{item.id}", f"{item.note(NUMBER)} {item.id} {item.name}")
        for item in scheme
    ]
    yield page.build_section_page("definitions", page.of(scheme.name), values, entries)


def describe_definition(item: Item, scheme: ItemScheme, page: Page) -> dict[str, object]:
    above = next((candidate for candidate in scheme if candidate.id == item.parent), None)
    facts = {note.type: note for note in page.notes(item.annotations)}
    span = " – ".join(facts[field].text.text for field in ("APPLIES_FROM", "APPLIES_TO") if field in facts)
    return {
        "id": item.id,
        "number": item.note(NUMBER),
        "name": page.of(item.name),
        "english": LanguageText("" if page.words.language == "en" else str(item.name), "en"),
        "description": page.of(item.description),
        "status_note": page.status_note(item),
        "fields": [
            (page.say_code("field", field), facts[field])
            for field in read_code_words("docs", "field")
            if field in facts
        ],
        "applies": (span if "APPLIES_TO" in facts else f"{span} –") if span else "",
        "broader": PageLink(page.of(above.name), f"#{above.id}") if above else None,
        "narrower": [
            PageLink(page.of(narrower.name), f"#{narrower.id}") for narrower in scheme if narrower.parent == item.id
        ],
    }


def index_framework_links(page: Page) -> dict[str, list[PageLink]]:
    links: dict[str, list[PageLink]] = {}
    for item in page.library.scheme(FRAMEWORK) or ():
        if item.note("DEFINITION"):
            link = PageLink(page.of(item.name), f"framework.html#{item.id}")
            links.setdefault(item.note("DEFINITION"), []).append(link)
    return links


def build_framework_pages(page: Page) -> Iterator[SitePage]:
    scheme = page.library.scheme(FRAMEWORK)
    if scheme is None:
        return
    parts: list[tuple[FactRow, list[FactRow]]] = []
    for depth, item in walk_tree(scheme):
        row = build_framework_row(item, depth, page)
        if depth:
            parts[-1][1].append(row)
        else:
            parts.append((row, []))
    values = {
        "parts": [{"head": head, "rows": rows} for head, rows in parts],
        "artefact": scheme,
        "head": page.status_note(scheme),
        "description": page.of(scheme.description),
        "notes": list(page.notes(scheme.annotations)),
    }
    entries = [page.entry(item, "Framework", f"framework.html#{item.id}", str(item.name)) for item in scheme]
    yield page.build_section_page("framework", page.of(scheme.name), values, entries)


def build_framework_row(item: Item, depth: int, page: Page) -> FactRow:
    links = []
    definition_id, code = item.note("DEFINITION"), item.note("CODE")
    if definition_id:
        name = page.library.name(DEFINITIONS, definition_id)
        links.append(PageLink(page.of(name), f"definitions.html#{definition_id}"))
    if code:
        scheme_id, _, code_id = code.partition(".")
        scheme = page.library.scheme(scheme_id)
        address = page.library.address(scheme.ref) if scheme else ""
        links.append(PageLink(LanguageText(code), f"{address}#{code_id}" if address else ""))
    return page.row(
        item,
        depth=depth,
        anchor=item.id,
        description=page.of(item.description),
        notes=tuple(page.notes(item.annotations, ("DEFINITION", "CODE", "KIND", "SCOPE"))),
        cells=tuple(links),
    )


ACCOUNTS_PAGE = "accounts.html"
ITEMS, INDICATORS = "CL_ACC_ITEM", "CL_INDICATOR"
END_WORDS = {"start": "at the start", "end": "at the end"}


def build_account_pages(page: Page) -> Iterator[SitePage]:
    identities = page.library.catalogue.identities
    if not identities:
        return
    entries = [
        page.entry(
            identity,
            "Accounting identity",
            f"{ACCOUNTS_PAGE}#{identity.id}",
            f"{identity.id} {identity.name} {' '.join(identity.items)}",
        )
        for identity in identities
    ]
    values = {"identities": [describe_account(identity, page) for identity in identities]}
    yield page.build_section_page("accounts", page.label("Accounts"), values, entries)


def describe_account(identity: Identity, page: Page) -> dict[str, object]:
    return {
        "id": identity.id,
        "name": page.of(identity.name),
        "description": page.of(identity.description),
        "head": page.status_note(identity),
        "equations": [equation.written.replace(" - ", " − ") for equation in identity.equations],
        "kind": page.say_code("identity", identity.kind),
        "keys": list_limiting_codes(identity),
        "tolerance": write_shortest(100 * identity.tolerance),
        "rules": [
            page.link_with_status(rule, rule.id)
            for rule in page.library.catalogue.rules.values()
            if identity.id in rule.identities
        ],
        "terms": [describe_account_term(item, identity, page=page) for item in identity.items],
    }


def list_limiting_codes(identity: Identity) -> list[str]:
    fixed = [f"{dimension} = {code}" for dimension, code in identity.population]
    alternatives = [f"{dimension} = {' | '.join(codes)}" for dimension, codes in identity.each]
    return [*fixed, *alternatives, *(f"{dimension} = *" for dimension in identity.by)]


def describe_account_term(item: str, identity: Identity, page: Page) -> FactRow:
    held = identity.item_sources[item]
    account_item = page.library.item(ITEMS, item)
    places = [(held.flow, held.codes)] if held.flow else []
    if account_item:
        places.insert(0, (identity.account, (("ACC_ITEM", item),)))
    links = []
    for name, codes in places:
        flow = page.library.flow(name)
        key_pattern = ", ".join(f"{dimension} = {code}" for dimension, code in codes)
        links.append(PageLink(LanguageText(name), page.library.address(flow.ref) if flow else "", note=key_pattern))
    cells = (links, page.say(END_WORDS[held.at] if held.at else "during the year"))
    shown_item = account_item or page.library.item(INDICATORS, item)
    if shown_item is None:
        return FactRow(id=item, name=page.of(Text.of(en=item)), status_note=page.status_note(identity), cells=cells)
    return page.row(shown_item, item, cells=cells)
