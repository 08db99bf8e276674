"""Every list of ours is used, by a structure, a map, a rule, an indicator, a profile or a report; if not, it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from folders import ROOT
from shipped import CATALOGUE

from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Hierarchy, MetadataAttribute, MetadataStructure

OWN = sorted(
    ref.id
    for ref, artefact in CATALOGUE.artefacts.items()
    if isinstance(artefact, ItemScheme) and ref.agency == "SDMXMIG" and ref.kind == "Codelist"
)
BY_NAME = re.compile(r"\b(CL_[A-Z0-9_]+)\b")


def below(attributes: tuple[MetadataAttribute, ...]) -> Iterator[MetadataAttribute]:
    for attribute in attributes:
        yield attribute
        yield from below(attribute.children)


def of_structures() -> Iterator[str]:
    """The lists that components of structures, maps of values and trees over several lists take."""
    for artefact in CATALOGUE.artefacts.values():
        if isinstance(artefact, DataStructure):
            yield from (component.codelist.id for component in artefact.components if component.codelist)
        elif isinstance(artefact, MetadataStructure):
            yield from (attribute.codelist.id for attribute in below(artefact.attributes) if attribute.codelist)
        elif isinstance(artefact, Hierarchy):
            lists = {node.code.id for node in artefact.codes} | {
                child.code.id for node in artefact.codes for child in node.children
            }
            yield from lists if len(lists) > 1 else ()  # groups of their own over the codes of another list
        elif isinstance(artefact, RepresentationMap):
            yield from (side.id for side in (*artefact.sources, *artefact.targets) if isinstance(side, Ref))


@cache
def used() -> frozenset[str]:
    """All lists that something takes: structures, maps, scales of questions, or what is run or printed, by name."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "sdmxmig").rglob("*.py")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "structures").glob("*.toml")]
    names = {name for text in texts for name in BY_NAME.findall(text)}
    scales = {f"CL_SCALE_{question.scale}" for question in (*CATALOGUE.items.values(), *CATALOGUE.questions.values())}
    noted = {
        name
        for artefact in CATALOGUE.artefacts.values()
        if isinstance(artefact, ItemScheme)
        for item in artefact
        for name in BY_NAME.findall(item.note("CODELIST"))
    }
    return frozenset(of_structures()) | names | scales | noted


@pytest.mark.parametrize("list_id", OWN)
def test_something_uses_the_list(list_id: str) -> None:
    assert list_id in used()
