"""Definitions of figures and their comparability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.sdmx.model.flow_rules import Codes, FlowRule
from sdmxmig.sdmx.model.region import Country, Definition

RULE, BASIS = "RES_RULE", "DUR_BASIS"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by country and dataflow."""

    rules: Mapping[str, Mapping[str, FlowRule]]
    alone: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, countries: Sequence[Country], alone: Mapping[str, tuple[str, ...]]) -> Rulebook:
        rules = {
            country.area: {flow_rule.flow: flow_rule for flow_rule in country.assessment.flow_rules}
            for country in countries
        }
        return cls(rules, alone)

    def definition(self, area: str, flows: Sequence[Sequence[str]]) -> Definition:
        """Determine the definition of a figure.

        Two rules make it indefinite.
        """
        rules_of_country = self.rules.get(area, {})
        alternatives = [[rules_of_country[name] for name in names if name in rules_of_country] for names in flows]
        flow_rules = [flow_rule for several in alternatives for flow_rule in several]
        rules, bases = (
            merged([flow_rule.rules for flow_rule in flow_rules]),
            merged([flow_rule.bases for flow_rule in flow_rules]),
        )
        is_complete = all(alternatives) and all(flow_rule.rules and flow_rule.bases for flow_rule in flow_rules)
        return Definition(
            rules, bases, is_definite=is_complete and self._enough(RULE, rules) and self._enough(BASIS, bases)
        )

    def _enough(self, attribute: str, codes: Codes) -> bool:
        return len(codes) == 1 and codes[0][0] not in self.alone.get(attribute, ())


def merged(several: Sequence[Codes]) -> Codes:
    return tuple(sorted({code: name for codes in several for code, name in codes}.items()))
