"""The assessed country."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Country:
    """A country and its statistical office (``country.toml``).

    Args: area: ISO 3166-1 alpha-2 code. name: name of the country. office: name of the statistical office. language:
    language tag of reports and comments. contact: contact shown in the report. citation: how to cite the report.
    compared_with: date of the published standard used, or empty. is_fictional: whether the country is invented; every
    result says so.
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
