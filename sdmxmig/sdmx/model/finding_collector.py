"""Creation of findings from rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.primitives.places import Place
from sdmxmig.primitives.visible import shortened
from sdmxmig.sdmx.model.findings import Fault, Finding, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId

LISTS = ("parts", "terms", "others", "equation", "left", "allowed", "years", "periods", "months", "series")
"""Parameters that list many things, each of which is short."""
LONGEST, LONGEST_LIST = 300, 4_000
"""Maximum lengths of a foreign text and of a list in a sentence; observed values are kept whole."""


class FindingCollector:
    """Collects findings about one dataflow in order; `rules` are those enabled."""

    def __init__(self, flow: str, rules: Mapping[str, Rule]) -> None:
        self.flow, self.rules = flow, rules
        self.findings: list[Finding] = []

    def add(self, rule_id: RuleId, places: Sequence[Place], component: str = "", /, **parameters: str) -> None:
        """Report a finding at cells of a component.

        `said` or `value` is the observed parameter, `expected` the expected one.
        """
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return
        first_place = places[0]
        fault = Fault(
            (),
            component,
            parameters=parameters,
            observed=parameters.get("said", parameters.get("value", "")),
            expected=parameters.get("expected", ""),
        )
        key = (("place", f"{first_place.sheet}!{first_place.cell}" if first_place.cell else first_place.key),)
        self.add_fault(rule, fault, places=places, key=key, observations=len(places))

    def add_fault(
        self,
        rule: Rule,
        fault: Fault,
        *,
        places: Sequence[Place],
        key: tuple[tuple[str, str], ...],
        observations: int,
        parameters: Mapping[str, str] | None = None,
        related: tuple[Place, ...] = (),
        cells: str = "",
    ) -> None:
        """Report a fault with the first and the further cells that have it, and what its observations are."""
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                severity=fault.severity or rule.severity,
                level=rule.level,
                flow=self.flow,
                message=rule.message,
                hint=rule.hint,
                parameters=tuple(sorted(in_sentences({**(parameters or {}), **fault.parameters}).items())),
                key=key,
                component=fault.component,
                observed=fault.observed,
                expected=fault.expected,
                place=places[0] if places else None,
                others=tuple(places[1:]),
                observations=observations,
                related=related,
                difference=fault.difference,
                tolerance=fault.tolerance,
                cells=cells,
            )
        )


def in_sentences(parameters: Mapping[str, str]) -> dict[str, str]:
    """Shorten the parameters of a sentence.

    >>> in_sentences({"value": "x" * 301})["value"] == "x" * 300 + "…"
    True
    """
    return {
        name: shortened(value, LONGEST_LIST if name.partition("@")[0] in LISTS else LONGEST)
        for name, value in parameters.items()
    }
