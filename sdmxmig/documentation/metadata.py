"""Pages of reference metadata and agreements: what is said about data in words, about what, and who provides what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.documentation.facts import Row, Sources, Standing, about, standing
from sdmxmig.documentation.library import Library
from sdmxmig.documentation.pages import Entry, Link, Page
from sdmxmig.model.artefacts import Text
from sdmxmig.model.structures import Agreement, MetadataAttribute, Metadataflow, MetadataStructure
from sdmxmig.words import Said, Words


def metadata_pages(library: Library, words: Words) -> Iterator[Page]:
    """The page of metadata structures, metadataflows and agreements, then one page for each structure."""
    if not (library.metadata_structures or library.metadataflows or library.agreements):
        return
    sources = Sources()
    values = {
        "structures": [row_of(one, library, sources, words) for one in library.metadata_structures],
        "flows": [
            row_of(one, library, sources=sources, words=words, cells=flow_cells(one, library))
            for one in library.metadataflows
        ],
        "agreements": [
            row_of(one, library, sources=sources, words=words, cells=agreed(one, library)) for one in library.agreements
        ],
    }
    kinds: tuple[Metadataflow | Agreement, ...] = (*library.metadataflows, *library.agreements)
    entries = tuple(
        Entry(words.of(one.name).text, words.say("Reference metadata"), href=library.address(one.ref), words=one.ref.id)
        for one in kinds
    )
    title = Said(words.say("Reference metadata"))
    yield Page(
        "metadata.html",
        "metadata.html.j2",
        title=title,
        section="metadata",
        values=values,
        sources=sources,
        entries=entries,
    )
    for one in library.metadata_structures:
        yield structure_page(one, library, words)


def row_of(
    one: MetadataStructure | Metadataflow | Agreement,
    library: Library,
    sources: Sources,
    words: Words,
    cells: tuple[object, ...] = (),
) -> Row:
    """One of them in its table."""
    return Row(
        one.ref.id,
        words.of(one.name),
        standing=standing(one, sources, words),
        anchor=one.ref.id,
        description=words.of(one.description),
        href=library.address(one.ref),
        cells=cells,
    )


def flow_cells(one: Metadataflow, library: Library) -> tuple[object, ...]:
    """The structure that a metadataflow follows, and what it may be about."""
    structure = Link(Said(one.structure.short), library.address(one.structure)) if one.structure else Link(Said("–"))
    return structure, [target.partition("infomodel.")[2] or target for target in one.targets]


def agreed(one: Agreement, library: Library) -> tuple[object, ...]:
    """The flow of an agreement, and who provides it."""
    return (
        Link(Said(one.flow.short), library.address(one.flow)),
        Link(Said(f"{one.provider.scheme.short}.{one.provider.item}"), library.address(one.provider)),
    )


def structure_page(one: MetadataStructure, library: Library, words: Words) -> Page:
    """A metadata structure: its attributes as a tree, each with the values that it takes."""
    sources = Sources()
    values = {
        **about(one, sources, words),
        "rows": list(attributes(one.attributes, 0, library=library, sources=sources, words=words)),
        "flows": [
            Link(words.of(flow.name), library.address(flow.ref), note=flow.ref.id)
            for flow in library.metadataflows
            if flow.structure == one.ref
        ],
    }
    href, title = library.address(one.ref), words.of(one.name)
    entries = (Entry(title.text, words.say("Reference metadata"), href=href, words=one.ref.id),)
    crumbs = (Link(Said(words.say("Reference metadata")), "metadata.html"),)
    return Page(
        href,
        "metadata_structure.html.j2",
        title=title,
        section="metadata",
        values=values,
        sources=sources,
        entries=entries,
        crumbs=crumbs,
        eyebrow=one.ref.short,
    )


def attributes(
    given: Sequence[MetadataAttribute], depth: int, library: Library, sources: Sources, words: Words
) -> Iterator[Row]:
    """The attributes in their order; its standing is that of its concept."""
    for one in given:
        concept = library.items(one.concept.scheme).get(one.concept.item)
        listed = Link(Said(one.codelist.short), library.address(one.codelist)) if one.codelist else None
        values = listed or Link(Said(words.say("heading") if one.presentational else one.data_type))
        yield Row(
            one.id,
            words.of(concept.name if concept else Text.of(en=one.id)),
            standing=standing(concept, sources, words) if concept else Standing("candidate"),
            depth=depth,
            description=words.of(concept.description) if concept else Said(""),
            href=library.address(one.concept),
            cells=(values, words.say("several") if one.max_occurs == "unbounded" else ""),
        )
        yield from attributes(one.children, depth + 1, library=library, sources=sources, words=words)
