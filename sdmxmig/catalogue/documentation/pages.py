"""Pages before rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.catalogue.documentation.facts import PageSources
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.words import LanguageText


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A search entry."""

    title: str
    kind: str
    _: KW_ONLY
    href: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    text: LanguageText
    href: str = ""
    _: KW_ONLY
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page in one language."""

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


def section_page(
    section: str,
    *,
    title: LanguageText,
    values: Mapping[str, object],
    sources: PageSources | None = None,
    entries: tuple[SearchEntry, ...] = (),
) -> SitePage:
    """The page to which an entry of the menu leads; its file and its template are called like the entry."""
    return SitePage(
        f"{section}.html",
        f"{section}.html.j2",
        title=title,
        section=section,
        values=values,
        sources=sources or PageSources(),
        entries=entries,
    )


def artefact_page(
    ref: Ref,
    template: str,
    *,
    title: LanguageText,
    above: PageLink,
    values: Mapping[str, object],
    sources: PageSources,
    entries: tuple[SearchEntry, ...],
) -> SitePage:
    """The page of an artefact, below that of all of its kind; it stands where its first search entry leads."""
    return SitePage(
        entries[0].href,
        template,
        title=title,
        section=above.href.removesuffix(".html"),
        values=values,
        sources=sources,
        entries=entries,
        crumbs=(above,),
        eyebrow=ref.short,
    )
