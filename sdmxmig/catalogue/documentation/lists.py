"""Pages of lists and hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FactRow,
    Library,
    PageLink,
    PageSources,
    SearchEntry,
    SitePage,
    about,
    artefact_page,
    counts_by_status,
    notes,
    section_page,
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


MapEnds = Sequence[Ref | str]


def map_pages(library: Library, words: Words) -> Iterator[SitePage]:
    whole, codes = library.structure_maps, library.representation_maps
    if not (whole or codes):
        return
    sources = PageSources()
    values = {
        "structures": [
            map_row(
                structure_map,
                (structure_map.source,),
                theirs=(structure_map.target,),
                library=library,
                sources=sources,
                words=words,
            )
            for structure_map in whole
        ],
        "codes": [
            map_row(
                representation_map,
                representation_map.sources,
                theirs=representation_map.targets,
                library=library,
                sources=sources,
                words=words,
            )
            for representation_map in codes
        ],
    }
    yield section_page("maps", title=LanguageText(words.say("Correspondences")), values=values, sources=sources)
    for structure_map in whole:
        yield structure_map_page(structure_map, library, words)
    for code_map in codes:
        yield representation_map_page(code_map, library, words)


def map_row(
    correspondence: StructureMap | RepresentationMap,
    ours: MapEnds,
    theirs: MapEnds,
    library: Library,
    sources: PageSources,
    words: Words,
) -> FactRow:
    return FactRow(
        correspondence.ref.id,
        words.of(correspondence.name),
        standing=standing(correspondence, sources, words),
        href=library.address(correspondence.ref),
        description=words.of(correspondence.description),
        cells=(links_to(ours, library), links_to(theirs, library)),
    )


def links_to(named: MapEnds, library: Library) -> list[PageLink]:
    return [
        PageLink(LanguageText(ref.short), library.address(ref))
        if isinstance(ref, Ref)
        else PageLink(LanguageText(str(ref)))
        for ref in named
    ]


def structure_map_page(structure_map: StructureMap, library: Library, words: Words) -> SitePage:
    sources = PageSources()
    rows = []
    for link in structure_map.components:
        address = library.address(link.representation) if link.representation else ""
        representation = (
            PageLink(LanguageText(link.representation.short), address)
            if link.representation
            else PageLink(LanguageText(words.say("unchanged")))
        )
        rows.append((" × ".join(link.sources), " × ".join(link.targets), representation))
    for fact in structure_map.fixed:
        representation = PageLink(LanguageText(words.say("always {value}", value=" ".join(fact.values))))
        rows.append((fact.component, "", representation) if fact.on_source else ("", fact.component, representation))
    values = about(structure_map, sources, words, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "ours": links_to((structure_map.source,), library),
        "theirs": links_to((structure_map.target,), library),
    }
    return page_of(structure_map, "structure_map.html.j2", values=values, sources=sources, library=library, words=words)


def representation_map_page(representation_map: RepresentationMap, library: Library, words: Words) -> SitePage:
    sources = PageSources()
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
    values = about(representation_map, sources, words, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "alone": [(type_, words.say(title), codes) for type_, (title, codes) in enumerate(alone) if codes],
        "ours": links_to(representation_map.sources, library),
        "theirs": links_to(representation_map.targets, library),
    }
    return page_of(
        representation_map, "representation_map.html.j2", values=values, sources=sources, library=library, words=words
    )


def page_of(
    correspondence: StructureMap | RepresentationMap,
    template: str,
    values: dict[str, object],
    sources: PageSources,
    library: Library,
    words: Words,
) -> SitePage:
    href, title = library.address(correspondence.ref), words.of(correspondence.name)
    entries = (SearchEntry(title.text, words.say("Correspondence"), href=href, words=correspondence.ref.id),)
    above = PageLink(LanguageText(words.say("Correspondences")), "maps.html")
    return artefact_page(
        correspondence.ref, template, title=title, above=above, values=values, sources=sources, entries=entries
    )


def code(value: str, codelist: Ref | str, library: Library, words: Words) -> PageLink:
    item = library.items(codelist).get(value) if isinstance(codelist, Ref) else None
    return PageLink(words.of(item.name) if item else LanguageText(""), "", note=value)
