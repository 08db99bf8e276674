"""Documentation site in HTML, in several languages, without server, and its search index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.documentation.definitions import account_pages, definition_pages, framework_pages
from sdmxmig.catalogue.documentation.indicators import indicator_pages
from sdmxmig.catalogue.documentation.lists import list_pages, map_pages
from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FRAMEWORK,
    Library,
    Page,
    PageSources,
    SearchEntry,
    SitePage,
    counts_by_status,
)
from sdmxmig.catalogue.documentation.structures import flow_pages, metadata_pages, structure_pages
from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.templating import Templates
from sdmxmig.primitives.text import direction, translated_into
from sdmxmig.sdmx.words import FILE, LanguageText, Words, read_words

__all__ = ["LANGUAGES", "LiveSite", "render"]

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
OWN_NAMES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية", "ru": "Русский", "zh": "中文"}
MENU = (
    ("framework", "framework.html", "Framework"),
    ("definitions", "definitions.html", "Definitions"),
    ("indicators", "indicators.html", "Indicators"),
    ("lists", "lists.html", "Lists"),
    ("structures", "structures.html", "Data structures"),
    ("flows", "flows.html", "Dataflows"),
    ("accounts", "accounts.html", "Accounts"),
    ("maps", "maps.html", "Correspondences"),
    ("metadata", "metadata.html", "Reference metadata"),
)
VIEWS: Sequence[Callable[[Library, Words], Iterator[SitePage]]] = (
    framework_pages,
    definition_pages,
    indicator_pages,
    list_pages,
    structure_pages,
    flow_pages,
    account_pages,
    map_pages,
    metadata_pages,
)
STYLE, SCRIPT, INDEX = "assets/style.css", "assets/site.js", "search-index.js"


def render(catalogue: Catalogue, languages: Sequence[str] = LANGUAGES) -> dict[str, bytes]:
    """Render all files; deterministic.

    Raises `SdmxmigError` for an unknown language.
    """
    reader = Templates([shipped("templates") / "docs"], words={})
    words = read_words(reader.source(FILE))
    for language in languages:
        if not translated_into(language, words.keys() & OWN_NAMES.keys()):
            raise SdmxmigError(f"The site is not translated into “{language}”.", hint=did_you_mean(language, OWN_NAMES))
    languages = list(dict.fromkeys(translated_into(language, words) for language in languages))
    library = Library(catalogue)
    files = {
        **shared_files(),
        "index.html": reader.fill(
            "languages.html.j2", languages=[language_entry(language) for language in languages]
        ).encode(),
    }
    for language in languages:
        site = SiteInLanguage(library, Words(language, words[language]), languages, reader)
        for name in (*site.pages, INDEX):
            files[f"{language}/{name}"] = site.content(name).encode()
    return files


def language_entry(language: str) -> dict[str, str]:
    return {"language": language, "name": OWN_NAMES[language], "direction": direction(language)}


def menu(words: Words) -> list[dict[str, str]]:
    return [{"id": id_, "href": href, "label": words.say(label)} for id_, href, label in MENU]


class SiteInLanguage:
    """The site in one language; pages are rendered on request."""

    def __init__(self, library: Library, words: Words, languages: Sequence[str], filled: Templates) -> None:
        self.words, self.languages, self._filled = words, languages, filled
        pages = [page for view in VIEWS for page in view(library, words)]
        self.entries = tuple(entry for page in pages for entry in page.entries)
        files = {page.file for page in pages}
        self._menu = [entry for entry in menu(words) if entry["href"] in files]
        pages += [start_page(library, words), search_page(list(self.entries), Page(library, words))]
        self.pages = {page.file: page for page in pages}

    def content(self, file: str) -> str:
        if file == INDEX:
            return index(self.entries, self.words)
        page = self.pages[file]
        frame = frame_of(page, self.words, self.languages)
        return self._filled.fill(page.template, _=self.words.say, frame=frame, shown=self._menu, **page.values)


class LiveSite:
    """The site rendered on demand."""

    def __init__(self, catalogue: Catalogue, languages: Sequence[str] = LANGUAGES) -> None:
        self._library, self._all = Library(catalogue), tuple(languages)
        self._languages: dict[str, SiteInLanguage] = {}

    def language(self, language: str) -> SiteInLanguage:
        if language not in self._all:
            raise KeyError(language)
        if language not in self._languages:
            reader = Templates([shipped("templates") / "docs"], words={})
            words = Words(language, read_words(reader.source(FILE))[language])
            self._languages[language] = SiteInLanguage(self._library, words, self._all, reader)
        return self._languages[language]

    def content(self, file: str) -> bytes:
        shared = shared_files()
        if file in shared:
            return shared[file]
        language, _, name = file.partition("/")
        return self.language(language).content(name).encode()


def shared_files() -> dict[str, bytes]:
    top = shipped("templates")
    report, reader = Templates([top / "report"], words={}), Templates([top / "docs"], words={})
    return {
        STYLE: (report.source("style.css") + reader.source("style.css")).encode(),
        SCRIPT: reader.source("site.js").encode(),
    }


def frame_of(page: SitePage, words: Words, languages: Sequence[str]) -> Mapping[str, object]:
    return {
        "language": words.language,
        "direction": words.direction,
        "title": page.title,
        "section": page.section,
        "file": page.file,
        "crumbs": page.crumbs,
        "eyebrow": page.eyebrow,
        "languages": [language_entry(language) for language in languages],
        "sources": numbered(page.sources),
    }


def numbered(sources: PageSources) -> list[tuple[int, str]]:
    return sources.listed()


def index(entries: Sequence[SearchEntry], words: Words) -> str:
    rows = [[entry.title, entry.kind, entry.href, entry.words] for entry in entries]
    messages = {"none": words.say("No results."), "found": words.say("{n} found", n="{n}")}
    written = json.dumps({"rows": rows, "words": messages}, ensure_ascii=False, separators=(",", ":"))
    return f"window.sdmxmigIndex={written};\n"


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
                "Entries with a passage were checked against “{document}” ({year}).",
                document=document,
                year=declared.date[:4],
            )
        ]
    return [
        words.say(
            "Not yet checked against the published text (“{title}”, {year}).",
            title=words.of(declared.awaited).text,
            year=declared.awaited_date,
        ),
        words.say("The indicators follow a proposal of {year}: {document}.", document=document, year=declared.date[:4]),
    ]


def parts_of(library: Library, words: Words) -> Iterator[dict[str, object]]:
    """Yield the parts of the site, with the number of entries by status."""
    everything: tuple[tuple[str, str, str, Sequence[object]], ...] = (
        (
            "framework.html",
            "Framework",
            "Movements, populations and principles, and the relations between them.",
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
        ("flows.html", "Dataflows", "Regularly reported tables, by subject.", library.flows),
        (
            "accounts.html",
            "Accounts",
            "Relations between populations, births, deaths and migration.",
            library.catalogue.identities,
        ),
        (
            "maps.html",
            "Correspondences",
            "Conversion between sdmxmig figures and those of other organisations.",
            (*library.structure_maps, *library.representation_maps),
        ),
        (
            "metadata.html",
            "Reference metadata",
            "Explanations of data, and their providers.",
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


def search_page(entries: Sequence[SearchEntry], page: Page) -> SitePage:
    page_entries = [entry for entry in entries if "#" not in entry.href or entry.href.startswith("definitions.html")]
    kinds: dict[str, list[SearchEntry]] = {}
    for entry in page_entries:
        kinds.setdefault(entry.kind, []).append(entry)
    for members in kinds.values():
        members.sort(key=lambda entry: entry.title.casefold())
    groups = [{"kind": kind, "entries": members} for kind, members in kinds.items()]
    return page.of_section("search", LanguageText(page.say("Search")), {"groups": groups})
