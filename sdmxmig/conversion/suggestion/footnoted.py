"""Labels whose footnote names another group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import choose_best, strip_marks
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import COUNTRY, read_title
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, holds_areas
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.questions import Question, kept_or_left
from sdmxmig.conversion.suggestion.words_inside import ages_in_title
from sdmxmig.sdmx.model.data import Attributes

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ⁽⁾", "0123456789abcde()")
MARK_SIGNS = re.compile(r"[0-9]{1,2}|[*†‡§]+|[a-z](?![a-z])|[①-⑳]")
"""A mark without its brackets."""
BEFORE = re.compile(
    r"^\W*?(?:注|※|[Nn]ote)?\s*[(\[]?([0-9]{1,2}|[*†‡§]+|[a-z](?![a-z])|[①-⑳])(?:[)\]./:\s]|(?=[^\W\d]{2}))"
)
GROUPS = ("SEX", "CTZ_STATUS", "BIRTH_STATUS")


def doubts_of_notes(
    fits: Sequence[Fit],
    lines: Sequence[Line],
    notes: Sequence[str],
    fixed: Attributes,
    known: FlowKnowledge,
    sheet: str,
) -> tuple[Question, ...]:
    """Ask about labels whose notes name other people: “Men 1)”, “1) of both sexes”."""
    marked_notes = [(mark, " ".join(note.split())) for note in notes if (mark := mark_before(note))]
    questions: dict[str, Question] = {}
    for line in lines if marked_notes else ():
        for text in line.texts:
            for mark, note in marked_notes:
                if mark in marks_behind(text):
                    codes = dict(fixed) | find_codes_of_label(text, line, fits)
                    for phrase in others_in(note, codes, known):
                        questions.setdefault(f"{note} {phrase}", question(sheet, text, phrase, note))
    return tuple(questions.values())


def find_codes_of_label(text: str, line: Line, fits: Sequence[Fit]) -> dict[str, str]:
    read = {fit.component: choose_best(fit.meanings.get(text, ())) for fit in fits if fit.line.source == line.source}
    return {component: candidate.code if candidate else "" for component, candidate in read.items()}


def others_in(note: str, codes: Mapping[str, str], known: FlowKnowledge) -> Iterator[str]:
    """Yield phrases of a note that name another group than the label or an age, or add a country."""
    reading = read_title(note, known.recogniser)
    for mention in reading.of(*GROUPS):
        label_code = codes.get(mention.concept, TOTAL)
        if mention.concept in known.flow.structure.key and not mention.negated and label_code not in ("", mention.code):
            yield mention.phrase
    if reading.of("ONLY") or ages_in_title(note, known.recogniser):
        yield note
    if not reading.of("INCLUDING"):
        return
    areas = [code for component, code in codes.items() if holds_areas(component, known.flow)]
    for mention in reading.of(COUNTRY):
        if not mention.negated and mention.code not in areas and set(areas) - {TOTAL}:
            yield mention.phrase


def marks_behind(label: str) -> frozenset[str]:
    """Return the marks at the end of a label, without brackets.

    >>> sorted(marks_behind("Men 1)")), sorted(marks_behind("China²")), sorted(marks_behind("2019"))
    (['1'], ['2'], [])
    """
    whole = " ".join(label.split())
    behind = whole[len(strip_marks(whole)) :]
    return frozenset(MARK_SIGNS.findall(behind.translate(RAISED)))


def mark_before(note: str) -> str:
    """Return the mark at the start of a note, or empty.

    >>> mark_before("1) Including children"), mark_before("¹Preliminary"), mark_before("a/ Men"), mark_before("A year")
    ('1', '1', 'a', '')
    """
    match = BEFORE.match(note.translate(RAISED))
    return match[1] if match else ""


def labels_noted(note: str, labels: Iterable[str]) -> list[str]:
    """Return the labels with the mark of a note, or else those with the only year that it names.

    >>> labels_noted("* January to May", ["2023", "2024*"]), labels_noted("2023: to May", ["2023", "2024*"])
    (['2024*'], ['2023'])
    """
    listed, years = list(labels), set(YEAR.findall(note))
    marked = [label for label in listed if has_label_mark(note, label)]
    named = [label for label in listed if len(years) == 1 and set(YEAR.findall(label)) == years]
    return marked or named


def has_label_mark(note: str, label: str) -> bool:
    return mark_before(note) in {*marks_behind(label), mark_of_year(label)} - {""}


def strip_mark(note: str, label: str) -> str:
    """Remove the mark of a label from the start of its note.

    >>> strip_mark("(a) First quarter", "2024 (a)"), strip_mark("9 months", "2024")
    ('First quarter', '9 months')
    """
    return BEFORE.sub(" ", note.translate(RAISED)).strip() if has_label_mark(note, label) else note


def mark_of_year(label: str) -> str:
    """Return the letter or sign behind the year of a label: a of “2024a”."""
    year, mark = YEAR.match(label), YEAR.sub("", label, count=1).strip(" ()[]")
    return mark if year and len(mark) == 1 else ""


def question(sheet: str, label: str, phrase: str, note: str) -> Question:
    chosen = Candidate(
        "", 0.0, reason=f"the note behind “{label}” says “{phrase}”: do its figures still match the label?"
    )
    return Question(sheet, "title", label=f"{label}: {note}", chosen=chosen, others=kept_or_left("yes"))
