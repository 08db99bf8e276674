"""Cards of rules."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.rule_examples import RuleExample, rule_examples
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.rule_profiles import RuleProfile

EVERYWHERE, NOWHERE = "all data", "no dataflow; list it in the rules of one"
READING = "what is read, before there are data"


def rule_facts(rule: Rule, catalogue: Catalogue, language: str, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """List the facts about a rule."""
    example = rule_examples().get(rule.id)
    facts = {
        "says": rule.message.in_language(language),
        "what helps": rule.hint.in_language(language),
        "in a form": rule.form_hint.in_language(language),
        "level": str(rule.level),
        "severity": rule.severity,
        "kind": f"{rule.kind}: {kinds.get(rule.kind, '')}".removesuffix(": "),
        **{f"parameter {name}": written(value) for name, value in rule.parameters.items()},
        "runs on": where_it_runs(rule, catalogue, kinds),
        "identities": ", ".join(rule.identities),
        **{f"called by {service}": code for service, code in rule.aliases.items()},
        "version": rule.version,
        **(example_facts(example, language) if example else {}),
    }
    yield from ((label, text) for label, text in facts.items() if text)


def where_it_runs(rule: Rule, catalogue: Catalogue, kinds: Container[str]) -> str:
    if rule.always:
        return EVERYWHERE
    if rule.kind not in kinds:
        return READING
    return ", ".join(name for name, flow in catalogue.flows.items() if rule.id in flow.dataflow.rules) or NOWHERE


def written(value: object) -> str:
    """The value of a parameter, nested ones in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {written(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return (
            "; ".join(map(written, value))
            if any(isinstance(inner, Mapping) for inner in value)
            else ", ".join(map(str, value))
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def example_facts(example: RuleExample, language: str) -> dict[str, str]:
    figures = f"{example.observed or '–'}, expected {example.expected or '–'}"
    return {
        "example": f"{example.severity} at {example.cells or 'the whole'}: observed {figures}",
        "example says": example.sentence.in_language(language),
    }


def profile_facts(profile: RuleProfile) -> Iterator[tuple[str, str]]:
    yield "only", ", ".join(profile.only) or "all rules"
    yield "off", ", ".join(profile.off) or "none"
    for setting in profile.settings:
        parameters = [f"{name} = {written(value)}" for name, value in setting.parameters.items()]
        severity = [f"severity {setting.severity}"] if setting.severity else []
        flows = [f"also on {', '.join(setting.flows)}"] if setting.flows else []
        yield setting.rule, "; ".join([*severity, *parameters, *flows])
