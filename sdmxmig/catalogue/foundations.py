"""Foundations: verified statements must not rest on candidates.

Annotation ``RESTS_ON``, such as ``CS_DEFINITIONS.EMIGRANT_POP``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.origins import noted, status_of
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, Hierarchy
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.statuses import OWN, RESTS_ON, VERIFIED


def check_foundations(index: ArtefactIndex) -> None:
    """Refuse what is called verified and rests on something that is not, and what rests on nothing that exists."""
    schemes = {ref: artefact for ref, artefact in index.artefacts.items() if isinstance(artefact, ItemScheme)}
    own_schemes = {ref.id: scheme for ref, scheme in schemes.items() if ref.agency == OWN}
    for scheme in own_schemes.values():
        for item in scheme:
            for foundation in foundations_of(item, own_schemes, scheme.place):
                check_foundation(item.id, item.status, foundation, scheme.place)
    for artefact in index.artefacts.values():
        if isinstance(artefact, Hierarchy) and artefact.ref.agency == OWN:
            for node in nodes(artefact.codes):
                if code := item_of(node.code, index):
                    check_foundation(node.id, status_of(node), code, artefact.place)


def foundations_of(item: Item, schemes: Mapping[str, ItemScheme], place: Place | None) -> Iterator[Item]:
    for name in noted(item.annotations, RESTS_ON).split():
        scheme_id, _, item_id = name.partition(".")
        if scheme_id not in schemes or item_id not in schemes[scheme_id]:
            hint = did_you_mean(item_id, schemes[scheme_id].ids) if scheme_id in schemes else ""
            raise DeclarationError(f"“{item.id}” rests on “{name}”, which is not there.", place, hint)
        yield schemes[scheme_id][item_id]


def check_foundation(name: str, status: str, foundation: Item, place: Place | None) -> None:
    if status == VERIFIED and foundation.status != VERIFIED:
        raise DeclarationError(
            f"“{name}” is called verified and rests on “{foundation.id}”, which is {foundation.status or 'not'}.",
            place,
            "Call it a candidate, or verify what it rests on.",
        )


def item_of(code: Ref, index: ArtefactIndex) -> Item | None:
    return index.items(Ref("Codelist", code.agency, id=code.id, version=code.version)).get(code.item)


def nodes(codes: tuple[HierarchicalCode, ...]) -> Iterator[HierarchicalCode]:
    for node in codes:
        yield node
        yield from nodes(node.children)
