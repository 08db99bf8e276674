"""The assessed country, apart from assessments because commands read it before heavy libraries are loaded."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Country:
    """A country and its statistical office (``country.toml``).

    `area` is its ISO 3166-1 alpha-2 code, `language` the tag of reports and comments, `citation` states how to cite the
    report. `compared_with` is the date of the published standard used, or empty. Every result names a fictional
    country as such.
    """

    area: str
    _: KW_ONLY
    name: Text
    office: Text = Text()
    language: str = "en"
    contact: Text = Text()
    citation: Text = Text()
    compared_with: str = ""
    is_fictional: bool = False
