"""Time series of an assessment, with figures marked as census, estimate or projection."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor

from sdmxmig.primitives import text
from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.sections.wording import Wording, build_sort_key, capitalise
from sdmxmig.statistics.calculations.figures import describe_years
from sdmxmig.statistics.model.assessment import Assessment, Point, Series
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE, Bounds, Breakdown

SERIES_ROLES = {
    "population": ("POP", "DF_POP", "POPULATION"),
    "census": ("CENSUS",),
    "immigration": ("IMM", "DF_IMM", "FLW_IMM", "IMMIGRATION"),
    "emigration": ("EMI", "DF_EMI", "FLW_EMI", "EMIGRATION"),
    "net": ("NET", "NET_MIG", "NET_MIGRATION"),
    "net rate": ("CNR",),
    "births": ("LBIRTH",),
    "deaths": ("DEATH",),
}
RATE_UNIT = "PER_1000_POP"
SOURCE_KEY = re.compile(r"\[([^\[\]]+)\]$")


RECENT_YEARS = 5


def is_recent(period: str, assessment: Assessment) -> bool:
    return int(assessment.year) - int(period[:4]) <= RECENT_YEARS


def find_series(assessment: Assessment, role: str) -> Series | None:
    series_by_id = {series.id: series for series in assessment.series}
    return next((series_by_id[name] for name in SERIES_ROLES[role] if name in series_by_id), None)


def list_rates(assessment: Assessment) -> list[Series]:
    return [series for series in assessment.series if series.unit == RATE_UNIT]


def build_source_line(
    several: Sequence[Series | None], assessment: Assessment, wording: Wording, *, years: Collection[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Build the source line of a figure for all or some years: keys of listed sources, other citations in full.

    Citations end with their key: ``Geostat, page “Population” [G1]``.
    """
    present = [series for series in several if series]
    of_years = [
        source for series in present for point in series.points if point.period in years for source in point.sources
    ]
    return build_citation_line(of_years or (series.source for series in present), assessment, wording)


def build_citation_line(
    citations: Iterable[str], assessment: Assessment, wording: Wording
) -> tuple[str, tuple[str, ...]]:
    distinct = list(dict.fromkeys(part for citation in citations for part in citation.split("; ") if part))
    matches = {citation: SOURCE_KEY.search(citation) for citation in distinct}
    keys = {citation: key[1] for citation, key in matches.items() if key and key[1] in assessment.sources}
    unlisted = [citation for citation in distinct if citation not in keys]
    sources = "Source: {sources}." if len(unlisted) == 1 else "Sources: {sources}."
    written_out = wording.say(sources, sources=wording.join_with_semicolons(unlisted)) if unlisted else ""
    listed = wording.say("Sources:") if keys else ""
    return " ".join(filter(None, (written_out, listed))), tuple(sorted(set(keys.values()), key=build_sort_key))


def is_one_publication(points: Iterable[Point]) -> bool:
    """Check whether all figures may come from one publication."""
    cited_by_point = [{part for source in point.sources for part in source.split("; ")} for point in points]
    return not any(cited_by_point) or bool(set.intersection(*cited_by_point))


def list_source_keys(source: str, assessment: Assessment) -> tuple[str, ...]:
    matches = [SOURCE_KEY.search(part) for part in source.split("; ")]
    return tuple(sorted({key[1] for key in matches if key and key[1] in assessment.sources}, key=build_sort_key))


ROUND_ENDINGS = "05"
AXIS_STEPS = (1, 2, 5, 10)
MAX_MARKS, MARKS_OF_PANEL = 7, 5
"""Approximate number of marks on the axis of a chart and of a small panel."""


def choose_marks(
    values: Iterable[Decimal], number: int = MARKS_OF_PANEL, *, from_zero: bool = True
) -> tuple[list[Decimal], int]:
    """Return round ticks that span the values, optionally from zero, and their decimals.

    >>> choose_marks([Decimal("3.9"), Decimal("-10.6")])
    ([Decimal('-15'), Decimal('-10'), Decimal('-5'), Decimal('0'), Decimal('5')], 0)
    """
    spanned = [*values, *([Decimal(0)] if from_zero else [])] or [Decimal(0)]
    least, most = min(spanned), max(spanned)
    if least == most:
        least, most = min(least, Decimal(0)), max(most, Decimal(1))
    raw = (most - least) / (number - 1)
    power = Decimal(10) ** raw.adjusted()
    step = next(power * factor for factor in AXIS_STEPS if power * factor >= raw)
    first, last = floor(least / step), ceil(most / step)
    return [step * mark for mark in range(first, last + 1)], max(0, -int(step.normalize().as_tuple().exponent))


def build_axis(values: Sequence[Decimal], wording: Wording, *, from_zero: bool = True) -> tuple[tuple[float, str], ...]:
    marks, decimals = choose_marks(values, MAX_MARKS, from_zero=from_zero)
    return tuple((float(mark), wording.number(mark, decimals)) for mark in marks)


