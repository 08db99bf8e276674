"""What the benchmarking study declares beside its items: what to look for in the data, and how to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.alignment import EffectProbe
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.evidence import Probe
from sdmxmig.sdmx.model.feasibility import Need
from sdmxmig.sdmx.model.gaps import Difference, SameGap
from sdmxmig.sdmx.model.source_yields import SourceYields

SIGNS = ("rules", "status", "unknown", "identities", "attribute", "delay", "effects", "answers")
"""The ways to see in the data what usually goes wrong: see ``structures/quality.toml``."""
READY = ("errors", "filled", "metadata", "flows")
"""The ways to see how far a workspace is ready for exchange."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One look at the data for an issue of quality, or for readiness: of which kind, and for what.

    `id` is a code of CL_QUALITY_ISSUE, or the name of a sign of readiness with its `item`. `rules` are validation
    rules, `codes` observation statuses or values, `attribute` the component that is looked at, `identities` accounting
    identities, `items` benchmarking items, `most` what is still no issue (a percentage, or a number of years).
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
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Study:
    """The declarations by which the answers and data of a country are judged.

    `probes` are the looks for evidence, `answers` the rules that find answers which exclude each other, `unseen` why no
    data can contradict the answer to a question, by question. `effects` are the looks for what definitions do to
    numbers, `quality` and `readiness` the signs of both, `needs` what each indicator needs of its sources, by
    indicator. `regular` are the answers on availability that mean published regularly, `implied` the components that
    others imply, `sheets` leads from an item about sector statistics to the source whose sheet speaks of them, `types`
    from an item of module H to the type of source (CL_SRC_TYPE) that it asks about, and `yields` say what these types
    can give. `limits` lead from a driver to the most hopeful feasibility beside a decisive obstacle of this kind.
    `same_gaps` are what asks for one thing, `differences` what is a gap where the data show it. `sentences` are the
    texts of statements and formulas.
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
