"""What is found wrong while a form is read, by the rules that are declared for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.model.findings import Finding, Rule
from sdmxmig.model.rule_ids import RuleId
from sdmxmig.places import Place


class Noticed:
    """Collects what is found wrong, by the rules that are declared for it."""

    def __init__(self, flow: str, rules: Mapping[str, Rule]) -> None:
        self.flow, self.rules = flow, rules
        self.findings: list[Finding] = []

    def add(self, rule_id: RuleId, places: Sequence[Place], at: str = "", /, **told: str) -> None:
        """Something about these cells; `at` is the component that they hold."""
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return
        first = places[0]
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                severity=rule.severity,
                level=rule.level,
                flow=self.flow,
                message=rule.message,
                hint=rule.hint,
                parameters=tuple(sorted(told.items())),
                key=(("place", f"{first.sheet}!{first.cell}" if first.cell else first.key),),
                component=at,
                observed=told.get("said", told.get("value", "")),
                expected=told.get("expected", ""),
                place=first,
                others=tuple(places[1:]),
                observations=len(places),
            )
        )
