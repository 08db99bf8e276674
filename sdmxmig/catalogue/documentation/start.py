"""Start and search pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue.documentation.facts import counts_by_status
from sdmxmig.catalogue.documentation.library import DEFINITIONS, FRAMEWORK, Library
from sdmxmig.catalogue.documentation.pages import SearchEntry, SitePage, section_page
from sdmxmig.sdmx.words import LanguageText, Words

STATUSES = ("verified", "candidate", "national")


def start_page(library: Library, words: Words) -> SitePage:
    title = LanguageText(words.say("International migration and temporary mobility: the framework as SDMX"))
    parts = [part for part in parts_of(library, words) if part["count"]]
    return SitePage(
        "index.html",
        "start.html.j2",
        title=title,
        section="start",
        values={"parts": parts, "statuses": STATUSES, "standard": standard(library, words)},
    )


def standard(library: Library, words: Words) -> list[str]:
    declared = library.catalogue.standard
    if not declared.name:
        return []
    document = words.of(declared.name).text
    if declared.is_published:
        return [
            words.say(
                "What names its passage was checked against “{document}” ({year}).",
                document=document,
                year=declared.date[:4],
            )
        ]
    return [
        words.say(
            "The published text (“{title}”, {year}) was not read: nothing here has been checked against it.",
            title=words.of(declared.awaited).text,
            year=declared.awaited_date,
        ),
        words.say("The indicators follow a proposal of {year}: {document}.", document=document, year=declared.date[:4]),
    ]


def parts_of(library: Library, words: Words) -> Iterator[dict[str, object]]:
    """The parts of the site, each with how many entries it has, by status."""
    everything: tuple[tuple[str, str, str, Sequence[object]], ...] = (
        (
            "framework.html",
            "Framework",
            "Movements, populations and principles, and how they hang together.",
            tuple(library.scheme(FRAMEWORK) or ()),
        ),
        (
            "definitions.html",
            "Definitions",
            "Every term with its criterion, its standard and its source.",
            tuple(library.scheme(DEFINITIONS) or ()),
        ),
        (
            "indicators.html",
            "Indicators",
            "By policy area; for each how to produce it, and from which sources.",
            tuple(library.catalogue.indicators.values()),
        ),
        (
            "lists.html",
            "Lists",
            "Codes, concepts and categories, with the hierarchies that add them up.",
            library.lists,
        ),
        ("structures.html", "Data structures", "Which dimensions and attributes a table has.", library.structures),
        ("flows.html", "Dataflows", "The tables that are reported again and again, by subject.", library.flows),
        (
            "accounts.html",
            "Accounts",
            "What must hold between populations, births, deaths and migration.",
            library.catalogue.identities,
        ),
        (
            "maps.html",
            "Correspondences",
            "How our figures become those of other organisations, and back.",
            (*library.structure_maps, *library.representation_maps),
        ),
        (
            "metadata.html",
            "Reference metadata",
            "What is said about data in words, and who provides what.",
            (*library.metadata_structures, *library.metadataflows, *library.agreements),
        ),
    )
    for href, title, text, things in everything:
        counts = counts_by_status(things)
        yield {
            "href": href,
            "title": words.say(title),
            "text": words.say(text),
            "count": len(things),
            "by_status": [counts.get(status, 0) for status in STATUSES],
        }


def search_page(entries: Sequence[SearchEntry], words: Words) -> SitePage:
    page_entries = [entry for entry in entries if "#" not in entry.href or entry.href.startswith("definitions.html")]
    kinds: dict[str, list[SearchEntry]] = {}
    for entry in page_entries:
        kinds.setdefault(entry.kind, []).append(entry)
    for members in kinds.values():
        members.sort(key=lambda entry: entry.title.casefold())
    groups = [{"kind": kind, "entries": members} for kind, members in kinds.items()]
    return section_page("search", title=LanguageText(words.say("Search")), values={"groups": groups})
