"""Nested labels in a column: “Armenia”, then “Males” and “Females”."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

OFTEN = 0.5
"""The part of the upper labels that must have labels below them."""


def lower_labels(texts: Sequence[str]) -> tuple[str, ...]:
    """Find labels that repeat below others; none for a single level.

    >>> lower_labels(["Armenia", "Males", "Females", "Turkey", "Males", "Females"])
    ('Males', 'Females')
    >>> lower_labels(["Armenia", "Males", "Turkey"]), lower_labels(["2020", "2021", "2020", "2021"])
    ((), ())
    """
    times = Counter(texts)
    lower = tuple(text for text in times if times[text] > 1)
    below: list[set[str]] = []
    for text in texts:
        if times[text] == 1:
            below.append(set())
        elif not below or text in below[-1]:
            return ()
        else:
            below[-1].add(text)
    return lower if sum(map(bool, below)) > OFTEN * len(below) else ()
