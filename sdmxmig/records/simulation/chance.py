"""Reproducible random numbers by seed and purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Chance:
    """Draws of one purpose from one uniform stream, independent of library versions."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._stream = np.random.Generator(np.random.PCG64([seed, crc32(purpose.encode())]))

    def uniform(self, number: int) -> NDArray[np.float64]:
        return self._stream.random(number)

    def happens(self, probability: Any, number: int) -> Flags:
        flags: Flags = self.uniform(number) < probability
        return flags

    def between(self, low: Any, high: Any, number: int) -> Whole:
        span = np.asarray(high) - np.asarray(low) + 1
        drawn: Whole = np.asarray(low) + np.floor(self.uniform(number) * span).astype(np.int64)
        return drawn

    def picked(self, weights: Sequence[float], number: int) -> Whole:
        sums = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn: Whole = np.searchsorted(sums / sums[-1], self.uniform(number), side="right")
        return np.minimum(drawn, len(sums) - 1)

    def order(self, number: int) -> Whole:
        drawn: Whole = np.argsort(self.uniform(number), kind="stable")
        return drawn

    def distinct(self, below: int, number: int) -> Whole:
        if number * 2 >= below:
            return self.order(below)[:number]
        drawn = self._different(below, number)
        return drawn[self.order(number)]

    def ascending(self, below: int, number: int) -> Whole:
        if number * 2 >= below:
            return np.sort(self.distinct(below, number))
        drawn = self._different(below, number)
        self.uniform(number)  # by these the others are put into an order by chance
        return drawn

    def _different(self, below: int, number: int) -> Whole:
        drawn = sorted_once(self.between(0, below - 1, number))
        while len(drawn) < number:
            drawn = sorted_once(np.concatenate([drawn, self.between(0, below - 1, number - len(drawn))]))
        return drawn

    def exponential(self, mean: float, number: int) -> Whole:
        drawn: Whole = np.ceil(-mean * np.log1p(-self.uniform(number))).astype(np.int64)
        return np.maximum(drawn, 1)


def sorted_once(numbers: Whole) -> Whole:
    ordered = np.sort(numbers)
    differs = np.ones(len(ordered), dtype=bool)
    differs[1:] = ordered[1:] != ordered[:-1]
    return ordered[differs]
