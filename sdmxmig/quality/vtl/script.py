"""Rules as a VTL script and SDMX artefacts, with components and value domains of its inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import read_word_table
from sdmxmig.primitives.text import escape_markdown
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import KEPT_COMPONENTS
from sdmxmig.quality.vtl.reports import build_other_flows
from sdmxmig.quality.vtl.syntax import NAME_TAKEN_REASON, RULE_NOT_APPLICABLE, explain_kind, name_domain
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule, list_active_rules
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedRule:
    rule: Rule
    flow: Flow
    parts: tuple[Part, ...] = ()
    reason: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def translate_rules(flows: Iterable[Flow], catalogue: Catalogue, filled: Collection[str] = ()) -> list[TranslatedRule]:
    rules = catalogue.rules
    return [
        translate_rule(rules[rule_id], flow, catalogue, filled)
        for flow in flows
        for rule_id in sorted(list_active_rules(rules, flow.dataflow.rules))
        if rule_id in rules
    ]


def translate_rule(rule: Rule, flow: Flow, catalogue: Catalogue, filled: Collection[str] = ()) -> TranslatedRule:
    flows = {**catalogue.flows, flow.id: flow, **build_other_flows(catalogue.flows)}
    subject = Subject(
        rule=rule,
        flow=flow,
        flows=flows,
        filled=frozenset(filled or flows),
        identities=catalogue.identities,
    )
    try:
        parts = build_parts(subject)
    except NotExpressibleError as reason:
        return TranslatedRule(rule=rule, flow=flow, reason=reason.reason, names=reason.names)
    return TranslatedRule(rule=rule, flow=flow, parts=parts)


def build_parts(subject: Subject) -> tuple[Part, ...]:
    kind = subject.rule.kind
    if kind not in TRANSLATIONS:
        raise NotExpressibleError(explain_kind(kind), kind=kind)
    parts = tuple(TRANSLATIONS[kind](subject))
    if not parts:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)
    made = {name for part in parts for one in part.assignments for name in GENERATED_NAME.findall(one.expression)}
    if taken := sorted(made.intersection(one.id for one in subject.flow.structure.components) - {*KEPT_COMPONENTS}):
        raise NotExpressibleError(NAME_TAKEN_REASON, component=taken[0])
    return parts


GENERATED_NAME = re.compile(r"(?:measure|identifier|aggr|,) ([A-Z]\w*) := (?!\1\b)")
"""A component that a transformation adds; data must not have a component of this name."""
HEADER_TEXT = Path(__file__).with_name("head.vtl").read_text(encoding="utf-8")
LEFT_OUT_TITLE = "Not in VTL"
LEFT_OUT_HEAD = (
    "These rules of the dataflows are not in the script or its artefacts. `sdmxmig validate` runs all of them."
)


def write_titled_script(translations: Iterable[TranslatedRule], language: str) -> str:
    written: set[str] = set()
    lines = [HEADER_TEXT]
    flow_id = ""
    for translation in sorted(translations, key=lambda translation: (translation.flow.id, translation.rule.id)):
        if not translation.parts:
            continue
        flow, rule = translation.flow, translation.rule
        if flow.id != flow_id:
            flow_id = flow.id
            lines += [
                "",
                write_comment(
                    "=" * TITLE_LENGTH, f"{flow.id}  {flow.dataflow.name.in_language(language)}", "=" * TITLE_LENGTH
                ),
            ]
        lines += ["", write_comment(f"{rule.id}  {rule.name.in_language(language)}")]
        lines += write_statements(translation.parts, written)
    return "\n".join(lines) + "\n"


TITLE_LENGTH = 60


def write_comment(*lines: str) -> str:
    """Write lines of text as a comment, escaping its end mark.

    >>> write_comment("A */ B")
    '/* A * / B */'
    """
    text = "\n   ".join(line.replace("*/", "* /") for line in lines)
    return f"/* {text} */"


def format_omitted_rules(translations: Iterable[TranslatedRule], language: str) -> str:
    rules: dict[str, dict[str, list[str]]] = {}
    for translation in translations:
        if not translation.parts:
            reason = translate_text(translation.reason, **translation.names).in_language(language)
            label = f"{translation.rule.id} {escape_markdown(translation.rule.name.in_language(language))}"
            rules.setdefault(reason, {}).setdefault(label, []).append(translation.flow.id)
    lines = [
        f"# {translate_text(LEFT_OUT_TITLE).in_language(language)}",
        "",
        translate_text(LEFT_OUT_HEAD).in_language(language),
    ]
    for reason, flows_by_rule in rules.items():
        listed = [f"- {label} ({', '.join(flows)})" for label, flows in sorted(flows_by_rule.items())]
        lines += ["", f"## {escape_markdown(reason)}", "", *listed]
    return "\n".join(lines) + "\n"


def write_statements(parts: Iterable[Part], written: set[str]) -> Iterator[str]:
    for part in parts:
        yield from part.rulesets.values()
        for assignment in part.assignments:
            if assignment.result not in written:
                written.add(assignment.result)
                yield assignment.statement


def translate_text(message: str, **names: str) -> Text:
    return Text.of({language: words[message].format(**names) for language, words in read_word_table("vtl").items()})


TEXT, NUMBER = "String", "Number"


def describe_data_set(flow: Flow) -> dict[str, Any]:
    structure = flow.structure
    return {
        "name": flow.id,
        "DataStructure": [
            *(describe_component(dimension, TEXT, "Identifier") for dimension in structure.key),
            describe_component(structure.measure.id, NUMBER, "Measure"),
            *(describe_component(attribute.id, TEXT, "Attribute") for attribute in structure.attributes()),
        ],
    }


def describe_component(name: str, kind: str, role: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "role": role, "nullable": role != "Identifier"}


def list_value_domains(flows: Iterable[Flow]) -> list[dict[str, Any]]:
    codelists = {
        name_domain(codelist): codelist
        for flow in flows
        for part in flow.structure.components
        if (codelist := flow.codelist(part)) is not None
    }
    return [{"name": name, "type": TEXT, "setlist": list(codelist.ids)} for name, codelist in sorted(codelists.items())]


def encode_json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


VERSION = "1.0.0-draft"
LANGUAGE_VERSION = "2.1"
TRANSFORMATIONS, RULESETS, MAPPINGS = "TS_VALIDATION", "RS_VALIDATION", "VM_VALIDATION"
SCHEME_NAME = "Validation rules in VTL"
SCHEME_OF_RULESETS = "Conditions of validation rules on single observations"
SCHEME_OF_NAMES = "Names of dataflows and codelists in VTL"
STEP, UNTESTED = "Step towards {rule}", "Not tested by {rule}"
REASON_COLUMN = "RULE"


def build_artefacts(translations: Iterable[TranslatedRule], flows: Mapping[str, Flow], agency: str) -> list[ItemScheme]:
    written = [translation for translation in translations if translation.parts]
    if not written:
        return []
    names = build_reference("VtlMappingScheme", MAPPINGS, agency)
    rulesets = ItemScheme(
        build_reference("RulesetScheme", RULESETS, agency),
        translate_text(SCHEME_OF_RULESETS),
        items=tuple(collect_rulesets(written)),
        status="candidate",
        properties=(("vtlVersion", LANGUAGE_VERSION), ("VtlMappingScheme", names.urn)),
    )
    transformations = ItemScheme(
        build_reference("TransformationScheme", TRANSFORMATIONS, agency),
        translate_text(SCHEME_NAME),
        items=tuple(list_transformations(written)),
        status="candidate",
        properties=(
            ("vtlVersion", LANGUAGE_VERSION),
            ("VtlMappingScheme", names.urn),
            *((("RulesetScheme", rulesets.ref.urn),) if rulesets.items else ()),
        ),
    )
    inputs = sorted({flow for translation in written for part in translation.parts for flow in part.inputs})
    mapping = ItemScheme(
        names,
        translate_text(SCHEME_OF_NAMES),
        items=tuple(list_alias_items([flows[flow] for flow in inputs if flow in flows])),
        status="candidate",
    )
    return [mapping, *([rulesets] if rulesets.items else []), transformations]


def build_reference(kind: str, artefact: str, agency: str) -> Ref:
    return Ref(kind, agency, id=artefact, version=VERSION)


def collect_rulesets(translations: Iterable[TranslatedRule]) -> Iterator[Item]:
    for translation in translations:
        for part in translation.parts:
            for name, definition in part.rulesets.items():
                yield Item(
                    name,
                    translation.rule.name,
                    annotations=build_notes(translation.rule),
                    properties=(
                        ("rulesetType", "datapoint"),
                        ("rulesetScope", "variable"),
                        ("RulesetDefinition", definition),
                    ),
                )


def list_transformations(translations: Iterable[TranslatedRule]) -> Iterator[Item]:
    written: set[str] = set()
    for translation in translations:
        for part in translation.parts:
            for assignment in part.assignments:
                if assignment.result not in written:
                    written.add(assignment.result)
                    yield build_transformation(
                        translation.rule, assignment, is_untested=assignment.result == part.untested
                    )


def build_transformation(rule: Rule, assignment: Assignment, *, is_untested: bool) -> Item:
    result = translate_text(UNTESTED, rule=rule.id) if is_untested else rule.name
    return Item(
        assignment.result,
        result if assignment.persistent else translate_text(STEP, rule=rule.id),
        annotations=build_notes(rule) if assignment.persistent else (),
        properties=(
            ("isPersistent", "true" if assignment.persistent else "false"),
            ("Expression", assignment.expression),
            ("Result", assignment.result),
        ),
    )


def build_notes(rule: Rule) -> tuple[Annotation, ...]:
    return (Annotation(REASON_COLUMN, title=f"{rule.id} {rule.version}"),)


def list_alias_items(flows: Iterable[Flow]) -> Iterator[Item]:
    codelists: dict[str, ItemScheme] = {}
    for flow in flows:
        dataflow = flow.dataflow
        yield Item(flow.id, dataflow.name, properties=(("alias", flow.id), ("Dataflow", dataflow.ref.urn)))
        for component in flow.structure.components:
            codelist = flow.codelist(component)
            if codelist is not None and codelist.ref.kind == "Codelist":
                codelists.setdefault(name_domain(codelist), codelist)
    for domain, codelist in sorted(codelists.items()):
        yield Item(domain, codelist.name, properties=(("alias", domain), ("Codelist", codelist.ref.urn)))
