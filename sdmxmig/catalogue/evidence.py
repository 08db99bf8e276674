"""Evidence declared in ``structures/evidence.toml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sdmxmig.catalogue.benchmarking import BenchmarkItem, Scale
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow

PROBES = ("shown", "yearly", "attribute", "same", "code", "unknown", "findings")
"""Kinds of probes for country items; see ``structures/evidence.toml``."""

OF_INDICATORS = ("values", "topics", "delay")
"""Kinds of probes for an indicator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe of the data for an item.

    `by` are dimensions required together; `least` is a number of consecutive years; `contradicts` maps results to
    impossible answers.
    """

    item: str
    kind: str
    contradicts: Mapping[str, tuple[str, ...]]
    flows: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    of: Mapping[str, str] = field(default_factory=dict)
    attribute: str = ""
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    least: int = 0
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    items: Mapping[str, BenchmarkItem]
    scales: Mapping[str, Scale]
    flows: Mapping[str, Flow]
    rules: Collection[str]
    identities: Collection[str]
    indicators: Collection[str]
    lists: Mapping[str, ItemScheme]

    def answers(self, item: str) -> tuple[str, ...]:
        scale = self.scales.get(self.items[item].scale)
        return tuple(code for code, _ in scale.labels) if scale else ()

    def check(self, kind: str, names: Sequence[str], known_names: Collection[str], place: Place | None) -> None:
        for name in names:
            check_known(kind, name, sorted(known_names), place)

    def check_components(self, flow: str, components: Sequence[str], place: Place | None) -> None:
        self.check("dataflow", [flow], self.flows, place)
        component_ids = [component.id for component in self.flows[flow].structure.components]
        self.check(f"component of {flow}", components, component_ids, place)


def read_declared_file(folders: Sequence[Path], name: str) -> Declared | None:
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    return Declared.parse_once(path.name, path.read_bytes()) if path else None
