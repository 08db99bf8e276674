"""The country that is assessed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its statistical office, as ``country.toml`` of a workspace declares them.

    Args:
        area: code of the reference area (ISO 3166-1 alpha-2).
        name: name of the country.
        office: name of the statistical office.
        language: language tag of reports and comments.
        contact: whom to write to, shown on page one of the report.
        citation: how to cite the report.
        compared_with: date of the published standard with which the answers of the profile were compared, or empty.
        is_fictional: whether the country is made up. Every result says so.
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
