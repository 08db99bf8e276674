"""What must be known before a computed value is concluded from: figures of different days, rules, or with unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.indicators import TOTAL, TermSelection
from sdmxmig.sdmx.model.scores import Statement
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import FigureTrait, SourcedFigure

MUCH = Decimal(5)
"""Above so many per cent of unknown a share says little; the sign of quality for unknown has the same limit."""
UNKNOWN, SILENT = "_U", ("", "_U", "_Z")
DAY, RULE, CRITERION = "REF_DATE", "RES_RULE", "ID_CRITERION"
PROXIES = ("CBR", "CTZ")
"""What stands in for former residence where emigrants are counted by the countries in which they live."""
PARTS = {"BIRTH_STATUS": ("NB", "FB"), "CTZ_STATUS": ("NC", "FC"), "C_BIRTH": (), "C_CITIZEN": (), "C_RESIDENCE": ()}
"""Dimensions in which something may be unknown, and their codes, where these two are everybody of whom it is known."""
PERSONAL = ("SEX", "AGE")


def caveats(
    figure: SourcedFigure, terms: Iterable[TermSelection], year: int, figures: Figures
) -> tuple[Statement, ...]:
    """What keeps a value from being a conclusion, one statement each; none where its figures can be compared.

    Its figures are of different days; they follow different residence rules, or not all of them say which; much is
    unknown in a dimension by which a term is limited; emigrants are counted by birth or citizenship in place of former
    residence.
    """
    statements = [*of_traits(figure.traits, figures), *of_unknown(terms, year, figures)]
    return tuple(dict.fromkeys(statements))


def of_traits(traits: Sequence[FigureTrait], figures: Figures) -> Iterator[Statement]:
    """What the datasets of the figures say of their days, rules and criteria."""
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
    """In which dimensions that limit a term much is unknown."""
    for term in terms:
        for dimension, code in term.codes:
            if dimension in PARTS and code not in (TOTAL, UNKNOWN):
                share = unknown_share(term, dimension, year, figures)
                if share is not None and share > MUCH:
                    concept = concept_of(figures, term.flow, dimension)
                    words = (("dimension", (concept,)), ("flow", (title_of(figures, term.flow),)))
                    yield Statement("caveat.unknown", words, numbers=(("share", share.quantize(Decimal("0.1"))),))


def unknown_share(term: TermSelection, dimension: str, year: int, figures: Figures) -> Decimal | None:
    """Of how many per cent of a term's whole a dimension is unknown; None where that cannot be told.

    Where no figure for unknown is published, it is what the two statuses leave of the total.
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
    """What a code of a component is called."""
    flow = figures.flow(flow_id)
    codelist = flow.codelist(component) if flow else None
    return codelist[code].name if codelist and code in codelist else Text.of(en=code)


def concept_of(figures: Figures, flow_id: str, component: str) -> Text:
    """What a component is called."""
    flow = figures.flow(flow_id)
    concepts: Mapping[str, Text] = flow.concepts if flow else {}
    return concepts.get(component, Text.of(en=component))


def title_of(figures: Figures, flow_id: str) -> Text:
    """What a dataflow is called."""
    flow = figures.flow(flow_id)
    return flow.dataflow.name if flow and flow.dataflow.name else Text.of(en=flow_id)
