"""Headers that are days: reference days or ends of years, rarely periods."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import YearEnd, find_calendars
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, is_time
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.conversion.suggestion.periods import YEAR as PERIODS_YEAR
from sdmxmig.conversion.suggestion.periods import list_dates, list_possible_periods, read_line_periods, select_years
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT, Decisions, Question, ask, decided
from sdmxmig.conversion.suggestion.surrounding_texts import states_lengths
from sdmxmig.conversion.suggestion.titled_years import MOVEMENT_REASON
from sdmxmig.primitives.periods import DAILY_FREQUENCIES, find_period, parse, shift

MAX_REFERENCE_DAYS = 4
YEAR = 4
QUARTERS_END = frozenset({"-03-31", "-06-30", "-09-30", "-12-31"})
QUARTERS_BEGIN = frozenset({"-01-01", "-04-01", "-07-01", "-10-01"})
STOCK_REASON = "people were counted on this day: for which year, and is REF_DATE the same for all figures?"
ORDER_REASON = "the day or the month may come first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    codes: Mapping[str, str]
    waiting: Mapping[str, tuple[str, ...]]
    orders: Sequence[Mapping[str, str]] = ()

    @property
    def undecided(self) -> frozenset[str]:
        return frozenset(text for texts in self.waiting.values() for text in texts)


def find_days(fit: Fit, known: FlowKnowledge, answers: Mapping[str, str]) -> Days:
    """Find the days in a line. If they are the same day of each year, it is a reference day, and labels are years."""
    orders = list_dates(() if fit.line.periods else fit.line.texts, known.vocabulary)
    dates = orders[0]
    on_a_day = is_stock(known.flow)
    within = {date[YEAR:] for date in dates.values()}
    if on_a_day and len(within) == 1 and len(dates) == len(fit.line.texts):
        stored = {text: date[:YEAR] for text, date in dates.items() if date[:YEAR] not in text}
        return Days(codes=stored, waiting={}, orders=orders)
    apart = on_a_day and len(within) <= MAX_REFERENCE_DAYS
    groups: dict[str, list[str]] = {}
    for text, date in dates.items():
        groups.setdefault(date[YEAR:] if apart else "", []).append(text)
    codes: dict[str, str] = {}
    waiting = {}
    for texts in groups.values():
        answered = next((text for text in texts if answers.get(text, LEAVE_OUT) != LEAVE_OUT), "")
        unanswered = tuple(text for text in texts if text not in answers)
        if answered:
            answer = answers[answered]
            meant = [dates for dates in orders if has_day(answer, dates[answered])] or orders
            alike = {
                text: {shift_day_answer(answer, dates[answered], dates[text]) for dates in meant} for text in unanswered
            }
            codes |= {text: min(periods) for text, periods in alike.items() if len(periods) == 1}
            unanswered = tuple(text for text in unanswered if text not in codes)
        if unanswered:
            waiting[unanswered[0]] = unanswered
    return Days(codes=codes, waiting=waiting, orders=orders)


def has_day(period: str, date: str) -> bool:
    """Check whether a period contains a day.

    >>> has_day("2022-Q1", "2022-03-01"), has_day("2022-03-01", "2022-03-01"), has_day("2022-01", "2022-03-01")
    (True, True, False)
    """
    whole, day = parse(period), parse(date)
    return whole is not None and day is not None and whole == find_period(day.first_day, whole.freq)


def shift_day_answer(answer: str, date: str, other_date: str) -> str:
    """Apply an answer about one day to another, keeping the distance in periods.

    >>> shift_day_answer("2019", "2020-01-01", "2021-01-01"), shift_day_answer("2020-01-01", "2020-01-01", "2020-01-02")
    ('2020', '2020-01-02')
    >>> shift_day_answer("2020-Q1", "2020-03-31", "2020-06-30"), shift_day_answer("2019-12", "2020-01-01", "2020-02-01")
    ('2020-Q2', '2020-01')
    """
    if answer == date:
        return other_date
    whole, day, other = parse(answer), parse(date), parse(other_date)
    if whole is None or day is None or other is None or whole.freq in DAILY_FREQUENCIES:
        later = int(answer[:YEAR]) - int(date[:YEAR]) if answer[:YEAR].isdecimal() else 0
        return f"{int(other_date[:YEAR]) + later:04}{answer[YEAR:]}"
    away = whole.number - find_period(day.first_day, whole.freq).number
    return str(shift(find_period(other.first_day, whole.freq), away))


def ask_about_days(text: str, days: Days, known: FlowKnowledge) -> tuple[str, tuple[Candidate, ...]]:
    """Return the reason for asking about a day, and the periods that it may mean in each order of day and month."""
    near = [period for dates in days.orders for period in list_likely_periods(text, days, dates, known)]
    reason = STOCK_REASON if is_stock(known.flow) else MOVEMENT_REASON
    reason = f"{ORDER_REASON}: {reason}" if len(days.orders) > 1 else reason
    return reason, tuple(Candidate(period, 0.3, reason="as for the other labels") for period in dict.fromkeys(near))


def list_likely_periods(text: str, days: Days, dates: Mapping[str, str], known: FlowKnowledge) -> Sequence[str]:
    date = dates[text]
    day, year = dt.date.fromisoformat(date), int(date[:YEAR])
    if is_stock(known.flow):
        return (str(year),)
    waiting = [dates[label] for label in days.waiting[text]]
    within = {other_date[YEAR:] for other_date in waiting}
    freqs = ["Q"] if len(within) > 1 and (within <= QUARTERS_END or within <= QUARTERS_BEGIN) else []
    freqs += (
        ["M"]
        if len(within) > 1 and (all(map(is_month_end, waiting)) or all(day.endswith("-01") for day in within))
        else []
    )
    return (*(str(find_period(day, freq)) for freq in freqs), str(year), str(year - 1), date)


def is_month_end(date: str) -> bool:
    return monthrange(int(date[:YEAR]), int(date[5:7]))[1] == int(date[8:])


TIME = "TIME_PERIOD"
ASKED = "on which day do the years begin?"
DAY_DOUBTS = (ASKED, "do the years begin or end on that day?")
"""Endings of questions about the first day of the years."""


def merge_day_questions(
    questions: Sequence[Question],
    fits: Sequence[Fit],
    sheet: str,
    known: FlowKnowledge,
    *,
    decisions: Decisions,
    end: YearEnd | None,
) -> tuple[Question, ...]:
    """Replace equal questions about a table, such as those on the first day of its years, by a single one."""
    doubts = [
        question for question in questions if question.part == "title" and question.chosen.reason.endswith(DAY_DOUBTS)
    ]
    of_time = next((fit for fit in fits if is_time(fit.component, known.flow)), None)
    if of_time is None:
        return merge_period_questions(questions, doubts, sheet, decisions)
    years = () if of_time.line.periods else select_years(of_time.line.texts)
    split = read_line_periods(of_time.line.texts, known.vocabulary).split
    reasons = [question.chosen.reason.rpartition(": ")[0] for question in doubts]
    reasons += (
        [f"the header of the years says “{of_time.line.head}”"]
        if years and not end and states_lengths(of_time, known)
        else []
    )
    if split and not any(PERIODS_YEAR.search(text) for text in of_time.line.texts if text not in split):
        return drop_questions(questions, doubts)  # the start of such years is asked separately
    if not years or not reasons:
        return tuple(questions)
    name = f"codes {of_time.component}"
    if decided(decisions, sheet, name, years[0]):
        return drop_questions(questions, doubts)
    calendars = [code for text in reasons for code in find_calendars(text, known.vocabulary)]
    reason = f"{' and '.join(reasons)}: {ASKED} The answer for this year applies to the others"
    codes = list_possible_periods(f"FY {years[0]}", known.vocabulary, calendars)
    codes = (*codes, years[0]) if calendars else (years[0], *codes)
    near = tuple(Candidate(code, 0.3, reason="all years begin on the same day") for code in codes)
    return (*drop_questions(questions, doubts), ask(sheet, name, reason, label=years[0], others=near))


def merge_period_questions(
    questions: Sequence[Question], doubts: Sequence[Question], sheet: str, decisions: Decisions
) -> tuple[Question, ...]:
    of_period = next((question for question in questions if question.part == f"fixed {TIME}"), None)
    is_decided = bool(decided(decisions, sheet, f"fixed {TIME}"))
    if of_period is None or not doubts or not (is_decided or of_period.is_open):
        return tuple(questions)
    reason = "; ".join((of_period.chosen.reason, *(question.chosen.reason for question in doubts)))
    chosen = Candidate(of_period.chosen.code, of_period.chosen.confidence, reason=reason)
    whole = Question(of_period.sheet, of_period.part, label=of_period.label, chosen=chosen, others=of_period.others)
    return tuple(whole if question is of_period else question for question in drop_questions(questions, doubts))


def drop_questions(questions: Sequence[Question], gone: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(question for question in questions if not any(question is dropped for dropped in gone))
