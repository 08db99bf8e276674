"""Pages of definitions and framework."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FRAMEWORK,
    FactRow,
    Library,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    counts_by_status,
    notes,
    standing,
)
from sdmxmig.catalogue.item_schemes import in_tree
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.words import LanguageText, Words

GROUPS = {
    "CORE": "Core terms of the framework",
    "RELATED": "Related populations",
    "EU": "European law",
}
FIELDS = {
    "CRITERION": "Criterion",
    "STANDARD": "Standard",
    "RELATION_1998": "Compared with the Recommendations of 1998",
    "SOURCE_KIND": "Kind of source",
    "CHECKED": "Passage of the published text",
    "NOT_IN_STANDARD": "Not in the published text",
}
NUMBER, GROUP = "DEFINITION_ID", "GROUP"


def definition_pages(library: Library, words: Words) -> Iterator[SitePage]:
    scheme = library.scheme(DEFINITIONS)
    if scheme is None:
        return
    page = Page(library, words)
    places_by_definition = framework_places(library, words)
    groups: dict[str, list[dict[str, object]]] = {}
    for item in scheme:
        row = definition(item, scheme, page) | {"places": places_by_definition.get(item.id, [])}
        groups.setdefault(item.note(GROUP), []).append(row)
    group_rows = [
        {"id": name.lower() or "other", "title": words.say(GROUPS.get(name, "Other terms")), "definitions": definitions}
        for name, definitions in groups.items()
    ]
    title = words.of(scheme.name)
    kind = words.say("Definition")
    entries = tuple(
        SearchEntry(
            words.of(item.name).text,
            kind,
            href=f"definitions.html#{item.id}",
            words=f"{item.note(NUMBER)} {item.id} {item.name}",
        )
        for item in scheme
    )
    values = {
        "groups": group_rows,
        "counts": counts_by_status(scheme.items),
        "artefact": scheme,
        "head": standing(scheme, page),
    }
    yield page.of_section("definitions", title, values, entries)


def definition(item: Item, scheme: ItemScheme, page: Page) -> dict[str, object]:
    above = next((candidate for candidate in scheme if candidate.id == item.parent), None)
    facts = {note.type: note for note in notes(item.annotations, page.words)}
    span = " – ".join(facts[field].text.text for field in ("APPLIES_FROM", "APPLIES_TO") if field in facts)
    return {
        "id": item.id,
        "number": item.note(NUMBER),
        "name": page.of(item.name),
        "english": LanguageText("" if page.words.language == "en" else str(item.name), "en"),
        "description": page.of(item.description),
        "standing": standing(item, page),
        "fields": [(page.say(label), facts[field]) for field, label in FIELDS.items() if field in facts],
        "applies": (span if "APPLIES_TO" in facts else f"{span} –") if span else "",
        "broader": PageLink(page.of(above.name), f"#{above.id}") if above else None,
        "narrower": [
            PageLink(page.of(narrower.name), f"#{narrower.id}") for narrower in scheme if narrower.parent == item.id
        ],
    }


def framework_places(library: Library, words: Words) -> dict[str, list[PageLink]]:
    links: dict[str, list[PageLink]] = {}
    for item in library.scheme(FRAMEWORK) or ():
        if item.note("DEFINITION"):
            link = PageLink(words.of(item.name), f"framework.html#{item.id}")
            links.setdefault(item.note("DEFINITION"), []).append(link)
    return links


def framework_pages(library: Library, words: Words) -> Iterator[SitePage]:
    scheme = library.scheme(FRAMEWORK)
    if scheme is None:
        return
    page = Page(library, words)
    parts: list[dict[str, object]] = []
    for depth, item in in_tree(scheme):
        row = framework_row(item, depth, page=page)
        if not depth:
            parts.append({"head": row, "rows": []})
        else:
            rows = parts[-1]["rows"]
            assert isinstance(rows, list)  # noqa: S101 - made above
            rows.append(row)
    values = {
        "parts": parts,
        "artefact": scheme,
        "head": standing(scheme, page),
        "description": words.of(scheme.description),
        "notes": list(notes(scheme.annotations, words)),
    }
    kind = words.say("Framework")
    entries = tuple(
        SearchEntry(words.of(item.name).text, kind, href=f"framework.html#{item.id}", words=str(item.name))
        for item in scheme
    )
    yield page.of_section("framework", words.of(scheme.name), values, entries)


def framework_row(item: Item, depth: int, page: Page) -> FactRow:
    links = []
    definition_id, code = item.note("DEFINITION"), item.note("CODE")
    if definition_id:
        links.append(
            PageLink(page.of(page.library.name(DEFINITIONS, definition_id)), f"definitions.html#{definition_id}")
        )
    if code:
        scheme_id, _, code_id = code.partition(".")
        scheme = page.library.scheme(scheme_id)
        ref = scheme.ref if scheme else Ref("Codelist", "", id=scheme_id, version="")
        address = page.library.address(ref)
        links.append(PageLink(LanguageText(code), f"{address}#{code_id}" if address else ""))
    shown_elsewhere = ("DEFINITION", "CODE", "KIND", "SCOPE")
    return FactRow(
        item.id,
        page.of(item.name),
        standing=standing(item, page),
        depth=depth,
        anchor=item.id,
        description=page.of(item.description),
        notes=tuple(notes(item.annotations, page.words, shown_elsewhere)),
        cells=tuple(links),
    )


FILE = "accounts.html"
ITEMS, INDICATORS = "CL_ACC_ITEM", "CL_INDICATOR"
KINDS = {
    "account": "account of a resident population",
    "balance": "another account",
    "sum": "parts of a total",
    "zero": "must be zero",
    "derived": "derived from other terms",
    "mirror": "two reports of the same flow",
    "bound": "inequality",
}
ENDS = {"start": "at the start", "end": "at the end"}


def account_pages(library: Library, words: Words) -> Iterator[SitePage]:
    identities = library.catalogue.identities
    if not identities:
        return
    page = Page(library, words)
    title = LanguageText(words.say("Accounts"))
    kind = words.say("Accounting identity")
    entries = tuple(
        SearchEntry(
            words.of(identity.name).text,
            kind,
            href=f"{FILE}#{identity.id}",
            words=f"{identity.id} {identity.name} {' '.join(identity.items)}",
        )
        for identity in identities
    )
    values = {"identities": [account(identity, page) for identity in identities]}
    yield page.of_section("accounts", title, values, entries)


def account(identity: Identity, page: Page) -> dict[str, object]:
    return {
        "id": identity.id,
        "name": page.of(identity.name),
        "description": page.of(identity.description),
        "head": standing(identity, page),
        "equations": [equation.written.replace(" - ", " − ") for equation in identity.equations],
        "kind": page.say(KINDS[identity.kind]),
        "keys": limiting_codes(identity),
        "tolerance": f"{100 * identity.tolerance:f}".rstrip("0").rstrip(".") if identity.tolerance else "0",
        "rules": [
            PageLink(page.of(rule.name), "", note=rule.id, status=rule.status)
            for rule in page.library.catalogue.rules.values()
            if identity.id in rule.identities
        ],
        "terms": [term(item, identity, page=page) for item in identity.items],
    }


def limiting_codes(identity: Identity) -> list[str]:
    fixed = [f"{dimension} = {code}" for dimension, code in identity.population]
    alternatives = [f"{dimension} = {' | '.join(codes)}" for dimension, codes in identity.each]
    return [*fixed, *alternatives, *(f"{dimension} = *" for dimension in identity.by)]


def term(item: str, identity: Identity, page: Page) -> FactRow:
    held = identity.item_sources[item]
    account_item = page.library.item(ITEMS, item)
    places: list[tuple[str, tuple[tuple[str, str], ...]]] = [(held.flow, held.codes)] if held.flow else []
    places = [(identity.account, (("ACC_ITEM", item),)), *places] if account_item else places
    links = []
    for name, codes in places:
        flow = page.library.flow(name)
        key_pattern = ", ".join(f"{dimension} = {code}" for dimension, code in codes)
        links.append(PageLink(LanguageText(name), page.library.address(flow.ref) if flow else "", note=key_pattern))
    shown_item = account_item or page.library.item(INDICATORS, item)
    return FactRow(
        item,
        page.of(shown_item.name if shown_item else Text.of(en=item)),
        standing=standing(shown_item or identity, page),
        cells=(links, page.say(ENDS[held.at]) if held.at else page.say("during the year")),
    )
