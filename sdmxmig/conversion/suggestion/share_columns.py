"""Columns and rows of shares and rates: what stands over or beside them says so, or their figures do."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, placed_texts
from sdmxmig.conversion.suggestion.regions import Region

UNITS = ("UNIT_MEASURE", "UNIT")
"""Concepts of words for units: those of labels, and those of titles."""
PARTS, RATE = frozenset({"PT", "PERCENT", "PERMILLE"}), "PER_"
"""The units of shares, and how the units of rates begin, such as those per thousand and per million inhabitants."""
LOOSE = frozenset({"RATE", "RATIO", "SHARE"})
"""Units whose words may mean other things too, as “part” and “quota” do: no count may stand below them."""
SMALL = re.compile(r"[+\-−–]?\s?(?:100|\d{1,2})(?:[.,]\d+)?\s?%?")
"""A number up to 100, as a share in per cent and most rates are."""
SIGN = "%"


def is_share(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a label says that shares or rates stand under it."""
    units = [candidate.code for concept in UNITS for candidate in vocabulary.inside(concept, text)]
    return SIGN in text or any(code in PARTS or code.startswith(RATE) for code in units)


def shares_in(region: Region, line: Line, known: FlowKnowledge) -> frozenset[str]:
    """The labels of a line under which shares or rates stand.

    A head that says so by a word which may mean something else counts only over figures that can be no counts, and one
    that says nothing of it where all figures have a percent sign.
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
    """The region with the rows whose label says that they hold shares or rates, such as “Growth, %” below each count.

    They are less than all rows, and a title between the rows is no label of one.
    """
    labels = [(row, text) for row, text in region.folded(region.side) if row not in region.alone]
    share_rows = {row for row, text in labels if region.side in region.labels and is_share(text, vocabulary)}
    large = {
        row for row, _, text in region.figures if row in share_rows and not SMALL.fullmatch(" ".join(text.split()))
    }
    rates = frozenset(row for row, text in labels if row in share_rows and (SIGN in text or row not in large))
    return replace(region, rates=rates) if rates and len(rates) < len(labels) else region


def figures_below(region: Region, line: Line) -> dict[str, list[str]]:
    """The figures below each text of a header row, without signs for missing ones."""
    placed = placed_texts(region, line)
    figures_by_text: dict[str, list[str]] = {text: [] for text in line.texts}
    for _, column, text in region.figures:
        if placed.get(column) in figures_by_text and any(map(str.isdigit, text)):
            figures_by_text[placed[column]].append(" ".join(text.split()))
    return figures_by_text


def is_loose(head: str, vocabulary: Vocabulary) -> bool:
    """Whether a head speaks of shares or rates by words only that may mean something else."""
    units = {candidate.code for candidate in vocabulary.inside("UNIT", head)}
    return bool(units & LOOSE) and SIGN not in head and not any(code.startswith("PER") for code in units)
