"""Columns and rows of shares and rates."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, placed_texts
from sdmxmig.conversion.suggestion.regions import Region

UNITS = ("UNIT_MEASURE", "UNIT")
"""Concepts of words for units: those of labels, and those of titles."""
PARTS, RATE = frozenset({"PT", "PERCENT", "PERMILLE"}), "PER_"
LOOSE = frozenset({"RATE", "RATIO", "SHARE"})
SMALL = re.compile(r"[+\-−–]?\s?(?:100|\d{1,2})(?:[.,]\d+)?\s?%?")
"""A number up to 100, as a share in per cent and most rates are."""
SIGN = "%"


def is_share(text: str, vocabulary: Vocabulary) -> bool:
    units = [candidate.code for concept in UNITS for candidate in vocabulary.inside(concept, text)]
    return SIGN in text or any(code in PARTS or code.startswith(RATE) for code in units)


def shares_in(region: Region, line: Line, known: FlowKnowledge) -> frozenset[str]:
    """Find labels of shares or rates.

    Ambiguous words count only over figures that cannot be counts.
    """
    vocabulary = known.recogniser.vocabulary
    by_words = {text for text in line.texts if is_share(text, vocabulary)}
    if line.source.kind != "header":
        return frozenset(by_words)
    below = figures_below(region, line)
    signed = {head for head, figures in below.items() if figures and all(SIGN in figure for figure in figures)}
    small = {head for head, figures in below.items() if all(map(SMALL.fullmatch, figures))}
    loose = {head for head in line.texts if is_loose(head, vocabulary)}
    beside_counts = loose & small if small < below.keys() else set[str]()
    return frozenset(signed | (by_words - loose) | (by_words & small) | beside_counts)


def with_rates(region: Region, vocabulary: Vocabulary) -> Region:
    labels = [(row, text) for row, text in region.folded(region.side) if row not in region.alone]
    share_rows = {row for row, text in labels if region.side in region.labels and is_share(text, vocabulary)}
    large = {
        row for row, _, text in region.figures if row in share_rows and not SMALL.fullmatch(" ".join(text.split()))
    }
    rates = frozenset(row for row, text in labels if row in share_rows and (SIGN in text or row not in large))
    return replace(region, rates=rates) if rates and len(rates) < len(labels) else region


def figures_below(region: Region, line: Line) -> dict[str, list[str]]:
    placed = placed_texts(region, line)
    figures_by_text: dict[str, list[str]] = {text: [] for text in line.texts}
    for _, column, text in region.figures:
        if placed.get(column) in figures_by_text and any(map(str.isdigit, text)):
            figures_by_text[placed[column]].append(" ".join(text.split()))
    return figures_by_text


def is_loose(head: str, vocabulary: Vocabulary) -> bool:
    units = {candidate.code for candidate in vocabulary.inside("UNIT", head)}
    return bool(units & LOOSE) and SIGN not in head and not any(code.startswith("PER") for code in units)
