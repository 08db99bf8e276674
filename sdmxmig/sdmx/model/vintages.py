"""Vintages: data as they were released before, so that a new release can be compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.sdmx.model.data import Dataset


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vintage:
    """Data as they were released earlier: the datasets by the id of their dataflow, and when they were prepared.

    `name` is what messages call them, such as the file or the submission that holds them; `prepared` is the time in
    their header, empty where they do not say it. `receiver` is the agency that a submission was for, empty where
    nothing says it.
    """

    datasets: Mapping[str, Dataset]
    name: str
    prepared: str = ""
    receiver: str = ""
