"""Cache of files by content and referenced lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.hierarchies import Hierarchy
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

Read = TypeVar("Read", Hierarchy, RepresentationMap)
MOST = 512
_kept: dict[tuple[str, str, bytes], tuple[Mapping[Ref, Artefact], Artefact]] = {}


def read_once(
    read: Callable[[Path, bytes, ArtefactIndex], Read], path: Path, content: bytes, *, index: ArtefactIndex
) -> Read:
    """Read a file, or return the cached result; raises `DeclarationError` like `read`."""
    file = path.parent.name, path.name, content
    looked_up, artefact = _kept.get(file, ({}, None))
    if artefact is None or not are_the_same(looked_up, index):
        index.looked_up.clear()
        artefact = read(path, content, index)
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[file] = dict(index.looked_up), artefact
    return artefact  # type: ignore[return-value]  # a name is always read by the same function


def are_the_same(looked_up: Mapping[Ref, Artefact], index: ArtefactIndex) -> bool:
    try:
        return all(index.find(ref, Place("")) is artefact for ref, artefact in looked_up.items())
    except DeclarationError:
        return False
