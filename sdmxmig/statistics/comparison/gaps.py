"""Common gaps."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.profile import UNKNOWN
from sdmxmig.sdmx.model.region import CommonGap, Country


def common_gaps(countries: Sequence[Country]) -> tuple[CommonGap, ...]:
    gaps = {country.area: {gap.id: gap for gap in country.assessment.gaps} for country in countries}
    silent = {country.area: unanswered(country.assessment) for country in countries}
    codes = {
        result.indicator.id: result.indicator.code for country in countries for result in country.assessment.indicators
    }
    common = []
    for subject in sorted({subject for country_gaps in gaps.values() for subject in country_gaps}):
        having = {area: country_gaps[subject] for area, country_gaps in gaps.items() if subject in country_gaps}
        gap = next(iter(having.values()))
        asked_by = tuple(dict.fromkeys(name for country_gap in having.values() for name in country_gap.subjects))
        common.append(
            CommonGap(
                subject,
                ", ".join(codes.get(name, name) for name in asked_by),
                statement=gap.statement,
                action=gap.action,
                whole=tuple(area for area, gap in having.items() if not gap.is_partial),
                partial=tuple(area for area, gap in having.items() if gap.is_partial),
                unknown=tuple(area for area, subjects in silent.items() if subjects.issuperset(asked_by)),
            )
        )
    return tuple(sorted(common, key=lambda gap: (-len(gap.areas), -len(gap.whole), gap.subject)))


def unanswered(assessment: Assessment) -> set[str]:
    items = {
        score.item.id
        for score in assessment.scores
        if score.is_contradicted or assessment.scale(score.item.scale).silence(score.answer) == UNKNOWN
    }
    return items | {
        result.indicator.id for result in assessment.indicators if not result.is_known or result.contradicted
    }
