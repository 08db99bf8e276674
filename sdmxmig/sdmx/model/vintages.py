"""Earlier releases of data, for comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.sdmx.model.data import Dataset


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vintage:
    """An earlier release: datasets by dataflow id and time of preparation.

    `prepared` and `receiver` are empty if unknown.
    """

    datasets: Mapping[str, Dataset]
    name: str
    prepared: str = ""
    receiver: str = ""
