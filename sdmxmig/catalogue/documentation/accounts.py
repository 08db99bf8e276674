"""Pages of accounting identities."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.catalogue.documentation.facts import FactRow, PageSources, standing
from sdmxmig.catalogue.documentation.library import Library
from sdmxmig.catalogue.documentation.pages import PageLink, SearchEntry, SitePage, section_page
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import LanguageText, Words

FILE = "accounts.html"
ITEMS, INDICATORS = "CL_ACC_ITEM", "CL_INDICATOR"
KINDS = {
    "account": "account of a resident population",
    "balance": "another account",
    "sum": "parts of a total",
    "zero": "what must be nothing",
    "derived": "what follows from others",
    "mirror": "two reports of one thing",
    "bound": "what cannot be less",
}
ENDS = {"start": "at the start", "end": "at the end"}


def account_pages(library: Library, words: Words) -> Iterator[SitePage]:
    """The page of all accounting identities; none where no identity is declared."""
    identities = library.catalogue.identities
    if not identities:
        return
    sources = PageSources()
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
    values = {"identities": [account(identity, library, sources, words) for identity in identities]}
    yield section_page("accounts", title=title, values=values, sources=sources, entries=entries)


def account(identity: Identity, library: Library, sources: PageSources, words: Words) -> dict[str, object]:
    """One identity: its equations, for whom they hold, where each term is found, and the rules that check it."""
    return {
        "id": identity.id,
        "name": words.of(identity.name),
        "description": words.of(identity.description),
        "head": standing(identity, sources, words),
        "equations": [equation.written.replace(" - ", " − ") for equation in identity.equations],
        "kind": words.say(KINDS[identity.kind]),
        "keys": limiting_codes(identity),
        "tolerance": f"{100 * identity.tolerance:f}".rstrip("0").rstrip(".") if identity.tolerance else "0",
        "rules": [
            PageLink(words.of(rule.name), "", note=rule.id, status=rule.status)
            for rule in library.catalogue.rules.values()
            if identity.id in rule.identities
        ],
        "terms": [term(item, identity, library=library, sources=sources, words=words) for item in identity.items],
    }


def limiting_codes(identity: Identity) -> list[str]:
    fixed = [f"{dimension} = {code}" for dimension, code in identity.population]
    alternatives = [f"{dimension} = {' | '.join(codes)}" for dimension, codes in identity.each]
    return [*fixed, *alternatives, *(f"{dimension} = *" for dimension in identity.by)]


def term(item: str, identity: Identity, library: Library, sources: PageSources, words: Words) -> FactRow:
    held = identity.item_sources[item]
    account_item = library.item(ITEMS, item)
    places: list[tuple[str, tuple[tuple[str, str], ...]]] = [(held.flow, held.codes)] if held.flow else []
    places = [(identity.account, (("ACC_ITEM", item),)), *places] if account_item else places
    links = []
    for name, codes in places:
        flow = library.flow(name)
        key_pattern = ", ".join(f"{dimension} = {code}" for dimension, code in codes)
        links.append(PageLink(LanguageText(name), library.address(flow.ref) if flow else "", note=key_pattern))
    shown_item = account_item or library.item(INDICATORS, item)
    return FactRow(
        item,
        words.of(shown_item.name if shown_item else Text.of(en=item)),
        standing=standing(shown_item or identity, sources, words),
        cells=(links, words.say(ENDS[held.at]) if held.at else words.say("during the year")),
    )
