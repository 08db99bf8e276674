"""Which constraints the data of a flow keep to: of its structure, itself, and of the agreement and provider."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, Constraint
from sdmxmig.sdmx.versions import numbers

LIMITS = ("DataConstraint", "ContentConstraint")
"""The kinds of constraints that say what data may hold, since and before SDMX 3."""
OPEN_VERSION = re.compile(r"\*|latest|\d+(?:\.\d+)*\+(?:\.\d+)*")
"""A version that is not told: any, or any from a number on (``1.0+.0``)."""


class Limits:
    """The constraints of a collection of artefacts, by what they are attached to.

    Only the latest version of a constraint counts (SDMX 3.1, technical notes); before SDMX 3 the latest of those that
    are attached to the same artefact, since there each version of a dataflow may have its own.
    """

    def __init__(self, artefacts: Iterable[Artefact]) -> None:
        allowed = [
            artefact
            for artefact in artefacts
            if isinstance(artefact, Constraint) and artefact.ref.kind in LIMITS and artefact.role == "Allowed"
        ]
        latest = set(newest(constraint.ref for constraint in allowed if constraint.ref.kind == "DataConstraint"))
        self._by_target: dict[Ref, list[tuple[Ref, Constraint]]] = defaultdict(list)
        for constraint in allowed:
            if constraint.ref.kind != "DataConstraint" or constraint.ref in latest:
                for target in constraint.attached:
                    self._by_target[any_version(target)].append((target, constraint))

    def on(self, ref: Ref) -> tuple[Constraint, ...]:
        """The constraints that are attached to an artefact."""
        of_its_name = self._by_target.get(any_version(ref), ())
        attached = {constraint.ref: constraint for target, constraint in of_its_name if means(target, ref)}
        latest = set(newest(attached))
        return tuple(constraint for constraint_ref, constraint in attached.items() if constraint_ref in latest)

    def under(self, agreement: Agreement) -> tuple[Constraint, ...]:
        """The constraints of an agreement and of its provider; of the provider only the regions count.

        Before SDMX 3 a constraint of a provider says nothing but when it sends (SDMX 2.1, schema).
        """
        of_provider = [
            replace(constraint, keys=())
            for constraint in self.on(agreement.provider)
            if constraint.ref.kind == "DataConstraint" and constraint.regions
        ]
        return (*self.on(agreement.ref), *of_provider)


def any_version(ref: Ref) -> Ref:
    """The name of all versions of an artefact."""
    return replace(ref, version="")


def newest(refs: Iterable[Ref]) -> Iterable[Ref]:
    """Of each artefact the latest version that is no draft, or the latest draft if there is nothing else."""
    latest: dict[tuple[str, str, str], Ref] = {}
    for ref in refs:
        name = (ref.kind, ref.agency, ref.id)
        if name not in latest or age(ref) > age(latest[name]):
            latest[name] = ref
    return latest.values()


def age(ref: Ref) -> tuple[bool, tuple[int, int, int], str]:
    """What orders versions: drafts stand before all others."""
    return not ref.is_draft, numbers(ref.version), ref.version


def means(requested: Ref, ref: Ref) -> bool:
    """Whether a reference, the version of which may be open, means an artefact.

    >>> dsd = Ref("DataStructure", "AG", id="DSD", version="1.2.0")
    >>> [means(replace(dsd, version=version), dsd) for version in ("1.2.0", "1.0+.0", "1+.0.0", "*", "2.0+.0", "1.3.0")]
    [True, True, True, True, False, False]
    """
    if replace(requested, version=ref.version) != ref:
        return False
    wanted = requested.version
    if wanted == ref.version:
        return True
    if not OPEN_VERSION.fullmatch(wanted):
        return False
    fixed = wanted.partition("+")[0].count(".") if "+" in wanted else 0
    return numbers(ref.version)[:fixed] == numbers(wanted.replace("+", ""))[:fixed] and (
        "+" not in wanted or numbers(ref.version) >= numbers(wanted.replace("+", ""))
    )


def known(available: Mapping[Ref, Artefact], ref: Ref) -> Artefact | None:
    """The artefact that a reference names; of those that an open version means the latest that is no draft."""
    if ref in available or not OPEN_VERSION.fullmatch(ref.version):
        return available.get(ref)
    fitting = [candidate for candidate in available if means(ref, candidate)]
    return available[max(fitting, key=age)] if fitting else None
