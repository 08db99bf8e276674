"""Pages of lists and hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FactRow,
    Library,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    about,
    counts_by_status,
    notes,
    standing,
    validity,
)
from sdmxmig.catalogue.item_schemes import in_tree, path_in, with_depth
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Hierarchy
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
    page = Page(library, words)
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
        rows = [overview_row(item_scheme, page) for item_scheme in members]
        if rows:
            groups.append({"id": kind or "organisations", "title": words.say(title), "rows": rows})
    return page.of_section("lists", LanguageText(words.say("Lists")), {"groups": groups})


def overview_row(scheme: ItemScheme, page: Page) -> FactRow:
    return FactRow(
        scheme.ref.id,
        page.of(scheme.name),
        standing=standing(scheme, page),
        href=page.library.address(scheme.ref),
        cells=(scheme.ref.agency, scheme.ref.version, len(scheme), len(page.library.hierarchies.get(scheme.ref, ()))),
    )


def list_page(scheme: ItemScheme, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    head = about(scheme, page)
    rows = [item_row(item, depth, scheme=scheme, page=page) for depth, item in in_tree(scheme)]
    trees = [tree_of(hierarchy, page) for hierarchy in library.hierarchies.get(scheme.ref, ())]
    users = [page.link_by_name(data_structure) for data_structure in library.users.get(scheme.ref, ())]
    href = library.address(scheme.ref)
    entries = [SearchEntry(row.name.text, scheme.ref.id, href=f"{href}#{row.anchor}", words=row.id) for row in rows]
    values = {
        **head,
        "rows": rows,
        "has_descriptions": any(row.description or row.notes or row.valid for row in rows),
        "counts": counts_by_status(scheme.items),
        "trees": trees,
        "users": users,
    }
    search, section = f"{scheme.ref.id} {scheme.ref.agency}", ("lists", "Lists")
    return page.of_artefact(
        scheme, "list.html.j2", values, kind="List", section=section, search=search, entries=entries
    )


def item_row(item: Item, depth: int, scheme: ItemScheme, page: Page) -> FactRow:
    return FactRow(
        item.id,
        page.of(item.name),
        standing=standing(item, page),
        depth=depth,
        anchor=path_in(item, scheme),
        description=page.of(item.description),
        notes=tuple(notes(item.annotations, page.words)),
        valid=validity(item.valid_from, item.valid_to),
    )


def tree_of(tree: Hierarchy, page: Page) -> dict[str, object]:
    rows = []
    for depth, node in with_depth(tree.codes):
        code = page.library.items(node.code.scheme).get(node.code.item)
        name = page.of(code.name) if code else LanguageText(node.code.item)
        rows.append(
            FactRow(
                node.code.item,
                name,
                standing=standing(node, page),
                depth=depth,
                href=page.library.address(node.code),
            )
        )
    return {
        "id": tree.ref.id,
        "name": page.of(tree.name),
        "description": page.of(tree.description),
        "standing": standing(tree, page),
        "rows": rows,
    }


MapEnds = Sequence[Ref | str]
CORRESPONDENCE, SECTION_OF_MAPS = "Correspondence", ("maps", "Correspondences")


def map_pages(library: Library, words: Words) -> Iterator[SitePage]:
    whole, codes = library.structure_maps, library.representation_maps
    if not (whole or codes):
        return
    page = Page(library, words)
    values = {
        "structures": [
            page.row(mapped, (links_to((mapped.source,), page), links_to((mapped.target,), page))) for mapped in whole
        ],
        "codes": [
            page.row(mapped, (links_to(mapped.sources, page), links_to(mapped.targets, page))) for mapped in codes
        ],
    }
    yield page.of_section("maps", LanguageText(words.say("Correspondences")), values)
    for structure_map in whole:
        yield structure_map_page(structure_map, library, words)
    for code_map in codes:
        yield representation_map_page(code_map, library, words)


def links_to(named: MapEnds, page: Page) -> list[PageLink]:
    return [page.link(ref) if isinstance(ref, Ref) else PageLink(LanguageText(str(ref))) for ref in named]


def structure_map_page(structure_map: StructureMap, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    rows = []
    for link in structure_map.components:
        unchanged = PageLink(LanguageText(words.say("unchanged")))
        representation = page.link(link.representation) if link.representation else unchanged
        rows.append((" × ".join(link.sources), " × ".join(link.targets), representation))
    for fact in structure_map.fixed:
        representation = PageLink(LanguageText(words.say("always {value}", value=" ".join(fact.values))))
        rows.append((fact.component, "", representation) if fact.on_source else ("", fact.component, representation))
    values = about(structure_map, page, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "ours": links_to((structure_map.source,), page),
        "theirs": links_to((structure_map.target,), page),
    }
    return page.of_artefact(
        structure_map, "structure_map.html.j2", values, kind=CORRESPONDENCE, section=SECTION_OF_MAPS
    )


def representation_map_page(representation_map: RepresentationMap, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    rows = [
        (
            [
                code(source.value, representation_map.sources[number], library, words)
                for number, source in enumerate(line.sources)
            ],
            [
                code(target, representation_map.targets[number], library, words)
                for number, target in enumerate(line.targets)
            ],
        )
        for line in representation_map.mappings
    ]
    alone = [
        (title, [(note.title, words.of(note.text)) for note in representation_map.annotations if note.type == type_])
        for type_, title in ((WITHOUT_TARGET, "Not distinguished there"), (WITHOUT_SOURCE, "Not distinguished here"))
    ]
    values = about(representation_map, page, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "alone": [(type_, words.say(title), codes) for type_, (title, codes) in enumerate(alone) if codes],
        "ours": links_to(representation_map.sources, page),
        "theirs": links_to(representation_map.targets, page),
    }
    return page.of_artefact(
        representation_map, "representation_map.html.j2", values, kind=CORRESPONDENCE, section=SECTION_OF_MAPS
    )


def code(value: str, codelist: Ref | str, library: Library, words: Words) -> PageLink:
    item = library.items(codelist).get(value) if isinstance(codelist, Ref) else None
    return PageLink(words.of(item.name) if item else LanguageText(""), "", note=value)
