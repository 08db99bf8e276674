"""Outputs: one module each makes the bytes of a file from the one page that the sections make together.

An output takes a `Page`: its HTML, and its figures as SVG by the id of their `<figure>`. A new output is one new
module here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.charts.theme import SHIPPED, Theme


@dataclass(frozen=True, slots=True)
class Page:
    """A report before it becomes a file.

    `notice` is what every page must carry, empty if nothing; `running` stands at the head of each page; `page_of` is
    the wording of a page number with ``{page}`` and ``{pages}``; `identifier` is the same for the same content;
    `printed` is the HTML of what goes on paper, where that is less than what a screen folds away, and `single` are the
    ids of sections that have to fit a page of paper each; `lacking` says what could not be made, and why;
    `untranslated` are the keys of what stands in English in a page of another language; `theme` has its colours, for
    outputs that know no style sheet.
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
    identifier: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    lacking: str = ""
    untranslated: tuple[str, ...] = ()
    theme: Theme = SHIPPED

    @property
    def on_paper(self) -> str:
        """The HTML of what goes on paper."""
        return self.printed or self.html


OUTPUTS: Kind[Callable[[Page], bytes]] = Kind("sdmxmig.reporting.outputs")
