"""The regional report: from a study of several countries to one report, and to a small page of each country.

One file in ``templates/region/`` is one section, in the order of their numbers; the module of the same name here
prepares it. Frame, blocks and style are those of the country report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sdmxmig.model.region import RegionalStudy
from sdmxmig.outputs import Page
from sdmxmig.plugins import Kind
from sdmxmig.reporting.wording import Wording

View = Callable[[RegionalStudy, Wording], Mapping[str, object]]
COUNTRIES = "countries"
"""The folder of the countries' own pages, beside the report."""
REGION_VIEWS: Kind[View] = Kind("sdmxmig.reporting.region")


def compose(study: RegionalStudy, *, language: str = "en") -> Page:
    """Compose the regional report once, for all outputs that `sdmxmig.reporting.write` makes of it.

    Raises `SdmxmigError` for a language that does not exist.
    """
    from sdmxmig.reporting.region import page

    return page.compose(study, Wording(language))


def country_pages(study: RegionalStudy, *, language: str = "en") -> Iterator[tuple[str, Page]]:
    """The page of each country, by its code: its own summary, and where it stands among its peers."""
    from sdmxmig.reporting.region import page

    return page.country_pages(study, Wording(language))


def file_name(study: RegionalStudy, language: str) -> str:
    """What the files of the report are called, without suffix: whether it is a draft, and in which language it is."""
    return f"region{'-draft' if study.is_draft else ''}.{language}"


def country_file(area: str, language: str) -> str:
    """What the page of a country is called, beside the report."""
    return f"{COUNTRIES}/{area}.{language}.html"
