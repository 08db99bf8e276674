"""Errors of links in three lists or more: histories as they would be if every record were linked rightly.

Lists are linked one after the other, each to the persons of those before it. A link that joins two persons makes one
out of two, and a link that is missed two out of one, so that histories are known for persons who do not exist. What is
known of these errors is put right by moments, as in the dual system: of the persons with a list and another before it
there are as many as links, times the precision, by the recall, and who is on each list stays as many as there are. For
two lists that is the correction of Y. Ding and S. E. Fienberg (Survey Methodology 20, 1994); for more, the idea that
errors of links move counts between histories is that of D. Zult, P.-P. de Wolf, B. F. M. Bakker and P. G. M. van der
Heijden (A general framework for multiple-recapture estimation that incorporates linkage error correction, Journal of
Official Statistics 37, 2021).
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
    """How many times as many persons as links there are: precision by recall."""
    check_faults(links)
    return links.precision.value / links.recall.value


def relinked(counts: Vector, order: Sequence[int], factors: Mapping[int, float]) -> Vector:
    """The counts by history as they would be without errors of links.

    `counts` has an entry a history (2 to the power of lists): bit i of its index says whether persons are on list i.
    `order` are the lists in the order in which they were linked, `factors` how many times as many persons as links each
    of them has to those before. Persons on later lists too, whose link proves wrong, are shared out to both sides
    alike. Raises `SdmxmigError` where fewer than no persons would be left somewhere.

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
    """The histories of persons on a list and on one of those before."""
    return [history for history in range(histories) if history >> last & 1 and history & before]


def factor_error(counts: Vector, order: Sequence[int], last: int, links: Faults) -> float:
    """The standard error of the factor of a list: of the rates, and of the chance by which links were missed or wrong.

    `counts` as in `relinked`. The second part is that of the dual system
    (`sdmxmig.statistics.demography.capture.dual_system`).
    """
    before = sum(1 << number for number in order[: list(order).index(last)])
    factor = factor_of(links)
    both = factor * sum(float(counts[history]) for history in linked_histories(len(counts), last, before))
    if not both:
        return 0.0
    precision, recall = links.precision.value, links.recall.value
    chance = factor * (precision * (1 - recall) + (1 - precision)) / both
    return factor * math.sqrt(relative(links.precision) + relative(links.recall) + chance)
