"""Lists of dataflows by theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

from sdmxmig.catalogue.item_schemes import in_tree, path_in
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.structures import Categorisation

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.data import Flow
    from sdmxmig.sdmx.model.references import Ref

BY_AGENCY = "BY_AGENCY"
"""The category of dataflows that are tables of single agencies."""


@dataclass(frozen=True, slots=True)
class FlowGroup:
    name: str
    flows: tuple[Flow, ...]


def by_theme(catalogue: Catalogue, language: str) -> tuple[FlowGroup, ...]:
    """Group dataflows by category, in the catalogue's order and by name."""
    categories = {(scheme.ref, path): name for scheme, path, name in categories_of(catalogue, language)}
    filed: dict[tuple[Ref, str], list[Flow]] = {category: [] for category in categories}
    places = {place: at for at, place in enumerate(categories)}
    left: list[Flow] = []
    for flow in catalogue.flows.values():
        of_flow = [category for category in categories_filed(flow, catalogue) if category in places]
        if of_flow:
            filed[max(of_flow, key=lambda category: (BY_AGENCY in category[1], -places[category]))].append(flow)
        else:
            left.append(flow)
    groups = [FlowGroup(categories[category], by_name(flows, language)) for category, flows in filed.items() if flows]
    return (*groups, FlowGroup("", by_name(left, language))) if left else tuple(groups)


def categories_of(catalogue: Catalogue, language: str) -> Iterator[tuple[ItemScheme, str, str]]:
    """Yield categories with scheme, path and name, those of agencies last."""
    schemes = [
        artefact
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, ItemScheme) and artefact.ref.kind == "CategoryScheme"
    ]
    every = [
        (scheme, path_in(item, scheme), item.name.in_language(language) or item.id)
        for scheme in schemes
        for _, item in in_tree(scheme)
    ]
    yield from sorted(every, key=lambda category: BY_AGENCY in category[1])


def categories_filed(flow: Flow, catalogue: Catalogue) -> list[tuple[Ref, str]]:
    return [
        (artefact.target.scheme, artefact.target.item)
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, Categorisation) and artefact.source == flow.dataflow.ref
    ]


def by_name(flows: Sequence[Flow], language: str) -> tuple[Flow, ...]:
    return tuple(sorted(flows, key=lambda flow: (folded(called(flow, language)), flow.id)))


def called(flow: Flow, language: str) -> str:
    return flow.dataflow.name.in_language(language) or flow.id


def in_which(groups: Sequence[FlowGroup], words: str, language: str) -> tuple[FlowGroup, ...]:
    sought = folded(words).split()

    def fits(flow: Flow, group: FlowGroup) -> bool:
        text = folded(f"{called(flow, language)} {flow.id} {group.name}")
        return all(word in text for word in sought)

    fitting = (replace(group, flows=tuple(flow for flow in group.flows if fits(flow, group))) for group in groups)
    return tuple(group for group in fitting if group.flows)


def folded(text: str) -> str:
    return "".join(sign for sign in normalize("NFKD", text) if not combining(sign)).lower()
