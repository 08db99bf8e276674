"""Our maps and hierarchies as another library reads them: the same components, codes and trees in every version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from pysdmx.io import read_sdmx
from shipped import CATALOGUE

from sdmxmig.catalogue import structures_of
from sdmxmig.catalogue.item_schemes import with_depth
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.structures import Artefact, Hierarchy
from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("M1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
VERSIONS = ("sdmx-ml-3.0", "sdmx-json-2.0")
KINDS = (StructureMap, RepresentationMap, Hierarchy)


@cache
def ours() -> dict[str, Artefact]:
    """Maps and hierarchies by id, without implied properties of the source that the other library lacks."""
    given = [structure for structure in structures_of(CATALOGUE) if isinstance(structure, KINDS)]
    kept = [
        replace(artefact, fixed=tuple(fact for fact in artefact.fixed if not fact.on_source))
        if isinstance(artefact, StructureMap)
        else artefact
        for artefact in given
    ]
    return {artefact.ref.id: artefact for artefact in kept}


@cache
def theirs(version: str) -> dict[str, Any]:
    message = read_sdmx(structure_bytes(FORMATS[version], ours().values(), HEADER).decode(), validate=False)
    return {structure.id: structure for structure in message.structures}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_maps_and_hierarchies_are_found(version: str) -> None:
    assert set(theirs(version)) == set(ours())
    assert len(ours()) > 60


@pytest.mark.parametrize("version", VERSIONS)
def test_components_become_the_same_components_by_the_same_codes(version: str) -> None:
    for own in (artefact for artefact in ours().values() if isinstance(artefact, StructureMap)):
        found = theirs(version)[own.ref.id]
        assert (found.source, found.target) == (own.source.urn, own.target.urn)
        links = {
            (link.sources, link.targets, link.representation.id if link.representation else "")
            for link in own.components
        }
        fixed = {((), (fact.component,), " ".join(fact.values)) for fact in own.fixed}
        assert {told(one) for one in found.maps} == links | fixed, own.ref.id


def told(one: Any) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """A map of components as sources, targets, and the codes or the fixed value."""
    if hasattr(one, "value"):
        return (), (one.target,), one.value if isinstance(one.value, str) else " ".join(one.value)
    values = getattr(one, "values", "") or ""
    return several(one.source), several(one.target), named(values)


def several(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def named(values: Any) -> str:
    """The id of a representation map, which is there itself or as a reference."""
    return str(values).rpartition(":")[2].partition("(")[0] if isinstance(values, str) else str(values.id)


@pytest.mark.parametrize("version", VERSIONS)
def test_codes_become_the_same_codes_in_the_same_order(version: str) -> None:
    for own in (artefact for artefact in ours().values() if isinstance(artefact, RepresentationMap)):
        found = theirs(version)[own.ref.id]
        lines = [(tuple(source.value for source in line.sources), line.targets) for line in own.mappings]
        assert [(several(one.source), several(one.target)) for one in found.maps] == lines, own.ref.id


@pytest.mark.parametrize("version", VERSIONS)
def test_hierarchies_are_the_same_trees(version: str) -> None:
    for own in (one for one in ours().values() if isinstance(one, Hierarchy)):
        found = theirs(version)[own.ref.id]
        assert list(nodes(found.codes, 0)) == [(depth, node.code.item) for depth, node in with_depth(own.codes)]


def nodes(given: Any, depth: int) -> Iterator[tuple[int, str]]:
    for reference in given:
        yield depth, str(reference.urn or reference.id).rpartition(").")[2]
        yield from nodes(reference.codes, depth + 1)
