"""Facts of rules, types of sources and metadata sets."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.documentation.pages import Page
from sdmxmig.catalogue.indicators import CAN, CANNOT, PARTLY, UNKNOWN, Indicator
from sdmxmig.catalogue.rules import RuleExample, rule_examples
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.structures import MetadataAttribute, Metadataflow, MetadataStructure

SOURCE_TYPES, REASONS, NEEDS = "CL_SRC_TYPE", "CL_SRC_REASON", "CL_SRC_NEED"
WORDS = {CAN: "yes", PARTLY: "partly", CANNOT: "no", UNKNOWN: "not known"}
COLUMNS = ("indicator", "gives it", "why", "needs", "by topic")
Row = tuple[tuple[str, ...], str, str]
"""The cells of a line, its status and its source."""


def lines_of_source(source: str, catalogue: Catalogue, language: str) -> Iterator[Row]:
    yields = catalogue.study.yields
    for indicator in catalogue.indicators.values():
        whole = yields.of(source, indicator.id)
        if whole.answer != UNKNOWN:
            cells = (
                indicator.id,
                WORDS[whole.answer],
                names(REASONS, whole.why, catalogue, language),
                names(NEEDS, whole.needs, catalogue, language),
                topics(source, indicator, catalogue),
            )
            yield cells, whole.status, whole.reference


def facts_of_indicator(indicator: Indicator, catalogue: Catalogue, language: str) -> Iterator[tuple[str, str]]:
    yields = catalogue.study.yields
    for answer in (CAN, PARTLY):
        for source in yields.sources:
            whole = yields.of(source, indicator.id)
            if whole.answer == answer:
                needs = names(NEEDS, whole.needs, catalogue, language)
                parts = (
                    f"{WORDS[answer]}. {names(REASONS, whole.why, catalogue, language)}",
                    f"Needs: {needs}" if needs else "",
                    topics(source, indicator, catalogue),
                )
                yield f"from {source}", f"{' '.join(filter(None, parts))}  [{whole.status}]"


def topics(source: str, indicator: Indicator, catalogue: Catalogue) -> str:
    yields = catalogue.study.yields
    if yields.of(source, indicator.id).answer not in (CAN, PARTLY):
        return ""
    listed: dict[str, list[str]] = {}
    for topic in (*indicator.primary_topics, *indicator.secondary_topics):
        listed.setdefault(yields.of(source, indicator.id, topic).answer, []).append(topic)
    return "; ".join(f"{WORDS[answer]}: {', '.join(listed[answer])}" for answer in WORDS if answer in listed)


def names(codelist: str, codes: Sequence[str], catalogue: Catalogue, language: str) -> str:
    scheme = catalogue.item_scheme(codelist)
    return " ".join(scheme[code].name.in_language(language) for code in codes)


EVERYWHERE, NOWHERE = "all data", "no dataflow; list it in the rules of one"
READING = "what is read, before there are data"


def rule_facts(rule: Rule, catalogue: Catalogue, language: str, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
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


def set_facts(metadata_set: MetadataSet) -> Iterator[tuple[str, str]]:
    if metadata_set.describes:
        yield "follows", metadata_set.describes.short
    for report in metadata_set.reports:
        for target in report.targets:
            yield "about", target.value.partition("infomodel.")[2] or target.value


def structure_of(metadata_set: MetadataSet, catalogue: Catalogue) -> Sequence[MetadataAttribute]:
    flow = catalogue.artefacts.get(metadata_set.describes) if metadata_set.describes else None
    structure = catalogue.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    return structure.attributes if isinstance(structure, MetadataStructure) else ()


def text_of_attribute(attribute: ReportedAttribute, declared: MetadataAttribute | None, page: Page) -> str:
    if attribute.text:
        return page.of(attribute.text).text
    items = page.library.items(declared.codelist) if declared and declared.codelist else {}
    return "; ".join(
        f"{value} {page.of(items[value].name).text}" if value in items else value for value in attribute.values
    )
