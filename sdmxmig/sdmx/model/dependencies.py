"""References of artefacts to artefacts and items."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import NAME_PATTERN, Ref

WITHOUT_REFERENCES = frozenset(
    {"bool", "bool | None", "int", "str", "tuple[str, ...]", "tuple[tuple[str, str], ...]"}
    | {"Place | None", "Text", "tuple[Annotation, ...]", "tuple[Link, ...]"}
)
"""Types of fields without references."""
URN = re.compile(rf"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.{NAME_PATTERN.pattern[1:]}")


def references(artefact: Any) -> Iterator[Ref]:
    """Yield the references of an artefact in order, except to itself.

    Empty references are left out; URNs count where they are properties of a kind.
    """
    for name in _parts(type(artefact)):  # type: ignore[arg-type]  # mypy holds that no class can be looked up
        if name != "ref":
            yield from _find_references(getattr(artefact, name))


@functools.cache  # called for every record of every artefact, with equal results for a kind
def _parts(kind: Hashable) -> tuple[str, ...]:
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return tuple(field.name for field in fields if field.name == "properties" or field.type not in WITHOUT_REFERENCES)


def _find_references(value: Any) -> Iterator[Ref]:
    if not value or isinstance(value, Text):  # most values
        return
    if isinstance(value, str):
        if URN.fullmatch(value):
            yield Ref.parse(value)
        return
    if isinstance(value, Ref):
        if value.id:
            yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from _find_references(member)
    else:
        for name in _parts(type(value)):  # type: ignore[arg-type]
            yield from _find_references(getattr(value, name))


def schemes_named(artefacts: Iterable[Any]) -> dict[Ref, frozenset[Ref]]:
    return {artefact.ref: frozenset(ref.scheme for ref in references(artefact)) for artefact in artefacts}


def dependants(schemes_by_artefact: Mapping[Ref, frozenset[Ref]], missing: Iterable[Ref]) -> dict[Ref, Ref]:
    """Return the artefacts that cannot stay without the missing ones, each with one that it lacks."""
    absent = set(missing)
    standing = {ref: schemes for ref, schemes in schemes_by_artefact.items() if ref not in absent}
    dependants_of: dict[Ref, Ref] = {}
    while newly_absent := {ref: min(schemes & absent) for ref, schemes in standing.items() if schemes & absent}:
        dependants_of |= newly_absent
        absent |= set(newly_absent)
        standing = {ref: schemes for ref, schemes in standing.items() if ref not in newly_absent}
    return dependants_of


def find_needed_artefacts(artefacts: Mapping[Ref, Any], roots: Iterable[Ref]) -> frozenset[Ref]:
    reached: set[Ref] = set()
    frontier = artefacts.keys() & roots
    while frontier:
        reached |= frontier
        named = {ref.scheme for name in frontier for ref in references(artefacts[name])}
        frontier = (artefacts.keys() & named) - reached
    return frozenset(reached)
