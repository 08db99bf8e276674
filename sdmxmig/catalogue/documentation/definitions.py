"""Pages of definitions and framework."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FRAMEWORK,
    FactRow,
    Page,
    PageLink,
    SitePage,
    index_counts_by_status,
)
from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.catalogue.item_schemes import walk_tree
from sdmxmig.primitives.text import write_shortest
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.words import LanguageText

GROUP_TITLES = {"CORE": "Core terms of the framework", "RELATED": "Related populations", "EU": "European law"}
NUMBER, GROUP = "DEFINITION_ID", "GROUP"


def build_definition_pages(page: Page) -> Iterator[SitePage]:
    scheme = page.library.scheme(DEFINITIONS)
    if scheme is None:
        return
    places_by_definition = index_framework_places(page)
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
        "head": page.standing(scheme),
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
        "standing": page.standing(item),
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


def index_framework_places(page: Page) -> dict[str, list[PageLink]]:
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
        "head": page.standing(scheme),
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
        "head": page.standing(identity),
        "equations": [equation.written.replace(" - ", " − ") for equation in identity.equations],
        "kind": page.say_code("identity", identity.kind),
        "keys": list_limiting_codes(identity),
        "tolerance": write_shortest(100 * identity.tolerance),
        "rules": [
            page.link_with_status(rule, rule.id)
            for rule in page.library.catalogue.rules.values()
            if identity.id in rule.identities
        ],
        "terms": [describe_term(item, identity, page=page) for item in identity.items],
    }


def list_limiting_codes(identity: Identity) -> list[str]:
    fixed = [f"{dimension} = {code}" for dimension, code in identity.population]
    alternatives = [f"{dimension} = {' | '.join(codes)}" for dimension, codes in identity.each]
    return [*fixed, *alternatives, *(f"{dimension} = *" for dimension in identity.by)]


def describe_term(item: str, identity: Identity, page: Page) -> FactRow:
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
        return FactRow(id=item, name=page.of(Text.of(en=item)), standing=page.standing(identity), cells=cells)
    return page.row(shown_item, item, cells=cells)
