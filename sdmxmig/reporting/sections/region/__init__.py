"""The regional report: from a study of several countries to one report, and to a small page of each country.

One file in ``templates/region/`` is one section, in the order of their numbers; the module of the same name here
prepares it. Frame, blocks and style are those of the country report.
"""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.primitives.text import tag
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.region import page
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.region import RegionalStudy


def compose(study: RegionalStudy, *, language: str = "en") -> Page:
    """Compose the regional report once, for all outputs that `sdmxmig.reporting.sections.write` makes of it.

    Raises `SdmxmigError` for a language that does not exist.
    """
    return page.compose(study, Wording(tag(language)))


def country_pages(study: RegionalStudy, *, language: str = "en") -> Iterator[tuple[str, Page]]:
    """The page of each country, by its code: its own summary, and where it stands among its peers."""
    return page.country_pages(study, Wording(tag(language)))
