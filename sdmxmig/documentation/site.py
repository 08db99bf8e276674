"""The site as files: pages in every language, one style sheet, one script, and for each language what is searched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import shipped
from sdmxmig.documentation.accounts import account_pages
from sdmxmig.documentation.definitions import definition_pages, framework_pages
from sdmxmig.documentation.facts import PageSources
from sdmxmig.documentation.indicators import indicator_pages
from sdmxmig.documentation.library import Library
from sdmxmig.documentation.lists import list_pages
from sdmxmig.documentation.maps import map_pages
from sdmxmig.documentation.metadata import metadata_pages
from sdmxmig.documentation.pages import SearchEntry, SitePage
from sdmxmig.documentation.start import search_page, start_page
from sdmxmig.documentation.structures import flow_pages, structure_pages
from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.outputs.templating import Templates
from sdmxmig.text import direction, translated_into
from sdmxmig.words import FILE, Words, read_words

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
    """All files of the site by their path: one folder for each language, and what they share.

    Same input, same bytes. Raises `SdmxmigError` for a language that the words of the site are not translated into.
    """
    top = shipped("templates")
    report, reader = Templates([top / "report"], words={}), Templates([top / "docs"], words={})
    words = read_words(reader.source(FILE))
    for language in languages:
        if not translated_into(language, words.keys() & OWN_NAMES.keys()):
            raise SdmxmigError(f"The site is not translated into “{language}”.", hint=did_you_mean(language, OWN_NAMES))
    languages = list(dict.fromkeys(translated_into(language, words) for language in languages))
    library = Library(catalogue)
    files = {
        STYLE: (report.source("style.css") + reader.source("style.css")).encode(),
        SCRIPT: reader.source("site.js").encode(),
        "index.html": reader.fill(
            "languages.html.j2", languages=[language_entry(language) for language in languages]
        ).encode(),
    }
    for language in languages:
        wording = Words(language, words[language])
        for name, content in in_language(library, wording, languages, reader):
            files[f"{language}/{name}"] = content.encode()
    return files


def language_entry(language: str) -> dict[str, str]:
    """A language as its readers call it."""
    return {"language": language, "name": OWN_NAMES[language], "direction": direction(language)}


def menu(words: Words) -> list[dict[str, str]]:
    """The menu in the language."""
    return [{"id": id_, "href": href, "label": words.say(label)} for id_, href, label in MENU]


def in_language(
    library: Library, words: Words, languages: Sequence[str], filled: Templates
) -> Iterator[tuple[str, str]]:
    """The pages in one language, by file name, and the script that holds what is searched."""
    pages = [page for view in VIEWS for page in view(library, words)]
    entries = [entry for page in pages for entry in page.entries]
    files = {page.file for page in pages}
    menu_entries = [entry for entry in menu(words) if entry["href"] in files]
    pages += [start_page(library, words), search_page(entries, words)]
    for page in pages:
        frame = frame_of(page, words, languages)
        yield page.file, filled.fill(page.template, _=words.say, frame=frame, shown=menu_entries, **page.values)
    yield INDEX, index(entries, words)


def frame_of(page: SitePage, words: Words, languages: Sequence[str]) -> Mapping[str, object]:
    """What stands around the content of a page."""
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
    """The sources at the foot of a page."""
    return sources.listed()


def index(entries: Sequence[SearchEntry], words: Words) -> str:
    """What is searched, as a script, since a page in a folder may not read other files."""
    rows = [[entry.title, entry.kind, entry.href, entry.words] for entry in entries]
    messages = {"none": words.say("Nothing was found."), "found": words.say("{n} found", n="{n}")}
    written = json.dumps({"rows": rows, "words": messages}, ensure_ascii=False, separators=(",", ":"))
    return f"window.sdmxmigIndex={written};\n"
