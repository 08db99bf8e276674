"""All simulated sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.records.simulation import border, permits, register, social, survey
from sdmxmig.records.simulation.source import Seen, Source, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from sdmxmig.records.simulation.truth import Truth

MAKERS: Mapping[str, Callable[[Seen], Source]] = {
    border.NAME: border.border_of,
    register.NAME: register.register_of,
    permits.NAME: permits.permits_of,
    social.NAME: social.social_of,
    survey.NAME: survey.survey_of,
}


def sources_of(truth: Truth, identities: pl.DataFrame, *, is_faulty: bool = True) -> Iterator[Source]:
    for name, make in MAKERS.items():
        yield make(seen(name, truth, identities, is_faulty=is_faulty))
