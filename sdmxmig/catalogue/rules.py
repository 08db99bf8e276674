"""Validation rules in TOML, examples of rules, rule profiles, and aliases of rules in other services."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared, check_status
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import NUMERIC_TYPES
from sdmxmig.sdmx.model.findings import SEVERITIES, Rule, RuleProfile, RuleScope, RuleSetting
from sdmxmig.sdmx.model.rule_ids import RuleId

FREQUENCY = "FREQ"
ANY_FLOW = "*"


def read_rules(declared: Declared) -> list[Rule]:
    rules = [read_rule(rule) for rule in declared.tables("rule")]
    declared.close()
    return rules


def read_rule(declared: Declared) -> Rule:
    declared.choice("severity", SEVERITIES)
    runs_on = read_scope(declared.table("runs_on"))
    return declared.read(Rule, status=declared.status("candidate"), runs_on=runs_on, aliases={})


def read_scope(declared: Declared) -> RuleScope | None:
    if not declared.values:
        return None
    reach = declared.read(RuleScope)
    if not reach.structures and not reach.only:
        hint = 'Write `structures = ["*"]` for all structures with numeric figures.'
        raise DeclarationError("The rule does not state which structures it runs on.", declared.place, hint)
    return reach


def check_scope(rules: Iterable[Rule], flows: Mapping[str, Flow]) -> None:
    structures = {flow.structure.ref.id for flow in flows.values()}
    dimensions = {name for flow in flows.values() for name in flow.structure.key}
    for rule in rules:
        reach = rule.runs_on or RuleScope()
        for kind, names, known in (
            ("dataflow", reach.only, flows),
            ("dataflow or structure", reach.unless, {*flows, *structures}),
            ("structure", reach.structures, {*structures, ANY_FLOW}),
            ("dimension", (*reach.open, *reach.any_open), dimensions),
        ):
            for name in names:
                check_known(kind, name, known, rule.place)


def add_rules(flows: Mapping[str, Flow], rules: Mapping[str, Rule]) -> dict[str, Flow]:
    rules_by_reach: dict[RuleScope, list[str]] = {}  # most rules share their reach
    for rule in rules.values():
        if rule.runs_on is not None:
            rules_by_reach.setdefault(rule.runs_on, []).append(rule.id)
    flows_with_rules: dict[str, Flow] = {}
    for name, flow in flows.items():
        reaching = {
            rule_id for reach, listed in rules_by_reach.items() if is_in_scope(reach, flow) for rule_id in listed
        }
        dataflow = replace(flow.dataflow, rules=tuple(sorted(reaching.union(flow.dataflow.rules))))
        flows_with_rules[name] = replace(flow, dataflow=dataflow)
    return flows_with_rules


def is_in_scope(reach: RuleScope | None, flow: Flow) -> bool:
    if reach is None or flow.id in reach.unless or flow.structure.ref.id in reach.unless:
        return False
    if reach.only:
        return flow.id in reach.only
    if flow.structure.ref.id not in reach.structures and not (
        ANY_FLOW in reach.structures and has_numeric_values(flow)
    ):
        return False
    if not (reach.open or reach.any_open or reach.frequency):
        return True
    fixed = list_fixed_codes(flow)
    free = {name for name in flow.structure.key if len(fixed.get(name, "  ")) > 1}
    frequencies = fixed.get(FREQUENCY, (reach.frequency,))
    return (
        free.issuperset(reach.open)
        and (not reach.any_open or not free.isdisjoint(reach.any_open))
        and (not reach.frequency or reach.frequency in frequencies)
    )


def has_numeric_values(flow: Flow) -> bool:
    measure = flow.structure.measure
    return measure.codelist is None and measure.data_type in NUMERIC_TYPES


def list_fixed_codes(flow: Flow) -> dict[str, tuple[str, ...]]:
    return {
        selection.component: tuple(member.value for member in selection.members)
        for constraint in flow.constraints
        for region in constraint.regions
        if region.include
        for selection in region.selections
        if selection.members and selection.include
    }


def check_rules_used_by_code(declared_ids: Collection[str]) -> None:
    missing = [rule_id for rule_id in RuleId if rule_id not in declared_ids]
    if missing:
        raise DeclarationError(
            f"Required rules are not declared: {', '.join(missing)}.",
            Place("structures/rules"),
            "Declare them there. A file of a workspace replaces the whole shipped file with the same name.",
        )


EXAMPLES_FILE = "rule_examples.csv"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
COLUMNS = ("rule", "table", "cells", "severity", "observed", "expected", *(f"said_{name}" for name in LANGUAGES))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExample:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cells: str
    severity: str
    observed: str
    expected: str
    sentence: Text


@cache
def index_rule_examples() -> dict[str, RuleExample]:
    path = find_shipped_folder("structures") / EXAMPLES_FILE
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        place = Place(path.name, line=1)
        raise DeclarationError("The columns of the rule examples are wrong.", place, f"Write: {','.join(COLUMNS)}.")
    return {row["rule"]: read_example(row) for row in reader}


def read_example(row: dict[str, str]) -> RuleExample:
    columns, *rows = csv.reader(io.StringIO(row["table"], newline=""))
    return RuleExample(
        columns=tuple(columns),
        rows=tuple(tuple(cells) for cells in rows),
        cells=row["cells"],
        severity=row["severity"],
        observed=row["observed"],
        expected=row["expected"],
        sentence=Text.of(**{name: row[f"said_{name}"] for name in LANGUAGES if row[f"said_{name}"]}),
    )


def read_rule_profile(declared: Declared) -> RuleProfile:
    status = check_status(declared.text("status", "candidate"), declared.at("status"), passage="")
    settings = tuple(read_setting(rule) for rule in declared.tables("rule"))
    return declared.read(RuleProfile, settings=settings, status=status)


def read_setting(declared: Declared) -> RuleSetting:
    declared.choice("severity", ("", *SEVERITIES), default="")
    return declared.read(RuleSetting, rule=declared.text("id"))


def check_profiles(profiles: Iterable[RuleProfile], rules: Mapping[str, Rule], flows: Mapping[str, Flow]) -> None:
    for profile in profiles:
        settings = profile.settings
        for rule_id in (*profile.only, *profile.off, *(setting.rule for setting in settings)):
            check_known("rule", rule_id, rules, profile.place)
        for setting in settings:
            for flow in setting.flows:
                check_known("dataflow", flow, flows, setting.place)


def choose_rules(
    rules: Mapping[str, Rule], flows: Mapping[str, Flow], profile: RuleProfile | None, levels: Collection[int] = ()
) -> tuple[dict[str, Rule], dict[str, Flow]]:
    settings = {setting.rule: setting for setting in (profile.settings if profile else ())}
    chosen_rules = {
        rule_id: apply_setting(rule, settings[rule_id]) if rule_id in settings else rule
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


def apply_setting(rule: Rule, setting: RuleSetting) -> Rule:
    return replace(
        rule,
        severity=setting.severity or rule.severity,
        parameters={**rule.parameters, **setting.parameters},
        place=setting.place if setting.parameters else rule.place,
    )


ALIASES_FILE = "rule_aliases.csv"
RULE_ALIASES_COLUMNS = ("service", "version", "code", "rule", "status", "source")


def add_aliases(rules: Mapping[str, Rule], folders: Sequence[Path]) -> dict[str, Rule]:
    named = dict(rules)
    for rule_id, alias_by_service in keep_newest(read_aliases(folders, rules)).items():
        if rule_id in named:
            named[rule_id] = replace(named[rule_id], aliases=alias_by_service)
    return named


def keep_newest(aliases: Iterable[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the codes in the newest version of each service by rule, joined if there are several."""
    codes: dict[tuple[str, str], tuple[tuple[int, ...], list[str]]] = {}
    for alias in aliases:
        version = tuple(map(int, alias["version"].split(".")))
        newest, listed = codes.get((alias["rule"], alias["service"]), ((), []))
        if version > newest:
            codes[alias["rule"], alias["service"]] = (version, [alias["code"]])
        elif version == newest:
            listed.append(alias["code"])
    by_rule: dict[str, dict[str, str]] = {}
    for (rule_id, service), (_, listed) in sorted(codes.items()):
        by_rule.setdefault(rule_id, {})[service] = ", ".join(listed)
    return by_rule


