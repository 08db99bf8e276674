"""Answers that contradict each other, in data of the benchmarking study (an observation an answer)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.declarations import Declared
from sdmxmig.demography.amounts import with_columns
from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.rules import KINDS, Check

ITEM, SUBJECT, CODE, WORDS = "ITEM", "SUBJECT", "ANSWER_CODE", "ANSWER_TEXT"
COUNTRY, OWN, NAMED = "_Z", "own", "named"
BRACKETS = re.compile(r"\[([^\[\]]+)\]")
NOTHING = ""
"""Stands among codes for an item that is not answered by a code."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: in which row, about what, its code, and what it says in words."""

    row: int
    subject: str
    _: KW_ONLY
    item: str
    code: str
    words: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What its words name between brackets, such as the sources in ``Border records. [H06, H01]``."""
        groups = BRACKETS.findall(self.words)
        return tuple(dict.fromkeys(name.strip() for group in groups for name in group.split(",")))


@dataclass(slots=True)
class Answers:
    """All answers of one respondent for one country and year, by subject and item."""

    given: dict[tuple[str, str], Given] = field(default_factory=dict)

    def of(self, subject: str, item: str) -> Given:
        """The answer on an item about a subject; one without a row if there is none."""
        return self.given.get((subject, item)) or Given(-1, subject, item=item, code=NOTHING)


@dataclass(frozen=True, slots=True)
class Term:
    """What an answer would have to be: on one of these items, with one of these codes.

    `subject` is what it is about: the same as that of the answer at fault if empty, ``_Z`` the country, ``own`` the
    item that the subject itself is, ``named`` the items that the answer at fault names between brackets. `words` says
    whether something has to be said in words, empty that it does not matter. `differ` asks for at least two different
    codes among all the items instead.
    """

    items: tuple[str, ...]
    codes: tuple[str, ...]
    _: KW_ONLY
    subject: str = ""
    words: str = ""
    differ: bool = False

    def found(self, answers: Answers, at_fault: Given) -> list[Given]:
        """The answers by which the term holds; none if it does not."""
        where = {"": at_fault.subject, OWN: COUNTRY, NAMED: COUNTRY}.get(self.subject, self.subject)
        items = {OWN: (at_fault.subject,), NAMED: at_fault.names}.get(self.subject, self.items)
        held = [one for one in (answers.of(where, item) for item in items) if self.holds(one)]
        if self.differ:
            return held if len({one.code for one in held}) > 1 else []
        return held

    def holds(self, given: Given) -> bool:
        """Whether one answer is as the term says."""
        return given.code in self.codes and (not self.words or (self.words == "yes") == bool(given.words))


@dataclass(frozen=True, slots=True)
class Case:
    """A contradiction: an answer, and others with which it cannot stand, all of them at once.

    `subjects` limits it to some subjects; with `most`, more such answers than that are at fault.
    """

    answer: Term
    others: tuple[Term, ...]
    _: KW_ONLY
    subjects: tuple[str, ...] = ()
    most: int = 0


@KINDS.add("ANSWERS-AGREE")
def answers_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """No answer contradicts another one of the same respondent.

    Parameter `case`: tables with `answer` and `others` (see `Term`), `subjects` and `most` (see `Case`).
    """
    parameters = check.parameters
    cases = [case_of(one) for one in parameters.tables("case")]
    parameters.close()
    structure = check.dataset.flow.structure
    if ITEM not in structure or SUBJECT not in structure:
        yield NotTestable(f"{check.dataset.flow.id} has no answers")
        return
    respondents = by_respondent(check)
    asked = {item for case in cases for item in case.answer.items}
    if not any(item in asked for answers in respondents for _, item in answers.given):
        yield NotTestable(f"there is no answer on {', '.join(sorted(asked))}")
        return
    for answers in respondents:
        for case in cases:
            yield from faults(case, answers)


def case_of(declared: Declared) -> Case:
    """One contradiction as it is declared."""
    case = Case(
        term_of(declared.table("answer", required=True)),
        tuple(term_of(one) for one in declared.tables("others")),
        subjects=declared.strings("subjects"),
        most=declared.integer("most", 0),
    )
    declared.close()
    return case


def term_of(declared: Declared) -> Term:
    """One term as it is declared."""
    term = Term(
        declared.strings("items"),
        declared.strings("codes", None),
        subject=declared.text("subject", ""),
        words=declared.text("words", ""),
        differ=declared.flag("differ", default=False),
    )
    declared.close()
    return term


def by_respondent(check: Check) -> list[Answers]:
    """The answers of each respondent, in the order of the data; the first one where one comes twice."""
    found: dict[tuple[str | None, ...], Answers] = {}
    whole = [name for name in check.dataset.flow.structure.key if name not in (ITEM, SUBJECT)]
    columns = [*whole, ITEM, SUBJECT, CODE, WORDS]
    for row, values in enumerate(with_columns(check.dataset.observations, columns).select(columns).iter_rows()):
        *key, item, subject, code, words = values
        answers = found.setdefault(tuple(key), Answers())
        given = Given(row, subject or COUNTRY, item=item or "", code=code or NOTHING, words=words or "")
        answers.given.setdefault((given.subject, given.item), given)
    return list(found.values())


def faults(case: Case, answers: Answers) -> Iterator[Fault]:
    """The answers of one respondent that a case is about."""
    at_fault = [
        one
        for one in answers.given.values()
        if one.item in case.answer.items
        and case.answer.holds(one)
        and (not case.subjects or one.subject in case.subjects)
    ]
    if case.most:
        if len(at_fault) > case.most:
            told = {"where": ", ".join(one.subject for one in at_fault), "others": str(case.most)}
            yield Fault(tuple(one.row for one in at_fault), CODE, parameters=told, observed=at_fault[0].code)
        return
    for one in at_fault:
        held = [term.found(answers, one) for term in case.others]
        if all(held):
            others = [other for found in held for other in found]
            rows = tuple(other.row for other in others if other.row >= 0)
            yield Fault((one.row,), CODE, parameters=words_of(one, others), observed=one.code, related=rows)


def words_of(one: Given, others: Iterable[Given]) -> Mapping[str, str]:
    """How a message names the answers: by item and code, with the subject before it unless it is the country."""
    return {"where": named(one), "others": ", ".join(named(other) for other in others)}


def named(given: Given) -> str:
    """An answer in short, such as ``IMM_RATE L01 = 4``; ``…`` stands for one in words, ``–`` for none."""
    subject = "" if given.subject == COUNTRY else f"{given.subject} "
    silent = "…" if given.words else "–"
    return f"{subject}{given.item} = {given.code or silent}"
