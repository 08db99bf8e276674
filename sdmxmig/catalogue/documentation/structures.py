"""Pages of structures and dataflows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.pages import (
    FactRow,
    Library,
    PageLink,
    PageSources,
    SearchEntry,
    SitePage,
    Standing,
    StatedNote,
    about,
    artefact_page,
    notes,
    section_page,
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
    sources = PageSources()
    rows = [
        FactRow(
            data_structure.ref.id,
            words.of(data_structure.name),
            standing=standing(data_structure, sources, words),
            href=library.address(data_structure.ref),
            description=words.of(data_structure.description),
            cells=(len(data_structure.dimensions), len(library.followers.get(data_structure.ref, ()))),
        )
        for data_structure in library.structures
    ]
    title = LanguageText(words.say("Data structures"))
    yield section_page("structures", title=title, values={"rows": rows}, sources=sources)
    for structure in library.structures:
        yield structure_page(structure, library, words)


def structure_page(structure: DataStructure, library: Library, words: Words) -> SitePage:
    sources = PageSources()
    head = about(structure, sources, words)
    title = words.of(structure.name)
    href = library.address(structure.ref)
    components = (*structure.dimensions, *structure.of_role("measure", "attribute", "metadata"))
    rows = [
        component_row(component, number, library=library, sources=sources, words=words)
        for number, component in enumerate(components, start=1)
    ]
    values = {
        **head,
        "dimensions": [row for row in rows if row.cells[0] in ("dimension", "time")],
        "others": [row for row in rows if row.cells[0] not in ("dimension", "time")],
        "fixes": fixes(structure, library, words),
        "flows": [flow_link(dataflow, library, words) for dataflow in library.followers.get(structure.ref, ())],
        "constraints": [
            limit
            for constraint in library.constraints.get(structure.ref, ())
            for limit in limits(constraint, structure, library=library, sources=sources, words=words)
        ],
    }
    entries = (SearchEntry(title.text, words.say("Data structure"), href=href, words=structure.ref.id),)
    above = PageLink(LanguageText(words.say("Data structures")), "structures.html")
    return artefact_page(
        structure.ref, "structure.html.j2", title=title, above=above, values=values, sources=sources, entries=entries
    )


def component_row(component: Component, number: int, library: Library, sources: PageSources, words: Words) -> FactRow:
    """Describe a component; its status is that of its concept."""
    concept = library.items(component.concept.scheme).get(component.concept.item)
    facets = ", ".join(f"{name} {value}" for name, value in component.facets)
    values = f"{component.data_type} ({facets})" if facets else component.data_type
    codelist = component.codelist
    value_link = (
        PageLink(LanguageText(codelist.short), library.address(codelist))
        if codelist
        else PageLink(LanguageText(values))
    )
    where = component.group or ", ".join(component.dimensions)
    level = where or (
        words.say(LEVELS[component.attachment]) if component.attachment in LEVELS else component.attachment
    )
    return FactRow(
        component.id,
        words.of(concept.name) if concept else LanguageText(component.id),
        standing=standing(concept, sources, words) if concept else Standing("candidate"),
        href=library.address(component.concept),
        description=words.of(concept.description) if concept else LanguageText(""),
        cells=(
            component.role,
            number,
            words.say(ROLES[component.role]),
            value_link,
            level if component.role == "attribute" else "",
            words.say("mandatory") if component.mandatory else words.say("optional"),
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


def limits(
    constraint: Constraint, structure: DataStructure | None, library: Library, sources: PageSources, words: Words
) -> Iterator[dict[str, object]]:
    constraint_standing = standing(constraint, sources, words)
    for region in constraint.regions:
        for part in region.selections:
            codelist = structure[part.component].codelist if structure and part.component in structure else None
            codes = [member.value for member in part.members]
            span = part.time_range
            yield {
                "component": part.component,
                "included": region.include and part.include,
                "codes": [code_link(code, codelist, library, words) for code in codes[:MANY]],
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
    sources = PageSources()
    groups = list(categories(library, sources, words))
    title = LanguageText(words.say("Dataflows"))
    yield section_page("flows", title=title, values={"groups": groups}, sources=sources)
    for flow in library.flows:
        yield flow_page(flow, library, words)


def categories(library: Library, sources: PageSources, words: Words) -> Iterator[dict[str, object]]:
    """List categories with their dataflows, then dataflows without category."""
    filed: set[Ref] = set()
    for scheme in (item_scheme for item_scheme in library.lists if item_scheme.ref.kind == "CategoryScheme"):
        for depth, item in in_tree(scheme):
            path = path_in(item, scheme)
            flows = [
                dataflow
                for dataflow in library.flows
                if any(
                    ref.scheme == scheme.ref and ref.item == path for ref in library.categories.get(dataflow.ref, ())
                )
            ]
            filed.update(dataflow.ref for dataflow in flows)
            yield group(
                path, words.of(item.name), depth=depth, flows=flows, library=library, sources=sources, words=words
            )
    unfiled = [dataflow for dataflow in library.flows if dataflow.ref not in filed]
    if unfiled:
        yield group(
            "other",
            LanguageText(words.say("Other dataflows")),
            depth=0,
            flows=unfiled,
            library=library,
            sources=sources,
            words=words,
        )


def group(
    id_: str,
    name: LanguageText,
    depth: int,
    flows: Sequence[Dataflow],
    library: Library,
    sources: PageSources,
    words: Words,
) -> dict[str, object]:
    rows = [
        FactRow(
            dataflow.ref.id,
            words.of(dataflow.name),
            standing=standing(dataflow, sources, words),
            href=library.address(dataflow.ref),
            valid=validity(dataflow.details.valid_from, dataflow.details.valid_to),
            cells=(
                PageLink(LanguageText(dataflow.structure.id), library.address(dataflow.structure)),
                dataflow.ref.agency,
            ),
        )
        for dataflow in flows
    ]
    return {"id": id_, "name": name, "depth": depth, "rows": rows}


def flow_page(flow: Dataflow, library: Library, words: Words) -> SitePage:
    sources = PageSources()
    head = about(flow, sources, words)
    title = words.of(flow.name)
    href = library.address(flow.ref)
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
        "structure": PageLink(words.of(structure.name), library.address(structure.ref), note=structure.ref.id)
        if structure
        else None,
        "key": " . ".join(structure.key) if structure else "",
        "fixes": fixes(structure, library, words) if structure else [],
        "categories": filed,
        "limits": [
            limit
            for constraint in library.constraints.get(flow.ref, ())
            for limit in limits(constraint, structure, library=library, sources=sources, words=words)
        ],
        "indicators": [
            PageLink(
                words.of(indicator.name), f"indicator-{indicator.id}.html", note=indicator.id, status=indicator.status
            )
            for indicator in library.indicators_of(flow.ref.id)
        ],
        "rules": [
            rule_row(rule_id, library, sources, words) for rule_id in switched_on(library.catalogue.rules, flow.rules)
        ],
        "maps": [
            PageLink(words.of(structure_map.name), library.address(structure_map.ref), note=structure_map.ref.id)
            for structure_map in library.structure_maps
            if flow.ref in (structure_map.source, structure_map.target)
        ],
    }
    annotation_texts = " ".join(note.text.text for note in notes(flow.annotations, words))
    entries = (
        SearchEntry(title.text, words.say("Dataflow"), href=href, words=f"{flow.ref.id} {annotation_texts}"[:200]),
    )
    above = PageLink(LanguageText(words.say("Dataflows")), "flows.html")
    return artefact_page(
        flow.ref, "flow.html.j2", title=title, above=above, values=values, sources=sources, entries=entries
    )


def rule_row(rule_id: str, library: Library, sources: PageSources, words: Words) -> FactRow:
    rule = library.catalogue.rules[rule_id]
    return FactRow(
        rule.id,
        words.of(rule.name),
        standing=standing(rule, sources, words),
        notes=(StatedNote("", LanguageText(words.say(rule.severity))),),
    )


def metadata_pages(library: Library, words: Words) -> Iterator[SitePage]:
    if not (library.metadata_structures or library.metadataflows or library.agreements):
        return
    sources = PageSources()
    values = {
        "structures": [
            row_of(metadata_structure, library, sources, words) for metadata_structure in library.metadata_structures
        ],
        "flows": [
            row_of(metadataflow, library, sources=sources, words=words, cells=flow_cells(metadataflow, library))
            for metadataflow in library.metadataflows
        ],
        "agreements": [
            row_of(agreement, library, sources=sources, words=words, cells=agreement_cells(agreement, library))
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
    yield section_page("metadata", title=title, values=values, sources=sources, entries=entries)
    for metadata_structure in library.metadata_structures:
        yield metadata_structure_page(metadata_structure, library, words)


def row_of(
    artefact: MetadataStructure | Metadataflow | Agreement,
    library: Library,
    sources: PageSources,
    words: Words,
    cells: tuple[object, ...] = (),
) -> FactRow:
    return FactRow(
        artefact.ref.id,
        words.of(artefact.name),
        standing=standing(artefact, sources, words),
        anchor=artefact.ref.id,
        description=words.of(artefact.description),
        href=library.address(artefact.ref),
        cells=cells,
    )


def flow_cells(metadataflow: Metadataflow, library: Library) -> tuple[object, ...]:
    structure = (
        PageLink(LanguageText(metadataflow.structure.short), library.address(metadataflow.structure))
        if metadataflow.structure
        else PageLink(LanguageText("–"))
    )
    return structure, [target.partition("infomodel.")[2] or target for target in metadataflow.targets]


def agreement_cells(agreement: Agreement, library: Library) -> tuple[object, ...]:
    return (
        PageLink(LanguageText(agreement.flow.short), library.address(agreement.flow)),
        PageLink(
            LanguageText(f"{agreement.provider.scheme.short}.{agreement.provider.item}"),
            library.address(agreement.provider),
        ),
    )


def metadata_structure_page(metadata_structure: MetadataStructure, library: Library, words: Words) -> SitePage:
    sources = PageSources()
    values = {
        **about(metadata_structure, sources, words),
        "rows": list(attributes(metadata_structure.attributes, 0, library=library, sources=sources, words=words)),
        "flows": [
            PageLink(words.of(flow.name), library.address(flow.ref), note=flow.ref.id)
            for flow in library.metadataflows
            if flow.structure == metadata_structure.ref
        ],
    }
    href, title = library.address(metadata_structure.ref), words.of(metadata_structure.name)
    entries = (SearchEntry(title.text, words.say("Reference metadata"), href=href, words=metadata_structure.ref.id),)
    above = PageLink(LanguageText(words.say("Reference metadata")), "metadata.html")
    return artefact_page(
        metadata_structure.ref,
        "metadata_structure.html.j2",
        title=title,
        above=above,
        values=values,
        sources=sources,
        entries=entries,
    )


def attributes(
    siblings: Sequence[MetadataAttribute], depth: int, library: Library, sources: PageSources, words: Words
) -> Iterator[FactRow]:
    for attribute in siblings:
        concept = library.items(attribute.concept.scheme).get(attribute.concept.item)
        codelist_link = (
            PageLink(LanguageText(attribute.codelist.short), library.address(attribute.codelist))
            if attribute.codelist
            else None
        )
        values = codelist_link or PageLink(
            LanguageText(words.say("heading") if attribute.presentational else attribute.data_type)
        )
        yield FactRow(
            attribute.id,
            words.of(concept.name if concept else Text.of(en=attribute.id)),
            standing=standing(concept, sources, words) if concept else Standing("candidate"),
            depth=depth,
            description=words.of(concept.description) if concept else LanguageText(""),
            href=library.address(attribute.concept),
            cells=(values, words.say("several") if attribute.max_occurs == "unbounded" else ""),
        )
        yield from attributes(attribute.children, depth + 1, library=library, sources=sources, words=words)
