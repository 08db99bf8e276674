"""Pages of maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.facts import FactRow, PageSources, about, standing
from sdmxmig.catalogue.documentation.library import Library
from sdmxmig.catalogue.documentation.pages import PageLink, SearchEntry, SitePage, artefact_page, section_page
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.words import LanguageText, Words

MapEnds = Sequence[Ref | str]


def map_pages(library: Library, words: Words) -> Iterator[SitePage]:
    """The page of all maps, then one page for each; none where there are no maps."""
    whole, codes = library.structure_maps, library.representation_maps
    if not (whole or codes):
        return
    sources = PageSources()
    values = {
        "structures": [
            overview_row(
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
            overview_row(
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


def overview_row(
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
    """A map of structures: which components become which, by which codes, and which have one value only."""
    sources = PageSources()
    rows = []
    for link in structure_map.components:
        address = library.address(link.representation) if link.representation else ""
        representation = (
            PageLink(LanguageText(link.representation.short), address)
            if link.representation
            else PageLink(LanguageText(words.say("as it is")))
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
    """A map of codes: line by line, and the codes of either side that the other cannot express, with the reason."""
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
        for type_, title in ((WITHOUT_TARGET, "Not told there"), (WITHOUT_SOURCE, "Not told here"))
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
