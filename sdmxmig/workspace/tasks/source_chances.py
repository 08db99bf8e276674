"""Potential of a profile's sources by indicator."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.statistics.assessment import claims_of
from sdmxmig.statistics.calculations.source_yields import chances
from sdmxmig.workspace.tasks.answering import present_state

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.artefacts import Text
    from sdmxmig.sdmx.model.indicators import Indicator
    from sdmxmig.sdmx.model.source_yields import Chance
    from sdmxmig.workspace.tasks.session import Session

SOURCE_TYPES, NEEDS = "CL_SRC_TYPE", "CL_SRC_NEED"


@dataclass(frozen=True, slots=True)
class IndicatorChances:
    """An indicator with the sources of the country that could give it, the most hopeful first."""

    indicator: Indicator
    chances: tuple[Chance, ...]
    _: KW_ONLY
    sources: dict[str, Text]
    steps: dict[str, Text]


def source_chances(session: Session) -> list[IndicatorChances]:
    """The indicators in their order, each with the sources of the inventory that could give it; none for many."""
    claims = claims_of(present_state(session).profile, session.catalogue)
    types = {item.id: item.name for item in session.catalogue.item_scheme(SOURCE_TYPES)}
    steps = {item.id: item.name for item in session.catalogue.item_scheme(NEEDS)}
    return [
        IndicatorChances(
            indicator,
            possible,
            sources={each.source: types[each.source] for each in possible},
            steps={code: steps[code] for each in possible for code in each.needs},
        )
        for indicator in session.catalogue.indicators.values()
        for possible in [chances(indicator, claims)]
    ]
