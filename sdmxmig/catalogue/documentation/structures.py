"""Pages of structures, dataflows, codelists and hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FactRow,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    StatedNote,
    describe_validity,
    index_counts_by_status,
)
from sdmxmig.catalogue.item_schemes import walk_tree, walk_with_depth, write_path
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import list_active_rules
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Constraint,
    Hierarchy,
    MetadataAttribute,
    Metadataflow,
    MetadataStructure,
)
from sdmxmig.sdmx.words import NOTHING, LanguageText

STATUS_DIMENSIONS = (("C_BIRTH", "BIRTH_STATUS"), ("C_CITIZEN", "CTZ_STATUS"))
LEVEL_NAMES = {"dataset": "whole dataset", "series": "series", "observation": "observation"}
MAX_CODES = 60
METADATA_TITLE = "Reference metadata"


def build_structure_pages(page: Page) -> Iterator[SitePage]:
    followers = page.library.followers
    rows = [
        page.build_artefact_row(structure, (len(structure.dimensions), len(followers.get(structure.ref, ()))))
        for structure in page.library.structures
    ]
    yield page.build_section_page("structures", page.label("Data structures"), {"rows": rows})
    for structure in page.library.structures:
        yield build_structure_page(structure, page.next())


def build_structure_page(structure: DataStructure, page: Page) -> SitePage:
    head = page.about(structure)
    components = (*structure.dimensions, *structure.select_role("measure", "attribute", "metadata"))
    rows = [build_component_row(component, number, page) for number, component in enumerate(components, start=1)]
    library = page.library
    values = {
        **head,
        "dimensions": [row for row in rows if row.cells[0] in ("dimension", "time")],
        "others": [row for row in rows if row.cells[0] not in ("dimension", "time")],
        "fixes": list_fixed_statuses(structure, page),
        "flows": [
            page.link_with_status(flow, flow.ref.id, library.address(flow.ref))
            for flow in library.followers.get(structure.ref, ())
        ],
        "constraints": build_constraint_rows(structure.ref, structure, page),
    }
    section = ("structures", "Data structures")
    return page.build_artefact_page(structure, "structure.html.j2", values, kind="Data structure", section=section)


def build_component_row(component: Component, number: int, page: Page) -> FactRow:
    facets = ", ".join(f"{name} {value}" for name, value in component.facets)
    values = f"{component.data_type} ({facets})" if facets else component.data_type
    level = component.group or ", ".join(component.dimensions) or component.attachment
    level = page.say(LEVEL_NAMES[level]) if level in LEVEL_NAMES else level
    cells = (
        component.role,
        number,
        page.say_code("role", component.role),
        page.link(component.codelist) if component.codelist else PageLink(LanguageText(values)),
        level if component.role == "attribute" else "",
        page.say("mandatory" if component.mandatory else "optional"),
    )
    return page.build_concept_row(component.id, component.concept, cells=cells)


def list_fixed_statuses(structure: DataStructure, page: Page) -> list[dict[str, LanguageText]]:
    """List the dimensions whose status follows from a country, such as citizenship."""
    listed = []
    for country, status in STATUS_DIMENSIONS:
        if country in structure and status in structure:
            concepts = [structure[component].concept for component in (country, status)]
            names = [page.of(page.library.items(concept.scheme)[concept.item].name) for concept in concepts]
            ids = {"country_id": LanguageText(country), "status_id": LanguageText(status)}
            listed.append({"country": names[0], "status": names[1], **ids})
    return listed


def build_constraint_rows(ref: Ref, structure: DataStructure | None, page: Page) -> list[dict[str, object]]:
    return [
        {"codes": [], "more": 0, "span": "", "status_note": status_note, "constraint": constraint.ref.id, **limit}
        for constraint in page.library.constraints.get(ref, ())
        for status_note in [page.status_note(constraint)]
        for limit in build_limit_rows(constraint, structure, page)
    ]


def build_limit_rows(
    constraint: Constraint, structure: DataStructure | None, page: Page
) -> Iterator[dict[str, object]]:
    for region in constraint.regions:
        for part in region.selections:
            codelist = structure[part.component].codelist if structure and part.component in structure else None
            codes = [member.value for member in part.members]
            span = part.time_range
            yield {
                "component": part.component,
                "included": region.include and part.include,
                "codes": [build_code_link(code, codelist, page) for code in codes[:MAX_CODES]],
                "more": max(len(codes) - MAX_CODES, 0),
                "span": f"{span.start or '…'} – {span.end or '…'}" if span else "",
            }
    for keys in constraint.keys:
        for key in keys.keys:
            parts = [f"{part.component} = {' + '.join(member.value for member in part.members)}" for part in key]
            yield {"component": ", ".join(parts), "included": keys.include}


def build_code_link(code: str, codelist: Ref | None, page: Page) -> PageLink:
    item = page.library.items(codelist).get(code) if codelist else None
    address = page.library.address(codelist) if codelist and item else ""
    return PageLink(page.of(item.name) if item else NOTHING, f"{address}#{code}" if address else "", note=code)


def build_flow_pages(page: Page) -> Iterator[SitePage]:
    yield page.build_section_page("flows", page.label("Dataflows"), {"groups": list(list_categories(page))})
    for flow in page.library.flows:
        yield build_flow_page(flow, page.next())


def list_categories(page: Page) -> Iterator[dict[str, object]]:
    """List categories with their dataflows, then dataflows without a category."""
    filed: set[Ref] = set()
    for scheme in (item_scheme for item_scheme in page.library.lists if item_scheme.ref.kind == "CategoryScheme"):
        for depth, item in walk_tree(scheme):
            path = write_path(item, scheme)
            flows = [flow for flow in page.library.flows if page.library.is_in_category(flow, scheme.ref, path)]
            filed.update(flow.ref for flow in flows)
            rows = [build_flow_row(flow, page) for flow in flows]
            yield {"id": path, "name": page.of(item.name), "depth": depth, "rows": rows}
    rows = [build_flow_row(flow, page) for flow in page.library.flows if flow.ref not in filed]
    if rows:
        yield {"id": "other", "name": page.label("Other dataflows"), "depth": 0, "rows": rows}


def build_flow_row(flow: Dataflow, page: Page) -> FactRow:
    structure = PageLink(LanguageText(flow.structure.id), page.library.address(flow.structure))
    return page.row(
        flow,
        flow.ref.id,
        href=page.library.address(flow.ref),
        valid=describe_validity(flow.details.valid_from, flow.details.valid_to),
        cells=(structure, flow.ref.agency),
    )


def build_flow_page(flow: Dataflow, page: Page) -> SitePage:
    head, library = page.about(flow), page.library
    structure = library.catalogue.artefacts.get(flow.structure)
    structure = structure if isinstance(structure, DataStructure) else None
    filed = []
    for ref in library.categories.get(flow.ref, ()):
        scheme = library.catalogue.artefacts.get(ref.scheme)
        if isinstance(scheme, ItemScheme):
            category = next((item for item in scheme if write_path(item, scheme) == ref.item), None)
            name = page.of(category.name) if category else LanguageText(ref.item)
            filed.append(PageLink(name, f"flows.html#{ref.item}"))
    values = {
        **head,
        "structure": page.link_by_name(structure) if structure else None,
        "key": " . ".join(structure.key) if structure else "",
        "fixes": list_fixed_statuses(structure, page) if structure else [],
        "categories": filed,
        "limits": build_constraint_rows(flow.ref, structure, page),
        "indicators": [
            page.link_with_status(indicator, indicator.id, f"indicator-{indicator.id}.html")
            for indicator in library.list_indicators(flow.ref.id)
        ],
        "rules": [
            page.row(rule, notes=(StatedNote("", page.label(rule.severity)),))
            for rule_id in list_active_rules(library.catalogue.rules, flow.rules)
            for rule in [library.catalogue.rules[rule_id]]
        ],
        "maps": [page.link_by_name(each) for each in library.structure_maps if flow.ref in (each.source, each.target)],
    }
    annotation_texts = " ".join(note.text.text for note in page.notes(flow.annotations))
    search, section = f"{flow.ref.id} {annotation_texts}"[:200], ("flows", "Dataflows")
    return page.build_artefact_page(flow, "flow.html.j2", values, kind="Dataflow", section=section, search=search)


def build_metadata_pages(page: Page) -> Iterator[SitePage]:
    library = page.library
    artefacts: tuple[Metadataflow | Agreement, ...] = (*library.metadataflows, *library.agreements)
    if not (library.metadata_structures or artefacts):
        return
    values = {
        "structures": [page.build_artefact_row(each, anchor=each.ref.id) for each in library.metadata_structures],
        "flows": [
            page.build_artefact_row(flow, build_flow_cells(flow, page), anchor=flow.ref.id)
            for flow in library.metadataflows
        ],
        "agreements": [
            page.build_artefact_row(each, (page.link(each.flow), page.link(each.provider)), anchor=each.ref.id)
            for each in library.agreements
        ],
    }
    entries = [page.entry(each, METADATA_TITLE, library.address(each.ref), each.ref.id) for each in artefacts]
    yield page.build_section_page("metadata", page.label(METADATA_TITLE), values, entries)
    for metadata_structure in library.metadata_structures:
        yield build_metadata_structure_page(metadata_structure, page.next())


def build_flow_cells(metadataflow: Metadataflow, page: Page) -> tuple[object, ...]:
    structure = page.link(metadataflow.structure) if metadataflow.structure else PageLink(LanguageText("–"))
    return structure, [target.partition("infomodel.")[2] or target for target in metadataflow.targets]


def build_metadata_structure_page(metadata_structure: MetadataStructure, page: Page) -> SitePage:
    flows = [flow for flow in page.library.metadataflows if flow.structure == metadata_structure.ref]
    values = {
        **page.about(metadata_structure),
        "rows": [
            build_attribute_row(each, depth, page) for depth, each in walk_with_depth(metadata_structure.attributes)
        ],
        "flows": [page.link_by_name(flow) for flow in flows],
    }
    section = ("metadata", METADATA_TITLE)
    return page.build_artefact_page(
        metadata_structure, "metadata_structure.html.j2", values, kind=METADATA_TITLE, section=section
    )


def build_attribute_row(attribute: MetadataAttribute, depth: int, page: Page) -> FactRow:
    if attribute.codelist:
        values = page.link(attribute.codelist)
    else:
        values = PageLink(page.label("heading") if attribute.presentational else LanguageText(attribute.data_type))
    cells = (values, page.say("several") if attribute.max_occurs == "unbounded" else "")
    return page.build_concept_row(attribute.id, attribute.concept, depth=depth, cells=cells)


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
        rows.append(FactRow(id=node.code.item, name=name, status_note=page.status_note(node), depth=depth, href=href))
    return {
        "id": tree.ref.id,
        "name": page.of(tree.name),
        "description": page.of(tree.description),
        "status_note": page.status_note(tree),
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
