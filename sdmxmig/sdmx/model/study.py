"""Declarations of the benchmarking study besides items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Difference, SameGap
from sdmxmig.sdmx.model.definitions import EffectProbe
from sdmxmig.sdmx.model.evidence import Probe
from sdmxmig.sdmx.model.feasibility import Need
from sdmxmig.sdmx.model.indicators import SourceYields

SIGNS = ("rules", "status", "unknown", "identities", "attribute", "delay", "effects", "answers")
"""The ways to see in the data what usually goes wrong: see ``structures/quality.toml``."""
READY = ("errors", "filled", "metadata", "flows")
"""The ways to see how far a workspace is ready for exchange."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A check for a quality issue or readiness.

    `id` is a code of CL_QUALITY_ISSUE, empty if none, or a readiness name. `most` is the tolerated percentage or
    number of years.
    `of_collection`: it shows what those who collected the data left out.
    """

    id: str
    kind: str
    _: KW_ONLY
    sentence: str
    item: str = ""
    rules: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    attribute: str = ""
    identities: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    most: int = 0
    of_collection: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Study:
    """The declarations used to assess answers and data.

    `unseen` explains answers that data cannot contradict. `yields` are those of source types (CL_SRC_TYPE). `limits`
    map obstacles to the best feasibility if decisive.
    """

    probes: tuple[Probe, ...] = ()
    answers: tuple[str, ...] = ()
    _: KW_ONLY
    unseen: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[EffectProbe, ...] = ()
    quality: tuple[Sign, ...] = ()
    readiness: tuple[Sign, ...] = ()
    needs: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    regular: tuple[str, ...] = ()
    implied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    yields: SourceYields = field(default_factory=SourceYields)
    limits: Mapping[str, str] = field(default_factory=dict)
    same_gaps: tuple[SameGap, ...] = ()
    differences: tuple[Difference, ...] = ()
    sentences: Mapping[str, Text] = field(default_factory=dict)
