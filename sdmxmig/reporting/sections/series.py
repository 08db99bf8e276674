"""Reading the series of an assessment: which one shows what, its latest value, its gaps and breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.sections.wording import Wording, natural
from sdmxmig.sdmx.model.assessment import Assessment, Point, Series
from sdmxmig.sdmx.model.bounds import Bounds
from sdmxmig.statistics.calculations.terms import years_in_words

ROLES = {
    "population": ("POP", "DF_POP", "POPULATION"),
    "census": ("CENSUS",),
    "immigration": ("IMM", "DF_IMM", "FLW_IMM", "IMMIGRATION"),
    "emigration": ("EMI", "DF_EMI", "FLW_EMI", "EMIGRATION"),
    "net": ("NET", "NET_MIG", "NET_MIGRATION"),
    "net rate": ("CNR",),
}
RATE = "PER_1000_POP"
PERSONS = "PS"
KEY = re.compile(r"\[([^\[\]]+)\]$")
FEW = 2
"""How many citations fit the line below a figure."""


def of_role(assessment: Assessment, role: str) -> Series | None:
    """The series that shows population, immigration, emigration, net migration or its rate, if there is one."""
    series_by_id = {series.id: series for series in assessment.series}
    return next((series_by_id[name] for name in ROLES[role] if name in series_by_id), None)


def rates(assessment: Assessment) -> list[Series]:
    """The series that are rates per 1,000 population."""
    return [series for series in assessment.series if series.unit == RATE]


def of_part(assessment: Assessment, dimension: str) -> list[tuple[str, Series]]:
    """The series of one part of the population, such as women, each with the code of that part."""
    return [(code, series) for series in assessment.series for name, code in series.codes if name == dimension]


def sources(several: Sequence[Series | None], assessment: Assessment, wording: Wording) -> tuple[str, tuple[str, ...]]:
    """The source line of a figure: its citations, or the keys of those that are too many for a line.

    A citation names its key in brackets at its end, as in ``Geostat, page “Population” [G1]``.
    """
    return cited((series.source for series in several if series), assessment, wording)


def cited(citations: Iterable[str], assessment: Assessment, wording: Wording) -> tuple[str, tuple[str, ...]]:
    """The source line for these citations; several in one text are parted by semicolons."""
    distinct = list(dict.fromkeys(part for citation in citations for part in citation.split("; ") if part))
    if len(distinct) <= FEW:
        return (wording.say("Source: {sources}.", sources=wording.semicolons(distinct)) if distinct else ""), ()
    matches = {citation: KEY.search(citation) for citation in distinct}
    keys = {citation: key[1] for citation, key in matches.items() if key and key[1] in assessment.sources}
    unlisted = [citation for citation in distinct if citation not in keys]
    written_out = wording.say("Sources: {sources}.", sources=wording.semicolons(unlisted)) if unlisted else ""
    listed = wording.say("Sources (see the list of references):") if keys else ""
    return " ".join(filter(None, (written_out, listed))), tuple(sorted(set(keys.values()), key=natural))


def keys_in(source: str, assessment: Assessment) -> tuple[str, ...]:
    """The keys of the list of sources that a text with citations names."""
    matches = [KEY.search(part) for part in source.split("; ")]
    return tuple(sorted({key[1] for key in matches if key and key[1] in assessment.sources}, key=natural))


def labels_of(figure: str, title: str, description: str, words: Mapping[str, str], wording: Wording) -> ChartLabels:
    """The labels of a chart in the language of the report."""
    separators, direction = text.separators(wording.language), text.direction(wording.language)
    return ChartLabels(
        figure,
        title,
        description=description,
        words=words,
        separators=separators,
        direction=direction,
        theme=wording.theme,
    )


def by_period(series: Series | None) -> dict[str, Point]:
    """Points by period; empty without a series."""
    return {point.period: point for point in series.points} if series else {}


def value_in(series: Series | None, period: str) -> Decimal | None:
    """The value of a period, None if it is not known."""
    point = by_period(series).get(period)
    return point.value if point else None


def known_in(series: Series | None, period: str) -> Decimal | Bounds | None:
    """The value of a period, else its bounds; None if neither is known."""
    point = by_period(series).get(period)
    return point.known if point else None


def years_listed(years: Iterable[str], wording: Wording) -> str:
    """Years in a row as first and last, others apart: “2014–2020, 2022”."""
    return wording.commas(years_in_words([int(year) for year in years]).split(", "))


def statuses_in(several: Iterable[Series | None], period: str) -> list[str]:
    """The observation statuses that series have in a period."""
    points = (by_period(series).get(period) for series in several)
    return [point.status for point in points if point is not None and point.value is not None]


def is_break(point: Point | None) -> bool:
    """Whether values before this point are not comparable with it (observation status B)."""
    return point is not None and point.status == "B"


def periods(several: Iterable[Series | None]) -> list[str]:
    """All periods from the first to the last; a year that nobody reports is there too, so that it shows as a gap."""
    reported = sorted({point.period for series in several if series for point in series.points})
    if reported and all(len(period) == 4 and period.isdigit() for period in reported):
        return [str(year) for year in range(int(reported[0]), int(reported[-1]) + 1)]
    return reported
