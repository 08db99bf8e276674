"""Validation rules in TOML."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Reach, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.statuses import checked_status

FREQUENCY = "FREQ"
ANY = "*"
"""Instead of structures: all whose figures are numbers."""
NUMBERS = ("Decimal", "Double", "Float", "Integer", "Long", "Short", "BigInteger", "Count", "Incremental")
"""The types of SDMX for numbers."""


def read_rules(declared: Declared) -> list[Rule]:
    rules = [rule_of(rule) for rule in declared.tables("rule")]
    declared.close()
    return rules


def rule_of(declared: Declared) -> Rule:
    """One validation rule from its table; an unknown severity is refused."""
    severity = declared.text("severity")
    if severity not in SEVERITIES:
        hint = f"Write one of: {', '.join(SEVERITIES)}."
        raise DeclarationError(f"“{severity}” is not a severity.", declared.at("severity"), hint)
    rule = Rule(
        declared.text("id"),
        declared.text("version"),
        kind=declared.text("kind"),
        level=declared.integer("level"),
        severity=severity,
        name=declared.texts("name", required=True),
        message=declared.texts("message", required=True),
        hint=declared.texts("hint"),
        parameters=dict(declared.table("parameters").values),
        identities=declared.strings("identities"),
        status=checked_status(
            declared.text("status", "candidate"), declared.at("status"), passage=declared.text("passage", "")
        ),
        source=declared.text("source", ""),
        form_hint=declared.texts("form_hint"),
        place=declared.place,
        always=declared.flag("always", default=False),
        runs_on=reach_of(declared.table("runs_on")),
    )
    declared.close()
    return rule


def reach_of(declared: Declared) -> Reach | None:
    if not declared.values:
        return None
    reach = Reach(
        structures=declared.strings("structures"),
        open=declared.strings("open"),
        any_open=declared.strings("any_open"),
        frequency=declared.text("frequency", ""),
        only=declared.strings("only"),
        unless=declared.strings("unless"),
    )
    declared.close()
    if not reach.structures and not reach.only:
        hint = 'Write `structures = ["*"]` for all whose figures are numbers.'
        raise DeclarationError("The rule does not say on which structures it runs.", declared.place, hint)
    return reach


def check_reach(rules: Iterable[Rule], flows: Mapping[str, Flow]) -> None:
    """Refuse a rule that names a dataflow, a structure or a dimension which there is not."""
    structures = {flow.structure.ref.id for flow in flows.values()}
    dimensions = {name for flow in flows.values() for name in flow.structure.key}
    for rule in rules:
        reach = rule.runs_on or Reach()
        for kind, names, known in (
            ("dataflow", reach.only, flows),
            ("dataflow or structure", reach.unless, {*flows, *structures}),
            ("structure", reach.structures, {*structures, ANY}),
            ("dimension", (*reach.open, *reach.any_open), dimensions),
        ):
            for name in names:
                check_known(kind, name, known, rule.place)


def with_rules(flows: Mapping[str, Flow], rules: Mapping[str, Rule]) -> dict[str, Flow]:
    """The flows with all rules that run on them: those that reach them, and those that they list themselves."""
    rules_by_reach: dict[Reach, list[str]] = {}  # most rules share theirs with others
    for rule in rules.values():
        if rule.runs_on is not None:
            rules_by_reach.setdefault(rule.runs_on, []).append(rule.id)
    flows_with_rules: dict[str, Flow] = {}
    for name, flow in flows.items():
        reaching = {rule_id for reach, listed in rules_by_reach.items() if reaches(reach, flow) for rule_id in listed}
        dataflow = replace(flow.dataflow, rules=tuple(sorted(reaching.union(flow.dataflow.rules))))
        flows_with_rules[name] = replace(flow, dataflow=dataflow)
    return flows_with_rules


def reaches(reach: Reach | None, flow: Flow) -> bool:
    """Whether a rule with this reach runs on a dataflow by itself."""
    if reach is None or flow.id in reach.unless or flow.structure.ref.id in reach.unless:
        return False
    if reach.only:
        return flow.id in reach.only
    if flow.structure.ref.id not in reach.structures and not (ANY in reach.structures and holds_numbers(flow)):
        return False
    if not (reach.open or reach.any_open or reach.frequency):
        return True
    fixed = fixed_by(flow)
    free = {name for name in flow.structure.key if len(fixed.get(name, "  ")) > 1}
    frequencies = fixed.get(FREQUENCY, (reach.frequency,))
    return (
        free.issuperset(reach.open)
        and (not reach.any_open or not free.isdisjoint(reach.any_open))
        and (not reach.frequency or reach.frequency in frequencies)
    )


def holds_numbers(flow: Flow) -> bool:
    measure = flow.structure.measure
    return measure.codelist is None and measure.data_type in NUMBERS


def fixed_by(flow: Flow) -> dict[str, tuple[str, ...]]:
    return {
        selection.component: tuple(member.value for member in selection.members)
        for constraint in flow.constraints
        for region in constraint.regions
        if region.include
        for selection in region.selections
        if selection.members and selection.include
    }


def check_rules_of_code(declared_ids: Collection[str]) -> None:
    """Require the rules that code refers to."""
    missing = [rule_id for rule_id in RuleId if rule_id not in declared_ids]
    if missing:
        raise DeclarationError(
            f"What is read cannot be judged without these rules, which nothing declares: {', '.join(missing)}.",
            Place("structures/rules"),
            "Declare them there; a file in the folder of a workspace hides the whole shipped file of its name.",
        )
