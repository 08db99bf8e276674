"""Comparability of figures within a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.indicators import TOTAL, TermSelection
from sdmxmig.sdmx.model.scores import Statement
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import FigureTrait, SourcedFigure

MUCH = Decimal(5)
UNKNOWN, SILENT = "_U", ("", "_U", "_Z")
DAY, RULE, CRITERION = "REF_DATE", "RES_RULE", "ID_CRITERION"
PROXIES = ("CBR", "CTZ")
PARTS = {"BIRTH_STATUS": ("NB", "FB"), "CTZ_STATUS": ("NC", "FC"), "C_BIRTH": (), "C_CITIZEN": (), "C_RESIDENCE": ()}
PERSONAL = ("SEX", "AGE")


def caveats(
    figure: SourcedFigure, terms: Iterable[TermSelection], year: int, figures: Figures
) -> tuple[Statement, ...]:
    """List reservations about a value: different days or rules, unknowns, proxies for former residence."""
    statements = [*of_traits(figure.traits, figures), *of_unknown(terms, year, figures)]
    return tuple(dict.fromkeys(statements))


def of_traits(traits: Sequence[FigureTrait], figures: Figures) -> Iterator[Statement]:
    days = {trait.day: trait.flow for trait in traits if trait.day not in SILENT}
    if len(days) > 1:
        names = tuple(name_of(figures, flow, DAY, code) for code, flow in sorted(days.items()))
        yield Statement("caveat.dates", (("days", names),))
    with_rule = [trait for trait in traits if trait.rule is not None]
    rules = {trait.rule: trait.flow for trait in with_rule if trait.rule not in SILENT}
    silent = dict.fromkeys(trait.flow for trait in with_rule if trait.rule in SILENT)
    if len(rules) > 1:
        names = tuple(name_of(figures, flow, RULE, str(code)) for code, flow in sorted(rules.items()))
        yield Statement("caveat.rules", (("rules", names),))
    elif silent and len({trait.flow for trait in with_rule}) > 1:
        yield Statement("caveat.rule_unknown", (("flows", tuple(title_of(figures, flow) for flow in silent)),))
    proxies = {trait.criterion: trait.flow for trait in traits if trait.criterion in PROXIES}
    for code, flow in sorted(proxies.items()):
        yield Statement("caveat.proxy", (("criterion", (name_of(figures, flow, CRITERION, code),)),))


def of_unknown(terms: Iterable[TermSelection], year: int, figures: Figures) -> Iterator[Statement]:
    for term in terms:
        for dimension, code in term.codes:
            if dimension in PARTS and code not in (TOTAL, UNKNOWN):
                share = unknown_share(term, dimension, year, figures)
                if share is not None and share > MUCH:
                    concept = concept_of(figures, term.flow, dimension)
                    words = (("dimension", (concept,)), ("flow", (title_of(figures, term.flow),)))
                    yield Statement("caveat.unknown", words, numbers=(("share", share.quantize(Decimal("0.1"))),))


def unknown_share(term: TermSelection, dimension: str, year: int, figures: Figures) -> Decimal | None:
    """Compute the unknown share of a term in per cent, or None.

    Unpublished unknowns are the remainder.
    """
    kept = [(name, code) for name, code in term.codes if name not in PARTS and name not in PERSONAL]

    def value(*codes: tuple[str, str]) -> Decimal | None:
        figure = figures.yearly(TermSelection(term.flow, tuple(sorted((*kept, *codes))))).figures.get(year)
        return figure.value if figure else None

    whole, unknown = value(), value((dimension, UNKNOWN))
    if not whole:
        return None
    if unknown is None:
        known = [value((dimension, code)) for code in PARTS[dimension]]
        present = [amount for amount in known if amount is not None]
        unknown = whole - sum(present, Decimal(0)) if present and len(present) == len(known) else None
    return None if unknown is None else 100 * unknown / whole


def name_of(figures: Figures, flow_id: str, component: str, code: str) -> Text:
    flow = figures.flow(flow_id)
    codelist = flow.codelist(component) if flow else None
    return codelist[code].name if codelist and code in codelist else Text.of(en=code)


def concept_of(figures: Figures, flow_id: str, component: str) -> Text:
    flow = figures.flow(flow_id)
    concepts: Mapping[str, Text] = flow.concepts if flow else {}
    return concepts.get(component, Text.of(en=component))


def title_of(figures: Figures, flow_id: str) -> Text:
    flow = figures.flow(flow_id)
    return flow.dataflow.name if flow and flow.dataflow.name else Text.of(en=flow_id)
