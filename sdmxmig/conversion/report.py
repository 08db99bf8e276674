"""What conversion finds on its way, by the declared rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.forms.noticed import Noticed
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Finding, Rule
from sdmxmig.places import Place

ERROR_CELL, HIDDEN, NO_RESULT, RUN = "MIG-0-012", "MIG-0-013", "MIG-0-014", "MIG-0-015"
UNREAD, TWO_VALUES, RECOMPUTED = "MIG-0-101", "MIG-0-102", "MIG-0-103"
THOUSANDS, SHOWN, CUT, NO_SUM = "MIG-0-104", "MIG-0-105", "MIG-0-106", "MIG-0-107"
UNEXPLAINED, ASTRAY, UNLISTED = "MIG-0-108", "MIG-0-109", "MIG-0-110"
NOTHING_READ, UNCONFIRMED, REPEATED = "MIG-0-111", "MIG-0-112", "MIG-0-113"
AROUND, OTHER_SIGN = "MIG-0-114", "MIG-0-115"


class Report:
    """Collects what conversion finds, by the rules it was given."""

    def __init__(self, flow: Flow, rules: Mapping[str, Rule], where: Place) -> None:
        self.flow, self.rules, self.where = flow, rules, where
        self.noticed = Noticed(flow.id, rules)

    @property
    def findings(self) -> list[Finding]:
        """What was found so far."""
        return self.noticed.findings

    def add(self, rule_id: str, places: Sequence[Place], at: str = "", **parameters: str) -> bool:
        """Report a fault at these places; false if there is no such rule."""
        self.noticed.add(rule_id, places, at, **parameters)
        return rule_id in self.rules
