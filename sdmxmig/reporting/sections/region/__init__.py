"""Regional reports. Each file in ``templates/region/`` is a section with a module of the same name."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.primitives.text import normalise_tag
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.region import page
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import RegionalStudy


def compose(study: RegionalStudy, *, language: str = "en") -> Page:
    return page.compose(study, Wording(normalise_tag(language)))


def build_country_pages(study: RegionalStudy, *, language: str = "en") -> Iterator[tuple[str, Page]]:
    return page.list_country_pages(study, Wording(normalise_tag(language)))
