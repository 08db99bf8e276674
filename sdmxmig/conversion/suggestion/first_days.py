"""The first day of the table's years, asked once for all."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, is_time
from sdmxmig.conversion.suggestion.other_heads import is_of_length
from sdmxmig.conversion.suggestion.periods import YEAR, choices, periods_of_line, plain_years
from sdmxmig.conversion.suggestion.questions import Decisions, Question, decided

TIME = "TIME_PERIOD"
ASKED = "on which day do the years begin?"
DOUBTS = (ASKED, "do the years end or begin then?")
"""How questions about titles end that are about nothing but the first day of the years."""


def in_one_question(
    questions: Sequence[Question], fits: Sequence[Fit], sheet: str, known: FlowKnowledge, *, decisions: Decisions
) -> tuple[Question, ...]:
    """The questions about a table, those about the first day of its years as one about one of its periods."""
    doubts = [
        question for question in questions if question.part == "title" and question.chosen.reason.endswith(DOUBTS)
    ]
    of_time = next((fit for fit in fits if is_time(fit.component, known.flow)), None)
    if of_time is None:
        return with_fixed_period(questions, doubts, sheet, decisions)
    years = () if of_time.line.periods else plain_years(of_time.line.texts)
    split = periods_of_line(of_time.line.texts, known.recogniser.vocabulary).split
    reasons = [question.chosen.reason.rpartition(": ")[0] for question in doubts]
    reasons += [f"the head of the years says “{of_time.line.head}”"] if years and is_of_length(of_time, known) else []
    if split and not any(YEAR.search(text) for text in of_time.line.texts if text not in split):
        return without(questions, doubts)  # when such a year begins is asked about itself
    if not years or not reasons:
        return tuple(questions)
    name = f"codes {of_time.component}"
    if decided(decisions, sheet, name, years[0]):
        return without(questions, doubts)
    reason = f"{' and '.join(reasons)}: {ASKED} What is said of this year holds for the others"
    near = tuple(Candidate(code, 0.3, reason="all begin alike") for code in (years[0], *choices(f"FY {years[0]}")))
    return (
        *without(questions, doubts),
        Question(sheet, name, label=years[0], chosen=Candidate("", 0.0, reason=reason), others=near),
    )


def with_fixed_period(
    questions: Sequence[Question], doubts: Sequence[Question], sheet: str, decisions: Decisions
) -> tuple[Question, ...]:
    of_period = next((question for question in questions if question.part == f"fixed {TIME}"), None)
    is_decided = bool(decided(decisions, sheet, f"fixed {TIME}"))
    if of_period is None or not doubts or not (is_decided or of_period.is_open):
        return tuple(questions)
    reason = "; ".join((of_period.chosen.reason, *(question.chosen.reason for question in doubts)))
    chosen = Candidate(of_period.chosen.code, of_period.chosen.confidence, reason=reason)
    whole = Question(of_period.sheet, of_period.part, label=of_period.label, chosen=chosen, others=of_period.others)
    return tuple(whole if question is of_period else question for question in without(questions, doubts))


def without(questions: Sequence[Question], gone: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(question for question in questions if not any(question is dropped for dropped in gone))
