"""What an artefact refers to: every name of another artefact or item inside it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from sdmxmig.model.artefacts import Text
from sdmxmig.model.references import Ref


def references(artefact: Any) -> Iterator[Ref]:
    """The names of other artefacts and items in an artefact, in its order; its own name is not among them.

    References that name nothing (those of an artefact that is only named itself) are left out.
    """
    for name in _parts(type(artefact)):  # type: ignore[arg-type]  # mypy holds that no class can be looked up
        if name != "ref":
            yield from _below(getattr(artefact, name))


@functools.cache  # asked for every record of every artefact, and the same for all of a kind
def _parts(kind: Hashable) -> tuple[str, ...]:
    """The fields of a record in which references may stand; of anything else none."""
    if kind is Text or not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind))


def _below(value: Any) -> Iterator[Ref]:
    if not value or isinstance(value, (str, Text)):  # most of what there is
        return
    if isinstance(value, Ref):
        if value.id:
            yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _below(one)
    else:
        for name in _parts(type(value)):  # type: ignore[arg-type]
            yield from _below(getattr(value, name))


def schemes_named(artefacts: Iterable[Any]) -> dict[Ref, frozenset[Ref]]:
    """The artefacts that each artefact refers to, itself or by an item of theirs."""
    return {artefact.ref: frozenset(ref.scheme for ref in references(artefact)) for artefact in artefacts}


def dependants(named: Mapping[Ref, frozenset[Ref]], missing: Iterable[Ref]) -> dict[Ref, Ref]:
    """The artefacts that cannot stand without the missing ones, with the missing one that each refers to.

    `named` says which artefacts each one refers to. Those that refer to such a dependant are dependants too.
    """
    gone = set(missing)
    rest = {ref: schemes for ref, schemes in named.items() if ref not in gone}
    found: dict[Ref, Ref] = {}
    while lacking := {ref: min(schemes & gone) for ref, schemes in rest.items() if schemes & gone}:
        found |= lacking
        gone |= set(lacking)
        rest = {ref: schemes for ref, schemes in rest.items() if ref not in lacking}
    return found


def needed(named: Mapping[Ref, frozenset[Ref]], roots: Iterable[Ref]) -> frozenset[Ref]:
    """The artefacts that these rest on, themselves among them.

    `named` says which artefacts each one refers to, as `schemes_named` gives it; those that it does not know are left
    out.
    """
    found: set[Ref] = set()
    ahead = set(roots)
    while ahead:
        found |= ahead
        ahead = {ref for one in ahead for ref in named.get(one, ())} - found
    return frozenset(found & named.keys())
