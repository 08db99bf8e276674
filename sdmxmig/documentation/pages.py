"""What a page is before it is filled: its file, its title, its place in the site, and what its template gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.documentation.facts import PageSources
from sdmxmig.words import LanguageText


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What the search finds: a title, what it is, where it stands, and other words by which it is known."""

    title: str
    kind: str
    _: KW_ONLY
    href: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link with its text; `note` stands behind it. Without an address it is only a text."""

    text: LanguageText
    href: str = ""
    _: KW_ONLY
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of the site in one language. `section` is the entry of the menu under which it stands."""

    file: str
    template: str
    _: KW_ONLY
    title: LanguageText
    section: str
    values: Mapping[str, object]
    sources: PageSources = field(default_factory=PageSources)
    entries: tuple[SearchEntry, ...] = ()
    crumbs: tuple[PageLink, ...] = ()
    eyebrow: str = ""
