"""Pages of lists and hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.facts import (
    FactRow,
    PageSources,
    about,
    counts_by_status,
    notes,
    standing,
    validity,
)
from sdmxmig.catalogue.documentation.library import DEFINITIONS, Library
from sdmxmig.catalogue.documentation.pages import PageLink, SearchEntry, SitePage, artefact_page, section_page
from sdmxmig.catalogue.trees import in_tree, path_in, with_depth
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.hierarchies import Hierarchy
from sdmxmig.sdmx.words import LanguageText, Words

GROUPS = (
    ("Codelist", "Codelists"),
    ("ConceptScheme", "Concept schemes"),
    ("CategoryScheme", "Category schemes"),
    ("", "Organisations"),
)


def list_pages(library: Library, words: Words) -> Iterator[SitePage]:
    lists = [item_scheme for item_scheme in library.lists if item_scheme.ref.id != DEFINITIONS]
    yield overview(lists, library, words)
    for scheme in lists:
        yield list_page(scheme, library, words)


def overview(schemes: Sequence[ItemScheme], library: Library, words: Words) -> SitePage:
    """All lists by kind, our own first, then those of other owners."""
    sources = PageSources()
    groups = []
    ungrouped = list(schemes)
    for kind, title in GROUPS:
        members = [item_scheme for item_scheme in ungrouped if item_scheme.ref.kind == kind or not kind]
        ungrouped = [item_scheme for item_scheme in ungrouped if item_scheme not in members]
        members.sort(
            key=lambda item_scheme: (
                item_scheme.ref.agency != "SDMXMIG",
                item_scheme.ref.agency,
                item_scheme.ref.id,
                item_scheme.ref.version,
            )
        )
        rows = [overview_row(item_scheme, library, sources, words) for item_scheme in members]
        if rows:
            groups.append({"id": kind or "organisations", "title": words.say(title), "rows": rows})
    return section_page("lists", title=LanguageText(words.say("Lists")), values={"groups": groups}, sources=sources)


def overview_row(scheme: ItemScheme, library: Library, sources: PageSources, words: Words) -> FactRow:
    return FactRow(
        scheme.ref.id,
        words.of(scheme.name),
        standing=standing(scheme, sources, words),
        href=library.address(scheme.ref),
        cells=(scheme.ref.agency, scheme.ref.version, len(scheme), len(library.hierarchies.get(scheme.ref, ()))),
    )


def list_page(scheme: ItemScheme, library: Library, words: Words) -> SitePage:
    sources = PageSources()
    head = about(scheme, sources, words)
    rows = [item_row(item, depth, scheme=scheme, sources=sources, words=words) for depth, item in in_tree(scheme)]
    trees = [tree_of(hierarchy, library, sources, words) for hierarchy in library.hierarchies.get(scheme.ref, ())]
    users = [
        PageLink(words.of(data_structure.name), library.address(data_structure.ref), note=data_structure.ref.id)
        for data_structure in library.users.get(scheme.ref, ())
    ]
    title = words.of(scheme.name)
    href = library.address(scheme.ref)
    kind = words.say("List")
    entries = [SearchEntry(title.text, kind, href=href, words=f"{scheme.ref.id} {scheme.ref.agency}")]
    entries += [SearchEntry(row.name.text, scheme.ref.id, href=f"{href}#{row.anchor}", words=row.id) for row in rows]
    values = {
        **head,
        "rows": rows,
        "has_descriptions": any(row.description or row.notes or row.valid for row in rows),
        "counts": counts_by_status(scheme.items),
        "trees": trees,
        "users": users,
    }
    above = PageLink(LanguageText(words.say("Lists")), "lists.html")
    return artefact_page(
        scheme.ref, "list.html.j2", title=title, above=above, values=values, sources=sources, entries=tuple(entries)
    )


def item_row(item: Item, depth: int, scheme: ItemScheme, sources: PageSources, words: Words) -> FactRow:
    """One code, concept or category."""
    return FactRow(
        item.id,
        words.of(item.name),
        standing=standing(item, sources, words),
        depth=depth,
        anchor=path_in(item, scheme),
        description=words.of(item.description),
        notes=tuple(notes(item.annotations, words)),
        valid=validity(item.valid_from, item.valid_to),
    )


def tree_of(tree: Hierarchy, library: Library, sources: PageSources, words: Words) -> dict[str, object]:
    """A hierarchy: its name, its standing and its nodes in order."""
    rows = []
    for depth, node in with_depth(tree.codes):
        code = library.items(node.code.scheme).get(node.code.item)
        name = words.of(code.name) if code else LanguageText(node.code.item)
        rows.append(
            FactRow(
                node.code.item,
                name,
                standing=standing(node, sources, words),
                depth=depth,
                href=library.address(node.code),
            )
        )
    return {
        "id": tree.ref.id,
        "name": words.of(tree.name),
        "description": words.of(tree.description),
        "standing": standing(tree, sources, words),
        "rows": rows,
    }
