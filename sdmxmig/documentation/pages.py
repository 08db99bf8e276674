"""What a page is before it is filled: its file, its title, its place in the site, and what its template gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.documentation.facts import Sources
from sdmxmig.words import LanguageText


@dataclass(frozen=True, slots=True)
class Entry:
    """What the search finds: a title, what it is, where it stands, and other words by which it is known."""

    title: str
    kind: str
    _: KW_ONLY
    href: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text; `note` stands behind it. Without an address it is only a text."""

    text: LanguageText
    href: str = ""
    _: KW_ONLY
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the site in one language. `section` is the entry of the menu under which it stands."""

    file: str
    template: str
    _: KW_ONLY
    title: LanguageText
    section: str
    values: Mapping[str, object]
    sources: Sources = field(default_factory=Sources)
    entries: tuple[Entry, ...] = ()
    crumbs: tuple[Link, ...] = ()
    eyebrow: str = ""
