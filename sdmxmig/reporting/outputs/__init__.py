"""Output formats: one module each, which takes a `Page` with HTML and SVG figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.charts.theme import SHIPPED_THEME, Theme


@dataclass(frozen=True, slots=True)
class Page:
    """A report before output.

    `notice` is on every page; `running` is the page header; `page_of` formats page numbers with ``{page}`` and
    ``{pages}``; `printed` is the HTML for paper; `single` sections fit one page if readable text allows it;
    `untranslated` are English keys.
    """

    html: str
    title: str
    _: KW_ONLY
    printed: str = ""
    single: tuple[str, ...] = ()
    language: str
    direction: str
    running: str
    notice: str = ""
    page_of: str = "{page} / {pages}"
    figures: Mapping[str, str] = field(default_factory=dict)
    untranslated: tuple[str, ...] = ()
    theme: Theme = SHIPPED_THEME

    @property
    def on_paper(self) -> str:
        return self.printed or self.html


OUTPUTS: Kind[Callable[[Page], bytes]] = Kind("sdmxmig.reporting.outputs")


@OUTPUTS.add("html")
def write(page: Page) -> bytes:
    return page.html.encode("utf-8")
