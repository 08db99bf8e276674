"""Years among quarters or months: “2021 Q1” … “2021 Total”."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.times import YEAR_WORD, moment
from sdmxmig.conversion.suggestion.flow_subjects import is_on_a_day
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import figures_by_part, is_sum, whole_of
from sdmxmig.conversion.suggestion.year_and_month import without_year
from sdmxmig.primitives.periods import parse

PARTS = {"Q": 4, "M": 12, "S": 2}
TOTAL = "_T"
MARK = re.compile(r"\s*(?P<mark>[(\[]\s*[^\W\d_]\.?\s*[)\]]|\*+)\s*$")


def with_proven_years(lines: Sequence[Line], region: Region, known: FlowKnowledge) -> tuple[Line, ...]:
    if is_on_a_day(known.flow):
        return tuple(lines)
    periods_by_source = {line.source: proven_periods(line, lines, region, known) for line in lines if not line.periods}
    return tuple(
        replace(line, periods=periods) if (periods := periods_by_source.get(line.source)) else line for line in lines
    )


def proven_periods(
    line: Line, lines: Sequence[Line], region: Region, known: FlowKnowledge
) -> tuple[tuple[str, str], ...]:
    """Return periods of parts and totals; none unless sums prove each total."""
    parts = {text: part for text in line.texts if (part := part_in(text, known.recogniser))}
    totals = {text: YEAR.findall(text)[0] for text in line.texts if text not in parts and is_total(text, known)}
    if not totals or len(parts) + len(totals) < len(line.texts) or len(set(totals.values())) < len(totals):
        return ()
    figures = list(
        figures_by_part(
            region,
            line,
            [other_line for other_line in lines if other_line is not line and not other_line.periods],
            None,
        ).values()
    )
    for text, year in totals.items():
        parts_of_year = {label: period for label, period in parts.items() if period[:4] == year}
        listed = [figure for figure in figures if text in figure]
        if not is_all(year, parts_of_year) or not is_sum(listed, text, parts_of_year):
            return ()
    return tuple((text, parts.get(text) or totals[text]) for text in line.texts)


def part_in(text: str, recogniser: Recogniser) -> str:
    if is_total_word(text, recogniser):
        return ""
    period = moment(unmarked(text), recogniser.vocabulary)
    return period.period if period and period.freq in PARTS and parse(period.period) else ""


def is_total(text: str, known: FlowKnowledge) -> bool:
    if len(YEAR.findall(text)) != 1:
        return False
    period = moment(unmarked(text), known.recogniser.vocabulary)
    return is_total_word(text, known.recogniser) or (period is not None and period.period.isdecimal())


def is_total_word(text: str, recogniser: Recogniser) -> bool:
    words = plain(unmarked(without_year(text))).split()
    besides = [word for word in words if not recogniser.vocabulary.codes(YEAR_WORD, word)]
    meanings = recogniser.shared(" ".join(besides)) if besides else ()
    return bool(meanings) and meanings[0].code == TOTAL


def is_all(year: str, parts: Mapping[str, str]) -> bool:
    periods = [parse(period) for period in parts.values()]
    freqs = {period.freq for period in periods if period}
    if len(freqs) != 1 or None in periods or len(set(parts.values())) < len(parts):
        return False
    return len(parts) == PARTS.get(freqs.pop(), 0) and whole_of(year, [period[5:] for period in parts.values()]) in (
        year,
        "",
    )


def unmarked(text: str) -> str:
    """A label without a mark in brackets behind it, or asterisks.

    >>> unmarked("2023 Q4 [p]"), unmarked("2023 Total*"), unmarked("2023 Q4")
    ('2023 Q4', '2023 Total', '2023 Q4')
    """
    return MARK.sub("", text).strip()


def marked_years(line: Line, recogniser: Recogniser) -> Iterator[str]:
    period_by_label = dict(line.periods)
    are_mixed = period_by_label.keys() == {*line.texts} and any(
        is_total_word(text, recogniser) for text in period_by_label
    )
    for text in line.texts:
        mark = match["mark"] if (match := MARK.search(text)) else ""
        yield f"{period_by_label[text][:4]} {mark}".strip() if are_mixed else text