def build_labels(figure: str, title: str, description: str, words: Mapping[str, str], wording: Wording) -> ChartLabels:
    return ChartLabels(
        figure,
        title,
        description=description,
        words=words,
        direction=text.find_direction(wording.language),
        theme=wording.theme,
    )


def index_by_period(series: Series | None) -> dict[str, Point]:
    return {point.period: point for point in series.points} if series else {}


def find_value(series: Series | None, period: str) -> Decimal | None:
    point = index_by_period(series).get(period)
    return point.value if point else None


def find_known(series: Series | None, period: str) -> Decimal | Bounds | None:
    point = index_by_period(series).get(period)
    return point.known if point else None


def list_years(years: Iterable[str], wording: Wording) -> str:
    return wording.join_with_commas(describe_years([int(year) for year in years]).split(", "))


def list_statuses(several: Iterable[Series | None], period: str) -> list[str]:
    points = (index_by_period(series).get(period) for series in several)
    return [point.status for point in points if point is not None and point.value is not None]


def is_break(point: Point | None) -> bool:
    return point is not None and point.status == "B"


def name_break(points: Mapping[str, Point], period: str, wording: Wording) -> str:
    """Describe the break before a figure; it is between publications if the earlier figure has another source."""
    point = points.get(period)
    if point is None or not is_break(point):
        return ""
    before = [points[year] for year in sorted(points) if year < period and points[year].known is not None]
    is_between = bool(before) and not is_one_publication([before[-1], point])
    return wording.say("break between publications" if is_between else "break")


def list_periods(several: Iterable[Series | None]) -> list[str]:
    return fill_years(point.period for series in several if series for point in series.points)


def fill_years(several: Iterable[str]) -> list[str]:
    reported = sorted(set(several))
    if reported and all(len(period) == 4 and period.isdigit() for period in reported):
        return [str(year) for year in range(int(reported[0]), int(reported[-1]) + 1)]
    return reported


def describe_missing_years(years: Iterable[str], wording: Wording, *, others: Collection[str] = ()) -> tuple[str, ...]:
    """List missing years up to the last year of a table in one note."""
    known = sorted(set(years))
    first = next((one for one, after in pairwise(known) if not {one[-1], after[-1]} <= set(ROUND_ENDINGS)), "")
    missing = [year for year in fill_years(known) if first and year > first and year not in {*known, *others}]
    if not missing:
        return ()
    words = "Between {first} and {last}, no figures were found for: {years}."
    return (wording.say(words, first=first, last=known[-1], years=list_years(missing, wording)),)


PROVISIONAL_NAMES = {"F": "projection", "I": "inferred by this report", "E": "estimate", "P": "provisional"}
PROJECTION, FIRST_VALUE = "F", "P"
FOOTNOTE_MARK = "*"


def state_not_final(statuses: Iterable[str], wording: Wording, kind: str = "") -> str:
    present = set(statuses)
    words = PROVISIONAL_NAMES | ({"P": "preliminary count"} if kind == "census" else {})
    return next((wording.say(word) for status, word in words.items() if status in present), "")


def label_statuses(kind: str, statuses: Iterable[str], wording: Wording) -> str:
    present = set(statuses)
    status = state_not_final(present, wording, kind)
    if kind == MODEL_ESTIMATE:
        words = (wording.say("model estimate"), status if PROJECTION in present else "")
    else:
        words = ("" if PROJECTION in present or not kind else wording.say(kind), status)
    return wording.join_with_commas(dict.fromkeys(words))


def describe_year(year: str, statuses: Iterable[str], wording: Wording) -> str:
    return wording.year(year, state_not_final(statuses, wording))


def format_breakdown_year(breakdown: Breakdown, wording: Wording) -> str:
    return describe_year(breakdown.period, breakdown.statuses, wording)


def mark_years(words_by_year: Mapping[str, str]) -> dict[str, str]:
    """Mark the years on an axis that are not final.

    >>> mark_years({"2023": "", "2024": "provisional"}), mark_years({"2024": "projection"})
    ({'2023': '2023', '2024': '2024*'}, {'2024': '2024'})
    """
    sign = find_mark(words_by_year)
    return {year: year + sign if word else year for year, word in words_by_year.items()}


def find_mark(words_by_year: Mapping[str, str]) -> str:
    return "" if all(words_by_year.values()) else FOOTNOTE_MARK


def explain_mark(words_by_year: Mapping[str, str], wording: Wording) -> tuple[str, ...]:
    """Explain the mark of years that are not final; empty if all are final."""
    years_by_word: dict[str, list[str]] = {}
    for year, word in words_by_year.items():
        if word:
            years_by_word.setdefault(word, []).append(year)
    if not years_by_word:
        return ()
    phrases = [wording.pair(word, list_years(years, wording)) for word, years in years_by_word.items()]
    sentence = f"{find_mark(words_by_year)} {wording.join_with_semicolons(phrases)}".strip()
    return (wording.say("{sentence}.", sentence=capitalise(sentence)),)
