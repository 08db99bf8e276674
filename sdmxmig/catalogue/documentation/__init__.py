"""Static documentation site in HTML, in several languages, with a search index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.documentation.indicators import (
    build_account_pages,
    build_definition_pages,
    build_framework_pages,
    build_indicator_pages,
)
from sdmxmig.catalogue.documentation.pages import (
    DEFINITIONS,
    FRAMEWORK,
    Library,
    Page,
    SearchEntry,
    SitePage,
    index_counts_by_status,
)
from sdmxmig.catalogue.documentation.structures import (
    build_flow_pages,
    build_list_pages,
    build_map_pages,
    build_metadata_pages,
    build_structure_pages,
)
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.templating import Templates
from sdmxmig.primitives.text import choose_language, find_direction
from sdmxmig.sdmx.words import FILE, Words, read_words

__all__ = ["LANGUAGES", "LiveSite", "render"]

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
OWN_NAMES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية", "ru": "Русский", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    about: str
    pages: Callable[[Page], Iterator[SitePage]]
    things: Callable[[Library], Sequence[object]]

    @property
    def href(self) -> str:
        return f"{self.name}.html"


SECTIONS = (
    Section(
        "framework",
        "Framework",
        "Movements, populations and principles, and the relations between them.",
        pages=build_framework_pages,
        things=lambda library: tuple(library.scheme(FRAMEWORK) or ()),
    ),
    Section(
        "definitions",
        "Definitions",
        "Every term with its criterion, its standard and its source.",
        pages=build_definition_pages,
        things=lambda library: tuple(library.scheme(DEFINITIONS) or ()),
    ),
    Section(
        "indicators",
        "Indicators",
        "By policy area, with methods and sources for each.",
        pages=build_indicator_pages,
        things=lambda library: tuple(library.catalogue.indicators.values()),
    ),
    Section(
        "lists",
        "Lists",
        "Codes, concepts and categories, with the hierarchies that add them up.",
        pages=build_list_pages,
        things=lambda library: library.lists,
    ),
    Section(
        "structures",
        "Data structures",
        "The dimensions and attributes of a table.",
        pages=build_structure_pages,
        things=lambda library: library.structures,
    ),
    Section(
        "flows",
        "Dataflows",
        "Regularly reported tables, by subject.",
        pages=build_flow_pages,
        things=lambda library: library.flows,
    ),
    Section(
        "accounts",
        "Accounts",
        "Relations between populations, births, deaths and migration.",
        pages=build_account_pages,
        things=lambda library: library.catalogue.identities,
    ),
    Section(
        "maps",
        "Correspondences",
        "Conversion between sdmxmig figures and those of other organisations.",
        pages=build_map_pages,
        things=lambda library: (*library.structure_maps, *library.representation_maps),
    ),
    Section(
        "metadata",
        "Reference metadata",
        "Explanations of data, and their providers.",
        pages=build_metadata_pages,
        things=lambda library: (*library.metadata_structures, *library.metadataflows, *library.agreements),
    ),
)
STYLE, SCRIPT, INDEX = "assets/style.css", "assets/site.js", "search-index.js"


def render(catalogue: Catalogue, languages: Sequence[str] = LANGUAGES) -> dict[str, bytes]:
    spoken: dict[str, None] = {}
    for language in languages:
        if not (translation := choose_language(language, OWN_NAMES)):
            raise SdmxmigError(f"The site is not translated into “{language}”.", hint=did_you_mean(language, OWN_NAMES))
        spoken[translation] = None
    site = LiveSite(catalogue, tuple(spoken))
    entries = [describe_language(language) for language in spoken]
    files = {
        **build_shared_files(),
        "index.html": build_pages_reader().fill("languages.html.j2", languages=entries).encode(),
    }
    for language in spoken:
        for name in (*site.language(language).pages, INDEX):
            files[f"{language}/{name}"] = site.content(f"{language}/{name}")
    return files


def describe_language(language: str) -> dict[str, str]:
    return {"language": language, "name": OWN_NAMES[language], "direction": find_direction(language)}


class SiteInLanguage:
    """The site in one language; pages are rendered on request."""

    def __init__(self, library: Library, language: str, languages: Sequence[str]) -> None:
        self._filled, self._languages = build_pages_reader(), languages
        words = self.words = find_site_words(language)
        pages = [page for section in SECTIONS for page in section.pages(Page(library, words))]
        self.entries = tuple(entry for page in pages for entry in page.entries)
        files = {page.file for page in pages}
        self._menu = [
            {"id": section.name, "href": section.href, "label": words.say(section.title)}
            for section in SECTIONS
            if section.href in files
        ]
        pages += [start_page(Page(library, words)), search_page(self.entries, Page(library, words))]
        self.pages = {page.file: page for page in pages}

    def content(self, file: str) -> str:
        if file == INDEX:
            return index(self.entries, self.words)
        page = self.pages[file]
        frame = {
            "language": self.words.language,
            "direction": self.words.direction,
            "title": page.title,
            "section": page.section,
            "file": page.file,
            "crumbs": page.crumbs,
            "eyebrow": page.eyebrow,
            "languages": [describe_language(language) for language in self._languages],
            "sources": [(number, source) for source, number in page.sources.items()],
        }
        return self._filled.fill(page.template, _=self.words.say, frame=frame, shown=self._menu, **page.values)


class LiveSite:
    def __init__(self, catalogue: Catalogue, languages: Sequence[str] = LANGUAGES) -> None:
        self._library, self._all = Library(catalogue), tuple(languages)
        self._languages: dict[str, SiteInLanguage] = {}

    def language(self, language: str) -> SiteInLanguage:
        if language not in self._all:
            raise KeyError(language)
        if language not in self._languages:
            self._languages[language] = SiteInLanguage(self._library, language, self._all)
        return self._languages[language]

    def content(self, file: str) -> bytes:
        shared = build_shared_files()
        if file in shared:
            return shared[file]
        language, _, name = file.partition("/")
        return self.language(language).content(name).encode()


@cache
def find_site_words(language: str) -> Words:
    tables = read_words(build_pages_reader().source(FILE))
    return Words(language, tables.get(language, tables["en"]))


def build_pages_reader() -> Templates:
    return Templates([find_shipped_folder("templates") / "docs"], words={})


def build_shared_files() -> dict[str, bytes]:
    report, reader = Templates([find_shipped_folder("templates") / "report"], words={}), build_pages_reader()
    return {
        STYLE: (report.source("style.css") + reader.source("style.css")).encode(),
        SCRIPT: reader.source("site.js").encode(),
    }


def index(entries: Sequence[SearchEntry], words: Words) -> str:
    rows = [[entry.title, entry.kind, entry.href, entry.words] for entry in entries]
    messages = {"none": words.say("No results."), "found": words.say("{n} found", n="{n}")}
    written = json.dumps({"rows": rows, "words": messages}, ensure_ascii=False, separators=(",", ":"))
    return f"window.sdmxmigIndex={written};\n"


STATUSES = ("verified", "candidate", "national")


def start_page(page: Page) -> SitePage:
    title = page.label("International migration and temporary mobility: the framework as SDMX")
    values = {"parts": list(list_site_parts(page)), "statuses": STATUSES, "standard": describe_verification(page)}
    return SitePage(file="index.html", template="start.html.j2", title=title, section="start", values=values)


def describe_verification(page: Page) -> list[str]:
    """Name the document with which the entries were compared, or the publication still expected."""
    declared, words = page.library.catalogue.standard, page.words
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


def list_site_parts(page: Page) -> Iterator[dict[str, object]]:
    for section in SECTIONS:
        things = section.things(page.library)
        counts = index_counts_by_status(things)
        if things:
            yield {
                "href": section.href,
                "title": page.say(section.title),
                "text": page.say(section.about),
                "count": len(things),
                "by_status": [counts.get(status, 0) for status in STATUSES],
            }


def search_page(entries: Sequence[SearchEntry], page: Page) -> SitePage:
    kinds: dict[str, list[SearchEntry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.title.casefold()):
        if "#" not in entry.href or entry.href.startswith("definitions.html"):
            kinds.setdefault(entry.kind, []).append(entry)
    in_order = [kind for kind in dict.fromkeys(entry.kind for entry in entries) if kind in kinds]
    groups = [{"kind": kind, "entries": kinds[kind]} for kind in in_order]
    return page.build_section_page("search", page.label("Search"), {"groups": groups})
