"""Pages of metadata and agreements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.facts import FactRow, PageSources, Standing, about, standing
from sdmxmig.catalogue.documentation.library import Library
from sdmxmig.catalogue.documentation.pages import PageLink, SearchEntry, SitePage, artefact_page, section_page
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.structures import Agreement, MetadataAttribute, Metadataflow, MetadataStructure
from sdmxmig.sdmx.words import LanguageText, Words


def metadata_pages(library: Library, words: Words) -> Iterator[SitePage]:
    """The page of metadata structures, metadataflows and agreements, then one page for each structure."""
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
        yield structure_page(metadata_structure, library, words)


def row_of(
    artefact: MetadataStructure | Metadataflow | Agreement,
    library: Library,
    sources: PageSources,
    words: Words,
    cells: tuple[object, ...] = (),
) -> FactRow:
    """A metadata structure, a metadataflow or an agreement as a row of the page that lists them."""
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


def structure_page(metadata_structure: MetadataStructure, library: Library, words: Words) -> SitePage:
    """A metadata structure: its attributes as a tree, each with the values that it takes."""
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
    """The attributes of a metadata structure in their order, each relied on as far as its concept."""
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
