"""Under which definition the figures of a country stand, and whether another country's may stand beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.sdmx.model.flow_rules import Codes, FlowRule
from sdmxmig.sdmx.model.region import Country, Definition

RULE, BASIS = "RES_RULE", "DUR_BASIS"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the data of each country say of their rules, by country and dataflow; `alone` as `Comparisons` has it."""

    rules: Mapping[str, Mapping[str, FlowRule]]
    alone: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, countries: Sequence[Country], alone: Mapping[str, tuple[str, ...]]) -> Rulebook:
        """The rules that assessments tell."""
        rules = {
            country.area: {flow_rule.flow: flow_rule for flow_rule in country.assessment.flow_rules}
            for country in countries
        }
        return cls(rules, alone)

    def definition(self, area: str, flows: Sequence[Sequence[str]]) -> Definition:
        """The definition of a figure that rests on some dataflows; those of a sequence stand in for each other.

        One that rests on two dataflows with different rules has both rules, and is not definite: of dataflows that
        stand in for each other the latest value may come from either.
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
        """Whether there is one code, and it says enough for two countries to be compared under it."""
        return len(codes) == 1 and codes[0][0] not in self.alone.get(attribute, ())


def merged(several: Sequence[Codes]) -> Codes:
    """Codes of several dataflows, each once, in the order of the codes."""
    return tuple(sorted({code: name for codes in several for code, name in codes}.items()))
