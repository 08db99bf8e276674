"""Exact figures and bounds in words, with residence rules and caveats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations
from typing import TypeVar

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.blocks import ReportFigure, ReportTable
from sdmxmig.reporting.sections.series import find_series, find_value, label_statuses, list_years
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording, lower_first_letter
from sdmxmig.statistics.calculations.evidence import parse_bracketed_ids
from sdmxmig.statistics.model.assessment import Account, Assessment, Point, Series
from sdmxmig.statistics.model.availability import Bounds, Breakdown, FlowRule

HUNDRED, THOUSAND = 100, 1000
MIN_ROUNDED = 10_000
"""Minimum of rounded numbers; smaller ones may end in zeros by chance."""


def describe_quantity(known: Decimal | Bounds | None, wording: Wording, *, signed: bool = False) -> str:
    if isinstance(known, Bounds):
        return format_bounds(known, wording, signed=signed)
    if known is None:
        return ""
    return wording.write_signed(known) if signed else wording.number(known)


def write_share(known: Decimal | Bounds, whole: Decimal, wording: Wording) -> str:
    """Write a figure as a share of a whole; bounds stay bounds when rounded."""
    if isinstance(known, Decimal):
        return wording.write_percent(known / whole)
    lower, upper = (end and end / whole for end in (known.lower, known.upper))
    ends = ((lower, ROUND_FLOOR), (upper, ROUND_CEILING))
    written = [
        wording.write_percent(end.quantize(Decimal("0.001"), rounding)) for end, rounding in ends if end is not None
    ]
    return join_bounds(known, written, wording)


def format_whole(known: Decimal | Bounds, whole: Decimal, wording: Wording) -> str:
    """Write the whole of which a figure is a part, rounded like a bound."""
    return format_bound(whole, wording, signed=False) if isinstance(known, Bounds) else wording.number(whole)


def state_share(known: Decimal | Bounds, whole: Decimal, wording: Wording) -> str:
    """State a figure as a share of its whole, and the whole."""
    share, persons = write_share(known, whole, wording), format_whole(known, whole, wording)
    return wording.say("{share} of {whole} persons", share=share, whole=persons)


def format_bounds(bounds: Bounds, wording: Wording, *, signed: bool) -> str:
    ends = [format_bound(end, wording, signed=signed) for end in (bounds.lower, bounds.upper) if end is not None]
    return join_bounds(bounds, ends, wording)


def join_bounds(bounds: Bounds, ends: Sequence[str], wording: Wording) -> str:
    if len(ends) == 2:
        return wording.say("{lower} to {upper}", lower=ends[0], upper=ends[1])
    return wording.say("at most {n}" if bounds.lower is None else "at least {n}", n=ends[0])


def format_bound(end: Decimal, wording: Wording, *, signed: bool) -> str:
    is_thousands = end and end % THOUSAND == 0
    number = end / THOUSAND if is_thousands else end
    written = wording.write_signed(number) if signed else wording.number(number)
    return wording.say("{n} thousand", n=written) if is_thousands else written


def write_figure(known: Decimal | Bounds | None, wording: Wording) -> str:
    """Write a figure in a sentence, with “about” if it is rounded."""
    written = describe_quantity(known, wording)
    return wording.say("about {n}", n=written) if isinstance(known, Decimal) and find_precision(known) > 1 else written


def write_difference(first: Decimal, second: Decimal, wording: Wording) -> str:
    """Format the difference of two figures, rounded like the less precise one."""
    unit = max(find_precision(first), find_precision(second))
    written = wording.number(round(abs(second - first) / unit) * unit)
    return wording.say("about {n}", n=written) if unit > 1 else written


def find_precision(value: Decimal) -> int:
    return next((unit for unit in (THOUSAND, HUNDRED) if abs(value) >= MIN_ROUNDED and value % unit == 0), 1)


def state_count_year(count: Breakdown, wording: Wording, known: Decimal | Bounds | None = None) -> str:
    statuses = (known.status,) if isinstance(known, Bounds) else count.statuses
    return wording.year(count.period, label_statuses(count.kind, statuses, wording))


INFERRED = "I"


def find_newest(series: Series | None) -> Point | None:
    """Return the newest figure, or else the newest one that the report infers (status ``I``)."""
    points = [point for point in (series.points if series else ()) if point.known is not None]
    return max(points, key=lambda point: (point.status != INFERRED, point.period), default=None)


def build_label(points: Iterable[Point | None], wording: Wording) -> str:
    present = [point for point in points if point is not None and point.known is not None]
    kinds = {point.kind for point in present}
    statuses = [point.bounds.status if point.value is None and point.bounds else point.status for point in present]
    return label_statuses(kinds.pop() if len(kinds) == 1 else "", statuses, wording)


PEOPLE_OF_FLOW = {
    "DF_POP": "Residents",
    "DF_POP_TOPIC": "Residents counted by further topics",
    "DF_IMM": "Immigration",
    "DF_EMI": "Emigration",
}
SENTENCE_STARTS = re.compile(r"(?<=\.\s)|(?<=。)")
SEVERAL_UNITS = "MIX"
"""The code for several bases of stay; comments in the data list them."""
Noted = TypeVar("Noted", ReportFigure, ReportTable)


def describe_residence(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    return (*map_rules(flows, assessment, wording), *list_limits(flows, assessment, wording))


def map_rules(flows: Sequence[str], assessment: Assessment, wording: Wording) -> dict[str, set[str]]:
    alike: dict[str, list[str]] = {}
    for flow_rule in assessment.flow_rules:
        if flow_rule.flow in flows and (rule := format_rule(flow_rule, wording)):
            alike.setdefault(rule, []).append(flow_rule.flow)
    return {
        wording.say(
            "Residence rule of the yearly figures on {whom}: {rule}.",
            whom=wording.series([lower_first_letter(wording.say(PEOPLE_OF_FLOW[flow])) for flow in members]),
            rule=rule,
        ): set(members)
        for rule, members in alike.items()
    }


def name_flow_unit(assessment: Assessment, wording: Wording) -> str:
    """Return “Moves” if a definition of the profile has the unit of events in brackets, otherwise “Persons”."""
    are_moves = any("EVENT" in parse_bracketed_ids(score.practice) for score in assessment.scores)
    return wording.say("Moves" if are_moves else "Persons")


class MentionedNotes:
    """Tracks the notes already mentioned in a section."""

    def __init__(self, assessment: Assessment, wording: Wording) -> None:
        self.rules = dict(list_all_rules(assessment, wording))
        self.told: set[str] = set()

    def __call__(self, block: Noted | None) -> Noted | None:
        if block is None:
            return None
        return replace(block, notes=tuple(filter(None, map(self.keep_new_sentences, block.notes))))

    def keep_new_sentences(self, note: str) -> str:
        sentences = [note] if note in self.rules else SENTENCE_STARTS.split(note)
        return "".join(sentence for sentence in sentences if self.is_new(sentence.strip())).strip()

    def is_new(self, note: str) -> bool:
        about = self.rules.get(note, {note})
        is_new = not about <= self.told
        self.told |= about
        return is_new


def list_all_rules(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, set[str]]]:
    for size in range(1, len(PEOPLE_OF_FLOW) + 1):
        for flows in combinations(PEOPLE_OF_FLOW, size):
            yield from map_rules(flows, assessment, wording).items()


def list_limits(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """Return the comments on datasets, without the notice that each page has."""
    comments = (
        comment for flow_rule in assessment.flow_rules if flow_rule.flow in flows for comment in flow_rule.comments
    )
    return tuple(dict.fromkeys(wording.of(comment) for comment in comments if str(comment) != text.MADE_UP_NOTICE))


MAX_LIMITS = 200
"""Maximum number of letters of the limits on page one; longer ones describe a method, as tables do."""


def find_common_limits(assessment: Assessment, wording: Wording) -> str:
    flows = [flow_rule.flow for flow_rule in assessment.flow_rules if flow_rule.flow in PEOPLE_OF_FLOW]
    comments = [" ".join(list_limits([flow], assessment, wording)) for flow in flows]
    sentences = re.split(r"(?<=[.。])\s*", comments[0]) if len(comments) > 1 else []
    shared = [sentence for sentence in sentences if sentence and all(sentence in comment for comment in comments)]
    limits = " ".join(shared)
    return limits if len(limits) <= MAX_LIMITS else ""


def format_rule(flow_rule: FlowRule, wording: Wording) -> str:
    if flow_rule.intended_months:
        intended = "intended stay of at least {n} month", "intended stay of at least {n} months"
        either = "actual or intended stay of at least {n} month", "actual or intended stay of at least {n} months"
        is_mixed = any(code == SEVERAL_UNITS for code, _ in flow_rule.bases)
        return wording.count(*(either if is_mixed else intended), flow_rule.intended_months)
    if UNKNOWN_ANSWERS.issuperset(code for code, _ in flow_rule.rules):
        return ""  # a type of stay alone is not a rule
    names = [
        wording.of(name)
        for codes in (flow_rule.rules, flow_rule.bases)
        for code, name in codes
        if code not in UNKNOWN_ANSWERS and code != SEVERAL_UNITS
    ]
    return wording.join_with_commas(map(lower_first_letter, names))


def list_different_rules(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    rules = {flow_rule.flow: {code for code, _ in flow_rule.rules} for flow_rule in assessment.flow_rules}
    present = [rules[flow] for flow in flows if flow in rules]
    known = set().union(*present) - UNKNOWN_ANSWERS
    if len(known) > 1:
        return (wording.say("These figures follow different residence rules: their difference has no meaning."),)
    return ()


UNBALANCED = "UNBALANCED"


def find_latest_flow(assessment: Assessment, role: str) -> Point | None:
    """Return the latest figure of ``immigration``, ``emigration`` or ``net``."""
    return find_newest(find_series(assessment, role))


def describe_figure(point: Point, assessment: Assessment, wording: Wording) -> str:
    """Describe a figure of a series that has published figures: the difference of the flows, or another one."""
    coming, going = (find_value(find_series(assessment, role), point.period) for role in ("immigration", "emigration"))
    is_difference = coming is not None and going is not None and coming - going == point.value
    label = build_label([point], wording)
    origin = "immigration minus emigration" if is_difference else "" if label else "as published"
    is_told = any(not point.is_derived for point in list_known_points(assessment))
    return wording.qualified((wording.say(origin) if is_told and origin else "", label))


def describe_disagreement(assessment: Assessment, wording: Wording) -> list[str]:
    apart = [test for test in list_comparisons(assessment) if test.outcome == UNBALANCED]
    if not apart:
        return []
    newest = max(apart, key=lambda test: test.period)
    return [
        wording.say(
            "published net migration and the two flows disagree in {years}; in {year} it is {published} as published, "
            "{computed} by the flows",
            years=list_years([test.period for test in apart], wording),
            year=newest.period,
            published=wording.write_signed(newest.published_end or Decimal(0)),
            computed=wording.write_signed(newest.computed_end or Decimal(0)),
        )
    ]


def list_comparisons(assessment: Assessment) -> list[Account]:
    return [test for test in assessment.net_tests if test.residual is not None]


def list_known_points(assessment: Assessment) -> list[Point]:
    series = find_series(assessment, "net")
    return [point for point in (series.points if series else ()) if point.value is not None]
