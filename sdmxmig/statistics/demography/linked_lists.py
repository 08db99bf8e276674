"""Correction of linkage errors in three or more lists.

By moments: links times precision divided by recall. For two lists Y. Ding and S. E. Fienberg (Survey Methodology 20,
1994); for more D. Zult, P.-P. de Wolf, B. F. M. Bakker and P. G. M. van der Heijden (A general framework for
multiple-recapture estimation that incorporates linkage error correction, Journal of Official Statistics 37, 2021).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np
from sdmxmig.statistics.demography.capture import Faults, check_faults, relative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


def factor_of(links: Faults) -> float:
    check_faults(links)
    return links.precision.value / links.recall.value


def relinked(counts: Vector, order: Sequence[int], factors: Mapping[int, float]) -> Vector:
    """Correct counts by history.

    `counts` has 2^lists entries; bit i means list i. `factors` are persons per link. Raises `SdmxmigError` for negative
    results.

    >>> relinked(np.array([0.0, 20.0, 20.0, 80.0]), (0, 1), {1: 1.1}).round(6).tolist()
    [0.0, 12.0, 12.0, 88.0]
    """
    right = counts.astype(np.float64).copy()
    for place in range(len(order) - 1, 0, -1):
        last = order[place]
        before = sum(1 << number for number in order[:place])
        after = sum(1 << number for number in order[place + 1 :])
        moved = np.zeros_like(right)
        for history in linked_histories(len(right), last, before):
            change = right[history] * (1.0 - factors.get(last, 1.0))
            moved[history] -= change
            earlier, own, later = history & before, 1 << last, history & after
            for part in (earlier | later, own, earlier, own | later):
                moved[part] += change / 2
        right = right + moved
    if (right[1:] < -1e-9).any():
        raise SdmxmigError(
            "After the correction of links fewer than no persons are on one list alone.",
            hint="Check precision and recall: they do not go with these lists.",
        )
    return np.asarray(np.maximum(right, 0.0))


def linked_histories(histories: int, last: int, before: int) -> list[int]:
    return [history for history in range(histories) if history >> last & 1 and history & before]


def factor_error(counts: Vector, order: Sequence[int], last: int, links: Faults) -> float:
    """Compute the standard error of a factor, from rates and chance.

    See `sdmxmig.statistics.demography.capture.dual_system`.
    """
    before = sum(1 << number for number in order[: list(order).index(last)])
    factor = factor_of(links)
    both = factor * sum(float(counts[history]) for history in linked_histories(len(counts), last, before))
    if not both:
        return 0.0
    precision, recall = links.precision.value, links.recall.value
    chance = factor * (precision * (1 - recall) + (1 - precision)) / both
    return factor * math.sqrt(relative(links.precision) + relative(links.recall) + chance)
