"""Months without a year, asked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import without_marks
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.year_and_month import part_of

FEWEST = 3
"""So few months are asked about one by one."""
REASON = "of which year are these months? The others are read alike"
MONTH_DIGITS, MOST = 2, 3


def months_alone(texts: Sequence[str], known: FlowKnowledge) -> Mapping[str, str]:
    parts = {text: part_of(without_marks(text), known.recogniser) for text in texts}
    months = {text: code for text, code in parts.items() if len(code) == MONTH_DIGITS and code.isdecimal()}
    follow = all(before < after for before, after in pairwise(months.values()))
    return months if len(months) >= FEWEST and follow else {}


def periods_alike(months: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    answer = next((answers[text] for text, month in months.items() if answers.get(text, "").endswith(f"-{month}")), "")
    year = answer.rpartition("-")[0]
    return {text: f"{year}-{month}" for text, month in months.items() if text not in answers} if year else {}


def near_months(month: str, years: Sequence[str]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(f"{year}-{month}", 0.4, reason="a year of the line") for year in sorted(set(years), reverse=True)[:3]
    )
