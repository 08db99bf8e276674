"""Cards of indicators and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.sdmx.model.indicators import Indicator, TermSelection, Variant

NOT_VERIFIED = "not verified"


def indicator_facts(indicator: Indicator, language: str) -> Iterator[tuple[str, str]]:
    """The facts of an indicator, each with its own status where it has one."""
    yield "UN number", f"{indicator.un_number}  [{indicator.un_number_status}]" if indicator.un_number else NOT_VERIFIED
    yield "place", f"part {indicator.part}, {indicator.policy_area}, {indicator.tier}"
    yield "measure", f"{indicator.measure}, unit {indicator.unit}"
    yield "calculation", indicator.calculation or "none: assessed by the profile only"
    for label, text in (
        ("numerator", indicator.numerator),
        ("denominator", indicator.denominator),
        ("note", indicator.note),
    ):
        if text:
            yield label, text.in_language(language)
    yield "primary topics", ", ".join(indicator.primary_topics)
    yield "secondary topics", ", ".join(indicator.secondary_topics)
    yield from sdg_facts(indicator)
    purpose = indicator.purpose
    if purpose.question:
        yield "question", f"{purpose.question.in_language(language)}  [{purpose.question_status}]"
    if purpose.objectives:
        yield "Global Compact", f"{', '.join(purpose.objectives)}  [{purpose.objectives_status}]"
    yield "by sex", f"{_yes(purpose.by_sex)}  [{purpose.by_sex_status}]"
    yield "for children", f"{_yes(purpose.for_children)}  [{purpose.for_children_status}]"


def sdg_facts(indicator: Indicator) -> Iterator[tuple[str, str]]:
    sdg = indicator.sdg
    if sdg is None:
        return
    yield "SDG indicator", f"{sdg.number} {sdg.official_name}  [{sdg.status}: {sdg.source}]"
    if sdg.series:
        yield "SDG series", ", ".join(sdg.series)
    if sdg.asks or sdg.disaggregation:
        yield "custodian asks", " – ".join(filter(None, (sdg.asks, sdg.disaggregation)))


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def variant_cells(variant: Variant, language: str) -> tuple[str, ...]:
    texts = [terms_text(variant.terms)]
    if variant.otherwise:
        texts.append(f"otherwise ({variant.basis.in_language(language)}) {terms_text(variant.otherwise)}")
    return variant.id, variant.name.in_language(language), "; ".join(texts)


def terms_text(terms: Mapping[str, TermSelection]) -> str:
    return "; ".join(f"{name} = {term(selection)}" for name, selection in terms.items())


def term(selection: TermSelection) -> str:
    """One term of a calculation as people write it.

    >>> term(TermSelection("DF_IMM", (("CTZ_STATUS", "NC"),)))
    'DF_IMM(CTZ_STATUS=NC)'
    """
    return f"{selection.flow}({', '.join(f'{name}={code}' for name, code in selection.codes)})".replace("()", "")


def account_facts(identity: Identity) -> Iterator[tuple[str, str]]:
    for equation in identity.equations:
        yield "equation", equation.written
    yield "kind", identity.kind
    yield "account", identity.account
    yield "population", ", ".join(f"{name}={code}" for name, code in identity.population) or "all"
    yield "tolerance", str(identity.tolerance)


def account_lines(identity: Identity) -> Iterator[tuple[str, ...]]:
    for item in identity.items:
        held = identity.item_sources.get(item)
        codes = ", ".join(f"{name}={code}" for name, code in held.codes) if held else ""
        yield item, held.flow if held else "", codes
