"""SDMX artefacts of a VTL program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.quality.vtl import Assignment
from sdmxmig.quality.vtl.script import Translated
from sdmxmig.quality.vtl.syntax import domain_of
from sdmxmig.quality.vtl.words import worded
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.references import Ref

VERSION = "1.0.0-draft"
LANGUAGE_VERSION = "2.1"
TRANSFORMATIONS, RULESETS, MAPPINGS = "TS_VALIDATION", "RS_VALIDATION", "VM_VALIDATION"
SCHEME = "Validation rules in VTL"
SCHEME_OF_RULESETS = "Conditions of validation rules on single observations"
SCHEME_OF_NAMES = "Names of dataflows and codelists in VTL"
STEP, UNTESTED = "Step towards {rule}", "What {rule} could not test"
REASON = "RULE"
"""The type of the annotation with the id of the rule that a transformation belongs to."""


def artefacts_of(translations: Iterable[Translated], flows: Mapping[str, Flow], agency: str) -> list[ItemScheme]:
    written = [translation for translation in translations if translation.parts]
    if not written:
        return []
    names = ref_of("VtlMappingScheme", MAPPINGS, agency)
    rulesets = ItemScheme(
        ref_of("RulesetScheme", RULESETS, agency),
        worded(SCHEME_OF_RULESETS),
        items=tuple(rulesets_of(written)),
        status="candidate",
        properties=(("vtlVersion", LANGUAGE_VERSION), ("VtlMappingScheme", names.urn)),
    )
    transformations = ItemScheme(
        ref_of("TransformationScheme", TRANSFORMATIONS, agency),
        worded(SCHEME),
        items=tuple(transformations_of(written)),
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
        worded(SCHEME_OF_NAMES),
        items=tuple(names_of([flows[flow] for flow in inputs])),
        status="candidate",
    )
    return [mapping, *([rulesets] if rulesets.items else []), transformations]


def ref_of(kind: str, artefact: str, agency: str) -> Ref:
    return Ref(kind, agency, id=artefact, version=VERSION)


def rulesets_of(translations: Iterable[Translated]) -> Iterator[Item]:
    """The rulesets, with the names of their rules."""
    for translation in translations:
        for part in translation.parts:
            for ruleset in part.rulesets:
                yield Item(
                    ruleset.name,
                    translation.rule.name,
                    annotations=notes_of(translation.rule),
                    properties=(
                        ("rulesetType", ruleset.kind),
                        ("rulesetScope", "variable"),
                        ("RulesetDefinition", ruleset.definition),
                    ),
                )


def transformations_of(translations: Iterable[Translated]) -> Iterator[Item]:
    written: set[str] = set()
    for translation in translations:
        for part in translation.parts:
            for assignment in part.assignments:
                if assignment.result not in written:
                    written.add(assignment.result)
                    yield transformation(translation.rule, assignment, is_untested=assignment.result == part.untested)


def transformation(rule: Rule, assignment: Assignment, *, is_untested: bool) -> Item:
    """One transformation; a result has the name of its rule."""
    result = worded(UNTESTED, rule=rule.id) if is_untested else rule.name
    return Item(
        assignment.result,
        result if assignment.persistent else worded(STEP, rule=rule.id),
        annotations=notes_of(rule) if assignment.persistent else (),
        properties=(
            ("isPersistent", "true" if assignment.persistent else "false"),
            ("Expression", assignment.expression),
            ("Result", assignment.result),
        ),
    )


def notes_of(rule: Rule) -> tuple[Annotation, ...]:
    return (Annotation(REASON, title=f"{rule.id} {rule.version}"),)


def names_of(flows: Iterable[Flow]) -> Iterator[Item]:
    codelists: dict[str, ItemScheme] = {}
    for flow in flows:
        dataflow = flow.dataflow
        yield Item(flow.id, dataflow.name, properties=(("alias", flow.id), ("Dataflow", dataflow.ref.urn)))
        for component in flow.structure.components:
            codelist = flow.codelist(component)
            if codelist is not None and codelist.ref.kind == "Codelist":
                codelists.setdefault(domain_of(codelist), codelist)
    for domain, codelist in sorted(codelists.items()):
        yield Item(domain, codelist.name, properties=(("alias", domain), ("Codelist", codelist.ref.urn)))
