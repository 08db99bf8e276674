"""Pages of lists and hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FactRow,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    describe_validity,
    index_counts_by_status,
)
from sdmxmig.catalogue.item_schemes import walk_tree, walk_with_depth, write_path
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Hierarchy
from sdmxmig.sdmx.words import NOTHING, LanguageText

LIST_GROUPS = (
    ("Codelist", "Codelists"),
    ("ConceptScheme", "Concept schemes"),
    ("CategoryScheme", "Category schemes"),
    ("", "Organisations"),
)


def build_list_pages(page: Page) -> Iterator[SitePage]:
    lists = [scheme for scheme in page.library.lists if scheme.ref.id != DEFINITIONS]
    yield build_overview(lists, page)
    for scheme in lists:
        yield build_list_page(scheme, page.next())


def build_overview(schemes: Sequence[ItemScheme], page: Page) -> SitePage:
    groups = []
    ungrouped = sorted(
        schemes, key=lambda each: (each.ref.agency != "SDMXMIG", each.ref.agency, each.ref.id, each.ref.version)
    )
    for kind, title in LIST_GROUPS:
        members = [scheme for scheme in ungrouped if scheme.ref.kind == kind or not kind]
        ungrouped = [scheme for scheme in ungrouped if scheme not in members]
        rows = [build_overview_row(scheme, page) for scheme in members]
        if rows:
            groups.append({"id": kind or "organisations", "title": page.say(title), "rows": rows})
    return page.build_section_page("lists", page.label("Lists"), {"groups": groups})


def build_overview_row(scheme: ItemScheme, page: Page) -> FactRow:
    ref, trees = scheme.ref, page.library.hierarchies.get(scheme.ref, ())
    return page.row(
        scheme, ref.id, href=page.library.address(ref), cells=(ref.agency, ref.version, len(scheme), len(trees))
    )


def build_list_page(scheme: ItemScheme, page: Page) -> SitePage:
    head = page.about(scheme)
    rows = [
        page.row(
            item,
            depth=depth,
            anchor=write_path(item, scheme),
            description=page.of(item.description),
            notes=tuple(page.notes(item.annotations)),
            valid=describe_validity(item.valid_from, item.valid_to),
        )
        for depth, item in walk_tree(scheme)
    ]
    trees = [build_tree(hierarchy, page) for hierarchy in page.library.hierarchies.get(scheme.ref, ())]
    href = page.library.address(scheme.ref)
    values = {
        **head,
        "rows": rows,
        "has_descriptions": any(row.description or row.notes or row.valid for row in rows),
        "counts": index_counts_by_status(scheme.items),
        "trees": trees,
        "users": [page.link_by_name(structure) for structure in page.library.users.get(scheme.ref, ())],
    }
    return page.build_artefact_page(
        scheme,
        "list.html.j2",
        values,
        kind="List",
        section=("lists", "Lists"),
        search=f"{scheme.ref.id} {scheme.ref.agency}",
        entries=[SearchEntry(row.name.text, scheme.ref.id, href=f"{href}#{row.anchor}", words=row.id) for row in rows],
    )


def build_tree(tree: Hierarchy, page: Page) -> dict[str, object]:
    rows = []
    for depth, node in walk_with_depth(tree.codes):
        code = page.library.items(node.code.scheme).get(node.code.item)
        name = page.of(code.name) if code else LanguageText(node.code.item)
        href = page.library.address(node.code)
        rows.append(FactRow(id=node.code.item, name=name, standing=page.standing(node), depth=depth, href=href))
    return {
        "id": tree.ref.id,
        "name": page.of(tree.name),
        "description": page.of(tree.description),
        "standing": page.standing(tree),
        "rows": rows,
    }


CORRESPONDENCE, SECTION_OF_MAPS = "Correspondence", ("maps", "Correspondences")


def build_map_pages(page: Page) -> Iterator[SitePage]:
    whole, codes = page.library.structure_maps, page.library.representation_maps
    if not (whole or codes):
        return
    values = {
        "structures": [
            page.build_artefact_row(mapped, (build_links([mapped.source], page), build_links([mapped.target], page)))
            for mapped in whole
        ],
        "codes": [
            page.build_artefact_row(mapped, (build_links(mapped.sources, page), build_links(mapped.targets, page)))
            for mapped in codes
        ],
    }
    yield page.build_section_page("maps", page.label("Correspondences"), values)
    for structure_map in whole:
        yield build_structure_map_page(structure_map, page.next())
    for code_map in codes:
        yield build_representation_map_page(code_map, page.next())


def build_links(named: Sequence[Ref | str], page: Page) -> list[PageLink]:
    return [page.link(ref) if isinstance(ref, Ref) else PageLink(LanguageText(ref)) for ref in named]


def build_structure_map_page(structure_map: StructureMap, page: Page) -> SitePage:
    rows = []
    for link in structure_map.components:
        representation = page.link(link.representation) if link.representation else PageLink(page.label("unchanged"))
        rows.append((" × ".join(link.sources), " × ".join(link.targets), representation))
    for fact in structure_map.fixed:
        representation = PageLink(LanguageText(page.say("always {value}", value=" ".join(fact.values))))
        rows.append((fact.component, "", representation) if fact.on_source else ("", fact.component, representation))
    values = page.about(structure_map, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "ours": build_links([structure_map.source], page),
        "theirs": build_links([structure_map.target], page),
    }
    return page.build_artefact_page(
        structure_map, "structure_map.html.j2", values, kind=CORRESPONDENCE, section=SECTION_OF_MAPS
    )


def build_representation_map_page(code_map: RepresentationMap, page: Page) -> SitePage:
    rows = []
    for line in code_map.mappings:
        sources = [source.value for source in line.sources]
        rows.append((name_links(sources, code_map.sources, page), name_links(line.targets, code_map.targets, page)))
    alone = [
        (title, [(note.title, page.of(note.text)) for note in code_map.annotations if note.type == type_])
        for type_, title in ((WITHOUT_TARGET, "Not distinguished there"), (WITHOUT_SOURCE, "Not distinguished here"))
    ]
    values = page.about(code_map, (WITHOUT_TARGET, WITHOUT_SOURCE)) | {
        "rows": rows,
        "alone": [(type_, page.say(title), codes) for type_, (title, codes) in enumerate(alone) if codes],
        "ours": build_links(code_map.sources, page),
        "theirs": build_links(code_map.targets, page),
    }
    return page.build_artefact_page(
        code_map, "representation_map.html.j2", values, kind=CORRESPONDENCE, section=SECTION_OF_MAPS
    )


def name_links(values: Sequence[str], codelists: Sequence[Ref | str], page: Page) -> list[PageLink]:
    links = []
    for value, codelist in zip(values, codelists, strict=False):
        item = page.library.items(codelist).get(value) if isinstance(codelist, Ref) else None
        links.append(PageLink(page.of(item.name) if item else NOTHING, note=value))
    return links
