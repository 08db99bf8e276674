"""Constraints that apply to a flow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, Constraint
from sdmxmig.sdmx.versions import numbers

LIMITS = ("DataConstraint", "ContentConstraint")
OPEN_VERSION = re.compile(r"\*|latest|\d+(?:\.\d+)*\+(?:\.\d+)*")
"""A version that is not told: any, or any from a number on (``1.0+.0``)."""


class Limits:
    """Constraints by attached artefact.

    Only the latest version counts (SDMX 3.1, technical notes); before SDMX 3 by artefact.
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
        of_its_name = self._by_target.get(any_version(ref), ())
        attached = {constraint.ref: constraint for target, constraint in of_its_name if means(target, ref)}
        latest = set(newest(attached))
        return tuple(constraint for constraint_ref, constraint in attached.items() if constraint_ref in latest)

    def under(self, agreement: Agreement) -> tuple[Constraint, ...]:
        """Return constraints of agreement and provider (regions only).

        Before SDMX 3, provider constraints only state release times (SDMX 2.1, schema).
        """
        of_provider = [
            replace(constraint, keys=())
            for constraint in self.on(agreement.provider)
            if constraint.ref.kind == "DataConstraint" and constraint.regions
        ]
        return (*self.on(agreement.ref), *of_provider)


def any_version(ref: Ref) -> Ref:
    return replace(ref, version="")


def newest(refs: Iterable[Ref]) -> Iterable[Ref]:
    latest: dict[tuple[str, str, str], Ref] = {}
    for ref in refs:
        name = (ref.kind, ref.agency, ref.id)
        if name not in latest or age(ref) > age(latest[name]):
            latest[name] = ref
    return latest.values()


def age(ref: Ref) -> tuple[bool, tuple[int, int, int], str]:
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
    if ref in available or not OPEN_VERSION.fullmatch(ref.version):
        return available.get(ref)
    fitting = [candidate for candidate in available if means(ref, candidate)]
    return available[max(fitting, key=age)] if fitting else None
