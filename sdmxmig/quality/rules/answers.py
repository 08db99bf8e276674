"""Contradictory answers in data of the benchmarking study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.quality.rules import KINDS, Check, build_untestable_error
from sdmxmig.quality.rules.words import list_names
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import add_columns

ITEM, SUBJECT, CODE, WORDS = "ITEM", "SUBJECT", "ANSWER_CODE", "ANSWER_TEXT"
COUNTRY, OWN, NAMED = "_Z", "own", "named"
BRACKETS = re.compile(r"\[([^\[\]]+)\]")
NOTHING = ""


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    row: int
    subject: str
    item: str
    code: str
    words: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        groups = BRACKETS.findall(self.words)
        return tuple(dict.fromkeys(name.strip() for group in groups for name in group.split(",")))


RespondentAnswers = dict[tuple[str, str], ItemAnswer]
"""All answers of one respondent for one country and year, by subject and item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTerm:
    """A required answer: items and codes.

    `subject`: empty (the same), ``_Z`` (country), ``own`` (the item), ``named`` (items in brackets). `words`: whether
    text is required. `differ`: at least two different codes.
    """

    items: tuple[str, ...] = ()
    codes: tuple[str, ...]
    subject: str = ""
    words: str = ""
    differ: bool = False

    def find_matching(self, answers: RespondentAnswers, at_fault: ItemAnswer) -> list[ItemAnswer]:
        where = {"": at_fault.subject, OWN: COUNTRY, NAMED: COUNTRY}.get(self.subject, self.subject)
        items = {OWN: (at_fault.subject,), NAMED: at_fault.names}.get(self.subject, self.items)
        asked = (answers.get((where, item), ItemAnswer(-1, where, item=item, code=NOTHING)) for item in items)
        matching = list(filter(self.holds, asked))
        if self.differ:
            return matching if len({answer.code for answer in matching}) > 1 else []
        return matching

    def holds(self, answer: ItemAnswer) -> bool:
        return answer.code in self.codes and (not self.words or (self.words == "yes") == bool(answer.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictionCase:
    answer: AnswerTerm
    others: tuple[AnswerTerm, ...]
    subjects: tuple[str, ...] = ()
    most: int = 0


@KINDS.add("ANSWERS-AGREE")
def answers_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """No answer contradicts another one of the same respondent.

    Parameter `case`: tables with `answer` and `others` (see `AnswerTerm`), `subjects` and `most` (see
    `ContradictionCase`).
    """
    with check.parameters as parameters:
        cases = [read_case(declared) for declared in parameters.tables("case")]
    if ITEM not in check.structure or SUBJECT not in check.structure:
        raise build_untestable_error("{flow} has no answers", flow=check.flow.id)
    respondents = group_by_respondent(check)
    items_asked = {item for case in cases for item in case.answer.items}
    if not any(item in items_asked for answers in respondents for _, item in answers):
        raise build_untestable_error("there is no answer on {items}", items=list_names(sorted(items_asked)))
    for answers in respondents:
        for case in cases:
            yield from find_faults(case, answers)


def read_case(declared: Declared) -> ContradictionCase:
    answer = declared.table("answer", required=True).read(AnswerTerm)
    others = tuple(term.read(AnswerTerm) for term in declared.tables("others"))
    return declared.read(ContradictionCase, answer=answer, others=others)


def group_by_respondent(check: Check) -> list[RespondentAnswers]:
    """Collect the answers of each respondent in data order; the first of duplicates is kept."""
    answers_by_respondent: dict[tuple[str | None, ...], RespondentAnswers] = {}
    respondent_key = [name for name in check.structure.key if name not in (ITEM, SUBJECT)]
    columns = [*respondent_key, ITEM, SUBJECT, CODE, WORDS]
    for row, values in enumerate(add_columns(check.dataset.observations, columns).select(columns).iter_rows()):
        *key, item, subject, code, words = values
        answers = answers_by_respondent.setdefault(tuple(key), {})
        answer = ItemAnswer(row, subject or COUNTRY, item=item or "", code=code or NOTHING, words=words or "")
        answers.setdefault((answer.subject, answer.item), answer)
    return list(answers_by_respondent.values())


def find_faults(case: ContradictionCase, answers: RespondentAnswers) -> Iterator[Fault]:
    at_fault = [
        answer
        for answer in answers.values()
        if answer.item in case.answer.items
        and case.answer.holds(answer)
        and (not case.subjects or answer.subject in case.subjects)
    ]
    if case.most:
        if len(at_fault) > case.most:
            parameters = {"where": ", ".join(answer.subject for answer in at_fault), "others": str(case.most)}
            yield Fault(
                tuple(answer.row for answer in at_fault), CODE, parameters=parameters, observed=at_fault[0].code
            )
        return
    for answer in at_fault:
        met = [term.find_matching(answers, answer) for term in case.others]
        if all(met):
            others = [other for term_answers in met for other in term_answers]
            rows = tuple(other.row for other in others if other.row >= 0)
            yield Fault(
                (answer.row,), CODE, parameters=describe_answer(answer, others), observed=answer.code, related=rows
            )


def describe_answer(answer: ItemAnswer, others: Iterable[ItemAnswer]) -> Mapping[str, str]:
    return {"where": shorten_name(answer), "others": ", ".join(shorten_name(other) for other in others)}


def shorten_name(answer: ItemAnswer) -> str:
    subject = "" if answer.subject == COUNTRY else f"{answer.subject} "
    silent = "…" if answer.words else "–"
    return f"{subject}{answer.item} = {answer.code or silent}"
