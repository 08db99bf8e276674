"""What a message without its structure holds: the names in its data, by structure and level."""

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
"""Stand for an agency and for a version that the data do not name."""
ID = re.compile(r"[A-Za-z][A-Za-z0-9_@$-]*")
"""What may be the id of a component."""


@dataclass(slots=True)
class Surveyed:
    """The names that stand in the data of one structure, at which level, in the order in which they come.

    `ref` is what the data name. `heads` and `observations` are the different sets of names at series and observations;
    `keys` those of the keys, if the data say what belongs to them. `groups` are, by name, sets of names with their key
    (empty if it is not said), `parts` sets of names that describe parts of the key. `several` are components with
    several values, `languages` those with texts in languages. `at` is the dimension at observation, if it is said.
    """

    ref: Ref | None = None
    at: str = ""
    _: KW_ONLY
    keys: dict[tuple[str, ...], None] = field(default_factory=dict)
    heads: dict[tuple[str, ...], None] = field(default_factory=dict)
    observations: dict[tuple[str, ...], None] = field(default_factory=dict)
    dataset: dict[str, None] = field(default_factory=dict)
    groups: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    parts: dict[tuple[str, ...], None] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    is_told: bool = False

    @property
    def named(self) -> Ref:
        """What the data name, with an agency and a version that are none where they do not say them."""
        ref = self.ref or Ref("Dataflow", "", id=UNKNOWN, version="")
        return replace(ref, agency=ref.agency or UNKNOWN, version=ref.version or FIRST)


Survey = Callable[[str, BinaryIO, Mapping[str, Flow]], Sequence[Surveyed]]
"""Goes through a message and gives what it holds of structures that are not among the known ones."""
