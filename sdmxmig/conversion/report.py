"""What conversion finds on its way, by the declared rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.forms.noticed import Noticed
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Finding, Rule
from sdmxmig.model.rule_ids import RuleId
from sdmxmig.places import Place


class Report:
    """Collects what conversion finds, by the rules it was given."""

    def __init__(self, flow: Flow, rules: Mapping[str, Rule], where: Place) -> None:
        self.flow, self.rules, self.where = flow, rules, where
        self.noticed = Noticed(flow.id, rules)

    @property
    def findings(self) -> list[Finding]:
        """What was found so far."""
        return self.noticed.findings

    def add(self, rule_id: RuleId, places: Sequence[Place], at: str = "", **parameters: str) -> bool:
        """Report a fault at these places; false if there is no such rule."""
        self.noticed.add(rule_id, places, at, **parameters)
        return rule_id in self.rules
