"""The names in data of unknown structure, by level."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import BinaryIO

from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

TIMES = ("TIME_PERIOD", "TIME")
MEASURE = "OBS_VALUE"
UNKNOWN, FIRST = "UNKNOWN", "1.0"
"""Agency and version if the data name none."""
ID = re.compile(r"[A-Za-z][A-Za-z0-9_@$-]*")
Names = tuple[str, ...]
Sets = dict[Names, Names]
"""Ordered sets of names, each with those of its key if the data mark it."""


@dataclass(slots=True)
class SurveyedNames:
    """The names in the data of one structure, by level in order.

    `heads` and `observations` are the sets of names at series and observations; `keys` those of keys, if marked.
    `groups` are the sets of each group, `parts` those of key parts. `several` have multiple values,
    `languages` multilingual texts. `at` is the dimension at observation, if stated.
    """

    ref: Ref | None = None
    at: str = ""
    _: KW_ONLY
    keys: Sets = field(default_factory=dict)
    heads: Sets = field(default_factory=dict)
    observations: Sets = field(default_factory=dict)
    dataset: dict[str, None] = field(default_factory=dict)
    groups: dict[str, Sets] = field(default_factory=dict)
    parts: Sets = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    is_told: bool = False

    @property
    def full_ref(self) -> Ref:
        ref = self.ref or Ref("Dataflow", "", id=UNKNOWN, version="")
        return replace(ref, agency=ref.agency or UNKNOWN, version=ref.version or FIRST)


Survey = Callable[[str, BinaryIO, Mapping[str, Flow]], Sequence[SurveyedNames]]
