"""Pages of structures and dataflows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    FactRow,
    Library,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    Standing,
    StatedNote,
    about,
    notes,
    standing,
    validity,
)
from sdmxmig.catalogue.item_schemes import in_tree, path_in
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import switched_on
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Constraint, MetadataAttribute, Metadataflow, MetadataStructure
from sdmxmig.sdmx.words import LanguageText, Words

FIXES = (("C_BIRTH", "BIRTH_STATUS"), ("C_CITIZEN", "CTZ_STATUS"))
ROLES = {
    "dimension": "Dimension",
    "time": "Time dimension",
    "measure": "Measure",
    "attribute": "Attribute",
    "metadata": "Attribute",
}
LEVELS = {"dataset": "whole dataset", "series": "series", "observation": "observation"}
MANY = 60


def structure_pages(library: Library, words: Words) -> Iterator[SitePage]:
    page = Page(library, words)
    rows = [
        page.row(structure, (len(structure.dimensions), len(library.followers.get(structure.ref, ()))))
        for structure in library.structures
    ]
    title = LanguageText(words.say("Data structures"))
    yield page.of_section("structures", title, {"rows": rows})
    for structure in library.structures:
        yield structure_page(structure, library, words)


def structure_page(structure: DataStructure, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    head = about(structure, page)
    components = (*structure.dimensions, *structure.of_role("measure", "attribute", "metadata"))
    rows = [component_row(component, number, page=page) for number, component in enumerate(components, start=1)]
    values = {
        **head,
        "dimensions": [row for row in rows if row.cells[0] in ("dimension", "time")],
        "others": [row for row in rows if row.cells[0] not in ("dimension", "time")],
        "fixes": fixes(structure, library, words),
        "flows": [flow_link(dataflow, library, words) for dataflow in library.followers.get(structure.ref, ())],
        "constraints": [
            limit
            for constraint in library.constraints.get(structure.ref, ())
            for limit in limits(constraint, structure, page=page)
        ],
    }
    section = ("structures", "Data structures")
    return page.of_artefact(structure, "structure.html.j2", values, kind="Data structure", section=section)


def component_row(component: Component, number: int, page: Page) -> FactRow:
    """Describe a component; its status is that of its concept."""
    concept = page.library.items(component.concept.scheme).get(component.concept.item)
    facets = ", ".join(f"{name} {value}" for name, value in component.facets)
    values = f"{component.data_type} ({facets})" if facets else component.data_type
    codelist = component.codelist
    value_link = page.link(codelist) if codelist else PageLink(LanguageText(values))
    where = component.group or ", ".join(component.dimensions)
    level = where or (
        page.say(LEVELS[component.attachment]) if component.attachment in LEVELS else component.attachment
    )
    return FactRow(
        component.id,
        page.of(concept.name) if concept else LanguageText(component.id),
        standing=standing(concept, page) if concept else Standing("candidate"),
        href=page.library.address(component.concept),
        description=page.of(concept.description) if concept else LanguageText(""),
        cells=(
            component.role,
            number,
            page.say(ROLES[component.role]),
            value_link,
            level if component.role == "attribute" else "",
            page.say("mandatory") if component.mandatory else page.say("optional"),
        ),
    )


def fixes(structure: DataStructure, library: Library, words: Words) -> list[dict[str, LanguageText]]:
    """List the dimensions in which a country fixes a status, such as citizenship."""
    fixed_statuses = []
    for country, status in FIXES:
        if country in structure and status in structure:
            names = [
                library.items(structure[component].concept.scheme)[structure[component].concept.item].name
                for component in (country, status)
            ]
            fixed_statuses.append(
                {
                    "country": words.of(names[0]),
                    "status": words.of(names[1]),
                    "country_id": LanguageText(country),
                    "status_id": LanguageText(status),
                }
            )
    return fixed_statuses


def flow_link(flow: Dataflow, library: Library, words: Words) -> PageLink:
    return PageLink(words.of(flow.name), library.address(flow.ref), note=flow.ref.id, status=flow.status or "candidate")


def limits(constraint: Constraint, structure: DataStructure | None, page: Page) -> Iterator[dict[str, object]]:
    constraint_standing = standing(constraint, page)
    for region in constraint.regions:
        for part in region.selections:
            codelist = structure[part.component].codelist if structure and part.component in structure else None
            codes = [member.value for member in part.members]
            span = part.time_range
            yield {
                "component": part.component,
                "included": region.include and part.include,
                "codes": [code_link(code, codelist, page.library, page.words) for code in codes[:MANY]],
                "more": max(len(codes) - MANY, 0),
                "span": f"{span.start or '…'} – {span.end or '…'}" if span else "",
                "standing": constraint_standing,
                "constraint": constraint.ref.id,
            }
    for keys in constraint.keys:
        for key in keys.keys:
            parts = [
                f"{selection.component} = {' + '.join(member.value for member in selection.members)}"
                for selection in key
            ]
            yield {
                "component": ", ".join(parts),
                "included": keys.include,
                "codes": [],
                "more": 0,
                "span": "",
                "standing": constraint_standing,
                "constraint": constraint.ref.id,
            }


def code_link(code: str, codelist: Ref | None, library: Library, words: Words) -> PageLink:
    item = library.items(codelist).get(code) if codelist else None
    address = library.address(codelist) if codelist and item else ""
    return PageLink(
        words.of(item.name) if item else LanguageText(""), f"{address}#{code}" if address else "", note=code
    )


def flow_pages(library: Library, words: Words) -> Iterator[SitePage]:
    page = Page(library, words)
    groups = list(categories(page))
    title = LanguageText(words.say("Dataflows"))
    yield page.of_section("flows", title, {"groups": groups})
    for flow in library.flows:
        yield flow_page(flow, library, words)


def categories(page: Page) -> Iterator[dict[str, object]]:
    """List categories with their dataflows, then dataflows without category."""
    filed: set[Ref] = set()
    for scheme in (item_scheme for item_scheme in page.library.lists if item_scheme.ref.kind == "CategoryScheme"):
        for depth, item in in_tree(scheme):
            path = path_in(item, scheme)
            flows = [
                dataflow
                for dataflow in page.library.flows
                if any(
                    ref.scheme == scheme.ref and ref.item == path
                    for ref in page.library.categories.get(dataflow.ref, ())
                )
            ]
            filed.update(dataflow.ref for dataflow in flows)
            yield group(path, page.of(item.name), depth=depth, flows=flows, page=page)
    unfiled = [dataflow for dataflow in page.library.flows if dataflow.ref not in filed]
    if unfiled:
        yield group(
            "other",
            LanguageText(page.say("Other dataflows")),
            depth=0,
            flows=unfiled,
            page=page,
        )


def group(
    id_: str,
    name: LanguageText,
    depth: int,
    flows: Sequence[Dataflow],
    page: Page,
) -> dict[str, object]:
    rows = [
        FactRow(
            dataflow.ref.id,
            page.of(dataflow.name),
            standing=standing(dataflow, page),
            href=page.library.address(dataflow.ref),
            valid=validity(dataflow.details.valid_from, dataflow.details.valid_to),
            cells=(
                PageLink(LanguageText(dataflow.structure.id), page.library.address(dataflow.structure)),
                dataflow.ref.agency,
            ),
        )
        for dataflow in flows
    ]
    return {"id": id_, "name": name, "depth": depth, "rows": rows}


def flow_page(flow: Dataflow, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    head = about(flow, page)
    structure = library.catalogue.artefacts.get(flow.structure)
    structure = structure if isinstance(structure, DataStructure) else None
    filed = []
    for ref in library.categories.get(flow.ref, ()):
        scheme = library.catalogue.artefacts.get(ref.scheme)
        if isinstance(scheme, ItemScheme):
            category = next((item for item in scheme if path_in(item, scheme) == ref.item), None)
            filed.append(
                PageLink(words.of(category.name) if category else LanguageText(ref.item), f"flows.html#{ref.item}")
            )
    values = {
        **head,
        "structure": page.link_by_name(structure) if structure else None,
        "key": " . ".join(structure.key) if structure else "",
        "fixes": fixes(structure, library, words) if structure else [],
        "categories": filed,
        "limits": [
            limit
            for constraint in library.constraints.get(flow.ref, ())
            for limit in limits(constraint, structure, page=page)
        ],
        "indicators": [
            PageLink(
                words.of(indicator.name), f"indicator-{indicator.id}.html", note=indicator.id, status=indicator.status
            )
            for indicator in library.indicators_of(flow.ref.id)
        ],
        "rules": [rule_row(rule_id, page) for rule_id in switched_on(library.catalogue.rules, flow.rules)],
        "maps": [
            page.link_by_name(structure_map)
            for structure_map in library.structure_maps
            if flow.ref in (structure_map.source, structure_map.target)
        ],
    }
    annotation_texts = " ".join(note.text.text for note in notes(flow.annotations, words))
    search, section = f"{flow.ref.id} {annotation_texts}"[:200], ("flows", "Dataflows")
    return page.of_artefact(flow, "flow.html.j2", values, kind="Dataflow", section=section, search=search)


def rule_row(rule_id: str, page: Page) -> FactRow:
    rule = page.library.catalogue.rules[rule_id]
    return FactRow(
        rule.id,
        page.of(rule.name),
        standing=standing(rule, page),
        notes=(StatedNote("", LanguageText(page.say(rule.severity))),),
    )


def metadata_pages(library: Library, words: Words) -> Iterator[SitePage]:
    if not (library.metadata_structures or library.metadataflows or library.agreements):
        return
    page = Page(library, words)
    values = {
        "structures": [page.row(structure, anchor=structure.ref.id) for structure in library.metadata_structures],
        "flows": [page.row(flow, flow_cells(flow, page), anchor=flow.ref.id) for flow in library.metadataflows],
        "agreements": [
            page.row(agreement, agreement_cells(agreement, page), anchor=agreement.ref.id)
            for agreement in library.agreements
        ],
    }
    kinds: tuple[Metadataflow | Agreement, ...] = (*library.metadataflows, *library.agreements)
    entries = tuple(
        SearchEntry(
            words.of(artefact.name).text,
            words.say("Reference metadata"),
            href=library.address(artefact.ref),
            words=artefact.ref.id,
        )
        for artefact in kinds
    )
    title = LanguageText(words.say("Reference metadata"))
    yield page.of_section("metadata", title, values, entries)
    for metadata_structure in library.metadata_structures:
        yield metadata_structure_page(metadata_structure, library, words)


def flow_cells(metadataflow: Metadataflow, page: Page) -> tuple[object, ...]:
    structure = page.link(metadataflow.structure) if metadataflow.structure else PageLink(LanguageText("–"))
    return structure, [target.partition("infomodel.")[2] or target for target in metadataflow.targets]


def agreement_cells(agreement: Agreement, page: Page) -> tuple[object, ...]:
    return page.link(agreement.flow), page.link(agreement.provider)


def metadata_structure_page(metadata_structure: MetadataStructure, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    values = {
        **about(metadata_structure, page),
        "rows": list(attributes(metadata_structure.attributes, 0, page=page)),
        "flows": [
            page.link_by_name(flow) for flow in library.metadataflows if flow.structure == metadata_structure.ref
        ],
    }
    section = ("metadata", "Reference metadata")
    return page.of_artefact(
        metadata_structure, "metadata_structure.html.j2", values, kind="Reference metadata", section=section
    )


def attributes(siblings: Sequence[MetadataAttribute], depth: int, page: Page) -> Iterator[FactRow]:
    for attribute in siblings:
        concept = page.library.items(attribute.concept.scheme).get(attribute.concept.item)
        codelist_link = page.link(attribute.codelist) if attribute.codelist else None
        values = codelist_link or PageLink(
            LanguageText(page.say("heading") if attribute.presentational else attribute.data_type)
        )
        yield FactRow(
            attribute.id,
            page.of(concept.name if concept else Text.of(en=attribute.id)),
            standing=standing(concept, page) if concept else Standing("candidate"),
            depth=depth,
            description=page.of(concept.description) if concept else LanguageText(""),
            href=page.library.address(attribute.concept),
            cells=(values, page.say("several") if attribute.max_occurs == "unbounded" else ""),
        )
        yield from attributes(attribute.children, depth + 1, page=page)