def read_aliases(folders: Sequence[Path], rules: Collection[str]) -> Iterator[Mapping[str, str]]:
    path = next((folder / ALIASES_FILE for folder in folders if (folder / ALIASES_FILE).is_file()), None)
    if path is None:
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError("The file is not UTF-8 text.", Place(path.name), "Save it as UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if tuple(reader.fieldnames or ()) != RULE_ALIASES_COLUMNS:
        place = Place(path.name, line=1)
        raise DeclarationError(
            "The columns of the rule aliases are wrong.", place, f"Write: {','.join(RULE_ALIASES_COLUMNS)}."
        )
    known = rules if path.parent == folders[0] else None
    for row in reader:
        check_alias(row, Place(path.name, line=reader.line_num), known)
        if row["rule"]:
            yield row


def check_alias(row: Mapping[str, str], place: Place, rules: Collection[str] | None) -> None:
    if None in row or not (row["service"] and row["code"] and row["source"]):
        raise DeclarationError("A row needs a service, its version, a code of the service, and the source.", place)
    if not all(part.isdecimal() for part in row["version"].split(".")):
        raise DeclarationError(f"“{row['version']}” is not a version.", place, "Write numbers and dots, such as 1.55.")
    check_status(row["status"], place, passage="")
    if row["rule"] and rules is not None:
        check_known("rule", row["rule"], rules, place)
