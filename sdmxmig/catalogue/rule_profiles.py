"""Rule profiles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Rule
from sdmxmig.sdmx.model.rule_profiles import RuleProfile, RuleSetting
from sdmxmig.sdmx.statuses import checked_status


def read_rule_profile(declared: Declared) -> RuleProfile:
    """Read a rule profile; raises `DeclarationError`."""
    profile = RuleProfile(
        declared.text("id"),
        declared.texts("name", required=True),
        description=declared.texts("description"),
        only=declared.strings("only"),
        off=declared.strings("off"),
        settings=tuple(setting_of(rule) for rule in declared.tables("rule")),
        status=checked_status(declared.text("status", "candidate"), declared.at("status"), passage=""),
        source=declared.text("source", ""),
        place=declared.place,
    )
    declared.close()
    return profile


def setting_of(declared: Declared) -> RuleSetting:
    severity = declared.text("severity", "")
    if severity and severity not in SEVERITIES:
        hint = f"Write one of: {', '.join(SEVERITIES)}."
        raise DeclarationError(f"“{severity}” is not a severity.", declared.at("severity"), hint)
    setting = RuleSetting(
        rule=declared.text("id"),
        severity=severity,
        parameters=dict(declared.table("parameters").values),
        flows=declared.strings("flows"),
        place=declared.place,
    )
    declared.close()
    return setting


def check_profiles(profiles: Iterable[RuleProfile], rules: Mapping[str, Rule], flows: Mapping[str, Flow]) -> None:
    for profile in profiles:
        settings = profile.settings
        for rule_id in (*profile.only, *profile.off, *(setting.rule for setting in settings)):
            check_known("rule", rule_id, rules, profile.place)
        for setting in settings:
            for flow in setting.flows:
                check_known("dataflow", flow, flows, setting.place)


def chosen(
    rules: Mapping[str, Rule], flows: Mapping[str, Flow], profile: RuleProfile | None, levels: Collection[int] = ()
) -> tuple[dict[str, Rule], dict[str, Flow]]:
    """Apply a profile to rules and dataflows, by level."""
    settings = {setting.rule: setting for setting in (profile.settings if profile else ())}
    chosen_rules = {
        rule_id: as_set(rule, settings[rule_id]) if rule_id in settings else rule
        for rule_id, rule in rules.items()
        if is_on(rule, profile, levels)
    }
    flows_with_rules = {}
    for name, flow in flows.items():
        besides = {setting.rule for setting in settings.values() if flow.id in setting.flows}
        running = tuple(sorted(besides.union(flow.dataflow.rules) & chosen_rules.keys()))
        flows_with_rules[name] = replace(flow, dataflow=replace(flow.dataflow, rules=running))
    return chosen_rules, flows_with_rules


def is_on(rule: Rule, profile: RuleProfile | None, levels: Collection[int]) -> bool:
    wanted = profile is None or ((not profile.only or rule.id in profile.only) and rule.id not in profile.off)
    return wanted and (not levels or rule.level in levels)


def as_set(rule: Rule, setting: RuleSetting) -> Rule:
    return replace(
        rule,
        severity=setting.severity or rule.severity,
        parameters={**rule.parameters, **setting.parameters},
        place=setting.place if setting.parameters else rule.place,
    )
