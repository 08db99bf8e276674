"""What conversion finds on its way, by the declared rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Finding, Rule
from sdmxmig.places import Place

ERROR_CELL, HIDDEN, NO_RESULT = "MIG-0-012", "MIG-0-013", "MIG-0-014"
UNREAD, TWO_VALUES, RECOMPUTED = "MIG-0-101", "MIG-0-102", "MIG-0-103"
THOUSANDS, SHOWN, CUT, NO_SUM = "MIG-0-104", "MIG-0-105", "MIG-0-106", "MIG-0-107"
UNEXPLAINED = "MIG-0-108"


class Report:
    """Collects what conversion finds, by the rules it was given."""

    def __init__(self, flow: Flow, rules: Mapping[str, Rule], where: Place) -> None:
        self.flow = flow
        self.rules = rules
        self.where = where
        self.findings: list[Finding] = []

    def add(self, rule_id: str, places: Sequence[Place], at: str = "", **parameters: str) -> bool:
        """Report a fault at these places; false if there is no such rule."""
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return rule is not None
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                rule.severity,
                rule.level,
                self.flow.id,
                rule.message,
                rule.hint,
                parameters=tuple(sorted(parameters.items())),
                key=(("place", f"{places[0].sheet}!{places[0].cell}"),),
                component=at,
                observed=parameters.get("value", ""),
                place=places[0],
                others=tuple(places[1:]),
                observations=len(places),
            )
        )
        return True
