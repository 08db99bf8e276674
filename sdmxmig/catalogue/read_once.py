"""Files of codes that name codes of other lists: read again only where one of those lists has changed.

The declarations of a workspace stand beside those that ship, so that a program which serves several workspaces, or one
that changes, reads what ships again and again. A file of the same name and agency with the same bytes says the same, as
long as every list that it names is the same object as it was.
"""

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
"""So many files are kept; with one more all are read anew."""
_kept: dict[tuple[str, str, bytes], tuple[Mapping[Ref, Artefact], Artefact]] = {}


def read_once(
    read: Callable[[Path, bytes, ArtefactIndex], Read], path: Path, content: bytes, *, index: ArtefactIndex
) -> Read:
    """What a file declares: as it was read before if all that it names is what it was, else read anew.

    Raises `DeclarationError` as `read` does.
    """
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
    """Whether every reference leads to the same object as before."""
    try:
        return all(index.find(ref, Place("")) is artefact for ref, artefact in looked_up.items())
    except DeclarationError:
        return False
