"""Consistency of a country's account and census, and reference populations of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from itertools import takewhile

from sdmxmig.catalogue.benchmarking import CONFIRMED
from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.primitives import text
from sdmxmig.reporting.sections.blocks import CitedSentence
from sdmxmig.reporting.sections.intercensal import describe_difference, locate_difference
from sdmxmig.reporting.sections.items import describe_answer
from sdmxmig.reporting.sections.quantities import (
    build_label,
    describe_disagreement,
    describe_quantity,
    find_latest_flow,
    find_newest,
    write_difference,
    write_figure,
)
from sdmxmig.reporting.sections.series import (
    FIRST_VALUE,
    PROJECTION,
    PROVISIONAL_NAMES,
    find_series,
    index_by_period,
    is_break,
    is_recent,
    list_source_keys,
    list_years,
)
from sdmxmig.reporting.sections.wording import (
    CITATION,
    UNKNOWN_ANSWERS,
    Wording,
    capitalise,
    extract_first_sentence,
    lower_first_letter,
)
from sdmxmig.statistics.calculations.evidence import parse_bracketed_ids
from sdmxmig.statistics.model.assessment import Account, Assessment, Point, Score, Series
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE, Effect

UNBALANCED = "UNBALANCED"
CLOSED_OUTCOMES = ("BALANCED", "ROUNDING", "TOLERATED")
TESTED_OUTCOMES = (*CLOSED_OUTCOMES, UNBALANCED)
TOLERATED = "TOLERATED"
COVERAGE_ITEMS = ("J01", "J02")
YEAR_ENDS = ((1, 1), (12, 31))
MIN_GROWTH_YEARS, MAX_GROWTH_YEARS = 3, 10
LARGE_CHANGE = Decimal("0.1")
"""Growth of the population above this is stated without decimals."""
MAX_LATER_POINTS = 2
ADJUSTMENT_ITEM = "ADJ"
REGISTER_TYPE = "REG"


@dataclass(frozen=True, slots=True)
class AccountConsistency:
    """Closing of the account by year.

    With `is_by_construction`, closure is not evidence; `loosest` is the weakest outcome.
    """

    tested: int
    closed: int
    _: KW_ONLY
    is_by_construction: bool = False
    is_declared: bool = False
    is_register: bool = False
    loosest: str = ""
    years: tuple[str, ...] = ()


def assess_account(assessment: Assessment) -> AccountConsistency:
    tested = [account for account in list_whole_population(assessment) if account.outcome in TESTED_OUTCOMES]
    independent = [account for account in tested if not account.is_by_construction]
    counted = independent or tested
    closed = [account for account in counted if account.outcome in CLOSED_OUTCOMES]
    return AccountConsistency(
        len(counted),
        len(closed),
        is_by_construction=bool(tested) and not independent,
        is_declared=bool(counted) and all(account.stock_method not in UNKNOWN_ANSWERS for account in counted),
        is_register=bool(counted) and all(account.stock_method == REGISTER_TYPE for account in counted),
        loosest=max((account.outcome for account in closed), key=CLOSED_OUTCOMES.index, default=""),
        years=tuple(account.period for account in counted),
    )


def list_quality_findings(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    account = assess_account(assessment)
    is_test = account.is_declared and not account.is_by_construction and not is_closed_by_adjustment(assessment)
    is_shown = account.closed < account.tested or is_test
    of_account = [describe_closed_years(assessment, wording), *describe_register_limit(assessment, wording)]
    phrases = [*(of_account if is_shown else []), *describe_disagreement(assessment, wording)]
    return [
        *(CitedSentence(wording.say("{sentence}.", sentence=capitalise(phrase))) for phrase in phrases),
        *list_methods(assessment, wording),
        *list_other_counts(assessment, wording, is_first_in_heading=True),
        *(CitedSentence(describe_answer(score, wording), score.sources) for score in list_coverage_answers(assessment)),
    ]


def list_coverage_answers(assessment: Assessment) -> list[Score]:
    scores = [score for score in assessment.scores if score.item.id in COVERAGE_ITEMS]
    return [score for score in scores if score.points and score.practice and not score.is_gap]


PROVISIONAL = "{rating} (provisional, not confirmed by the office)"
FIGURES_BY_RULE_ITEM = {
    "B02": ("", "the census"),
    "B03": ("DF_POP", "the yearly population"),
    "B05": ("DF_IMM", "immigration"),
    "B06": ("DF_EMI", "emigration"),
}
"""Dataflow and name of the figures whose residence rule a question is about."""
STOCKS_AND_FLOWS, DIFFERENT = "B07", "DIFFERENT"
"""The question on the rules of stocks and of flows, and the mark of an answer whose first sentence names both."""


def describe_comparability(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """State each residence rule that the profile or the data name, its figures, and whether the office confirmed it."""
    scores: dict[str, list[Score]] = {}
    for score in assessment.scores:
        if score.item.id in FIGURES_BY_RULE_ITEM:
            for verdict in list_rule_verdicts(score, assessment):
                scores.setdefault(verdict, []).append(score)
    return [
        CitedSentence(
            wording.say(
                "Residence rule of {figures}: {rule}.",
                figures=wording.series([wording.say(FIGURES_BY_RULE_ITEM[score.item.id][1]) for score in members]),
                rule=wording.say(verdict)
                if all(score.evidence == CONFIRMED for score in members)
                else wording.say(PROVISIONAL, rating=wording.say(verdict)),
            ),
            tuple(dict.fromkeys(key for score in members for key in score.sources)),
        )
        for verdict, members in scores.items()
    ]


def state_rules(assessment: Assessment, wording: Wording) -> str:
    """State the rules of stocks and flows if the profile calls them different, or else the first known rule."""
    for score in assessment.scores:
        if score.item.id == STOCKS_AND_FLOWS and DIFFERENT in parse_bracketed_ids(score.practice):
            said = extract_first_sentence(wording.of(score.practice))
            return said if score.evidence == CONFIRMED else wording.say(PROVISIONAL, rating=said)
    rules = [rule.sentence for rule in describe_comparability(assessment, wording)]
    return rules[0].rstrip(".。") if rules else ""


def list_rule_verdicts(score: Score, assessment: Assessment) -> list[str]:
    """List the residence rules of a definition and how they compare with the UN options, as keys of words."""
    verdicts = read_code_words("report", "comparable")
    flow, _ = FIGURES_BY_RULE_ITEM.get(score.item.id, ("", ""))
    of_data = [rule.rules for rule in assessment.flow_rules if flow and rule.flow == flow and len(rule.rules) == 1]
    codes = parse_bracketed_ids(score.practice) or [code for codes in of_data for code, _ in codes]
    return [verdicts[code] for code in codes if verdicts.get(code)]


def list_whole_population(assessment: Assessment) -> list[Account]:
    accounts = [account for account in assessment.accounts if all(code == "_T" for _, code in account.population)]
    return [account for account in accounts if account.identity == accounts[0].identity]


def describe_closed_years(assessment: Assessment, wording: Wording) -> str:
    """State in how many of the tested years the account closes."""
    account = assess_account(assessment)
    if account.closed < account.tested and account.is_by_construction:
        differ = [one.period for one in list_whole_population(assessment) if one.outcome == UNBALANCED]
        return wording.say(
            "the published population is computed from births, deaths and migration, "
            "but differs from the result ({years})",
            years=list_years(differ, wording),
        )
    if account.closed < account.tested:
        return wording.count(
            "the population account closes in {closed} of the {n} year that can be tested",
            "the population account closes in {closed} of the {n} years that can be tested",
            account.tested,
            closed=wording.number(account.closed),
        )
    if account.is_by_construction and account.loosest != TOLERATED:
        return wording.say(
            "the population account closes by construction ({years})",
            years=list_years(account.years, wording),
        )
    if is_closed_by_adjustment(assessment):
        return wording.say(
            "the office’s correction closes the population account, in persons: {amounts}",
            amounts=describe_adjustments(list_independent_tests(assessment), wording),
        )
    if account.loosest == TOLERATED:
        beyond = [one for one in list_whole_population(assessment) if one.outcome == TOLERATED]
        residuals = {one.period: wording.write_signed(one.residual or Decimal(0)) for one in beyond}
        return wording.say(
            "rounding does not explain these residuals of the population account: {residuals}",
            residuals=wording.join_with_commas(wording.year(*pair) for pair in residuals.items()),
        )
    sentence = wording.count(
        "the population account {closes} in the one year that can be tested",
        "the population account {closes} in all {n} years that can be tested",
        account.tested,
        closes=wording.say_code("account", account.loosest),
    )
    return wording.say("{first} ({second})", first=sentence, second=list_years(account.years, wording))


def list_independent_tests(assessment: Assessment) -> list[Account]:
    tested = [one for one in list_whole_population(assessment) if one.outcome in TESTED_OUTCOMES]
    return [one for one in tested if not one.is_by_construction]


def is_closed_by_adjustment(assessment: Assessment) -> bool:
    """Check whether every tested year closes only with a correction item."""
    account, tested = assess_account(assessment), list_independent_tests(assessment)
    is_closed = bool(tested) and account.closed == account.tested
    return is_closed and all(find_term_value(one, ADJUSTMENT_ITEM) for one in tested)


def describe_adjustments(accounts: Sequence[Account], wording: Wording) -> str:
    amounts = [(account.period, find_term_value(account, ADJUSTMENT_ITEM)) for account in accounts]
    return wording.join_with_commas(
        wording.year(period, wording.write_signed(amount)) for period, amount in amounts if amount
    )


def list_adjustments(assessment: Assessment, wording: Wording) -> list[str]:
    amounts = describe_adjustments(list_independent_tests(assessment), wording)
    if not amounts or is_closed_by_adjustment(assessment):
        return []
    return [wording.say("this includes the published adjustment, in persons: {amounts}", amounts=amounts)]


def lacks_only_correction(account: Account) -> bool:
    return account.residual is not None and account.missing == (ADJUSTMENT_ITEM,)


def describe_register_limit(assessment: Assessment, wording: Wording) -> list[str]:
    if not assess_account(assessment).is_register:
        return []
    return [
        wording.say(
            "the population is counted in a register: a closing account does not show that all moves were registered"
        )
    ]


def compare_residual_with_net(account: Account) -> Decimal | None:
    coming, going = find_term_value(account, "FLW_IMM"), find_term_value(account, "FLW_EMI")
    if coming is None or going is None or coming == going or account.residual is None:
        return None
    return abs(account.residual / (coming - going))


def find_term_value(account: Account, item: str) -> Decimal | None:
    return next((term.value for term in account.terms if term.item == item), None)


def list_other_counts(
    assessment: Assessment, wording: Wording, *, is_first_in_heading: bool = False
) -> Iterator[CitedSentence]:
    """State differences of annual figures from counts, such as a census, and what they mean for migration."""
    for n, effect in enumerate(list_conflicting_counts(assessment)):
        phrases = [] if is_first_in_heading and n == 0 else [count_differing_years(effect, assessment, wording)]
        located = locate_difference(effect, assessment)
        if located is not None:
            phrases.append(describe_difference(located, assessment, wording))
        if assess_account(assessment).is_by_construction:
            phrases.append(wording.say(POSSIBLE_CAUSES))
        sentences = (wording.say("{sentence}.", sentence=capitalise(phrase)) for phrase in phrases)
        cited = "; ".join((*list_sources_of_conflict(effect, assessment), *(located.sources if located else ())))
        if phrases:
            yield CitedSentence(" ".join(sentences), list_source_keys(cited, assessment))


def warn_about_rates(assessment: Assessment, wording: Wording) -> Iterator[str]:
    """Warn that a census contradicts the population by which the rates divide."""
    for effect in list_conflicting_counts(assessment):
        share = wording.write_percent(abs(effect.difference) / effect.second.value)
        yield wording.say(RATE_WARNINGS[effect.difference < 0], year=effect.period, share=share)


def count_differing_years(effect: Effect, assessment: Assessment, wording: Wording) -> str:
    sentence = wording.say(
        CENSUS_TEXTS[bool(effect.second.period), effect.difference < 0],
        year=effect.period,
        january=effect.second.period,
        n=write_difference(effect.first.value, effect.second.value, wording),
        share=wording.write_percent(abs(effect.difference) / effect.second.value),
    )
    remark = build_label(list_yearly_figures(effect, assessment), wording)
    return wording.say("{first} ({second})", first=sentence, second=remark) if remark else sentence


def list_yearly_figures(effect: Effect, assessment: Assessment) -> list[Point]:
    year = effect.second.period or effect.period
    return [
        point for point in index_by_period(find_series(assessment, "population")).values() if point.period[:4] == year
    ]


def list_sources_of_conflict(effect: Effect, assessment: Assessment) -> Iterator[str]:
    counted = index_by_period(find_series(assessment, "census")).get(effect.period)
    for point in (*filter(None, [counted]), *list_yearly_figures(effect, assessment)):
        yield from point.sources


CENSUS_TEXTS = {
    (True, True): "the census of {year} gives {n} more persons ({share}) than the population on 1 January {january}",
    (True, False): "the census of {year} gives {n} fewer persons ({share}) than the population on 1 January {january}",
    (False, True): "the census of {year} gives {n} more persons ({share}) than the yearly figure of that year",
    (False, False): "the census of {year} gives {n} fewer persons ({share}) than the yearly figure of that year",
}
"""By whether the yearly figures are of 1 January, and whether the census counted more."""
RATE_WARNINGS = {
    True: "If the census of {year} is right and the flows are as published, rates of immigration and emigration are "
    "too high by up to about {share}.",
    False: "If the census of {year} is right and the flows are as published, rates of immigration and emigration are "
    "too low by up to about {share}.",
}
"""By whether the census counted more."""
POSSIBLE_CAUSES = (
    "possible causes, alone or together, include errors in published net migration or in one of the censuses, "
    "different residence rules, and changes of citizenship"
)
"""What such a difference means for the flows behind yearly figures."""


def list_conflicting_counts(assessment: Assessment) -> list[Effect]:
    issues = {sign for issue in assessment.quality for sign in issue.signs}
    return [effect for effect in assessment.counts if effect.sentence in issues]


def list_size_points(assessment: Assessment) -> tuple[Point, ...]:
    """Return the figures of the heading: net migration since the last final value, or both flows of one year."""
    coming, going = (find_series(assessment, role) for role in ("immigration", "emigration"))
    latest_periods = [point.period for point in (find_newest(coming), find_newest(going)) if point]
    year = min(latest_periods) if len(latest_periods) == 2 else ""
    net = find_latest_flow(assessment, "net")
    if net is not None and net.period > year:
        series = find_series(assessment, "net")
        final = find_newest(series and replace(series, points=tuple(filter(is_final, series.points)))) or net
        later = [point for point in series.points if point.period > final.period and point.known] if series else []
        return (final, *later[-MAX_LATER_POINTS:])
    flows = [index_by_period(series).get(year) for series in (coming, going)]
    known = tuple(point for point in flows if point is not None and point.known is not None)
    return known if len(known) == len(flows) else ()


@dataclass(frozen=True, slots=True)
class Growth:
    """Change of the population over the last years with final net migration, and the sum of the latter."""

    first: Point
    last: Point
    net: Decimal
    sources: tuple[str, ...]

    @property
    def change(self) -> Decimal:
        return (self.last.value or Decimal(0)) - (self.first.value or Decimal(0))


def find_growth(assessment: Assessment) -> Growth | None:
    """Return the growth of the population of 1 January or 31 December; None without three such years."""
    series, net = find_series(assessment, "population"), index_by_period(find_series(assessment, "net"))
    day = text.find_day_in_year(str(series.note), assessment.year) if series else None
    points = {
        period: point
        for period, point in index_by_period(series).items()
        if point.value is not None and point.status != PROJECTION and point.kind != MODEL_ESTIMATE
    }
    if day is None or (day.month, day.day) not in YEAR_ENDS:
        return None
    flows = {str(int(year) + (day.month == 1)): point for year, point in net.items() if point.value and is_final(point)}
    ends = {
        period
        for period, point in points.items()
        if period in flows and str(int(period) - 1) in points and not is_break(point) and not is_break(flows[period])
    }
    end = max(ends, default="0")
    run = list(takewhile(ends.__contains__, map(str, range(int(end), int(end) - MAX_GROWTH_YEARS, -1))))
    if len(run) < MIN_GROWTH_YEARS or not is_recent(end, assessment):
        return None
    first, last = points[str(int(run[-1]) - 1)], points[end]
    moved = [flows[period] for period in run]
    sources = tuple(source for point in (first, last, *moved) for source in point.sources)
    return Growth(first, last, sum((point.value or Decimal(0) for point in moved), Decimal(0)), sources)


def state_growth(assessment: Assessment, wording: Wording) -> CitedSentence | None:
    """State the growth of the population and the part of net migration, or the census that contradicts it."""
    for effect in list_conflicting_counts(assessment):
        return CitedSentence(
            capitalise(count_differing_years(effect, assessment, wording)),
            list_source_keys("; ".join(list_sources_of_conflict(effect, assessment)), assessment),
        )
    growth = find_growth(assessment)
    if growth is None or not growth.change:
        return None
    part = growth.net / growth.change
    first, last = growth.first, growth.last
    share = abs(growth.change) / (first.value or Decimal(1))
    label = build_label([last], wording)
    change = wording.say(
        "the population grew by {share} from {first} to {last}"
        if growth.change > 0
        else "the population fell by {share} from {first} to {last}",
        share=wording.write_percent(share, 0 if share >= LARGE_CHANGE else 1),
        first=wording.year(first.period, describe_quantity(first.known, wording)),
        last=wording.year(last.period, "; ".join(filter(None, (describe_quantity(last.known, wording), label)))),
    )
    cause = (
        wording.say("net migration accounts for {share} of the change", share=wording.write_percent(part, 0))
        if 0 < part <= 1
        else wording.say("net migration was {net} in these years", net=wording.write_signed(growth.net))
    )
    sentence = capitalise(wording.join_with_semicolons((change, cause)))
    return CitedSentence(sentence, list_source_keys("; ".join(growth.sources), assessment))


def state_size(assessment: Assessment, wording: Wording) -> str:
    points = list_size_points(assessment)
    if not points:
        return ""
    if find_latest_flow(assessment, "net") in points:
        said = [
            (
                describe_quantity(point.known, wording, signed=True),
                wording.year(point.period, build_label([point], wording)),
            )
            for point in points
        ]
        (number, when), *newer = said
        sentence = wording.say("Net migration was {net} in {year}", net=number, year=when)
        others = (wording.say("{number} in {year}", number=number, year=when) for number, when in newer)
        return wording.join_with_semicolons((sentence, *others))
    inflow, outflow = points
    return capitalise(
        wording.say(
            "Immigration was {inflow} and emigration {outflow} in {year}",
            inflow=write_figure(inflow.known, wording),
            outflow=write_figure(outflow.known, wording),
            year=wording.year(inflow.period, label_flows(inflow, outflow, wording)),
        )
    )


def list_methods(assessment: Assessment, wording: Wording) -> Iterator[CitedSentence]:
    """List the comments on final and newest net migration of the heading: how it was computed or revised."""
    net = index_by_period(find_series(assessment, "net"))
    points = list_size_points(assessment)
    for point in dict.fromkeys((*points[:1], *points[-1:])):
        if point is net.get(point.period) and point.comment:
            made = lower_first_letter(wording.of(point.comment)).rstrip(".。")
            name = wording.say("{name}, {year}", name=wording.say("Net migration"), year=wording.year(point.period))
            keys = (*CITATION.findall(made), *list_source_keys("; ".join(point.sources), assessment))
            sentence = wording.pair(name, CITATION.sub("", made))
            yield CitedSentence(wording.say("{sentence}.", sentence=sentence), tuple(dict.fromkeys(keys)))


def is_final(point: Point) -> bool:
    return point.status not in PROVISIONAL_NAMES


FLOW_TEXTS = {
    "immigration": "Immigration was {number} in {year}",
    "emigration": "Emigration was {number} in {year}",
}


def state_flow_size(assessment: Assessment, wording: Wording) -> str:
    for role, sentence in FLOW_TEXTS.items():
        point = find_latest_flow(assessment, role)
        if point is not None:
            year = wording.year(point.period, build_label([point], wording))
            return capitalise(wording.say(sentence, number=write_figure(point.known, wording), year=year))
    return ""


def find_population(assessment: Assessment) -> Series | None:
    """Return the annual population, or a recent census rather than projections, models or figures that differ.

    A census of the same year or the year before also precedes a provisional figure.
    """
    yearly, census = (find_series(assessment, role) for role in ("population", "census"))
    latest, counted = find_newest(yearly), find_newest(census)
    if counted is None or not is_recent(counted.period, assessment):
        return yearly
    is_apart = any(effect.period == counted.period for effect in list_conflicting_counts(assessment))
    is_counted = latest is not None and latest.status != PROJECTION and latest.kind != MODEL_ESTIMATE
    is_final = latest is not None and (
        latest.status != FIRST_VALUE or int(counted.period[:4]) + 1 < int(latest.period[:4])
    )
    return yearly if is_counted and is_final and not is_apart else census


def label_flows(inflow: Point, outflow: Point, wording: Wording) -> str:
    labels = {
        wording.say("immigration"): build_label([inflow], wording),
        wording.say("emigration"): build_label([outflow], wording),
    }
    if len(set(labels.values())) == 1:
        return build_label([inflow], wording)
    return wording.join_with_commas(wording.pair(flow, label) for flow, label in labels.items() if label)
