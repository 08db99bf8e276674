"""What is found wrong while a form is read, by the rules that are declared for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.model.findings import Finding, Rule
from sdmxmig.places import Place


class Noticed:
    """Collects what is found wrong, by the rules that are declared for it."""

    def __init__(self, flow: str, rules: Mapping[str, Rule]) -> None:
        self.flow, self.rules = flow, rules
        self.findings: list[Finding] = []

    def add(self, rule_id: str, places: Sequence[Place], at: str = "", /, **told: str) -> None:
        """Something about these cells; `at` is the component that they hold."""
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return
        first = places[0]
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                rule.severity,
                rule.level,
                self.flow,
                rule.message,
                rule.hint,
                tuple(sorted(told.items())),
                (("place", f"{first.sheet}!{first.cell}" if first.cell else first.key),),
                at,
                told.get("said", told.get("value", "")),
                told.get("expected", ""),
                first,
                tuple(places[1:]),
                len(places),
            )
        )
