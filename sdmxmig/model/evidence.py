"""Evidence: what the data of a country show about the questions that its profile answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place

PROBES = ("shown", "attribute", "same", "code")
"""The ways to look at data: see ``structures/evidence.toml``."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at the data: about which item, in which dataflows, for what, and which answers that contradicts.

    `by` are dimensions that must be divided, all at once; `of` codes that a dimension must have; `attribute` is the
    component that is looked at, `codes` what is looked for. `contradicts` leads from what was found to answers that
    cannot be true then.
    """

    item: str
    kind: str
    contradicts: Mapping[str, tuple[str, ...]]
    flows: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    of: Mapping[str, str] = field(default_factory=dict)
    attribute: str = ""
    codes: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one look at the data found: in which dataflows, for which years, which topics or codes, each with its name.

    `said` is ``shown``, ``same`` or ``different``, or empty where `found` says it all. `contradicts` is true if the
    answer of the profile cannot be true then.
    """

    item: str
    kind: str
    flows: tuple[tuple[str, Text], ...]
    found: tuple[tuple[str, Text], ...]
    first: str
    last: str
    said: str = ""
    contradicts: bool = False
