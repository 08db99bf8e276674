"""Feasibility of indicators, computed from the source inventory.

An accessible, sufficient source means within one year; one that needs an agreement, question or method, one to three
years; otherwise a new source is needed. Unknown answers leave a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from sdmxmig.catalogue.benchmarking import NOT_APPLICABLE, UNKNOWN, Need
from sdmxmig.catalogue.indicators import NOT_YIELDED, PARTLY, YIELDED, YIELDS_BY_PROMISE, Indicator
from sdmxmig.statistics.calculations.evidence import Claims, parse_bracketed_ids
from sdmxmig.statistics.model.evidence import Statement
from sdmxmig.statistics.model.indicator_results import (
    REGULAR_FIELD,
    Challenge,
    Feasibility,
    SourcePotential,
    TermSource,
)

PRODUCED, READY, WORK, NEW = "F4", "F3", "F2", "F1"
"""FEAS codes: produced, within one year, one to three years, new source."""
AVAILABILITY, DECLARED, CHALLENGE = "L01", "L06", "L07"
VARIABLES_ITEM = "S05"
SOURCES_MODULE = "H"
PRESENT_ANSWER = "Y"
FEASIBILITY_SCALE = "FEAS"


def rate_feasibility(code: str, claims: Claims) -> Decimal:
    scale = claims.scales.get(FEASIBILITY_SCALE)
    points = dict(scale.points).get(code) if scale else None
    return Decimal(-1) if points is None else points


def rate_indicator(indicator: Indicator, claims: Claims) -> Feasibility:
    study = claims.study
    available, declared = claims.answer(AVAILABILITY, indicator.id), claims.answer(DECLARED, indicator.id)
    drivers = list_drivers(indicator.id, claims)
    needs = study.needs.get(indicator.id, ())
    terms = [[judge_source(source, need, indicator, claims) for source in need.sources] for need in needs]
    carriers = tuple(carrier for term in terms for carrier in term)
    inputs = [(f"{indicator.id}.{AVAILABILITY}", available), *list_inputs(needs, claims)]
    inputs += [(f"{indicator.id}.{item}", code) for item, _, code in drivers]
    least, most, reasons = judge_terms(terms, available, claims)
    if PRODUCED not in (least, most) and most:
        caps = [(item, code, study.limits[driver]) for item, driver, code in select_decisive_drivers(drivers, claims)]
        least = min([least, *(cap for _, _, cap in caps)], key=lambda code: rate_feasibility(code, claims))
        most = min([most, *(cap for _, _, cap in caps)], key=lambda code: rate_feasibility(code, claims))
        reasons += [find_obstacle(item, code, claims) for item, code, _ in caps]
    computed = least if least == most else ""
    gap = rate_feasibility(declared, claims) - rate_feasibility(computed, claims) if declared and computed else None
    has_points = gap is not None and rate_feasibility(declared, claims) >= 0
    return Feasibility(
        declared=declared,
        computed=computed,
        least=least,
        most=most,
        difference=int(gap) if gap is not None and has_points else None,
        reasons=tuple(reasons),
        carriers=carriers,
        drivers=tuple((driver, code) for _, driver, code in drivers),
        inputs=tuple((key, answer or "?") for key, answer in dict(inputs).items()),
    )


def judge_terms(
    terms: Sequence[Sequence[TermSource]], available: str, claims: Claims
) -> tuple[str, str, list[Statement]]:
    """Combine the terms: take the best source of each, then the worst term."""
    scale = claims.scale(AVAILABILITY)
    if available in claims.study.regular:
        return PRODUCED, PRODUCED, [Statement(REGULAR_FIELD, (("answer", (scale.label(available),)),))]
    if available and scale.silence(available) == NOT_APPLICABLE:
        return "", "", [Statement("feasible.not_applicable", (("answer", (scale.label(available),)),))]
    if all((carrier.least, carrier.most) == (NEW, READY) for term in terms for carrier in term):
        return "", "", []
    best = [choose_best(term, claims) for term in terms]
    least = min((carrier.least for carrier in best), key=lambda code: rate_feasibility(code, claims))
    most = min((carrier.most for carrier in best), key=lambda code: rate_feasibility(code, claims))
    return least, most, list(dict.fromkeys(reason for carrier in best for reason in carrier.reasons))


def choose_best(term: Sequence[TermSource], claims: Claims) -> TermSource:
    best = max(
        term, key=lambda carrier: (rate_feasibility(carrier.least, claims), rate_feasibility(carrier.most, claims))
    )
    most = max((carrier.most for carrier in term), key=lambda code: rate_feasibility(code, claims))
    return replace(best, most=most)


def judge_source(source: str, need: Need, indicator: Indicator, claims: Claims) -> TermSource:
    name = claims.question(source)
    answer = claims.answer(source)
    silence = claims.scale(source).silence(answer)
    words = (("source", (name,)), ("answer", (claims.label(source, answer),)))
    if silence == UNKNOWN:
        return TermSource(
            source, need.term, least=NEW, most=READY, reasons=(Statement("feasible.unknown_source", words[:1]),)
        )
    if silence == NOT_APPLICABLE or claims.scale(source).gap(answer) == "whole":
        level = NEW if silence else need.without
        return TermSource(source, need.term, least=level, most=level, reasons=(Statement("feasible.absent", words),))
    unmet, unknown = find_conditions(source, need, claims)
    lacking = list_missing_variables(source, need.variables or indicator.primary_topics, claims)
    if lacking:
        names = tuple(claims.name_of(variable) for variable in lacking)
        unknown.append(Statement("feasible.variables", (words[0], ("variables", names))))
    if answer != PRESENT_ANSWER:
        unmet.append(Statement("feasible.absent", words))
    if unmet:
        least = NEW if lacking else WORK  # a source that may lack a topic may never provide it
        return TermSource(source, need.term, least=least, most=WORK, reasons=(*unmet, *unknown), lacking=lacking)
    if unknown:
        return TermSource(source, need.term, least=WORK, most=READY, reasons=tuple(unknown))
    return TermSource(source, need.term, least=READY, most=READY, reasons=(Statement("feasible.ready", words[:1]),))


def has_sheet(source: str, claims: Claims) -> bool:
    return claims.items[source].module == SOURCES_MODULE


def find_sheet(source: str, claims: Claims) -> str:
    return source if has_sheet(source, claims) else claims.study.sheets.get(source, "")


def find_conditions(source: str, need: Need, claims: Claims) -> tuple[list[Statement], list[Statement]]:
    unmet: list[Statement] = []
    unknown: list[Statement] = []
    sheet = find_sheet(source, claims)
    for question, accepted in need.conditions.items():
        answer = claims.answer(question, sheet) if sheet else ""
        if claims.scale(question).silence(answer) == UNKNOWN:
            unknown.append(find_source_statement("feasible.unknown_condition", sheet or source, question, claims))
        elif answer not in accepted:
            unmet.append(find_source_statement("feasible.condition", sheet, question, claims))
    return unmet, unknown


def find_source_statement(sentence: str, source: str, question: str, claims: Claims) -> Statement:
    words = [("source", (claims.question(source),)), ("question", (claims.question(question),))]
    answer = claims.answer(question, source)
    if answer:
        words.append(("answer", (claims.label(question, answer),)))
    return Statement(sentence, tuple(words))


def list_missing_variables(source: str, variables: Iterable[str], claims: Claims) -> tuple[str, ...]:
    if not has_sheet(source, claims):
        return ()
    recorded = parse_bracketed_ids(claims.profile.of(VARIABLES_ITEM, source).practice)
    implied = {
        implied_variable
        for recorded_variable in recorded
        for implied_variable in claims.study.implied.get(recorded_variable, ())
    }
    return tuple(variable for variable in variables if variable not in recorded and variable not in implied)


def list_inputs(needs: Iterable[Need], claims: Claims) -> list[tuple[str, str]]:
    answers = []
    for need in needs:
        for source in need.sources:
            answers.append((source, claims.answer(source)))
            sheet = find_sheet(source, claims)
            if sheet:
                answers += [(f"{sheet}.{item}", claims.answer(item, sheet)) for item in need.conditions]
            if has_sheet(source, claims):
                recorded = parse_bracketed_ids(claims.profile.of(VARIABLES_ITEM, source).practice)
                answers.append((f"{source}.{VARIABLES_ITEM}", " ".join(recorded)))
    return answers


def list_drivers(indicator: str, claims: Claims) -> list[tuple[str, str, str]]:
    asked_of = [item for item in claims.items.values() if item.driver]
    answers = [(item.id, item.driver, claims.answer(item.id, indicator)) for item in asked_of]
    return [answered for answered in answers if answered[2]]


def select_decisive_drivers(drivers: Iterable[tuple[str, str, str]], claims: Claims) -> list[tuple[str, str, str]]:
    return [
        (item, driver, code)
        for item, driver, code in drivers
        if claims.scale(item).gap(code) == "whole" and driver in claims.study.limits
    ]


def find_obstacle(item: str, code: str, claims: Claims) -> Statement:
    words = (("driver", (claims.question(item),)), ("answer", (claims.label(item, code),)))
    return Statement("feasible.obstacle", words)


def list_challenges(indicators: Iterable[Indicator], claims: Claims) -> tuple[Challenge, ...]:
    """Return indicators that are hard to produce: those named by the office first, then those with obstacles."""
    challenging = []
    for indicator in indicators:
        is_named = claims.answer(CHALLENGE, indicator.id) == PRESENT_ANSWER
        drivers = list_drivers(indicator.id, claims)
        gaps = [claims.scale(item).gap(code) for item, _, code in drivers]
        if is_named or any(gaps):
            challenging.append(
                Challenge(
                    indicator.id, is_named, decisive=gaps.count("whole"), some=gaps.count("partial"), asked=len(drivers)
                )
            )
    return tuple(
        sorted(challenging, key=lambda challenge: (not challenge.is_named, -challenge.decisive, -challenge.some))
    )


AVAILABLE_YIELDS = (YIELDED, PARTLY)


def list_potentials(indicator: Indicator, claims: Claims) -> tuple[SourcePotential, ...]:
    possible = [
        assess_potential(item, indicator, claims)
        for item in claims.study.types
        if claims.answer(item) in AVAILABLE_YIELDS
    ]
    listed = [each for each in possible if each.answer in AVAILABLE_YIELDS]
    return tuple(
        sorted(listed, key=lambda each: (-YIELDS_BY_PROMISE.index(each.answer), -len(each.recorded), len(each.lacking)))
    )


def assess_potential(item: str, indicator: Indicator, claims: Claims) -> SourcePotential:
    source, topics = claims.study.types[item], indicator.primary_topics
    yields = claims.study.yields
    whole = yields.of(source, indicator.id)
    unlisted = list_missing_variables(item, topics, claims)
    lacking = tuple(topic for topic in unlisted if yields.of(source, indicator.id, topic).answer == NOT_YIELDED)
    return SourcePotential(
        item,
        source,
        answer=whole.answer,
        why=whole.why,
        needs=tuple(need for need in whole.needs if not is_met(need, item, claims)),
        recorded=tuple(topic for topic in topics if topic not in unlisted),
        lacking=lacking,
        asked=tuple(topic for topic in unlisted if topic not in lacking),
    )


def is_met(need: str, item: str, claims: Claims) -> bool:
    shown_by = claims.study.yields.fulfilled.get(need, ())
    return bool(shown_by) and all(claims.answer(question, item) == answer for question, answer in shown_by)
